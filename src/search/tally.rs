//! What the search cost the site so far, and what was seen first.

use std::collections::BTreeMap;

use super::finding::Observed;
use super::settings::Settings;
use super::step::{Offer, Window};
use crate::record::Class;
use crate::scenario::FailureSet;

/// Totals over all windows.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Tally {
    /// Requests sent, those for assets included.
    pub(super) sent: u64,
    /// Failures by class.
    pub(super) failures: BTreeMap<Class, u64>,
    /// Answers that refused us, by class.
    pub(super) refusals: BTreeMap<Class, u64>,
    /// The first failure.
    pub(super) first_failure: Option<Observed>,
    /// The first 502.
    pub(super) first_502: Option<Observed>,
    /// Seconds above every load that passed in which more failed than the limit allows, or nothing was answered.
    pub(super) seconds_above: u32,
    /// Disturbed seconds.
    pub(super) disturbed: u32,
}

impl Tally {
    /// Takes in a window that was offered as `offer`; `passed` is the highest load that passed so far, `limit` the
    /// share of failures that is one too many.
    pub(super) fn add(
        &mut self,
        window: &Window,
        offer: &Offer,
        failure: &FailureSet,
        passed: f64,
        limit: f64,
    ) {
        self.sent += window.sent + window.assets;
        self.disturbed += u32::from(window.disturbed);
        let mut failed = 0;
        for (class, count) in window.completed.iter().chain(&window.earlier) {
            if failure.contains(*class) {
                *self.failures.entry(*class).or_default() += count;
                failed += count;
            } else if class.is_refusal_of_us() {
                *self.refusals.entry(*class).or_default() += count;
            }
        }
        let ended: u64 = window.completed.values().chain(window.earlier.values()).sum();
        let breaks = failed as f64 > limit * ended as f64 || ended == 0 && window.sent > 0;
        if offer.to.get() > passed && breaks {
            self.seconds_above += 1;
        }
        // While this machine is disturbed, a failure may be the doing of the burst that it made.
        if !window.disturbed {
            self.note_first(window, failure);
        }
    }

    fn note_first(&mut self, window: &Window, failure: &FailureSet) {
        let observed = |class: Class| Observed {
            class,
            rate: window.offered,
            at_seconds: window.second,
        };
        let most = window
            .completed
            .iter()
            .filter(|(class, count)| failure.contains(**class) && **count > 0)
            .max_by_key(|(_, count)| **count);
        if let (None, Some((class, _))) = (self.first_failure, most) {
            self.first_failure = Some(observed(*class));
        }
        if self.first_502.is_none() && window.completed.get(&BAD_GATEWAY).is_some_and(|count| *count > 0) {
            self.first_502 = Some(observed(BAD_GATEWAY));
        }
    }

    /// Failures of all classes.
    pub(super) fn failed(&self) -> u64 {
        self.failures.values().sum()
    }

    /// The class that most failures had.
    pub(super) fn class(&self) -> Option<Class> {
        most_frequent(&self.failures)
    }

    /// The class that most refusals had.
    pub(super) fn refusal(&self) -> Option<Class> {
        most_frequent(&self.refusals)
    }

    /// The cap that is reached, in words.
    pub(super) fn cap(&self, settings: &Settings) -> Option<String> {
        if self.sent >= settings.most_requests {
            Some(format!("{} requests were sent, as many as allowed", self.sent))
        } else if self.failed() >= settings.most_failed {
            Some(format!("{} requests failed, as many as allowed", self.failed()))
        } else if self.seconds_above >= settings.most_seconds_above {
            Some(format!(
                "the load was above what the site carries for {} s, as long as allowed",
                self.seconds_above
            ))
        } else {
            None
        }
    }
}

const BAD_GATEWAY: Class = Class::Status(502);

fn most_frequent(counts: &BTreeMap<Class, u64>) -> Option<Class> {
    counts
        .iter()
        .max_by_key(|(_, count)| **count)
        .map(|(class, _)| *class)
}
