//! A stored run → report and words. Live runs end here too, so that a report is always made from the record alone.

use std::path::Path;

use super::arguments::{Report, ReportFormat, Voice};
use super::exit::{self, Exit};
use super::failure::{Failure, say};
use super::write;
use crate::analysis::{broken_before_load, tipping_point};
use crate::record::{Ending, RunRecord};
use crate::report::{self, Audience, Format};
use crate::search::Kind;
use crate::words::Language;

/// The run that is meant where none is named.
pub(super) const LATEST: &str = "results/latest";

/// `tipover report RUN`.
pub(super) fn report(asked: &Report, voice: &Voice) -> Result<Exit, Failure> {
    let record = open(&asked.run)?;
    let languages = match &asked.lang {
        Some(typed) => languages(typed.split(','))?,
        None => languages(record.header.languages.iter().map(String::as_str))?,
    };
    let audience = if asked.for_customer {
        Audience::Customer
    } else {
        Audience::House
    };
    if let Some(format) = asked.format {
        return one_form(&record, format, &languages, audience);
    }
    let stored = asked
        .run
        .is_dir()
        .then_some(asked.run.as_path())
        .or_else(|| asked.run.parent());
    let stored = stored.unwrap_or(Path::new("."));
    // What others may read never takes the place of what the house reads.
    let beside = match audience {
        Audience::House => stored.to_path_buf(),
        Audience::Customer => stored.join("for-customer"),
    };
    let folder = asked.out.as_deref().unwrap_or(&beside);
    std::fs::create_dir_all(folder).map_err(|error| {
        Failure::internal(format!("make `{}`: {error}", folder.display()))
            .hint("name a folder that can be written with `--out DIR`")
    })?;
    render(&record, folder, &languages, voice, audience)?;
    Ok(Exit::Success)
}

/// Prints one form of the report, and nothing else.
fn one_form(
    record: &RunRecord,
    format: ReportFormat,
    languages: &[Language],
    audience: Audience,
) -> Result<Exit, Failure> {
    let format = match format {
        ReportFormat::Html => Format::Html,
        ReportFormat::Json => Format::Json,
        ReportFormat::Markdown => Format::Markdown,
        ReportFormat::Trials => Format::Trials,
        ReportFormat::Seconds => Format::Seconds,
        ReportFormat::Junit => Format::Junit,
        ReportFormat::Hdr => Format::Histograms,
        ReportFormat::K6 => Format::LoadPerformance,
    };
    let finding = tipping_point(record);
    let bytes = report::export(record, finding.as_ref(), format, languages, audience)
        .map_err(|error| Failure::internal(&error))?;
    write::print(&bytes)
}

/// Renders the run in `folder`, prints what it found, and says how it ended.
pub(super) fn conclude(folder: &Path, voice: &Voice, spoken: &[String]) -> Result<Exit, Failure> {
    let record = open(folder)?;
    render(
        &record,
        folder,
        &languages(spoken.iter().map(String::as_str))?,
        voice,
        Audience::House,
    )
}

fn render(
    record: &RunRecord,
    folder: &Path,
    languages: &[Language],
    voice: &Voice,
    audience: Audience,
) -> Result<Exit, Failure> {
    let finding = tipping_point(record);
    report::write_for(record, finding.as_ref(), folder, languages, audience).map_err(|error| {
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
        for sentence in report::campaign_sentences(&summary, language) {
            words.push_str(&format!("{sentence}\n"));
        }
        for line in report::verdict_lines(record, finding.as_ref(), language) {
            words.push_str(&format!("{line}\n"));
        }
        words.push_str(&format!("{}\n", folder.display()));
        write::print(words.as_bytes())?;
    }
    if !voice.quiet {
        notes(record).iter().for_each(say);
    }
    let judged: Vec<_> = summary
        .thresholds
        .iter()
        .map(|threshold| threshold.verdict)
        .collect();
    let ending = record.end.as_ref().map_or(Ending::Capped, |end| end.ending);
    let broken = broken_before_load(record).map(|_| Kind::AlreadyFailing);
    let converged = finding.as_ref().is_none_or(|finding| finding.converged);
    Ok(exit::of_run(
        ending,
        finding.map(|finding| finding.kind).or(broken),
        converged,
        summary.generator.verdict == report::GeneratorVerdict::Limited,
        &judged,
    ))
}

/// What a person should know of how the run ended, beside what it found.
fn notes(record: &RunRecord) -> Vec<String> {
    let seconds = record.seconds.len();
    let mut notes = Vec::new();
    match record.end.as_ref().map(|end| end.ending) {
        None => notes.push(format!(
            "note: the run was cut short after {seconds} s: the report is partial{}",
            if record.torn {
                ", and the torn last line of the record is left out"
            } else {
                ""
            }
        )),
        Some(Ending::Interrupted) => {
            notes.push(format!(
                "note: interrupted after {seconds} s: the report says what was seen until then"
            ));
        }
        Some(_) => {}
    }
    if let Some(why) = record.end.as_ref().and_then(|end| end.stopped_by.as_ref())
        && notes.is_empty()
    {
        notes.push(format!("note: ended early: {why}"));
    }
    if let Some((truth, found)) = record.header.truth.as_ref().zip(found(record)) {
        let error = 100.0 * (found / truth.rate - 1.0);
        notes.push(format!(
            "the demo site's true tipping point is {:.0} pages/s, by simulation (capacity {:.0}): off by {error:+.1} %",
            truth.rate, truth.capacity
        ));
    }
    notes
}

/// The middle of the tipping interval, in pages per second.
fn found(record: &RunRecord) -> Option<f64> {
    tipping_point(record)?.rate.map(|rate| rate.mid)
}

pub(super) fn open(path: &Path) -> Result<RunRecord, Failure> {
    RunRecord::open(path).map_err(|error| {
        let failure = Failure::internal(format!("read the record: {error}"));
        match error.hint() {
            Some(hint) => failure.hint(hint),
            None if path == Path::new(LATEST) => {
                failure.hint("name a run folder; where there is none yet, `tipover demo` makes one")
            }
            None => failure.hint("name a run folder, or its `run.jsonl`"),
        }
    })
}

pub(super) fn languages<'a>(tags: impl Iterator<Item = &'a str>) -> Result<Vec<Language>, Failure> {
    tags.map(|tag| {
        tag.trim().parse().map_err(|error| {
            Failure::new(Exit::Usage, format!("choose a language: {error}")).hint("use `en`, `de` or `de,en`")
        })
    })
    .collect()
}
