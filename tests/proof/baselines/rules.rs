//! What every baseline is told, what it sees of a second, and how it says what it found.

use tipover::scenario::FailureSet;
use tipover::search::{Estimate, Finding, Kind, Move, Offer, Phase, Window};
use tipover::units::Rate;

/// What is known before a search. Loads in pages per second.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Rules {
    /// The lowest load.
    pub(crate) from: f64,
    /// The highest load.
    pub(crate) to: f64,
    /// The share of failures that is one too many.
    pub(crate) share: f64,
    /// How many seconds a search may take.
    pub(crate) budget: u32,
}

/// Answers, and the failures among them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Answers {
    pub(crate) all: u64,
    pub(crate) failed: u64,
}

impl Answers {
    /// What ended in this second, of requests that were sent in the running trial.
    pub(crate) fn of_trial(window: &Window) -> Self {
        let mut answers = Self::default();
        for (class, count) in &window.completed {
            answers.all += count;
            answers.failed += if FailureSet::Gateway.contains(*class) {
                *count
            } else {
                0
            };
        }
        answers
    }

    pub(crate) fn add(&mut self, other: Self) {
        self.all += other.all;
        self.failed += other.failed;
    }

    /// Whether more than `share` of them failed.
    pub(crate) fn fail(self, share: f64) -> bool {
        self.failed as f64 > share * self.all as f64
    }
}

impl Rules {
    /// One second at `rate`.
    pub(crate) fn hold(rate: f64, trial: u32, judged: bool) -> Move {
        Self::way(rate, rate, trial, judged)
    }

    /// One second from one load to another.
    pub(crate) fn way(from: f64, to: f64, trial: u32, judged: bool) -> Move {
        Move::Offer(Offer {
            from: Rate::per_second(from),
            to: Rate::per_second(to),
            trial,
            phase: Phase::Coarse,
            judged,
        })
    }

    /// The finding of a search that ended with a bracket, or without one at all.
    pub(crate) fn finding(&self, bracket: Option<Estimate>, up_to: f64) -> Finding {
        Finding {
            kind: if bracket.is_some() {
                Kind::Tipped
            } else {
                Kind::NotReached
            },
            rate: bracket,
            up_to: bracket.is_none().then(|| Rate::per_second(up_to)),
            at: None,
            confidence: 0.95,
            horizon_seconds: 0,
            class: None,
            limit: None,
            shape: None,
            why: String::new(),
            evidence: Vec::new(),
            verified: None,
            failing: None,
            first_failure: None,
            first_502: None,
            recovery: None,
            converged: bracket.is_some(),
        }
    }
}
