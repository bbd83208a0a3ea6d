//! What is left of a tipping point, and what of a campaign fits into it.

use crate::campaign::assume::Planned;
use crate::campaign::forecast::{Others, Streams, Variant};
use crate::campaign::numeric;

/// The shortest send that is told from all at once, in seconds.
const AT_ONCE: f64 = 1.0;
/// Durations that are looked at before the shortest safe one is narrowed down.
const DURATIONS: u32 = 60;

/// What a campaign may use.
pub(super) struct Capacity<'a> {
    pub(super) campaign: &'a Planned,
    pub(super) others: &'a Others,
    /// In pages per second.
    pub(super) baseline: f64,
    /// λ_tip/h: what everything together may bring, in pages per second.
    pub(super) allowed: f64,
}

impl Capacity<'_> {
    /// The highest load of everything together while `variant` runs: λ_peak·P + λ_scan + B, and other campaigns.
    pub(super) fn total(&self, variant: Variant) -> f64 {
        let own = Streams::new(self.campaign, variant);
        self.others.peak_with(&own) + self.baseline
    }

    fn fits(&self, variant: Variant) -> bool {
        self.total(variant) <= self.allowed * (1.0 + 1e-9)
    }

    /// The largest audience of a send such as `variant`: C/ℓ(D) where nothing else runs; zero where nothing fits.
    pub(super) fn largest(&self, variant: Variant) -> f64 {
        let of = |audience: f64| self.total(Variant { audience, ..variant });
        let one = Variant {
            audience: 1.0,
            ..variant
        };
        let each = Streams::new(self.campaign, one).peak().1;
        let left = self.allowed - self.baseline;
        if left <= 0.0 || each <= 0.0 {
            return 0.0;
        }
        let most = left / each;
        if of(most) <= self.allowed * (1.0 + 1e-9) {
            return most;
        }
        let least = most * 1e-6;
        if of(least) > self.allowed {
            return 0.0;
        }
        numeric::crossing(of, self.allowed, least, most)
    }

    /// The shortest allowed send of the planned audience that fits, in seconds: zero for all at once.
    pub(super) fn shortest(&self) -> Option<f64> {
        let planned = self.campaign.variant();
        let fits = |duration: f64| self.fits(Variant { duration, ..planned });
        if fits(0.0) {
            return Some(0.0);
        }
        let longest = self.campaign.longest.max(AT_ONCE * 1.001);
        let mut before = 0.0;
        for duration in numeric::spread(AT_ONCE, longest, DURATIONS) {
            if fits(duration) {
                let is_safe = |at: f64| if fits(at) { 1.0 } else { 0.0 };
                return Some(numeric::crossing(is_safe, 1.0, before, duration));
            }
            before = duration;
        }
        None
    }

    /// Mails a minute that fit however many there are: 60·C/(c·P + s·L).
    pub(super) fn endless_per_minute(&self) -> f64 {
        let campaign = self.campaign;
        let each = campaign.response * campaign.pages + campaign.scanner_share * campaign.links;
        let left = (self.allowed - self.baseline).max(0.0);
        if each > 0.0 { 60.0 * left / each } else { 0.0 }
    }

    /// The share of scanned mails at which the planned send just fits: 0 to 1; nothing where it does not without any.
    pub(super) fn break_even(&self) -> Option<f64> {
        let planned = self.campaign.variant();
        let at = |scanner_share: f64| {
            self.total(Variant {
                scanner_share,
                ..planned
            })
        };
        if at(0.0) > self.allowed {
            return None;
        }
        if at(1.0) <= self.allowed {
            return Some(1.0);
        }
        Some(numeric::crossing(at, self.allowed, 0.0, 1.0))
    }
}
