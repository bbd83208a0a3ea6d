//! Plays a search against a model site, second by second, as the real driver does: the same schedule, the same
//! recorded seconds, the same windows, cut a little before each whole second. Only the clock and the network are left
//! out, so a whole search takes milliseconds.

use std::time::Duration;

use super::site::ModelSite;
use super::visits::{Crowd, Request, Visits, Witness};
use crate::load::Piece;
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

/// Plays `search` against `site` with `visits`, for `budget_seconds` at most.
pub fn play(
    search: &mut dyn Search,
    site: &mut dyn ModelSite,
    visits: Visits,
    budget_seconds: u32,
) -> Played {
    let mut stage = Stage {
        crowd: Crowd::new(visits),
        shard: Shard::new(),
    };
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

/// The visitors and the counters.
struct Stage {
    crowd: Crowd,
    shard: Shard,
}

impl Stage {
    fn play(&mut self, site: &mut dyn ModelSite, second: u32, offer: &Offer) -> Second {
        self.crowd.extend(Piece {
            length: Duration::from_secs(1),
            from: offer.from,
            to: offer.to,
        });
        let end = window_end(second);
        self.crowd.play(site, end, &mut self.shard);
        let length = if second == 0 { end } else { Offset::from_secs(1) };
        Second {
            offered: (offer.from.get() + offer.to.get()) / 2.0,
            trial: Some(offer.trial),
            judged: offer.judged,
            ..Second::of(second, &self.shard.take(end), length.as_nanos())
        }
    }
}

impl Witness for Shard {
    fn sent(&mut self, due: Offset) {
        self.sent(due, due);
    }

    fn ended(&mut self, request: &Request, done: Offset, class: Class, is_last: bool) {
        self.ended(&Outcome {
            seq: request.visitor,
            step: request.step,
            due: request.due,
            sent: request.due,
            first_byte: (!class.is_transport()).then_some(done),
            done,
            class,
            bytes: 0,
            fresh_connection: request.step == 0,
        });
        if is_last {
            let hit = request.hit || !class.is_success();
            self.visit_ended(hit, hit);
        }
    }
}
