//! Fits a click curve on top of a steady baseline to counted visits, by the greatest likelihood: counts are Poisson with
//! mean b·e + n·[G(to) − G(from)], e the exposure of a bin.
//!
//! The best points of a coarse grid (baseline and clicks by expectation and maximization, A. Dempster, N. Laird and
//! D. Rubin 1977) are climbed from by Fisher scoring on the logarithms of the parameters, damped (D. Marquardt 1963).
//! The inverse information gives the intervals, widened where the counts scatter more than Poisson's
//! (R. Wedderburn 1974).

use super::counts::Bin;
use crate::campaign::shape::Sending;

/// Baseline, clicks, median, sigma, send duration.
const PARAMETERS: usize = 5;
type Point = [f64; PARAMETERS];
/// What each parameter may be: visits/s, visits, seconds, –, seconds.
const RANGES: [(f64, f64); PARAMETERS] = [
    (1e-7, 1e6),
    (1.0, 1e9),
    (1.0, 60.0 * 86_400.0),
    (0.1, 6.0),
    (1.0, 2.0 * 86_400.0),
];
/// How often the climb may step.
const STEPS: usize = 80;
/// The normal quantile of a 95 % interval.
const NORMAL_95: f64 = 1.959_964;

/// A number that was fitted, with its 95 % interval.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize)]
pub struct Interval {
    /// The lower end.
    pub low: f64,
    /// The best value.
    pub mid: f64,
    /// The upper end.
    pub high: f64,
}

/// The curve that fits best.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Fit {
    /// Visits per second that come anyway.
    pub(super) baseline: Interval,
    /// Clicks of the whole send, those after the end of the log included.
    pub(super) clicks: Interval,
    /// The median delay, in seconds.
    pub(super) median: Interval,
    pub(super) sigma: Interval,
    /// The send duration, in seconds; its interval is nothing where it was given.
    pub(super) send: Interval,
}

impl Fit {
    pub(super) fn curve(&self) -> Sending {
        Sending::new(self.median.mid, self.sigma.mid, self.send.mid)
    }

    /// Clicks that the fit expects between two times.
    pub(super) fn clicks_between(&self, from: f64, to: f64) -> f64 {
        let curve = self.curve();
        self.clicks.mid * (curve.share_by(to) - curve.share_by(from))
    }
}

/// Fits `bins`, which lie in order without gaps; the send duration in seconds is fitted too where it is not given.
/// Nothing where there is nothing to fit.
pub(super) fn fit(bins: &[Bin], send: Option<f64>) -> Option<Fit> {
    let after: f64 = bins
        .iter()
        .filter(|bin| bin.from >= 0.0)
        .map(|bin| bin.count)
        .sum();
    if bins.len() < 8 || after < 20.0 {
        return None;
    }
    let climber = Climber { bins, send };
    let mut starts = climber.grid();
    starts.sort_by(|a, b| b.1.total_cmp(&a.1));
    let climbed = starts.iter().take(5).map(|(start, _)| climber.climb(*start));
    let (best, _) = climbed.max_by(|a, b| a.1.total_cmp(&b.1))?;
    Some(climber.intervals(&best))
}

struct Climber<'a> {
    bins: &'a [Bin],
    send: Option<f64>,
}

