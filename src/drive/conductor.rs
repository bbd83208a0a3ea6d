//! One second after the other: offers the load of the next, merges what the workers saw of the last, writes it down,
//! and looks for a reason to stop. It decides nothing about the load itself.

use std::collections::BTreeMap;
use std::io::Write;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;

use super::error::DriveError;
use super::fleet::Fleet;
use super::machine::Machine;
use super::sources::Sources;
use super::stop::{StopWatch, Stopped};
use super::worker::Report;
use crate::load::{Crowd, Piece, Stream, Tape};
use crate::record::{
    Class, End, Ending, Event, IntervalSnapshot, Line, RecordWriter, Sample, Second, SparseHistogram, Unsent,
};
use crate::scenario::{FailureSet, Secret};
use crate::search::window_end;
use crate::transport::RunClock;
use crate::units::{Offset, Rate};

/// A second whose 99th percentile of lateness is above this is disturbed.
const DISTURBED_MICROS: u64 = 25_000;
/// Workers that have not reported so long after the end of a second are lost.
const LOST_AFTER: Duration = Duration::from_secs(30);
/// Examples of one class in a record.
const SAMPLES_PER_CLASS: usize = 5;
/// What an event is called by which a source of the servers was lost.
const SOURCE_LOST: &str = "source_lost";
/// How long requests may take to finish once no more arrive.
const LONGEST_DRAIN: Duration = Duration::from_secs(10);

/// Turns true when the person who runs it wants it to end.
pub type Interrupt = watch::Receiver<bool>;

/// How a run ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ended {
    /// In which way.
    pub ending: Ending,
    /// What ended it, where it was not its plan.
    pub stopped_by: Option<String>,
}

/// What a person who waits wants to know, once a second.
#[derive(Debug, Clone, PartialEq)]
pub struct Progress {
    /// Seconds since the start.
    pub second: u32,
    /// The load asked for, in pages per second.
    pub offered: f64,
    /// Answers in the last second, failures included.
    pub answered: u64,
    /// Failures of the site among them.
    pub failed: u64,
    /// 95th percentile of the successes, from due, in microseconds.
    pub p95_us: Option<u64>,
    /// Requests in flight.
    pub in_flight: u64,
    /// What the run does now, in words.
    pub doing: String,
}

/// What a second is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Mark {
    pub(super) trial: Option<u32>,
    pub(super) judged: bool,
}

/// The load of a second.
enum Offered {
    /// So many pages, as planned; of these, so many are asked for by link scanners, where there are some.
    Planned(f64, Option<f64>),
    /// What so many visitors asked for.
    Crowd(f64),
}

/// Conducts a run.
pub struct Conductor<'a, W> {
    fleet: Fleet,
    clock: RunClock,
    book: RecordWriter<W>,
    /// Page views per visit: the load is named in pages and played in visits.
    pages_per_visit: f64,
    failure: FailureSet,
    stop: StopWatch,
    machine: Machine,
    interrupt: Interrupt,
    watch: &'a mut dyn FnMut(&Progress),
    second: u32,
    cut: Offset,
    sampled: BTreeMap<Class, usize>,
    in_flight: u64,
    secrets: Vec<Secret>,
    is_held: bool,
    sources: Sources,
}

impl<'a, W: Write> Conductor<'a, W> {
    /// A run of `fleet` that is written to `book`; `watch` hears of it once a second.
    pub fn new(
        fleet: Fleet,
        clock: RunClock,
        book: RecordWriter<W>,
        pages_per_visit: f64,
        (stop, failure): (StopWatch, FailureSet),
        interrupt: Interrupt,
        watch: &'a mut dyn FnMut(&Progress),
    ) -> Self {
        Self {
            fleet,
            clock,
            book,
            pages_per_visit,
            failure,
            stop,
            machine: Machine::new(),
            interrupt,
            watch,
            second: 0,
            cut: Offset::ZERO,
            sampled: BTreeMap::new(),
            in_flight: 0,
            secrets: Vec::new(),
            is_held: false,
            sources: Sources::default(),
        }
    }

    /// Writes down what `sources` show, beside the load.
    #[must_use]
    pub fn watching(mut self, sources: Sources) -> Self {
        self.sources = sources;
        self
    }

    /// Takes `secrets` out of whatever a failed answer echoes.
    #[must_use]
    pub fn concealing(mut self, secrets: &[Secret]) -> Self {
        self.secrets = secrets.to_vec();
        self
    }

    /// Lets nobody come while fewer than `bytes` of memory are left; 32 MiB unless said otherwise.
    #[must_use]
    pub fn keeping_free(mut self, bytes: u64) -> Self {
        self.machine = self.machine.keeping_free(bytes);
        self
    }

    /// Before the system ends this process for want of memory, arrivals are left out, and said to be.
    fn look_after_memory(&mut self) {
        let is_out = self.machine.is_out_of_memory(self.is_held);
        if is_out != self.is_held {
            self.is_held = is_out;
            self.fleet.hold(is_out.then_some(Unsent::Memory));
        }
    }

