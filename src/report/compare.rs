//! Runs side by side: did the site change? As text, Markdown, JSON, a chart and a page.

mod json;
mod markdown;
mod page;
mod sentences;
mod write;

use crate::analysis::compare::{Bounds, Comparison, Difference, bounds};
use crate::record::RunRecord;
use crate::search::Finding;

pub use json::{ComparedRuns, comparison_json, comparison_schema};
pub use markdown::comparison_md;
pub use sentences::comparison_text;
pub(super) use sentences::{chart_title, chart_words};
pub use write::write_comparison;

/// A run of a comparison.
#[derive(Debug, Clone, Copy)]
pub struct ComparedRun<'a> {
    /// What it is called: its folder, or the name of a baseline.
    pub label: &'a str,
    /// The run; of a baseline of several, the last one.
    pub record: &'a RunRecord,
    /// What its search found, or the searches of a baseline together; nothing for `run`.
    pub finding: Option<&'a Finding>,
    /// How many runs it stands for.
    pub runs: usize,
}

impl ComparedRun<'_> {
    /// What it says of the tipping point.
    pub(super) fn bounds(&self) -> Option<Bounds> {
        self.finding.and_then(bounds)
    }

    /// The day and the minute of its start, in UTC.
    pub(super) fn when(&self) -> String {
        let started = &self.record.header.started_at;
        started.chars().take(16).collect::<String>().replace('T', " ")
    }
}

/// A run beside the base.
#[derive(Debug, Clone)]
pub struct Beside<'a> {
    /// The run.
    pub run: ComparedRun<'a>,
    /// How it compares with the base.
    pub comparison: Comparison,
    /// In what the runs are not alike.
    pub differences: Vec<Difference>,
}

/// Runs side by side.
#[derive(Debug, Clone)]
pub struct CompareView<'a> {
    /// What the others are compared with.
    pub base: ComparedRun<'a>,
    /// The others, oldest first; the last one decides. Never empty.
    pub others: Vec<Beside<'a>>,
    /// By which share, 0 to 1, the tipping point may fall.
    pub tolerance: f64,
}

impl<'a> CompareView<'a> {
    /// The run that decides.
    pub fn last(&self) -> Option<&Beside<'a>> {
        self.others.last()
    }
}
