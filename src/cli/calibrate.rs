//! `tipover calibrate ACCESS_LOG…`: an earlier send's log → the campaign numbers of a scenario.

mod lines;
pub(super) mod logs;
mod words;

use std::collections::hash_map::RandomState;
use std::path::Path;

use self::logs::{Broken, Logs};
use self::words::{SentAt, Spoken, around, in_words};
use super::arguments::{Calibrate, Voice};
use super::exit::Exit;
use super::failure::{Failure, say};
use super::{folder, write};
use crate::access_log::Moment;
use crate::campaign::calibrate::{Calibration, Gathering, Question, VisitsFile};
use crate::report::charts::{self, Layout};
use crate::units::{Count, Span, UnitError};
use crate::words::Language;

/// A table of visits larger than this is none, in bytes.
const LARGEST_TABLE: u64 = 64 << 20;

/// What was read, and how it went.
struct Read {
    found: Calibration,
    sent_at: SentAt,
    lines: u64,
    broken: Broken,
}

pub(super) fn calibrate(asked: &Calibrate, voice: &Voice) -> Result<Exit, Failure> {
    let typed = Typed::new(asked)?;
    let read = if is_table(&asked.logs[0]) {
        typed.read_table(&asked.logs)?
    } else {
        typed.read_logs(&asked.logs, voice)?
    };
    let spoken = Spoken {
        found: &read.found,
        sent_at: &read.sent_at,
        language: typed.language,
    };
    let lines = read.found.scenario_lines();
    let object = as_json(&read, lines.as_deref());
    if let Some(out) = &asked.out {
        write_files(out, &spoken, &object, lines.as_deref())?;
    }
    if voice.json {
        write::print(format!("{object:#}\n").as_bytes())?;
    } else {
        let mut words = in_words(&spoken, lines.as_deref());
        if let Some(out) = &asked.out {
            words.push_str(&format!("\n{}\n", out.display()));
        }
        write::print(words.as_bytes())?;
    }
    if !voice.quiet {
        say(read.broken.sentence(read.lines));
        for warning in &read.found.warnings {
            say(format!("note: {warning}"));
        }
    }
    Ok(if read.found.curve.is_some() {
        Exit::Success
    } else {
        Exit::NotKnown
    })
}

/// Whether a file is a table of visits rather than a log: its name says so.
fn is_table(path: &Path) -> bool {
    let ending = path.extension().map(|ending| ending.to_ascii_lowercase());
    ending.is_some_and(|ending| ending == "csv" || ending == "tsv")
}

/// What was typed, checked.
struct Typed<'a> {
    sent_at: &'a str,
    recipients: u64,
    send: Option<f64>,
    links: Option<u32>,
    language: Language,
}

impl<'a> Typed<'a> {
    fn new(asked: &'a Calibrate) -> Result<Self, Failure> {
        let wrong = |flag: &str, error: &UnitError| {
            Failure::new(Exit::Usage, format!("read `{flag}`: {}", error.message())).maybe_hint(error.fix())
        };
        let recipients: Count = asked
            .recipients
            .parse()
            .map_err(|error| wrong("--recipients", &error))?;
        if recipients.get() == 0 {
            return Err(
                Failure::new(Exit::Usage, "read `--recipients`: nobody got a mail")
                    .hint("write how many mails were sent, as in `180k`"),
            );
        }
        let send = asked.send_duration.as_deref().map(str::parse::<Span>).transpose();
        let send = send.map_err(|error| wrong("--send-duration", &error))?;
        let language = asked.lang.as_deref().unwrap_or("en");
        let first = language.split(',').next().unwrap_or(language).trim();
        let typed = Self {
            sent_at: &asked.sent_at,
            recipients: recipients.get(),
            send: send.map(|send| send.as_secs_f64().max(1.0)),
            links: asked.links,
            language: first.parse().map_err(|error| {
                Failure::new(Exit::Usage, format!("choose a language: {error}")).hint("use `en` or `de`")
            })?,
        };
        // What is no time at all is said before gigabytes are read.
        typed.sent_at(None)?;
        Ok(typed)
    }

