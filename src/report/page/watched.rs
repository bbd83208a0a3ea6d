//! What the servers showed: a chart of their resources over the load, which was full first, and what their logs named.

use maud::{Markup, html};

use super::figure;
use super::parts::with_code;
use crate::diagnosis::{Cause, Product, advice};
use crate::report::around::around_filling;
use crate::report::charts::{ChartError, Layout, filling};
use crate::report::monitoring::rules;
use crate::report::view::View;
use crate::report::watched::{Filling, fillings, full_in_words, workers_in_words};
use crate::words::{Label, Language, printable};

/// Causes that are listed.
const SHOWN_CAUSES: usize = 8;
/// Characters of an example.
const SHOWN_EXAMPLE: usize = 300;

/// The section; nothing where nothing was watched.
pub(super) fn watched(view: &View<'_>, language: Language) -> Result<Markup, ChartError> {
    let lost: Vec<&str> = view
        .record
        .events
        .iter()
        .filter(|event| event.what == "source_lost")
        .map(|event| event.detail.as_str())
        .collect();
    if view.record.sources.is_empty() && lost.is_empty() {
        return Ok(html! {});
    }
    let drawn = fillings(view.record, &view.trials);
    let around = around_filling(view, language);
    let chart = |layout: &Layout, id: &str| filling((view, &drawn), &around, language, layout, id);
    let figures = if drawn.is_empty() {
        html! {}
    } else {
        figure(
            &chart(&Layout::DOCUMENT, &format!("c11-{language}"))?,
            &chart(&Layout::NARROW, &format!("c11-narrow-{language}"))?,
        )
    };
    Ok(html! {
        section {
            h2 { (Label::WatchedHeading.text(language)) }
            (figures)
            (numbers(&drawn, language))
            @if view.summary.resources.is_empty() {
                p { (Label::NothingFull.text(language)) }
            } @else {
                ul { @for full in &view.summary.resources { li { (full_in_words(full, language)) } } }
                @if let Some(formula) = workers_in_words(view, language) { p { (formula) } }
            }
            (causes(view, language))
            @if !lost.is_empty() {
                p { (Label::SourcesLost.text(language)) }
                ul { @for told in &lost { li lang="en" { (printable(told)) } } }
            }
        }
    })
}

/// Alert rules to paste; nothing where no tipping point is known.
pub(super) fn monitoring(view: &View<'_>, language: Language) -> Markup {
    html! {
        @if let Some(rules) = rules(&view.summary, language) {
            section {
                h2 { (Label::MonitoringHeading.text(language)) }
                p { (Label::MonitoringAbout.text(language)) }
                pre { code { (rules) } }
            }
        }
    }
}

/// The chart as numbers.
fn numbers(drawn: &[Filling], language: Language) -> Markup {
    let mut loads: Vec<f64> = drawn
        .iter()
        .flat_map(|filling| &filling.points)
        .map(|(load, _)| *load)
        .collect();
    loads.sort_by(f64::total_cmp);
    loads.dedup();
    let share = |filling: &Filling, load: f64| {
        let found = filling.points.iter().find(|(at, _)| *at == load);
        found.map_or_else(|| "–".to_owned(), |(_, share)| language.percent(*share))
    };
    html! {
        @if !loads.is_empty() {
            details {
                summary { (Label::FillingTable.text(language)) }
                div.scroll tabindex="0" role="region" aria-label=(Label::FillingTable.text(language)) {
                    table {
                        thead { tr {
                            th scope="col" { (Label::AxisLoad.text(language)) }
                            @for filling in drawn { th scope="col" { (filling.name) } }
                        } }
                        tbody { @for load in &loads { tr {
                            th scope="row" { (language.quantity(*load)) }
                            @for filling in drawn { td { (share(filling, *load)) } }
                        } } }
                    }
                }
            }
        }
    }
}

fn causes(view: &View<'_>, language: Language) -> Markup {
    let all = &view.summary.causes;
    html! {
        @if !all.is_empty() {
            div.scroll tabindex="0" role="region" aria-label=(Label::WatchedCauses.text(language)) {
                table {
                    thead { tr {
                        th.text scope="col" { (Label::ColumnCause.text(language)) }
                        th scope="col" { (Label::ColumnLines.text(language)) }
                        th scope="col" { (Label::ColumnFromRate.text(language)) }
                        th.text scope="col" { (Label::ColumnWhatToDo.text(language)) }
                    } }
                    tbody { @for found in all.iter().take(SHOWN_CAUSES) {
                        tr {
                            th.text scope="row" { code { (printable(&found.cause)) } " (" (printable(&found.gateway)) ")" }
                            td { (language.count(found.count)) }
                            td { (language.quantity(found.from_rate)) }
                            td.text.wrap {
                                (with_code(remedy(&found.gateway, &found.cause, language)))
                                @let example: String = printable(&found.example).chars().take(SHOWN_EXAMPLE).collect();
                                details { summary { (Label::Example.text(language)) } code { (example) } }
                            }
                        }
                    } }
                }
            }
        }
    }
}

fn remedy(gateway: &str, cause: &str, language: Language) -> &'static str {
    let product = Product::ALL.iter().find(|product| product.word() == gateway);
    let cause = Cause::ALL.iter().find(|known| known.word() == cause);
    advice::advice(
        product.copied().unwrap_or(Product::Unknown),
        cause.copied().unwrap_or(Cause::Unknown),
        language,
    )
}
