//! One form of a report at a time, for what reads it: a pipeline, a spreadsheet, a histogram viewer.

mod histograms;
mod load_performance;

use super::customer::{Audience, for_customer};
use super::junit::junit_xml;
use super::markdown::summary_md;
use super::page::page;
use super::tables::{seconds_csv, trials_csv};
use super::view::View;
use super::write::{ReportError, summary_json};
use crate::record::RunRecord;
use crate::search::Finding;
use crate::words::Language;

/// A form of a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// The page: `report.html`.
    Html,
    /// `summary.json`.
    Json,
    /// Markdown for a pull request or a job summary: `summary.md`.
    Markdown,
    /// The trials, or a run's stretches of load: `trials.csv`.
    Trials,
    /// The seconds: `seconds.csv`.
    Seconds,
    /// `junit.xml`.
    Junit,
    /// The latency of each second as a log of HdrHistograms (V2, compressed): `latency.hlog`.
    Histograms,
    /// What GitLab's load performance widget reads: the shape of k6's summary.
    LoadPerformance,
}

/// The report of `record` in one `format`, for `audience`; `finding` is what its search found, nothing for `run`.
///
/// # Errors
/// A chart cannot be drawn, or the start of the run is no time.
pub fn export(
    record: &RunRecord,
    finding: Option<&Finding>,
    format: Format,
    languages: &[Language],
    audience: Audience,
) -> Result<Vec<u8>, ReportError> {
    let told;
    let view = match audience {
        Audience::House => View::new(record, finding),
        Audience::Customer => {
            told = for_customer(record);
            View::for_customer(record, &told, finding)
        }
    };
    let first = languages.first().copied().unwrap_or_default();
    let one = [first];
    let shown = if languages.is_empty() {
        one.as_slice()
    } else {
        languages
    };
    match format {
        Format::Html => Ok(page(&view, shown)?.into_bytes()),
        Format::Json => summary_json(&view),
        Format::Markdown => Ok(summary_md(&view, first).into_bytes()),
        Format::Trials => trials_csv(&view),
        Format::Seconds => seconds_csv(&view),
        Format::Junit => Ok(junit_xml(&view).into_bytes()),
        Format::Histograms => histograms::log(record),
        Format::LoadPerformance => Ok(load_performance::json(&view)),
    }
}
