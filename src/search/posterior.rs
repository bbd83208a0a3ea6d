//! Where the tipping point may be, given the verdicts so far: a psychometric function with lapse rates, averaged over
//! what is not known about the site (M. Kuss, F. Jäkel, F. Wichmann, Journal of Vision 5, 2005, for the likelihood).

use std::f64::consts::TAU;

use super::step::Verdict;
use crate::analysis::statistics::normal_cdf;

/// A verdict as evidence.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Evidence {
    /// The load, in pages per second.
    pub(super) rate: f64,
    /// What was concluded; only good, bad and near say something.
    pub(super) verdict: Verdict,
    /// Whether most answers failed at once.
    pub(super) hard: bool,
    /// Seconds that it rests on.
    pub(super) seconds: f64,
    /// ln(failed share ÷ limit).
    pub(super) excess: f64,
}

/// A reading of the capacity from what still went well under overload.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Reading {
    /// Good answers a second.
    pub(super) rate: f64,
    /// Its relative standard deviation.
    pub(super) deviation: f64,
}

/// Widths of the step from "carried" to "not carried" over which the posterior is averaged.
const WIDTHS: [f64; 3] = [0.01, 0.03, 0.07];
/// By how much a load that passed 10 s may still be above the tipping point, relative.
const BLIND: [f64; 3] = [0.0, 0.03, 0.08];
/// Slopes d ln(failed share)/d ln(load) of real sites: no queue 5.6, short queue 13, limiter with burst 25, long
/// queue 135.
const SLOPES: [f64; 4] = [5.0, 12.0, 25.0, 100.0];
/// The step of the grid in ln(load).
const STEP: f64 = 0.0025;

/// The distribution of the tipping point over a grid of loads.
#[derive(Debug, Clone)]
pub(super) struct Posterior {
    /// ln(load) and the probability of it; the probabilities sum to one.
    cells: Vec<(f64, f64)>,
}

impl Posterior {
    /// The distribution on loads from `low` to `high`, with a margin, after `evidence` and perhaps a `reading`.
    pub(super) fn new(evidence: &[Evidence], reading: Option<Reading>, low: f64, high: f64) -> Self {
        let (from, to) = (low.ln() - 0.15, high.max(low).ln() + 0.1);
        let count = ((to - from) / STEP).ceil().max(1.0) as usize;
        let place = |cell: usize| from + (to - from) * (cell as f64 + 0.5) / count as f64;
        let mut cells: Vec<(f64, f64)> = (0..count).map(|cell| (place(cell), 0.0)).collect();
        for width in WIDTHS {
            for blind in BLIND {
                for (theta, weight) in &mut cells {
                    *weight += evidence
                        .iter()
                        .map(|seen| likelihood(seen, *theta, width, blind))
                        .product::<f64>();
                }
            }
        }
        if let Some(reading) = reading {
            let flat = 1.0 / (to - from);
            for (theta, weight) in &mut cells {
                *weight *= 0.5 * density(*theta - reading.rate.ln(), reading.deviation) + 0.5 * flat;
            }
        }
        let total: f64 = cells.iter().map(|cell| cell.1).sum();
        for cell in &mut cells {
            cell.1 = if total > 0.0 {
                cell.1 / total
            } else {
                1.0 / count as f64
            };
        }
        Self { cells }
    }

    /// The load below which the tipping point lies with `probability`.
    pub(super) fn quantile(&self, probability: f64) -> f64 {
        let mut sum = 0.0;
        for (theta, weight) in &self.cells {
            sum += weight;
            if sum >= probability {
                return theta.exp();
            }
        }
        self.cells.last().map_or(0.0, |cell| cell.0.exp())
    }

    /// The ratio of two quantiles: how uncertain the tipping point still is.
    pub(super) fn spread(&self, low: f64, high: f64) -> f64 {
        self.quantile(high) / self.quantile(low).max(f64::MIN_POSITIVE)
    }
}

