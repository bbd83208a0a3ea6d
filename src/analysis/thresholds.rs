//! What had to hold, and whether it did: passed, failed, or not known with a reason. Never a guess: against an interval,
//! a threshold passes if its low end holds, fails if its high end does not, and is not known else.

mod evidence;
mod measure;
mod reason;
mod tipping;
mod watch;

pub use reason::{Reason, Value};
pub use watch::ThresholdWatch;

use super::trials::TrialView;
use crate::record::RunRecord;
use crate::scenario::{Comparison, Subject, Threshold};
use crate::search::Finding;
use crate::words::ReasonText;
use evidence::Evidence;

/// Whether a threshold held.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ThresholdVerdict {
    /// It held, beyond the uncertainty of what was measured.
    Pass,
    /// It did not hold, beyond the uncertainty of what was measured.
    Fail,
    /// What was measured does not decide it.
    NotKnown,
}

impl ThresholdVerdict {
    /// Whether every value from `low` to `high` keeps to `limit`, or none does. Where `high` is not known, nothing is
    /// known of what lies above `low`.
    pub fn of(comparison: Comparison, low: f64, high: Option<f64>, limit: f64) -> Self {
        let holds = |value: f64| comparison.holds(value, limit);
        match (holds(low), high.map(holds)) {
            (true, Some(true)) => ThresholdVerdict::Pass,
            (false, Some(false)) => ThresholdVerdict::Fail,
            (true, None) if comparison.asks_for_more() => ThresholdVerdict::Pass,
            (false, None) if !comparison.asks_for_more() => ThresholdVerdict::Fail,
            _ => ThresholdVerdict::NotKnown,
        }
    }
}

/// A threshold and what became of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Judged {
    /// The threshold as it was written.
    pub text: String,
    /// Whether it held.
    pub verdict: ThresholdVerdict,
    /// Why.
    pub reason: Reason,
}

/// What a campaign means for the thresholds that name it.
#[derive(Debug, Clone, PartialEq)]
pub struct CampaignLoad {
    /// Its name.
    pub name: String,
    /// What it brings at its peak, people and link scanners, in pages per second.
    pub own: f64,
    /// The same with the baseline and other campaigns.
    pub total: f64,
    /// How often that fits into the tipping point: the low end, and the high end where it is known; or why nobody knows.
    pub headroom: Result<(f64, Option<f64>), Reason>,
}

type Verdict = (ThresholdVerdict, Reason);

fn not_known(reason: Reason) -> Verdict {
    (ThresholdVerdict::NotKnown, reason)
}

/// Every threshold of `record`, judged by its `finding` and `trials`, and by the `campaigns` it knows. Where no load is
/// named, latency, failures and checks of a search are judged at the verified load, because a search breaks the site on
/// purpose; those of a run over all its load.
pub fn judge(
    record: &RunRecord,
    finding: Option<&Finding>,
    trials: &[TrialView],
    campaigns: &[CampaignLoad],
) -> Vec<Judged> {
    let evidence = Evidence::new(record, finding, trials, campaigns);
    let judged = |text: &String| {
        let (verdict, reason) = match Threshold::parse(text, record.header.journey.pages_per_visit) {
            Ok(threshold) => verdict(&evidence, &threshold),
            Err(error) => not_known(
                Reason::of(ReasonText::Unreadable).with("error", Value::Text(error.message().to_owned())),
            ),
        };
        Judged {
            text: text.clone(),
            verdict,
            reason,
        }
    };
    record.header.thresholds.iter().map(judged).collect()
}

fn verdict(evidence: &Evidence<'_>, threshold: &Threshold) -> Verdict {
    match &threshold.subject {
        Subject::TippingPoint => tipping::tipping_point(evidence, threshold),
        Subject::Headroom(name) => tipping::headroom(evidence, threshold, name),
        Subject::Latency(_) | Subject::Failures | Subject::Checks => evidence.measured(threshold),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn an_interval_decides_as_all_of_its_values_do(
            low in 0.0_f64..10.0,
            width in 0.0_f64..5.0,
            limit in 0.0_f64..12.0,
            comparison in prop::sample::select(vec![Comparison::Below, Comparison::AtMost, Comparison::Above, Comparison::AtLeast]),
        ) {
            let slow = (0..=200).map(|step| comparison.holds(low + width * f64::from(step) / 200.0, limit));
            let (all, any) = slow.fold((true, false), |(all, any), holds| (all && holds, any || holds));
            let wanted = match (all, any) {
                (true, _) => ThresholdVerdict::Pass,
                (_, false) => ThresholdVerdict::Fail,
                _ => ThresholdVerdict::NotKnown,
            };
            let verdict = ThresholdVerdict::of(comparison, low, Some(low + width), limit);
            prop_assert_eq!(verdict, wanted);
            // What is open above never decides more.
            let open = ThresholdVerdict::of(comparison, low, None, limit);
            prop_assert!(open == verdict || verdict == ThresholdVerdict::NotKnown || open == ThresholdVerdict::NotKnown);
        }
    }
}
