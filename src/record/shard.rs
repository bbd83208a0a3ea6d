//! One worker's own counters: written on the hot path without a lock, taken once per interval.
//! Its size depends on the classes and seconds that are open, never on the number of requests.

use std::collections::BTreeMap;

use super::class::Class;
use super::histogram::OpenHistogram;
use super::outcome::{Outcome, Unsent};
use super::phases::{OpenPhases, Phases};
use super::snapshot::{Cell, IntervalSnapshot, ScannerCounts};
use crate::units::Offset;

/// Cells whose memory is kept for the next interval.
const SPARE_CELLS: usize = 8;

/// The counters of one worker since it last reported.
#[derive(Debug, Default)]
pub struct Shard {
    /// What is counted seldom.
    open: IntervalSnapshot,
    /// What is counted for each request. The one that was counted last comes first: the next one is mostly like it.
    cells: Vec<OpenCell>,
    spare: Vec<OpenCell>,
    /// Requests sent, by the second in which they were due; that of the last one comes last.
    sent: Vec<(u32, i64)>,
    lateness: OpenHistogram,
    phases: OpenPhases,
    in_flight: u64,
    given_up: u64,
    area_until: Offset,
    assets_in_flight: u64,
    tells_steps: bool,
}

/// An asset that was asked for and is there, or not.
#[derive(Debug, Clone, Copy)]
pub struct AssetEnd {
    /// When it was asked for.
    pub sent: Offset,
    /// When it ended.
    pub done: Offset,
    /// How it ended.
    pub class: Class,
    /// Bytes received for it.
    pub bytes: u64,
    /// Whether it opened a connection.
    pub fresh_connection: bool,
}

/// A [`Cell`] that is written to.
#[derive(Debug)]
struct OpenCell {
    due: u32,
    class: Class,
    count: u64,
    bytes: u64,
    fresh_connections: u64,
    from_due: OpenHistogram,
    from_sent: OpenHistogram,
}

impl Shard {
    /// Counters at zero.
    pub fn new() -> Self {
        Self::default()
    }

    /// Counts the requests of each step apart, too.
    #[must_use]
    pub fn telling_steps(mut self) -> Self {
        self.tells_steps = true;
        self
    }

    /// Requests in flight now.
    pub const fn in_flight(&self) -> u64 {
        self.in_flight
    }

    /// Requests in flight now, those for assets included: what needs a file descriptor.
    pub const fn open_requests(&self) -> u64 {
        self.in_flight + self.assets_in_flight
    }

    /// Arrivals given up so far.
    pub const fn given_up(&self) -> u64 {
        self.given_up
    }

    /// Counts a request that is sent `now`, due at `due`.
    pub fn sent(&mut self, due: Offset, now: Offset) {
        self.advance(now);
        self.in_flight += 1;
        *self.sent_in(due.second()) += 1;
        self.lateness.record(micros_between(due, now));
    }

    /// Counts the end of a request that was counted as sent before.
    pub fn ended(&mut self, outcome: &Outcome) {
        let cell = self.cell_of(outcome);
        cell.from_due.record(micros_between(outcome.due, outcome.done));
        cell.from_sent.record(micros_between(outcome.sent, outcome.done));
        if self.tells_steps {
            let step = self.open.steps.entry((outcome.step, outcome.class)).or_default();
            step.count += 1;
            step.from_due.record(micros_between(outcome.due, outcome.done));
        }
    }

    /// Counts the end of a link scanner's request that was counted as sent before: among all, but for its latency, which
    /// no visitor feels.
    pub fn scan_ended(&mut self, outcome: &Outcome) {
        self.cell_of(outcome);
        let key = (outcome.due.second(), outcome.class);
        *self.open.scanners.ended.entry(key).or_default() += 1;
    }

    /// What link scanners did since the counters were taken last.
    pub const fn scanners(&mut self) -> &mut ScannerCounts {
        &mut self.open.scanners
    }

    fn cell_of(&mut self, outcome: &Outcome) -> &mut OpenCell {
        self.advance(outcome.done);
        self.in_flight = self.in_flight.saturating_sub(1);
        let cell = self.cell(outcome.due.second(), outcome.class);
        cell.count += 1;
        cell.bytes += outcome.bytes;
        cell.fresh_connections += u64::from(outcome.fresh_connection);
        cell
    }