impl Climber<'_> {
    /// The parameters that are free.
    fn free(&self) -> usize {
        PARAMETERS - usize::from(self.send.is_some())
    }

    fn curve(&self, point: &Point) -> Sending {
        let send = self.send.unwrap_or(point[4].exp());
        Sending::new(point[2].exp(), point[3].exp(), send)
    }

    /// The share of the clicks in each bin.
    fn shares(&self, curve: &Sending) -> Vec<f64> {
        let mut before = self.bins.first().map_or(0.0, |bin| curve.share_by(bin.from));
        let share = |bin: &Bin| {
            let until = curve.share_by(bin.to);
            let share = (until - before).max(0.0);
            before = until;
            share
        };
        self.bins.iter().map(share).collect()
    }

    /// The visits that are expected in each bin.
    fn expected(&self, point: &Point) -> Vec<f64> {
        let (baseline, clicks) = (point[0].exp(), point[1].exp());
        let shares = self.shares(&self.curve(point));
        let expected = self
            .bins
            .iter()
            .zip(shares)
            .map(|(bin, share)| baseline * bin.exposure + clicks * share);
        expected.map(|mean| mean.max(1e-12)).collect()
    }

    /// The logarithm of the likelihood, but for a constant.
    fn likelihood(&self, expected: &[f64]) -> f64 {
        let terms = self.bins.iter().zip(expected);
        terms.map(|(bin, mean)| bin.count * mean.ln() - mean).sum()
    }

    /// Points to climb from, with their likelihoods.
    fn grid(&self) -> Vec<(Point, f64)> {
        let sends: &[f64] = match self.send {
            Some(_) => &[1.0],
            None => &[20.0, 180.0, 600.0, 1_800.0, 7_200.0],
        };
        let mut points = Vec::new();
        for median in [300.0, 1_200.0, 3_600.0, 10_800.0, 28_800.0, 86_400.0_f64] {
            for sigma in [0.7, 1.3, 2.0, 2.8_f64] {
                for send in sends {
                    points.push(self.with_amounts(median, sigma, *send));
                }
            }
        }
        points
    }

    /// The best baseline and clicks for a shape, after a few rounds.
    fn with_amounts(&self, median: f64, sigma: f64, send: f64) -> (Point, f64) {
        let mut point = [0.0, 0.0, median.ln(), sigma.ln(), send.ln()];
        let shares = self.shares(&self.curve(&point));
        let total: f64 = self.bins.iter().map(|bin| bin.count).sum();
        let length: f64 = self.bins.iter().map(|bin| bin.exposure).sum();
        let seen: f64 = shares.iter().sum::<f64>().max(1e-9);
        let (mut baseline, mut clicks) = (total / length / 2.0, total / seen / 2.0);
        for _ in 0..25 {
            let (mut of_baseline, mut of_clicks) = (0.0, 0.0);
            for (bin, share) in self.bins.iter().zip(&shares) {
                let (steady, more) = (baseline * bin.exposure, clicks * share);
                let mean = (steady + more).max(1e-12);
                of_baseline += bin.count * steady / mean;
                of_clicks += bin.count * more / mean;
            }
            (baseline, clicks) = (of_baseline / length, of_clicks / seen);
        }
        point[0] = baseline.max(RANGES[0].0).ln();
        point[1] = clicks.max(RANGES[1].0).ln();
        let likelihood = self.likelihood(&self.expected(&point));
        (point, likelihood)
    }

    /// Climbs from `point` to the nearest top.
    fn climb(&self, mut point: Point) -> (Point, f64) {
        let mut height = self.likelihood(&self.expected(&point));
        let mut damping = 1e-3;
        for _ in 0..STEPS {
            let (information, slope) = self.information(&point);
            let Some(step) = solve(&information, &slope, self.free(), damping) else {
                break;
            };
            let next = moved(&point, &step, self.free());
            let reached = self.likelihood(&self.expected(&next));
            if reached > height {
                let gain = reached - height;
                (point, height) = (next, reached);
                damping = (damping / 5.0_f64).max(1e-9);
                if gain < 1e-7 {
                    break;
                }
            } else if damping > 1e6 {
                break;
            } else {
                damping *= 8.0;
            }
        }
        (point, height)
    }

    /// Fisher's information and the slope of the likelihood at `point`.
    fn information(&self, point: &Point) -> ([Point; PARAMETERS], Point) {
        let expected = self.expected(point);
        let slopes: Vec<Vec<f64>> = (0..self.free())
            .map(|parameter| {
                let aside = |by: f64| {
                    let mut aside = *point;
                    aside[parameter] += by;
                    self.expected(&aside)
                };
                let reach = 1e-4;
                let (below, above) = (aside(-reach), aside(reach));
                let pairs = above.iter().zip(&below);
                pairs
                    .map(|(above, below)| (above - below) / (2.0 * reach))
                    .collect()
            })
            .collect();
        let mut information = [[0.0; PARAMETERS]; PARAMETERS];
        let mut slope = [0.0; PARAMETERS];
        for (at, (bin, mean)) in self.bins.iter().zip(&expected).enumerate() {
            for (row, slopes_of_row) in slopes.iter().enumerate() {
                slope[row] += slopes_of_row[at] * (bin.count - mean) / mean;
                for (column, slopes_of_column) in slopes.iter().enumerate() {
                    information[row][column] += slopes_of_row[at] * slopes_of_column[at] / mean;
                }
            }
        }
        (information, slope)
    }

    fn intervals(&self, best: &Point) -> Fit {
        let expected = self.expected(best);
        let chi: f64 = self
            .bins
            .iter()
            .zip(&expected)
            .filter(|(_, mean)| **mean >= 1.0)
            .map(|(bin, mean)| (bin.count - mean).powi(2) / mean)
            .sum();
        let judged = expected.iter().filter(|mean| **mean >= 1.0).count();
        let scatter = (chi / judged.saturating_sub(self.free()).max(1) as f64).max(1.0);
        let (information, _) = self.information(best);
        let interval = |parameter: usize| {
            let mut unit = [0.0; PARAMETERS];
            unit[parameter] = 1.0;
            let variance =
                solve(&information, &unit, self.free(), 1e-9).map_or(f64::MAX, |row| row[parameter]);
            let half = (NORMAL_95 * (variance.max(0.0) * scatter).sqrt()).min(20.0);
            Interval {
                low: (best[parameter] - half).exp(),
                mid: best[parameter].exp(),
                high: (best[parameter] + half).exp(),
            }
        };
        let given = |send: f64| Interval {
            low: send,
            mid: send,
            high: send,
        };
        Fit {
            baseline: interval(0),
            clicks: interval(1),
            median: interval(2),
            sigma: interval(3),
            send: self.send.map_or_else(|| interval(4), given),
        }
    }
}

