//! The search itself: a state machine in windows of one second. It climbs until a failure stands, refines where the
//! posterior is least certain, and holds the lower end; after each failure it waits until the site is well again.
//! Which trial comes next is asked of one rule after the other, so that a further phase is a further rule.

use super::baseline;
use super::change::{self, Probe};
use super::conclusion;
use super::course::{Course, Descent, Limiter};
use super::finding::{Finding, Recovery};
use super::forecast;
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

/// How many times a disturbed trial is played again before the search gives up.
const MOST_REPEATS: u32 = 3;

/// The search for the tipping point.
#[derive(Debug, Clone)]
pub struct Tipping {
    pub(super) settings: Settings,
    failure: FailureSet,
    pub(super) known: Known,
    tally: Tally,
    pub(super) course: Course,
    running: Option<Trial>,
    pub(super) again: Option<(Plan, u32)>,
    /// The second in which the latest failing trial ended, until the site has recovered from it.
    pub(super) fallen: Option<u32>,
    recovery: Option<Recovery>,
    /// What each recovery said of the site.
    probes: Vec<Probe>,
    /// The load of a failure after which the site was down for longer than an overload explains, and its recovery.
    was_down: Option<(f64, Probe)>,
    second: u32,
    trials: u32,
    pub(super) load: f64,
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
            course: Course::new(settings.from, settings.factor),
            running: None,
            again: None,
            fallen: None,
            recovery: None,
            probes: Vec::new(),
            was_down: None,
            second: 0,
            trials: 0,
            load: 0.0,
            concluded: Vec::new(),
            ending: None,
            settings,
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
            Phase::Descend => self.after_descent(&plan, outcome),
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
        let probe = Probe::new(plan, outcome, self.known.normal);
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
                self.ending = Some(change::stays_slow(&probe).map_or(Ending::Stuck, Ending::Unsteady));
            }
            _ => {}
        }
        if probe.was_down() {
            self.was_down = self.known.failed().last().map(|trial| (trial.rate, probe));
        }
        self.probes.push(probe);
        if let Some(seen) = change::was_down_once(&self.probes) {
            self.ending = Some(Ending::Unsteady(seen));
        }
    }

    fn after_descent(&mut self, plan: &Plan, outcome: &Outcome) {
        let Descent::At(_, top) = self.course.descent else {
            return;
        };
        // Where all fails, the site is far from well: the next step is a larger one.
        let next = if outcome.share > 0.5 { 0.6 } else { 0.8 } * plan.rate;
        if outcome.verdict == Verdict::Good {
            self.course.descent = Descent::Over(plan.rate, top);
            let fallen = self.fallen.take().unwrap_or(self.second);
            let seconds = self.second.saturating_sub(fallen + self.settings.clean);
            self.recovery = Some(Recovery {
                rate: Some(plan.rate),
                seconds: Some(f64::from(seconds)),
            });
        } else if next >= 2.0 {
            self.course.descent = Descent::At(next, top);
        } else {
            // The rest is left to the recovery at a small load.
            self.course.descent = Descent::Over(0.0, top);
        }
    }

    fn after_load(&mut self, trial: &Trial, outcome: &Outcome) {
        let plan = trial.plan;
        self.known.learn(&plan, outcome, &self.settings);
        self.known.holds += u32::from(plan.phase == Phase::Hold);
        match outcome.verdict {
            Verdict::Bad => self.has_fallen(),
            Verdict::Good | Verdict::Unknown => {
                self.has_passed(&plan, outcome);
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
        self.look_at_limiter(&plan, outcome);
        if plan.phase == Phase::Challenge && !matches!(outcome.verdict, Verdict::Good | Verdict::Unknown) {
            self.challenged(outcome.verdict);
        }
        if let Some(seen) = change::leak(&plan, outcome, self.known.normal) {
            self.ending = Some(Ending::Unsteady(seen));
        }
    }

    /// The site is failing: it must be well again before the next trial. Behind a limiter it is well at once.
    fn has_fallen(&mut self) {
        self.course.flat = self.known.trials.last().is_some_and(|trial| trial.refused_flat);
        if !self.course.flat {
            self.fallen = Some(self.second);
            self.recovery = None;
        }
    }

    /// A load passed: the way up goes on above it, and failures that it outlasts no longer stand.
    fn has_passed(&mut self, plan: &Plan, outcome: &Outcome) {
        let latency = self
            .known
            .normal
            .map_or(1.0, |normal| normal.multiple(outcome.latency_us));
        if !self.known.upper().is_finite() {
            self.course.climbed(plan.rate, latency, self.settings.factor);
        }
        if !matches!(plan.phase, Phase::Challenge | Phase::Hold) {
            return;
        }
        let refuted = self.known.refute();
        if let Some((rate, probe)) = self.was_down
            && refuted.contains(&rate)
        {
            self.ending = Some(Ending::Unsteady(probe.down_in_words()));
        }
        if plan.phase == Phase::Challenge {
            self.course.challenges += 1;
            if !refuted.is_empty() {
                self.known.withdraw_reading();
                self.course.has_moved(plan.rate, self.settings.precision);
            }
        }
    }

    fn look_at_limiter(&mut self, plan: &Plan, outcome: &Outcome) {
        match (self.course.limiter, plan.phase) {
            (Limiter::Below(limit), Phase::Limiter) => {
                self.course.limiter = if outcome.verdict == Verdict::Good {
                    Limiter::Above(limit)
                } else {
                    Limiter::Unknown
                };
            }
            (Limiter::Above(limit), Phase::Limiter) => {
                self.course.limiter = if outcome.verdict == Verdict::Bad {
                    self.known.forget_credit(limit);
                    Limiter::Burst(limit)
                } else {
                    Limiter::Unknown
                };
            }
            _ => {
                if let Some(limit) = self
                    .suspects_limiter()
                    .filter(|_| outcome.verdict == Verdict::Bad)
                {
                    self.course.looked += 1;
                    self.course.limiter = Limiter::Below(limit);
                }
            }
        }
    }

    fn out_of_time(&self) -> bool {
        self.second >= self.settings.budget || self.tally.cap(&self.settings).is_some()
    }

    /// A bound that is reached ends the search, but takes nothing from a finding that stands: only the way down is cut
    /// short.
    fn ended_by(&self, bound: Ending) -> Ending {
        if self.course.stands { self.found() } else { bound }
    }

    /// Starts the next trial, or ends the search.
    fn go_on(&mut self) {
        if self.ending.is_some() {
            return;
        }
        if let Some(cap) = self.tally.cap(&self.settings) {
            self.ending = Some(self.ended_by(Ending::Capped(cap)));
            return;
        }
        match self.next_plan() {
            Err(ending) => self.ending = Some(ending),
            // A trial of which nothing would be judged is not worth its load.
            Ok(plan) if self.second + plan.ramp + 2 > self.settings.budget => {
                self.ending = Some(self.ended_by(Ending::OutOfTime));
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
            &self.course,
            self.recovery,
            self.ending.as_ref(),
        )
    }

    fn progress(&self) -> String {
        match &self.running {
            Some(trial) => {
                let doing = conclusion::doing_in_words(&trial.plan);
                match forecast::remaining(&self.settings, trial.plan.phase, trial.plan.rate) {
                    Some(left) => format!("{doing}, {} left", conclusion::about(left)),
                    None => doing,
                }
            }
            None if self.ending.is_some() => "done".to_owned(),
            None => "about to start".to_owned(),
        }
    }
}
