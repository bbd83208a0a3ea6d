//! The demo site in numbers: a gateway in front of a fixed number of workers with a bounded queue.

use std::time::Duration;

use crate::units::Rate;

/// Which way the demo site fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum SiteKind {
    /// A short queue overflows: 502 at once.
    #[default]
    Queue,
    /// A long queue, and a gateway that gives up: 504.
    Timeout,
    /// A rate limiter in front: 503 at once, at flat latency.
    Limit,
}

/// The demo site in numbers.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SiteSpec {
    /// Which way it fails.
    pub kind: SiteKind,
    /// Requests served at the same time.
    pub workers: u32,
    /// How long one takes.
    pub service: Duration,
    /// Requests that may wait.
    pub queue: u32,
    /// After how long the gateway gives up; the worker goes on with what it began.
    pub timeout: Duration,
    /// After how long in the queue a request is refused with 503, where the gateway's queue has such a deadline.
    pub queue_deadline: Option<Duration>,
    /// Requests per second and burst that the gateway lets through, where it limits.
    pub limit: Option<(Rate, u32)>,
}

impl SiteSpec {
    /// A demo site with `capacity`: 8 workers at 200 pages a second, 40 ms each; more workers for more. Its queue is
    /// short enough to overflow, and its time-out short enough to be met, within seconds of a load above the capacity.
    pub fn demo(kind: SiteKind, capacity: Rate) -> Self {
        let capacity = capacity.get().max(0.1);
        let served = match kind {
            SiteKind::Queue | SiteKind::Timeout => capacity,
            // The site behind the limiter could do twice what it lets through.
            SiteKind::Limit => 2.0 * capacity,
        };
        let workers = (served * TYPICAL_SERVICE).round().max(4.0) as u32;
        let service = Duration::from_secs_f64(f64::from(workers) / served);
        let queue = (capacity * QUEUE_SECONDS).round().max(8.0);
        let patience = (capacity * PATIENCE_SECONDS).round().max(8.0);
        Self {
            kind,
            workers,
            service,
            queue: match kind {
                SiteKind::Queue => queue as u32,
                // A little longer than the gateway's patience: once it is full, all that is served is served too
                // late, and the work for nobody is over soon after the overload.
                SiteKind::Timeout => (1.25 * patience) as u32,
                SiteKind::Limit => 100_000,
            },
            timeout: match kind {
                SiteKind::Timeout => service + Duration::from_secs_f64(patience / capacity),
                SiteKind::Queue | SiteKind::Limit => Duration::from_secs(30),
            },
            queue_deadline: None,
            limit: (kind == SiteKind::Limit).then(|| (Rate::per_second(capacity), queue as u32)),
        }
    }

    /// What it can do for ever: workers ÷ service time, or what its limiter lets through where that is less.
    pub fn capacity(&self) -> Rate {
        let served = Rate::per_second(f64::from(self.workers) / self.service.as_secs_f64());
        match self.limit {
            Some((limit, _)) if limit < served => limit,
            _ => served,
        }
    }
}

/// The service time of a demo site, in seconds, where the capacity allows it.
const TYPICAL_SERVICE: f64 = 0.040;
/// The queue of a demo site, in seconds of its capacity.
const QUEUE_SECONDS: f64 = 0.125;
/// How long the gateway of a demo site waits beyond the service time.
const PATIENCE_SECONDS: f64 = 0.2;
