//! Nighthawk's adaptive load controller with its exponential search: doubles the load until a period of 10 s fails,
//! then bisects until two loads in a row are within 1 %; a testing stage of 30 s closes it, which is reported only
//! (envoyproxy/nighthawk, `adaptive_load`; convergence deadline 300 s).

use tipover::search::{Concluded, Estimate, Finding, Move, Search, Window};

use super::rules::{Answers, Rules};

/// Seconds of a measuring period.
const PERIOD: u32 = 10;
/// Seconds of the testing stage.
const TESTING: u32 = 30;
/// Seconds after which it must have converged.
const DEADLINE: u32 = 300;
/// The relative distance of two loads in a row at which it has.
const CLOSE: f64 = 0.01;

/// The controller under way.
#[derive(Debug, Clone)]
pub(crate) struct Nighthawk {
    rules: Rules,
    load: f64,
    before: Option<f64>,
    bracket: Option<(f64, f64)>,
    period: u32,
    elapsed: u32,
    seconds: u32,
    seen: Answers,
    stage: Stage,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    Adjusting,
    Testing,
    Over { converged: bool },
}

impl Nighthawk {
    pub(crate) fn new(rules: Rules) -> Self {
        Self {
            rules,
            load: rules.from,
            before: None,
            bracket: None,
            period: 0,
            elapsed: 0,
            seconds: 0,
            seen: Answers::default(),
            stage: Stage::Adjusting,
        }
    }

    /// The next load after a period that failed or did not.
    fn adjust(&mut self, failed: bool) {
        let bracket = match (self.bracket, self.before, failed) {
            (None, _, false) => {
                self.before = Some(self.load);
                if self.load >= self.rules.to {
                    self.stage = Stage::Over { converged: false };
                }
                self.load = (2.0 * self.load).min(self.rules.to);
                return;
            }
            // The very first load fails: doomed.
            (None, None, true) => {
                self.stage = Stage::Over { converged: false };
                return;
            }
            (None, Some(before), true) => (before, self.load),
            (Some((_, high)), _, false) => (self.load, high),
            (Some((low, _)), _, true) => (low, self.load),
        };
        let last = self.load;
        self.bracket = Some(bracket);
        self.load = f64::midpoint(bracket.0, bracket.1);
        if (self.load / last - 1.0).abs() < CLOSE {
            self.stage = Stage::Testing;
        }
    }
}

impl Search for Nighthawk {
    fn next_move(&mut self) -> Move {
        match self.stage {
            Stage::Adjusting => Rules::hold(self.load, self.period, true),
            Stage::Testing => Rules::hold(self.load, self.period, false),
            Stage::Over { .. } => Move::Stop,
        }
    }

    fn observe(&mut self, window: &Window) {
        self.seen.add(Answers::of_trial(window));
        self.elapsed += 1;
        self.seconds += 1;
        if self.stage == Stage::Testing {
            if self.elapsed >= TESTING {
                self.stage = Stage::Over { converged: true };
            }
            return;
        }
        if self.elapsed < PERIOD {
            return;
        }
        let failed = self.seen.fail(self.rules.share);
        self.adjust(failed);
        self.period += 1;
        self.elapsed = 0;
        self.seen = Answers::default();
        if self.stage == Stage::Adjusting && self.seconds >= DEADLINE.min(self.rules.budget) {
            self.stage = Stage::Over { converged: false };
        }
    }

    fn concluded(&mut self) -> Vec<Concluded> {
        Vec::new()
    }

    fn finding(&self) -> Finding {
        let bracket = self.bracket.map(|(low, high)| Estimate {
            low,
            mid: self.load,
            high,
        });
        Finding {
            converged: self.stage == Stage::Over { converged: true },
            ..self.rules.finding(bracket, self.before.unwrap_or(0.0))
        }
    }

    fn progress(&self) -> String {
        format!("{:.1} pages/s", self.load)
    }
}
