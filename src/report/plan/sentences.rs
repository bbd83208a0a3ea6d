//! What a plan says of a campaign, sentence by sentence. A promise is rounded to the safe side.

use super::PlanView;
use crate::campaign::{Answer, Condition, Decision, Origin, Verdict};
use crate::scenario::StandsFor;
use crate::words::{Language, PlanText};

/// A length of time in the unit in which people speak of it.
pub(in crate::report) fn length(seconds: f64, language: Language) -> String {
    if seconds >= 3.0 * 3_600.0 {
        format!("{}\u{a0}h", language.quantity((seconds / 360.0).round() / 10.0))
    } else {
        language.seconds(seconds)
    }
}

/// The same, never shorter than it is: whole minutes from two minutes on.
pub(in crate::report) fn at_least(seconds: f64, language: Language) -> String {
    let step = if seconds > 3.0 * 3_600.0 {
        360.0
    } else if seconds > 120.0 {
        60.0
    } else {
        1.0
    };
    length((seconds / step - 1e-6).ceil() * step, language)
}

/// A count or a speed that may be promised: three digits that count, never more than it is.
pub(in crate::report) fn rounded_down(value: f64) -> f64 {
    if !value.is_finite() || value <= 0.0 {
        return 0.0;
    }
    let step = 10_f64.powf((value.log10().floor() - 2.0).max(0.0));
    ((value * (1.0 + 1e-9)) / step).floor() * step
}

pub(super) fn promised(value: f64, language: Language) -> String {
    language.number(rounded_down(value), 0)
}

/// The verdict in a line.
pub(in crate::report) fn headline(answer: &Answer, language: Language) -> String {
    let name = answer.campaign.name.as_str();
    let Some(decision) = &answer.decision else {
        return PlanText::Unjudged.fill(language, &[("name", name)]);
    };
    match decision.verdict {
        Verdict::Go => PlanText::Go.fill(language, &[("name", name)]),
        Verdict::Conditional => PlanText::Conditional.fill(language, &[("name", name)]),
        Verdict::NoGo => PlanText::NoGo.fill(language, &[("name", name)]),
        Verdict::Throttle => {
            let duration = at_least(decision.shortest.unwrap_or(0.0), language);
            PlanText::Throttle.fill(language, &[("name", name), ("duration", &duration)])
        }
    }
}

/// What the verdict rests on that nobody has measured.
pub(in crate::report) fn conditions(decision: &Decision, language: Language) -> Vec<String> {
    let sentence = |condition: &Condition| match condition {
        Condition::Scanners(share) => {
            let text = if decision.verdict == Verdict::Throttle {
                PlanText::IfSlowScanners
            } else {
                PlanText::IfScanners
            };
            // Rounded down: what is promised is never more than what was computed.
            let share = language.percent((share * 1e4).floor() / 1e4);
            text.fill(language, &[("share", &share)])
        }
        Condition::Grown(rate) => PlanText::IfGrown.fill(language, &[("rate", &language.quantity(*rate))]),
        Condition::Production(StandsFor::Copy) => PlanText::IfCopy.text(language).to_owned(),
        Condition::Production(_) => PlanText::IfStaging.text(language).to_owned(),
    };
    decision.conditions.iter().map(sentence).collect()
}

/// The busiest moment.
pub(in crate::report) fn peak(answer: &Answer, language: Language) -> String {
    let peak = answer.peak;
    let text = if answer.campaign.is_scanned() {
        PlanText::PeakScanned
    } else {
        PlanText::Peak
    };
    let [visits, pages, requests] =
        [peak.visits, peak.page_views, peak.requests].map(|rate| language.quantity(rate));
    let places = [
        ("at", length(peak.at, language)),
        ("visits", visits),
        ("pages", pages),
        ("requests", requests),
        ("visitors", language.number(peak.visitors.ceil(), 0)),
    ];
    fill(text, &places, language)
}

fn fill(text: PlanText, places: &[(&str, String)], language: Language) -> String {
    let places: Vec<(&str, &str)> = places.iter().map(|(name, text)| (*name, text.as_str())).collect();
    text.fill(language, &places)
}

/// A headroom; never rounded up to the safety factor that it misses.
pub(in crate::report) fn headroom(value: f64, safety: f64, language: Language) -> String {
    let rounded = (value * 100.0).round() / 100.0;
    if !value.is_finite() {
        "–".to_owned()
    } else if rounded >= safety && value < safety * (1.0 - 1e-9) {
        language.quantity((value * 100.0).floor() / 100.0)
    } else {
        language.quantity(rounded)
    }
}

