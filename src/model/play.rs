//! Plays a search against a model site, second by second, as the real driver does: the same schedule, the same
//! recorded seconds, the same windows, cut a little before each whole second. Only the clock and the network are left
//! out, so a whole search takes milliseconds.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use super::site::ModelSite;
use crate::load::{Arrival, ArrivalProcess, Piece, Schedule};
use crate::record::{Class, Outcome, Second, Shard};
use crate::search::{Concluded, Finding, Move, Offer, Search, Window, Windows, window_end};
use crate::units::Offset;

/// A search that was played.
#[derive(Debug, Clone, PartialEq)]
pub struct Played {
    /// What it ended in.
    pub finding: Finding,
    /// Its trials.
    pub trials: Vec<Concluded>,
    /// What each second showed.
    pub windows: Vec<Window>,
    /// The seconds as a record would hold them.
    pub seconds: Vec<Second>,
}

/// Plays `search` against `site` with arrivals of `process` and `seed`, for `budget_seconds` at most.
pub fn play(
    search: &mut dyn Search,
    site: &mut dyn ModelSite,
    process: ArrivalProcess,
    seed: u64,
    budget_seconds: u32,
) -> Played {
    let mut stage = Stage::new(process, seed);
    let mut windows = Windows::new();
    let mut played = Played {
        finding: search.finding(),
        trials: Vec::new(),
        windows: Vec::new(),
        seconds: Vec::new(),
    };
    for second in 0..budget_seconds {
        let Move::Offer(offer) = search.next_move() else {
            break;
        };
        let recorded = stage.play(site, second, &offer);
        let window = windows.window(&recorded);
        search.observe(&window);
        played.trials.extend(search.concluded());
        played.windows.push(window);
        played.seconds.push(recorded);
    }
    played.finding = search.finding();
    played
}

/// The arrivals, the requests in flight and the counters.
struct Stage {
    schedule: Schedule,
    held_back: Option<Arrival>,
    in_flight: BinaryHeap<Reverse<(Offset, u64, Offset, Class)>>,
    shard: Shard,
}

impl Stage {
    fn new(process: ArrivalProcess, seed: u64) -> Self {
        Self {
            schedule: Schedule::new(process, seed),
            held_back: None,
            in_flight: BinaryHeap::new(),
            shard: Shard::new(),
        }
    }

    fn play(&mut self, site: &mut dyn ModelSite, second: u32, offer: &Offer) -> Second {
        self.schedule.extend(Piece {
            length: std::time::Duration::from_secs(1),
            from: offer.from,
            to: offer.to,
        });
        let end = window_end(second);
        while let Some(arrival) = self.held_back.take().or_else(|| self.schedule.next_arrival()) {
            if arrival.due >= end {
                self.held_back = Some(arrival);
                break;
            }
            self.end_until(arrival.due);
            self.shard.sent(arrival.due, arrival.due);
            let reply = site.arrive(arrival.due);
            self.in_flight
                .push(Reverse((reply.done, arrival.seq, arrival.due, reply.class)));
        }
        self.end_until(end);
        let length = if second == 0 { end } else { Offset::from_secs(1) };
        Second {
            offered: (offer.from.get() + offer.to.get()) / 2.0,
            trial: Some(offer.trial),
            judged: offer.judged,
            ..Second::of(second, &self.shard.take(end), length.as_nanos())
        }
    }

    /// Counts every request that has ended by `now`.
    fn end_until(&mut self, now: Offset) {
        while let Some(Reverse((done, seq, due, class))) = self.in_flight.peek().copied() {
            if done > now {
                break;
            }
            self.in_flight.pop();
            self.shard.ended(&Outcome {
                seq,
                step: 0,
                due,
                sent: due,
                first_byte: Some(done),
                done,
                class,
                bytes: 0,
                fresh_connection: true,
            });
        }
    }
}