    /// The second that is played next.
    pub(super) const fn next_second(&self) -> u32 {
        self.second
    }

    /// A straight second of load from `from` to `to`, in pages per second.
    pub(super) fn piece(&self, from: Rate, to: Rate) -> Piece {
        let visits = |rate: Rate| rate.times(1.0 / self.pages_per_visit);
        Piece {
            length: Duration::from_secs(1),
            from: visits(from),
            to: visits(to),
        }
    }

    /// Plays one second of `pieces` (in visits per second, one second long together) and says what it showed, or why
    /// it must be the last.
    pub(super) async fn play(
        &mut self,
        pieces: &[Piece],
        mark: Mark,
        doing: String,
    ) -> Result<(Second, Option<Stopped>), DriveError> {
        for piece in pieces {
            self.fleet.offer(Stream::Visits, *piece);
        }
        let visits: f64 = pieces.iter().map(Piece::total).sum();
        let offered = Offered::Planned(visits * self.pages_per_visit, None);
        self.listen(offered, mark, doing).await
    }

    /// Plays one second of `people` (visits) beside `scanners` (one page each), both as in [`Conductor::play`].
    pub(super) async fn play_beside_scanners(
        &mut self,
        people: &[Piece],
        scanners: &[Piece],
        mark: Mark,
        doing: String,
    ) -> Result<(Second, Option<Stopped>), DriveError> {
        for piece in scanners {
            self.fleet.offer(Stream::Scanners, *piece);
        }
        for piece in people {
            self.fleet.offer(Stream::Visits, *piece);
        }
        let total = |pieces: &[Piece]| pieces.iter().map(Piece::total).sum::<f64>();
        let scans = total(scanners);
        let offered = Offered::Planned(total(people) * self.pages_per_visit + scans, Some(scans));
        self.listen(offered, mark, doing).await
    }

    /// Lets the arrivals of `tape` come, from now to its end.
    pub(super) fn put_in(&self, tape: &Arc<Tape>) {
        self.fleet.put_in(tape);
    }

    /// Plays one second of a tape, which asks for so many pages in it.
    pub(super) async fn play_tape(
        &mut self,
        pages: f64,
        mark: Mark,
        doing: String,
    ) -> Result<(Second, Option<Stopped>), DriveError> {
        self.listen(Offered::Planned(pages, None), mark, doing).await
    }

    /// Lets a crowd walk, from now to its end.
    pub(super) fn gather_crowd(&self, crowd: &Crowd) {
        self.fleet.gather(crowd);
    }

    /// Plays one second of a crowd, of so many visitors on average.
    pub(super) async fn play_crowd(
        &mut self,
        visitors: f64,
        mark: Mark,
        doing: String,
    ) -> Result<(Second, Option<Stopped>), DriveError> {
        self.listen(Offered::Crowd(visitors), mark, doing).await
    }

    async fn listen(
        &mut self,
        offered: Offered,
        mark: Mark,
        doing: String,
    ) -> Result<(Second, Option<Stopped>), DriveError> {
        let (snapshot, samples, told_to_stop) = self.gather().await?;
        let second = self.write_down(&snapshot, mark, offered)?;
        self.keep(samples, second.offered)?;
        self.tell(&second, doing);
        let interrupted = || Stopped {
            rule: "interrupted",
            why: "interrupted by hand".to_owned(),
        };
        let stopped = if *self.interrupt.borrow() {
            Some(interrupted())
        } else {
            None
        }
        .or(told_to_stop)
        .or_else(|| self.stop.observe(&second));
        Ok((second, stopped))
    }

    /// What all workers report of the current second. An interruption stops the arrivals at once; the second is
    /// played to its end without them.
    async fn gather(&mut self) -> Result<(IntervalSnapshot, Vec<Sample>, Option<Stopped>), DriveError> {
        let mut merged = IntervalSnapshot::default();
        let mut samples = Vec::new();
        let mut stop = None;
        let mut missing = self.fleet.len();
        let mut listening = !*self.interrupt.borrow();
        let lost = self.clock.instant(window_end(self.second) + LOST_AFTER);
        while missing > 0 {
            tokio::select! {
                // Reports first: after a long stall they are there together with the end of the patience.
                biased;
                report = self.fleet.report_of(self.second) => {
                    let Report { snapshot, samples: found, stop: told, .. } = report.ok_or(DriveError::WorkerLost)?;
                    merged.merge(&snapshot);
                    samples.extend(found);
                    stop = stop.or(told);
                    missing -= 1;
                }
                changed = self.interrupt.changed(), if listening => {
                    listening = false;
                    if changed.is_ok() {
                        self.fleet.stop_arrivals();
                    }
                }
                () = tokio::time::sleep_until(lost) => return Err(DriveError::WorkerLost),
            }
        }
        Ok((merged, samples, stop))
    }

