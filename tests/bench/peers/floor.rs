//! The floor: what the kernel takes for the work alone. One thread, epoll, one prepared request, and answers that are
//! read and forgotten without a look at them.

use std::io::{self, Read, Write};
use std::net::{Ipv4Addr, TcpStream};
use std::process::ExitCode;
use std::time::{Duration, Instant};

use rustix::buffer::spare_capacity;
use rustix::event::epoll;
use rustix::time::{
    Itimerspec, TimerfdClockId, TimerfdFlags, TimerfdTimerFlags, Timespec, timerfd_create, timerfd_settime,
};

/// The word that makes this program the floor.
pub(crate) const FLOOR: &str = "--floor";

/// Plays `port connections seconds rate`: a closed model where the rate is zero.
pub(crate) fn play(words: &[String]) -> ExitCode {
    let numbers: Vec<u32> = words.iter().filter_map(|word| word.parse().ok()).collect();
    let [port, connections, seconds, rate] = numbers[..] else {
        return ExitCode::from(2);
    };
    let done = Floor::open(port, connections).and_then(|floor| {
        let length = Duration::from_secs(seconds.into());
        if rate == 0 {
            floor.closed(length)
        } else {
            floor.open_model(length, rate)
        }
    });
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: failed to ask: {error}");
            ExitCode::FAILURE
        }
    }
}

struct Floor {
    epoll: rustix::fd::OwnedFd,
    request: Vec<u8>,
    streams: Vec<TcpStream>,
    /// Bytes of a whole answer.
    whole: usize,
}

impl Floor {
    fn open(port: u32, connections: u32) -> io::Result<Self> {
        tipover::drive::raise_file_limit();
        let port = u16::try_from(port).map_err(io::Error::other)?;
        let request = format!("GET / HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n").into_bytes();
        let epoll = epoll::create(epoll::CreateFlags::CLOEXEC)?;
        let mut streams = Vec::new();
        let mut whole = 0;
        for place in 0..connections {
            let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port))?;
            stream.set_nodelay(true)?;
            if whole == 0 {
                stream.write_all(&request)?;
                std::thread::sleep(Duration::from_millis(50));
                whole = stream.read(&mut [0; 64 << 10])?;
            }
            stream.set_nonblocking(true)?;
            let data = epoll::EventData::new_u64(place.into());
            epoll::add(&epoll, &stream, data, epoll::EventFlags::IN)?;
            streams.push(stream);
        }
        Ok(Self {
            epoll,
            request,
            streams,
            whole,
        })
    }

    fn closed(mut self, length: Duration) -> io::Result<()> {
        let mut got = vec![0; self.streams.len()];
        let mut buffer = vec![0; 64 << 10];
        let mut events = Vec::with_capacity(1_024);
        for stream in &mut self.streams {
            stream.write_all(&self.request)?;
        }
        let end = Instant::now() + length;
        let tick = timespec(Duration::from_millis(100));
        while Instant::now() < end {
            epoll::wait(&self.epoll, spare_capacity(&mut events), Some(&tick))?;
            for event in events.drain(..) {
                let place = event.data.u64() as usize;
                got[place] += self.streams[place].read(&mut buffer)?;
                if got[place] >= self.whole {
                    got[place] = 0;
                    self.streams[place].write_all(&self.request)?;
                }
            }
        }
        Ok(())
    }

    /// Sends at its moment what is due, on a connection that waits for nothing. A kernel timer tells the moment: waiting
    /// in `epoll` alone is exact to a millisecond.
    fn open_model(mut self, length: Duration, rate: u32) -> io::Result<()> {
        let total = u64::from(rate) * length.as_secs();
        let mut idle: Vec<usize> = (0..self.streams.len()).collect();
        let mut got = vec![0; self.streams.len()];
        let mut buffer = vec![0; 64 << 10];
        let mut events = Vec::with_capacity(1_024);
        let timer = timerfd_create(TimerfdClockId::Monotonic, TimerfdFlags::NONBLOCK)?;
        let edge = epoll::EventFlags::IN | epoll::EventFlags::ET;
        epoll::add(&self.epoll, &timer, epoll::EventData::new_u64(TIMER), edge)?;
        let start = Instant::now() + Duration::from_millis(50);
        let (mut sent, mut done) = (0, 0);
        let end = start + length + Duration::from_secs(3);
        let due = |number: u64| start + Duration::from_nanos(number * 1_000_000_000 / u64::from(rate));
        let tick = timespec(Duration::from_millis(100));
        let mut set_for = None;
        while done < total && Instant::now() < end {
            while sent < total && due(sent) <= Instant::now() {
                let Some(place) = idle.pop() else { break };
                self.streams[place].write_all(&self.request)?;
                sent += 1;
            }
            if sent < total && set_for != Some(sent) {
                set_for = Some(sent);
                let left = due(sent).saturating_duration_since(Instant::now());
                let once = Itimerspec {
                    it_interval: timespec(Duration::ZERO),
                    it_value: timespec(left.max(Duration::from_nanos(1))),
                };
                timerfd_settime(&timer, TimerfdTimerFlags::empty(), &once)?;
            }
            epoll::wait(&self.epoll, spare_capacity(&mut events), Some(&tick))?;
            for event in events.drain(..) {
                if event.data.u64() == TIMER {
                    continue;
                }
                let place = event.data.u64() as usize;
                got[place] += self.streams[place].read(&mut buffer)?;
                if got[place] >= self.whole {
                    got[place] = 0;
                    idle.push(place);
                    done += 1;
                }
            }
        }
        Ok(())
    }
}

/// What the timer is called among the connections.
const TIMER: u64 = u64::MAX;

fn timespec(length: Duration) -> Timespec {
    Timespec {
        tv_sec: length.as_secs().cast_signed(),
        tv_nsec: length.subsec_nanos().into(),
    }
}
