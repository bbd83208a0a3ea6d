//! Several searches of one site, one after the other, pooled: one search says "this site today", and what searches
//! differ by is what no interval of a single one can show.
//!
//! Each search is a whole one, with its own budget and caps. Between two of them the site must be well again, as after
//! a failure. A search that ends in anything but a tipping point is told; one after which it would be careless to go on
//! (refused, already failing, not recovered, this machine too slow) is the last.

mod pool;

use super::baseline;
use super::begin::once;
use super::conclusion::verdict_in_words;
use super::finding::{Finding, Kind, Observed};
use super::normal::Normal;
use super::settings::Settings;
use super::step::{Concluded, Move, Phase, Search, Verdict, Window};
use super::trial::{Cause, Plan, Slice, Terms, Trial};
use crate::record::ClassError;
use crate::scenario::FailureSet;
use crate::units::Rate;

/// How many times a disturbed recovery is played again.
const MOST_REPEATS: u32 = 3;

/// Searches of one site in turn.
pub struct Repeated {
    settings: Settings,
    failure: FailureSet,
    current: Box<dyn Search + Send>,
    /// The first second and the first trial of the current search.
    begun: (u32, u32),
    /// The recovery after a search, and how often it was played before.
    recovering: Option<(Trial, u32)>,
    /// What the baseline showed.
    slices: Vec<Slice>,
    phase: Option<Phase>,
    ended: Vec<Finding>,
    second: u32,
    /// The number of the next trial.
    trials: u32,
    concluded: Vec<Concluded>,
    is_over: bool,
}

impl Repeated {
    /// `settings.repeat` searches that have seen nothing yet.
    ///
    /// # Errors
    /// The settings name a failure that is no class.
    pub fn new(settings: &Settings) -> Result<Self, ClassError> {
        Ok(Self {
            failure: settings.failure_set()?,
            current: once(settings)?,
            settings: settings.clone(),
            begun: (0, 0),
            recovering: None,
            slices: Vec::new(),
            phase: None,
            ended: Vec::new(),
            second: 0,
            trials: 0,
            concluded: Vec::new(),
            is_over: false,
        })
    }

    fn normal(&self) -> Option<Normal> {
        baseline::normal(&self.slices)
    }

    /// The current search is over: what it found is kept, and the next one begins once the site is well.
    fn end_of_search(&mut self) {
        let finding = self.shifted(self.current.finding());
        let is_stuck = finding
            .recovery
            .is_some_and(|recovery| recovery.seconds.is_none());
        let is_last = is_stuck
            || matches!(
                finding.kind,
                Kind::Blocked | Kind::AlreadyFailing | Kind::OurLimit
            );
        self.ended.push(finding);
        if is_last || self.ended.len() >= self.settings.repeat as usize {
            self.is_over = true;
        } else if self.normal().is_some() {
            self.recover(0);
        } else {
            self.next_search();
        }
    }

    /// A small load until the site is as it was in the first baseline.
    fn recover(&mut self, repeats: u32) {
        let verified = self.ended.last().and_then(|finding| finding.verified);
        let rate = (0.05 * verified.map_or(self.settings.from, Rate::get)).max(2.0);
        let plan = Plan {
            phase: Phase::Recover,
            rate,
            start: rate,
            ramp: 0,
            shortest: 0,
            longest: self.settings.give_up,
        };
        self.recovering = Some((Trial::new(plan, self.trials, self.second), repeats));
        self.trials += 1;
    }

    fn next_search(&mut self) {
        // The settings were good for the first search, so they are for the next.
        match once(&self.settings) {
            Ok(search) => self.current = search,
            Err(_) => self.is_over = true,
        }
        self.begun = (self.second, self.trials);
    }

    fn observe_recovery(&mut self, mut trial: Trial, repeats: u32, window: &Window) {
        let terms = Terms {
            failure: &self.failure,
            limit: self.settings.share,
            normal: self.normal(),
            clustering: 1.0,
            out_of_time: false,
            clean: self.settings.clean,
            believed: self.settings.believed,
            extension: 0,
        };
        let Some(outcome) = trial.observe(window, &terms) else {
            self.recovering = Some((trial, repeats));
            return;
        };
        self.concluded.push(Concluded {
            trial: trial.number,
            phase: trial.plan.phase,
            rate: Rate::per_second(trial.plan.rate),
            from: trial.from,
            judged_from: trial.judged_from().min(self.second),
            until: self.second,
            verdict: outcome.verdict,
            why: verdict_in_words(&trial.plan, &outcome, &self.settings),
        });
        match outcome.cause {
            Cause::Clean => self.next_search(),
            _ if outcome.verdict == Verdict::Void && repeats < MOST_REPEATS => self.recover(repeats + 1),
            _ => self.is_over = true,
        }
    }

