//! From a record and a finding to what people read: page, charts, tables, exports. Every report is a pure function of the record.

pub mod charts;
mod sentences;
mod summarize;
mod summary;
mod view;

pub use sentences::{decision, headline, sentence, title};
pub use summarize::summary;
pub use summary::*;
pub use view::View;

/// Writes the files of a run.
pub fn write(record: &crate::record::RunRecord, finding: Option<&crate::search::Finding>, folder: &std::path::Path, languages: &[crate::words::Language]) -> std::io::Result<()> {
    let summary = summary(record, finding);
    std::fs::write(folder.join("summary.json"), serde_json::to_string_pretty(&summary)? + "\n")?;
    std::fs::create_dir_all(folder.join("charts"))?;
    let view = View::new(record, finding);
    let svg = charts::tipping(&view, &charts::Around{title: sentence(&view.summary, languages[0]), subtitle: String::new(), note: String::new(), source: String::new(), description: String::new()}, languages.first().copied().unwrap_or_default(), &charts::Layout::DOCUMENT, "c1").map_err(std::io::Error::other)?;
    std::fs::write(folder.join("charts/c1.svg"), charts::standalone(&svg))?;
    std::fs::write(folder.join("charts/c1.png"), charts::png(&svg, 1920).map_err(std::io::Error::other)?)
}
