//! Plays a search against a model site, second by second, as the real driver does: the same schedule, the same
//! recorded seconds, the same windows, cut a little before each whole second. Only the clock and the network are left
//! out, so a whole search takes milliseconds.

use std::collections::VecDeque;
use std::time::Duration;

use super::site::{Call, ModelSite, Reply, address_of};
use crate::load::{Arrival, ArrivalProcess, Piece, Schedule};
use crate::record::{Outcome, Second, Shard};
use crate::search::{Concluded, Finding, Move, Offer, Search, Window, Windows, window_end};
use crate::units::Offset;

/// Who comes, and how.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Visits {
    /// How visits arrive.
    pub process: ArrivalProcess,
    /// The seed of the stream of arrivals.
    pub seed: u64,
    /// Pages of a visit, at least 1: one after the other without think time, each a step of its own. Visits per second
    /// are pages per second ÷ this. A page that fails does not end its visit.
    pub pages_per_visit: u16,
    /// Source addresses that visitors come from, at least 1.
    pub addresses: u32,
}

impl Visits {
    /// Visits of one page, from one address.
    pub const fn of_one_page(process: ArrivalProcess, seed: u64) -> Self {
        Self {
            process,
            seed,
            pages_per_visit: 1,
            addresses: 1,
        }
    }
}

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
    let mut stage = Stage::new(visits);
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

/// A request in flight.
#[derive(Debug, Clone, Copy)]
struct Under {
    due: Offset,
    visitor: u64,
    step: u16,
    /// Whether its visit has met a failure.
    hit: bool,
}

/// The arrivals, the requests in flight and the counters.
struct Stage {
    visits: Visits,
    schedule: Schedule,
    held_back: Option<Arrival>,
    /// Requests by number, the first of which is `oldest`; nothing where one has ended.
    under_way: VecDeque<Option<Under>>,
    oldest: u64,
    ended: Vec<Reply>,
    shard: Shard,
}

impl Stage {
    fn new(visits: Visits) -> Self {
        Self {
            visits,
            schedule: Schedule::new(visits.process, visits.seed),
            held_back: None,
            under_way: VecDeque::new(),
            oldest: 0,
            ended: Vec::new(),
            shard: Shard::new(),
        }
    }

    fn play(&mut self, site: &mut dyn ModelSite, second: u32, offer: &Offer) -> Second {
        let visits_per_page = 1.0 / f64::from(self.visits.pages_per_visit.max(1));
        self.schedule.extend(Piece {
            length: Duration::from_secs(1),
            from: offer.from.times(visits_per_page),
            to: offer.to.times(visits_per_page),
        });
        let end = window_end(second);
        while let Some(arrival) = self.held_back.take().or_else(|| self.schedule.next_arrival()) {
            if arrival.due >= end {
                self.held_back = Some(arrival);
                break;
            }
            self.play_until(site, arrival.due);
            let first = Under {
                due: arrival.due,
                visitor: arrival.seq,
                step: 0,
                hit: false,
            };
            self.send(site, first);
        }
        self.play_until(site, end);
        let length = if second == 0 { end } else { Offset::from_secs(1) };
        Second {
            offered: (offer.from.get() + offer.to.get()) / 2.0,
            trial: Some(offer.trial),
            judged: offer.judged,
            ..Second::of(second, &self.shard.take(end), length.as_nanos())
        }
    }

    fn send(&mut self, site: &mut dyn ModelSite, request: Under) {
        self.shard.sent(request.due, request.due);
        let id = self.oldest + self.under_way.len() as u64;
        self.under_way.push_back(Some(request));
        site.arrive(Call {
            id,
            at: request.due,
            visitor: request.visitor,
            step: request.step,
            address: address_of(request.visitor, self.visits.addresses),
        });
    }

    /// Counts every request that ends by `until`. Where a visit goes on, its next request is sent the moment that the
    /// one before ends, so the site must not be played beyond that moment.
    fn play_until(&mut self, site: &mut dyn ModelSite, until: Offset) {
        while self.visits.pages_per_visit > 1 {
            let Some(next) = site.next_event().filter(|next| *next <= until) else {
                break;
            };
            self.play_to(site, next);
        }
        self.play_to(site, until);
    }

    fn play_to(&mut self, site: &mut dyn ModelSite, until: Offset) {
        let mut ended = std::mem::take(&mut self.ended);
        site.advance(until, &mut ended);
        for reply in ended.drain(..) {
            self.count(site, &reply);
        }
        self.ended = ended;
    }

    fn count(&mut self, site: &mut dyn ModelSite, reply: &Reply) {
        let place = reply
            .id
            .checked_sub(self.oldest)
            .and_then(|place| usize::try_from(place).ok());
        let Some(request) = place
            .and_then(|place| self.under_way.get_mut(place))
            .and_then(Option::take)
        else {
            return;
        };
        while let Some(None) = self.under_way.front() {
            self.under_way.pop_front();
            self.oldest += 1;
        }
        self.shard.ended(&Outcome {
            seq: request.visitor,
            step: request.step,
            due: request.due,
            sent: request.due,
            first_byte: (!reply.class.is_transport()).then_some(reply.done),
            done: reply.done,
            class: reply.class,
            bytes: 0,
            fresh_connection: request.step == 0,
        });
        let hit = request.hit || !reply.class.is_success();
        let step = request.step.saturating_add(1);
        if step < self.visits.pages_per_visit {
            let due = reply.done;
            self.send(
                site,
                Under {
                    due,
                    step,
                    hit,
                    ..request
                },
            );
        } else {
            self.shard.visit_ended(hit);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::Foreseen;
    use super::*;
    use crate::record::Class;
    use crate::search::Phase;
    use crate::units::Rate;

    fn offer(rate: f64) -> Offer {
        Offer {
            from: Rate::per_second(rate),
            to: Rate::per_second(rate),
            trial: 0,
            phase: Phase::Hold,
            judged: true,
        }
    }

    #[test]
    fn the_pages_of_a_visit_follow_each_other_and_the_load_counts_pages() {
        let mut seen = Vec::new();
        let mut site = Foreseen::new(|call: &Call| {
            seen.push(*call);
            let class = Class::Status(if call.step == 1 { 502 } else { 200 });
            call.ends(Duration::from_millis(10 * (u64::from(call.step) + 1)), class)
        });
        let mut stage = Stage::new(Visits {
            process: ArrivalProcess::Even,
            seed: 1,
            pages_per_visit: 3,
            addresses: 4,
        });
        let seconds: Vec<Second> = (0..4)
            .map(|second| stage.play(&mut site, second, &offer(30.0)))
            .collect();
        let sent: i64 = seconds.iter().map(Second::sent_in_all).sum();
        assert!((115..=120).contains(&sent), "{sent} pages in 4 s");
        let visits: u64 = seconds.iter().map(|second| second.visits).sum();
        let hit: u64 = seconds.iter().map(|second| second.visits_hit).sum();
        assert!(
            (38..=40).contains(&visits) && hit == visits,
            "a failed page does not end its visit"
        );
        assert!(seen.is_sorted_by_key(|call| call.at));
        let of_one: Vec<_> = seen.iter().filter(|call| call.visitor == 7).collect();
        assert_eq!(of_one.iter().map(|call| call.step).collect::<Vec<_>>(), [0, 1, 2]);
        assert_eq!(of_one[1].at, of_one[0].at + Duration::from_millis(10));
        assert_eq!(of_one[2].at, of_one[1].at + Duration::from_millis(20));
        assert!(of_one.iter().all(|call| call.address == of_one[0].address));
    }
}
