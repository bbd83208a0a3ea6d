//! What is to be proven, what was learnt so far, and which trial decides the rest: no time, no counters of a run.

use super::super::baseline;
use super::super::normal::Normal;
use super::super::settings::Settings;
use super::super::step::{Phase, Verdict};
use super::super::trial::{Outcome, Plan, Slice};
use super::seen::{Doubt, Seen};
use crate::analysis::statistics::overdispersion;

/// A load is proven a little above what is asked for: arrivals of a hold are some per cent more or fewer than meant,
/// and nobody thanks for a proof of 99.9 %. Never more than 5 % above.
const MARGIN: f64 = 1.02;
/// What is normal is learnt at this part of the lowest load that is asked for, where `from` lies below it: the part
/// at which a recovery is looked for too.
pub(in crate::search) const LOW: f64 = 0.05;
/// The largest step on the way up.
pub(in crate::search) const LARGEST_STEP: f64 = 2.8;
/// Answers from which on a median latency tells that a limit is near.
const ENOUGH_ANSWERS: f64 = 60.0;
/// The time that a site is given after a failure, in seconds, before it is asked again: autoscalers act on the mean of
/// some seconds and need about half a minute for a new machine.
const PATIENCE: f64 = 45.0;
/// The same on a demo site, which does not grow.
const DEMO_PATIENCE: f64 = 6.0;
/// How often a site may grow before a failure stands all the same.
const MOST_GROWTHS: u32 = 4;
/// Holds of one load without a clear end, at most.
const MOST_HOLDS: u32 = 3;

/// What the next trial is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Aim {
    /// What is normal here?
    Normal,
    /// On the way up.
    Climb,
    /// Does the site carry the load that is asked for?
    Hold,
    /// Time for the site after a failure: to warm up, to grow, or for a moment's trouble to pass.
    Wait,
    /// Does a load on the way up fail again?
    Again,
    /// Is the site well again?
    Recover,
}

impl Aim {
    pub(super) const fn phase(self) -> Phase {
        match self {
            Aim::Normal => Phase::Baseline,
            Aim::Climb => Phase::Coarse,
            Aim::Hold => Phase::Hold,
            Aim::Wait => Phase::Refine,
            Aim::Again => Phase::Challenge,
            Aim::Recover => Phase::Recover,
        }
    }
}

/// The time that a site is given after a failure, in seconds.
pub(in crate::search) fn patience(settings: &Settings) -> f64 {
    if settings.profile == "demo" {
        DEMO_PATIENCE
    } else {
        PATIENCE
    }
}

/// The loads that are asked for, and what is known of them.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Case {
    wanted: Vec<f64>,
    from: f64,
    to: f64,
    /// The part of failures that is one too many.
    limit: f64,
    /// From how many seconds on a pass counts beyond the way up.
    dwell: u32,
    /// The time that a site is given after a failure, in seconds.
    patience: f64,
    pub(super) normal: Option<Normal>,
    /// Trials at the lowest loads, with their verdicts.
    pub(super) baselines: Vec<(Seen, Verdict)>,
    /// The highest load that passed at all.
    pub(super) best: Option<Seen>,
    /// The highest load that passed for some time.
    pub(super) firm: Option<Seen>,
    /// The highest load that passed a hold.
    pub(super) held: Option<Seen>,
    pub(super) doubt: Option<Doubt>,
    /// The lowest load whose failure stands.
    pub(super) standing: Option<Seen>,
    /// Loads that are too close to the limit to tell.
    pub(super) close: Vec<Seen>,
    /// Failures in order.
    pub(super) failures: Vec<Seen>,
    /// How often the site grew under test.
    pub(super) growths: u32,
    holds: u32,
    /// The step on the way up, which leads straight to the load that is asked for.
    step: f64,
    /// The largest step that latency allows.
    careful: f64,
    clustering: f64,
}

impl Case {
    pub(super) fn new(settings: &Settings) -> Self {
        Self {
            wanted: settings.enough.clone(),
            from: settings.from,
            to: settings.to,
            limit: settings.share,
            dwell: settings.dwell,
            patience: patience(settings),
            normal: None,
            baselines: Vec::new(),
            best: None,
            firm: None,
            held: None,
            doubt: None,
            standing: None,
            close: Vec::new(),
            failures: Vec::new(),
            growths: 0,
            holds: 0,
            step: LARGEST_STEP,
            careful: LARGEST_STEP,
            clustering: 1.0,
        }
    }

    /// How much failures cluster on this site: 1 where they do not.
    pub(super) fn clustering(&self) -> f64 {
        self.clustering
    }

