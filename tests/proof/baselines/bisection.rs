//! Bisection with trials of 60 s between the lowest load and the highest: RFC 2544, with a limit for the share of
//! failures in place of zero loss. Between trials it waits for 5 s; answers that come in meanwhile still count.

use tipover::search::{Concluded, Estimate, Finding, Move, Search, Window};

use super::rules::{Answers, Rules};

/// Seconds of a trial.
const TRIAL: u32 = 60;
/// Seconds without load after a trial (RFC 2544, section 23, waits for two and lets the device settle for five).
const IDLE: u32 = 5;
/// The relative width at which it ends.
const PRECISION: f64 = 0.05;

/// A bisection under way.
#[derive(Debug, Clone)]
pub(crate) struct Bisection {
    rules: Rules,
    low: f64,
    high: f64,
    trial: u32,
    elapsed: u32,
    seconds: u32,
    seen: Answers,
}

impl Bisection {
    pub(crate) fn new(rules: Rules) -> Self {
        Self {
            rules,
            low: rules.from,
            high: rules.to,
            trial: 0,
            elapsed: 0,
            seconds: 0,
            seen: Answers::default(),
        }
    }

    fn is_narrow(&self) -> bool {
        self.high / self.low <= 1.0 + PRECISION
    }
}

impl Search for Bisection {
    fn next_move(&mut self) -> Move {
        if self.is_narrow() || self.seconds >= self.rules.budget {
            return Move::Stop;
        }
        let is_loaded = self.elapsed < TRIAL;
        let rate = if is_loaded {
            f64::midpoint(self.low, self.high)
        } else {
            0.0
        };
        Rules::hold(rate, self.trial, is_loaded)
    }

    fn observe(&mut self, window: &Window) {
        self.seen.add(Answers::of_trial(window));
        self.seconds += 1;
        self.elapsed += 1;
        if self.elapsed < TRIAL + IDLE {
            return;
        }
        let middle = f64::midpoint(self.low, self.high);
        if self.seen.fail(self.rules.share) {
            self.high = middle;
        } else {
            self.low = middle;
        }
        self.trial += 1;
        self.elapsed = 0;
        self.seen = Answers::default();
    }

    fn concluded(&mut self) -> Vec<Concluded> {
        Vec::new()
    }

    fn finding(&self) -> Finding {
        let bracket = Estimate {
            low: self.low,
            mid: (self.low * self.high).sqrt(),
            high: self.high,
        };
        Finding {
            converged: self.is_narrow(),
            ..self.rules.finding(Some(bracket), self.low)
        }
    }

    fn progress(&self) -> String {
        format!("between {:.1} and {:.1} pages/s", self.low, self.high)
    }
}
