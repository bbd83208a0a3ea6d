//! The search itself: a state machine in windows of one second. It climbs until a failure stands, refines where the
//! posterior is least certain, and holds the lower end; after each failure it waits until the site is well again.
//! Which trial comes next is asked of one rule after the other, so that a further phase is a further rule.

use super::baseline;
use super::conclusion;
use super::finding::{Finding, Recovery};
use super::known::Known;
use super::settings::Settings;
use super::step::{Concluded, Move, Phase, Search, Verdict, Window};
use super::tally::Tally;
use super::trial::{Cause, Outcome, Plan, Terms, Trial};
use crate::record::ClassError;
use crate::scenario::FailureSet;
use crate::units::Rate;

/// How a search came to its end.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Ending {
    /// Precise enough, and held.
    Found,
    /// The highest load passed.
    Top,
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

/// The way up.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Climb {
    load: f64,
    factor: f64,
}

/// How many times a disturbed trial is played again before the search gives up.
const MOST_REPEATS: u32 = 3;
/// Holds at most.
const MOST_HOLDS: u32 = 6;
/// Trials at most: a search that needs more does not come to an end.
const MOST_TRIALS: usize = 60;

/// The search for the tipping point.
#[derive(Debug, Clone)]
pub struct Tipping {
    settings: Settings,
    failure: FailureSet,
    known: Known,
    tally: Tally,
    climb: Climb,
    running: Option<Trial>,
    again: Option<(Plan, u32)>,
    /// The second in which the latest failing trial ended, until the site has recovered from it.
    fallen: Option<u32>,
    recovery: Option<Recovery>,
    second: u32,
    trials: u32,
    load: f64,
    concluded: Vec<Concluded>,
    ending: Option<Ending>,
}

