//! The server that all tools ask: one thread, epoll, one answer of 600 bytes, in a process of its own on a core of its
//! own. It notes when each request came, and says so when it is asked: what a tool really sent is read here and not from
//! the tool's own words.

use std::collections::VecDeque;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, SocketAddrV4, TcpListener, TcpStream};
use std::os::fd::AsRawFd;
use std::process::{Child, ChildStdin, ChildStdout, Command, ExitCode, Stdio};
use std::time::{Duration, Instant};

use rustix::buffer::spare_capacity;
use rustix::event::epoll;
use rustix::net::{AddressFamily, SocketType, bind, listen, socket};
use rustix::time::Timespec;
use serde::{Deserialize, Serialize};

/// The word that makes this program the server.
pub(crate) const SERVE: &str = "--serve";
/// Bytes of the body.
const BODY: usize = 600;
/// Connections that wait to be taken in.
const BACKLOG: i32 = 16_384;
/// Whoever is first by more than this asked whether the site is there: it is no part of the load.
const ALONE: u64 = 20_000_000;

/// How the server behaves.
#[derive(Clone, Copy, Default)]
pub(crate) struct Habits {
    /// Milliseconds before each answer.
    pub(crate) delay: u64,
    /// Milliseconds after the first request at which it stands still, once, and for how long.
    pub(crate) stall: (u64, u64),
    /// How many requests it answers; zero for all of them.
    pub(crate) answers: u64,
}

impl Habits {
    /// The words that start a server with these habits.
    pub(crate) fn words(self) -> Vec<String> {
        let (at, length) = self.stall;
        let numbers = [self.delay, at, length, self.answers];
        let mut words = vec![SERVE.to_owned()];
        words.extend(numbers.iter().map(u64::to_string));
        words
    }
}

/// What the server saw since it was last asked.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Seen {
    pub(crate) requests: u64,
    /// From the first to the last request, in seconds.
    pub(crate) span: f64,
    pub(crate) connections: u64,
    pub(crate) most_open: u64,
    /// |arrival − even schedule|, without its median, in milliseconds.
    pub(crate) deviation_p50: f64,
    pub(crate) deviation_p99: f64,
    pub(crate) deviation_max: f64,
    /// Coefficient of variation of the counts of 100 ms.
    pub(crate) variation: f64,
}

/// The server as a child; dropping it ends it.
pub(crate) struct Server {
    pub(crate) port: u16,
    child: Child,
    ask: ChildStdin,
    said: BufReader<ChildStdout>,
}

impl Server {
    /// A server on `core`: this program, called with `words`.
    pub(crate) fn start(core: u32, words: &[String]) -> io::Result<Self> {
        let mut child = Command::new("taskset")
            .args(["-c", &core.to_string()])
            .arg(std::env::current_exe()?)
            .args(words)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let no_pipe = || io::Error::other("no pipe to the server");
        let ask = child.stdin.take().ok_or_else(no_pipe)?;
        let mut said = BufReader::new(child.stdout.take().ok_or_else(no_pipe)?);
        let mut port = String::new();
        said.read_line(&mut port)?;
        Ok(Self {
            port: port.trim().parse().map_err(io::Error::other)?,
            child,
            ask,
            said,
        })
    }

