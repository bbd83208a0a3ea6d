//! The stored record of a run: appended line by line, each flushed, and read back even when its end is torn.

use std::fmt;
use std::io::{self, BufRead, BufReader, Write};
use std::path::{Path, PathBuf};

use super::campaign::CampaignLine;
use super::lines::{End, Event, FORMAT, Header, Line, Sample, Second, TrialLine};
use super::sources::SourceLine;

/// The name of the record in a run folder.
const FILE: &str = "run.jsonl";
/// A line longer than this is no line of ours.
const LONGEST_LINE: u64 = 64 << 20;

/// Why a record could not be written or read.
#[derive(Debug)]
pub enum RecordError {
    /// The file could not be opened, written or read.
    Io {
        /// Which file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The first line is no header of a record.
    NoHeader {
        /// Which file.
        path: PathBuf,
        /// What is wrong with it.
        why: String,
    },
    /// A line in the middle is broken.
    Broken {
        /// Which file.
        path: PathBuf,
        /// Which line, from 1.
        line: usize,
        /// What is wrong with it.
        why: String,
    },
    /// Written by a later version.
    TooNew {
        /// Which file.
        path: PathBuf,
        /// Its format.
        format: u64,
    },
}

impl fmt::Display for RecordError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            RecordError::Io { path, source } => write!(formatter, "{}: {source}", path.display()),
            RecordError::NoHeader { path, why } => {
                write!(formatter, "{}:1: no record of a run: {why}", path.display())
            }
            RecordError::Broken { path, line, why } => {
                write!(formatter, "{}:{line}: a broken line: {why}", path.display())
            }
            RecordError::TooNew { path, format } => {
                write!(
                    formatter,
                    "{}: format {format}, but this version reads formats up to {FORMAT}",
                    path.display()
                )
            }
        }
    }
}

impl std::error::Error for RecordError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            RecordError::Io { source, .. } => Some(source),
            _ => None,
        }
    }
}

impl RecordError {
    /// What to do about it, where something can be done.
    pub fn hint(&self) -> Option<&'static str> {
        match self {
            RecordError::TooNew { .. } => Some("read it with the version that wrote it, or a later one"),
            RecordError::NoHeader { .. } => {
                Some("name a run folder, such as `results/latest`, or its `run.jsonl`")
            }
            RecordError::Broken { .. } => {
                Some("restore the file from a copy; a record is only ever torn at its end")
            }
            RecordError::Io { .. } => None,
        }
    }
}

/// Appends the lines of a record to a file; each line is handed to the system before the call returns.
#[derive(Debug)]
pub struct RecordWriter<W> {
    out: W,
    path: PathBuf,
}

impl RecordWriter<std::fs::File> {
    /// Starts `run.jsonl` in `folder` with its header.
    ///
    /// # Errors
    /// The file exists already, or cannot be created or written.
    pub fn create(folder: &Path, header: &Header) -> Result<Self, RecordError> {
        let path = folder.join(FILE);
        let out = std::fs::OpenOptions::new()
            .write(true)
            .create_new(true)
            .open(&path)
            .map_err(|source| RecordError::Io {
                path: path.clone(),
                source,
            })?;
        let mut writer = Self { out, path };
        writer.append(&Line::Header(header.clone()))?;
        Ok(writer)
    }
}

impl<W: Write> RecordWriter<W> {
    /// A record that goes to `out` instead of a file of its own; it starts with `header`.
    ///
    /// # Errors
    /// `out` cannot be written.
    pub fn to(out: W, header: &Header) -> Result<Self, RecordError> {
        let mut writer = Self {
            out,
            path: PathBuf::from("record"),
        };
        writer.append(&Line::Header(header.clone()))?;
        Ok(writer)
    }

    /// Appends one line and flushes it.
    ///
    /// # Errors
    /// The line could not be written, for example because the disk is full.
    pub fn append(&mut self, line: &Line) -> Result<(), RecordError> {
        let error = |source| RecordError::Io {
            path: self.path.clone(),
            source,
        };
        let mut text = serde_json::to_vec(line).map_err(|source| error(io::Error::other(source)))?;
        text.push(b'\n');
        self.out
            .write_all(&text)
            .and_then(|()| self.out.flush())
            .map_err(error)
    }
}

/// A record, read back.
#[derive(Debug, Clone, PartialEq)]
pub struct RunRecord {
    /// What was run.
    pub header: Header,
    /// The campaign that was played; nothing where none was.
    pub campaign: Option<CampaignLine>,
    /// The seconds, in order.
    pub seconds: Vec<Second>,
    /// The trials, in order.
    pub trials: Vec<TrialLine>,
    /// Failed answers kept as examples.
    pub samples: Vec<Sample>,
    /// What servers showed, in order; nothing where none was watched.
    pub sources: Vec<SourceLine>,
    /// What happened once, in order.
    pub events: Vec<Event>,
    /// How it ended; nothing where the run was killed.
    pub end: Option<End>,
    /// Whether the last line was torn and dropped.
    pub torn: bool,
}

