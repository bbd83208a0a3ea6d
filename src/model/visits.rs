//! Visitors of a model site: arrivals by a schedule, each walking through its pages.

use std::collections::VecDeque;

use super::site::{Call, ModelSite, Reply, address_of};
use crate::load::{Arrival, ArrivalProcess, Piece, Schedule};
use crate::record::Class;
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

/// A request in flight.
#[derive(Debug, Clone, Copy)]
pub(super) struct Request {
    /// When it was due, and sent.
    pub(super) due: Offset,
    pub(super) visitor: u64,
    pub(super) step: u16,
    /// Whether its visit has met a failure before it.
    pub(super) hit: bool,
}

/// Who counts what happens, in order of time.
pub(super) trait Witness {
    /// A request is sent the moment it is due.
    fn sent(&mut self, due: Offset);
    /// It ended; `is_last` where its visit ended with it.
    fn ended(&mut self, request: &Request, done: Offset, class: Class, is_last: bool);
}

/// The visitors on their way.
#[derive(Debug)]
pub(super) struct Crowd {
    visits: Visits,
    schedule: Schedule,
    held_back: Option<Arrival>,
    /// Requests by number, the first of which is `oldest`; nothing where one has ended.
    under_way: VecDeque<Option<Request>>,
    oldest: u64,
    ended: Vec<Reply>,
}

impl Crowd {
    pub(super) fn new(visits: Visits) -> Self {
        Self {
            visits,
            schedule: Schedule::new(visits.process, visits.seed),
            held_back: None,
            under_way: VecDeque::new(),
            oldest: 0,
            ended: Vec::new(),
        }
    }

    /// More load after what is known, in pages per second.
    pub(super) fn extend(&mut self, pages: Piece) {
        let visits_per_page = 1.0 / f64::from(self.visits.pages_per_visit.max(1));
        self.schedule.extend(Piece {
            from: pages.from.times(visits_per_page),
            to: pages.to.times(visits_per_page),
            ..pages
        });
    }

    /// Plays what is due before `end`, and what ends by then.
    pub(super) fn play<S: ModelSite + ?Sized>(
        &mut self,
        site: &mut S,
        end: Offset,
        witness: &mut impl Witness,
    ) {
        while let Some(arrival) = self.held_back.take().or_else(|| self.schedule.next_arrival()) {
            if arrival.due >= end {
                self.held_back = Some(arrival);
                break;
            }
            self.end_until(site, arrival.due, witness);
            let first = Request {
                due: arrival.due,
                visitor: arrival.seq,
                step: 0,
                hit: false,
            };
            self.send(site, first, witness);
        }
        self.end_until(site, end, witness);
    }

    fn send<S: ModelSite + ?Sized>(&mut self, site: &mut S, request: Request, witness: &mut impl Witness) {
        witness.sent(request.due);
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

    /// Where a visit goes on, its next request is sent the moment that the one before ends, so the site must not be
    /// played beyond that moment.
    fn end_until<S: ModelSite + ?Sized>(&mut self, site: &mut S, until: Offset, witness: &mut impl Witness) {
        while self.visits.pages_per_visit > 1 {
            let Some(next) = site.next_event().filter(|next| *next <= until) else {
                break;
            };
            self.advance(site, next, witness);
        }
        self.advance(site, until, witness);
    }

    fn advance<S: ModelSite + ?Sized>(&mut self, site: &mut S, until: Offset, witness: &mut impl Witness) {
        let mut ended = std::mem::take(&mut self.ended);
        site.advance(until, &mut ended);
        for reply in ended.drain(..) {
            self.end(site, &reply, witness);
        }
        self.ended = ended;
    }

    fn end<S: ModelSite + ?Sized>(&mut self, site: &mut S, reply: &Reply, witness: &mut impl Witness) {
        let place = reply.id.checked_sub(self.oldest);
        let Some(request) = place
            .and_then(|place| self.under_way.get_mut(usize::try_from(place).ok()?))
            .and_then(Option::take)
        else {
            return;
        };
        while let Some(None) = self.under_way.front() {
            self.under_way.pop_front();
            self.oldest += 1;
        }
        let next = Request {
            due: reply.done,
            step: request.step.saturating_add(1),
            hit: request.hit || !reply.class.is_success(),
            ..request
        };
        let is_last = next.step >= self.visits.pages_per_visit;
        witness.ended(&request, reply.done, reply.class, is_last);
        if !is_last {
            self.send(site, next, witness);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::super::Foreseen;
    use super::*;
    use crate::units::Rate;

    /// Counts requests, ends of visits, and visits that met a failure.
    #[derive(Default)]
    struct Count(u64, u64, u64);

    impl Witness for Count {
        fn sent(&mut self, _: Offset) {
            self.0 += 1;
        }

        fn ended(&mut self, request: &Request, _: Offset, class: Class, is_last: bool) {
            self.1 += u64::from(is_last);
            self.2 += u64::from(is_last && (request.hit || !class.is_success()));
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
        let mut crowd = Crowd::new(Visits {
            process: ArrivalProcess::Even,
            seed: 1,
            pages_per_visit: 3,
            addresses: 4,
        });
        crowd.extend(Piece::hold(Rate::per_second(30.0), Duration::from_secs(4)));
        let mut count = Count::default();
        crowd.play(&mut site, Offset::from_secs(4), &mut count);
        assert!((118..=120).contains(&count.0), "{} pages in 4 s", count.0);
        assert!(count.1 >= 38, "{} visits", count.1);
        assert_eq!(count.1, count.2, "a failed page does not end its visit");
        assert!(seen.is_sorted_by_key(|call| call.at));
        let of_one: Vec<_> = seen.iter().filter(|call| call.visitor == 7).collect();
        assert_eq!(of_one.iter().map(|call| call.step).collect::<Vec<_>>(), [0, 1, 2]);
        assert_eq!(of_one[1].at, of_one[0].at + Duration::from_millis(10));
        assert_eq!(of_one[2].at, of_one[1].at + Duration::from_millis(20));
        assert!(of_one.iter().all(|call| call.address == of_one[0].address));
    }
}
