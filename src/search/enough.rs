//! Just enough load to prove or refute some loads: for production and for pipelines, where nobody wants to see the site
//! break. A state machine in windows of one second, as the search for the tipping point is.
//!
//! It learns what is normal, climbs in large steps to the highest load that is asked for, and holds it for the horizon
//! of the profile, 2 % above what is asked for: what passed is proven, and all below it. No second offers more than
//! that. A failure must stand before it refutes anything: the site recovers, is given three quarters of a minute at a load that it
//! answers well (an autoscaler needs about half a minute, cold caches and a deployment less), and is asked again at
//! the load that is wanted. Where it then answers clearly more than before, it has grown, and gets the same time once
//! more. What fails again is refuted, and all above it. The next lower load that is open comes next.

mod answer;
mod case;
mod seen;

use super::baseline;
use super::change::leak;
use super::conclusion::verdict_in_words;
use super::finding::{Finding, Recovery};
use super::settings::Settings;
use super::step::{Concluded, Move, Search, Verdict, Window};
use super::tally::Tally;
use super::trial::{Cause, Outcome, Plan, Terms, Trial};
use crate::record::ClassError;
use crate::scenario::FailureSet;
use crate::units::Rate;
use case::{Aim, Case};
pub(super) use case::{LARGEST_STEP, LOW, patience};

/// How many times a disturbed trial is played again before the search gives up.
const MOST_REPEATS: u32 = 3;
/// Baselines at the lowest load, at most, where a higher one failed: the site may still be working that off.
const MOST_BASELINES: usize = 3;
/// Trials at most.
const MOST_TRIALS: u32 = 80;

/// How it came to its end.
#[derive(Debug, Clone, PartialEq)]
enum Ending {
    /// Every load is decided, or too close to tell.
    Decided,
    /// The lowest load fails.
    AlreadyFailing,
    /// Something refused us.
    Blocked {
        /// At which load.
        rate: f64,
    },
    /// The site changed; what was seen.
    Unsteady(String),
    /// This machine was disturbed again and again.
    OurLimit,
    /// The site did not come back.
    Stuck,
    /// The time is up.
    OutOfTime,
    /// A cap is reached, in words.
    Capped(String),
}

/// The proof of some loads, and no more.
#[derive(Debug, Clone)]
pub struct Enough {
    settings: Settings,
    failure: FailureSet,
    case: Case,
    tally: Tally,
    running: Option<(Aim, Trial)>,
    again: Option<(Aim, Plan, u32)>,
    /// The second in which the latest failing trial ended, until the site has recovered from it.
    fallen: Option<u32>,
    recovery: Option<Recovery>,
    second: u32,
    trials: u32,
    load: f64,
    concluded: Vec<Concluded>,
    ending: Option<Ending>,
}

impl Enough {
    /// A search for the proof of the loads in `settings.enough` that has seen nothing yet.
    ///
    /// # Errors
    /// The settings name a failure that is no class.
    pub fn new(settings: Settings) -> Result<Self, ClassError> {
        // Even the lowest load is no more than what is to be proven.
        let highest = settings.enough.iter().copied().fold(0.0, f64::max);
        let settings = Settings {
            from: settings.from.min(0.5 * highest),
            ..settings
        };
        Ok(Self {
            failure: settings.failure_set()?,
            case: Case::new(&settings),
            tally: Tally::default(),
            running: None,
            again: None,
            fallen: None,
            recovery: None,
            second: 0,
            trials: 0,
            load: 0.0,
            concluded: Vec::new(),
            ending: None,
            settings,
        })
    }