    /// The highest load that passed at all; nothing, as a load, where none did.
    pub(super) fn best_rate(&self) -> f64 {
        self.best.map_or(0.0, |best| best.rate)
    }

    /// Whether `load` is proven.
    pub(super) fn is_proven(&self, load: f64) -> bool {
        self.held.is_some_and(|held| held.rate >= load)
    }

    /// Whether `load` is refuted.
    pub(super) fn is_refuted(&self, load: f64) -> bool {
        self.standing.is_some_and(|standing| standing.rate <= load)
    }

    /// The highest load that is asked for and not decided.
    pub(super) fn target(&self) -> Option<f64> {
        let is_close = |load: f64| {
            self.close
                .iter()
                .any(|close| close.rate >= load && load * MARGIN >= close.rate)
        };
        let open = |load: &&f64| !self.is_proven(**load) && !self.is_refuted(**load) && !is_close(**load);
        self.wanted.iter().rev().find(open).copied()
    }

    /// The load that proves `target`: with a margin, unless it failed there before.
    fn hold_rate(&self, target: f64) -> f64 {
        let tried = self.doubt.map(|doubt| doubt.failed.rate);
        let failing = self
            .standing
            .map(|standing| standing.rate)
            .into_iter()
            .chain(tried);
        let room = failing.fold(self.to, f64::min);
        let rate = (MARGIN * target).min(self.to);
        if rate >= room { target } else { rate }
    }

    /// The load of the first baseline: low, and high enough not to take long.
    pub(super) fn lowest(&self) -> f64 {
        self.from.max(LOW * self.wanted.first().copied().unwrap_or(0.0))
    }

    /// The highest load that is asked for.
    pub(super) fn highest(&self) -> f64 {
        self.wanted.last().copied().unwrap_or(self.from)
    }

    /// The time that the site still has, in whole seconds: long enough to see something of it.
    pub(super) fn patience_left(&self) -> u32 {
        let waited = self.doubt.map_or(0.0, |doubt| doubt.waited);
        (self.patience - waited).max(8.0).ceil() as u32
    }

    /// What comes next under load, and at which load; nothing where all is decided.
    pub(super) fn next(&self) -> Option<(Aim, f64)> {
        let target = self.target()?;
        if let Some(doubt) = self.doubt {
            return Some(if doubt.waited < self.patience {
                (Aim::Wait, self.waiting_rate(&doubt))
            } else if doubt.failed.rate >= target {
                (Aim::Hold, target)
            } else {
                (Aim::Again, doubt.failed.rate)
            });
        }
        let hold = self.hold_rate(target);
        let next = self.best_rate() * self.step.min(self.careful);
        let is_near = 1.1 * next >= hold || self.standing.is_some() || self.best.is_none();
        Some(if is_near {
            (Aim::Hold, hold)
        } else {
            (Aim::Climb, next)
        })
    }

    fn waiting_rate(&self, doubt: &Doubt) -> f64 {
        let passed = self.best_rate().max(self.from);
        let carried = doubt.failed.carried();
        let rate = if doubt.failed_waiting {
            passed
        } else {
            carried.max(passed)
        };
        rate.min(0.9 * doubt.failed.rate)
    }

    /// Takes in a baseline. A load that is only too high for the site, and not the lowest, is a failure like any other.
    pub(super) fn learn_normal(&mut self, plan: &Plan, outcome: &Outcome, normal: Option<Normal>) {
        let seen = Seen::new(plan, outcome, None, self.limit);
        let failed = self.baselines.first().map(|(first, _)| *first);
        // A load above the lowest may be far too high for the site, and nothing need fail within some seconds.
        let verdict = match outcome.verdict {
            Verdict::Good if plan.rate > 1.01 * self.from && piles_up(&outcome.slices) => Verdict::Bad,
            verdict => verdict,
        };
        self.baselines.push((seen, verdict));
        // One at twice a load that failed is there to compare.
        if verdict != Verdict::Good || failed.is_some_and(|failed| failed.rate < seen.rate) {
            return;
        }
        self.normal = normal;
        self.best = Some(seen);
        if let Some(failed) = failed.filter(|failed| failed.rate > 1.01 * seen.rate) {
            self.failures.push(failed);
            self.doubt = Some(Doubt::about(failed));
        }
        let way = (MARGIN * self.highest() / seen.rate).max(1.0).ln();
        let steps = (way / LARGEST_STEP.ln()).ceil().max(1.0);
        self.step = (way / steps).exp().max(1.05);
    }

