//! The demo site as a model of queues: a limiter, a bounded queue, workers with a fixed service time, and a gateway
//! that gives up (M/D/c with a bounded queue, where arrivals are Poisson).

use std::collections::VecDeque;
use std::time::Duration;

use super::demo::SiteSpec;
use super::site::{Awaited, Call, ModelSite, Reply};
use crate::record::Class;
use crate::units::Offset;

/// Answered by the gateway where the queue is full.
const QUEUE_FULL: Class = Class::Status(502);
/// Answered by the gateway where the site is too slow.
const TOO_SLOW: Class = Class::Status(504);
/// Answered by a limiter, and by a gateway whose queue has a deadline.
const UNAVAILABLE: Class = Class::Status(503);
/// How long a refusal takes.
const REFUSAL: Duration = Duration::from_millis(1);

/// A site under way. All is decided the moment a request arrives: service takes equally long and the queue is first
/// in, first out, so the workers become free in the order in which they began.
#[derive(Debug, Clone)]
pub struct QueueSite {
    spec: SiteSpec,
    /// When each worker is free, in rising order.
    free: VecDeque<Offset>,
    /// When the requests that wait begin to be served, in rising order.
    waiting: VecDeque<Offset>,
    /// How full the limiter's bucket is, in requests, as of `limited_at`.
    excess: f64,
    limited_at: Offset,
    awaited: Awaited,
}

impl QueueSite {
    /// An idle site.
    pub fn new(spec: SiteSpec) -> Self {
        Self {
            spec,
            free: vec![Offset::ZERO; spec.workers.max(1) as usize].into(),
            waiting: VecDeque::new(),
            excess: 0.0,
            limited_at: Offset::ZERO,
            awaited: Awaited::default(),
        }
    }

    /// nginx `limit_req` with `burst` and `nodelay`: a bucket that leaks at the rate and refuses what would make it
    /// hold more than the burst beyond one request.
    fn is_let_through(&mut self, at: Offset) -> bool {
        let Some((rate, burst)) = self.spec.limit else {
            return true;
        };
        let leaked = at.since(self.limited_at).as_secs_f64() * rate.get();
        let excess = (self.excess - leaked).max(0.0) + 1.0;
        if excess > f64::from(burst) + 1.0 {
            return false;
        }
        self.excess = excess;
        self.limited_at = at;
        true
    }

    /// How a call ends.
    pub(super) fn decide(&mut self, call: &Call) -> Reply {
        let at = call.at;
        if !self.is_let_through(at) {
            return call.ends(REFUSAL, UNAVAILABLE);
        }
        while self.waiting.front().is_some_and(|start| *start <= at) {
            self.waiting.pop_front();
        }
        let start = self.free.front().copied().unwrap_or(at).max(at);
        if start > at {
            if self.waiting.len() >= self.spec.queue as usize {
                return call.ends(REFUSAL, QUEUE_FULL);
            }
            if let Some(deadline) = self
                .spec
                .queue_deadline
                .filter(|deadline| start.since(at) > *deadline)
            {
                return call.ends(deadline, UNAVAILABLE);
            }
            self.waiting.push_back(start);
        }
        let done = start + self.spec.service;
        self.free.pop_front();
        self.free.push_back(done);
        if done.since(at) > self.spec.timeout {
            return call.ends(self.spec.timeout, TOO_SLOW);
        }
        call.ends(done.since(at), Class::Status(200))
    }
}

impl ModelSite for QueueSite {
    fn arrive(&mut self, call: Call) {
        let reply = self.decide(&call);
        self.awaited.push(reply);
    }

    fn next_event(&self) -> Option<Offset> {
        self.awaited.next()
    }

    fn advance(&mut self, until: Offset, ended: &mut Vec<Reply>) {
        self.awaited.end(until, ended);
    }
}

#[cfg(test)]
mod tests {
    use super::super::SiteKind;
    use super::*;
    use crate::units::Rate;

    fn share_of_failures(spec: SiteSpec, rate: f64, seconds: u64) -> f64 {
        let mut site = QueueSite::new(spec);
        let count = (rate * seconds as f64) as u64;
        let failed = (0..count)
            .filter(|i| {
                let call = Call {
                    id: *i,
                    at: Offset::from_secs_f64(*i as f64 / rate),
                    visitor: *i,
                    step: 0,
                    address: 0,
                };
                !site.decide(&call).class.is_success()
            })
            .count();
        failed as f64 / count as f64
    }

    #[test]
    fn far_above_the_capacity_the_failed_share_is_what_cannot_be_served() {
        for kind in [SiteKind::Queue, SiteKind::Limit] {
            let spec = SiteSpec::demo(kind, Rate::per_second(200.0));
            let share = share_of_failures(spec, 300.0, 100);
            assert!((share - 1.0 / 3.0).abs() < 0.01, "{kind:?}: {share}");
            assert_eq!(share_of_failures(spec, 195.0, 100), 0.0, "{kind:?}");
        }
    }

    #[test]
    fn a_gateway_that_gives_up_leaves_its_workers_with_work_for_nobody() {
        let spec = SiteSpec::demo(SiteKind::Timeout, Rate::per_second(200.0));
        assert!(share_of_failures(spec, 220.0, 100) > 0.95);
        assert_eq!(share_of_failures(spec, 195.0, 100), 0.0);
    }

    #[test]
    fn every_demo_site_has_the_capacity_that_was_asked_for() {
        for kind in [SiteKind::Queue, SiteKind::Timeout, SiteKind::Limit] {
            for capacity in [5.0, 50.0, 200.0, 1_333.0] {
                let spec = SiteSpec::demo(kind, Rate::per_second(capacity));
                assert!(
                    (spec.capacity().get() / capacity - 1.0).abs() < 1e-6,
                    "{kind:?} {capacity}"
                );
            }
        }
    }
}
