//! The send plan as one page for the person who sends: the verdict, when and how fast, when to stop, what to watch.

use maud::{DOCTYPE, Markup, PreEscaped, html};

use super::PlanView;
use super::sentences::{at_least, conditions, findings, headline, headroom, length, origin, peak, promised};
use crate::campaign::{Answer, Verdict};
use crate::report::charts::{ChartError, Layout, forecast, planner};
use crate::report::page::{sealed_head, switch};
use crate::scenario::CampaignKind;
use crate::words::{Language, PlanText, printable};

/// The page in `languages`; the first is shown first.
///
/// # Errors
/// A chart cannot be drawn.
pub(super) fn page(view: &PlanView<'_>, languages: &[Language]) -> Result<String, ChartError> {
    let first = languages.first().copied().unwrap_or_default();
    let mut articles = Vec::new();
    for language in languages {
        articles.push(article(view, *language)?);
    }
    let title = format!(
        "{} · {} · tipover",
        printable(view.name),
        PlanText::SendPlan.text(first)
    );
    let page = html! {
        (DOCTYPE)
        html lang=(first) {
            (sealed_head(&title))
            body {
                @if languages.len() > 1 { (switch(languages, first)) }
                @for article in &articles { (article) }
            }
        }
    };
    Ok(page.into_string())
}

fn article(view: &PlanView<'_>, language: Language) -> Result<Markup, ChartError> {
    let mut parts = Vec::new();
    for (index, answer) in view.answers.iter().enumerate() {
        parts.push(campaign(view, index, answer, language)?);
    }
    Ok(html! {
        article lang=(language) {
            @for part in &parts { (part) }
            footer { p { (PlanText::Made.text(language)) " tipover " (env!("CARGO_PKG_VERSION")) } }
        }
    })
}

/// The word of a verdict, and whether it is good or bad news as a class of the style.
pub(in crate::report) fn badge(answer: &Answer) -> (PlanText, &'static str) {
    match answer.decision.as_ref().map(|decision| decision.verdict) {
        Some(Verdict::Go) => (PlanText::BadgeGo, "good"),
        Some(Verdict::NoGo) => (PlanText::BadgeNoGo, "bad"),
        Some(Verdict::Throttle) => (PlanText::BadgeThrottle, "bad"),
        Some(Verdict::Conditional) => (PlanText::BadgeConditional, ""),
        None => (PlanText::BadgeNone, ""),
    }
}

fn campaign(
    view: &PlanView<'_>,
    index: usize,
    answer: &Answer,
    language: Language,
) -> Result<Markup, ChartError> {
    let draw = |layout: &Layout, name: &str| {
        let id = format!("c7-{name}{index}-{language}");
        forecast(view, answer, language, layout, &id)
    };
    let (wide, narrow) = (draw(&Layout::DOCUMENT, "")?, draw(&Layout::NARROW, "narrow-")?);
    let plan = |layout: &Layout, name: &str| {
        let id = format!("c8-{name}{index}-{language}");
        planner(view, answer, language, layout, &id)
    };
    let sends = (plan(&Layout::DOCUMENT, "")?, plan(&Layout::NARROW, "narrow-")?);
    let (word, mood) = badge(answer);
    let said = findings(view, answer, language);
    let mut unmeasured = Vec::new();
    if let Some(decision) = &answer.decision {
        unmeasured = conditions(decision, language);
    }
    let rest = said.iter().skip(unmeasured.len());
    Ok(html! { div.sheet {
        header {
            p.top {
                span class={ "badge " (mood) } { (word.text(language)) }
                span { (PlanText::SendPlan.text(language)) " · " (printable(view.name)) }
            }
            h1 { (headline(answer, language)) }
            @for sentence in &unmeasured { p class={ "decision " (mood) } { (sentence) } }
            p { (peak(answer, language)) }
        }
        (numbers(view, answer, language))
        figure { div.wide { (PreEscaped(&wide)) } div.narrow { (PreEscaped(&narrow)) } }
        section {
            h2 { (PlanText::HowFast.text(language)) }
            ul { @for sentence in rest { li { (sentence) } } }
        }
        @if let (Some(wide), Some(narrow)) = &sends {
            figure { div.wide { (PreEscaped(wide)) } div.narrow { (PreEscaped(narrow)) } }
        }
        (signs(answer, view, language))
        (range(answer, language))
        (assumptions(answer, language))
    } })
}

