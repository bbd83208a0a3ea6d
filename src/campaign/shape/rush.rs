//! A flash sale or an on-sale: some wait before the clock strikes and come at once, the others fade.

use super::Peak;

/// `waiting` of them come evenly within `within` seconds, the others by an exponential decay.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Rush {
    /// The part that waits: 0 to 1; none by default, 30 % in the stress preset.
    pub waiting: f64,
    /// Within how many seconds those who wait come; above zero.
    pub within: f64,
    /// τd of the others, in seconds; above zero.
    pub decay: f64,
}

impl Rush {
    pub(super) fn density(&self, at: f64) -> f64 {
        let step = if at <= self.within {
            self.waiting / self.within
        } else {
            0.0
        };
        step + (1.0 - self.waiting) * (-at / self.decay).exp() / self.decay
    }

    pub(super) fn share_by(&self, at: f64) -> f64 {
        let step = self.waiting * (at / self.within).min(1.0);
        step - (1.0 - self.waiting) * (-at / self.decay).exp_m1()
    }

    pub(super) fn peak(&self) -> Peak {
        Peak {
            at: 0.0,
            density: self.density(0.0),
        }
    }

    pub(super) fn corners(&self) -> Vec<f64> {
        vec![0.0, self.within]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sale_peaks_as_documented_with_and_without_its_stress_preset() {
        let peak = |waiting| {
            Rush {
                waiting,
                within: 10.0,
                decay: 600.0,
            }
            .peak()
            .density
        };
        assert!((peak(0.0) - 0.0017).abs() < 5e-5, "{}", peak(0.0));
        assert!((peak(0.3) - 0.031).abs() < 5e-4, "{}", peak(0.3));
    }
}
