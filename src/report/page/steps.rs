//! The table of steps, where there are several, and what their pages brought with them.

use maud::{Markup, html};

use crate::report::summary::AssetSummary;
use crate::report::view::View;
use crate::words::{Label, Language, Phrase, printable};

/// Every step with its counts and latencies; nothing where one step is all.
pub(super) fn steps(view: &View<'_>, language: Language) -> Markup {
    let steps = &view.summary.steps;
    let text = |label: Label| label.text(language);
    if steps.len() < 2 {
        return html! {};
    }
    html! {
        section {
            h2 { (text(Label::Steps)) }
            div.scroll tabindex="0" role="region" aria-label=(text(Label::Steps)) {
                table {
                    thead { tr {
                        th.text scope="col" { (text(Label::ColumnStep)) }
                        th scope="col" { (text(Label::ColumnRequests)) }
                        th scope="col" { (text(Label::ColumnFailures)) }
                        @for name in ["p50", "p95", "p99"] { th scope="col" { (name) } }
                    } }
                    tbody { @for step in steps { tr {
                        th.text scope="row" { (printable(&step.name)) }
                        td { (language.count(step.requests)) }
                        td { (language.count(step.failures)) }
                        @let latency = step.latency_ms;
                        @for value in latency.map_or([None; 3], |of| [of.p50, of.p95, of.p99].map(Some)) {
                            td { (value.map_or_else(|| "–".to_owned(), |value| language.milliseconds(value))) }
                        }
                    } } }
                }
            }
        }
    }
}

/// What was fetched besides the pages, in words.
pub(in crate::report) fn assets_in_words(assets: &AssetSummary, language: Language) -> String {
    let tenths = |number: f64| language.quantity((number * 10.0).round() / 10.0);
    let whole = assets.whole_page_ms;
    let whole = whole.map_or_else(|| "–".to_owned(), |whole| language.milliseconds(whole.p95));
    let unchanged = assets.by_class.get("304").copied().unwrap_or(0);
    Phrase::AssetsValue.fill(
        language,
        &[
            ("per_page", &tenths(assets.requests_per_page)),
            ("count", &language.count(assets.requests)),
            ("cached", &language.count(assets.cached)),
            ("unchanged", &language.count(unchanged)),
            ("failed", &language.count(assets.pages_failed)),
            ("pages", &language.count(assets.pages)),
            ("whole", &whole),
        ],
    )
}
