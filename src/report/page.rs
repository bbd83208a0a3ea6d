//! `report.html`: one file that needs nothing else. No script; style and fonts inside, allowed by their hash alone.

mod campaigns;
mod numbers;
mod parts;
mod phases;
mod steps;
mod tables;
mod trust;
mod watched;

pub(super) use numbers::latency_trial;
pub(super) use parts::threshold_name;
pub(super) use steps::assets_in_words;
pub(super) use tables::{phase_name, verdict_name};

use base64::Engine as _;
use maud::{DOCTYPE, Markup, PreEscaped, html};
use sha2::{Digest as _, Sha256};

use super::around::{around_goodput, around_latency, around_timeline, around_tipping};
use super::charts::{ChartError, Layout, font_rules, goodput, latency, timeline, tipping};
use super::proof::{Answer, answer};
use super::sentences::{decision, headline, is_unfinished};
use super::summary::Status;
use super::view::View;
use crate::search::{Kind, Limit};
use crate::words::{ChartText, Label, Language, printable};

const STYLE: &str = include_str!("page/style.css");

/// The page of `view` in `languages`; the first is shown first.
///
/// # Errors
/// A chart cannot be drawn.
pub(super) fn page(view: &View<'_>, languages: &[Language]) -> Result<String, ChartError> {
    let first = languages.first().copied().unwrap_or_default();
    let mut articles = Vec::new();
    for language in languages {
        articles.push(article(view, *language)?);
    }
    let page = html! {
        (DOCTYPE)
        html lang=(first) {
            (sealed_head(&format!("{} · tipover", printable(&view.summary.scenario.name))))
            body {
                @if languages.len() > 1 { (switch(languages, first)) }
                @for article in &articles { (article) }
            }
        }
    };
    Ok(page.into_string())
}

/// The head of a page that needs nothing else: style and fonts inside, allowed by their hash alone.
pub(super) fn sealed_head(title: &str) -> Markup {
    let style = format!("{}{STYLE}", font_rules());
    let hash = base64::engine::general_purpose::STANDARD.encode(Sha256::digest(style.as_bytes()));
    let policy = format!(
        "default-src 'none'; img-src data:; font-src data:; style-src 'sha256-{hash}'; base-uri 'none'; form-action 'none'"
    );
    html! {
        head {
            meta charset="utf-8";
            meta http-equiv="Content-Security-Policy" content=(policy);
            meta name="viewport" content="width=device-width, initial-scale=1";
            meta name="referrer" content="no-referrer";
            title { (title) }
            style { (PreEscaped(&style)) }
        }
    }
}

/// Two radio buttons: the style shows the article of the one that is chosen.
pub(super) fn switch(languages: &[Language], first: Language) -> Markup {
    html! {
        @for language in languages {
            input type="radio" name="language" id={ "show-" (language) } checked[*language == first]
                aria-label=(language.name());
        }
        nav.languages aria-label=(Label::LanguageHeading.text(first)) {
            @for language in languages {
                label for={ "show-" (language) } lang=(language) { (language.name()) }
            }
        }
    }
}