impl RunRecord {
    /// An empty record under `header`.
    pub fn new(header: Header) -> Self {
        Self {
            header,
            campaign: None,
            seconds: Vec::new(),
            trials: Vec::new(),
            samples: Vec::new(),
            sources: Vec::new(),
            events: Vec::new(),
            end: None,
            torn: false,
        }
    }

    /// Whether the run was killed before it could end.
    pub const fn is_partial(&self) -> bool {
        self.end.is_none()
    }

    /// Adds a line, as if it had been read.
    pub fn push(&mut self, line: Line) {
        match line {
            Line::Header(header) => self.header = header,
            Line::Campaign(campaign) => self.campaign = Some(campaign),
            Line::Second(second) => self.seconds.push(second),
            Line::Trial(trial) => self.trials.push(trial),
            Line::Sample(sample) => self.samples.push(sample),
            Line::Source(source) => self.sources.push(source),
            Line::Event(event) => self.events.push(event),
            Line::End(end) => self.end = Some(end),
        }
    }

    /// Reads the record at `path`: a run folder or its `run.jsonl`. A torn last line is dropped, unknown types of
    /// lines are skipped.
    ///
    /// # Errors
    /// The file cannot be read, is no record, is of a later format, or is broken before its end.
    pub fn open(path: &Path) -> Result<Self, RecordError> {
        let file = if path.is_dir() {
            path.join(FILE)
        } else {
            path.to_path_buf()
        };
        let reader = std::fs::File::open(&file).map_err(|source| RecordError::Io {
            path: file.clone(),
            source,
        })?;
        Self::read(BufReader::new(reader), &file)
    }

    /// Reads a record from `reader`; `path` names it in errors.
    ///
    /// # Errors
    /// As [`RunRecord::open`].
    pub fn read(mut reader: impl BufRead, path: &Path) -> Result<Self, RecordError> {
        let path = || path.to_path_buf();
        let mut record: Option<RunRecord> = None;
        let mut text = Vec::new();
        for number in 1.. {
            text.clear();
            let mut limited = io::Read::take(&mut reader, LONGEST_LINE);
            limited
                .read_until(b'\n', &mut text)
                .map_err(|source| RecordError::Io { path: path(), source })?;
            if text.is_empty() {
                break;
            }
            let whole = text.last() == Some(&b'\n');
            match (parse(&text), &mut record) {
                (_, Some(record)) if !whole => record.torn = true,
                (Ok(Some(line)), Some(record)) => record.push(line),
                (Ok(None), Some(_)) => {}
                (Ok(Some(Line::Header(header))), None) => record = Some(RunRecord::new(header)),
                (Ok(_), None) => {
                    return Err(RecordError::NoHeader {
                        path: path(),
                        why: "it does not start with a header".to_owned(),
                    });
                }
                (Err(Problem::TooNew(format)), _) => {
                    return Err(RecordError::TooNew { path: path(), format });
                }
                (Err(Problem::Syntax(why)), None) => return Err(RecordError::NoHeader { path: path(), why }),
                (Err(Problem::Syntax(why)), Some(_)) => {
                    return Err(RecordError::Broken {
                        path: path(),
                        line: number,
                        why,
                    });
                }
            }
        }
        record.ok_or_else(|| RecordError::NoHeader {
            path: path(),
            why: "the file is empty".to_owned(),
        })
    }
}

enum Problem {
    TooNew(u64),
    Syntax(String),
}

/// One line; nothing for a type that this version does not know.
fn parse(text: &[u8]) -> Result<Option<Line>, Problem> {
    let value: serde_json::Value =
        serde_json::from_slice(text).map_err(|error| Problem::Syntax(error.to_string()))?;
    let kind = value
        .get("type")
        .and_then(|kind| kind.as_str())
        .unwrap_or_default();
    if kind == "header" {
        let format = value
            .get("format")
            .and_then(serde_json::Value::as_u64)
            .unwrap_or(0);
        if format > u64::from(FORMAT) {
            return Err(Problem::TooNew(format));
        }
    }
    if !matches!(
        kind,
        "header" | "campaign" | "second" | "trial" | "sample" | "source" | "event" | "end"
    ) {
        return Ok(None);
    }
    serde_json::from_value(value)
        .map(Some)
        .map_err(|error| Problem::Syntax(error.to_string()))
}