    /// What it saw since the last time; deviations are from an even schedule of `rate` per second.
    pub(crate) fn seen(&mut self, rate: u32) -> io::Result<Seen> {
        writeln!(self.ask, "{rate}")?;
        let mut line = String::new();
        self.said.read_line(&mut line)?;
        serde_json::from_str(&line).map_err(io::Error::other)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// One connection.
struct Guest {
    stream: TcpStream,
    /// Tells it from one that had the same descriptor before.
    number: u64,
    /// Whether its requests are to be answered with the connection's end; known after the first.
    closes: Option<bool>,
    partial: Vec<u8>,
}

struct Site {
    habits: Habits,
    epoll: rustix::fd::OwnedFd,
    guests: Vec<Option<Guest>>,
    answers: [Vec<u8>; 2],
    start: Instant,
    stamps: Vec<u64>,
    answered: u64,
    has_stalled: bool,
    due: VecDeque<(u64, usize, u64)>,
    numbers: u64,
    open: u64,
    seen: Seen,
}

/// Serves until the other end of stdin is gone.
pub(crate) fn serve(words: &[String]) -> ExitCode {
    let numbers: Vec<u64> = words.iter().filter_map(|word| word.parse().ok()).collect();
    let [delay, at, length, answers] = numbers[..] else {
        return ExitCode::from(2);
    };
    let habits = Habits {
        delay,
        stall: (at, length),
        answers,
    };
    match Site::open(habits).and_then(|(site, listener)| site.serve(&listener)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: failed to serve: {error}");
            ExitCode::FAILURE
        }
    }
}

const LISTENER: u64 = u64::MAX;
const ASKED: u64 = u64::MAX - 1;

impl Site {
    fn open(habits: Habits) -> io::Result<(Self, TcpListener)> {
        tipover::drive::raise_file_limit();
        let listener = socket(AddressFamily::INET, SocketType::STREAM, None)?;
        bind(&listener, &SocketAddrV4::new(Ipv4Addr::LOCALHOST, 0))?;
        listen(&listener, BACKLOG)?;
        let listener = TcpListener::from(listener);
        listener.set_nonblocking(true)?;
        println!("{}", listener.local_addr()?.port());
        let epoll = epoll::create(epoll::CreateFlags::CLOEXEC)?;
        let readable = epoll::EventFlags::IN;
        epoll::add(&epoll, &listener, epoll::EventData::new_u64(LISTENER), readable)?;
        epoll::add(&epoll, io::stdin(), epoll::EventData::new_u64(ASKED), readable)?;
        let answers = ["keep-alive", "close"].map(|connection| {
            let body = "x".repeat(BODY);
            format!("HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: {BODY}\r\nConnection: {connection}\r\n\r\n{body}")
                .into_bytes()
        });
        let site = Self {
            habits,
            epoll,
            guests: Vec::new(),
            answers,
            start: Instant::now(),
            stamps: Vec::with_capacity(1 << 20),
            answered: 0,
            has_stalled: false,
            due: VecDeque::new(),
            numbers: 0,
            open: 0,
            seen: Seen::default(),
        };
        Ok((site, listener))
    }

    fn now(&self) -> u64 {
        u64::try_from(self.start.elapsed().as_nanos()).unwrap_or(u64::MAX)
    }

    fn serve(mut self, listener: &TcpListener) -> io::Result<()> {
        let mut events = Vec::with_capacity(512);
        let mut buffer = vec![0; 64 << 10];
        loop {
            let wait = self.due.front().map(|(due, ..)| {
                let left = Duration::from_nanos(due.saturating_sub(self.now()));
                Timespec {
                    tv_sec: left.as_secs().cast_signed(),
                    tv_nsec: left.subsec_nanos().into(),
                }
            });
            match epoll::wait(&self.epoll, spare_capacity(&mut events), wait.as_ref()) {
                Ok(_) | Err(rustix::io::Errno::INTR) => {}
                Err(error) => return Err(error.into()),
            }
            self.answer_due();
            self.stand_still();
            for event in std::mem::take(&mut events) {
                match event.data.u64() {
                    LISTENER => self.take_in(listener)?,
                    ASKED => {
                        let mut line = String::new();
                        if io::stdin().read_line(&mut line)? == 0 {
                            return Ok(());
                        }
                        self.tell(line.trim().parse().unwrap_or(0))?;
                    }
                    descriptor => self.hear(descriptor as usize, &mut buffer),
                }
            }
            events.reserve(512);
        }
    }

    fn stand_still(&mut self) {
        let (at, length) = self.habits.stall;
        // Of the load, not of whoever asked before it whether the site is there.
        let begun = self.stamps.get(1).copied();
        if length > 0 && !self.has_stalled && begun.is_some_and(|begun| self.now() >= begun + at * 1_000_000)
        {
            self.has_stalled = true;
            std::thread::sleep(Duration::from_millis(length));
        }
    }

    fn take_in(&mut self, listener: &TcpListener) -> io::Result<()> {
        while let Ok((stream, _)) = listener.accept() {
            stream.set_nonblocking(true)?;
            stream.set_nodelay(true)?;
            let place = stream.as_raw_fd() as usize;
            let data = epoll::EventData::new_u64(place as u64);
            epoll::add(&self.epoll, &stream, data, epoll::EventFlags::IN)?;
            if self.guests.len() <= place {
                self.guests.resize_with(place + 1, || None);
            }
            self.numbers += 1;
            self.guests[place] = Some(Guest {
                stream,
                number: self.numbers,
                closes: None,
                partial: Vec::new(),
            });
            self.seen.connections += 1;
            self.open += 1;
            self.seen.most_open = self.seen.most_open.max(self.open);
        }
        Ok(())
    }

