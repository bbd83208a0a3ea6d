//! The workers of a run: one runtime per core for a real run, one local task for a run in virtual time.

use std::io;
use std::sync::Arc;
use std::thread::JoinHandle;

use tokio::runtime::LocalOptions;
use tokio::sync::mpsc;

use super::pacer::{PreciseTimer, TokioTimer};
use super::script::Script;
use super::worker::{Control, Report, Worker};
use crate::load::{ArrivalProcess, Crowd, Piece, Schedule, Stream, Streams, Tape};
use crate::record::Unsent;
use crate::transport::{RunClock, Transport};

/// The names of the workers' threads: this, and a number.
pub(super) const WORKER: &str = "worker-";

/// What makes another stream of random numbers of the seed, for link scanners.
const OF_SCANNERS: u64 = 0x7363_616e;

/// What every worker of a fleet is told once.
#[derive(Debug, Clone)]
pub struct FleetPlan {
    /// What visitors do.
    pub script: Script,
    /// How visits arrive.
    pub process: ArrivalProcess,
    /// The seed of the stream.
    pub seed: u64,
    /// Requests that may be in flight, over all workers.
    pub in_flight_cap: u64,
}

/// The workers of a run.
#[derive(Debug)]
pub struct Fleet {
    controls: Vec<mpsc::UnboundedSender<Control>>,
    reports: mpsc::UnboundedReceiver<Report>,
    /// Reports of workers that are a second ahead of the others.
    early: Vec<Report>,
    threads: Vec<JoinHandle<()>>,
}

impl Fleet {
    /// `workers` threads, each with a runtime and a transport of its own.
    ///
    /// # Errors
    /// A thread, a runtime or a timer cannot be had from the system.
    pub fn threads<T: Transport>(
        plan: &FleetPlan,
        clock: RunClock,
        workers: u32,
        transport: impl Fn() -> T + Send + Clone + 'static,
    ) -> io::Result<Self> {
        let (reports, receiver) = mpsc::unbounded_channel();
        let mut fleet = Self {
            controls: Vec::new(),
            reports: receiver,
            early: Vec::new(),
            threads: Vec::new(),
        };
        for index in 0..workers {
            let (sender, control) = mpsc::unbounded_channel();
            let (plan, transport, reports) = (plan.clone(), transport.clone(), reports.clone());
            let (ready, is_ready) = std::sync::mpsc::channel();
            let thread = std::thread::Builder::new()
                .name(format!("{WORKER}{index}"))
                .spawn(move || {
                    let started = tokio::runtime::Builder::new_current_thread()
                        .enable_all()
                        .build_local(LocalOptions::default())
                        .and_then(|runtime| {
                            let inside = runtime.enter();
                            let pacer = PreciseTimer::new(clock)?;
                            drop(inside);
                            Ok((runtime, pacer))
                        });
                    let (runtime, pacer) = match started {
                        Ok(parts) => parts,
                        Err(error) => return drop(ready.send(Err(error))),
                    };
                    drop(ready.send(Ok(())));
                    let worker = plan.worker(transport(), pacer, clock, (index, workers), control, reports);
                    runtime.block_on(worker.play());
                    // Requests under way need not hold up the end of the run.
                    runtime.shutdown_background();
                })?;
            is_ready.recv().map_err(io::Error::other)??;
            fleet.controls.push(sender);
            fleet.threads.push(thread);
        }
        Ok(fleet)
    }

    /// One worker as a local task, on tokio's timer: for virtual time. Must be called inside a `LocalSet`.
    pub fn local<T: Transport>(plan: &FleetPlan, clock: RunClock, transport: T) -> Self {
        let (reports, receiver) = mpsc::unbounded_channel();
        let (sender, control) = mpsc::unbounded_channel();
        let worker = plan.worker(transport, TokioTimer::new(clock), clock, (0, 1), control, reports);
        tokio::task::spawn_local(worker.play());
        Self {
            controls: vec![sender],
            reports: receiver,
            early: Vec::new(),
            threads: Vec::new(),
        }
    }

