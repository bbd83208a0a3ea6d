//! One worker: plays its part of the stream of arrivals, each as a visit, and reports once a second.
//! Nothing it does on the way of a request crosses a thread.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::Duration;

use tokio::sync::mpsc;
use tokio::task::spawn_local;

use super::crowd::let_walk;
use super::pacer::Pacer;
use super::script::{Lot, Ordinals, Script};
use super::stop::Stopped;
use super::visitor::Mixes;
use crate::load::{Arrival, Crowd, Piece, Schedule};
use crate::record::{Class, IntervalSnapshot, Sample, Shard, Unsent};
use crate::search::window_end;
use crate::transport::{Evidence, RunClock, Transport};
use crate::units::Offset;

/// An arrival that is overdue by more than this is not sent any more.
const TOO_LATE: Duration = Duration::from_millis(100);
/// Examples of one class that a worker keeps for a record.
const SAMPLES_PER_CLASS: usize = 3;
/// Classes of which a worker keeps examples.
const SAMPLED_CLASSES: usize = 24;

/// What the conductor tells a worker.
#[derive(Debug, Clone)]
pub(super) enum Control {
    /// The load of the time after what is known.
    Offer(Piece),
    /// The visitors of a closed model, over the whole run.
    Gather(Crowd),
    /// No arrival is sent, for this reason, until it is told otherwise.
    Hold(Option<Unsent>),
    /// No further arrivals; requests under way go on.
    StopArrivals,
}

/// What a worker tells the conductor at the end of each window.
#[derive(Debug)]
pub(super) struct Report {
    /// Which second.
    pub(super) second: u32,
    /// What was counted in it.
    pub(super) snapshot: IntervalSnapshot,
    /// Failed answers worth keeping.
    pub(super) samples: Vec<Sample>,
    /// What was seen that ends the run.
    pub(super) stop: Option<Stopped>,
}

/// What a worker is made of.
pub(super) struct Worker<T, P> {
    pub(super) transport: T,
    pub(super) pacer: P,
    pub(super) clock: RunClock,
    pub(super) script: Script,
    pub(super) schedule: Schedule,
    /// Which part of the stream it plays: arrivals whose number leaves `index` when divided by `count`.
    pub(super) index: u64,
    pub(super) count: u64,
    /// Requests that may be in flight in this worker.
    pub(super) in_flight_cap: u64,
    pub(super) control: mpsc::UnboundedReceiver<Control>,
    pub(super) reports: mpsc::UnboundedSender<Report>,
}

/// What the visits of a worker share.
pub(super) struct Shared<T> {
    pub(super) transport: T,
    pub(super) clock: RunClock,
    pub(super) script: Script,
    pub(super) shard: RefCell<Shard>,
    pub(super) samples: RefCell<Samples>,
    ordinals: RefCell<Ordinals>,
    stop: RefCell<Option<Stopped>>,
    /// Whether nobody may begin a visit any more.
    pub(super) is_closed: Cell<bool>,
    held: Cell<Option<Unsent>>,
    /// What pages are known to bring with them.
    pub(super) mixes: RefCell<Mixes>,
}

/// Failed answers worth keeping.
#[derive(Default)]
pub(super) struct Samples {
    seen: Vec<(Class, usize)>,
    pub(super) fresh: Vec<Sample>,
}

impl<T: Transport, P: Pacer> Worker<T, P> {
    /// Plays until the conductor is gone. Must run where local tasks may be spawned.
    pub(super) async fn play(self) {
        let shared = Rc::new(Shared::new(self.transport, self.clock, self.script));
        let reporting = spawn_local(report(Rc::clone(&shared), self.reports));
        let mut schedule = self.schedule;
        let mut control = self.control;
        let mut next: Option<Arrival> = None;
        let mut open = true;
        while !reporting.is_finished() {
            if next.is_none() && open {
                next = std::iter::from_fn(|| schedule.next_arrival())
                    .find(|arrival| arrival.seq % self.count == self.index);
            }
            let Some(arrival) = next else {
                match control.recv().await {
                    Some(Control::Offer(piece)) => schedule.extend(piece),
                    Some(Control::Gather(crowd)) => {
                        let part = (self.index, self.count);
                        let_walk(&shared, &Rc::new(crowd), part, self.in_flight_cap);
                    }
                    Some(Control::Hold(reason)) => shared.held.set(reason),
                    Some(Control::StopArrivals) => {
                        open = false;
                        shared.is_closed.set(true);
                    }
                    None => break,
                }
                continue;
            };
            tokio::select! {
                biased;
                told = control.recv() => match told {
                    Some(Control::Offer(piece)) => schedule.extend(piece),
                    // One run has one model: no crowd joins a stream of arrivals.
                    Some(Control::Gather(_)) => {}
                    Some(Control::Hold(reason)) => shared.held.set(reason),
                    Some(Control::StopArrivals) => {
                        open = false;
                        let mut shard = shared.shard.borrow_mut();
                        shard.unsent(arrival.due, Unsent::Stopped);
                        next = None;
                    }
                    None => break,
                },
                () = self.pacer.until(arrival.due) => {
                    next = None;
                    if let Some(lot) = shared.admit(arrival, shared.clock.now(), self.in_flight_cap) {
                        spawn_local(Rc::clone(&shared).visit(arrival, lot));
                    }
                }
            }
        }
        reporting.abort();
    }
}

