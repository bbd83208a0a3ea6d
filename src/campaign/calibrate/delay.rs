//! When people click: a log-normal delay after their mail arrives, the mails spread evenly over the send.
//!
//! With F(t) = Φ((ln t − μ)/σ) the share of clicks until t after the start of a send of D seconds is
//! G(t) = [H(t) − H(t − D)]/D, H(t) = ∫₀ᵗ F = t·Φ(a) − e^(μ+σ²/2)·Φ(a − σ), a = (ln t − μ)/σ.

use statrs::function::erf::erfc;

/// The standard normal distribution function, exact in its tails too.
fn normal(x: f64) -> f64 {
    0.5 * erfc(-x / std::f64::consts::SQRT_2)
}

/// The curve of clicks of one send.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ClickCurve {
    /// The median delay between a mail and its click, in seconds, above 0.
    pub median: f64,
    /// The spread of the logarithm of the delay, above 0.
    pub sigma: f64,
    /// How long the send takes, in seconds, 0 or more.
    pub send: f64,
}

impl ClickCurve {
    /// The share of all clicks that come within `seconds` after the send began.
    pub fn share_by(&self, seconds: f64) -> f64 {
        if seconds <= 0.0 {
            return 0.0;
        }
        if self.send <= 0.0 {
            return self.delay_within(seconds);
        }
        let until_all = self.integral(seconds) - self.integral(seconds - self.send);
        (until_all / self.send).clamp(0.0, 1.0)
    }

    /// F: the share of delays of at most `seconds`.
    fn delay_within(&self, seconds: f64) -> f64 {
        if seconds <= 0.0 {
            return 0.0;
        }
        normal((seconds.ln() - self.median.ln()) / self.sigma)
    }

    /// H: the integral of F until `seconds`.
    fn integral(&self, seconds: f64) -> f64 {
        if seconds <= 0.0 {
            return 0.0;
        }
        let a = (seconds.ln() - self.median.ln()) / self.sigma;
        let mean = (self.median.ln() + self.sigma * self.sigma / 2.0).exp();
        (seconds * normal(a) - mean * normal(a - self.sigma)).max(0.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_default_curve_has_the_shares_that_were_published_for_it() {
        // Median 2.95 h, σ 2.38: 1.5, 6.7, 11, 15 and 23 % of the clicks after 1, 5, 10, 15 and 30 min.
        let curve = ClickCurve {
            median: 2.95 * 3_600.0,
            sigma: 2.38,
            send: 0.0,
        };
        for (minutes, share) in [
            (1.0, 0.015),
            (5.0, 0.067),
            (10.0, 0.114),
            (15.0, 0.15),
            (30.0, 0.23),
        ] {
            let found = curve.share_by(minutes * 60.0);
            assert!((found - share).abs() < 0.006, "{minutes} min: {found}");
        }
    }

    proptest! {
        #[test]
        fn the_share_agrees_with_a_slow_sum_over_the_mails(median in 60.0_f64..40_000.0, sigma in 0.3_f64..3.0, send in 1.0_f64..20_000.0, at in 1.0_f64..200_000.0) {
            let curve = ClickCurve { median, sigma, send };
            let mails = 4_000;
            let sum: f64 = (0..mails)
                .map(|mail| curve.delay_within(at - (f64::from(mail) + 0.5) / f64::from(mails) * send))
                .sum::<f64>() / f64::from(mails);
            prop_assert!((curve.share_by(at) - sum).abs() < 1e-3, "{} against {sum}", curve.share_by(at));
        }

        #[test]
        fn the_share_never_falls_and_stays_a_share(median in 1.0_f64..1e6, sigma in 0.05_f64..6.0, send in 0.0_f64..1e5, at in 0.0_f64..1e6, more in 0.0_f64..1e5) {
            let curve = ClickCurve { median, sigma, send };
            let (early, late) = (curve.share_by(at), curve.share_by(at + more));
            prop_assert!((0.0..=1.0).contains(&early) && (0.0..=1.0).contains(&late));
            prop_assert!(late >= early - 1e-6, "{early} then {late}");
        }
    }
}
