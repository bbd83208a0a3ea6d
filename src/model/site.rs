//! The demo site as a model: a gateway in front of a fixed number of workers with a bounded queue.

use std::time::Duration;

use crate::record::Class;
use crate::units::{Offset, Rate};

/// What a model site says to one request: decided the moment it arrives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reply {
    /// When the answer is there.
    pub done: Offset,
    /// How it ends.
    pub class: Class,
}

/// A site that can be played without a network. Arrivals come in order of time.
pub trait ModelSite {
    /// A request arrives at `at`.
    fn arrive(&mut self, at: Offset) -> Reply;
}

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
    /// After how long the gateway gives up.
    pub timeout: Duration,
    /// Requests per second and burst that the gateway lets through, where it limits.
    pub limit: Option<(Rate, u32)>,
}
