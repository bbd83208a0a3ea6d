//! The table of trials: the data of both charts.

use maud::{Markup, html};

use crate::analysis::TrialView;
use crate::record::Class;
use crate::report::view::View;
use crate::words::{Label, Language, printable};

/// What the search concluded, in words; a verdict that this version does not know stays as it is.
pub(in crate::report) fn verdict_name(verdict: &str, language: Language) -> String {
    let label = match verdict {
        "good" => Label::VerdictGood,
        "bad" => Label::VerdictBad,
        "near" => Label::VerdictNear,
        "unknown" => Label::VerdictUnknown,
        "void" => Label::VerdictVoid,
        other => return printable(other),
    };
    label.text(language).to_owned()
}

/// The part of the search, in words; one that this version does not know stays as it is.
pub(in crate::report) fn phase_name(phase: &str, language: Language) -> String {
    let label = match phase {
        "baseline" => Label::PhaseBaseline,
        "coarse" => Label::PhaseCoarse,
        "refine" => Label::PhaseRefine,
        "hold" => Label::PhaseHold,
        "challenge" => Label::PhaseChallenge,
        "recover" => Label::PhaseRecover,
        other => return printable(other),
    };
    label.text(language).to_owned()
}

fn verdict_class(verdict: Option<&str>) -> &'static str {
    match verdict {
        Some("good") => "text good-text",
        Some("bad") => "text bad-text",
        _ => "text plain",
    }
}

/// Every trial with its counts, shares and latencies.
pub(super) fn trials(view: &View<'_>, language: Language) -> Markup {
    let is_search = view.summary.finding.is_some() || view.record.header.search.is_some();
    let heading = if is_search { Label::Trials } else { Label::Loads };
    let text = |label: Label| label.text(language);
    html! {
        section {
            h2 { (text(heading)) }
            div.scroll tabindex="0" role="region" aria-label=(text(heading)) {
                table {
                    thead { tr {
                        @if is_search { th.text scope="col" { (text(Label::ColumnPhase)) } }
                        th scope="col" { (text(Label::ColumnLoad)) }
                        th scope="col" { (text(Label::ColumnSeconds)) }
                        th scope="col" { (text(Label::ColumnSent)) }
                        th scope="col" { (text(Label::ColumnUnsent)) }
                        th scope="col" { (text(Label::ColumnFailed)) }
                        th scope="col" { (text(Label::ColumnInterval)) }
                        th scope="col" { (text(Label::Column502)) }
                        @for name in ["p50", "p95", "p99"] { th scope="col" { (name) } }
                        @if is_search { th.text scope="col" { (text(Label::ColumnVerdict)) } }
                    } }
                    tbody { @for trial in &view.trials { (row(trial, language, is_search)) } }
                }
            }
        }
    }
}

fn row(trial: &TrialView, language: Language, is_search: bool) -> Markup {
    let tally = &trial.tally;
    let latency = |quantile| {
        let micros = tally.successes.from_due.at_quantile(quantile);
        micros.map_or_else(
            || "–".to_owned(),
            |micros| language.milliseconds(micros as f64 / 1e3),
        )
    };
    let share = trial.failed_share;
    let percent = |of: Option<f64>| of.map_or_else(|| "–".to_owned(), |share| language.percent(share));
    let verdict = trial.verdict.as_deref();
    html! {
        tr {
            @if is_search { td.text { (trial.phase.as_deref().map_or_else(String::new, |phase| phase_name(phase, language))) } }
            th scope="row" { (language.quantity(trial.rate)) }
            td { (trial.seconds()) }
            td { (language.count(tally.sent)) }
            td { (language.count(tally.unsent_by_us())) }
            td { (percent(share.map(|share| share.mid))) }
            td { (percent(share.map(|share| share.low))) " – " (percent(share.map(|share| share.high))) }
            td { (language.count(tally.of_class(Class::Status(502)))) }
            @for quantile in [0.5, 0.95, 0.99] { td { (latency(quantile)) } }
            @if is_search {
                td class=(verdict_class(verdict)) {
                    (verdict.map_or_else(String::new, |verdict| verdict_name(verdict, language)))
                }
            }
        }
    }
}
