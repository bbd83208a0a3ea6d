//! Latency at equal load: a quantile of each run at the same load, and how sure the ratio is, by resampling seconds.

use std::collections::BTreeMap;

use rand_pcg::Pcg64;
use rand_pcg::rand_core::{Rng as _, SeedableRng as _};
use schemars::JsonSchema;
use serde::Serialize;

use super::{Change, Factor, measured};
use crate::analysis::failure::failure_family;
use crate::analysis::{Tally, TrialView, by_due};
use crate::record::RunRecord;

/// How much longer the quantile has to be at least to count as slower, and by how much less to count as faster: what
/// is less is seen between two runs of a site that nobody touched.
pub const SLOWER: f64 = 0.25;
/// Only loads below this part of what both carry are compared: near the knee latency says how near the knee is.
const BELOW: f64 = 0.9;
/// The fewest seconds and successes of a trial that is looked at.
const LEAST: (u32, u64) = (2, 50);
/// How often the seconds are drawn again.
const DRAWS: usize = 1_000;
/// The quantile that is compared.
const QUANTILE: f64 = 0.95;

/// The latency of successes at a load that both runs offered, from the moment they were due.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, JsonSchema)]
pub struct LatencyChange {
    /// The load, in pages per second.
    pub rate: f64,
    /// The 95th percentile in the base, in milliseconds.
    pub base_p95_ms: f64,
    /// The same in the new run, between its nearest loads.
    pub new_p95_ms: f64,
    /// New ÷ base, with the 95 % interval of a bootstrap over seconds (B. Efron, R. Tibshirani, An Introduction to the
    /// Bootstrap, 1993, chapter 8: the seconds are the blocks, because requests in one second are not independent; of n
    /// seconds it is too narrow by √((n − 1)/n), and is widened by that).
    pub factor: Factor,
    /// What that shows: a change of less than a quarter is none.
    pub change: Change,
}

/// The successes of each second of a trial: count by latency in microseconds.
struct Seconds {
    rate: f64,
    by_second: Vec<Vec<(u64, u64)>>,
}

impl Seconds {
    fn of(trial: &TrialView, seconds: &BTreeMap<u32, Tally>) -> Self {
        let range = seconds.range(trial.judged_from..trial.until.max(trial.judged_from));
        let by_second = range
            .map(|(_, tally)| tally.successes.from_due.buckets().collect())
            .collect();
        Self {
            rate: trial.rate,
            by_second,
        }
    }

    /// The quantile over the seconds that `chosen` names, in microseconds.
    fn quantile(&self, chosen: impl Iterator<Item = usize>) -> Option<f64> {
        let mut counts: BTreeMap<u64, u64> = BTreeMap::new();
        for second in chosen.filter_map(|second| self.by_second.get(second)) {
            for (edge, count) in second {
                *counts.entry(*edge).or_default() += count;
            }
        }
        let total: u64 = counts.values().sum();
        let wanted = ((total as f64 * QUANTILE).ceil() as u64).max(1);
        let mut seen = 0;
        counts
            .into_iter()
            .find(|(_, count)| {
                seen += count;
                seen >= wanted
            })
            .map(|(edge, _)| edge as f64)
    }

    fn whole(&self) -> Option<f64> {
        self.quantile(0..self.by_second.len())
    }

    fn drawn(&self, random: &mut Pcg64) -> Option<f64> {
        let count = self.by_second.len();
        let seconds: Vec<usize> = (0..count)
            .map(|_| (random.next_u64() % count.max(1) as u64) as usize)
            .collect();
        self.quantile(seconds.into_iter())
    }
}