    /// The trial that comes next, or how the search ends.
    fn next_plan(&self) -> Result<(Aim, Plan), Ending> {
        if let Some((aim, plan, _)) = self.again {
            return Ok((aim, self.towards(aim, plan.rate, plan.shortest, plan.longest)));
        }
        if self.case.normal.is_none() {
            return self.baseline();
        }
        if self.fallen.is_some() {
            return Ok((Aim::Recover, self.recover()));
        }
        if self.trials >= MOST_TRIALS {
            return Err(Ending::OutOfTime);
        }
        let (aim, rate) = self.case.next().ok_or(Ending::Decided)?;
        let settings = &self.settings;
        let patience = self.case.patience_left();
        let (shortest, longest) = match aim {
            Aim::Hold => (settings.hold, settings.hold * 3 / 2),
            Aim::Wait => (patience, patience),
            Aim::Again => (settings.dwell, settings.longest),
            _ => (settings.coarse, 12),
        };
        Ok((aim, self.towards(aim, rate, shortest, longest)))
    }

    /// A trial at `rate`, with a way up to it where it is well above the load before.
    fn towards(&self, aim: Aim, rate: f64, shortest: u32, longest: u32) -> Plan {
        let is_direct = self.load >= 0.9 * rate || matches!(aim, Aim::Normal | Aim::Recover);
        Plan {
            phase: aim.phase(),
            rate,
            start: if is_direct {
                rate
            } else {
                self.load.max(0.5 * rate)
            },
            ramp: if is_direct { 0 } else { self.settings.ramp },
            shortest,
            longest: longest.max(shortest),
        }
    }

    /// What is normal is learnt low on the way to what is asked for. Where that fails, at the lowest load, more than
    /// once: the site may still be working off what failed. Where the lowest load itself fails in part, one more at
    /// twice the load tells whether the share grows; and where that passes, what failed was a moment's trouble.
    fn baseline(&self) -> Result<(Aim, Plan), Ending> {
        let from = self.settings.from;
        let rate = match self.case.baselines.as_slice() {
            [] => self.case.lowest(),
            [(first, _), rest @ ..] if first.rate > 1.01 * from && rest.len() < MOST_BASELINES => from,
            [(first, _)] if first.is_partial() && 2.0 * first.rate <= self.case.highest() => 2.0 * first.rate,
            [(first, _), (_, Verdict::Good)] => first.rate,
            _ => return Err(Ending::AlreadyFailing),
        };
        let shortest = self.settings.baseline;
        Ok((
            Aim::Normal,
            self.towards(Aim::Normal, rate, shortest, shortest.max(15)),
        ))
    }

    /// After a failure, a small load until the site is well again.
    fn recover(&self) -> Plan {
        let rate = (0.05 * self.case.best_rate()).max(2.0);
        let failing = self.case.failures.last().map_or(rate, |seen| seen.rate);
        self.towards(Aim::Recover, rate.min(failing), 0, self.settings.give_up)
    }

    /// Takes in what the trial that just ended came to.
    fn conclude(&mut self, aim: Aim, trial: &Trial, outcome: &Outcome) {
        let plan = trial.plan;
        self.concluded.push(Concluded {
            trial: trial.number,
            phase: plan.phase,
            rate: Rate::per_second(plan.rate),
            from: trial.from,
            judged_from: trial.judged_from().min(self.second),
            until: self.second,
            verdict: outcome.verdict,
            why: verdict_in_words(&plan, outcome, &self.settings),
        });
        if outcome.verdict == Verdict::Void {
            let repeats = self.again.map_or(0, |(.., repeats)| repeats) + 1;
            self.again = Some((aim, plan, repeats));
            if repeats > MOST_REPEATS {
                self.ending = Some(Ending::OurLimit);
            }
            return;
        }
        self.again = None;
        if outcome.cause == Cause::Refused {
            self.ending = Some(Ending::Blocked { rate: plan.rate });
            return;
        }
        match aim {
            Aim::Normal => {
                let normal = baseline::normal(&outcome.slices);
                self.case.learn_normal(&plan, outcome, normal);
            }
            Aim::Recover => self.after_recovery(&plan, outcome),
            _ => self.after_load(aim, &plan, outcome),
        }
    }

