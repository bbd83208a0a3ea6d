//! Twenty equal steps of 30 s each, up to the first one that fails: stairs, as Gatling and JMeter play them.

use tipover::search::{Concluded, Estimate, Finding, Move, Search, Window};

use super::rules::{Answers, Rules};

const STEPS: u32 = 20;
/// Seconds of a step.
const LENGTH: u32 = 30;

/// Stairs under way.
#[derive(Debug, Clone)]
pub(crate) struct Steps {
    rules: Rules,
    step: u32,
    elapsed: u32,
    seen: Answers,
    has_tipped: bool,
}

impl Steps {
    pub(crate) fn new(rules: Rules) -> Self {
        Self {
            rules,
            step: 1,
            elapsed: 0,
            seen: Answers::default(),
            has_tipped: false,
        }
    }

    /// The load of a step, counted from 1; that of step 0 is the lowest.
    fn rate(&self, step: u32) -> f64 {
        let Rules { from, to, .. } = self.rules;
        from + (to - from) * f64::from(step.min(STEPS)) / f64::from(STEPS)
    }
}

impl Search for Steps {
    fn next_move(&mut self) -> Move {
        if self.has_tipped || self.step > STEPS {
            return Move::Stop;
        }
        // One trial all through: what a step left behind is answered, and counted, in the next.
        Rules::hold(self.rate(self.step), 0, true)
    }

    fn observe(&mut self, window: &Window) {
        self.seen.add(Answers::of_trial(window));
        self.elapsed += 1;
        if self.elapsed < LENGTH {
            return;
        }
        self.has_tipped = self.seen.fail(self.rules.share);
        if !self.has_tipped {
            self.step += 1;
        }
        self.elapsed = 0;
        self.seen = Answers::default();
    }

    fn concluded(&mut self) -> Vec<Concluded> {
        Vec::new()
    }

    fn finding(&self) -> Finding {
        let (low, high) = (self.rate(self.step - 1), self.rate(self.step));
        let bracket = Estimate {
            low,
            mid: (low * high).sqrt(),
            high,
        };
        self.rules.finding(self.has_tipped.then_some(bracket), low)
    }

    fn progress(&self) -> String {
        format!("step {} of {STEPS}", self.step)
    }
}
