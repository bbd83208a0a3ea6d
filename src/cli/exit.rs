//! One number for each way a command can end, decided in one place.

use crate::analysis::ThresholdVerdict as Judged;
use crate::record::Ending;
use crate::search::Kind;

/// How a command ended, as the shell sees it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum Exit {
    /// What was asked for was done, and every threshold holds.
    Success = 0,
    /// Input, output or a fault of ours.
    Internal = 1,
    /// A bad scenario, or a bad command line.
    Usage = 2,
    /// The guard refused.
    Refused = 3,
    /// The target was broken before any load, or fails at the lowest.
    Broken = 4,
    /// Not known because of this machine.
    OurLimit = 5,
    /// Not known for another reason.
    NotKnown = 6,
    /// A threshold failed.
    Threshold = 99,
    /// Interrupted by hand.
    Interrupted = 130,
}

/// The exit of a run that came to its end, in the order of precedence that the manual gives. `is_limited` where this
/// machine was too slow for what was asked of it.
pub(super) fn of_run(
    ending: Ending,
    kind: Option<Kind>,
    converged: bool,
    is_limited: bool,
    thresholds: &[Judged],
) -> Exit {
    if ending == Ending::Interrupted {
        return Exit::Interrupted;
    }
    if kind == Some(Kind::AlreadyFailing) {
        return Exit::Broken;
    }
    if thresholds.contains(&Judged::Fail) {
        return Exit::Threshold;
    }
    let ours = kind == Some(Kind::OurLimit) || (kind.is_none() && is_limited);
    if !thresholds.is_empty() {
        return match (thresholds.contains(&Judged::NotKnown), ours) {
            (false, _) => Exit::Success,
            (true, true) => Exit::OurLimit,
            (true, false) => Exit::NotKnown,
        };
    }
    match kind {
        Some(Kind::OurLimit) => Exit::OurLimit,
        Some(Kind::Unsteady | Kind::Blocked) => Exit::NotKnown,
        Some(_) if !converged => Exit::NotKnown,
        _ => Exit::Success,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_ending_has_its_number() {
        let exit = |ending, kind, converged, thresholds: &[Judged]| {
            of_run(ending, kind, converged, false, thresholds) as u8
        };
        let done = Ending::Complete;
        assert_eq!(exit(done, Some(Kind::Tipped), true, &[]), 0);
        assert_eq!(exit(done, Some(Kind::NotReached), true, &[]), 0);
        assert_eq!(exit(done, Some(Kind::OurLimit), false, &[]), 5);
        assert_eq!(exit(done, Some(Kind::Blocked), true, &[]), 6);
        assert_eq!(exit(done, Some(Kind::Unsteady), true, &[]), 6);
        assert_eq!(exit(Ending::Capped, Some(Kind::Tipped), false, &[]), 6);
        assert_eq!(exit(done, Some(Kind::AlreadyFailing), true, &[Judged::Fail]), 4);
        assert_eq!(
            exit(
                Ending::Interrupted,
                Some(Kind::AlreadyFailing),
                true,
                &[Judged::Fail]
            ),
            130
        );
        assert_eq!(
            exit(done, Some(Kind::Tipped), true, &[Judged::Pass, Judged::Fail]),
            99
        );
        assert_eq!(
            exit(done, Some(Kind::OurLimit), false, &[Judged::Pass, Judged::Fail]),
            99
        );
        assert_eq!(exit(done, Some(Kind::OurLimit), false, &[Judged::NotKnown]), 5);
        assert_eq!(exit(done, Some(Kind::Tipped), true, &[Judged::NotKnown]), 6);
        assert_eq!(exit(done, Some(Kind::Unsteady), true, &[Judged::Pass]), 0);
        assert_eq!(exit(done, None, true, &[]), 0);
        assert_eq!(exit(Ending::Capped, None, true, &[]), 0);
        let limited = |thresholds: &[Judged]| of_run(done, None, true, true, thresholds) as u8;
        assert_eq!(limited(&[Judged::NotKnown]), 5);
        assert_eq!(limited(&[Judged::Pass]), 0);
        assert_eq!(limited(&[Judged::Fail, Judged::NotKnown]), 99);
    }
}
