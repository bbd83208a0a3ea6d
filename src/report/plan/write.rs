//! Writes the files of a plan into a folder.

use std::path::Path;

use super::PlanView;
use super::json::plan_json;
use super::page::page;
use super::text::plan_text;
use crate::report::charts::{Layout, forecast, planner, png, standalone};
use crate::report::write::ReportError;
use crate::words::Language;

/// Writes `send-plan.html`, `plan.json`, `plan.txt` and the charts of each campaign into `folder`, which exists. The
/// first of `languages` is shown first and is that of charts and text.
///
/// # Errors
/// A file cannot be written, or a chart cannot be drawn.
pub fn write_plan(view: &PlanView<'_>, folder: &Path, languages: &[Language]) -> Result<(), ReportError> {
    let first = languages.first().copied().unwrap_or_default();
    let mut shown: Vec<Language> = Vec::new();
    for language in languages.iter().copied().chain([first]) {
        if !shown.contains(&language) {
            shown.push(language);
        }
    }
    let mut files: Vec<(String, Vec<u8>)> = vec![
        ("send-plan.html".to_owned(), page(view, &shown)?.into_bytes()),
        ("plan.json".to_owned(), plan_json(view).into_bytes()),
        ("plan.txt".to_owned(), plan_text(view, first, false).into_bytes()),
    ];
    for answer in view.answers {
        // The name of a campaign is a word of letters, digits, `_` and `-`: it is safe as a part of a file's name.
        let name = &answer.campaign.name;
        for (layout, end, width) in [
            (Layout::DOCUMENT, "", 1920),
            (Layout::DOCUMENT, "-document", 1600),
            (Layout::CARD, "-card", 1200),
        ] {
            let drawn = [
                ("c7", Some(forecast(view, answer, first, &layout, "c7")?)),
                ("c8", planner(view, answer, first, &layout, "c8")?),
            ];
            for (chart, svg) in drawn {
                let Some(svg) = svg else { continue };
                files.push((format!("charts/{chart}-{name}{end}.png"), png(&svg, width)?));
                if end.is_empty() {
                    files.push((
                        format!("charts/{chart}-{name}.svg"),
                        standalone(&svg).into_bytes(),
                    ));
                }
            }
        }
    }
    let charts = folder.join("charts");
    std::fs::create_dir_all(&charts).map_err(|source| ReportError::Io { path: charts, source })?;
    for (name, bytes) in files {
        let path = folder.join(name);
        std::fs::write(&path, bytes).map_err(|source| ReportError::Io { path, source })?;
    }
    Ok(())
}