    /// When the first mail went out; a time without a zone is `zone_seconds` east of UTC.
    fn sent_at(&self, zone_seconds: Option<i32>) -> Result<SentAt, Failure> {
        let moment = Moment::read(self.sent_at.as_bytes()).ok_or_else(|| {
            let text = crate::words::printable(self.sent_at);
            Failure::new(Exit::Usage, format!("read `--sent-at`: `{text}` is no time"))
                .hint("write day, time and zone, as in `2026-11-20T09:00+01:00`")
        })?;
        let zone = moment.zone_seconds.or(zone_seconds).unwrap_or(0);
        // A count of seconds has no zone, and needs none.
        let is_local = moment.zone_seconds.is_none() && self.sent_at.contains(':');
        Ok(SentAt {
            millis: moment.millis - if is_local { i64::from(zone) * 1_000 } else { 0 },
            zone_seconds: zone,
        })
    }

    fn question(&self, sent_at: &SentAt) -> Question {
        Question {
            sent_at: sent_at.millis as f64 / 1e3,
            recipients: self.recipients,
            send: self.send,
            links: self.links,
        }
    }

    fn read_logs(&self, paths: &[std::path::PathBuf], voice: &Voice) -> Result<Read, Failure> {
        let mut logs = Logs::open(paths, voice)?;
        let sent_at = self.sent_at(logs.zone_seconds())?;
        let mut gathering = Gathering::new(self.question(&sent_at), RandomState::new());
        logs.each(|entry| gathering.add(entry))?;
        let found = gathering.calibrate();
        let (lines, broken) = logs.finish();
        Ok(Read {
            found,
            sent_at,
            lines,
            broken,
        })
    }

    fn read_table(&self, paths: &[std::path::PathBuf]) -> Result<Read, Failure> {
        let [path] = paths else {
            return Err(Failure::stated(Exit::Usage, "a CSV of visits is read alone")
                .hint("name one CSV, or access logs"));
        };
        let failed =
            |why: &dyn std::fmt::Display| Failure::internal(format!("read `{}`: {why}", path.display()));
        let length = std::fs::metadata(path).map_err(|error| failed(&error))?.len();
        if length > LARGEST_TABLE {
            return Err(failed(&"it is larger than 64 MiB")
                .hint("export visits per minute of the days around the send alone"));
        }
        let text = std::fs::read(path).map_err(|error| failed(&error))?;
        let sent_at = self.sent_at(None)?;
        let table = VisitsFile::read(&text, sent_at.zone_seconds).map_err(|error| {
            failed(&error)
                .hint("name its columns in the first line, as in `time,visits` or `dateHourMinute,sessions`")
        })?;
        let found = table.calibrate(&self.question(&sent_at));
        Ok(Read {
            found,
            sent_at,
            lines: text.split(|byte| *byte == b'\n').count() as u64,
            broken: Broken {
                form: table.broken,
                ..Broken::default()
            },
        })
    }
}

fn as_json(read: &Read, lines: Option<&str>) -> serde_json::Value {
    let mut object = serde_json::json!(read.found);
    object["sent_at"] = serde_json::json!(read.sent_at.written("T", ""));
    object["read"] = serde_json::json!({ "lines": read.lines, "broken": read.broken });
    object["scenario"] = serde_json::json!(lines);
    object
}

/// Writes the chart, the numbers and the lines into a folder, new or empty.
fn write_files(
    out: &Path,
    spoken: &Spoken<'_>,
    object: &serde_json::Value,
    lines: Option<&str>,
) -> Result<(), Failure> {
    let out = folder::make(Some(out), "calibration", &jiff::Timestamp::UNIX_EPOCH, "")
        .map_err(|error| Failure::new(Exit::Usage, &error).hint(error.hint()))?;
    let put = |name: &str, bytes: &[u8]| {
        let path = out.join(name);
        std::fs::write(&path, bytes)
            .map_err(|error| Failure::internal(format!("write `{}`: {error}", path.display())))
    };
    put("calibration.json", format!("{object:#}\n").as_bytes())?;
    if let Some(lines) = lines {
        put("campaign.yaml", lines.as_bytes())?;
        let drawn = |error| Failure::internal(format!("draw the chart: {error}"));
        let svg = charts::clicks(
            spoken.found,
            &around(spoken),
            spoken.language,
            &Layout::DOCUMENT,
            "clicks",
        )
        .map_err(drawn)?;
        put("clicks.svg", charts::standalone(&svg).as_bytes())?;
        put(
            "clicks.png",
            &charts::png(&svg, Layout::DOCUMENT.size.0).map_err(drawn)?,
        )?;
    }
    Ok(())
}
