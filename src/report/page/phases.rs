//! The table of the parts of a request: whether the way to the site was slow, or the site.

use maud::{Markup, html};

use crate::report::summary::Quantiles;
use crate::report::view::View;
use crate::words::{Label, Language};

/// The parts that were seen, each with its quantiles; nothing where none was.
pub(super) fn phases(view: &View<'_>, language: Language) -> Markup {
    let text = |label: Label| label.text(language);
    let phases = &view.summary.phases_ms;
    let rows: Vec<(Label, Quantiles)> = [
        (Label::PartDns, phases.dns),
        (Label::PartConnect, phases.connect),
        (Label::PartTls, phases.tls),
        (Label::PartSend, phases.send),
        (Label::PartFirstByte, phases.first_byte),
        (Label::PartReceive, phases.receive),
    ]
    .into_iter()
    .filter_map(|(label, quantiles)| Some((label, quantiles?)))
    .collect();
    if rows.is_empty() {
        return html! {};
    }
    html! {
        section {
            h2 { (text(Label::Parts)) }
            div.scroll tabindex="0" role="region" aria-label=(text(Label::Parts)) {
                table {
                    thead { tr {
                        th.text scope="col" { (text(Label::ColumnPart)) }
                        th scope="col" { "p50" }
                        th scope="col" { "p95" }
                        th scope="col" { "p99" }
                        th scope="col" { (text(Label::ColumnLongest)) }
                    } }
                    tbody { @for (label, quantiles) in &rows { tr {
                        th.text scope="row" { (text(*label)) }
                        @for value in [quantiles.p50, quantiles.p95, quantiles.p99, quantiles.max] {
                            td { (language.milliseconds(value)) }
                        }
                    } } }
                }
            }
        }
    }
}
