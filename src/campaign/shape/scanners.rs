//! Link scanners: mails that arrive evenly over some time, each of whose links is opened within a minute. A trapezoid.

use super::Peak;

/// A trapezoid: the convolution of an even send with an even opening.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Scanners {
    /// How long the send takes, in seconds; zero for all at once.
    pub duration: f64,
    /// Within how many seconds after its arrival a mail's links are opened; above zero.
    pub within: f64,
}

impl Scanners {
    fn ramp(&self) -> f64 {
        self.duration.min(self.within)
    }

    fn long(&self) -> f64 {
        self.duration.max(self.within)
    }

    pub(super) fn end(&self) -> f64 {
        self.duration + self.within
    }

    pub(super) fn density(&self, at: f64) -> f64 {
        let height = 1.0 / self.long();
        let ramp = self.ramp();
        if at < 0.0 || at > self.end() {
            0.0
        } else if at < ramp {
            height * at / ramp
        } else if at <= self.long() {
            height
        } else if ramp > 0.0 {
            height * (self.end() - at) / ramp
        } else {
            0.0
        }
    }

    pub(super) fn share_by(&self, at: f64) -> f64 {
        let (ramp, long) = (self.ramp(), self.long());
        let up = |seconds: f64| {
            if ramp > 0.0 {
                seconds * seconds / (2.0 * ramp * long)
            } else {
                0.0
            }
        };
        if at < ramp {
            up(at)
        } else if at <= long {
            (at - ramp / 2.0) / long
        } else {
            1.0 - up((self.end() - at).max(0.0))
        }
    }

    pub(super) fn peak(&self) -> Peak {
        Peak {
            at: self.long(),
            density: 1.0 / self.long(),
        }
    }

    pub(super) fn corners(&self) -> Vec<f64> {
        vec![0.0, self.ramp(), self.long(), self.end()]
    }
}
