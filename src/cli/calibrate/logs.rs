//! Several logs read as one, in the order of time: rotated files may be named in any order, and those of several servers
//! run side by side.

use std::cell::Cell;
use std::io::IsTerminal;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::time::Duration;

use indicatif::{HumanBytes, ProgressBar, ProgressDrawTarget, ProgressStyle};
use serde::Serialize;

use super::lines::{Lines, Next};
use crate::access_log::{self, Entry};
use crate::cli::arguments::Voice;
use crate::cli::exit::Exit;
use crate::cli::failure::{Failure, say};

/// Files that are read at once; each holds two buffers.
const MOST: usize = 64;
/// The bar is drawn anew after this many lines.
const DRAWN: u64 = 16_384;

/// Lines that were not understood.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub(in crate::cli) struct Broken {
    /// In no known format.
    pub(in crate::cli) form: u64,
    /// Without a time that can be read.
    pub(in crate::cli) time: u64,
    /// Whose request is none.
    pub(in crate::cli) request: u64,
    /// Longer than 64 KiB.
    pub(in crate::cli) too_long: u64,
}

impl Broken {
    const fn all(self) -> u64 {
        self.form + self.time + self.request + self.too_long
    }

    /// How reading went, as a sentence.
    pub(in crate::cli) fn sentence(self, lines: u64) -> String {
        let mut sentence = format!("read {lines} lines");
        if self.all() > 0 {
            let kinds = [
                (self.form, "in no known format"),
                (self.time, "without a time"),
                (self.request, "without a request"),
                (self.too_long, "longer than 64 KiB"),
            ];
            let named: Vec<String> = kinds
                .iter()
                .filter(|(count, _)| *count > 0)
                .map(|(count, what)| format!("{count} {what}"))
                .collect();
            sentence.push_str(&format!("; {} were broken: {}", self.all(), named.join(", ")));
        }
        sentence
    }
}

/// One file and the time of the line that comes next in it.
struct Source<'a> {
    path: &'a Path,
    lines: Lines,
    /// Milliseconds since 1970; nothing where the file is over.
    next: Option<i64>,
}

/// Files read as one.
pub(in crate::cli) struct Logs<'a> {
    sources: Vec<Source<'a>>,
    zone_seconds: Option<i32>,
    broken: Broken,
    lines: u64,
    passed: Rc<Cell<u64>>,
    bar: Option<ProgressBar>,
}

impl<'a> Logs<'a> {
    /// Opens `paths` and reads each until its first entry.
    pub(in crate::cli) fn open(paths: &'a [PathBuf], voice: &Voice) -> Result<Self, Failure> {
        if paths.len() > MOST {
            return Err(
                Failure::stated(Exit::Usage, format!("{} files are more than {MOST}", paths.len()))
                    .hint("name those of the days around the send, or pipe all of them, oldest first: `zcat … | tipover calibrate - …`"),
            );
        }
        let mut logs = Self {
            sources: Vec::new(),
            zone_seconds: None,
            broken: Broken::default(),
            lines: 0,
            passed: Rc::default(),
            bar: None,
        };
        let mut length = 0;
        for path in paths {
            let (lines, bytes) = Lines::open(path, &logs.passed).map_err(|error| {
                Failure::internal(format!("read `{}`: {error}", path.display()))
                    .hint("name access logs that can be read, or `-` for stdin")
            })?;
            length += bytes;
            logs.sources.push(Source {
                path,
                lines,
                next: None,
            });
        }
        logs.bar = bar(length, voice);
        for at in 0..logs.sources.len() {
            logs.advance(at)?;
        }
        let first = logs.earliest().and_then(|at| logs.entry(at));
        logs.zone_seconds = first.and_then(|entry| entry.moment.zone_seconds);
        if logs.earliest().is_none() {
            logs.clear();
            let why = if logs.lines == 0 {
                "they are empty".to_owned()
            } else {
                logs.broken.sentence(logs.lines)
            };
            return Err(
                Failure::stated(Exit::Usage, format!("the logs hold no entry: {why}")).hint(
                    "nginx and Apache combined or common, or JSON lines with time, address, method and path; a table of visits ends in `.csv`",
                ),
            );
        }
        Ok(logs)
    }

    /// The zone that the first entry was written in.
    pub(in crate::cli) fn zone_seconds(&self) -> Option<i32> {
        self.zone_seconds
    }

    /// The source whose next entry is the oldest.
    fn earliest(&self) -> Option<usize> {
        let times = self.sources.iter().enumerate();
        let times = times.filter_map(|(at, source)| source.next.map(|next| (next, at)));
        times.min().map(|(_, at)| at)
    }

    fn entry(&self, at: usize) -> Option<Entry<'_>> {
        access_log::parse(&self.sources[at].lines.line).ok()
    }

    /// Reads source `at` until its next entry, or its end.
    fn advance(&mut self, at: usize) -> Result<(), Failure> {
        let source = &mut self.sources[at];
        source.next = loop {
            let read = source
                .lines
                .advance()
                .map_err(|error| Failure::internal(format!("read `{}`: {error}", source.path.display())))?;
            match read {
                Next::End => break None,
                Next::TooLong => {
                    self.lines += 1;
                    self.broken.too_long += 1;
                }
                // W3C logs explain themselves in comments.
                Next::Line if matches!(source.lines.line.first(), None | Some(b'#' | b'\r')) => {}
                Next::Line => {
                    self.lines += 1;
                    match access_log::parse(&source.lines.line) {
                        Ok(entry) => break Some(entry.moment.millis),
                        Err(access_log::Broken::Form) => self.broken.form += 1,
                        Err(access_log::Broken::Time) => self.broken.time += 1,
                        Err(access_log::Broken::Request) => self.broken.request += 1,
                    }
                }
            }
        };
        Ok(())
    }

    /// Hands every entry to `take`, oldest first as far as the files are in order.
    pub(in crate::cli) fn each(&mut self, mut take: impl FnMut(&Entry<'_>)) -> Result<(), Failure> {
        let mut drawn = 0;
        while let Some(at) = self.earliest() {
            if let Some(entry) = self.entry(at) {
                take(&entry);
            }
            self.advance(at)?;
            if self.lines >= drawn + DRAWN {
                drawn = self.lines;
                if let Some(bar) = &self.bar {
                    bar.set_position(self.passed.get());
                    bar.set_message(format!("{} lines", self.lines));
                }
            }
        }
        Ok(())
    }

    fn clear(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }

    /// Lines that were read and those of them that were broken. What a person must know of the files is said.
    pub(in crate::cli) fn finish(self) -> (u64, Broken) {
        self.clear();
        for source in self.sources.iter().filter(|source| source.lines.is_torn) {
            say(format!(
                "note: `{}` is cut off: what is there was read",
                source.path.display()
            ));
        }
        (self.lines, self.broken)
    }
}

/// A bar over the bytes of all files, on a terminal alone.
fn bar(length: u64, voice: &Voice) -> Option<ProgressBar> {
    if voice.quiet || !std::io::stderr().is_terminal() {
        return None;
    }
    let bar = ProgressBar::with_draw_target(Some(length), ProgressDrawTarget::stderr());
    let template = if length > 0 {
        format!(
            "{{spinner}} {{wide_bar}} {{percent}} % of {}  {{msg}}",
            HumanBytes(length)
        )
    } else {
        "{spinner} {msg}".to_owned()
    };
    let style = ProgressStyle::with_template(&template).unwrap_or_else(|_| ProgressStyle::default_bar());
    bar.set_style(style);
    bar.enable_steady_tick(Duration::from_millis(250));
    Some(bar)
}
