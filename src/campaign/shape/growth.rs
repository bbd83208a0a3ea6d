//! A post that spreads with a known doubling time: logistic growth up to the peak, then a half-life.

use std::f64::consts::LN_2;

use super::Peak;

/// The rate at the start, as a part of the ceiling of the growth. Extrapolated.
const START: f64 = 0.01;
/// The rate at the peak, as a part of the ceiling: where the growth ends. Extrapolated.
const END: f64 = 0.95;

/// Logistic growth from 1 % to 95 % of its ceiling (10.9 doubling times), then an exponential decay.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Growth {
    /// The doubling time at first, in seconds; above zero.
    pub doubling: f64,
    /// The half-life after the peak, in seconds; above zero.
    pub half_life: f64,
}

impl Growth {
    fn speed(&self) -> f64 {
        LN_2 / self.doubling
    }

    /// When half of the ceiling is reached.
    fn middle(&self) -> f64 {
        ((1.0 - START) / START).ln() / self.speed()
    }

    /// When the peak is reached.
    pub(super) fn top(&self) -> f64 {
        self.middle() + (END / (1.0 - END)).ln() / self.speed()
    }

    /// ln(1 + e^x) without overflow.
    fn softplus(x: f64) -> f64 {
        if x > 30.0 { x } else { x.exp().ln_1p() }
    }

    /// The integral of 1/(1 + e^(−k(t − m))) from 0 to `at`, before the peak.
    fn grown(&self, at: f64) -> f64 {
        let (speed, middle) = (self.speed(), self.middle());
        (Self::softplus(speed * (at - middle)) - Self::softplus(-speed * middle)) / speed
    }

    fn fading(&self) -> f64 {
        END * self.half_life / LN_2
    }

    fn total(&self) -> f64 {
        self.grown(self.top()) + self.fading()
    }

    pub(super) fn density(&self, at: f64) -> f64 {
        let top = self.top();
        let height = if at <= top {
            1.0 / (1.0 + (-self.speed() * (at - self.middle())).exp())
        } else {
            END * (-(at - top) / self.half_life).exp2()
        };
        height / self.total()
    }

    pub(super) fn share_by(&self, at: f64) -> f64 {
        let top = self.top();
        let sum = if at <= top {
            self.grown(at)
        } else {
            self.grown(top) + self.fading() * (1.0 - (-(at - top) / self.half_life).exp2())
        };
        sum / self.total()
    }

    pub(super) fn peak(&self) -> Peak {
        Peak {
            at: self.top(),
            density: END / self.total(),
        }
    }

    pub(super) fn corners(&self) -> Vec<f64> {
        vec![0.0, self.top()]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_doubles_at_first_and_halves_at_last() {
        let growth = Growth {
            doubling: 600.0,
            half_life: 7_200.0,
        };
        let ratio = growth.density(600.0) / growth.density(0.0);
        assert!((1.97..2.0).contains(&ratio), "{ratio}");
        let late = growth.top() + 1_000.0;
        assert!((growth.density(late + 7_200.0) / growth.density(late) - 0.5).abs() < 1e-9);
        assert!((growth.top() / 600.0 - 10.88).abs() < 0.01);
    }
}
