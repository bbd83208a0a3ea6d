//! Thresholds about headroom: `headroom(newsletter) >= 1.5`.

use super::{Answer, Interval};
use crate::analysis::ThresholdVerdict;
use crate::scenario::{Comparison, Subject, Threshold};

/// The campaign that `text` asks a headroom of, how, and the factor. Rates in other thresholds may be written in any
/// unit, which is nothing that matters here.
fn asked(text: &str) -> Option<(String, Comparison, f64)> {
    let threshold = Threshold::parse(text, 1.0).ok()?;
    match threshold.subject {
        Subject::Headroom(name) => Some((name, threshold.comparison, threshold.limit)),
        _ => None,
    }
}

/// The factor that the thresholds ask of the campaign `name`; the largest of several.
pub(super) fn largest_asked(thresholds: &[String], name: &str) -> Option<f64> {
    let ours = thresholds.iter().filter_map(|text| asked(text));
    ours.filter(|(of, comparison, _)| of == name && comparison.asks_for_more())
        .map(|(.., factor)| factor)
        .reduce(f64::max)
}

/// Whether the headroom that `text` asks for is there: it passes if the low end of the interval holds, fails if the
/// high end does not, and is not known else. Nothing where it is no threshold about a headroom.
pub fn headroom_verdict(text: &str, answers: &[Answer]) -> Option<ThresholdVerdict> {
    let (name, comparison, factor) = asked(text)?;
    let answer = answers.iter().find(|answer| answer.campaign.name == name);
    let Some(decision) = answer.and_then(|answer| answer.decision.as_ref()) else {
        return Some(ThresholdVerdict::NotKnown);
    };
    let Interval { low, high, .. } = decision.headroom;
    Some(ThresholdVerdict::of(comparison, low, high, factor))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::campaign::{Forecast, Measured, TippingPoint};
    use crate::scenario::{Overrides, from_text};

    #[test]
    fn an_interval_passes_with_its_low_end_and_fails_with_its_high_end() {
        let text = "version: 1\ntarget: http://localhost\njourney: [ { get: / } ]\ncampaigns: [ { flash_sale: { audience: 6k, pages: 1 } } ]";
        let folder = std::path::Path::new("");
        let scenario = from_text(text, "a", folder, &Overrides::default(), &|_| None)
            .unwrap()
            .scenario;
        // The peak is 10 pages/s.
        let verdict = |threshold: &str, low: f64, high: Option<f64>| {
            let measured = Measured {
                tipping_point: TippingPoint { low, mid: None, high },
                stands_for: None,
                failed_at_first: None,
            };
            let answers = Forecast::new(&scenario).answers(Some(measured), &[]);
            headroom_verdict(threshold, &answers)
        };
        let wanted = "headroom(flash_sale) >= 1.5";
        assert_eq!(verdict(wanted, 16.0, Some(20.0)), Some(ThresholdVerdict::Pass));
        assert_eq!(verdict(wanted, 16.0, None), Some(ThresholdVerdict::Pass));
        assert_eq!(verdict(wanted, 12.0, Some(14.0)), Some(ThresholdVerdict::Fail));
        assert_eq!(
            verdict(wanted, 14.0, Some(16.0)),
            Some(ThresholdVerdict::NotKnown)
        );
        assert_eq!(verdict(wanted, 14.0, None), Some(ThresholdVerdict::NotKnown));
        assert_eq!(
            verdict("headroom(other) >= 1", 14.0, None),
            Some(ThresholdVerdict::NotKnown)
        );
        assert_eq!(verdict("p95 < 1s", 14.0, None), None);
    }
}
