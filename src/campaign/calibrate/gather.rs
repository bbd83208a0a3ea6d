//! What is kept of a log while it streams by: counts over time and sums of visits. Nothing of it grows with the log.

use std::collections::HashMap;
use std::hash::{BuildHasher, Hasher};

use super::counts::{AFTER, BEFORE, Counts};
use super::tally::Tally;
use super::visits::{Class, Hit, OPEN, Visit, Visits};
use crate::access_log::{Entry, Kind, agent_of, kind_of};

/// Different links that are told apart.
const LINKS: usize = 4_096;
/// How long after a send of unknown length its links are still scanned, in seconds.
const SCANNED: f64 = 7_200.0;

/// Names of query parameters that mail services put into links; `utm_` is any of that family.
const TAGS: [&[u8]; 9] = [
    b"utm_",
    b"mc_cid",
    b"mc_eid",
    b"mkt_tok",
    b"_hsenc",
    b"_kx",
    b"vero_id",
    b"ck_subscriber_id",
    b"dm_i",
];

/// What is asked of a log.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Question {
    /// When the first mail went out, in seconds since 1970.
    pub sent_at: f64,
    /// How many mails.
    pub recipients: u64,
    /// How long the send took, in seconds, where that is known.
    pub send: Option<f64>,
    /// Links in a mail, where that is known.
    pub links: Option<u32>,
}

/// People and scanners of one period.
#[derive(Debug, Clone, Default)]
pub(super) struct Period {
    /// Visits of browsers, those by a tracked link second.
    pub(super) browser: [Tally; 2],
    /// Bare visits, those by a tracked link second.
    pub(super) bare: [Tally; 2],
}

/// Everything that is kept.
#[derive(Debug, Clone)]
pub(super) struct Gathered {
    pub(super) question: Question,
    /// When visits of browsers began, those by a tracked link second.
    pub(super) browser: [Counts; 2],
    /// When bare visits began, those by a tracked link second.
    pub(super) bare: [Counts; 2],
    /// Page views of bare visits, those by a tracked link second.
    pub(super) bare_pages: [Counts; 2],
    /// Page views of scanners, known and seen, those of tracked links second.
    pub(super) scanned_pages: [Counts; 2],
    /// Page views of everybody, machines included.
    pub(super) pages: Counts,
    /// Page views of agents that say to be scanners.
    pub(super) known_scanner_pages: u64,
    pub(super) before: Period,
    pub(super) after: Period,
    /// Page views with a referrer, and all of them.
    referred: [u64; 2],
    /// How often each path was opened as scanners do it.
    pub(super) links: Vec<u64>,
    /// The first and last entry in the days that are looked at, in seconds after the send.
    pub(super) from: f64,
    pub(super) until: f64,
    pub(super) notes: Notes,
}

/// What a reader should know of the log itself.
#[derive(Debug, Clone, Default, PartialEq, serde::Serialize)]
pub struct Notes {
    /// Lines that were understood.
    pub entries: u64,
    /// Entries more than two days before or eight days after the send: left out.
    pub outside: u64,
    /// Visits closed early because more than 110,000 were open at once.
    pub visits_cut_short: u64,
    /// Links that were not counted because there were more than 4,096 different ones.
    pub links_dropped: u64,
    /// Entries without a client: counted as pages, in no visit.
    pub without_client: u64,
    /// Answers 502, 503 and 504 after the send.
    pub gateway_failures: u64,
    /// When the first of them came, in seconds after the send.
    pub first_gateway_failure_seconds: Option<f64>,
}

/// Gathers what a log says about a send. Feed it entries in the order of time, or nearly so.
#[derive(Debug)]
pub struct Gathering<S> {
    key: S,
    visits: Visits,
    links: HashMap<u32, u64>,
    kept: Gathered,
}

impl<S: BuildHasher> Gathering<S> {
    /// Begins; `key` hashes clients, and a fresh one for each run keeps them from being told across runs.
    pub fn new(question: Question, key: S) -> Self {
        let counts = || [Counts::new(), Counts::new()];
        Self {
            key,
            visits: Visits::new(OPEN),
            links: HashMap::new(),
            kept: Gathered {
                question,
                browser: counts(),
                bare: counts(),
                bare_pages: counts(),
                scanned_pages: counts(),
                pages: Counts::new(),
                known_scanner_pages: 0,
                before: Period::default(),
                after: Period::default(),
                referred: [0; 2],
                links: Vec::new(),
                from: f64::INFINITY,
                until: f64::NEG_INFINITY,
                notes: Notes::default(),
            },
        }
    }

