//! A stored run → report and words. Live runs end here too, so that a report is always made from the record alone.

use std::path::Path;

use super::arguments::{Report, Voice};
use super::exit::{self, Exit};
use super::failure::Failure;
use super::write;
use crate::analysis::tipping_point;
use crate::record::{Ending, RunRecord};
use crate::report;
use crate::words::Language;

/// `tipover report RUN`.
pub(super) fn report(asked: &Report, voice: &Voice) -> Result<Exit, Failure> {
    let record = open(&asked.run)?;
    let stored = asked
        .run
        .is_dir()
        .then_some(asked.run.as_path())
        .or_else(|| asked.run.parent());
    let folder = asked.output.out.as_deref().or(stored).unwrap_or(Path::new("."));
    std::fs::create_dir_all(folder)
        .map_err(|error| Failure::internal(format!("make `{}`: {error}", folder.display())))?;
    let languages = match &asked.output.lang {
        Some(typed) => languages(typed.split(','))?,
        None => languages(record.header.languages.iter().map(String::as_str))?,
    };
    render(&record, folder, &languages, voice)?;
    Ok(Exit::Success)
}

/// Renders the run in `folder`, prints what it found, and says how it ended.
pub(super) fn conclude(folder: &Path, voice: &Voice, spoken: &[String]) -> Result<Exit, Failure> {
    let record = open(folder)?;
    render(
        &record,
        folder,
        &languages(spoken.iter().map(String::as_str))?,
        voice,
    )
}

fn render(record: &RunRecord, folder: &Path, languages: &[Language], voice: &Voice) -> Result<Exit, Failure> {
    let finding = tipping_point(record);
    report::write(record, finding.as_ref(), folder, languages).map_err(|error| {
        Failure::internal(&error).hint("the record is whole: free the disk and use `tipover report`")
    })?;
    let summary = report::summary(record, finding.as_ref());
    if voice.json {
        let path = folder.join("summary.json");
        let text = std::fs::read(&path)
            .map_err(|error| Failure::internal(format!("read `{}`: {error}", path.display())))?;
        write::print(&text)?;
    } else {
        let language = languages.first().copied().unwrap_or_default();
        let mut words = format!("{}\n", report::sentence(&summary, language));
        for threshold in &summary.thresholds {
            words.push_str(&format!("threshold {}: {}\n", threshold.text, threshold.why));
        }
        words.push_str(&format!("{}\n", folder.display()));
        write::print(words.as_bytes())?;
    }
    let judged: Vec<_> = summary
        .thresholds
        .iter()
        .map(|threshold| threshold.verdict)
        .collect();
    let ending = record.end.as_ref().map_or(Ending::Capped, |end| end.ending);
    let converged = finding.as_ref().is_none_or(|finding| finding.converged);
    Ok(exit::of_run(
        ending,
        finding.map(|finding| finding.kind),
        converged,
        &judged,
    ))
}

fn open(path: &Path) -> Result<RunRecord, Failure> {
    RunRecord::open(path)
        .map_err(|error| Failure::internal(format!("read the record: {error}")).maybe_hint(error.hint()))
}

fn languages<'a>(tags: impl Iterator<Item = &'a str>) -> Result<Vec<Language>, Failure> {
    tags.map(|tag| {
        tag.trim().parse().map_err(|error| {
            Failure::new(Exit::Usage, format!("choose a language: {error}")).hint("use `en`, `de` or `de,en`")
        })
    })
    .collect()
}
