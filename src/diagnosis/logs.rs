//! Lines of server logs → causes, counted. Each line is looked at by itself, by the shape that its product gives it, so
//! that files of several products may come in any order. Nothing grows with the number of lines.

mod access;
mod alb;
mod apache;
mod applications;
mod caddy;
mod envoy;
mod go;
mod haproxy;
mod json;
mod nginx;
mod php;
mod redact;
mod shape;
mod split;
mod stamp;
mod tally;
mod tls;
mod varnish;

pub use split::{LONGEST_LINE, LineSplitter};
pub use tally::Explained;

use super::cause::{Cause, CauseSet};
use super::product::Product;
use crate::words::Language;
use stamp::Stamp;
use tally::Tally;

/// What a line says.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Reading {
    /// Whose line it is.
    product: Product,
    /// Why something failed, or that nothing did.
    cause: Cause,
    /// How much the line says about that.
    says: Says,
    /// When, where the line tells.
    at: Option<Stamp>,
}

/// How much a line says. One failure leaves a line in an error log and another in an access log: the line that says
/// less counts only as far as no line that says more can be about the same failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Says {
    /// Why it failed.
    Why,
    /// What makes this cause the likeliest of these: times, or a summary after the reason.
    Hint(CauseSet),
    /// That it failed, for one of these causes, among fields that only the user knows.
    Extended(CauseSet),
    /// That it failed, for one of these causes, and no more.
    Status(CauseSet),
}

/// What became of a line.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Outcome {
    /// It says something.
    Read(Reading),
    /// It is known and of no account.
    Silent,
    /// Its shape is not known.
    Foreign,
}

impl Outcome {
    fn why(product: Product, cause: Cause, at: Option<Stamp>) -> Self {
        Self::said(product, cause, Says::Why, at)
    }

    fn said(product: Product, cause: Cause, says: Says, at: Option<Stamp>) -> Self {
        Self::Read(Reading {
            product,
            cause,
            says,
            at,
        })
    }
}

/// Reads lines and keeps count.
#[derive(Debug, Default)]
pub struct Explainer {
    tally: Tally,
    lines: u64,
    foreign: u64,
    /// The last time in a varnishlog, whose errors carry none.
    varnish: Option<Stamp>,
}

impl Explainer {
    /// Nothing read yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Reads one line, without its end.
    pub fn line(&mut self, line: &[u8]) {
        let line = shape::bare(line);
        if line.is_empty() {
            return;
        }
        self.lines += 1;
        match shape::read(line, &mut self.varnish) {
            Outcome::Read(reading) => self.tally.add(&reading, line),
            Outcome::Silent => {}
            Outcome::Foreign => self.foreign += 1,
        }
    }

    /// Lines read that were not empty.
    pub const fn lines(&self) -> u64 {
        self.lines
    }

    /// Lines of no known shape.
    pub const fn foreign(&self) -> u64 {
        self.foreign
    }

    /// What the lines say, most frequent first.
    pub fn explained(&self, language: Language) -> Vec<Explained> {
        self.tally.explained(language)
    }
}

/// Whether `text` holds `part`.
fn has(text: &[u8], part: &str) -> bool {
    memchr::memmem::find(text, part.as_bytes()).is_some()
}

/// Whether `text` holds one of `parts`.
fn has_any(text: &[u8], parts: &[&str]) -> bool {
    parts.iter().any(|part| has(text, part))
}

/// What stands after the first `mark`.
fn after<'a>(text: &'a [u8], mark: &str) -> Option<&'a [u8]> {
    memchr::memmem::find(text, mark.as_bytes()).map(|at| &text[at + mark.len()..])
}

/// `text` up to `mark`, or all of it.
fn before<'a>(text: &'a [u8], mark: &str) -> &'a [u8] {
    memchr::memmem::find(text, mark.as_bytes()).map_or(text, |at| &text[..at])
}

/// The number that `text` begins with.
fn leading_number(text: &[u8]) -> Option<u32> {
    let digits = text
        .iter()
        .take(9)
        .take_while(|byte| byte.is_ascii_digit())
        .count();
    std::str::from_utf8(&text[..digits]).ok()?.parse().ok()
}

/// The cause that an error number of `connect` stands for.
fn of_connect(errno: u32) -> Cause {
    match errno {
        111 | 2 | 13 => Cause::BackendRefused,
        113 | 101 | 100 | 112 => Cause::BackendUnreachable,
        110 => Cause::ConnectTimeout,
        11 => Cause::QueueFull,
        99 | 23 | 24 | 12 | 105 => Cause::GatewayExhausted,
        104 | 32 | 103 => Cause::BackendClosed,
        _ => Cause::Unknown,
    }
}
