//! One worker: plays its part of the stream of arrivals, each as a visit, and reports once a second.
//! Nothing it does on the way of a request crosses a thread.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc;
use tokio::task::spawn_local;

use super::crowd::let_walk;
use super::pacer::Pacer;
use super::script::{Lot, Ordinals, Script};
use super::stop::Stopped;
use super::visitor::Mixes;
use crate::load::{Arrival, Crowd, Piece, Stream, Streams, Tape};
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
    Offer(Stream, Piece),
    /// Arrivals that are known from the beginning.
    PutIn(Arc<Tape>),
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
    /// Its part of all streams.
    pub(super) streams: Streams,
    /// Which of the visitors of a closed model are its own: those whose number leaves `part.0` when divided by `part.1`.
    pub(super) part: (u64, u64),
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
        let mut streams = self.streams;
        let mut control = self.control;
        let mut open = true;
        while !reporting.is_finished() {
            let next = if open { streams.next_arrival() } else { None };
            let Some((stream, arrival)) = next else {
                match control.recv().await {
                    Some(Control::Offer(stream, piece)) => streams.extend(stream, piece),
                    Some(Control::PutIn(tape)) => streams.put_in(tape),
                    Some(Control::Gather(crowd)) => {
                        let_walk(&shared, &Rc::new(crowd), self.part, self.in_flight_cap);
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
                    Some(Control::Offer(stream, piece)) => streams.extend(stream, piece),
                    Some(Control::PutIn(tape)) => streams.put_in(tape),
                    // One run has one model: no crowd joins a stream of arrivals.
                    Some(Control::Gather(_)) => {}
                    Some(Control::Hold(reason)) => shared.held.set(reason),
                    Some(Control::StopArrivals) => {
                        open = false;
                        shared.is_closed.set(true);
                        shared.gives_up(stream, arrival.due, Unsent::Stopped);
                    }
                    None => break,
                },
                () = self.pacer.until(arrival.due) => {
                    streams.take(stream);
                    let asked = streams.asked_by(arrival.seq);
                    shared.begins((stream, arrival), asked, self.in_flight_cap);
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

    /// Begins what an arrival does, where it may begin now.
    fn begins(self: &Rc<Self>, (stream, arrival): (Stream, Arrival), asked: Option<u32>, cap: u64) {
        let now = self.clock.now();
        let shared = Rc::clone(self);
        match (stream, asked) {
            (Stream::Visits, _) => {
                if let Some(lot) = self.admit(arrival, now, cap) {
                    spawn_local(shared.visit(arrival, lot));
                }
            }
            (Stream::Scanners, _) => {
                if let Some(lot) = self
                    .script
                    .link_of(arrival.seq)
                    .filter(|_| self.lets_in(stream, arrival, now, cap))
                {
                    self.counts_sent(stream, arrival, now);
                    spawn_local(shared.scan(arrival, lot));
                }
            }
            (Stream::Tape, Some(asked)) => {
                if self.lets_in(stream, arrival, now, cap) {
                    self.counts_sent(stream, arrival, now);
                    spawn_local(shared.ask_again(arrival, asked));
                }
            }
            (Stream::Tape, None) => {}
        }
    }

    /// What the visitor is to do, where a visit may begin `now`; its first request is then counted as sent.
    pub(super) fn admit(&self, arrival: Arrival, now: Offset, cap: u64) -> Option<Lot> {
        if !self.lets_in(Stream::Visits, arrival, now, cap) {
            return None;
        }
        let Some(lot) = self.script.lot(arrival.seq, &mut self.ordinals.borrow_mut()) else {
            self.gives_up(Stream::Visits, arrival.due, Unsent::Stopped);
            self.stop_for("data", "every row of the data was given to a visitor");
            return None;
        };
        self.counts_sent(Stream::Visits, arrival, now);
        Some(lot)
    }

    /// Whether an arrival may begin now; it is given up where it may not.
    fn lets_in(&self, stream: Stream, arrival: Arrival, now: Offset, cap: u64) -> bool {
        let reason = if self.held.get().is_some() {
            self.held.get()
        } else if now.since(arrival.due) > TOO_LATE {
            Some(Unsent::Late)
        } else {
            (self.shard.borrow().open_requests() >= cap).then_some(Unsent::InFlightCap)
        };
        if let Some(reason) = reason {
            self.gives_up(stream, arrival.due, reason);
        }
        reason.is_none()
    }

    /// Counted when it begins rather than in the task of its own, so that the cap holds within a burst.
    fn counts_sent(&self, stream: Stream, arrival: Arrival, now: Offset) {
        let mut shard = self.shard.borrow_mut();
        shard.sent(arrival.due, now);
        if stream == Stream::Scanners {
            *shard.scanners().sent.entry(arrival.due.second()).or_default() += 1;
        }
    }

    fn gives_up(&self, stream: Stream, due: Offset, reason: Unsent) {
        let mut shard = self.shard.borrow_mut();
        shard.unsent(due, reason);
        if stream == Stream::Scanners {
            shard.scanners().unsent += 1;
        }
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
