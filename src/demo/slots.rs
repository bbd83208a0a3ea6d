//! The backend's workers as virtual servers with ideal finish times. Knows no clock and no socket.
//!
//! A worker is free again at the moment its work was due to end, not when a timer woke up for it: a late wake-up
//! makes one answer late but never lowers the capacity, which is workers ÷ service time exactly.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, VecDeque};
use std::time::Duration;

use crate::model::SiteSpec;
use crate::units::Offset;

/// The workers, and who waits for one.
#[derive(Debug)]
pub(super) struct Slots {
    /// When each worker is free, earliest first.
    free: BinaryHeap<Reverse<Offset>>,
    /// When each waiting request starts, in the order of arrival: the earliest free worker never gets earlier.
    starts: VecDeque<Offset>,
    queue: usize,
    service: Duration,
    latest: Offset,
}

impl Slots {
    pub(super) fn new(spec: &SiteSpec) -> Self {
        Self {
            free: (0..spec.workers.max(1)).map(|_| Reverse(Offset::ZERO)).collect(),
            starts: VecDeque::new(),
            queue: spec.queue as usize,
            service: spec.service,
            latest: Offset::ZERO,
        }
    }

    /// Takes a request that arrives at `now`, and says when its work ends; `None` where the queue is full.
    /// Decided once, in the order of arrival: work that was taken is done, whether or not anybody still waits.
    pub(super) fn admit(&mut self, now: Offset) -> Option<Offset> {
        let now = now.max(self.latest);
        self.latest = now;
        while self.starts.front().is_some_and(|start| *start <= now) {
            self.starts.pop_front();
        }
        let mut earliest = self.free.peek_mut()?;
        let start = earliest.0.max(now);
        if start > now {
            if self.starts.len() >= self.queue {
                return None;
            }
            self.starts.push_back(start);
        }
        let done = start + self.service;
        *earliest = Reverse(done);
        Some(done)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::SiteKind;
    use proptest::prelude::*;

    fn site(workers: u32, queue: u32) -> SiteSpec {
        SiteSpec {
            kind: SiteKind::Queue,
            workers,
            service: Duration::from_millis(40),
            queue,
            timeout: Duration::from_secs(5),
            queue_deadline: None,
            limit: None,
        }
    }

    #[test]
    fn a_full_queue_refuses_until_a_worker_is_free() {
        let mut slots = Slots::new(&site(2, 1));
        let at = Offset::from_millis;
        assert_eq!(slots.admit(at(0)), Some(at(40)));
        assert_eq!(slots.admit(at(10)), Some(at(50)));
        assert_eq!(slots.admit(at(20)), Some(at(80)), "waits for the first worker");
        assert_eq!(slots.admit(at(30)), None);
        assert_eq!(
            slots.admit(at(40)),
            Some(at(90)),
            "the waiting one has started: its place is free"
        );
        assert_eq!(slots.admit(at(40)), None);
    }

    proptest! {
        /// The slow reference keeps every request and counts.
        #[test]
        fn never_more_are_served_or_wait_than_the_site_has_places(
            workers in 1_u32..6, queue in 0_u32..6, gaps in prop::collection::vec(0_u64..30, 1..200)
        ) {
            let mut slots = Slots::new(&site(workers, queue));
            let service = Duration::from_millis(40);
            let mut taken: Vec<Offset> = Vec::new();
            let mut now = Offset::ZERO;
            for gap in gaps {
                now += Duration::from_millis(gap);
                let present = taken.iter().filter(|done| **done > now).count();
                let room = present < (workers + queue) as usize;
                let done = slots.admit(now);
                prop_assert_eq!(done.is_some(), room);
                if let Some(done) = done {
                    prop_assert!(done >= now + service);
                    prop_assert!(taken.last().is_none_or(|last| done >= *last), "first come, first served");
                    taken.push(done);
                }
            }
            for done in &taken {
                let served = taken.iter().filter(|other| **other <= *done && **other + service > *done).count();
                prop_assert!(served <= workers as usize);
            }
        }
    }
}