impl<T: Transport> Shared<T> {
    pub(super) fn new(transport: T, clock: RunClock, script: Script) -> Self {
        let shard = Shard::new();
        let shard = if script.has_several_steps() {
            shard.telling_steps()
        } else {
            shard
        };
        Self {
            transport,
            clock,
            script,
            shard: RefCell::new(shard),
            samples: RefCell::default(),
            ordinals: RefCell::default(),
            stop: RefCell::default(),
            is_closed: Cell::new(false),
            held: Cell::new(None),
            mixes: RefCell::default(),
        }
    }

    /// What the visitor is to do, where a visit may begin `now`; its first request is then counted as sent.
    pub(super) fn admit(&self, arrival: Arrival, now: Offset, cap: u64) -> Option<Lot> {
        let mut shard = self.shard.borrow_mut();
        if let Some(reason) = self.held.get() {
            shard.unsent(arrival.due, reason);
            return None;
        }
        if now.since(arrival.due) > TOO_LATE {
            shard.unsent(arrival.due, Unsent::Late);
            return None;
        }
        if shard.open_requests() >= cap {
            shard.unsent(arrival.due, Unsent::InFlightCap);
            return None;
        }
        let Some(lot) = self.script.lot(arrival.seq, &mut self.ordinals.borrow_mut()) else {
            shard.unsent(arrival.due, Unsent::Stopped);
            self.stop_for("data", "every row of the data was given to a visitor");
            return None;
        };
        // Counted here rather than in the visit's own task, so that the cap holds within a burst.
        shard.sent(arrival.due, now);
        Some(lot)
    }

    /// An answer asked for the end of the run.
    pub(super) fn asked_to_stop(&self) {
        self.stop_for("site", "an answer asked us to stop (X-Tipover-Stop)");
    }

    /// Rows go by the number of a visit: visits of a closed model begin in no order.
    pub(super) fn begin_in_no_order(&self) {
        self.ordinals.borrow_mut().go_by_number();
    }

    fn stop_for(&self, rule: &'static str, why: &str) {
        self.stop.borrow_mut().get_or_insert_with(|| Stopped {
            rule,
            why: why.to_owned(),
        });
    }
}

impl Samples {
    pub(super) fn keep(&mut self, due: u32, class: Class, step: u16, evidence: Evidence) {
        let kept = self.seen.iter().position(|(seen, _)| *seen == class);
        match kept {
            Some(at) if self.seen[at].1 >= SAMPLES_PER_CLASS => return,
            Some(at) => self.seen[at].1 += 1,
            None if self.seen.len() >= SAMPLED_CLASSES => return,
            None => self.seen.push((class, 1)),
        }
        let body = String::from_utf8_lossy(&evidence.body).into_owned();
        let sample = Sample {
            due,
            offered: 0.0,
            class,
            step,
            headers: evidence.headers,
            body,
            error: evidence.error,
        };
        self.fresh.push(sample);
    }
}

/// Reports at the end of each window, until nobody listens.
async fn report<T: Transport>(shared: Rc<Shared<T>>, reports: mpsc::UnboundedSender<Report>) {
    for second in 0.. {
        tokio::time::sleep_until(shared.clock.instant(window_end(second))).await;
        let snapshot = shared.shard.borrow_mut().take(shared.clock.now());
        let samples = std::mem::take(&mut shared.samples.borrow_mut().fresh);
        if reports
            .send(Report {
                second,
                snapshot,
                samples,
                stop: shared.stop.borrow().clone(),
            })
            .is_err()
        {
            return;
        }
    }
}