    /// One more entry.
    pub fn add(&mut self, entry: &Entry<'_>) {
        let seconds = entry.moment.seconds() - self.kept.question.sent_at;
        self.kept.notes.entries += 1;
        if !(-BEFORE..AFTER).contains(&seconds) {
            self.kept.notes.outside += 1;
            return;
        }
        self.kept.from = self.kept.from.min(seconds);
        self.kept.until = self.kept.until.max(seconds);
        let kind = kind_of(entry);
        self.note(entry, kind, seconds);
        if entry.client.is_empty() {
            self.kept.notes.without_client += 1;
            return;
        }
        let is_page = kind == Kind::Page;
        let hit = Hit {
            seconds,
            is_page,
            is_asset: kind == Kind::Asset,
            is_tagged: is_page && is_tagged(entry.query()),
            has_referrer: is_page && !entry.referrer.is_empty(),
            path: if is_page {
                self.hash(&[entry.path()]) as u32
            } else {
                0
            },
        };
        let client = self.hash(&[entry.client, entry.agent]);
        let kept = &mut self.kept;
        let links = self
            .visits
            .add(client, &hit, || agent_of(entry.agent), &mut |visit| {
                kept.close(&visit)
            });
        let scanned = self.kept.question.send.map_or(SCANNED, |send| send + 600.0);
        if (0.0..scanned).contains(&seconds) {
            for path in links.paths() {
                self.link(path);
            }
        }
    }

    fn hash(&self, parts: &[&[u8]]) -> u64 {
        let mut hasher = self.key.build_hasher();
        for part in parts {
            hasher.write(part);
            hasher.write_u8(0xff);
        }
        hasher.finish()
    }

    fn note(&mut self, entry: &Entry<'_>, kind: Kind, seconds: f64) {
        if kind == Kind::Page {
            self.kept.pages.add(seconds);
            self.kept.referred[0] += u64::from(!entry.referrer.is_empty());
            self.kept.referred[1] += 1;
        }
        if seconds >= 0.0 && matches!(entry.status, 502..=504) {
            let notes = &mut self.kept.notes;
            notes.gateway_failures += 1;
            let first = notes.first_gateway_failure_seconds.get_or_insert(seconds);
            *first = first.min(seconds);
        }
    }

    fn link(&mut self, path: u32) {
        if let Some(count) = self.links.get_mut(&path) {
            *count += 1;
        } else if self.links.len() < LINKS {
            self.links.insert(path, 1);
        } else {
            self.kept.notes.links_dropped += 1;
        }
    }

    /// The log is over.
    pub(super) fn finish(mut self) -> Gathered {
        let kept = &mut self.kept;
        self.visits.finish(&mut |visit| kept.close(&visit));
        self.kept.notes.visits_cut_short = self.visits.cut_short;
        self.kept.links = self.links.into_values().collect();
        self.kept
    }
}

impl Gathered {
    /// Whether the log names what led to a page: for one page in ten at least, scanners and first pages aside.
    const fn are_referrers_written(&self) -> bool {
        let [referred, pages] = self.referred;
        referred >= 50 && referred * 10 >= pages
    }

    /// Files a visit that is over.
    fn close(&mut self, visit: &Visit) {
        let side = usize::from(visit.is_tagged());
        let class = visit.class(self.are_referrers_written());
        let period = if visit.start < 0.0 {
            &mut self.before
        } else {
            &mut self.after
        };
        match class {
            Class::Browser if visit.pages > 0 => {
                self.browser[side].add(visit.start);
                period.browser[side].add(visit);
            }
            Class::Bare => {
                self.bare[side].add(visit.start);
                period.bare[side].add(visit);
                spread(visit, &mut self.bare_pages[side]);
            }
            Class::Hurried => spread(visit, &mut self.scanned_pages[side]),
            Class::Scanner => {
                self.known_scanner_pages += u64::from(visit.pages);
                spread(visit, &mut self.scanned_pages[side]);
            }
            Class::Browser | Class::Other => {}
        }
    }
}

/// Counts the pages of a visit evenly from its first to its last request.
fn spread(visit: &Visit, counts: &mut Counts) {
    let gaps = f64::from(visit.pages.saturating_sub(1).max(1));
    for page in 0..visit.pages {
        counts.add(visit.start + visit.length() * f64::from(page) / gaps);
    }
}

/// Whether a query holds the name of a tracking parameter. Values are not looked at.
fn is_tagged(query: &[u8]) -> bool {
    !query.is_empty()
        && query
            .split(|byte| matches!(byte, b'&' | b';'))
            .any(|part| TAGS.iter().any(|tag| part.starts_with(tag)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tracked_links_are_known_by_the_names_of_their_parameters() {
        for (query, expected) in [
            ("utm_source=mail&a=1", true),
            ("a=1&mc_eid=5", true),
            ("a=utm_source", false),
            ("", false),
        ] {
            assert_eq!(is_tagged(query.as_bytes()), expected, "{query}");
        }
    }
}