    fn observe_search(&mut self, window: &Window) {
        let first = self.ended.is_empty() && self.phase == Some(Phase::Baseline);
        if let (true, false, Some(median)) = (first, window.disturbed, window.median_us) {
            let successes = window.completed.iter().filter(|(class, _)| class.is_success());
            self.slices.push(Slice {
                sent: window.sent.saturating_sub(window.redirects) as f64,
                moves: window.redirects as f64,
                answers: 0.0,
                failed: 0.0,
                refused: 0.0,
                successes: successes.map(|(_, count)| *count as f64).sum(),
                latency_us: median as f64,
                in_flight: window.in_flight,
                overdue: 0.0,
                pending: 0.0,
            });
        }
        let second = window.second.saturating_sub(self.begun.0);
        self.current.observe(&Window {
            second,
            ..window.clone()
        });
        self.take_concluded();
        // A record that ends with its last second is as much at its end as a run that asks for one more.
        if self.current.next_move() == Move::Stop {
            self.end_of_search();
        }
    }

    fn take_concluded(&mut self) {
        let (from, number) = self.begun;
        for concluded in self.current.concluded() {
            self.concluded.push(Concluded {
                trial: concluded.trial + number,
                from: concluded.from + from,
                judged_from: concluded.judged_from + from,
                until: concluded.until + from,
                ..concluded
            });
        }
    }

    /// A finding of the current search, in seconds of the whole run.
    fn shifted(&self, finding: Finding) -> Finding {
        let shift = |seen: Option<Observed>| {
            seen.map(|seen| Observed {
                at_seconds: seen.at_seconds + self.begun.0,
                ..seen
            })
        };
        Finding {
            first_failure: shift(finding.first_failure),
            first_502: shift(finding.first_502),
            ..finding
        }
    }
}

impl Search for Repeated {
    fn next_move(&mut self) -> Move {
        // The end of one search and the beginning of the next take no second.
        while !self.is_over {
            if let Some((trial, _)) = &self.recovering {
                return Move::Offer(trial.offer());
            }
            match self.current.next_move() {
                Move::Offer(mut offer) => {
                    offer.trial += self.begun.1;
                    self.trials = self.trials.max(offer.trial + 1);
                    self.phase = Some(offer.phase);
                    return Move::Offer(offer);
                }
                Move::Stop => self.end_of_search(),
            }
        }
        Move::Stop
    }

    fn observe(&mut self, window: &Window) {
        self.second = window.second + 1;
        match self.recovering.take() {
            Some((trial, repeats)) => self.observe_recovery(trial, repeats, window),
            None => self.observe_search(window),
        }
    }

    fn concluded(&mut self) -> Vec<Concluded> {
        std::mem::take(&mut self.concluded)
    }

    fn finding(&self) -> Finding {
        let mut findings = self.ended.clone();
        let is_between = self.recovering.is_some() || self.is_over;
        if !is_between {
            findings.push(self.shifted(self.current.finding()));
        }
        let is_whole = self.is_over && self.ended.len() == self.settings.repeat as usize;
        pool::finding(&findings, self.settings.repeat, is_whole).unwrap_or_else(|| self.current.finding())
    }

    fn progress(&self) -> String {
        let number = (self.ended.len() + usize::from(self.recovering.is_none())).max(1);
        let doing = match &self.recovering {
            _ if self.is_over => return "done".to_owned(),
            Some(_) => "waiting for the site to be well before the next search".to_owned(),
            None => self.current.progress(),
        };
        format!("search {number} of {}: {doing}", self.settings.repeat)
    }
}

/// What several finished searches of one site say together, oldest first; nothing of nothing. The interval does not
/// shrink with their number: what is not known about the site is the same in all of them.
pub fn pooled(findings: &[Finding]) -> Option<Finding> {
    let count = u32::try_from(findings.len()).unwrap_or(u32::MAX);
    pool::finding(findings, count, true)
}
