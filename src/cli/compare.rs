//! `tipover compare BASE NEW…`: did the tipping point move? From stored runs, without any load.

use std::path::{Path, PathBuf};

use super::arguments::{Compare, Voice};
use super::exit::Exit;
use super::failure::{Failure, say};
use super::{folder, render, write};
use crate::analysis::compare::{Change, Side, baseline, compare as compared, differences};
use crate::analysis::tipping_point;
use crate::record::RunRecord;
use crate::report::{Beside, CompareView, ComparedRun, comparison_json, comparison_text, write_comparison};
use crate::search::Finding;
use crate::units::Share;

/// The name of a record in its folder.
const RECORD: &str = "run.jsonl";

/// A run that was read, with what its search found.
struct Read {
    label: String,
    record: RunRecord,
    finding: Option<Finding>,
    runs: usize,
}

impl Read {
    fn run(&self) -> ComparedRun<'_> {
        ComparedRun {
            label: &self.label,
            record: &self.record,
            finding: self.finding.as_ref(),
            runs: self.runs,
        }
    }

    fn side(&self) -> Side<'_> {
        Side {
            record: &self.record,
            finding: self.finding.as_ref(),
        }
    }
}

/// `tipover compare`.
pub(super) fn compare(asked: &Compare, voice: &Voice) -> Result<Exit, Failure> {
    let tolerance: Share = asked
        .tolerance
        .parse()
        .map_err(|error: crate::units::UnitError| {
            let failure = Failure::stated(Exit::Usage, format!("read `--tolerance`: {error}"));
            failure.hint("write a share, as in `--tolerance 5%`")
        })?;
    let languages = match &asked.lang {
        Some(typed) => render::languages(typed.split(','))?,
        None => Vec::new(),
    };
    let base = read_base(asked)?;
    let mut runs = Vec::new();
    for path in &asked.runs {
        let record = render::open(path)?;
        runs.push(Read {
            label: path.display().to_string(),
            finding: tipping_point(&record),
            record,
            runs: 1,
        });
    }
    let others = runs.iter().map(|run| Beside {
        run: run.run(),
        comparison: compared(base.side(), run.side(), tolerance.get()),
        differences: differences(&base.record, &run.record),
    });
    let view = CompareView {
        base: base.run(),
        others: others.collect(),
        tolerance: tolerance.get(),
    };
    if let Some(out) = &asked.out {
        folder::empty(out).map_err(|error| {
            let hint = error.hint();
            Failure::internal(&error).hint(hint)
        })?;
        write_comparison(&view, out, &languages).map_err(|error| Failure::internal(&error))?;
    }
    if voice.json {
        write::print(comparison_json(&view).as_bytes())?;
    } else {
        let language = languages.first().copied().unwrap_or_default();
        write::print(comparison_text(&view, language).as_bytes())?;
    }
    if let Some(out) = asked.out.as_ref().filter(|_| !voice.quiet) {
        say(format!("written to {}", out.join("compare.html").display()));
    }
    Ok(view.last().map_or(Exit::NotKnown, |last| exit(&last.comparison)))
}

fn exit(comparison: &crate::analysis::compare::Comparison) -> Exit {
    match comparison.change {
        _ if comparison.is_regression => Exit::Threshold,
        Change::NotKnown => Exit::NotKnown,
        Change::Better | Change::Worse | Change::NoDifferenceShown => Exit::Success,
    }
}

/// The base: a run, a folder of runs, or a baseline by its name.
fn read_base(asked: &Compare) -> Result<Read, Failure> {
    let typed = Path::new(&asked.base);
    let named = asked.baselines.join(&asked.base);
    let path = if typed.exists() { typed } else { named.as_path() };
    if !path.exists() {
        return Err(unknown(asked));
    }
    let records = if path.is_file() || path.join(RECORD).is_file() {
        vec![render::open(path)?]
    } else {
        let mut records = Vec::new();
        for folder in runs_in(path)? {
            records.push(render::open(&folder)?);
        }
        records.sort_by(|a, b| a.header.started_at.cmp(&b.header.started_at));
        records
    };
    let (finding, runs) = (baseline(&records), records.len());
    let Some(record) = records.into_iter().next_back() else {
        return Err(
            Failure::internal(format!("read `{}`: there is no run in it", path.display())).hint(format!(
                "a run is a folder with a `{RECORD}`; keep one with `mkdir -p {0} && cp results/latest/{RECORD} {0}/`",
                path.display()
            )),
        );
    };
    Ok(Read {
        label: asked.base.clone(),
        record,
        finding,
        runs,
    })
}

/// The runs in `folder`, by name; a link such as `latest` is one of the others once more.
fn runs_in(folder: &Path) -> Result<Vec<PathBuf>, Failure> {
    let failed = |error| Failure::internal(format!("read `{}`: {error}", folder.display()));
    let mut runs = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        if !path.is_symlink() && path.join(RECORD).is_file() {
            runs.push(path);
        }
    }
    runs.sort();
    Ok(runs)
}

fn unknown(asked: &Compare) -> Failure {
    let mut names: Vec<String> = std::fs::read_dir(&asked.baselines)
        .into_iter()
        .flatten()
        .filter_map(|entry| Some(entry.ok()?.file_name().to_string_lossy().into_owned()))
        .collect();
    names.sort();
    let folder = asked.baselines.display();
    let hint = if names.is_empty() {
        format!(
            "name a run folder, or keep a baseline: `mkdir -p {folder}/main && cp results/latest/{RECORD} {folder}/main/`"
        )
    } else {
        format!("name a run folder, or one of the baselines: {}", names.join(", "))
    };
    Failure::internal(format!(
        "find `{}`: it is no run, and no baseline in `{folder}`",
        asked.base
    ))
    .hint(hint)
}