/// How likely a verdict is where the tipping point is at exp(`theta`). Lapses: a verdict is wrong in 5 % of cases (3 %
/// where most answers failed), and a pass in 10 % to 1 %, the longer the trial the less. A short pass cannot exclude a
/// small overload: its step lies `blind`·(10 s/T)^0.7 higher.
fn likelihood(seen: &Evidence, theta: f64, width: f64, blind: f64) -> f64 {
    let distance = seen.rate.ln() - theta;
    let falsely_bad = if seen.hard { 0.03 } else { 0.05 };
    let falsely_good = match seen.seconds {
        t if t < 6.0 => 0.10,
        t if t < 20.0 => 0.05,
        t if t < 45.0 => 0.03,
        _ => 0.01,
    };
    let sure = 1.0 - falsely_bad - falsely_good;
    match seen.verdict {
        Verdict::Bad => falsely_bad + sure * normal_cdf(distance / width),
        Verdict::Good => {
            let shift = blind * (10.0 / seen.seconds.max(1.0)).powf(0.7);
            1.0 - falsely_bad - sure * normal_cdf((distance - shift) / width)
        }
        Verdict::Near => {
            let near = SLOPES.map(|slope| {
                let spread = width.max(0.015).hypot(seen.excess / (1.6 * slope));
                (-0.5 * ((distance - seen.excess / slope) / spread).powi(2)).exp()
            });
            0.1 + 0.9 * near.iter().sum::<f64>() / SLOPES.len() as f64
        }
        Verdict::Unknown | Verdict::Void => 1.0,
    }
}

/// The density of a normal distribution around zero.
fn density(distance: f64, deviation: f64) -> f64 {
    (-0.5 * (distance / deviation).powi(2)).exp() / (deviation * TAU.sqrt())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn seen(rate: f64, verdict: Verdict, seconds: f64, excess: f64) -> Evidence {
        Evidence {
            rate,
            verdict,
            hard: false,
            seconds,
            excess,
        }
    }

    #[test]
    fn the_tipping_point_lies_between_a_pass_and_a_failure() {
        let posterior = Posterior::new(
            &[
                seen(190.0, Verdict::Good, 60.0, -3.0),
                seen(200.0, Verdict::Bad, 10.0, 2.0),
            ],
            None,
            60.0,
            200.0,
        );
        let middle = posterior.quantile(0.5);
        assert!((185.0..205.0).contains(&middle), "{middle}");
        assert!(posterior.quantile(0.025) < 190.0 && posterior.quantile(0.975) > 200.0);
    }

    #[test]
    fn a_short_pass_says_less_than_a_long_one() {
        let after = |seconds| {
            let evidence = [
                seen(180.0, Verdict::Good, seconds, -3.0),
                seen(230.0, Verdict::Bad, 10.0, 2.0),
            ];
            Posterior::new(&evidence, None, 60.0, 230.0).quantile(0.2)
        };
        assert!(after(3.0) < after(60.0));
    }

    #[test]
    fn a_reading_narrows_and_can_be_overruled() {
        let coarse = [
            seen(160.0, Verdict::Good, 3.0, -3.0),
            seen(256.0, Verdict::Bad, 3.0, 3.0),
        ];
        let reading = Some(Reading {
            rate: 200.0,
            deviation: 0.03,
        });
        let alone = Posterior::new(&coarse, None, 60.0, 256.0);
        let read = Posterior::new(&coarse, reading, 60.0, 256.0);
        assert!(read.spread(0.15, 0.85) < alone.spread(0.15, 0.85));
        let passed: Vec<Evidence> = coarse
            .into_iter()
            .chain([seen(225.0, Verdict::Good, 60.0, -3.0)])
            .collect();
        assert!(Posterior::new(&passed, reading, 60.0, 256.0).quantile(0.5) > 215.0);
    }

    proptest! {
        #[test]
        fn quantiles_rise_whatever_was_seen(
            trials in prop::collection::vec((50.0_f64..500.0, 0_usize..4, 1.0_f64..200.0, -4.0_f64..4.0), 0..12),
            low in 0.01_f64..0.98,
        ) {
            let verdicts = [Verdict::Good, Verdict::Bad, Verdict::Near, Verdict::Unknown];
            let evidence: Vec<Evidence> =
                trials.iter().map(|(rate, verdict, seconds, excess)| seen(*rate, verdicts[*verdict], *seconds, *excess)).collect();
            let posterior = Posterior::new(&evidence, None, 50.0, 500.0);
            let (a, b) = (posterior.quantile(low), posterior.quantile(low + 0.01));
            prop_assert!(a.is_finite() && a > 0.0 && a <= b);
        }
    }
}
