//! Writes the files of a report into the folder of its run.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use super::around::{around_filling, around_goodput, around_latency, around_timeline, around_tipping};
use super::charts::{ChartError, Layout, filling, goodput, latency, png, standalone, timeline, tipping};
use super::customer::{Audience, for_customer};
use super::junit::junit_xml;
use super::markdown::summary_md;
use super::page::page;
use super::tables::{seconds_csv, trials_csv};
use super::view::View;
use super::watched::fillings;
use crate::record::RunRecord;
use crate::search::Finding;
use crate::words::Language;

/// Why a report could not be written.
#[derive(Debug)]
pub enum ReportError {
    /// A file could not be written.
    Io {
        /// Which file or folder.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A chart could not be drawn.
    Chart(ChartError),
    /// The summary or a table could not be put into its format.
    Format(String),
}

impl fmt::Display for ReportError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ReportError::Io { path, source } => write!(formatter, "write {}: {source}", path.display()),
            ReportError::Chart(error) => write!(formatter, "{error}"),
            ReportError::Format(why) => write!(formatter, "format the report: {why}"),
        }
    }
}

impl std::error::Error for ReportError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            ReportError::Io { source, .. } => Some(source),
            ReportError::Chart(error) => Some(error),
            ReportError::Format(_) => None,
        }
    }
}

impl From<ChartError> for ReportError {
    fn from(error: ChartError) -> Self {
        ReportError::Chart(error)
    }
}

impl ReportError {
    /// What to do about it, where something can be done.
    pub fn hint(&self) -> Option<&'static str> {
        match self {
            ReportError::Io { .. } => Some(
                "the record is kept: make room or choose another folder, then render it with `tipover report`",
            ),
            ReportError::Chart(_) | ReportError::Format(_) => None,
        }
    }
}

/// Writes the report of `record` into `folder`, which exists; `finding` is what its search found, nothing for `run`.
/// The first of `languages` is shown first and is that of charts and of `summary.md`; English where there is none.
/// Files that are there already are overwritten, byte for byte the same for the same record.
///
/// # Errors
/// A file cannot be written, or a chart cannot be drawn.
pub fn write(
    record: &RunRecord,
    finding: Option<&Finding>,
    folder: &Path,
    languages: &[Language],
) -> Result<(), ReportError> {
    write_for(record, finding, folder, languages, Audience::House)
}

/// [`write()`], for those who may read it.
///
/// # Errors
/// As [`write()`].
pub fn write_for(
    record: &RunRecord,
    finding: Option<&Finding>,
    folder: &Path,
    languages: &[Language],
    audience: Audience,
) -> Result<(), ReportError> {
    let told;
    let view = match audience {
        Audience::House => View::new(record, finding),
        Audience::Customer => {
            told = for_customer(record);
            View::for_customer(record, &told, finding)
        }
    };
    let mut shown: Vec<Language> = Vec::new();
    for language in languages {
        if !shown.contains(language) {
            shown.push(*language);
        }
    }
    let first = shown.first().copied().unwrap_or_default();
    let mut files: Vec<(&str, Vec<u8>)> = vec![("summary.json", summary_json(&view)?)];
    if shown.is_empty() {
        shown.push(first);
    }
    files.push(("report.html", page(&view, &shown)?.into_bytes()));
    files.push(("summary.md", summary_md(&view, first).into_bytes()));
    files.push(("trials.csv", trials_csv(&view)?));
    files.push(("seconds.csv", seconds_csv(&view)?));
    files.push(("junit.xml", junit_xml(&view).into_bytes()));
    files.push((
        "effective.yaml",
        view.record.header.effective.clone().into_bytes(),
    ));
    let drawn = charts(&view, first)?;
    let charts = folder.join("charts");
    std::fs::create_dir_all(&charts).map_err(|source| ReportError::Io { path: charts, source })?;
    let named = files.into_iter().map(|(name, bytes)| (name.to_owned(), bytes));
    for (name, bytes) in named.chain(drawn) {
        let path = folder.join(name);
        std::fs::write(&path, bytes).map_err(|source| ReportError::Io { path, source })?;
    }
    Ok(())
}

/// The text of `summary.json`.
pub(super) fn summary_json(view: &View<'_>) -> Result<Vec<u8>, ReportError> {
    let mut text =
        serde_json::to_vec_pretty(&view.summary).map_err(|error| ReportError::Format(error.to_string()))?;
    text.push(b'\n');
    Ok(text)
}

/// How a chart is drawn on a sheet.
type Drawing<'a> = &'a dyn Fn(&Layout) -> Result<String, ChartError>;

/// The charts, one more where servers were watched: as SVG, for slides (1920 × 1080), link cards (1200 × 630) and documents (1600 × 900).
fn charts(view: &View<'_>, language: Language) -> Result<Vec<(String, Vec<u8>)>, ReportError> {
    let (c1, c2) = (around_tipping(view, language), around_latency(view, language));
    let (c3, c5) = (around_goodput(view, language), around_timeline(view, language));
    let all: [(&str, Drawing<'_>); 4] = [
        ("c1", &|layout| tipping(view, &c1, language, layout, "c1")),
        ("c2", &|layout| latency(view, &c2, language, layout, "c2")),
        ("c3", &|layout| goodput(view, &c3, language, layout, "c3")),
        ("c5", &|layout| timeline(view, &c5, language, layout, "c5")),
    ];
    let mut files = Vec::new();
    for (name, draw) in all {
        let (document, card) = (draw(&Layout::DOCUMENT)?, draw(&Layout::CARD)?);
        files.push((format!("charts/{name}.svg"), standalone(&document).into_bytes()));
        files.push((format!("charts/{name}.png"), png(&document, 1920)?));
        files.push((format!("charts/{name}-document.png"), png(&document, 1600)?));
        files.push((format!("charts/{name}-card.png"), png(&card, 1200)?));
    }
    let fillings = fillings(view.record, &view.trials);
    if !fillings.is_empty() {
        let around = around_filling(view, language);
        let c11 = filling((view, &fillings), &around, language, &Layout::DOCUMENT, "c11")?;
        files.push(("charts/c11.svg".to_owned(), standalone(&c11).into_bytes()));
        files.push(("charts/c11.png".to_owned(), png(&c11, 1920)?));
    }
    Ok(files)
}
