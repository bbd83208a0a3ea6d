//! Down from the failing state: does the site work again at a load, without a pause?

use super::sequential::sum;
use super::step::Verdict;
use super::trial::{Cause, Plan, Slice, Terms};

/// Latency up to this multiple of what is normal counts as working again.
const STILL_WELL: f64 = 5.0;

/// A step at which most answers fail after so many seconds is over: each more of them only breaks more.
const HOPELESS_AFTER: usize = 5;

/// The verdict on a step down: good after enough seconds in a row within the limit, bad where they do not come in time.
pub(super) fn judge(plan: &Plan, slices: &[Slice], terms: &Terms<'_>) -> Option<(Verdict, Cause, f64)> {
    let normal = terms.normal?;
    let lately = &slices[slices.len().saturating_sub(terms.clean.max(1) as usize)..];
    let counts: Vec<(f64, f64)> = lately.iter().map(|slice| (slice.answers, slice.failed)).collect();
    let (answers, failed) = sum(&counts);
    let works = lately.len() >= terms.clean as usize
        && answers > 0.0
        && failed <= terms.limit * answers
        && lately
            .last()
            .is_some_and(|slice| normal.multiple(slice.latency_us) < STILL_WELL);
    if works {
        return Some((Verdict::Good, Cause::Clean, 0.0));
    }
    let share = if answers > 0.0 { failed / answers } else { 1.0 };
    let hopeless = slices.len() >= HOPELESS_AFTER && share > 0.5;
    (hopeless || slices.len() as u32 >= plan.longest || terms.out_of_time).then_some((
        Verdict::Bad,
        if terms.out_of_time {
            Cause::Time
        } else {
            Cause::Stuck
        },
        share,
    ))
}
