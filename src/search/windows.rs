//! From the recorded seconds of a run to the windows that a search judges: the same code for a run that is under way
//! and for a record that is played again, so that both see the same numbers.

use std::collections::BTreeMap;

use super::step::Window;
use crate::record::{Second, SparseHistogram};
use crate::units::Rate;

/// Turns seconds into windows, in order. It keeps what was sent and is not answered yet, by the second in which it
/// was due.
#[derive(Debug, Clone, Default)]
pub struct Windows {
    trial: Option<u32>,
    first_second: u32,
    pending: BTreeMap<u32, u64>,
}

impl Windows {
    /// Before the first second.
    pub fn new() -> Self {
        Self::default()
    }

    /// A trial starts with `second`: requests that were due before it no longer count. A second that names a new
    /// trial does the same.
    pub fn trial_starts(&mut self, second: u32) {
        self.first_second = second;
    }

    /// What `second` shows of the running trial.
    pub fn window(&mut self, second: &Second) -> Window {
        if second.trial.is_some() && second.trial != self.trial {
            self.trial = second.trial;
            self.trial_starts(second.second);
        }
        for (due, count) in &second.sent {
            let pending = self.pending.entry(*due).or_default();
            *pending = pending.saturating_add_signed(*count);
        }
        let mut window = Window {
            second: second.second,
            offered: Rate::per_second(second.offered),
            sent: self.of_this_trial(
                second
                    .sent
                    .iter()
                    .map(|(due, count)| (*due, (*count).try_into().unwrap_or(0))),
            ),
            unsent: self.of_this_trial(second.unsent.iter().map(|line| (line.due, line.count))),
            redirects: second.redirects,
            assets: second.assets.requests(),
            in_flight: second.in_flight_mean,
            lateness_p99_us: second.lateness_p99_us,
            disturbed: second.disturbed,
            ..Window::default()
        };
        let mut successes = SparseHistogram::new();
        for cell in &second.cells {
            if let Some(pending) = self.pending.get_mut(&cell.due) {
                *pending = pending.saturating_sub(cell.count);
            }
            if cell.due < self.first_second {
                *window.earlier.entry(cell.class).or_default() += cell.count;
                continue;
            }
            *window.completed.entry(cell.class).or_default() += cell.count;
            if cell.class.is_success() {
                successes.merge(&cell.from_sent);
            }
        }
        window.median_us = successes.at_quantile(0.5);
        self.forget_withdrawn(second.in_flight);
        window.pending = (self.first_second..=second.second)
            .rev()
            .map(|due| self.pending.get(&due).copied().unwrap_or(0))
            .collect();
        window
    }

    fn of_this_trial(&self, counts: impl Iterator<Item = (u32, u64)>) -> u64 {
        counts
            .filter(|(due, _)| *due >= self.first_second)
            .map(|(_, count)| count)
            .sum()
    }

    /// A request that was counted as sent and then withdrawn for a reason of ours never ends: what is pending beyond
    /// the requests in flight was withdrawn, the oldest first.
    fn forget_withdrawn(&mut self, in_flight: u64) {
        let mut surplus = self.pending.values().sum::<u64>().saturating_sub(in_flight);
        for count in self.pending.values_mut() {
            let gone = surplus.min(*count);
            *count -= gone;
            surplus -= gone;
        }
        self.pending.retain(|_, count| *count > 0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::{Class, Outcome, Shard};
    use crate::units::Offset;

    fn second(number: u32, trial: u32, shard: &mut Shard) -> Second {
        let snapshot = shard.take(Offset::from_secs(u64::from(number) + 1));
        Second {
            trial: Some(trial),
            judged: true,
            ..Second::of(number, &snapshot, 1_000_000_000)
        }
    }

    fn send(shard: &mut Shard, millis: u64) {
        shard.sent(Offset::from_millis(millis), Offset::from_millis(millis));
    }

    fn end(shard: &mut Shard, due: u64, done: u64, class: Class) {
        shard.ended(&Outcome {
            seq: 0,
            step: 0,
            due: Offset::from_millis(due),
            sent: Offset::from_millis(due),
            first_byte: None,
            done: Offset::from_millis(done),
            class,
            bytes: 0,
            fresh_connection: false,
        });
    }

    #[test]
    fn requests_of_an_earlier_trial_count_apart() {
        let mut shard = Shard::new();
        let mut windows = Windows::new();
        send(&mut shard, 900);
        let first = windows.window(&second(0, 0, &mut shard));
        assert_eq!((first.sent, first.pending), (1, vec![1]));
        send(&mut shard, 1_100);
        end(&mut shard, 900, 1_200, Class::Status(502));
        end(&mut shard, 1_100, 1_300, Class::Status(200));
        let next = windows.window(&second(1, 1, &mut shard));
        assert_eq!(next.completed, BTreeMap::from([(Class::Status(200), 1)]));
        assert_eq!(next.earlier, BTreeMap::from([(Class::Status(502), 1)]));
        assert_eq!(next.median_us, Some(200_703));
        assert_eq!(next.pending, [0]);
    }

    #[test]
    fn what_is_pending_is_told_by_age() {
        let mut shard = Shard::new();
        let mut windows = Windows::new();
        for number in 0..3_u32 {
            for request in 0..=u64::from(number) {
                send(&mut shard, u64::from(number) * 1_000 + request);
            }
            let window = windows.window(&second(number, 7, &mut shard));
            let expected: Vec<u64> = (1..=u64::from(number) + 1).rev().collect();
            assert_eq!(window.pending, expected);
        }
    }

    #[test]
    fn redirects_and_assets_are_told_from_pages() {
        let mut shard = Shard::new();
        let mut windows = Windows::new();
        send(&mut shard, 100);
        end(&mut shard, 100, 200, Class::Status(302));
        shard.redirected();
        send(&mut shard, 200);
        shard.asset_begun();
        shard.asset_ended(Some(crate::record::AssetEnd {
            sent: Offset::from_millis(250),
            done: Offset::from_millis(300),
            class: Class::Status(200),
            bytes: 1,
            fresh_connection: true,
        }));
        let window = windows.window(&second(0, 0, &mut shard));
        assert_eq!((window.sent, window.redirects, window.assets), (2, 1, 1));
        assert_eq!(window.pending, [1], "the page is not there yet");
        let mut tally = super::super::tally::Tally::default();
        let offer = super::super::Offer {
            from: Rate::per_second(1.0),
            to: Rate::per_second(1.0),
            trial: 0,
            phase: super::super::Phase::Baseline,
            judged: true,
        };
        tally.add(&window, &offer, &crate::scenario::FailureSet::Gateway, 0.0, 0.01);
        assert_eq!(tally.sent, 3, "a cap of requests counts them all");
    }
}