/// What a tipping point means, a sentence each; the verdict itself is the headline.
pub(in crate::report) fn findings(view: &PlanView<'_>, answer: &Answer, language: Language) -> Vec<String> {
    let (Some(decision), Some(measured)) = (&answer.decision, view.measured) else {
        return vec![PlanText::NoTip.text(language).to_owned()];
    };
    let tip = measured.tipping_point;
    let load = tip.low / decision.headroom.low;
    let mut said = conditions(decision, language);
    // Where it did not tip, it carries at least that.
    let headroom_text = if tip.high.is_some() {
        PlanText::Headroom
    } else {
        PlanText::HeadroomAtLeast
    };
    said.push(fill(
        headroom_text,
        &[
            ("low", headroom(decision.headroom.low, decision.safety, language)),
            ("safety", language.quantity(decision.safety)),
            ("tip", language.quantity(tip.low)),
            ("load", language.quantity(load)),
        ],
        language,
    ));
    if let (Some(high), Some(to)) = (decision.headroom.high, tip.high)
        && high > decision.headroom.low * 1.001
    {
        let places = [
            ("from", language.quantity(tip.low)),
            ("to", language.quantity(to)),
            ("low", headroom(decision.headroom.low, decision.safety, language)),
            ("high", headroom(high, decision.safety, language)),
        ];
        said.push(fill(PlanText::HeadroomRange, &places, language));
    }
    if view.answers.len() > 1 {
        said.push(PlanText::Together.text(language).to_owned());
    }
    said.extend(speeds(answer, decision, language));
    said.extend(risk(answer, decision, language));
    said
}

fn speeds(answer: &Answer, decision: &Decision, language: Language) -> Vec<String> {
    let campaign = &answer.campaign;
    let count = promised(decision.largest, language);
    if !campaign.kind.is_sent() {
        return vec![PlanText::LargestAudience.fill(language, &[("count", &count)])];
    }
    let mut said = Vec::new();
    let duration = length(campaign.duration, language);
    said.push(PlanText::LargestSend.fill(language, &[("duration", &duration), ("count", &count)]));
    said.push(match (decision.shortest, decision.per_minute) {
        (Some(seconds), Some(rate)) => {
            let places = [
                ("duration", at_least(seconds, language)),
                ("minute", promised(rate, language)),
                ("hour", promised(60.0 * rate, language)),
            ];
            fill(PlanText::Speed, &places, language)
        }
        (Some(_), None) => PlanText::AtOnce.text(language).to_owned(),
        (None, _) => {
            let longest = length(campaign.longest, language);
            PlanText::NoSpeed.fill(language, &[("duration", &longest)])
        }
    });
    if let Some(rate) = decision.endless_per_minute.filter(|rate| *rate >= 1.0) {
        said.push(PlanText::Endless.fill(language, &[("minute", &promised(rate, language))]));
    }
    if let Some(batches) = decision.batches {
        let places = [
            ("count", language.count(batches.count.into())),
            ("size", language.number(batches.size, 0)),
            ("every", length(batches.every, language)),
        ];
        said.push(fill(PlanText::InBatches, &places, language));
    }
    if let Some(share) = decision.break_even.filter(|_| campaign.knows_scanners) {
        said.push(PlanText::BreakEven.fill(language, &[("share", &language.percent(share))]));
    }
    said
}

fn risk(answer: &Answer, decision: &Decision, language: Language) -> Option<String> {
    let risk = decision.at_risk;
    if risk.visits < 1.5 {
        return None;
    }
    let mut places = vec![
        ("visits", language.number(risk.visits.round(), 0)),
        ("duration", length(risk.seconds, language)),
    ];
    let text = match risk.revenue {
        Some(money) => {
            let money = format!(
                "{} {}",
                language.number(money.round(), 0),
                answer.campaign.currency
            );
            places.push(("money", money.trim().to_owned()));
            PlanText::AtRiskRevenue
        }
        None => PlanText::AtRisk,
    };
    Some(fill(text, &places, language))
}

/// How well a number is known, in a word.
pub(super) const fn origin(origin: Origin) -> PlanText {
    match origin {
        Origin::Given => PlanText::Given,
        Origin::Default => PlanText::Default,
        Origin::Extrapolated => PlanText::Extrapolated,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_promise_is_never_more_than_what_was_computed(value in 0.5_f64..1e12) {
            let promise = rounded_down(value);
            prop_assert!(promise <= value * (1.0 + 1e-8) && promise > value * 0.98 - 1.0, "{promise} of {value}");
        }
    }

    #[test]
    fn lengths_are_said_in_the_unit_that_fits_and_promises_are_never_shorter() {
        let said = |seconds: f64| length(seconds, Language::English).replace('\u{a0}', " ");
        assert_eq!(
            [said(13.0), said(600.0), said(14_400.0)],
            ["13 s", "10 min", "4 h"]
        );
        let least = |seconds: f64| at_least(seconds, Language::German).replace('\u{a0}', " ");
        assert_eq!(
            [least(13.2), least(785.0), least(11_000.0)],
            ["14 s", "14 min", "3,1 h"]
        );
        assert_eq!(rounded_down(13_742.9), 13_700.0);
        assert_eq!(rounded_down(42.9), 42.0);
    }
}
