//! Where the tipping point may be, given the trials so far: the product of what each of them says, averaged over what is
//! not known about the site (the manner in which it fails, and how much a pass can hide), and over a flat prior of
//! ln(load). A psychometric function with lapse rates (M. Kuss, F. Jäkel, F. Wichmann, Journal of Vision 5, 2005) whose
//! stimulus is the load.
//!
//! The interval is calibrated, not derived: of all searches of the proof about 95 % hold the truth between the quantiles
//! at [`TAIL`] and 1 − [`TAIL`]. The manners and the lapses stand in for dynamics that nobody knows beforehand; the tails
//! that they leave are wider than those that are seen.

use std::f64::consts::TAU;

use super::evidence::{CLUMPS, Evidence, Manner, STEP, Table};
use super::step::Verdict;

/// The part of the posterior on each side of what is reported as the 95 % interval.
pub(super) const TAIL: f64 = 0.0575;

/// A reading of the capacity from what still went well under overload.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Reading {
    /// Good answers a second.
    pub(super) rate: f64,
    /// Its relative standard deviation.
    pub(super) deviation: f64,
}

/// By how much a load that passed may still be above the tipping point, in standard deviations of the work that arrives
/// during the trial: √(2/(load·seconds)) for Poisson arrivals and service of the same variation. Heavy tails, retries and
/// a wandering capacity need the largest.
const BLIND: [f64; 3] = [0.0, 2.5, 6.0];
/// How likely each of the widths of a manner is beforehand.
const WIDTH_PRIOR: [f64; 3] = [0.5, 1.0, 0.4];
/// The least relative standard deviation of a reading of the capacity: failures come before it is reached.
const LEAST_DEVIATION: f64 = 0.03;
/// ln of how much less likely than the likeliest something must be to count for nothing: e⁻³⁰ is 10⁻¹³.
const NEGLIGIBLE: f32 = -30.0;
/// How far a reading of the capacity is trusted: where a site sheds load early, it is far too high.
const TRUST: f64 = 0.5;

/// The distribution of the tipping point over a grid of loads.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Posterior {
    /// ln of the lowest cell's lower end.
    from: f64,
    /// The probability of each cell; they sum to one.
    cells: Vec<f64>,
}

impl Posterior {
    /// The distribution on loads from `low` to `high`, with a margin, after `trials` and perhaps a `reading`, on a site
    /// whose failures cluster by `clustering`, 0 where that was never seen, and where a pass hides `hidden` times as much
    /// as it may.
    pub(super) fn new(
        trials: &[(Evidence, &Table)],
        reading: Option<Reading>,
        low: f64,
        high: f64,
        (clustering, hidden): (f64, f64),
    ) -> Self {
        let (from, to) = (low.ln() - 0.15, high.max(low).ln() + 0.1);
        let count = ((to - from) / STEP).ceil().max(1.0) as usize;
        let mut cells = vec![0.0; count];
        // What each manner and each lapse says of every cell, one after the other.
        let mut said = vec![0.0_f32; count * Manner::all().count() * BLIND.len()];
        let kinds = Manner::all().flat_map(|manner| BLIND.map(|blind| (manner, blind)));
        for ((manner, blind), sums) in kinds.zip(said.chunks_exact_mut(count)) {
            let prior = WIDTH_PRIOR[manner.width].ln() + ln_prior(CLUMPS[manner.clump], clustering);
            sums.fill(prior as f32);
            for (seen, table) in trials {
                let shift = if seen.verdict == Verdict::Bad {
                    0.0
                } else {
                    blind * hidden * (2.0 / (seen.rate * seen.seconds.max(1.0))).sqrt()
                };
                let first = ((seen.rate.ln() - from - shift) / STEP - 0.5).round() as i32;
                table.add(manner, first, sums);
            }
        }
        let highest = said.iter().copied().fold(f32::NEG_INFINITY, f32::max);
        for sums in said.chunks_exact(count) {
            for (cell, ln) in cells.iter_mut().zip(sums) {
                let below = *ln - highest;
                if below > NEGLIGIBLE {
                    *cell += f64::from(below).exp();
                }
            }
        }
        if let Some(reading) = reading {
            let flat = (1.0 - TRUST) / (to - from);
            let deviation = reading.deviation.max(LEAST_DEVIATION);
            for (cell, place) in cells.iter_mut().zip(0..) {
                let theta = from + (f64::from(place) + 0.5) * STEP;
                *cell *= TRUST * density(theta - reading.rate.ln(), deviation) + flat;
            }
        }
        let total: f64 = cells.iter().sum();
        for cell in &mut cells {
            *cell = if total > 0.0 {
                *cell / total
            } else {
                1.0 / count as f64
            };
        }
        Self { from, cells }
    }

    /// The load below which the tipping point lies with `probability`.
    pub(super) fn quantile(&self, probability: f64) -> f64 {
        let mut sum = 0.0;
        for (place, weight) in self.cells.iter().enumerate() {
            if sum + weight >= probability {
                let part = if *weight > 0.0 {
                    (probability - sum) / weight
                } else {
                    0.5
                };
                return (self.from + (place as f64 + part) * STEP).exp();
            }
            sum += weight;
        }
        (self.from + self.cells.len() as f64 * STEP).exp()
    }

