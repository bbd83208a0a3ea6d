//! From what a search found to a tipping point that campaigns may be held against; or why it says nothing about them.

use super::{Measured, TippingPoint};
use crate::analysis::{Reason, Value};
use crate::scenario::StandsFor;
use crate::search::{Finding, Kind, Limit};
use crate::units::Rate;
use crate::words::ReasonText;

/// Above this share of answers from a cache at the edge, a run says nothing about the site behind it.
const EDGE_SHARE: f64 = 0.10;

/// A load above a failing one by this factor tells that the site carries it by now: what lies nearer may be chance.
const LATER: f64 = 1.1;

/// Why a run says nothing about a campaign.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Unusable {
    /// It played a load and searched for nothing.
    NothingSearched,
    /// It found a rate limit from one address.
    LimitOfOneAddress,
    /// A cache at the edge gave this share of the answers.
    CacheAnswered(f64),
    /// It knows no load that the site carries.
    NothingCarried,
}

impl Unusable {
    /// The same as a reason, in words.
    pub fn reason(self) -> Reason {
        match self {
            Unusable::NothingSearched => Reason::of(ReasonText::NothingSearched),
            Unusable::LimitOfOneAddress => Reason::of(ReasonText::LimitOfOneAddress),
            Unusable::CacheAnswered(share) => {
                Reason::of(ReasonText::CacheAnswered).with("share", Value::Share(share))
            }
            Unusable::NothingCarried => Reason::of(ReasonText::NothingCarried),
        }
    }
}

/// What `finding` allows to be promised, where the origin itself gave `answered_share` of the answers. What did not tip
/// carries at least what was held; what passed for some seconds only promises nothing.
///
/// # Errors
/// It allows nothing to be promised.
pub fn measured_by(
    finding: Option<&Finding>,
    answered_share: Option<f64>,
    stands_for: Option<StandsFor>,
) -> Result<Measured, Unusable> {
    let finding = finding.ok_or(Unusable::NothingSearched)?;
    if finding.limit == Some(Limit::Policy) {
        return Err(Unusable::LimitOfOneAddress);
    }
    if let Some(share) = answered_share.filter(|share| *share < 1.0 - EDGE_SHARE) {
        return Err(Unusable::CacheAnswered(1.0 - share));
    }
    let tipping_point = match (finding.kind, finding.rate, finding.verified.map(Rate::get)) {
        (Kind::Tipped, Some(rate), _) if rate.low > 0.0 => TippingPoint {
            low: rate.low,
            mid: Some(rate.mid),
            high: Some(rate.high),
        },
        (Kind::NotReached | Kind::OurLimit, _, Some(held)) if held > 0.0 => TippingPoint {
            low: held,
            mid: None,
            high: None,
        },
        _ => return Err(Unusable::NothingCarried),
    };
    Ok(Measured {
        tipping_point,
        stands_for,
        failed_at_first: None,
    })
}

/// The lowest load that failed and that was carried later, in pages per second, among trials in their order: each with
/// its load and the verdict of the search, `good` or `bad`. Nothing where none was.
pub fn failed_at_first<'a>(trials: impl Iterator<Item = (f64, &'a str)>) -> Option<f64> {
    let trials: Vec<(f64, &str)> = trials.collect();
    let is_carried_later = |(at, rate): (usize, f64)| {
        let later = trials.iter().skip(at + 1);
        later
            .clone()
            .any(|(other, verdict)| *verdict == "good" && *other > LATER * rate)
    };
    let failed = trials
        .iter()
        .enumerate()
        .filter(|(_, (_, verdict))| *verdict == "bad");
    failed
        .map(|(at, (rate, _))| (at, *rate))
        .filter(|failed| is_carried_later(*failed))
        .map(|(_, rate)| rate)
        .min_by(f64::total_cmp)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::search::Estimate;

    fn finding(kind: Kind, limit: Option<Limit>, verified: Option<f64>) -> Finding {
        Finding {
            kind,
            rate: (kind == Kind::Tipped).then_some(Estimate {
                low: 30.0,
                mid: 33.0,
                high: 36.0,
            }),
            up_to: Some(Rate::per_second(40.0)),
            at: None,
            confidence: 0.95,
            horizon_seconds: 60,
            class: None,
            limit,
            shape: None,
            why: String::new(),
            evidence: Vec::new(),
            verified: verified.map(Rate::per_second),
            failing: None,
            first_failure: None,
            first_502: None,
            recovery: None,
            converged: true,
        }
    }

    #[test]
    fn a_load_that_failed_and_was_carried_later_is_remembered() {
        let of = |trials: &[(f64, &'static str)]| failed_at_first(trials.iter().copied());
        assert_eq!(of(&[(100.0, "good"), (300.0, "bad"), (280.0, "good")]), None);
        assert_eq!(
            of(&[(300.0, "bad"), (310.0, "good"), (400.0, "bad")]),
            None,
            "chance"
        );
        assert_eq!(
            of(&[
                (100.0, "good"),
                (400.0, "bad"),
                (350.0, "bad"),
                (600.0, "good"),
                (900.0, "bad")
            ]),
            Some(350.0)
        );
    }

    #[test]
    fn only_what_the_site_itself_was_seen_to_carry_is_promised() {
        let low = |finding: &Finding, share| {
            measured_by(Some(finding), share, None).map(|measured| measured.tipping_point.low)
        };
        let tipped = finding(Kind::Tipped, Some(Limit::Overload), None);
        assert_eq!(low(&tipped, None), Ok(30.0));
        assert_eq!(low(&tipped, Some(0.95)), Ok(30.0));
        assert_eq!(
            low(&tipped, Some(0.25)),
            Err(Unusable::CacheAnswered(0.75)),
            "the edge answered"
        );
        let policy = finding(Kind::Tipped, Some(Limit::Policy), None);
        assert_eq!(low(&policy, None), Err(Unusable::LimitOfOneAddress));
        assert_eq!(low(&finding(Kind::NotReached, None, Some(25.0)), None), Ok(25.0));
        for kind in [
            Kind::NotReached,
            Kind::Blocked,
            Kind::Unsteady,
            Kind::AlreadyFailing,
        ] {
            assert_eq!(
                low(&finding(kind, None, None), None),
                Err(Unusable::NothingCarried)
            );
        }
        assert_eq!(
            measured_by(None, None, None).err(),
            Some(Unusable::NothingSearched)
        );
    }
}
