//! What several searches of one site say together.

use super::super::finding::{Estimate, Finding, Kind, Limit, Observed, Shape};
use crate::analysis::statistics::Z_95;
use crate::units::Rate;

/// The finding of `findings`, one for each search in order, of which there were to be `asked`; nothing of nothing.
pub(super) fn finding(findings: &[Finding], asked: u32, is_whole: bool) -> Option<Finding> {
    let (tipped, others): (Vec<_>, Vec<_>) = findings
        .iter()
        .zip(1..)
        .partition(|(finding, _)| finding.kind == Kind::Tipped && finding.rate.is_some());
    let rates: Vec<Estimate> = tipped.iter().filter_map(|(finding, _)| finding.rate).collect();
    let mut pooled = base(findings)?;
    let mut evidence = vec![format!("{} of {asked} searches were made.", findings.len())];
    if let Some(pool) = Pool::of(&rates) {
        pooled.kind = Kind::Tipped;
        pooled.rate = Some(pool.rate);
        pooled.why = format!(
            "Over {} of this site, the load above which too many requests fail is about {} pages/s.",
            searches(rates.len()),
            Rate::per_second(pool.rate.mid)
        );
        evidence.push(pool.in_words(&rates));
        pooled.limit = most_frequent(
            tipped.iter().filter_map(|(finding, _)| finding.limit),
            &[Limit::Overload, Limit::Policy],
        );
        pooled.shape = most_frequent(
            tipped.iter().filter_map(|(finding, _)| finding.shape),
            &[Shape::Cliff, Shape::Slope],
        );
        let ended_otherwise =
            |(finding, number): &(&Finding, u32)| format!("Search {number} ended otherwise: {}", finding.why);
        evidence.extend(others.iter().map(ended_otherwise));
    }
    evidence.append(&mut pooled.evidence);
    pooled.evidence = evidence;
    let is_mixed = !others.is_empty() && !rates.is_empty();
    pooled.converged = is_whole && !is_mixed && findings.iter().all(|one| one.converged);
    Some(pooled)
}

/// What holds beside the rate: the careful end of each load, what was seen first, and what was seen last.
fn base(findings: &[Finding]) -> Option<Finding> {
    let last = findings.last()?.clone();
    let lowest = |of: &dyn Fn(&Finding) -> Option<Rate>| {
        findings
            .iter()
            .filter_map(of)
            .min_by(|a, b| a.get().total_cmp(&b.get()))
    };
    let first = |of: &dyn Fn(&Finding) -> Option<Observed>| {
        findings.iter().filter_map(of).min_by_key(|seen| seen.at_seconds)
    };
    // A last finding that names no tipping point speaks for all only where none does.
    let speaking = findings
        .iter()
        .rev()
        .find(|finding| finding.kind == Kind::Tipped)
        .unwrap_or(&last);
    Some(Finding {
        verified: lowest(&|finding| finding.verified),
        failing: lowest(&|finding| finding.failing),
        up_to: lowest(&|finding| finding.up_to).filter(|_| last.rate.is_none()),
        first_failure: first(&|finding| finding.first_failure),
        first_502: first(&|finding| finding.first_502),
        recovery: last.recovery,
        ..speaking.clone()
    })
}

fn most_frequent<T: Copy + PartialEq>(seen: impl Iterator<Item = T>, all: &[T]) -> Option<T> {
    let seen: Vec<T> = seen.collect();
    let count = |one: &&T| seen.iter().filter(|other| other == one).count();
    all.iter()
        .max_by_key(count)
        .filter(|one| seen.contains(one))
        .copied()
}

fn searches(count: usize) -> String {
    match count {
        1 => "one search".to_owned(),
        many => format!("{many} searches"),
    }
}

/// Several estimates of one tipping point.
struct Pool {
    rate: Estimate,
    /// The standard deviation between searches, in ln(load).
    between: f64,
    /// Whether two of their intervals have nothing in common.
    disagree: bool,
}

impl Pool {
    /// The pooled estimate; nothing of nothing.
    ///
    /// All in ln(load). The middle is the median of the middles. The variance between the searches, τ², is the moment
    /// estimate of a random-effects model (R. DerSimonian, N. Laird, Controlled Clinical Trials 7, 1986): with the
    /// weights w = 1/v of variances v = (interval ÷ 2·1.96)²,
    /// τ² = max(0, (Σw(y − ȳ)² − (k − 1)) ÷ (Σw − Σw²/Σw)).
    /// Each side of the interval is √(median side² + (1.96·τ)²). It does not shrink with the number of searches: what
    /// the interval of one search stands for, how little is known of the site's dynamics, is the same in all of them.
    /// It holds every middle, and all of the intervals where two of them have nothing in common.
    fn of(rates: &[Estimate]) -> Option<Self> {
        let log = |of: fn(&Estimate) -> f64| {
            rates
                .iter()
                .map(|rate| of(rate).max(1e-9).ln())
                .collect::<Vec<f64>>()
        };
        let (lows, mids, highs) = (log(|rate| rate.low), log(|rate| rate.mid), log(|rate| rate.high));
        let mid = median(mids.clone())?;
        let sides = |ends: &[f64]| {
            ends.iter()
                .zip(&mids)
                .map(|(end, mid)| (end - mid).abs())
                .collect()
        };
        let between = between(&mids, &lows, &highs);
        let side = |ends: &[f64]| Some(median(sides(ends))?.hypot(Z_95 * between));
        let (lowest, highest) = (minimum(&lows), -minimum(&negative(&highs)));
        let disagree = -minimum(&negative(&lows)) > minimum(&highs);
        let mut low = (mid - side(&lows)?).min(minimum(&mids));
        let mut high = (mid + side(&highs)?).max(-minimum(&negative(&mids)));
        if disagree {
            (low, high) = (low.min(lowest), high.max(highest));
        }
        Some(Self {
            rate: Estimate {
                low: low.exp(),
                mid: mid.exp(),
                high: high.exp(),
            },
            between,
            disagree,
        })
    }