fn article(view: &View<'_>, language: Language) -> Result<Markup, ChartError> {
    let (c1, c2) = (around_tipping(view, language), around_latency(view, language));
    let c1_wide = tipping(view, &c1, language, &Layout::DOCUMENT, &format!("c1-{language}"))?;
    let c1_narrow = tipping(
        view,
        &c1,
        language,
        &Layout::NARROW,
        &format!("c1-narrow-{language}"),
    )?;
    let c2_wide = latency(view, &c2, language, &Layout::DOCUMENT, &format!("c2-{language}"))?;
    let c2_narrow = latency(
        view,
        &c2,
        language,
        &Layout::NARROW,
        &format!("c2-narrow-{language}"),
    )?;
    let (around3, around5) = (around_goodput(view, language), around_timeline(view, language));
    let both = [(Layout::DOCUMENT, ""), (Layout::NARROW, "narrow-")];
    let mut c3 = Vec::new();
    let mut c5 = Vec::new();
    for (layout, name) in &both {
        c3.push(goodput(
            view,
            &around3,
            language,
            layout,
            &format!("c3-{name}{language}"),
        )?);
        c5.push(timeline(
            view,
            &around5,
            language,
            layout,
            &format!("c5-{name}{language}"),
        )?);
    }
    let watched = watched::watched(view, language)?;
    let campaigns = campaigns::campaigns(view, language)?;
    Ok(html! {
        article lang=(language) {
            (head(view, language))
            @if view.has_answers() {
                (figure(&c1_wide, &c1_narrow))
                (numbers::numbers(view, language))
            }
            (parts::campaign(view, language))
            (campaigns)
            (parts::thresholds(view, language))
            (parts::next(view, language))
            @if view.has_answers() {
                h2 { (Label::LatencyHeading.text(language)) }
                (figure(&c2_wide, &c2_narrow))
                (tables::trials(view, language))
                (steps::steps(view, language))
                (phases::phases(view, language))
                h2 { (ChartText::GoodputHeading.text(language)) }
                (figure(&c3[0], &c3[1]))
                h2 { (ChartText::TimelineHeading.text(language)) }
                (figure(&c5[0], &c5[1]))
            }
            (parts::who(view, language))
            (watched)
            (parts::recovery(view, language))
            (watched::monitoring(view, language))
            (trust::trust(view, language))
            (trust::truth(view, language))
            (trust::about(view, language))
        }
    })
}

fn figure(wide: &str, narrow: &str) -> Markup {
    html! {
        figure {
            div.wide { (PreEscaped(wide)) }
            div.narrow { (PreEscaped(narrow)) }
        }
    }
}

/// The name of the finding, and whether it is good or bad news as a class of the style.
fn kind(view: &View<'_>) -> (Label, &'static str) {
    let Some(finding) = &view.summary.finding else {
        return (Label::KindRun, "");
    };
    match answer(&view.summary) {
        Some(Answer::Proven(_)) => return (Label::KindProven, "good"),
        Some(Answer::Refuted(_)) => return (Label::KindRefuted, "bad"),
        Some(Answer::TooClose(_)) => return (Label::KindTooClose, ""),
        Some(Answer::Open(_)) | None => {}
    }
    match finding.kind {
        Kind::Tipped if finding.limit == Some(Limit::Policy) => (Label::KindPolicy, ""),
        Kind::Tipped => (Label::KindTipped, "bad"),
        Kind::NotReached if finding.up_to.is_none() => (Label::KindUnknown, ""),
        Kind::NotReached if is_unfinished(&view.summary) => (Label::KindNotReached, ""),
        Kind::NotReached => (Label::KindNotReached, "good"),
        Kind::AlreadyFailing => (Label::KindAlreadyFailing, "bad"),
        Kind::Blocked => (Label::KindBlocked, ""),
        Kind::Unsteady => (Label::KindUnsteady, ""),
        Kind::OurLimit => (Label::KindOurLimit, ""),
    }
}

fn head(view: &View<'_>, language: Language) -> Markup {
    let summary = &view.summary;
    let (name, mood) = kind(view);
    let stopped_by = summary.stopped_by.as_deref().map(printable);
    let stopped_by = stopped_by.as_deref().map(|why| why.trim_end_matches('.'));
    html! {
        header {
            p.top {
                span class={ "badge " (mood) } { (name.text(language)) }
                span { (printable(&summary.scenario.name)) " · " (super::around::site_name(&summary.scenario.target)) }
            }
            h1 { (headline(summary, language)) }
            p class={ "decision " (mood) } { (parts::with_code(&decision(summary, language))) }
            (campaigns::decisions(view, language))
            @match summary.status {
                Status::Complete => {},
                Status::Interrupted => p.mark { (Label::Interrupted.text(language)) },
                Status::Partial => p.mark { (Label::Partial.text(language)) },
                Status::Capped => p.mark {
                    (Label::Capped.text(language))
                    @if let Some(rule) = &stopped_by { ": " (rule) }
                    "."
                },
            }
            @if view.record.torn { p.mark { (Label::Torn.text(language)) } }
        }
    }
}