fn numbers(view: &PlanView<'_>, answer: &Answer, language: Language) -> Markup {
    let Some(decision) = &answer.decision else {
        return html! {};
    };
    let safety = language.quantity(decision.safety);
    // With everything that comes at the same time: what the headroom is counted against.
    let together = view
        .measured
        .map(|measured| measured.tipping_point.low / decision.headroom.low);
    let at = length(answer.peak.at, language);
    let is_sent = answer.campaign.kind.is_sent();
    let duration = length(answer.campaign.duration, language);
    let speed = match (decision.shortest, decision.per_minute) {
        (_, Some(rate)) => PlanText::PerMinute.fill(language, &[("count", &promised(rate, language))]),
        (Some(_), None) => PlanText::AnySpeed.text(language).to_owned(),
        (None, None) => PlanText::NoneFits.text(language).to_owned(),
    };
    let hour = decision
        .per_minute
        .map(|rate| PlanText::PerHour.fill(language, &[("count", &promised(60.0 * rate, language))]));
    let mut all = vec![
        (
            PlanText::NumberHeadroom,
            headroom(decision.headroom.low, decision.safety, language),
            PlanText::AskedFor.fill(language, &[("safety", &safety)]),
        ),
        (
            PlanText::NumberPeak,
            format!(
                "{}\u{a0}{}",
                language.quantity(together.unwrap_or(answer.peak.load)),
                crate::words::Label::PagesPerSecond.text(language)
            ),
            PlanText::AfterStart.fill(language, &[("at", &at)]),
        ),
        (
            PlanText::NumberLargest,
            promised(decision.largest, language),
            if is_sent {
                PlanText::InPlanned.fill(language, &[("duration", &duration)])
            } else {
                String::new()
            },
        ),
    ];
    if is_sent {
        all.push((PlanText::NumberSpeed, speed, hour.unwrap_or_default()));
    }
    html! {
        dl.numbers {
            @for (name, value, beside) in &all {
                div {
                    dt { (name.text(language)) }
                    dd { span.value { (value) } br; span.beside { (beside) } }
                }
            }
        }
    }
}

/// When to stop, and what to watch.
fn signs(answer: &Answer, view: &PlanView<'_>, language: Language) -> Markup {
    let campaign = &answer.campaign;
    let safe = answer
        .decision
        .as_ref()
        .zip(view.measured)
        .map(|(decision, measured)| language.quantity(measured.tipping_point.low / decision.safety));
    let at = length(answer.peak.at, language);
    let until = at_least(answer.peak.at + 900.0, language);
    let is_mail = campaign.kind == CampaignKind::Newsletter;
    let is_unique = campaign
        .assumptions
        .iter()
        .any(|one| one.name == "tracking_params" && one.value == "unique");
    let images = campaign.images * campaign.audience * campaign.people(campaign.duration).peak().density;
    html! {
        section.signs {
            h2 { (PlanText::Stop.text(language)) }
            ul {
                li { (PlanText::Stop502.text(language)) }
                li { (PlanText::StopSlow.text(language)) }
                @if let Some(rate) = &safe { li { (PlanText::StopLoad.fill(language, &[("rate", rate)])) } }
                li { (PlanText::StopOrders.text(language)) }
            }
            h2 { (PlanText::Watch.text(language)) }
            ul {
                li { (PlanText::WatchPeak.fill(language, &[("at", &at), ("until", &until)])) }
                @if is_mail { li { (PlanText::WatchFirst.text(language)) } }
                @if is_mail && is_unique { li { (PlanText::WatchCache.text(language)) } }
                @if images > 0.0 {
                    li { (PlanText::WatchImages.fill(language, &[("rate", &language.quantity(images))])) }
                }
                li { (PlanText::Watch503.text(language)) }
            }
        }
    }
}

fn range(answer: &Answer, language: Language) -> Markup {
    let Some(decision) = answer
        .decision
        .as_ref()
        .filter(|decision| !decision.scanner_range.is_empty())
    else {
        return html! {};
    };
    let word = |text: PlanText| text.text(language);
    html! {
        section {
            h2 { (word(PlanText::Range)) }
            div.scroll tabindex="0" role="region" aria-label=(word(PlanText::Range)) {
                table {
                    thead { tr {
                        th scope="col" { (word(PlanText::ColumnShare)) }
                        th scope="col" { (word(PlanText::ColumnHeadroom)) }
                        th scope="col" { (word(PlanText::ColumnLargest)) }
                        th.text scope="col" { }
                    } }
                    tbody { @for at in &decision.scanner_range { tr {
                        th scope="row" { (language.percent(at.share)) }
                        td class=(if at.headroom >= decision.safety { "good-text" } else { "bad-text" }) {
                            (headroom(at.headroom, decision.safety, language))
                        }
                        td { (promised(at.largest, language)) }
                        td.text {
                            @if (at.share - answer.campaign.scanner_share).abs() < 1e-9 { (word(PlanText::ColumnPlanned)) }
                        }
                    } } }
                }
            }
        }
    }
}

fn assumptions(answer: &Answer, language: Language) -> Markup {
    let word = |text: PlanText| text.text(language);
    html! {
        section.basis {
            h2 { (word(PlanText::Assumptions)) }
            div.scroll tabindex="0" role="region" aria-label=(word(PlanText::Assumptions)) {
                table {
                    thead { tr {
                        th.text scope="col" { (word(PlanText::ColumnKey)) }
                        th.text scope="col" { (word(PlanText::ColumnValue)) }
                        th.text scope="col" { (word(PlanText::ColumnSource)) }
                    } }
                    tbody { @for one in &answer.campaign.assumptions { tr {
                        th.text scope="row" { code { (one.name) } }
                        td.text { (printable(&one.value)) }
                        td.text.wrap {
                            (word(origin(one.origin)))
                            @if one.origin != crate::campaign::Origin::Given { ": " (one.source.text(language)) }
                        }
                    } } }
                }
            }
        }
    }
}
