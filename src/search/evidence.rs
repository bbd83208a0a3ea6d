//! What a trial says of the tipping point: how likely what was seen is, for every distance between its load and the
//! tipping point, and for every way in which a site may fail that the posterior averages over.
//!
//! The failed share is modelled as `q·(load/tipping)^slope`, never above what a fluid queue sheds, `1 − tipping/load`;
//! `q` is the limit. Failures come in clumps of about `clump`, so that n answers count as n/clump (a quasi-likelihood,
//! R. W. M. Wedderburn, Biometrika 61, 1974), and the load at which the site tips wanders by `width` between trials.

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
    /// Whether the failures were not the reason of the verdict: requests piled up.
    pub(super) drift: bool,
    /// Seconds that it rests on.
    pub(super) seconds: f64,
    /// Answers that it rests on.
    pub(super) answers: f64,
    /// Failures among them.
    pub(super) failed: f64,
    /// The share of failures that is one too many.
    pub(super) limit: f64,
}

/// Slopes d ln(failed share)/d ln(load) of real sites: no queue 5.6, short queue 13, limiter with burst 25, long
/// queue 135.
pub(super) const SLOPES: [f64; 4] = [6.0, 15.0, 40.0, 110.0];
/// Failures that come together.
pub(super) const CLUMPS: [f64; 3] = [4.0, 20.0, 100.0];
/// How far the load at which a site tips wanders from trial to trial, relative.
pub(super) const WIDTHS: [f64; 3] = [0.005, 0.02, 0.05];
/// The sharpest step from "carried" to "not carried" that a verdict alone can show, relative.
const SHARPEST: f64 = 0.01;
/// The step of all grids in ln(load).
pub(super) const STEP: f64 = 0.004;
/// Cells of a table on each side of its middle.
const REACH: i32 = 180;
const CELLS: usize = 2 * REACH as usize + 1;

/// One way in which a site may fail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Manner {
    /// Which of [`SLOPES`].
    pub(super) slope: usize,
    /// Which of [`CLUMPS`].
    pub(super) clump: usize,
    /// Which of [`WIDTHS`].
    pub(super) width: usize,
}

impl Manner {
    /// All of them.
    pub(super) fn all() -> impl Iterator<Item = Self> {
        (0..SLOPES.len()).flat_map(|slope| {
            (0..CLUMPS.len())
                .flat_map(move |clump| (0..WIDTHS.len()).map(move |width| Self { slope, clump, width }))
        })
    }

    const fn index(self) -> usize {
        (self.slope * CLUMPS.len() + self.clump) * WIDTHS.len() + self.width
    }
}

/// ln(likelihood) of one trial by manner and distance: cell 0 stands for a load [`REACH`] steps above the tipping point.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Table(Vec<f32>);

impl Table {
    /// The table of what was seen.
    pub(super) fn new(seen: &Evidence) -> Self {
        let mut cells = vec![0.0; Manner::all().count() * CELLS];
        if matches!(seen.verdict, Verdict::Unknown | Verdict::Void) {
            return Self(cells);
        }
        let steps = WIDTHS.map(|width| steps(seen, width));
        for (slope, steepness) in SLOPES.iter().enumerate() {
            let counts = Counts::new(seen, *steepness);
            for (clump, size) in CLUMPS.iter().enumerate() {
                let counted: Vec<f64> = counts.0.iter().map(|ln| (ln / size).exp()).collect();
                for width in 0..WIDTHS.len() {
                    let from = Manner { slope, clump, width }.index() * CELLS;
                    for (cell, place) in cells[from..from + CELLS].iter_mut().zip(0..) {
                        *cell = (likelihood(seen, &counted, place, WIDTHS[width], &steps[width]) as f32).ln();
                    }
                }
            }
        }
        Self(cells)
    }

    /// Adds its row for a manner of failing to `sums`, the first of which stands for a tipping point `first` steps below
    /// the load of the trial, and each next one for a step more. Beyond its reach the outermost cell counts.
    pub(super) fn add(&self, manner: Manner, first: i32, sums: &mut [f32]) {
        let from = manner.index() * CELLS;
        let row = &self.0[from..from + CELLS];
        // The row is stored from far above the tipping point to far below it, so that both run the same way.
        let start = REACH - first;
        let before = usize::try_from(-start).unwrap_or(0).min(sums.len());
        let (edge, rest) = sums.split_at_mut(before);
        for sum in edge {
            *sum += row[0];
        }
        let inside = &row[usize::try_from(start).unwrap_or(0).min(CELLS)..];
        let within = rest.len().min(inside.len());
        let (rest, beyond) = rest.split_at_mut(within);
        for (sum, ln) in rest.iter_mut().zip(inside) {
            *sum += ln;
        }
        for sum in beyond {
            *sum += row[CELLS - 1];
        }
    }
}

