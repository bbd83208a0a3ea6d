//! What is wrong with a scenario: every problem with its place, its words and its fix. It knows no key of a scenario.

use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use serde::Serialize;

use super::document::{Place, SourceId};
use super::frame;

/// How bad a problem is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// The scenario cannot be played.
    Error,
    /// It can, but probably does not do what was meant.
    Warning,
}

/// A text that was read: a scenario file, or what stood on the command line.
#[derive(Clone)]
pub(super) struct Source {
    /// How messages call it: a path, or `command line`.
    pub(super) name: String,
    pub(super) text: String,
    /// Bytes that are never shown.
    pub(super) concealed: Vec<Range<usize>>,
}

impl fmt::Debug for Source {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_tuple("Source").field(&self.name).finish()
    }
}

/// One thing that is wrong, and where.
#[derive(Debug, Clone)]
pub struct Problem {
    /// How bad it is.
    pub severity: Severity,
    /// What was read: a path, or `command line`.
    pub file: String,
    /// The line, from 1.
    pub line: usize,
    /// The column in characters, from 1.
    pub column: usize,
    /// The bytes of the text that it is about.
    pub span: Range<usize>,
    /// What is wrong, as a lowercase fragment without control characters.
    pub message: String,
    /// What to do, where that is known.
    pub hint: Option<String>,
    pub(super) source: Option<Arc<Source>>,
}

/// A problem before its file, line and column are known.
#[derive(Debug, Clone)]
pub(super) struct Remark {
    pub(super) severity: Severity,
    pub(super) place: Place,
    pub(super) message: String,
    pub(super) hint: Option<String>,
}

impl Remark {
    pub(super) fn error(place: Place, message: impl Into<String>) -> Self {
        Self {
            severity: Severity::Error,
            place,
            message: message.into(),
            hint: None,
        }
    }

    pub(super) fn warning(place: Place, message: impl Into<String>) -> Self {
        Self {
            severity: Severity::Warning,
            ..Self::error(place, message)
        }
    }

    #[must_use]
    pub(super) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }
}

/// All problems of a scenario, in the order of the text.
#[derive(Debug, Clone, Default)]
pub struct Problems {
    list: Vec<Problem>,
}

impl Problems {
    /// The problems of `remarks`, which lie in `sources`.
    pub(super) fn locate(mut remarks: Vec<Remark>, sources: Vec<Source>) -> Self {
        remarks.sort_by(|a, b| (a.place, &a.message).cmp(&(b.place, &b.message)));
        remarks.dedup_by(|a, b| (a.place, &a.message) == (b.place, &b.message));
        let sources: Vec<Arc<Source>> = sources.into_iter().map(Arc::new).collect();
        let starts: Vec<Vec<usize>> = sources.iter().map(|source| line_starts(&source.text)).collect();
        let list = remarks
            .into_iter()
            .filter_map(|remark| {
                let SourceId(index) = remark.place.source;
                let source = sources.get(index)?;
                let (line, column) = position(&source.text, starts.get(index)?, remark.place.start);
                Some(Problem {
                    severity: remark.severity,
                    file: without_controls(&source.name),
                    line,
                    column,
                    span: remark.place.start..remark.place.end,
                    message: without_controls(&remark.message),
                    hint: remark.hint.as_deref().map(without_controls),
                    source: Some(Arc::clone(source)),
                })
            })
            .collect();
        Self { list }
    }

    /// One problem of a whole file, which has no text to show.
    pub(super) fn of_file(name: &str, message: impl Into<String>, hint: Option<String>) -> Self {
        Self {
            list: vec![Problem {
                severity: Severity::Error,
                file: without_controls(name),
                line: 1,
                column: 1,
                span: 0..0,
                message: without_controls(&message.into()),
                hint: hint.as_deref().map(without_controls),
                source: None,
            }],
        }
    }

    /// The problems.
    pub fn iter(&self) -> std::slice::Iter<'_, Problem> {
        self.list.iter()
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.list.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// Whether one of them keeps the scenario from being played.
    pub fn has_errors(&self) -> bool {
        self.list
            .iter()
            .any(|problem| problem.severity == Severity::Error)
    }

    /// Each with its source line, a caret and its hint, as a terminal shows it; `color` with ANSI colours.
    pub fn render(&self, color: bool) -> String {
        frame::render(&self.list, color)
    }

    /// The problems as JSON: `[{severity, file, line, column, message, hint}]`.
    pub fn to_json(&self) -> serde_json::Value {
        let json = |problem: &Problem| {
            serde_json::json!({
                "severity": problem.severity,
                "file": problem.file,
                "line": problem.line,
                "column": problem.column,
                "message": problem.message,
                "hint": problem.hint,
            })
        };
        self.list.iter().map(json).collect()
    }
}

impl fmt::Display for Problems {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.render(false))
    }
}

impl std::error::Error for Problems {}

impl<'p> IntoIterator for &'p Problems {
    type Item = &'p Problem;
    type IntoIter = std::slice::Iter<'p, Problem>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

fn line_starts(text: &str) -> Vec<usize> {
    std::iter::once(0)
        .chain(text.match_indices('\n').map(|(at, _)| at + 1))
        .collect()
}

/// Line and column, both from 1, of the byte `at`.
fn position(text: &str, starts: &[usize], at: usize) -> (usize, usize) {
    let line = starts.partition_point(|start| *start <= at).max(1);
    let start = starts.get(line - 1).copied().unwrap_or(0);
    let column = text.get(start..at).map_or(0, |before| before.chars().count()) + 1;
    (line, column)
}

/// Whether a terminal would act on `character` instead of showing it: controls, and marks that turn the direction of
/// writing, which can make a text look like another one.
pub(super) fn acts_on_a_terminal(character: char) -> bool {
    character.is_control()
        || matches!(character, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

/// `text` with everything that a terminal would act on replaced by `�`, cut after 400 characters.
pub(super) fn without_controls(text: &str) -> String {
    let shown = text
        .chars()
        .take(400)
        .map(|c| if acts_on_a_terminal(c) { '\u{fffd}' } else { c });
    let mut shown: String = shown.collect();
    if text.chars().nth(400).is_some() {
        shown.push('…');
    }
    shown
}
