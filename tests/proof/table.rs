//! The tables of the proof, as Markdown.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use tipover::analysis::statistics::{ShareInterval, Z_95, wilson};

use super::numbers::{number, pair, quantile, sorted};
use super::outcome::Outcome;

const HEAD: &str = "time s med/p90 | sent k | sent above truth k | failed k | abs error % med/p90 | bias % | \
                    interval width % med/p90 | covers % (Wilson 95 %) | converged % |";
const COLUMNS: usize = 9;

/// Searches on sites that tip over, in numbers: all values sorted.
pub(crate) struct Summary {
    pub(crate) count: u64,
    pub(crate) classes: usize,
    pub(crate) covered: u64,
    pub(crate) errors: Vec<f64>,
    pub(crate) widths: Vec<f64>,
    pub(crate) seconds: Vec<f64>,
    pub(crate) sent: Vec<f64>,
    pub(crate) above: Vec<f64>,
    pub(crate) failed: Vec<f64>,
    signed: Vec<f64>,
    converged: u64,
}

impl Summary {
    /// The summary of those among `outcomes` whose site tips over.
    pub(crate) fn of<'a>(outcomes: impl Iterator<Item = &'a Outcome>) -> Self {
        let searches: Vec<&Outcome> = outcomes.filter(|outcome| outcome.truth.is_some()).collect();
        let of = |value: &dyn Fn(&Outcome) -> f64| sorted(searches.iter().map(|outcome| value(outcome)));
        let count = |holds: &dyn Fn(&Outcome) -> bool| {
            searches.iter().filter(|outcome| holds(outcome)).count() as u64
        };
        Self {
            count: searches.len() as u64,
            classes: searches
                .iter()
                .map(|outcome| outcome.class)
                .collect::<BTreeSet<_>>()
                .len(),
            covered: count(&|outcome| outcome.covers(outcome.truth)),
            converged: count(&|outcome| outcome.converged),
            errors: of(&|outcome| outcome.error().abs()),
            signed: sorted(
                searches
                    .iter()
                    .map(|outcome| outcome.error())
                    .filter(|error| error.is_finite()),
            ),
            widths: of(&Outcome::width),
            seconds: of(&|outcome| f64::from(outcome.seconds)),
            sent: of(&|outcome| outcome.sent as f64),
            above: of(&|outcome| outcome.above as f64),
            failed: of(&|outcome| outcome.failed as f64),
        }
    }

    /// How many intervals hold the truth.
    pub(crate) fn coverage(&self) -> ShareInterval {
        wilson(self.covered, self.count, Z_95)
    }

    fn cells(&self) -> String {
        format!(
            "{} | {} | {} | {} | {} | {} | {} | {} | {} |",
            pair(&self.seconds, 1.0, 0),
            pair(&self.sent, 1e-3, 0),
            pair(&self.above, 1e-3, 1),
            pair(&self.failed, 1e-3, 2),
            pair(&self.errors, 1e2, 1),
            signed(quantile(&self.signed, 0.5) * 1e2),
            pair(&self.widths, 1e2, 1),
            covers(self.coverage()),
            number(1e2 * self.converged as f64 / self.count as f64, 0),
        )
    }
}

fn signed(value: f64) -> String {
    if value.is_finite() {
        format!("{value:+.1}")
    } else {
        number(value, 1)
    }
}

fn covers(share: ShareInterval) -> String {
    format!(
        "{:.1} ({:.1}–{:.1})",
        1e2 * share.mid,
        1e2 * share.low,
        1e2 * share.high
    )
}

/// The classes in `outcomes`, by number, with their names.
pub(crate) fn classes(outcomes: &[Outcome]) -> BTreeMap<u8, &str> {
    outcomes
        .iter()
        .map(|outcome| (outcome.class, outcome.name.as_str()))
        .collect()
}

fn rule(columns: usize) -> String {
    format!("|{}\n", "---|".repeat(columns))
}

/// One method, class by class and over all: the bias is the median of the signed errors; a search without an
/// estimate counts as infinitely far off and as not covering.
pub(crate) fn by_class(outcomes: &[Outcome]) -> String {
    let mut text = format!("| class | truth/s | {HEAD} findings |\n{}", rule(COLUMNS + 3));
    for (class, name) in classes(outcomes) {
        let of_class: Vec<&Outcome> = outcomes.iter().filter(|outcome| outcome.class == class).collect();
        let Some(truth) = of_class.iter().find_map(|outcome| outcome.truth) else {
            continue;
        };
        let summary = Summary::of(of_class.iter().copied());
        let _ = writeln!(
            text,
            "| {class} {name} | {} | {} {} |",
            number(truth, if truth < 100.0 { 1 } else { 0 }),
            summary.cells(),
            kinds(&of_class)
        );
    }
    let all: Vec<&Outcome> = outcomes
        .iter()
        .filter(|outcome| outcome.truth.is_some())
        .collect();
    if !all.is_empty() {
        let _ = writeln!(
            text,
            "| **all** | | {} {} |",
            Summary::of(all.iter().copied()).cells(),
            kinds(&all)
        );
    }
    text + &without_a_tipping_point(outcomes) + &own_horizon(outcomes)
}