    /// The ratio of two quantiles: how uncertain the tipping point still is.
    pub(super) fn spread(&self, low: f64, high: f64) -> f64 {
        self.quantile(high) / self.quantile(low).max(f64::MIN_POSITIVE)
    }
}

/// ln of how likely clumps of `size` are beforehand, up to a constant: log-normal around twice the overdispersion of
/// one-second windows, because a clump lasts longer than a window; wide around 6 where none was seen.
fn ln_prior(size: f64, clustering: f64) -> f64 {
    let (middle, deviation) = if clustering > 0.0 {
        ((2.0 * clustering).max(3.0), 0.9)
    } else {
        (6.0, 1.3)
    };
    -0.5 * ((size / middle).ln() / deviation).powi(2)
}

/// The density of a normal distribution around zero.
fn density(distance: f64, deviation: f64) -> f64 {
    (-0.5 * (distance / deviation).powi(2)).exp() / (deviation * TAU.sqrt())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// A trial of `seconds` at `rate` in which `share` of the answers failed.
    fn seen(rate: f64, verdict: Verdict, seconds: f64, share: f64) -> Evidence {
        Evidence {
            rate,
            verdict,
            hard: false,
            drift: false,
            seconds,
            answers: (rate * seconds).round(),
            failed: (rate * seconds * share).round(),
            limit: 0.01,
        }
    }

    fn posterior(evidence: &[Evidence], reading: Option<Reading>, low: f64, high: f64) -> Posterior {
        let tables: Vec<Table> = evidence.iter().map(Table::new).collect();
        let trials: Vec<(Evidence, &Table)> = evidence.iter().copied().zip(&tables).collect();
        Posterior::new(&trials, reading, low, high, (1.0, 1.0))
    }

    #[test]
    fn the_tipping_point_lies_between_a_pass_and_a_failure() {
        let trials = [
            seen(190.0, Verdict::Good, 60.0, 0.001),
            seen(200.0, Verdict::Bad, 10.0, 0.04),
        ];
        let posterior = posterior(&trials, None, 60.0, 200.0);
        let middle = posterior.quantile(0.5);
        assert!((185.0..205.0).contains(&middle), "{middle}");
        assert!(posterior.quantile(0.025) < 192.0 && posterior.quantile(0.975) > 198.0);
    }

    #[test]
    fn a_short_pass_says_less_than_a_long_one() {
        let after = |seconds| {
            let evidence = [
                seen(180.0, Verdict::Good, seconds, 0.0),
                seen(230.0, Verdict::Bad, 10.0, 0.1),
            ];
            posterior(&evidence, None, 60.0, 230.0).quantile(0.2)
        };
        assert!(after(3.0) < after(60.0));
    }

    #[test]
    fn where_the_share_rises_slowly_the_counts_tell_where_it_meets_the_limit() {
        // No queue, ten slots of 50 ms: 0.4 % fail at 76/s, 1 % at 89/s, 3.6 % at 113/s (Erlang's loss formula).
        let share = [
            (76.0, 0.004, Verdict::Good),
            (113.0, 0.036, Verdict::Bad),
            (84.0, 0.0073, Verdict::Near),
        ];
        let trials = share.map(|(rate, share, verdict)| seen(rate, verdict, 60.0, share));
        let middle = posterior(&trials, None, 40.0, 113.0).quantile(0.5);
        assert!((83.0..93.0).contains(&middle), "{middle}");
    }

    #[test]
    fn a_reading_narrows_and_can_be_overruled() {
        let coarse = [
            seen(160.0, Verdict::Good, 3.0, 0.0),
            seen(256.0, Verdict::Bad, 3.0, 0.2),
        ];
        let reading = Some(Reading {
            rate: 200.0,
            deviation: 0.03,
        });
        let alone = posterior(&coarse, None, 60.0, 256.0);
        let read = posterior(&coarse, reading, 60.0, 256.0);
        assert!(read.spread(0.15, 0.85) < alone.spread(0.15, 0.85));
        let passed: Vec<Evidence> = coarse
            .into_iter()
            .chain([seen(225.0, Verdict::Good, 60.0, 0.0)])
            .collect();
        assert!(posterior(&passed, reading, 60.0, 256.0).quantile(0.5) > 215.0);
    }

    proptest! {
        #[test]
        fn quantiles_rise_whatever_was_seen(
            trials in prop::collection::vec((50.0_f64..500.0, 0_usize..4, 1.0_f64..200.0, 0.0_f64..=1.0), 0..12),
            low in 0.01_f64..0.98,
        ) {
            let verdicts = [Verdict::Good, Verdict::Bad, Verdict::Near, Verdict::Unknown];
            let evidence: Vec<Evidence> =
                trials.iter().map(|(rate, verdict, seconds, share)| seen(*rate, verdicts[*verdict], *seconds, *share)).collect();
            let posterior = posterior(&evidence, None, 50.0, 500.0);
            let (a, b) = (posterior.quantile(low), posterior.quantile(low + 0.01));
            prop_assert!(a.is_finite() && a > 0.0 && a <= b);
        }
    }
}