    fn in_words(&self, rates: &[Estimate]) -> String {
        let each: Vec<String> = rates
            .iter()
            .map(|rate| {
                let [low, mid, high] = [rate.low, rate.mid, rate.high].map(Rate::per_second);
                format!("{mid} ({low} to {high})")
            })
            .collect();
        let spread = if self.disagree {
            "they do not agree, so the interval holds all of theirs".to_owned()
        } else if self.between > 0.0 {
            format!(
                "between searches it differs by {:.1} % beyond their own intervals, which widens this one",
                100.0 * self.between
            )
        } else {
            "they differ by no more than their own intervals allow".to_owned()
        };
        format!("The searches found {} pages/s: {spread}.", each.join(", "))
    }
}

/// τ, see [`Pool::of`].
fn between(mids: &[f64], lows: &[f64], highs: &[f64]) -> f64 {
    let weights: Vec<f64> = lows
        .iter()
        .zip(highs)
        .map(|(low, high)| ((high - low) / (2.0 * Z_95)).max(1e-4).powi(-2))
        .collect();
    let sum: f64 = weights.iter().sum();
    let squares: f64 = weights.iter().map(|weight| weight * weight).sum();
    let weighted = |of: &dyn Fn(f64) -> f64| {
        mids.iter()
            .zip(&weights)
            .map(|(mid, weight)| weight * of(*mid))
            .sum::<f64>()
    };
    let mean = weighted(&|mid| mid) / sum;
    let spread = weighted(&|mid| (mid - mean).powi(2));
    let room = sum - squares / sum;
    if room > 0.0 {
        ((spread - (mids.len() as f64 - 1.0)) / room).max(0.0).sqrt()
    } else {
        0.0
    }
}

fn median(mut values: Vec<f64>) -> Option<f64> {
    values.sort_by(f64::total_cmp);
    let upper = *values.get(values.len() / 2)?;
    let lower = *values.get((values.len() - 1) / 2)?;
    Some((lower + upper) / 2.0)
}

fn minimum(values: &[f64]) -> f64 {
    values.iter().copied().fold(f64::INFINITY, f64::min)
}

fn negative(values: &[f64]) -> Vec<f64> {
    values.iter().map(|value| -value).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn estimate(low: f64, mid: f64, high: f64) -> Estimate {
        Estimate { low, mid, high }
    }

    #[test]
    fn searches_that_agree_are_no_narrower_than_one_of_them() {
        let one = estimate(190.0, 200.0, 210.0);
        let pool = Pool::of(&[one; 3]).unwrap();
        assert!((pool.rate.mid - 200.0).abs() < 1e-6 && pool.between == 0.0);
        assert!((pool.rate.low - 190.0).abs() < 1e-6 && (pool.rate.high - 210.0).abs() < 1e-6);
    }

    #[test]
    fn the_variance_between_searches_is_that_of_dersimonian_and_laird() {
        // By hand: v = 0.01², y = 0, 0.05, 0.1: Σw = 30,000, Q = 50, τ² = (50 − 2)/(30,000 − 10,000) = 0.0024.
        let side = Z_95 * 0.01;
        let mids = [0.0, 0.05, 0.1];
        let tau = between(&mids, &mids.map(|mid| mid - side), &mids.map(|mid| mid + side));
        assert!((tau * tau - 0.0024).abs() < 1e-9, "{tau}");
    }

    #[test]
    fn searches_that_disagree_are_all_within_the_interval() {
        let pool = Pool::of(&[estimate(95.0, 100.0, 105.0), estimate(190.0, 200.0, 210.0)]).unwrap();
        assert!(
            pool.disagree && pool.rate.low <= 95.0 && pool.rate.high >= 210.0,
            "{:?}",
            pool.rate
        );
        assert!(pool.in_words(&[]).contains("do not agree"));
    }

    proptest! {
        #[test]
        fn a_pooled_interval_holds_its_middle_and_every_middle(
            all in prop::collection::vec((10.0_f64..1e4, 0.001_f64..0.3, 0.001_f64..0.3), 1..8),
        ) {
            let rates: Vec<Estimate> = all.iter().map(|(mid, down, up)| estimate(mid * (-down).exp(), *mid, mid * up.exp())).collect();
            let pool = Pool::of(&rates).unwrap().rate;
            prop_assert!(pool.low <= pool.mid && pool.mid <= pool.high);
            for rate in &rates {
                prop_assert!(pool.low <= rate.mid * 1.000_001 && rate.mid <= pool.high * 1.000_001);
            }
        }
    }
}
