//! `logs` and `status`: what is watched on the servers while a load is played. It opens nothing.

use std::fmt;
use std::path::PathBuf;

use url::Url;

/// A log or a status page, and where it comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Watched {
    /// How it is called in the report.
    pub name: String,
    /// Where it comes from.
    pub feed: Feed,
    /// Of Prometheus text, the metrics that are looked at.
    pub metrics: Vec<String>,
}

/// Where lines, or a page, come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Feed {
    /// A file that is followed.
    File(PathBuf),
    /// A page that is asked for each second.
    Url(Url),
    /// A program and its arguments, without a shell.
    Command(Vec<String>),
    /// A line for the shell.
    Shell(String),
}

impl fmt::Display for Feed {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Feed::File(path) => write!(formatter, "{}", path.display()),
            Feed::Url(url) => write!(formatter, "{url}"),
            Feed::Command(words) => formatter.write_str(&words.join(" ")),
            Feed::Shell(line) => formatter.write_str(line),
        }
    }
}

impl Feed {
    /// Whether a program is started for it.
    pub const fn is_command(&self) -> bool {
        matches!(self, Feed::Command(_) | Feed::Shell(_))
    }
}
