//! Thresholds of the tipping point, and of how often a campaign fits into it.

use super::evidence::Evidence;
use super::{Reason, ThresholdVerdict, Value, Verdict, not_known};
use crate::scenario::Threshold;
use crate::search::{Finding, Kind};
use crate::units::Rate;
use crate::words::ReasonText;

/// What a number may lose on its way through a record.
const ROUNDING: f64 = 1e-9;

fn at(text: ReasonText, rate: f64) -> Reason {
    Reason::of(text).with("rate", Value::Quantity(rate))
}

/// `tipping_point >= 25pages/s`.
pub(super) fn tipping_point(evidence: &Evidence<'_>, threshold: &Threshold) -> Verdict {
    let Some(finding) = evidence.finding else {
        return not_known(Reason::of(ReasonText::OnlySearch));
    };
    let of =
        |low: f64, high: Option<f64>| ThresholdVerdict::of(threshold.comparison, low, high, threshold.limit);
    if evidence.is_proof()
        && threshold.comparison.asks_for_more()
        && matches!(finding.kind, Kind::Tipped | Kind::NotReached)
    {
        return proof(finding, threshold.limit);
    }
    match (finding.kind, finding.rate, finding.up_to.map(Rate::get)) {
        (Kind::Tipped, Some(rate), _) => {
            let reason = Reason::of(ReasonText::Interval)
                .with("low", Value::Quantity(rate.low))
                .with("high", Value::Quantity(rate.high));
            (of(rate.low, Some(rate.high)), reason)
        }
        (Kind::NotReached | Kind::OurLimit, _, Some(up_to)) => {
            (of(up_to, None), at(ReasonText::Carried, up_to))
        }
        (Kind::AlreadyFailing, ..) => {
            let lowest = finding.at.map_or(0.0, Rate::get);
            match of(0.0, Some(lowest)) {
                _ if threshold.comparison.asks_for_more() && lowest <= threshold.limit => {
                    (ThresholdVerdict::Fail, at(ReasonText::FailsAlready, lowest))
                }
                ThresholdVerdict::NotKnown => not_known(at(ReasonText::FailsFrom, lowest)),
                verdict => (verdict, at(ReasonText::FailsAlready, lowest)),
            }
        }
        _ => not_known(Reason::of(ReasonText::NoTippingPoint)),
    }
}

/// A proof decides a load by what was held and what failed for good, by nothing that passed for a moment. The bounds of
/// a record may differ from what is written by the last digit.
fn proof(finding: &Finding, wanted: f64) -> Verdict {
    let rate = |rate: Option<Rate>| rate.map(Rate::get);
    match (rate(finding.verified), rate(finding.failing)) {
        (Some(held), _) if held >= wanted * (1.0 - ROUNDING) => (
            ThresholdVerdict::Pass,
            at(ReasonText::HeldFor, held).with("seconds", Value::Seconds(f64::from(finding.horizon_seconds))),
        ),
        (_, Some(failing)) if failing <= wanted * (1.0 + ROUNDING) => {
            (ThresholdVerdict::Fail, at(ReasonText::FailedAgain, failing))
        }
        (Some(held), _) => not_known(at(ReasonText::HeldOnly, held)),
        _ => not_known(Reason::of(ReasonText::NothingHeld)),
    }
}

/// `headroom(newsletter) >= 1.5`. A proof decides it as it decides the load that it asks for.
pub(super) fn headroom(evidence: &Evidence<'_>, threshold: &Threshold, name: &str) -> Verdict {
    let Some(campaign) = evidence.campaign(name) else {
        return not_known(Reason::of(ReasonText::NoSuchCampaign).with("name", Value::Text(name.to_owned())));
    };
    let (low, high) = match &campaign.headroom {
        Ok(ends) => *ends,
        Err(reason) => return not_known(reason.clone()),
    };
    if let Some(finding) = evidence
        .finding
        .filter(|_| evidence.is_proof() && threshold.comparison.asks_for_more())
    {
        return proof(finding, threshold.limit * campaign.total);
    }
    let reason = match high {
        Some(high) => Reason::of(ReasonText::Headroom)
            .with("low", Value::Quantity(low))
            .with("high", Value::Quantity(high)),
        None => Reason::of(ReasonText::HeadroomOpen).with("low", Value::Quantity(low)),
    };
    let verdict = ThresholdVerdict::of(threshold.comparison, low, high, threshold.limit);
    (verdict, reason)
}
