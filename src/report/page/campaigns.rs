//! The campaigns of a run: what they bring, whether they may go out, how fast, and how many.

use maud::{Markup, PreEscaped, html};

use crate::report::campaigns::Campaigns;
use crate::report::charts::{ChartError, Layout, forecast, planner};
use crate::report::plan::{badge, headline};
use crate::report::view::View;
use crate::words::{Label, Language};

/// A line for each campaign under the headline; nothing where there is none.
pub(super) fn decisions(view: &View<'_>, language: Language) -> Markup {
    html! {
        @if let Some(campaigns) = &view.campaigns {
            @for answer in campaigns.answers() {
                @let (_, mood) = badge(answer);
                @if answer.decision.is_some() {
                    p class={ "decision " (mood) } { (headline(answer, language)) }
                }
            }
        }
    }
}

/// Each campaign with its charts.
///
/// # Errors
/// A chart cannot be drawn.
pub(super) fn campaigns(view: &View<'_>, language: Language) -> Result<Markup, ChartError> {
    let Some(campaigns) = &view.campaigns else {
        return Ok(html! {});
    };
    let mut parts = Vec::new();
    for index in 0..campaigns.answers().len() {
        parts.push(campaign(campaigns, index, language)?);
    }
    Ok(html! {
        section {
            h2 { (Label::CampaignsHeading.text(language)) }
            @for part in &parts { (part) }
        }
    })
}

fn campaign(campaigns: &Campaigns, index: usize, language: Language) -> Result<Markup, ChartError> {
    let Some(answer) = campaigns.answers().get(index) else {
        return Ok(html! {});
    };
    let plan = campaigns.plan();
    let curve = |layout: &Layout, name: &str| {
        let id = format!("c7-{name}{index}-{language}");
        forecast(&plan, answer, language, layout, &id)
    };
    let sends = |layout: &Layout, name: &str| {
        let id = format!("c8-{name}{index}-{language}");
        planner(&plan, answer, language, layout, &id)
    };
    let (wide, narrow) = (curve(&Layout::DOCUMENT, "")?, curve(&Layout::NARROW, "narrow-")?);
    let sends = (sends(&Layout::DOCUMENT, "")?, sends(&Layout::NARROW, "narrow-")?);
    let (word, mood) = badge(answer);
    Ok(html! {
        p.top { span class={ "badge " (mood) } { (word.text(language)) } }
        h3 { (headline(answer, language)) }
        ul { @for sentence in campaigns.sentences(answer, language) { li { (sentence) } } }
        figure { div.wide { (PreEscaped(&wide)) } div.narrow { (PreEscaped(&narrow)) } }
        @if let (Some(wide), Some(narrow)) = &sends {
            figure { div.wide { (PreEscaped(wide)) } div.narrow { (PreEscaped(narrow)) } }
        }
    })
}