/// How often each kind of finding was the answer.
fn kinds(outcomes: &[&Outcome]) -> String {
    let mut counts: BTreeMap<String, u64> = BTreeMap::new();
    for outcome in outcomes {
        *counts.entry(kind(outcome)).or_default() += 1;
    }
    let mut counts: Vec<(String, u64)> = counts.into_iter().collect();
    counts.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    let counts: Vec<String> = counts
        .into_iter()
        .map(|(kind, count)| format!("{kind} {count}"))
        .collect();
    counts.join(", ")
}

fn kind(outcome: &Outcome) -> String {
    serde_json::to_value(outcome.kind)
        .ok()
        .and_then(|kind| kind.as_str().map(str::to_owned))
        .unwrap_or_default()
}

fn without_a_tipping_point(outcomes: &[Outcome]) -> String {
    let mut text = String::new();
    for (class, name) in classes(outcomes) {
        let of_class: Vec<&Outcome> = outcomes
            .iter()
            .filter(|outcome| outcome.class == class && outcome.truth.is_none())
            .collect();
        if of_class.is_empty() {
            continue;
        }
        if text.is_empty() {
            text = format!(
                "\n| class without a tipping point | right finding % (Wilson 95 %) | time s med/p90 | sent k | findings |\n{}",
                rule(5)
            );
        }
        let right = of_class.iter().filter(|outcome| outcome.right).count() as u64;
        let _ = writeln!(
            text,
            "| {class} {name} | {} | {} | {} | {} |",
            covers(wilson(right, of_class.len() as u64, Z_95)),
            pair(
                &sorted(of_class.iter().map(|outcome| f64::from(outcome.seconds))),
                1.0,
                0
            ),
            pair(
                &sorted(of_class.iter().map(|outcome| outcome.sent as f64)),
                1e-3,
                1
            ),
            kinds(&of_class)
        );
    }
    text
}

/// Sites whose tipping point falls with the horizon, judged by holds as long as those of the search.
fn own_horizon(outcomes: &[Outcome]) -> String {
    let mut text = String::new();
    for (class, name) in classes(outcomes) {
        let of_class: Vec<&Outcome> = outcomes
            .iter()
            .filter(|outcome| outcome.class == class && outcome.own_truth.is_some())
            .collect();
        let Some(truth) = of_class.iter().find_map(|outcome| outcome.own_truth) else {
            continue;
        };
        if text.is_empty() {
            text = format!(
                "\n| class, truth of its own horizon | truth/s | abs error % med/p90 | covers % (Wilson 95 %) |\n{}",
                rule(4)
            );
        }
        let errors = sorted(
            of_class
                .iter()
                .map(|outcome| outcome.mid.map_or(f64::INFINITY, |mid| (mid / truth - 1.0).abs())),
        );
        let covered = of_class
            .iter()
            .filter(|outcome| outcome.covers(outcome.own_truth))
            .count() as u64;
        let _ = writeln!(
            text,
            "| {class} {name} | {} | {} | {} |",
            number(truth, 0),
            pair(&errors, 1e2, 1),
            covers(wilson(covered, of_class.len() as u64, Z_95))
        );
    }
    text
}

/// All methods, a line each.
pub(crate) fn by_method(methods: &[(String, &[Outcome])]) -> String {
    let mut text = format!("| method | searches | {HEAD}\n{}", rule(COLUMNS + 2));
    for (label, outcomes) in methods {
        let summary = Summary::of(outcomes.iter());
        let _ = writeln!(text, "| {label} | {} | {}", summary.count, summary.cells());
    }
    text
}

/// Median and p90 of the absolute error and the coverage, of each method on each class, in %.
pub(crate) fn methods_by_class(methods: &[(String, &[Outcome])]) -> String {
    let labels: Vec<&str> = methods.iter().map(|(label, _)| label.as_str()).collect();
    let mut text = format!("| class | {} |\n{}", labels.join(" | "), rule(labels.len() + 1));
    let names: BTreeMap<u8, &str> = methods
        .iter()
        .flat_map(|(_, outcomes)| classes(outcomes))
        .collect();
    for (class, name) in names {
        let cells: Vec<String> = methods
            .iter()
            .map(|(_, outcomes)| Summary::of(outcomes.iter().filter(|outcome| outcome.class == class)))
            .map(|summary| match summary.count {
                0 => "–".to_owned(),
                _ => format!(
                    "{} · {:.0}",
                    pair(&summary.errors, 1e2, 1),
                    1e2 * summary.coverage().mid
                ),
            })
            .collect();
        if cells.iter().any(|cell| cell != "–") {
            let _ = writeln!(text, "| {class} {name} | {} |", cells.join(" | "));
        }
    }
    text
}