    fn write_down(
        &mut self,
        snapshot: &IntervalSnapshot,
        mark: Mark,
        offered: Offered,
    ) -> Result<Second, DriveError> {
        let end = window_end(self.second);
        let length = u64::try_from(end.since(self.cut).as_nanos()).unwrap_or(u64::MAX);
        let mut second = Second::of(self.second, snapshot, length);
        match offered {
            Offered::Planned(pages, scans) => {
                second.offered = pages;
                if let Some(scans) = scans.filter(|scans| *scans > 0.0 || second.scanners.is_some()) {
                    second.scanners.get_or_insert_default().offered = scans;
                }
            }
            Offered::Crowd(visitors) => {
                second.visitors = Some(visitors);
                second.offered = second.pages_sent() as f64 * 1e9 / length.max(1) as f64;
            }
        }
        second.trial = mark.trial;
        second.judged = mark.judged;
        let gave_up = second.unsent.iter().any(|line| line.reason != Unsent::Stopped);
        second.disturbed = second.lateness_p99_us > DISTURBED_MICROS || gave_up;
        second.generator = self.machine.used();
        self.look_after_memory();
        self.cut = end;
        self.second += 1;
        self.in_flight = second.in_flight;
        self.book.append(&Line::Second(second.clone()))?;
        self.write_down_sources(second.second)?;
        Ok(second)
    }

    /// What the servers showed in the second `second`. One that shows nothing any more is named, and the run goes on.
    fn write_down_sources(&mut self, second: u32) -> Result<(), DriveError> {
        let (lines, lost) = self.sources.take(second);
        for mut line in lines {
            for cause in &mut line.causes {
                cause.example = Secret::conceal(&cause.example, &self.secrets);
            }
            self.book.append(&Line::Source(line))?;
        }
        for detail in lost {
            self.note(SOURCE_LOST, detail)?;
        }
        Ok(())
    }

    fn keep(&mut self, samples: Vec<Sample>, offered: f64) -> Result<(), DriveError> {
        for mut sample in samples {
            let kept = self.sampled.entry(sample.class).or_default();
            if *kept < SAMPLES_PER_CLASS {
                *kept += 1;
                sample.offered = offered;
                sample.body = Secret::conceal(&sample.body, &self.secrets);
                for (_, value) in &mut sample.headers {
                    *value = Secret::conceal(value, &self.secrets);
                }
                self.book.append(&Line::Sample(sample))?;
            }
        }
        Ok(())
    }

    fn tell(&mut self, second: &Second, doing: String) {
        let mut latency = SparseHistogram::new();
        second
            .cells
            .iter()
            .filter(|cell| cell.class.is_success())
            .for_each(|cell| latency.merge(&cell.from_due));
        let progress = Progress {
            second: second.second,
            offered: second.offered,
            answered: second.cells.iter().map(|cell| cell.count).sum(),
            failed: second
                .cells
                .iter()
                .filter(|cell| self.failure.contains(cell.class))
                .map(|cell| cell.count)
                .sum(),
            p95_us: latency.at_quantile(0.95),
            in_flight: second.in_flight,
            doing,
        };
        (self.watch)(&progress);
    }

    /// Writes down something that happened once.
    pub(super) fn note(&mut self, what: &str, detail: impl Into<String>) -> Result<(), DriveError> {
        let event = Event {
            second: self.second,
            what: what.to_owned(),
            detail: detail.into(),
        };
        Ok(self.book.append(&Line::Event(event))?)
    }

    /// Writes down any line.
    pub(super) fn append(&mut self, line: &Line) -> Result<(), DriveError> {
        Ok(self.book.append(line)?)
    }

    /// Lets requests under way finish, for a bounded time, and closes the record.
    pub(super) async fn finish(
        mut self,
        stopped: Option<Stopped>,
        planned: Ending,
    ) -> Result<Ended, DriveError> {
        // Windows are cut a little before the whole second: what is due in the rest of a plan that was not stopped is
        // still to come.
        let mut is_to_come = stopped.is_none() && self.second > 0;
        if !is_to_come {
            self.fleet.stop_arrivals();
        }
        let mut drained = Duration::ZERO;
        while (self.in_flight > 0 || is_to_come) && drained < LONGEST_DRAIN {
            let (snapshot, samples, _) = self.gather().await?;
            let second = self.write_down(&snapshot, Mark::default(), Offered::Planned(0.0, None))?;
            self.keep(samples, 0.0)?;
            self.tell(&second, "waiting for the last answers".to_owned());
            drained += Duration::from_secs(1);
            if std::mem::take(&mut is_to_come) {
                self.fleet.stop_arrivals();
            }
        }
        let ending = match &stopped {
            Some(stopped) if stopped.rule == "interrupted" => Ending::Interrupted,
            Some(_) => Ending::Capped,
            None => planned,
        };
        if let Some(stopped) = &stopped {
            self.note("stopped", &stopped.why)?;
        }
        let stopped_by = stopped.map(|stopped| stopped.why);
        let end = End {
            ending,
            stopped_by: stopped_by.clone(),
            seconds: self.second,
            in_flight: self.in_flight,
        };
        self.book.append(&Line::End(end))?;
        Ok(Ended { ending, stopped_by })
    }
}