    /// Counts a redirect that is followed.
    pub fn redirected(&mut self) {
        self.open.redirects += 1;
    }

    /// An asset is asked for.
    pub fn asset_begun(&mut self) {
        self.assets_in_flight += 1;
    }

    /// Counts the end of an asset that was asked for; nothing where it could not be, for a reason of ours.
    pub fn asset_ended(&mut self, end: Option<AssetEnd>) {
        self.assets_in_flight = self.assets_in_flight.saturating_sub(1);
        let Some(end) = end else { return };
        let assets = &mut self.open.assets;
        *assets.by_class.entry(end.class).or_default() += 1;
        assets.bytes += end.bytes;
        assets.fresh += u64::from(end.fresh_connection);
        if end.class.is_success() {
            assets.from_sent.record(micros_between(end.sent, end.done));
        }
    }

    /// Counts a page whose assets are all there or have failed: when it was due, and when the last one came unless it
    /// failed; how many a visitor had already, and how many were left out.
    pub fn page_ended(&mut self, due: Offset, whole: Option<Offset>, cached: u64, left_out: u64) {
        let assets = &mut self.open.assets;
        assets.pages += 1;
        assets.cached += cached;
        assets.left_out += left_out;
        match whole {
            Some(whole) => assets.whole_page.record(micros_between(due, whole)),
            None => assets.pages_failed += 1,
        }
    }

    /// Counts how long the parts of a success took.
    pub fn timed(&mut self, phases: &Phases) {
        self.phases.record(phases);
    }

    /// Counts requests that were sent a second time.
    pub fn retried(&mut self, times: u8) {
        self.open.retried += u64::from(times);
    }

    /// Takes back a request that was counted as sent before and could not be made, for a reason of ours.
    pub fn withdrawn(&mut self, due: Offset, now: Offset, reason: Unsent) {
        self.advance(now);
        self.in_flight = self.in_flight.saturating_sub(1);
        // Where it was reported as sent already, this takes it back: the sum over the run is what was really sent.
        *self.sent_in(due.second()) -= 1;
        self.unsent(due, reason);
    }

    /// Counts an arrival that was never sent.
    pub fn unsent(&mut self, due: Offset, reason: Unsent) {
        self.given_up += 1;
        *self.open.unsent.entry((due.second(), reason)).or_default() += 1;
    }

    /// Counts the end of a visit, whether it met a failure, and whether it ended without what it came for.
    pub fn visit_ended(&mut self, hit: bool, lost: bool) {
        self.open.visits += 1;
        self.open.visits_hit += u64::from(hit);
        self.open.visits_lost += u64::from(lost);
    }

    /// Counts a request that a visitor sends again by hand.
    pub fn reloaded(&mut self) {
        self.open.reloads += 1;
    }

    /// Hands out what was counted since the last call, as of `now`.
    pub fn take(&mut self, now: Offset) -> IntervalSnapshot {
        self.advance(now);
        let mut snapshot = std::mem::take(&mut self.open);
        snapshot.in_flight = self.in_flight;
        snapshot.lateness = self.lateness.take();
        snapshot.phases = self.phases.take();
        snapshot.sent = self.sent.drain(..).collect();
        let mut cells = BTreeMap::new();
        for mut cell in self.cells.drain(..) {
            cells.insert((cell.due, cell.class), cell.take());
            if self.spare.len() < SPARE_CELLS {
                self.spare.push(cell);
            }
        }
        snapshot.cells = cells;
        snapshot
    }

    fn sent_in(&mut self, due: u32) -> &mut i64 {
        let known = self.sent.iter().rposition(|(second, _)| *second == due);
        let at = known.unwrap_or_else(|| {
            self.sent.push((due, 0));
            self.sent.len() - 1
        });
        &mut self.sent[at].1
    }

    fn cell(&mut self, due: u32, class: Class) -> &mut OpenCell {
        let is_it = |cell: &OpenCell| cell.due == due && cell.class == class;
        match self.cells.iter().position(is_it) {
            Some(at) => self.cells.swap(0, at),
            None => {
                let cell = self.spare.pop().map_or_else(
                    || OpenCell::new(due, class),
                    |spare| OpenCell { due, class, ..spare },
                );
                self.cells.push(cell);
                let last = self.cells.len() - 1;
                self.cells.swap(0, last);
            }
        }
        &mut self.cells[0]
    }