impl Tipping {
    /// A search that has seen nothing yet.
    ///
    /// # Errors
    /// The settings name a failure that is no class.
    pub fn new(settings: Settings) -> Result<Self, ClassError> {
        Ok(Self {
            failure: settings.failure_set()?,
            known: Known::default(),
            tally: Tally::default(),
            climb: Climb {
                load: settings.from,
                factor: settings.factor,
            },
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
    fn next_plan(&self) -> Result<Plan, Ending> {
        if let Some((plan, _)) = self.again {
            return Ok(self.towards(plan.phase, plan.rate, plan.shortest, plan.longest));
        }
        if let Some(plan) = self.baseline()? {
            return Ok(plan);
        }
        if let Some(plan) = self.recover() {
            return Ok(plan);
        }
        if self.known.trials.len() >= MOST_TRIALS {
            return Err(Ending::OutOfTime);
        }
        if let Some(plan) = self.climb()? {
            return Ok(plan);
        }
        self.narrow()
    }

    /// A trial at `rate`, with a way up to it where it is well above the load before.
    fn towards(&self, phase: Phase, rate: f64, shortest: u32, longest: u32) -> Plan {
        let near = self.load >= 0.9 * rate;
        Plan {
            phase,
            rate,
            start: if near { rate } else { self.load.max(0.5 * rate) },
            ramp: if near { 0 } else { self.settings.ramp },
            shortest,
            longest: longest.max(shortest),
        }
    }

    /// The baseline comes first. Where it fails in part, a second one at twice the load tells whether the share grows.
    fn baseline(&self) -> Result<Option<Plan>, Ending> {
        let Settings {
            from, to, baseline, ..
        } = self.settings;
        let at = |rate: f64| Plan {
            phase: Phase::Baseline,
            rate,
            start: rate,
            ramp: 0,
            shortest: baseline,
            longest: baseline.max(15),
        };
        match self.known.baselines.as_slice() {
            [] => Ok(Some(at(from))),
            [first] if first.evidence.verdict == Verdict::Bad => {
                let (answers, failed) = first.seen;
                if failed > 0.0 && failed < 0.9 * answers && 2.0 * from <= to {
                    Ok(Some(at(2.0 * from)))
                } else {
                    Err(Ending::AlreadyFailing)
                }
            }
            [_] => Ok(None),
            _ => Err(Ending::AlreadyFailing),
        }
    }

    /// After a failure, a small load until the site is well again.
    fn recover(&self) -> Option<Plan> {
        self.fallen?;
        let rate = (0.05 * self.known.lower(self.settings.from)).max(2.0);
        Some(Plan {
            phase: Phase::Recover,
            rate: rate.min(self.known.failing().unwrap_or(rate)),
            start: rate,
            ramp: 0,
            shortest: 0,
            longest: self.settings.give_up,
        })
    }

    /// Up in large steps until a load does not pass; the highest load is held at once.
    fn climb(&self) -> Result<Option<Plan>, Ending> {
        if self.known.upper().is_finite() {
            return Ok(None);
        }
        let settings = &self.settings;
        if self.climb.load >= settings.to && self.known.holds > 0 {
            return Err(Ending::Top);
        }
        let rate = (self.climb.load * self.climb.factor).min(settings.to);
        Ok(Some(if rate >= settings.to {
            self.towards(Phase::Hold, rate, settings.hold, 12)
        } else {
            self.towards(Phase::Coarse, rate, settings.coarse, 12)
        }))
    }

    /// Where the posterior is least certain, never within a third of the precision of a known verdict; then a hold of
    /// the lower end.
    fn narrow(&self) -> Result<Plan, Ending> {
        let settings = &self.settings;
        let precision = settings.precision;
        let posterior = self.known.posterior(settings);
        let lower = self.known.firm_lower(settings.from, settings.dwell);
        let upper = self.known.upper();
        if posterior.spread(0.15, 0.85) > 1.0 + 1.3 * precision {
            // Each short pass says little: the median alone would creep up from a load that passed, so the next trial
            // is at least half of the way to where the posterior has 70 % of its mass below it.
            let half_way = if lower > settings.from {
                (lower * posterior.quantile(0.7)).sqrt()
            } else {
                0.0
            };
            let floor = half_way.max(lower * (1.0 + precision / 2.0));
            let rate = posterior.quantile(0.45).max(floor);
            if rate < upper / (1.0 + precision / 3.0) {
                return Ok(self.towards(Phase::Refine, rate, settings.dwell, settings.longest));
            }
        }
        let held = self.known.held.unwrap_or(0.0);
        if held < posterior.quantile(0.03) && self.known.holds < MOST_HOLDS {
            let rate = posterior.quantile(0.15);
            return Ok(self.towards(Phase::Hold, rate, settings.hold, settings.hold * 3 / 2));
        }
        Err(match conclusion::contradiction(&self.known, settings) {
            Some(seen) => Ending::Unsteady(seen),
            None => Ending::Found,
        })
    }

    /// Takes in what the trial that just ended came to.
    fn conclude(&mut self, trial: &Trial, outcome: &Outcome) {
        let plan = trial.plan;
        self.concluded.push(Concluded {
            trial: trial.number,
            phase: plan.phase,
            rate: Rate::per_second(plan.rate),
            from: trial.from,
            judged_from: trial.judged_from().min(self.second),
            until: self.second,
            verdict: outcome.verdict,
            why: conclusion::verdict_in_words(&plan, outcome, &self.settings),
        });
        if outcome.verdict == Verdict::Void {
            let repeats = self.again.map_or(0, |(_, repeats)| repeats) + 1;
            self.again = Some((plan, repeats));
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
        match plan.phase {
            Phase::Baseline => self.after_baseline(&plan, outcome),
            Phase::Recover => self.after_recovery(&plan, outcome),
            _ => self.after_load(trial, outcome),
        }
    }

    fn after_baseline(&mut self, plan: &Plan, outcome: &Outcome) {
        let judged = self.known.judged(plan, outcome, self.settings.share);
        self.known.baselines.push(judged);
        if outcome.verdict == Verdict::Good {
            self.known.normal = baseline::normal(&outcome.slices);
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
                self.ending = Some(Ending::Stuck);
            }
            _ => {}
        }
    }

    fn after_load(&mut self, trial: &Trial, outcome: &Outcome) {
        let plan = trial.plan;
        self.known.learn(&plan, outcome, &self.settings);
        self.known.holds += u32::from(plan.phase == Phase::Hold);
        match outcome.verdict {
            Verdict::Bad => self.has_fallen(),
            Verdict::Good | Verdict::Unknown => {
                self.climb_on(plan.rate, outcome);
                if outcome.verdict == Verdict::Good && self.known.failing().is_some() {
                    let seconds = self.recovery.and_then(|recovery| recovery.seconds).unwrap_or(0.0);
                    self.recovery = Some(Recovery {
                        rate: Some(plan.rate),
                        seconds: Some(seconds),
                    });
                }
            }
            Verdict::Near if outcome.ends_failing(self.settings.share) => self.has_fallen(),
            Verdict::Near | Verdict::Void => {}
        }
        if let Some(seen) = conclusion::leak(&plan, outcome, self.known.normal) {
            self.ending = Some(Ending::Unsteady(seen));
        }
    }

    /// The site is failing: it must be well again before the next trial.
    fn has_fallen(&mut self) {
        self.fallen = Some(self.second);
        self.recovery = None;
    }

    /// The next step up is smaller once latency shows that the limit is near.
    fn climb_on(&mut self, rate: f64, outcome: &Outcome) {
        let latency = self
            .known
            .normal
            .map_or(1.0, |normal| normal.multiple(outcome.latency_us));
        self.climb = Climb {
            load: self.climb.load.max(rate),
            factor: match latency {
                latency if latency > 1.5 => 1.15,
                latency if latency > 1.25 => 1.3,
                _ => self.settings.factor,
            },
        };
    }

    fn out_of_time(&self) -> bool {
        self.second >= self.settings.budget || self.tally.cap(&self.settings).is_some()
    }

    /// Starts the next trial, or ends the search.
    fn go_on(&mut self) {
        if self.ending.is_some() {
            return;
        }
        if let Some(cap) = self.tally.cap(&self.settings) {
            self.ending = Some(Ending::Capped(cap));
            return;
        }
        match self.next_plan() {
            Err(ending) => self.ending = Some(ending),
            // A trial of which nothing would be judged is not worth its load.
            Ok(plan) if self.second + plan.ramp + 2 > self.settings.budget => {
                self.ending = Some(Ending::OutOfTime);
            }
            Ok(plan) => {
                self.running = Some(Trial::new(plan, self.trials, self.second));
                self.trials += 1;
            }
        }
    }
}

impl Search for Tipping {
    fn next_move(&mut self) -> Move {
        if self.trials == 0 {
            self.go_on();
        }
        match &self.running {
            Some(trial) => Move::Offer(trial.offer()),
            None => Move::Stop,
        }
    }

    fn observe(&mut self, window: &Window) {
        let Some(mut trial) = self.running.take() else {
            return;
        };
        let offer = trial.offer();
        let passed = self.known.best_passed().unwrap_or(self.settings.from);
        self.tally
            .add(window, &offer, &self.failure, passed, self.settings.share);
        self.second = window.second + 1;
        self.load = offer.to.get();
        let terms = Terms {
            failure: &self.failure,
            limit: self.settings.share,
            normal: self.known.normal,
            clustering: self.known.clustering(),
            out_of_time: self.out_of_time(),
            clean: self.settings.clean,
            believed: self.settings.believed,
            extension: self.settings.extension,
        };
        match trial.observe(window, &terms) {
            Some(outcome) => {
                self.conclude(&trial, &outcome);
                self.go_on();
            }
            None => self.running = Some(trial),
        }
    }

    fn concluded(&mut self) -> Vec<Concluded> {
        std::mem::take(&mut self.concluded)
    }

    fn finding(&self) -> Finding {
        conclusion::finding(
            &self.settings,
            &self.known,
            &self.tally,
            self.recovery,
            self.ending.as_ref(),
        )
    }

    fn progress(&self) -> String {
        match &self.running {
            Some(trial) => conclusion::doing_in_words(&trial.plan),
            None if self.ending.is_some() => "done".to_owned(),
            None => "about to start".to_owned(),
        }
    }
}
