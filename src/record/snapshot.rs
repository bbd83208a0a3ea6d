//! What one worker, or all of them, saw in one interval. Merging is associative and commutative, so that the order
//! in which workers report cannot change a record.

use std::collections::BTreeMap;

use super::assets::AssetCounts;
use super::class::Class;
use super::histogram::SparseHistogram;
use super::outcome::Unsent;
use super::phases::PhaseHistograms;
use super::steps::StepCell;

/// Requests of one class that were due in the same second and ended in the same interval.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Cell {
    /// How many requests.
    pub count: u64,
    /// Bytes received for them.
    pub bytes: u64,
    /// How many opened a connection of their own.
    pub fresh_connections: u64,
    /// Latency from the moment they were due: what a visitor feels. Link scanners are no visitors and have none here.
    pub from_due: SparseHistogram,
    /// Latency from the moment they were sent: what the site did; of visitors alone too.
    pub from_sent: SparseHistogram,
}

impl Cell {
    /// Adds everything that `other` holds.
    pub fn merge(&mut self, other: &Cell) {
        self.count += other.count;
        self.bytes += other.bytes;
        self.fresh_connections += other.fresh_connections;
        self.from_due.merge(&other.from_due);
        self.from_sent.merge(&other.from_sent);
    }
}

/// What of all requests was made by link scanners: they are counted with the others, and once more here.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ScannerCounts {
    /// Requests sent, by the second in which they were due; below zero where more were withdrawn than sent.
    pub sent: BTreeMap<u32, i64>,
    /// Requests that ended, by the second in which they were due and by class.
    pub ended: BTreeMap<(u32, Class), u64>,
    /// Requests given up.
    pub unsent: u64,
}

impl ScannerCounts {
    /// Adds everything that `other` holds.
    pub fn merge(&mut self, other: &ScannerCounts) {
        for (second, count) in &other.sent {
            *self.sent.entry(*second).or_default() += count;
        }
        for (key, count) in &other.ended {
            *self.ended.entry(*key).or_default() += count;
        }
        self.unsent += other.unsent;
    }

    /// Whether there were none.
    pub fn is_empty(&self) -> bool {
        self.sent.is_empty() && self.ended.is_empty() && self.unsent == 0
    }
}

/// What happened in one interval, seen by one worker or by all.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct IntervalSnapshot {
    /// Requests that ended in the interval, by the second in which they were due and by class.
    pub cells: BTreeMap<(u32, Class), Cell>,
    /// Requests sent in the interval, by the second in which they were due; below zero where more were withdrawn in it
    /// than sent.
    pub sent: BTreeMap<u32, i64>,
    /// Arrivals given up in the interval, by the second in which they were due and by reason.
    pub unsent: BTreeMap<(u32, Unsent), u64>,
    /// How late requests were sent: sent − due, in microseconds.
    pub lateness: SparseHistogram,
    /// Requests in flight at the end of the interval.
    pub in_flight: u64,
    /// Requests in flight, integrated over the interval, in request-nanoseconds.
    pub in_flight_area: u128,
    /// Visits that ended in the interval.
    pub visits: u64,
    /// Visits that ended in the interval and met a failure of any class but a success.
    pub visits_hit: u64,
    /// Visits that ended in the interval without what they came for: a step failed, its reloads too.
    pub visits_lost: u64,
    /// Requests of the interval that visitors sent again by hand, because the first one had failed.
    pub reloads: u64,
    /// What link scanners did in the interval.
    pub scanners: ScannerCounts,
    /// Of the successes that ended in the interval: how long each of their parts took.
    pub phases: PhaseHistograms,
    /// Requests that were sent a second time in the interval, because the site had not taken them the first time.
    pub retried: u64,
    /// Redirects that were followed: each is one more request of its step.
    pub redirects: u64,
    /// The requests of `cells` by step and class; empty where there is one step only.
    pub steps: BTreeMap<(u16, Class), StepCell>,
    /// What was fetched besides the pages.
    pub assets: AssetCounts,
}

impl IntervalSnapshot {
    /// Adds everything that `other`, of the same interval, holds.
    pub fn merge(&mut self, other: &IntervalSnapshot) {
        for (key, cell) in &other.cells {
            self.cells.entry(*key).or_default().merge(cell);
        }
        for (second, count) in &other.sent {
            *self.sent.entry(*second).or_default() += count;
        }
        for (key, count) in &other.unsent {
            *self.unsent.entry(*key).or_default() += count;
        }
        self.lateness.merge(&other.lateness);
        self.in_flight += other.in_flight;
        self.in_flight_area += other.in_flight_area;
        self.visits += other.visits;
        self.visits_hit += other.visits_hit;
        self.visits_lost += other.visits_lost;
        self.reloads += other.reloads;
        self.scanners.merge(&other.scanners);
        self.phases.merge(&other.phases);
        self.retried += other.retried;
        self.redirects += other.redirects;
        for (key, cell) in &other.steps {
            self.steps.entry(*key).or_default().merge(cell);
        }
        self.assets.merge(&other.assets);
    }
}
