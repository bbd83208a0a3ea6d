//! The two trials at a small load: the baseline, which learns what is normal, and the recovery after a failure, which
//! waits until it is normal again.

use super::normal::Normal;
use super::sequential::{BOUND, log_likelihood_ratio, sum};
use super::step::Verdict;
use super::trial::{Cause, Plan, Slice, Terms};

/// Successes that a normal latency rests on, where they come within the longest baseline.
const ENOUGH_SUCCESSES: f64 = 30.0;

/// The verdict on a baseline: good once enough successes were seen, bad where failures stand above the limit or no
/// success came at all.
pub(super) fn judge(plan: &Plan, slices: &[Slice], terms: &Terms<'_>) -> Option<(Verdict, Cause, f64)> {
    let windows: Vec<(f64, f64)> = slices.iter().map(|slice| (slice.answers, slice.failed)).collect();
    let (answers, failed) = sum(&windows);
    let share = if answers > 0.0 { failed / answers } else { 0.0 };
    let successes: f64 = slices.iter().map(|slice| slice.successes).sum();
    let refused: f64 = slices.iter().map(|slice| slice.refused).sum();
    let seconds = slices.len() as u32;
    let over = seconds >= plan.longest || terms.out_of_time;
    let long_enough = seconds >= plan.shortest || over;
    if long_enough && refused > 0.5 * (answers + refused) {
        return Some((Verdict::Bad, Cause::Refused, share));
    }
    // A few failures on a small sample may be chance: then it goes on for longer before it says so.
    let stands = log_likelihood_ratio(&windows, terms.limit, 1.0) > BOUND && share > terms.limit;
    if stands && (over || long_enough && answers >= ENOUGH_SUCCESSES || share > 0.9 && answers >= 5.0) {
        return Some((Verdict::Bad, Cause::Above, share));
    }
    if long_enough && successes >= ENOUGH_SUCCESSES && !stands {
        return Some((Verdict::Good, Cause::Below, share));
    }
    over.then_some(if successes > 0.0 {
        (Verdict::Good, Cause::Time, share)
    } else {
        (Verdict::Bad, Cause::Time, share)
    })
}

/// What the seconds of a baseline say is normal: the median of their medians, weighted by their successes.
pub(super) fn normal(slices: &[Slice]) -> Option<Normal> {
    let mut medians: Vec<(f64, f64)> = slices
        .iter()
        .filter(|slice| slice.successes > 0.0)
        .map(|slice| (slice.latency_us, slice.successes))
        .collect();
    medians.sort_by(|a, b| a.0.total_cmp(&b.0));
    let half = medians.iter().map(|median| median.1).sum::<f64>() / 2.0;
    let mut below = 0.0;
    let latency_us = medians.iter().find_map(|(latency_us, successes)| {
        below += successes;
        (below >= half).then_some(*latency_us)
    })?;
    let refused: f64 = slices.iter().map(|slice| slice.refused).sum();
    let answers: f64 = slices.iter().map(|slice| slice.answers).sum();
    Some(Normal {
        latency_us,
        refused: refused / (answers + refused).max(1.0),
    })
}

/// The verdict on a recovery: good after enough clean seconds in a row, bad where they do not come in time. A second
/// without requests and with none in flight says nothing, and is passed over.
pub(super) fn recovered(plan: &Plan, slices: &[Slice], terms: &Terms<'_>) -> Option<(Verdict, Cause, f64)> {
    let normal = terms.normal?;
    let quiet = |slice: &&Slice| slice.answers == 0.0 && slice.failed == 0.0 && slice.pending == 0.0;
    let clean = |slice: &&Slice| {
        slice.failed == 0.0 && slice.successes > 0.0 && normal.multiple(slice.latency_us) < 2.0
    };
    let in_a_row = slices
        .iter()
        .rev()
        .filter(|slice| !quiet(slice))
        .take_while(clean)
        .count();
    if in_a_row >= terms.clean as usize {
        return Some((Verdict::Good, Cause::Clean, 0.0));
    }
    (slices.len() as u32 >= plan.longest || terms.out_of_time).then_some((
        Verdict::Bad,
        if terms.out_of_time {
            Cause::Time
        } else {
            Cause::Stuck
        },
        0.0,
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::FailureSet;
    use crate::search::Phase;

    fn slice(answers: f64, failed: f64) -> Slice {
        Slice {
            sent: answers,
            moves: 0.0,
            answers,
            failed,
            refused: 0.0,
            successes: answers - failed,
            latency_us: 40_000.0,
            in_flight: 1.0,
            overdue: 0.0,
            pending: 0.0,
        }
    }

    fn verdict(slices: &[Slice]) -> Option<Verdict> {
        let plan = Plan {
            phase: Phase::Baseline,
            rate: 10.0,
            start: 10.0,
            ramp: 0,
            shortest: 4,
            longest: 15,
        };
        let terms = Terms {
            failure: &FailureSet::Gateway,
            limit: 0.01,
            normal: None,
            clustering: 1.0,
            out_of_time: false,
            clean: 2,
            believed: 6,
            extension: 180,
        };
        judge(&plan, slices, &terms).map(|(verdict, _, _)| verdict)
    }

    #[test]
    fn a_baseline_waits_for_thirty_successes_or_fifteen_seconds() {
        assert_eq!(verdict(&[slice(10.0, 0.0); 3]), None);
        assert_eq!(verdict(&[slice(10.0, 0.0); 4]), Some(Verdict::Good));
        assert_eq!(verdict(&[slice(1.0, 0.0); 14]), None);
        assert_eq!(verdict(&[slice(1.0, 0.0); 15]), Some(Verdict::Good));
    }

    #[test]
    fn seconds_in_which_nothing_was_asked_show_no_recovery() {
        let plan = Plan {
            phase: Phase::Recover,
            rate: 2.0,
            start: 2.0,
            ramp: 0,
            shortest: 0,
            longest: 90,
        };
        let normal = super::normal(&[slice(10.0, 0.0); 4]);
        let terms = Terms {
            failure: &FailureSet::Gateway,
            limit: 0.01,
            normal,
            clustering: 1.0,
            out_of_time: false,
            clean: 2,
            believed: 6,
            extension: 180,
        };
        let verdict = |slices: &[Slice]| recovered(&plan, slices, &terms).map(|(verdict, _, _)| verdict);
        let (well, nothing, broken) = (slice(2.0, 0.0), slice(0.0, 0.0), slice(2.0, 2.0));
        assert_eq!(verdict(&[broken, nothing, nothing, nothing]), None);
        assert_eq!(verdict(&[broken, well, nothing, well]), Some(Verdict::Good));
        assert_eq!(verdict(&[well, broken, well]), None);
    }

    #[test]
    fn a_site_that_fails_at_once_is_named_at_once() {
        assert_eq!(verdict(&[slice(10.0, 10.0); 1]), Some(Verdict::Bad));
        assert_eq!(verdict(&[slice(10.0, 3.0); 4]), Some(Verdict::Bad));
        assert_eq!(verdict(&[slice(0.0, 0.0); 15]), Some(Verdict::Bad));
    }
}
