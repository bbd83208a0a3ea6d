//! Requests counted by the second in which they were due, whenever they ended.

use std::collections::BTreeMap;

use crate::record::{Class, RunRecord, Second, SparseHistogram, Unsent};
use crate::scenario::FailureSet;

/// Two latencies of the same requests, in microseconds.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Latencies {
    /// From the moment they were due: what a visitor feels.
    pub from_due: SparseHistogram,
    /// From the moment they were sent: what the site did.
    pub from_sent: SparseHistogram,
}

impl Latencies {
    fn merge(&mut self, other: &Latencies) {
        self.from_due.merge(&other.from_due);
        self.from_sent.merge(&other.from_sent);
    }
}

/// What became of requests that were due in the same stretch of time. Successes and failures keep latencies of
/// their own: a fast 502 makes a common mean look better than the site is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tally {
    /// Requests sent.
    pub sent: u64,
    /// Arrivals given up, by reason.
    pub unsent: BTreeMap<Unsent, u64>,
    /// Requests that ended, by class.
    pub by_class: BTreeMap<Class, u64>,
    /// How many of those that ended count as failures of the site.
    pub failed: u64,
    /// Latencies of the successes.
    pub successes: Latencies,
    /// Latencies of the failures.
    pub failures: Latencies,
}

impl Tally {
    /// Adds everything that `other` holds.
    pub fn merge(&mut self, other: &Tally) {
        self.sent += other.sent;
        self.failed += other.failed;
        for (reason, count) in &other.unsent {
            *self.unsent.entry(*reason).or_default() += count;
        }
        for (class, count) in &other.by_class {
            *self.by_class.entry(*class).or_default() += count;
        }
        self.successes.merge(&other.successes);
        self.failures.merge(&other.failures);
    }

    /// Requests that ended, well or badly.
    pub fn completed(&self) -> u64 {
        self.by_class.values().sum()
    }

    /// Arrivals given up, for whatever reason.
    pub fn unsent_total(&self) -> u64 {
        self.unsent.values().sum()
    }

    /// Arrivals that this machine gave up; those that a stop left over are nobody's fault.
    pub fn unsent_by_us(&self) -> u64 {
        let ours = self
            .unsent
            .iter()
            .filter(|(reason, _)| **reason != Unsent::Stopped);
        ours.map(|(_, count)| count).sum()
    }

    /// Requests whose end the record does not hold.
    pub fn in_flight(&self) -> u64 {
        self.sent.saturating_sub(self.completed())
    }

    /// How many ended with `class`.
    pub fn of_class(&self, class: Class) -> u64 {
        self.by_class.get(&class).copied().unwrap_or(0)
    }
}

/// The requests of `record` by the second in which they were due; `family` says what is a failure.
pub fn by_due(record: &RunRecord, family: &FailureSet) -> BTreeMap<u32, Tally> {
    let mut seconds: BTreeMap<u32, Tally> = BTreeMap::new();
    for second in &record.seconds {
        add_second(&mut seconds, second, family);
    }
    seconds
}

/// Adds what happened in `second` to the seconds in which it was due.
pub(super) fn add_second(seconds: &mut BTreeMap<u32, Tally>, second: &Second, family: &FailureSet) {
    seconds.entry(second.second).or_default();
    for (due, count) in &second.sent {
        let tally = seconds.entry(*due).or_default();
        tally.sent = tally.sent.saturating_add_signed(*count);
    }
    for line in &second.unsent {
        let tally = seconds.entry(line.due).or_default();
        *tally.unsent.entry(line.reason).or_default() += line.count;
    }
    for cell in &second.cells {
        let tally = seconds.entry(cell.due).or_default();
        *tally.by_class.entry(cell.class).or_default() += cell.count;
        let latencies = if family.contains(cell.class) {
            tally.failed += cell.count;
            &mut tally.failures
        } else if cell.class.is_success() {
            &mut tally.successes
        } else {
            continue;
        };
        latencies.from_due.merge(&cell.from_due);
        latencies.from_sent.merge(&cell.from_sent);
    }
}