    /// Takes in a trial under load; whether the site was left failing.
    pub(super) fn learn(&mut self, aim: Aim, plan: &Plan, outcome: &Outcome, most_clustering: f64) -> bool {
        self.learn_clustering(outcome, most_clustering);
        let seen = Seen::new(plan, outcome, self.normal, self.limit);
        match (aim, outcome.verdict) {
            (_, Verdict::Bad) => {
                self.has_failed(aim, seen);
                true
            }
            (Aim::Climb | Aim::Again, _) => {
                self.has_passed(aim, seen, outcome);
                outcome.ends_failing(self.limit)
            }
            // What was cut off proves nothing.
            (Aim::Hold, Verdict::Good) if seen.seconds < f64::from(plan.shortest) => {
                self.raise(seen);
                false
            }
            (Aim::Hold, Verdict::Good) => {
                self.has_passed(aim, seen, outcome);
                self.held = Some(seen);
                self.holds = 0;
                false
            }
            (Aim::Hold, _) => {
                self.holds += 1;
                if self.holds >= MOST_HOLDS {
                    self.close.push(seen);
                    (self.holds, self.doubt) = (0, None);
                }
                outcome.ends_failing(self.limit)
            }
            (Aim::Wait, verdict) => {
                self.let_time_pass();
                if verdict == Verdict::Good {
                    self.raise(seen);
                }
                outcome.ends_failing(self.limit)
            }
            (Aim::Normal | Aim::Recover, _) => false,
        }
    }

    /// The failure stands because the site did not come back from it.
    pub(super) fn is_stuck(&mut self) {
        if let Some(doubt) = self.doubt.take() {
            self.stands(doubt.failed);
        }
    }

    fn has_passed(&mut self, aim: Aim, seen: Seen, outcome: &Outcome) {
        if aim != Aim::Climb {
            self.doubt = None;
        }
        self.raise(seen);
        self.careful = match self.latency(&outcome.slices) {
            latency if latency > 1.5 => 1.25,
            latency if latency > 1.25 => 1.5,
            _ => LARGEST_STEP,
        };
    }

    /// The median latency of a trial as a multiple of what is normal; 1 where there were too few answers to tell.
    fn latency(&self, slices: &[Slice]) -> f64 {
        let answers: f64 = slices.iter().map(|slice| slice.successes).sum();
        let median = baseline::normal(slices).filter(|_| answers >= ENOUGH_ANSWERS);
        self.normal
            .zip(median)
            .map_or(1.0, |(normal, now)| normal.multiple(now.latency_us))
    }

    fn raise(&mut self, seen: Seen) {
        let higher = |than: Option<Seen>| than.is_none_or(|than| than.rate < seen.rate);
        if higher(self.best) {
            self.best = Some(seen);
        }
        if seen.seconds >= f64::from(self.dwell) && higher(self.firm) {
            self.firm = Some(seen);
        }
    }

    fn has_failed(&mut self, aim: Aim, seen: Seen) {
        self.failures.push(seen);
        let Some(doubt) = &mut self.doubt else {
            self.doubt = Some(Doubt::about(seen));
            return;
        };
        if aim == Aim::Wait {
            doubt.waited += if doubt.failed_waiting {
                f64::INFINITY
            } else {
                seen.seconds
            };
            doubt.failed_waiting = true;
            return;
        }
        if seen.has_grown_since(&doubt.failed) && doubt.growths < MOST_GROWTHS {
            self.growths += 1;
            *doubt = Doubt {
                growths: doubt.growths + 1,
                ..Doubt::about(seen)
            };
            return;
        }
        if seen.is_faint() && !doubt.confirmed {
            doubt.confirmed = true;
            return;
        }
        self.doubt = None;
        self.stands(seen);
    }

    fn stands(&mut self, seen: Seen) {
        if self.standing.is_none_or(|standing| seen.rate < standing.rate) {
            self.standing = Some(seen);
        }
    }

    fn let_time_pass(&mut self) {
        if let Some(doubt) = &mut self.doubt {
            doubt.waited = f64::INFINITY;
        }
    }

    fn learn_clustering(&mut self, outcome: &Outcome, most: f64) {
        let windows: Vec<(f64, f64)> = outcome
            .slices
            .iter()
            .map(|slice| (slice.answers, slice.failed))
            .collect();
        let failed: f64 = windows.iter().map(|window| window.1).sum();
        if failed >= 8.0 && windows.len() >= 5 && outcome.share < 0.2 {
            self.clustering = self
                .clustering
                .max(overdispersion(&windows).unwrap_or(1.0).min(most));
        }
    }
}

/// Whether requests pile up at a load that was meant to be low.
fn piles_up(slices: &[Slice]) -> bool {
    let (Some(first), Some(last)) = (slices.first(), slices.last()) else {
        return false;
    };
    last.in_flight > 2.0 * first.in_flight + 10.0 && last.latency_us > 2.0 * first.latency_us
}
