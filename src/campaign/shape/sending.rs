//! People who follow mails that go out evenly over some time: λ(t) = N·c·[F(t) − F(t − D)]/D.

use super::{Delay, Peak};
use crate::campaign::numeric;

/// An even send, and the delay of those who follow it.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Sending {
    /// From the mail to the click.
    pub delay: Delay,
    /// How long the send takes, in seconds; zero for all at once.
    pub duration: f64,
}

impl Sending {
    /// Mails that go out evenly over `duration` seconds, 0 or more, and log-normal clicks with this median, in seconds,
    /// and spread; both above 0.
    pub const fn new(median: f64, sigma: f64, duration: f64) -> Self {
        Self {
            delay: Delay { median, sigma },
            duration,
        }
    }

    pub(super) fn density(&self, at: f64) -> f64 {
        if self.duration <= 0.0 {
            return self.delay.density(at);
        }
        let sent = self.delay.share_by(at) - self.delay.share_by(at - self.duration);
        (sent / self.duration).max(0.0)
    }

    /// The share of all clicks that come within `at` seconds after the send began.
    pub fn share_by(&self, at: f64) -> f64 {
        if self.duration <= 0.0 {
            return self.delay.share_by(at);
        }
        let followed = self.delay.integral(at) - self.delay.integral(at - self.duration);
        (followed / self.duration).clamp(0.0, 1.0)
    }

    /// At the last mail, or a little after it where the send is short against the first clicks.
    pub(super) fn peak(&self) -> Peak {
        let mode = self.delay.mode();
        if self.duration <= 0.0 {
            return Peak {
                at: mode,
                density: self.delay.density(mode),
            };
        }
        let (at, density) = numeric::top(|at| self.density(at), self.duration, self.duration + mode);
        Peak { at, density }
    }

    pub(super) fn corners(&self) -> Vec<f64> {
        vec![
            0.0,
            self.peak().at.min(self.duration),
            self.duration,
            self.duration + self.delay.mode(),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_closed_peak_is_right_for_long_sends_and_low_for_short_ones() {
        let off = |minutes: f64| {
            let sending = Sending {
                delay: Delay::NEWSLETTER,
                duration: minutes * 60.0,
            };
            let closed = sending.delay.share_by(sending.duration) / sending.duration;
            sending.peak().density / closed - 1.0
        };
        assert!(off(10.0) < 0.002, "{}", off(10.0));
        assert!((0.04..0.08).contains(&off(1.0)), "{}", off(1.0));
    }

    proptest! {
        #[test]
        fn the_share_agrees_with_a_slow_sum_over_the_mails(median in 60.0_f64..40_000.0, sigma in 0.3_f64..3.0, duration in 1.0_f64..20_000.0, at in 1.0_f64..200_000.0) {
            let sending = Sending::new(median, sigma, duration);
            let mails = 4_000;
            let sent_at = |mail: u32| (f64::from(mail) + 0.5) / f64::from(mails) * duration;
            let sum: f64 = (0..mails).map(|mail| sending.delay.share_by(at - sent_at(mail))).sum::<f64>() / f64::from(mails);
            prop_assert!((sending.share_by(at) - sum).abs() < 1e-3, "{} against {sum}", sending.share_by(at));
        }
    }
}
