//! The four numbers of a report.

use maud::{Markup, html};

use crate::analysis::{Tally, share_interval};
use crate::report::plan::headroom_in_words;
use crate::report::summary::TrialSummary;
use crate::report::view::View;
use crate::words::{Label, Language, Phrase, PlanText, printable};

struct Number {
    name: Label,
    value: String,
    beside: String,
}

/// Tipping interval, verified load, first 502, and latency at the verified load; with a campaign its peak and its headroom
/// in the middle.
pub(super) fn numbers(view: &View<'_>, language: Language) -> Markup {
    let all = four(view, language);
    html! {
        dl.numbers {
            @for number in &all {
                div {
                    dt { (number.name.text(language)) }
                    dd {
                        span.value { (number.value) } br;
                        span.beside { (number.beside) }
                    }
                }
            }
        }
    }
}

fn with_unit(rate: f64, language: Language) -> String {
    format!(
        "{}\u{a0}{}",
        language.quantity(rate),
        Label::PagesPerSecond.text(language)
    )
}

fn four(view: &View<'_>, language: Language) -> [Number; 4] {
    if let Some([peak, headroom]) = campaign(view, language) {
        return [load(view, language), peak, headroom, latency(view, language)];
    }
    [
        load(view, language),
        verified(view, language),
        first_502(view, language),
        latency(view, language),
    ]
}

/// The peak of the campaign that brings most, and how often it fits into the tipping point.
fn campaign(view: &View<'_>, language: Language) -> Option<[Number; 2]> {
    let campaigns = view.campaigns.as_ref()?;
    let answer = campaigns.largest()?;
    let name = printable(&answer.campaign.name);
    let peak = Number {
        name: Label::CampaignPeak,
        value: with_unit(answer.total, language),
        beside: name,
    };
    let decision = answer.decision.as_ref();
    let headroom = Number {
        name: Label::HeadroomHeading,
        value: decision.map_or_else(
            || Label::NotNamed.text(language).to_owned(),
            |decision| {
                let low = headroom_in_words(decision.headroom.low, decision.safety, language);
                match decision.headroom.high {
                    Some(_) => low,
                    None => format!("≥ {low}"),
                }
            },
        ),
        beside: decision.map_or_else(String::new, |decision| {
            let safety = language.quantity(decision.safety);
            PlanText::AskedFor.fill(language, &[("safety", &safety)])
        }),
    };
    Some([peak, headroom])
}

fn load(view: &View<'_>, language: Language) -> Number {
    let highest = view.trials.iter().map(|trial| trial.rate).max_by(f64::total_cmp);
    let Some(finding) = &view.summary.finding else {
        let value = highest.map_or_else(|| "–".to_owned(), |rate| with_unit(rate, language));
        return Number {
            name: Label::HighestLoad,
            value,
            beside: String::new(),
        };
    };
    let Some(rate) = finding.rate else {
        return Number {
            name: Label::TippingPoint,
            value: Label::NotNamed.text(language).to_owned(),
            beside: String::new(),
        };
    };
    let [low, high] = [rate.low, rate.high].map(|value| language.quantity(value));
    if finding.asked.is_some() {
        let between = Phrase::Between.fill(language, &[("low", &low), ("high", &high)]);
        return Number {
            name: Label::TipsBetween,
            value: format!("{between}\u{a0}{}", Label::PagesPerSecond.text(language)),
            beside: Label::NotNarrowed.text(language).to_owned(),
        };
    }
    let mut beside = Phrase::IntervalOf.fill(language, &[("low", &low), ("high", &high)]);
    if let Some(visits) = finding
        .visits_per_second
        .filter(|_| view.summary.journey.pages_per_visit != 1.0)
    {
        let visits = Phrase::InVisits.fill(language, &[("rate", &language.quantity(visits.mid))]);
        beside = format!("{visits} · {beside}");
    }
    Number {
        name: Label::TippingPoint,
        value: with_unit(rate.mid, language),
        beside,
    }
}

/// The share of failures of a run; the verified load of a search.
fn verified(view: &View<'_>, language: Language) -> Number {
    if view.summary.finding.is_none() {
        let sum = |of: fn(&Tally) -> u64| view.trials.iter().map(|trial| of(&trial.tally)).sum();
        let (failed, all): (u64, u64) = (sum(|tally| tally.failed), sum(Tally::completed));
        let share = share_interval(failed, all);
        return Number {
            name: Label::AxisFailed,
            value: share.map_or_else(|| "–".to_owned(), |share| language.percent(share.mid)),
            beside: share.map_or_else(String::new, |share| {
                let [low, high] = [share.low, share.high].map(|end| language.percent(end));
                Phrase::IntervalOf.fill(language, &[("low", &low), ("high", &high)])
            }),
        };
    }
    let (value, beside) = match (view.summary.verified_rate, &view.summary.finding) {
        (Some(rate), Some(finding)) => {
            let seconds = language.seconds(f64::from(finding.horizon_seconds));
            (
                with_unit(rate, language),
                Phrase::HeldFor.fill(language, &[("seconds", &seconds)]),
            )
        }
        _ => (Label::NotHeld.text(language).to_owned(), String::new()),
    };
    Number {
        name: Label::VerifiedLoad,
        value,
        beside,
    }
}

fn first_502(view: &View<'_>, language: Language) -> Number {
    let (value, beside) = match view.summary.first_502 {
        Some(seen) => {
            let seconds = language.seconds(f64::from(seen.at_seconds));
            (
                with_unit(seen.rate, language),
                Phrase::AfterStart.fill(language, &[("seconds", &seconds)]),
            )
        }
        None => (Label::NoneSeen.text(language).to_owned(), String::new()),
    };
    Number {
        name: Label::First502,
        value,
        beside,
    }
}

/// The trial at the verified load with most requests, or else the one at the highest load.
pub(in crate::report) fn latency_trial<'a>(view: &'a View<'_>) -> Option<&'a TrialSummary> {
    let trials = || {
        view.summary
            .trials
            .iter()
            .filter(|trial| trial.verdict.as_deref() != Some("void"))
    };
    match view.summary.verified_rate {
        Some(rate) => trials()
            .filter(|trial| (trial.offered_rate - rate).abs() <= 0.005 * rate)
            .max_by_key(|trial| trial.sent),
        None => trials().max_by(|a, b| a.offered_rate.total_cmp(&b.offered_rate)),
    }
}

fn latency(view: &View<'_>, language: Language) -> Number {
    let trial = latency_trial(view);
    let quantiles = trial.and_then(|trial| trial.latency_ms.from_due);
    let name = if view.summary.verified_rate.is_some() {
        Label::P95At
    } else {
        Label::P95Overall
    };
    Number {
        name,
        value: quantiles.map_or_else(
            || "–".to_owned(),
            |quantiles| language.milliseconds(quantiles.p95),
        ),
        beside: trial.map_or_else(String::new, |trial| {
            Phrase::AtRate.fill(language, &[("rate", &language.quantity(trial.offered_rate))])
        }),
    }
}
