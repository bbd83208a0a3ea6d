//! The comparison as one page that needs nothing else.

use maud::{DOCTYPE, Markup, PreEscaped, html};

use super::sentences::{base_name, beside_tipping, decision, headline, not_alike, rate_of, signed, verdict};
use super::{Beside, CompareView, ComparedRun};
use crate::analysis::compare::Change;
use crate::report::charts::{ChartError, Layout, compared};
use crate::report::page::{sealed_head, switch};
use crate::words::{CompareText, Language, printable};

/// The page in `languages`; the first is shown first.
///
/// # Errors
/// A chart cannot be drawn.
pub(super) fn page(view: &CompareView<'_>, languages: &[Language]) -> Result<String, ChartError> {
    let first = languages.first().copied().unwrap_or_default();
    let mut articles = Vec::new();
    if let Some(last) = view.last() {
        for language in languages {
            articles.push(article(view, last, *language)?);
        }
    }
    let name = printable(&view.base.record.header.scenario.name);
    let title = format!("{name} · {} · tipover", CompareText::Comparison.text(first));
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

/// Whether a verdict is good or bad news, as a class of the style.
const fn mood(change: Change) -> &'static str {
    match change {
        Change::Worse => "bad",
        Change::Better => "good",
        Change::NoDifferenceShown | Change::NotKnown => "",
    }
}

fn article(view: &CompareView<'_>, last: &Beside<'_>, language: Language) -> Result<Markup, ChartError> {
    let draw =
        |layout: &Layout, name: &str| compared(view, language, layout, &format!("c10-{name}{language}"));
    let (wide, narrow) = (draw(&Layout::DOCUMENT, "")?, draw(&Layout::NARROW, "narrow-")?);
    let word = |text: CompareText| text.text(language);
    let change = last.comparison.change;
    let decided = decision(view, last, language);
    Ok(html! {
        article lang=(language) {
            header {
                p.top {
                    span class={ "badge " (mood(change)) } { (word(verdict(change))) }
                    span { (word(CompareText::Comparison)) " · " (printable(&last.run.record.header.scenario.name)) }
                }
                h1 { (headline(view, last, language)) }
                @if !decided.is_empty() { p class={ "decision " (mood(change)) } { (decided) } }
                @if let Some(sentence) = not_alike(last, language) { p.mark { (sentence) } }
            }
            figure { div.wide { (PreEscaped(&wide)) } div.narrow { (PreEscaped(&narrow)) } }
            section {
                h2 { (word(CompareText::BesideTipping)) }
                ul { @for sentence in beside_tipping(last, language) { li { (sentence) } } }
            }
            (runs(view, language))
            footer { p { (word(CompareText::Made)) " tipover " (env!("CARGO_PKG_VERSION")) } }
        }
    })
}

fn runs(view: &CompareView<'_>, language: Language) -> Markup {
    let word = |text: CompareText| text.text(language);
    let row = |run: &ComparedRun<'_>, factor: String, said: &str, mood: &str| {
        let class = if mood.is_empty() {
            "text".to_owned()
        } else {
            format!("text {mood}-text")
        };
        html! {
            tr {
                th.text.wrap scope="row" { (printable(run.label)) }
                td.text { (printable(&run.when())) }
                td { (rate_of(run, language)) }
                td { (factor) }
                td class=(class) { (said) }
            }
        }
    };
    html! {
        section {
            h2 { (word(CompareText::Runs)) }
            div.scroll tabindex="0" role="region" aria-label=(word(CompareText::Runs)) {
                table {
                    thead { tr {
                        th.text scope="col" { (word(CompareText::ColumnRun)) }
                        th.text scope="col" { (word(CompareText::ColumnWhen)) }
                        th scope="col" { (word(CompareText::ColumnTipping)) }
                        th scope="col" { (word(CompareText::ColumnFactor)) }
                        th.text scope="col" { (word(CompareText::ColumnVerdict)) }
                    } }
                    tbody {
                        (row(&view.base, String::new(), &base_name(view, language), ""))
                        @for beside in &view.others {
                            @let factor = beside.comparison.tipping_point.factor.mid;
                            @let change = beside.comparison.change;
                            (row(
                                &beside.run,
                                factor.map_or_else(String::new, |factor| signed(factor, language)),
                                word(verdict(change)),
                                mood(change),
                            ))
                        }
                    }
                }
            }
        }
    }
}