/// How the latency of successes changed at the highest load, below a part of `carried`, that both runs offered: at the
/// base's load, and between the new run's nearest ones on a straight line of ln(latency) over ln(load). Nothing where
/// there is no such load.
pub fn latency(base: &RunRecord, new: &RunRecord, carried: f64) -> Option<LatencyChange> {
    let (of_base, of_new) = (looked_at(base, carried), looked_at(new, carried));
    let (at, below, above) = of_base.iter().rev().find_map(|at| {
        // Loads that differ by less than a hundredth are the same.
        let below = of_new.iter().rev().find(|trial| trial.rate <= at.rate * 1.01)?;
        let above = of_new.iter().find(|trial| trial.rate >= at.rate * 0.99)?;
        Some((at, below, above))
    })?;
    let part = if above.rate > below.rate * 1.02 {
        (at.rate / below.rate).ln() / (above.rate / below.rate).ln()
    } else {
        0.0
    }
    .clamp(0.0, 1.0);
    let between = |below: f64, above: f64| (below.ln() * (1.0 - part) + above.ln() * part).exp();
    let (base_p95, new_p95) = (at.whole()?, between(below.whole()?, above.whole()?));
    let mut random = Pcg64::seed_from_u64(at.by_second.len() as u64);
    let mut drawn: Vec<f64> = (0..DRAWS)
        .filter_map(|_| {
            let base = at.drawn(&mut random)?;
            let (below, above) = (below.drawn(&mut random)?, above.drawn(&mut random)?);
            Some(between(below, above) / base)
        })
        .collect();
    drawn.sort_unstable_by(f64::total_cmp);
    let mid = new_p95 / base_p95;
    let seconds = [at, below, above]
        .map(|one| one.by_second.len())
        .into_iter()
        .min()?;
    let wider = (seconds as f64 / (seconds as f64 - 1.0).max(1.0)).sqrt();
    let end = |part: f64| {
        let end = drawn.get((part * drawn.len() as f64) as usize)?;
        Some(mid * (end / mid).powf(wider))
    };
    let factor = Factor {
        low: end(0.025),
        mid: Some(mid),
        high: end(0.975),
    };
    let change = match factor {
        Factor { low: Some(low), .. } if low > 1.0 + SLOWER => Change::Worse,
        Factor { high: Some(high), .. } if high < 1.0 / (1.0 + SLOWER) => Change::Better,
        _ => Change::NoDifferenceShown,
    };
    Some(LatencyChange {
        rate: at.rate,
        base_p95_ms: base_p95 / 1e3,
        new_p95_ms: new_p95 / 1e3,
        factor,
        change,
    })
}

/// The trials of `record` whose latency can be compared, by rising load; of equal loads, the longest.
fn looked_at(record: &RunRecord, carried: f64) -> Vec<Seconds> {
    let seconds = by_due(record, &failure_family(&record.header));
    let mut trials: Vec<TrialView> = measured(record)
        .into_iter()
        .filter(|trial| {
            trial.rate < BELOW * carried
                && trial.seconds() >= LEAST.0
                && trial.tally.successes.from_due.len() >= LEAST.1
        })
        .collect();
    trials.sort_by(|a, b| a.rate.total_cmp(&b.rate).then(a.seconds().cmp(&b.seconds())));
    let mut kept: Vec<TrialView> = Vec::new();
    for trial in trials {
        match kept.last_mut() {
            Some(last) if trial.rate <= last.rate * (1.0 + 1e-9) => *last = trial,
            _ => kept.push(trial),
        }
    }
    kept.iter().map(|trial| Seconds::of(trial, &seconds)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::tests::header;
    use crate::record::{CellLine, Class, Second, SparseHistogram};

    /// A run that held `rate` for 20 s; its latencies are around `micros`.
    fn run(rate: u64, micros: u64) -> RunRecord {
        let mut record = RunRecord::new(header());
        for second in 0..20 {
            let mut latency = SparseHistogram::new();
            for request in 0..rate {
                latency.record(micros + (request * 7_919 + u64::from(second) * 104_729) % micros);
            }
            record.seconds.push(Second {
                second,
                offered: rate as f64,
                cells: vec![CellLine {
                    due: second,
                    class: Class::Status(200),
                    count: rate,
                    bytes: 0,
                    fresh: 0,
                    from_due: latency.clone(),
                    from_sent: latency,
                }],
                ..Second::default()
            });
        }
        record
    }

    #[test]
    fn the_same_latency_is_no_change_and_twice_of_it_is_slower() {
        let base = run(100, 20_000);
        let same = latency(&base, &run(100, 20_000), 500.0).unwrap();
        assert_eq!(same.change, Change::NoDifferenceShown);
        assert!((same.factor.mid.unwrap() - 1.0).abs() < 0.02);
        let slower = latency(&base, &run(100, 40_000), 500.0).unwrap();
        assert_eq!(slower.change, Change::Worse);
        assert!((1.9..2.1).contains(&slower.factor.mid.unwrap()));
        assert_eq!(
            latency(&run(100, 40_000), &base, 500.0).unwrap().change,
            Change::Better
        );
    }

    #[test]
    fn loads_that_only_one_run_offered_are_not_compared() {
        let (base, new) = (run(100, 20_000), run(150, 20_000));
        assert_eq!(latency(&base, &new, 500.0), None);
        assert_eq!(
            latency(&base, &base, 105.0),
            None,
            "near the tipping point it says little"
        );
    }
}
