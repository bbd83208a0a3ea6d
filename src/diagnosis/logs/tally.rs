//! Counts, first and last times, and one example, for each product and cause.

use std::collections::BTreeMap;

use serde::Serialize;

use super::super::advice::advice;
use super::super::cause::{Cause, CauseSet};
use super::super::product::Product;
use super::redact::redacted;
use super::stamp::Stamp;
use super::{Reading, Says};
use crate::words::Language;

/// What one product's lines say about one cause.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Explained {
    /// The product whose log it is; `unknown` for a format that many share.
    #[serde(serialize_with = "as_word")]
    pub gateway: Product,
    /// Why.
    #[serde(serialize_with = "as_word")]
    pub cause: Cause,
    /// Lines that say so.
    pub count: u64,
    /// The time of the first, RFC 3339; without an offset where the log has none.
    pub first: Option<String>,
    /// The time of the last.
    pub last: Option<String>,
    /// The first of the lines; client addresses and the values of queries left out.
    pub example: String,
    /// What to do about it.
    pub advice: String,
}

fn as_word<T: std::fmt::Display, S: serde::Serializer>(word: &T, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(word)
}

/// How much a line says, the most first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Level {
    Why,
    Hint,
    /// A status among fields of the user's own choice.
    Extended,
    Status,
}

#[derive(Debug, Clone)]
struct Entry {
    level: Level,
    could_be: CauseSet,
    product: Product,
    cause: Cause,
    count: u64,
    first: Option<Stamp>,
    last: Option<Stamp>,
    example: String,
}

/// Everything that was read. It grows with the kinds of lines, not with their number.
#[derive(Debug, Default)]
pub(super) struct Tally {
    entries: Vec<Entry>,
    /// Where the last line went: the next one mostly follows it.
    last: usize,
}

impl Tally {
    pub(super) fn add(&mut self, reading: &Reading, line: &[u8]) {
        let (level, could_be) = match reading.says {
            Says::Why => (Level::Why, CauseSet::of(&[])),
            Says::Hint(could_be) => (Level::Hint, could_be),
            Says::Extended(could_be) => (Level::Extended, could_be),
            Says::Status(could_be) => (Level::Status, could_be),
        };
        let is_it = |entry: &Entry| {
            (entry.product, entry.cause, entry.level) == (reading.product, reading.cause, level)
                && entry.could_be == could_be
        };
        let found = match self.entries.get(self.last) {
            Some(entry) if is_it(entry) => Some(self.last),
            _ => self.entries.iter().position(is_it),
        };
        self.last = found.unwrap_or_else(|| {
            self.entries.push(Entry {
                level,
                could_be,
                product: reading.product,
                cause: reading.cause,
                count: 0,
                first: None,
                last: None,
                example: redacted(line),
            });
            self.entries.len() - 1
        });
        let entry = &mut self.entries[self.last];
        entry.count += 1;
        entry.first = earlier(entry.first, reading.at);
        entry.last = later(entry.last, reading.at);
    }

    /// What was read, most frequent first; of the equally frequent, causes that make others happen.
    pub(super) fn explained(&self, language: Language) -> Vec<Explained> {
        let mut merged: BTreeMap<(Product, Cause), Entry> = BTreeMap::new();
        for entry in self.reconciled() {
            merged
                .entry((entry.product, entry.cause))
                .and_modify(|whole| {
                    whole.count += entry.count;
                    whole.first = earlier(whole.first, entry.first);
                    whole.last = later(whole.last, entry.last);
                })
                .or_insert(entry);
        }
        let mut all: Vec<Entry> = merged.into_values().collect();
        all.sort_by_key(|entry| {
            (
                entry.cause == Cause::Ok,
                std::cmp::Reverse(entry.count),
                entry.cause,
            )
        });
        all.into_iter()
            .map(|entry| Explained {
                gateway: entry.product,
                cause: entry.cause,
                count: entry.count,
                first: entry.first.map(|stamp| stamp.to_string()),
                last: entry.last.map(|stamp| stamp.to_string()),
                example: entry.example,
                advice: advice(entry.product, entry.cause, language).to_owned(),
            })
            .collect()
    }

    /// The entries, each less what lines that say more account for. Lines of one level share what those above account
    /// for: an error log, a detailed and a plain access log are three views of one failure.
    fn reconciled(&self) -> Vec<Entry> {
        let owner = self.owner();
        let mut told = BTreeMap::new();
        let mut kept = Vec::new();
        for level in [Level::Why, Level::Hint, Level::Extended, Level::Status] {
            let mut open = told.clone();
            for entry in self.entries.iter().filter(|entry| entry.level == level) {
                let mut entry = entry.clone();
                let is_shared = level != Level::Why || entry.cause == Cause::Ok;
                if entry.product == Product::Unknown && is_shared {
                    entry.product = owner.unwrap_or(entry.product);
                }
                entry.count -= accounted_for(&mut open, &entry);
                if entry.count > 0 {
                    *told.entry(entry.cause).or_insert(0) += entry.count;
                    kept.push(entry);
                }
            }
        }
        kept
    }

    /// The one gateway of which there are lines: an access log of a shared format beside them is its.
    fn owner(&self) -> Option<Product> {
        let writes_access_logs = |product: Product| {
            matches!(
                product,
                Product::Nginx | Product::Apache | Product::Varnish | Product::IngressNginx
            )
        };
        let mut all = self
            .entries
            .iter()
            .map(|entry| entry.product)
            .filter(|product| writes_access_logs(*product));
        let first = all.next()?;
        all.all(|other| other == first).then_some(first)
    }
}

/// How many of the lines of `entry` are accounted for by what is `open`, which is used up.
fn accounted_for(open: &mut BTreeMap<Cause, u64>, entry: &Entry) -> u64 {
    let mut left = entry.count;
    for (_, count) in open.iter_mut().filter(|(cause, _)| entry.could_be.holds(**cause)) {
        let taken = left.min(*count);
        *count -= taken;
        left -= taken;
    }
    entry.count - left
}

fn earlier(one: Option<Stamp>, other: Option<Stamp>) -> Option<Stamp> {
    match (one, other) {
        (Some(one), Some(other)) if other.order() < one.order() => Some(other),
        (one, other) => one.or(other),
    }
}

fn later(one: Option<Stamp>, other: Option<Stamp>) -> Option<Stamp> {
    match (one, other) {
        (Some(one), Some(other)) if other.order() > one.order() => Some(other),
        (one, other) => one.or(other),
    }
}
