//! Where the tipping point may be, given the verdicts so far: a psychometric function with lapse rates, averaged over
//! what is not known about the site (M. Kuss, F. Jäkel, F. Wichmann, Journal of Vision 5, 2005, for the likelihood).

use std::f64::consts::TAU;

use super::evidence::{CLUMPS, Evidence, Manner, STEP, Table, cell};
use super::step::Verdict;

/// A reading of the capacity from what still went well under overload.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Reading {
    /// Good answers a second.
    pub(super) rate: f64,
    /// Its relative standard deviation.
    pub(super) deviation: f64,
}

/// By how much a load that passed may still be above the tipping point, in standard deviations of the work that arrives
/// during the trial: √(2/(load·seconds)) for Poisson arrivals and service of the same variation.
const BLIND: [f64; 3] = [0.0, 1.5, 4.0];

/// The distribution of the tipping point over a grid of loads.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Posterior {
    /// ln of the lowest cell's load.
    from: f64,
    /// The probability of each cell; they sum to one.
    cells: Vec<f64>,
}

impl Posterior {
    /// The distribution on loads from `low` to `high`, with a margin, after `trials` and perhaps a `reading`.
    pub(super) fn new(
        trials: &[(Evidence, &Table)],
        reading: Option<Reading>,
        low: f64,
        high: f64,
        clustering: f64,
    ) -> Self {
        let k = super::knob::knob;
        let (from, to) = (low.ln() - 0.15, high.max(low).ln() + 0.1);
        let count = ((to - from) / STEP).ceil().max(1.0) as usize;
        let mut cells = vec![0.0_f64; count];
        let mut row = vec![0.0_f32; count];
        let blinds = [k("B0", BLIND[0]), k("B1", 2.5), k("B2", 6.0)];
        let (center, cs) = if clustering > 0.0 {
            ((k("CC", 2.0) * clustering).max(k("CM2", 3.0)).ln(), k("CS2", 0.9))
        } else {
            (k("CM", 6.0).ln(), k("CS", 1.3))
        };
        for manner in Manner::all() {
            let weight = (-0.5 * ((CLUMPS[manner.clump].ln() - center) / cs).powi(2)).exp() as f32;
            for (blind, wb) in blinds.iter().zip([k("WB0", 1.0), k("WB1", 1.0), k("WB2", 1.0)]) {
                let ww = [k("WW0", 0.5), k("WW1", 1.0), k("WW2", 0.4)][manner.width];
                let ws = [k("WS0", 1.0), k("WS1", 1.0), k("WS2", 1.0), k("WS3", 1.0)][manner.slope];
                row.fill((weight * (wb * ww * ws) as f32).ln());
                for (seen, table) in trials {
                    let shift = if seen.verdict == Verdict::Bad {
                        0.0
                    } else {
                        blind * (2.0 / (seen.rate * seen.seconds.max(1.0))).sqrt()
                    };
                    let first = ((seen.rate.ln() - from - shift) / STEP - 0.5).round() as i32;
                    let likelihoods = table.row(manner);
                    for (sum, place) in row.iter_mut().zip(0..) {
                        *sum += likelihoods[cell(first - place)];
                    }
                }
                for (cell, ln) in cells.iter_mut().zip(&row) {
                    *cell += f64::from(ln.exp());
                }
            }
        }
        if let Some(reading) = reading {
            let flat = 1.0 / (to - from);
            for (weight, place) in cells.iter_mut().zip(0..) {
                let theta = from + (f64::from(place) + 0.5) * STEP;
                let rw = k("RW", 0.5);
                *weight *= rw * density(theta - reading.rate.ln(), reading.deviation.max(k("RD", 0.03))) + (1.0 - rw) * flat;
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

/// The density of a normal distribution around zero.
fn density(distance: f64, deviation: f64) -> f64 {
    (-0.5 * (distance / deviation).powi(2)).exp() / (deviation * TAU.sqrt())
}
