//! A stored run → report and words. Live runs end here too, so that a report is always made from the record alone.

use std::path::Path;

use super::arguments::{Report, Voice};
use super::exit::{self, Exit, Judged};
use super::failure::Failure;
use super::write;
use crate::analysis::{self, Verdict};
use crate::record::{Ending, RunRecord};
use crate::report;
use crate::words::Language;

/// `tipover report RUN`.
pub(super) fn report(asked: &Report, voice: &Voice) -> Result<Exit, Failure> {
    let record = open(&asked.run)?;
    let languages = match &asked.output.lang {
        Some(asked) => languages(asked.split(','))?,
        None => languages(record.header.languages.iter().map(String::as_str))?,
    };
    let folder = if asked.run.is_dir() { asked.run.as_path() } else { asked.run.parent().unwrap_or(Path::new(".")) };
    let folder = match &asked.output.out {
        Some(out) => {
            std::fs::create_dir_all(out).map_err(|error| Failure::internal(format!("make `{}`: {error}", out.display())))?;
            out.as_path()
        }
        None => folder,
    };
    render(&record, folder, &languages, voice)?;
    Ok(Exit::Success)
}

/// Renders the run in `folder`, prints what it found, and says how it ended.
pub(super) fn conclude(folder: &Path, voice: &Voice, asked: &[String]) -> Result<Exit, Failure> {
    let record = open(folder)?;
    let languages = languages(asked.iter().map(String::as_str))?;
    render(&record, folder, &languages, voice)
}