    /// How many workers it has.
    pub fn len(&self) -> usize {
        self.controls.len()
    }

    /// Whether it has none.
    pub fn is_empty(&self) -> bool {
        self.controls.is_empty()
    }

    /// The next report of `second`, in whatever order the workers come: after a stall of this machine one may be ahead of
    /// the others. Nothing where all workers are gone. Dropping the future loses no report.
    pub(super) async fn report_of(&mut self, second: u32) -> Option<Report> {
        if let Some(kept) = self.early.iter().position(|report| report.second == second) {
            return Some(self.early.swap_remove(kept));
        }
        loop {
            let report = self.reports.recv().await?;
            if report.second == second {
                return Some(report);
            }
            self.early.push(report);
        }
    }

    pub(super) fn offer(&self, stream: Stream, piece: Piece) {
        self.tell(&Control::Offer(stream, piece));
    }

    pub(super) fn put_in(&self, tape: &Arc<Tape>) {
        self.tell(&Control::PutIn(Arc::clone(tape)));
    }

    pub(super) fn gather(&self, crowd: &Crowd) {
        self.tell(&Control::Gather(crowd.clone()));
    }

    pub(super) fn hold(&self, reason: Option<Unsent>) {
        self.tell(&Control::Hold(reason));
    }

    pub(super) fn stop_arrivals(&self) {
        self.tell(&Control::StopArrivals);
    }

    /// A worker that is gone shows by its missing report; telling it nothing is then no news.
    fn tell(&self, control: &Control) {
        for sender in &self.controls {
            drop(sender.send(control.clone()));
        }
    }
}

impl Drop for Fleet {
    fn drop(&mut self) {
        self.controls.clear();
        for thread in self.threads.drain(..) {
            if thread.join().is_err() {
                tracing::error!("a worker panicked");
            }
        }
    }
}

impl FleetPlan {
    fn worker<T, P>(
        &self,
        transport: T,
        pacer: P,
        clock: RunClock,
        (index, count): (u32, u32),
        control: mpsc::UnboundedReceiver<Control>,
        reports: mpsc::UnboundedSender<Report>,
    ) -> Worker<T, P> {
        Worker {
            transport,
            pacer,
            clock,
            script: self.script.clone(),
            streams: Streams::new(
                Schedule::new(self.process, self.seed),
                Schedule::new(self.process, self.seed ^ OF_SCANNERS),
                (u64::from(index), u64::from(count)),
            ),
            part: (u64::from(index), u64::from(count)),
            in_flight_cap: self.in_flight_cap.div_ceil(u64::from(count)),
            control,
            reports,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::IntervalSnapshot;

    #[tokio::test]
    async fn a_worker_that_is_a_second_ahead_waits_for_the_others() {
        let (sender, reports) = mpsc::unbounded_channel();
        let mut fleet = Fleet {
            controls: Vec::new(),
            reports,
            early: Vec::new(),
            threads: Vec::new(),
        };
        for (second, visits) in [(0, 1), (1, 10), (2, 100), (0, 2), (1, 20), (2, 200)] {
            let snapshot = IntervalSnapshot {
                visits,
                ..IntervalSnapshot::default()
            };
            sender
                .send(Report {
                    second,
                    snapshot,
                    samples: Vec::new(),
                    stop: None,
                })
                .unwrap();
        }
        drop(sender);
        for (second, visits) in [(0, 3), (1, 30), (2, 300)] {
            let mut seen = 0;
            for _ in 0..2 {
                let report = fleet.report_of(second).await.unwrap();
                assert_eq!(report.second, second);
                seen += report.snapshot.visits;
            }
            assert_eq!(seen, visits);
        }
        assert!(fleet.report_of(3).await.is_none());
    }
}