/// ln(load of the trial ÷ tipping point) of a cell.
fn distance(place: i32) -> f64 {
    f64::from(REACH - place) * STEP
}

/// ln(likelihood) of the counts relative to the best, by cell, as if every failure came alone.
struct Counts(Vec<f64>);

impl Counts {
    fn new(seen: &Evidence, slope: f64) -> Self {
        let (answers, failed) = (seen.answers, seen.failed.min(seen.answers));
        let ln = |share: f64| {
            let passed = (answers - failed) * (1.0 - share).ln();
            if failed > 0.0 {
                failed * share.ln() + passed
            } else {
                passed
            }
        };
        let best = if failed > 0.0 {
            ln((failed / answers).min(0.999))
        } else {
            0.0
        };
        Self(
            (0..CELLS as i32)
                .map(|place| ln(share(seen.limit, slope, distance(place))) - best)
                .collect(),
        )
    }
}

/// The failed share at a distance above the tipping point, as ln(load).
fn share(limit: f64, slope: f64, distance: f64) -> f64 {
    let rising = limit * (slope * distance).min(50.0).exp();
    let fluid = if distance > 0.0 {
        1.0 - (1.0 - limit) * (-distance).exp()
    } else {
        1.0
    };
    rising.min(fluid).clamp(1e-9, 0.999)
}

/// How likely a failure is by cell, where only that it failed counts.
fn steps(seen: &Evidence, width: f64) -> Vec<f64> {
    if seen.verdict != Verdict::Bad {
        return Vec::new();
    }
    (0..CELLS as i32)
        .map(|place| normal_cdf(distance(place) / width.max(SHARPEST)))
        .collect()
}

/// How likely a verdict and its counts are. Lapses: a failure is wrong in 5 % of cases (3 % where most answers failed),
/// a pass in 10 % to 1 %, the longer the trial the less.
fn likelihood(seen: &Evidence, counted: &[f64], place: i32, width: f64, steps: &[f64]) -> f64 {
    let falsely_bad = if seen.hard { 0.03 } else { 0.05 };
    let falsely_good = match seen.seconds {
        t if t < 6.0 => 0.10,
        t if t < 20.0 => 0.05,
        t if t < 45.0 => 0.03,
        _ => 0.01,
    };
    // The load wanders by `width`: Gauss–Hermite quadrature with three nodes.
    let node = (3.0_f64.sqrt() * width / STEP).round() as i32;
    let at = |steps: i32| counted[(place + steps).clamp(0, 2 * REACH) as usize];
    let averaged = (at(-node) + 4.0 * at(0) + at(node)) / 6.0;
    if seen.verdict == Verdict::Bad {
        // A collapse fails by more than a share that rises with the load: then only that it failed counts.
        let part = if seen.drift || seen.failed > 0.3 * seen.answers {
            0.0
        } else {
            0.5
        };
        let step = steps[place as usize];
        falsely_bad + (1.0 - falsely_bad - falsely_good) * ((1.0 - part) * step + part * averaged)
    } else {
        falsely_good + (1.0 - falsely_good) * averaged
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_failed_share_meets_the_limit_at_the_tipping_point_and_never_exceeds_what_a_fluid_sheds() {
        for slope in SLOPES {
            assert!((share(0.01, slope, 0.0) - 0.01).abs() < 1e-12);
            assert!(share(0.01, slope, -0.1) < 0.01);
            let shed = 1.0 - 0.99 * (-0.3_f64).exp();
            assert!(share(0.01, slope, 0.3) <= shed + 1e-12);
        }
    }

    #[test]
    fn a_table_is_read_at_the_distance_that_is_asked_for() {
        let seen = Evidence {
            rate: 200.0,
            verdict: Verdict::Bad,
            hard: false,
            drift: true,
            seconds: 10.0,
            answers: 2_000.0,
            failed: 0.0,
            limit: 0.01,
        };
        let table = Table::new(&seen);
        let manner = Manner {
            slope: 0,
            clump: 0,
            width: 1,
        };
        // Tipping points from 400 steps below the load to 400 above it.
        let mut sums = vec![0.0; 801];
        table.add(manner, 400, &mut sums);
        let expected = |steps: f64| (0.05 + 0.90 * normal_cdf(steps * STEP / WIDTHS[1])).ln() as f32;
        assert!((sums[400] - expected(0.0)).abs() < 1e-5, "{}", sums[400]);
        assert!((sums[395] - expected(5.0)).abs() < 1e-5 && (sums[405] - expected(-5.0)).abs() < 1e-5);
        assert!(sums[0] > sums[400] && sums[800] < sums[400]);
        assert!(
            (sums[0] - sums[100]).abs() < 1e-6,
            "beyond its reach the outermost cell counts"
        );
    }
}