    fn advance(&mut self, now: Offset) {
        let nanos = now.as_nanos().saturating_sub(self.area_until.as_nanos());
        self.open.in_flight_area += u128::from(self.in_flight) * u128::from(nanos);
        self.area_until = self.area_until.max(now);
    }
}

impl OpenCell {
    fn new(due: u32, class: Class) -> Self {
        Self {
            due,
            class,
            count: 0,
            bytes: 0,
            fresh_connections: 0,
            from_due: OpenHistogram::default(),
            from_sent: OpenHistogram::default(),
        }
    }

    fn take(&mut self) -> Cell {
        Cell {
            count: std::mem::take(&mut self.count),
            bytes: std::mem::take(&mut self.bytes),
            fresh_connections: std::mem::take(&mut self.fresh_connections),
            from_due: self.from_due.take(),
            from_sent: self.from_sent.take(),
        }
    }
}

const fn micros_between(from: Offset, to: Offset) -> u64 {
    to.as_nanos().saturating_sub(from.as_nanos()) / 1_000
}

#[cfg(test)]
mod tests {
    use super::super::class::Class;
    use super::*;
    use proptest::prelude::*;

    fn outcome(due_millis: u64, millis: u64, class: Class) -> Outcome {
        let due = Offset::from_millis(due_millis);
        let done = Offset::from_millis(due_millis + millis);
        Outcome {
            seq: 0,
            step: 0,
            due,
            sent: due,
            first_byte: None,
            done,
            class,
            bytes: 10,
            fresh_connection: true,
        }
    }

    #[test]
    fn in_flight_is_the_integral_over_the_interval() {
        let mut shard = Shard::new();
        shard.sent(Offset::ZERO, Offset::ZERO);
        shard.ended(&outcome(0, 500, Class::Status(200)));
        shard.sent(Offset::from_millis(750), Offset::from_millis(750));
        let snapshot = shard.take(Offset::from_secs(1));
        assert_eq!(snapshot.in_flight, 1);
        assert_eq!(snapshot.in_flight_area, 750_000_000);
        assert_eq!(shard.take(Offset::from_secs(2)).in_flight_area, 1_000_000_000);
    }

    #[test]
    fn the_parts_of_requests_and_second_attempts_come_with_the_second_in_which_they_ended() {
        let phases = Phases {
            first_byte: Some(std::time::Duration::from_millis(5).into()),
            ..Phases::default()
        };
        let [mut one, mut other] = [Shard::new(), Shard::new()];
        for shard in [&mut one, &mut other] {
            shard.timed(&phases);
            shard.retried(1);
            shard.retried(0);
        }
        let mut snapshot = one.take(Offset::from_secs(1));
        snapshot.merge(&other.take(Offset::from_secs(1)));
        let second = super::super::Second::of(0, &snapshot, 1_000_000_000);
        assert_eq!((second.phases.first_byte.len(), second.retried), (2, 2));
        assert!(one.take(Offset::from_secs(2)).phases.is_empty());
    }

    proptest! {
        #[test]
        fn merging_snapshots_in_any_grouping_gives_the_same(
            requests in prop::collection::vec((0_u64..5_000, 0_u64..3_000, prop::sample::select(vec![Class::Status(200), Class::Status(502), Class::Reset]), 0_usize..3), 0..60)
        ) {
            let mut shards = [Shard::new(), Shard::new(), Shard::new()];
            let mut all = Shard::new();
            for (due, millis, class, worker) in &requests {
                let outcome = outcome(*due, *millis, *class);
                for shard in [&mut shards[*worker], &mut all] {
                    shard.sent(outcome.due, outcome.sent);
                    shard.ended(&outcome);
                }
            }
            let end = Offset::from_secs(10);
            let [a, b, c] = shards.map(|mut shard| shard.take(end));
            let mut left = a.clone();
            left.merge(&b);
            left.merge(&c);
            let mut tail = c;
            tail.merge(&b);
            tail.merge(&a);
            prop_assert_eq!(&left, &tail);
            prop_assert_eq!(left.cells, all.take(end).cells);
        }
    }
}
