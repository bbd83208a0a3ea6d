//! What a trial of a proof showed, in numbers, and a failure that does not stand yet.

use super::super::normal::Normal;
use super::super::trial::{Cause, Outcome, Plan, Slice};

/// The part of what was still answered well at which the site is left after a failure: busy enough for an autoscaler
/// to act, and not too much.
const WAITING: f64 = 0.9;
/// By how much more a site must answer well at the same load to count as grown.
const GROWN: f64 = 1.15;

/// Below this multiple of the limit, over all of a trial, failures are faint.
const FAINT: f64 = 3.0;

/// What a trial came to, in numbers.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Seen {
    pub(super) rate: f64,
    pub(super) seconds: f64,
    pub(super) answers: f64,
    pub(super) failed: f64,
    /// Good answers a second once failures had set in.
    pub(super) goodput: f64,
    /// Over how many seconds that was counted.
    pub(super) goodput_seconds: f64,
    /// The failed share of its worst second, among those with enough answers to tell.
    pub(super) worst_share: f64,
    /// Whether it failed as behind a limiter: at flat latency, nothing piling up.
    pub(super) refused_flat: bool,
    /// Whether its failures stood above the limit, and most of its seconds were well: a few blips can do that.
    is_faint: bool,
}

impl Seen {
    pub(super) fn new(plan: &Plan, outcome: &Outcome, normal: Option<Normal>, limit: f64) -> Self {
        let sum = |of: &dyn Fn(&Slice) -> f64| outcome.slices.iter().map(of).sum::<f64>();
        let flat = |normal: Normal| {
            outcome.cause != Cause::Drift
                && normal.multiple(outcome.latency_us) < 1.4
                && outcome.in_flight < 1.5 * normal.in_flight(plan.rate) + 10.0
        };
        Self {
            rate: plan.rate,
            seconds: outcome.seconds,
            answers: sum(&|slice| slice.answers),
            failed: sum(&|slice| slice.failed),
            goodput: outcome.goodput.0,
            goodput_seconds: outcome.goodput.1.max(1.0),
            worst_share: outcome
                .slices
                .iter()
                .filter(|slice| slice.answers >= 10.0)
                .map(|slice| slice.failed / slice.answers)
                .fold(0.0, f64::max),
            refused_flat: normal.is_some_and(flat),
            is_faint: outcome.cause == Cause::Above
                && sum(&|slice| slice.failed) < FAINT * limit * sum(&|slice| slice.answers),
        }
    }
}

impl Seen {
    /// Whether some requests failed, and some did not.
    pub(super) fn is_partial(&self) -> bool {
        self.failed > 0.0 && self.failed < 0.9 * self.answers
    }

    /// A load that the site answers well though it fails at this one: less than its goodput by a part of it, and by
    /// the standard deviation of the difference of two such counts.
    pub(super) fn carried(&self) -> f64 {
        let deviation = (2.0 / (self.goodput * self.goodput_seconds).max(1.0)).sqrt();
        WAITING * self.goodput * (1.0 - deviation).max(0.0)
    }

    /// Whether it must be seen once more than other failures before it stands.
    pub(super) fn is_faint(&self) -> bool {
        self.is_faint
    }

    /// Whether the site now answers clearly more than in `before`: by a part, and beyond chance.
    pub(super) fn has_grown_since(&self, before: &Seen) -> bool {
        let variance = self.goodput / self.goodput_seconds + before.goodput / before.goodput_seconds;
        self.goodput > GROWN * before.goodput && self.goodput - before.goodput > 2.5 * variance.sqrt()
    }
}

/// A failure that does not stand yet: a moment's trouble, cold caches and a site that grows look the same at first.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Doubt {
    /// What failed.
    pub(super) failed: Seen,
    /// Seconds that the site had since; infinite where that was enough.
    pub(super) waited: f64,
    /// Whether it failed while it was to have it.
    pub(super) failed_waiting: bool,
    /// How often it answered clearly more at the same load.
    pub(super) growths: u32,
    /// Whether a faint failure confirmed it already.
    pub(super) confirmed: bool,
}

impl Doubt {
    pub(super) fn about(failed: Seen) -> Self {
        Self {
            failed,
            waited: 0.0,
            failed_waiting: false,
            growths: 0,
            confirmed: false,
        }
    }
}