    fn after_recovery(&mut self, plan: &Plan, outcome: &Outcome) {
        let fallen = self.fallen.take().unwrap_or(self.second);
        match outcome.cause {
            Cause::Clean => {
                let seconds = self.second.saturating_sub(fallen + self.settings.clean);
                self.recovery = Some(Recovery {
                    rate: Some(plan.rate),
                    seconds: Some(f64::from(seconds)),
                });
            }
            Cause::Stuck => {
                self.recovery = Some(Recovery {
                    rate: None,
                    seconds: None,
                });
                self.case.is_stuck();
                self.ending = Some(Ending::Stuck);
            }
            _ => {}
        }
    }

    fn after_load(&mut self, aim: Aim, plan: &Plan, outcome: &Outcome) {
        let is_failing = self.case.learn(aim, plan, outcome, self.settings.most_clustering);
        if is_failing {
            self.fallen = Some(self.second);
        } else if outcome.verdict == Verdict::Good
            && let Some(recovery) = &mut self.recovery
        {
            recovery.rate = Some(plan.rate);
        }
        if let Some(seen) = leak(plan, outcome, self.case.normal) {
            self.ending = Some(Ending::Unsteady(seen));
        }
    }

    fn out_of_time(&self) -> bool {
        self.second >= self.settings.budget || self.tally.cap(&self.settings).is_some()
    }

    /// Starts the next trial, or ends the search.
    fn go_on(&mut self) {
        if self.ending.is_some() {
            return;
        }
        if self.case.normal.is_some() && self.case.target().is_none() {
            self.ending = Some(Ending::Decided);
            return;
        }
        if let Some(cap) = self.tally.cap(&self.settings) {
            self.ending = Some(Ending::Capped(cap));
            return;
        }
        match self.next_plan() {
            Err(ending) => self.ending = Some(ending),
            // A trial of which nothing would be judged is not worth its load.
            Ok((_, plan)) if self.second + plan.ramp + 2 > self.settings.budget => {
                self.ending = Some(Ending::OutOfTime);
            }
            Ok((aim, plan)) => {
                self.running = Some((aim, Trial::new(plan, self.trials, self.second)));
                self.trials += 1;
            }
        }
    }
}

impl Search for Enough {
    fn next_move(&mut self) -> Move {
        if self.trials == 0 {
            self.go_on();
        }
        match &self.running {
            Some((_, trial)) => Move::Offer(trial.offer()),
            None => Move::Stop,
        }
    }

    fn observe(&mut self, window: &Window) {
        let Some((aim, mut trial)) = self.running.take() else {
            return;
        };
        let offer = trial.offer();
        let passed = self.case.best_rate().max(self.settings.from);
        self.tally
            .add(window, &offer, &self.failure, passed, self.settings.share);
        self.second = window.second + 1;
        self.load = offer.to.get();
        let terms = Terms {
            failure: &self.failure,
            limit: self.settings.share,
            normal: self.case.normal,
            clustering: self.case.clustering(),
            out_of_time: self.out_of_time(),
            clean: self.settings.clean,
            believed: self.settings.believed,
            // Time that the site is given is no verdict on it, and need not be as long as one.
            extension: if aim == Aim::Wait {
                0
            } else {
                self.settings.extension
            },
        };
        match trial.observe(window, &terms) {
            Some(outcome) => {
                self.conclude(aim, &trial, &outcome);
                self.go_on();
            }
            None => self.running = Some((aim, trial)),
        }
    }

    fn concluded(&mut self) -> Vec<Concluded> {
        std::mem::take(&mut self.concluded)
    }

    fn finding(&self) -> Finding {
        answer::finding(
            &self.settings,
            &self.case,
            &self.tally,
            self.recovery,
            self.ending.as_ref(),
        )
    }

    fn progress(&self) -> String {
        let Some((aim, trial)) = &self.running else {
            return if self.ending.is_some() {
                "done"
            } else {
                "about to start"
            }
            .to_owned();
        };
        let passed = self.second.saturating_sub(trial.from);
        let left = (trial.plan.ramp + trial.plan.shortest).saturating_sub(passed);
        answer::doing_in_words(*aim, &trial.plan, &self.case, left)
    }
}
