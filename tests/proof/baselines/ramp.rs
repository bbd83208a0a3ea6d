//! A linear ramp from the lowest load to the highest in ten minutes, as k6 and most scripts do it, and three ways to
//! read it.

use tipover::search::{Concluded, Estimate, Finding, Move, Search, Window};

use super::rules::{Answers, Rules};

/// How long the whole ramp takes, in seconds.
const LENGTH: u32 = 600;
/// Over how many seconds a threshold looks back.
const BACK: u32 = 10;
/// Failures that a threshold needs, so that one of the first few requests does not end the ramp.
const FEWEST_FAILURES: u64 = 5;

/// When the ramp ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Threshold {
    /// At the first failure of the gateway.
    FirstFailure,
    /// Where the share of failures passes the limit over the last ten seconds.
    LastSeconds,
    /// Where the share of failures since the start passes the limit: thresholds of k6 (grafana/k6, issue 1136).
    SinceStart,
}

/// A ramp under way.
#[derive(Debug, Clone)]
pub(crate) struct Ramp {
    rules: Rules,
    threshold: Threshold,
    seconds: Vec<Answers>,
    has_tipped: bool,
}

impl Ramp {
    pub(crate) fn new(rules: Rules, threshold: Threshold) -> Self {
        Self {
            rules,
            threshold,
            seconds: Vec::new(),
            has_tipped: false,
        }
    }

    fn elapsed(&self) -> u32 {
        self.seconds.len() as u32
    }

    /// The load after so many seconds.
    fn rate_after(&self, seconds: u32) -> f64 {
        let Rules { from, to, .. } = self.rules;
        from + (to - from) * f64::from(seconds.min(LENGTH)) / f64::from(LENGTH)
    }

    fn is_crossed(&self) -> bool {
        let since = match self.threshold {
            Threshold::FirstFailure => return self.seconds.last().is_some_and(|last| last.failed > 0),
            Threshold::LastSeconds if self.elapsed() < BACK => return false,
            Threshold::LastSeconds => self.elapsed() - BACK,
            Threshold::SinceStart => 0,
        };
        let mut answers = Answers::default();
        for second in &self.seconds[since as usize..] {
            answers.add(*second);
        }
        answers.failed >= FEWEST_FAILURES && answers.fail(self.rules.share)
    }
}

impl Search for Ramp {
    fn next_move(&mut self) -> Move {
        let now = self.elapsed();
        if self.has_tipped || now >= LENGTH.min(self.rules.budget) {
            return Move::Stop;
        }
        Rules::way(self.rate_after(now), self.rate_after(now + 1), 0, true)
    }

    fn observe(&mut self, window: &Window) {
        self.seconds.push(Answers::of_trial(window));
        self.has_tipped = self.is_crossed();
    }

    fn concluded(&mut self) -> Vec<Concluded> {
        Vec::new()
    }

    fn finding(&self) -> Finding {
        let now = self.rate_after(self.elapsed());
        let bracket = Estimate {
            low: self.rate_after(self.elapsed().saturating_sub(BACK)),
            mid: now,
            high: now,
        };
        self.rules.finding(self.has_tipped.then_some(bracket), now)
    }

    fn progress(&self) -> String {
        format!("{:.1} pages/s", self.rate_after(self.elapsed()))
    }
}