/// `point` after `step`, at most a factor e in each parameter and within the ranges.
fn moved(point: &Point, step: &Point, free: usize) -> Point {
    let mut next = *point;
    for parameter in 0..free {
        let (low, high) = RANGES[parameter];
        next[parameter] = (point[parameter] + step[parameter].clamp(-1.0, 1.0)).clamp(low.ln(), high.ln());
    }
    next
}

/// Solves `matrix`·x = `right` over the first `size` unknowns, the diagonal raised by `damping`, by elimination with
/// pivots. Nothing where it is singular.
fn solve(matrix: &[Point; PARAMETERS], right: &Point, size: usize, damping: f64) -> Option<Point> {
    let (mut rows, mut right) = (*matrix, *right);
    for (at, row) in rows.iter_mut().enumerate() {
        row[at] += damping * row[at] + 1e-9;
    }
    for column in 0..size {
        let pivot =
            (column..size).max_by(|a, b| rows[*a][column].abs().total_cmp(&rows[*b][column].abs()))?;
        if rows[pivot][column].abs() < 1e-30 || !rows[pivot][column].is_finite() {
            return None;
        }
        rows.swap(column, pivot);
        right.swap(column, pivot);
        for row in column + 1..size {
            let factor = rows[row][column] / rows[column][column];
            let above = rows[column];
            for (value, over) in rows[row].iter_mut().zip(above) {
                *value -= factor * over;
            }
            right[row] -= factor * right[column];
        }
    }
    let mut found = [0.0; PARAMETERS];
    for row in (0..size).rev() {
        let known: f64 = (row + 1..size)
            .map(|column| rows[row][column] * found[column])
            .sum();
        found[row] = (right[row] - known) / rows[row][row];
    }
    found.iter().all(|value| value.is_finite()).then_some(found)
}

#[cfg(test)]
mod tests {
    use super::super::counts::{AFTER, Counts};
    use super::*;
    use proptest::prelude::*;

    /// Bins whose counts are what a curve expects, without chance.
    fn exact(curve: Sending, clicks: f64, baseline: f64) -> Vec<Bin> {
        let mut bins = Counts::new().bins(-40_000.0, AFTER / 4.0);
        for bin in &mut bins {
            bin.count =
                baseline * bin.exposure + clicks * (curve.share_by(bin.to) - curve.share_by(bin.from));
        }
        bins
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(24))]
        #[test]
        fn counts_without_chance_give_their_curve_back(median in 300.0_f64..30_000.0, sigma in 0.6_f64..2.6, send in 60.0_f64..7_200.0, baseline in 0.01_f64..0.5, given in any::<bool>()) {
            let curve = Sending::new(median, sigma, send);
            let found = fit(&exact(curve, 20_000.0, baseline), given.then_some(send)).unwrap();
            for (found, truth) in [(found.median, median), (found.sigma, sigma), (found.send, send), (found.clicks, 20_000.0), (found.baseline, baseline)] {
                prop_assert!((found.mid / truth - 1.0).abs() < 0.01, "{found:?} against {truth}");
                prop_assert!(found.low <= found.mid && found.mid <= found.high);
            }
        }

        #[test]
        fn any_counts_are_fitted_or_refused(counts in prop::collection::vec(0.0_f64..1e6, 0..60), send in prop::option::of(0.0_f64..1e6)) {
            let bins: Vec<Bin> = counts.iter().enumerate().map(|(at, count)| Bin { from: (at as f64 - 5.0) * 60.0, to: (at as f64 - 4.0) * 60.0, count: *count, exposure: 60.0 }).collect();
            if let Some(found) = fit(&bins, send) {
                for interval in [found.baseline, found.clicks, found.median, found.sigma] {
                    prop_assert!(interval.mid.is_finite() && interval.mid > 0.0);
                }
            }
        }
    }
}
