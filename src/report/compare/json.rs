//! A comparison for machines: every key is always there; what is absent is null.

use schemars::JsonSchema;
use serde::Serialize;

use super::{Beside, CompareView, ComparedRun};
use crate::analysis::compare::{Change, Comparison, Difference};
use crate::search::{Estimate, Kind};

/// Runs side by side.
#[derive(Debug, Serialize, JsonSchema)]
pub struct ComparedRuns {
    /// The version of this shape: 1.
    schema_version: u32,
    /// By which share, 0 to 1, the tipping point may fall.
    tolerance: f64,
    /// What the others are compared with.
    base: Run,
    /// The others, as they were named; the last one decides.
    runs: Vec<Compared>,
    /// How the last one compares.
    change: Change,
    /// Whether the last one is worse by more than was tolerated.
    is_regression: bool,
}

/// A run of a comparison.
#[derive(Debug, Serialize, JsonSchema)]
struct Run {
    /// Its folder, or the name of a baseline.
    name: String,
    /// How many runs it stands for.
    runs: usize,
    /// Names the run; of several, the last.
    run_id: String,
    /// When it started, RFC 3339 in UTC.
    started_at: String,
    /// The name of its scenario.
    scenario: String,
    /// What its search found; null for `run`.
    finding: Option<Kind>,
    /// The tipping point, in pages per second; null where none was found.
    rate: Option<Estimate>,
    /// The highest load that was carried where none was found, in pages per second.
    up_to: Option<f64>,
}

/// A run beside the base.
#[derive(Debug, Serialize, JsonSchema)]
struct Compared {
    /// The run.
    run: Run,
    /// In what the runs are not alike.
    differences: Vec<Difference>,
    /// How it compares with the base.
    comparison: Comparison,
}

fn run(run: &ComparedRun<'_>) -> Run {
    let header = &run.record.header;
    Run {
        name: run.label.to_owned(),
        runs: run.runs,
        run_id: header.run_id.clone(),
        started_at: header.started_at.clone(),
        scenario: header.scenario.name.clone(),
        finding: run.finding.map(|finding| finding.kind),
        rate: run.finding.and_then(|finding| finding.rate),
        up_to: run
            .finding
            .and_then(|finding| finding.up_to)
            .map(crate::units::Rate::get),
    }
}

fn compared(beside: &Beside<'_>) -> Compared {
    Compared {
        run: run(&beside.run),
        differences: beside.differences.clone(),
        comparison: beside.comparison.clone(),
    }
}

/// The comparison as JSON, with a line break at its end.
pub fn comparison_json(view: &CompareView<'_>) -> String {
    let last = view.last().map(|last| &last.comparison);
    let runs = ComparedRuns {
        schema_version: 1,
        tolerance: view.tolerance,
        base: run(&view.base),
        runs: view.others.iter().map(compared).collect(),
        change: last.map_or(Change::NotKnown, |last| last.change),
        is_regression: last.is_some_and(|last| last.is_regression),
    };
    // Numbers, words and lists: nothing in it can fail to be written.
    serde_json::to_string_pretty(&runs).unwrap_or_default() + "\n"
}

/// The JSON Schema of a comparison, draft-07.
pub fn comparison_schema() -> schemars::Schema {
    schemars::generate::SchemaSettings::draft07()
        .for_serialize()
        .into_generator()
        .into_root_schema_for::<ComparedRuns>()
}