    fn leave(&mut self, place: usize) {
        if self.guests[place].take().is_some() {
            self.open -= 1;
        }
    }

    fn hear(&mut self, place: usize, buffer: &mut [u8]) {
        let Some(guest) = self.guests.get_mut(place).and_then(Option::as_mut) else {
            return;
        };
        let heard = match guest.stream.read(buffer) {
            Ok(0) => return self.leave(place),
            Ok(count) => &buffer[..count],
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => return,
            Err(_) => return self.leave(place),
        };
        if !guest.partial.is_empty() || !heard.ends_with(b"\r\n\r\n") {
            guest.partial.extend_from_slice(heard);
            if !guest.partial.ends_with(b"\r\n\r\n") {
                return;
            }
        }
        let request = if guest.partial.is_empty() {
            heard
        } else {
            &guest.partial
        };
        if guest.closes.is_none() {
            let text = String::from_utf8_lossy(request).to_ascii_lowercase();
            let is_old = text.contains(" http/1.0\r\n") && !text.contains("keep-alive");
            guest.closes = Some(is_old || text.replace(": ", ":").contains("connection:close"));
        }
        guest.partial.clear();
        let number = guest.number;
        let now = self.now();
        self.stamps.push(now);
        self.answered += 1;
        if self.habits.answers > 0 && self.answered > self.habits.answers {
            return;
        }
        if self.habits.delay > 0 {
            self.due
                .push_back((now + self.habits.delay * 1_000_000, place, number));
        } else {
            self.answer(place);
        }
    }

    fn answer(&mut self, place: usize) {
        let Some(guest) = self.guests[place].as_mut() else {
            return;
        };
        let closes = guest.closes == Some(true);
        if guest
            .stream
            .write_all(&self.answers[usize::from(closes)])
            .is_err()
            || closes
        {
            self.leave(place);
        }
    }

    fn answer_due(&mut self) {
        while let Some((due, place, number)) = self.due.front().copied() {
            if due > self.now() {
                return;
            }
            self.due.pop_front();
            if self.guests[place]
                .as_ref()
                .is_some_and(|guest| guest.number == number)
            {
                self.answer(place);
            }
        }
    }

    /// Says what it saw, and begins anew.
    fn tell(&mut self, rate: u32) -> io::Result<()> {
        let mut seen = std::mem::take(&mut self.seen);
        seen.judge(&self.stamps, rate);
        self.stamps.clear();
        self.has_stalled = false;
        self.seen.most_open = self.open;
        println!("{}", serde_json::to_string(&seen).map_err(io::Error::other)?);
        Ok(())
    }
}

impl Seen {
    /// Judges requests that came at `stamps` (nanoseconds) by an even schedule of `rate` per second.
    fn judge(&mut self, stamps: &[u64], rate: u32) {
        let stamps = match stamps {
            [first, second, ..] if second - first > ALONE => &stamps[1..],
            all => all,
        };
        self.requests = stamps.len() as u64;
        let (Some(first), Some(last)) = (stamps.first(), stamps.last()) else {
            return;
        };
        self.span = (last - first) as f64 / 1e9;
        if rate == 0 || stamps.len() < 2 {
            return;
        }
        let gap = 1e3 / f64::from(rate);
        let came = stamps.iter().map(|stamp| (stamp - first) as f64 / 1e6);
        let mut off: Vec<f64> = came
            .zip(0_u32..)
            .map(|(at, index)| at - f64::from(index) * gap)
            .collect();
        off.sort_by(f64::total_cmp);
        let middle = off[off.len() / 2];
        let mut away: Vec<f64> = off.iter().map(|off| (off - middle).abs()).collect();
        away.sort_by(f64::total_cmp);
        let at = |share: f64| away[((away.len() as f64 * share) as usize).min(away.len() - 1)];
        (self.deviation_p50, self.deviation_p99, self.deviation_max) = (at(0.5), at(0.99), at(1.0));
        let mut bins = vec![0.0; (self.span / 0.1) as usize];
        for stamp in stamps {
            if let Some(bin) = bins.get_mut(((stamp - first) / 100_000_000) as usize) {
                *bin += 1.0;
            }
        }
        let count = bins.len().max(1) as f64;
        let mean = bins.iter().sum::<f64>() / count;
        let variance = bins.iter().map(|bin| (bin - mean).powi(2)).sum::<f64>() / count;
        self.variation = if mean > 0.0 { variance.sqrt() / mean } else { 0.0 };
    }
}
