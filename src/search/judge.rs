//! The verdict on a trial under load, asked after each of its seconds.

use super::normal::Normal;
use super::sequential::{BOUND, Drift, drift, log_likelihood_ratio, sum};
use super::step::{Phase, Verdict};
use super::trial::{Cause, Plan, Slice, Terms};

/// The verdict, what it rests on and the failed share, once they are known.
pub(super) fn judge(plan: &Plan, slices: &[Slice], terms: &Terms<'_>) -> Option<(Verdict, Cause, f64)> {
    let normal = terms.normal?;
    let seen = Seen::new(plan, slices, terms, normal);
    if seen.is_refused(slices, terms, normal) {
        return Some((Verdict::Bad, Cause::Refused, 0.0));
    }
    let in_flight: Vec<f64> = slices.iter().map(|slice| slice.in_flight).collect();
    let drift = drift(&in_flight, plan.rate, normal.in_flight(plan.rate), seen.latency);
    if drift == Drift::Growing {
        return Some((Verdict::Bad, Cause::Drift, seen.share()));
    }
    if seen.fails_hard() {
        return Some((Verdict::Bad, Cause::Hard, seen.tail(2)));
    }
    if seen.fails(plan, terms) {
        return Some((Verdict::Bad, Cause::Above, seen.share()));
    }
    if drift == Drift::None && seen.passes(plan) {
        return Some((Verdict::Good, Cause::Below, seen.share()));
    }
    let longest = f64::from(plan.longest).max(if plan.phase == Phase::Coarse {
        0.0
    } else {
        (6.0 * terms.clustering / (terms.limit * plan.rate)).min(f64::from(terms.extension))
    });
    (seen.seconds() >= longest || terms.out_of_time).then(|| seen.at_the_end(plan, terms))
}

/// The seconds of a trial as answers and failures, requests long overdue counted as failed.
struct Seen {
    windows: Vec<(f64, f64)>,
    limit: f64,
    /// How many of the last seconds the running tests look at.
    lately: usize,
    ratio: f64,
    /// Median latency of the last two seconds as a multiple of what is normal.
    latency: f64,
}

impl Seen {
    fn new(plan: &Plan, slices: &[Slice], terms: &Terms<'_>, normal: Normal) -> Self {
        let mut windows: Vec<(f64, f64)> = slices.iter().map(|slice| (slice.answers, slice.failed)).collect();
        if let (Some(window), Some(slice)) = (windows.last_mut(), slices.last()) {
            window.0 += slice.overdue;
            window.1 += slice.overdue;
        }
        let usual = if windows.len() > 40 { 30 } else { 10 };
        let needed = (4.0 * terms.clustering / (terms.limit * plan.rate)).min(120.0) as usize;
        let lately = usual.max(needed);
        let ratio = log_likelihood_ratio(last(&windows, lately), terms.limit, terms.clustering);
        let latency = last(slices, 2)
            .iter()
            .map(|slice| slice.latency_us)
            .fold(0.0, f64::max);
        Self {
            limit: terms.limit,
            lately,
            ratio,
            latency: normal.multiple(latency),
            windows,
        }
    }

    fn seconds(&self) -> f64 {
        self.windows.len() as f64
    }

    /// The failed share of the last `count` seconds.
    fn tail(&self, count: usize) -> f64 {
        let (answers, failed) = sum(last(&self.windows, count));
        if answers > 0.0 { failed / answers } else { 0.0 }
    }

    /// The failed share that the running tests look at.
    fn share(&self) -> f64 {
        self.tail(self.lately)
    }

    /// Refusals of us stand above the limit, and the baseline had far fewer.
    fn is_refused(&self, slices: &[Slice], terms: &Terms<'_>, normal: Normal) -> bool {
        let refusals: Vec<(f64, f64)> = last(slices, self.lately)
            .iter()
            .map(|slice| (slice.answers + slice.refused, slice.refused))
            .collect();
        let (answers, refused) = sum(&refusals);
        refused > (terms.limit + 2.0 * normal.refused) * answers
            && log_likelihood_ratio(&refusals, terms.limit, terms.clustering) > BOUND
    }

    fn fails_hard(&self) -> bool {
        self.windows.len() >= 2 && self.tail(2) > 0.3 && self.ratio > BOUND
    }

    fn fails(&self, plan: &Plan, terms: &Terms<'_>) -> bool {
        if self.windows.len() < terms.believed as usize || self.ratio <= BOUND {
            return false;
        }
        // Where a second holds too few requests to show the limit, three separate failing seconds stand in for it.
        if terms.limit * plan.rate < 4.0 {
            return failing_seconds(last(&self.windows, self.lately)) >= 3;
        }
        let hot = last(&self.windows, 4)
            .iter()
            .filter(|window| window.1 > self.limit * window.0)
            .count();
        self.tail(3) > self.limit && hot >= 3
    }

    fn passes(&self, plan: &Plan) -> bool {
        let coarse = plan.phase == Phase::Coarse;
        let (answers, failed) = sum(&self.windows);
        // A hold vouches for all of its time, not for its last seconds.
        if plan.phase == Phase::Hold && failed > self.limit * answers {
            return false;
        }
        let clean = self.ratio < -BOUND || coarse && (self.ratio < -1.0 || failed == 0.0 && answers > 0.0);
        self.seconds() >= f64::from(plan.shortest) && clean && (self.windows.len() >= 8 || self.latency < 3.0)
    }

    /// What the share says once the time is up.
    fn at_the_end(&self, plan: &Plan, terms: &Terms<'_>) -> (Verdict, Cause, f64) {
        let count = self.windows.len();
        let over = if count > 23 {
            count - 3
        } else {
            self.lately.max(20)
        };
        let (answers, failed) = sum(last(&self.windows, over));
        let share = if answers > 0.0 { failed / answers } else { 0.0 };
        let spread = failing_seconds(&self.windows) >= if count < 30 { 3 } else { 2 };
        let limit = terms.limit;
        let verdict = if answers == 0.0 {
            Verdict::Unknown
        } else if share < limit / 2.5 && (failed == 0.0 || answers * limit >= 2.0) {
            Verdict::Good
        } else if share > 2.5 * limit && (spread || self.tail(2) > 0.3) {
            Verdict::Bad
        } else if plan.phase == Phase::Coarse || answers * limit < 1.0 {
            Verdict::Unknown
        } else {
            Verdict::Near
        };
        (verdict, Cause::Time, share)
    }
}

fn failing_seconds(windows: &[(f64, f64)]) -> usize {
    windows.iter().filter(|window| window.1 > 0.0).count()
}

/// The last `count` elements.
fn last<T>(all: &[T], count: usize) -> &[T] {
    &all[all.len().saturating_sub(count)..]
}
