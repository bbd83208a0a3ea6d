//! Writes the files of a comparison into a folder.

use std::path::Path;

use super::CompareView;
use super::json::comparison_json;
use super::markdown::comparison_md;
use super::page::page;
use crate::report::charts::{Layout, compared, png, standalone};
use crate::report::write::ReportError;
use crate::words::Language;

/// Writes `compare.html`, `compare.json`, `compare.md` and chart C10 into `folder`, which exists. The first of
/// `languages` is shown first and is that of chart and Markdown.
///
/// # Errors
/// A file cannot be written, or a chart cannot be drawn.
pub fn write_comparison(
    view: &CompareView<'_>,
    folder: &Path,
    languages: &[Language],
) -> Result<(), ReportError> {
    let first = languages.first().copied().unwrap_or_default();
    let mut shown: Vec<Language> = Vec::new();
    for language in languages.iter().copied().chain([first]) {
        if !shown.contains(&language) {
            shown.push(language);
        }
    }
    let document = compared(view, first, &Layout::DOCUMENT, "c10")?;
    let card = compared(view, first, &Layout::CARD, "c10")?;
    let files: [(&str, Vec<u8>); 7] = [
        ("compare.html", page(view, &shown)?.into_bytes()),
        ("compare.json", comparison_json(view).into_bytes()),
        ("compare.md", comparison_md(view, first).into_bytes()),
        ("charts/c10.svg", standalone(&document).into_bytes()),
        ("charts/c10.png", png(&document, 1920)?),
        ("charts/c10-document.png", png(&document, 1600)?),
        ("charts/c10-card.png", png(&card, 1200)?),
    ];
    let charts = folder.join("charts");
    std::fs::create_dir_all(&charts).map_err(|source| ReportError::Io { path: charts, source })?;
    for (name, bytes) in files {
        let path = folder.join(name);
        std::fs::write(&path, bytes).map_err(|source| ReportError::Io { path, source })?;
    }
    Ok(())
}
