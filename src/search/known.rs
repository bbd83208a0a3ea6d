//! What the trials so far add up to: the loads that passed and failed, and what they say about the tipping point.

use super::evidence::{Evidence, Table};
use std::cell::OnceCell;

use super::normal::Normal;
use super::posterior::{Posterior, Reading};
use super::sequential::sum;
use super::settings::Settings;
use super::step::{Phase, Verdict};
use super::trial::{Cause, Outcome, Plan, Slice};
use crate::analysis::statistics::overdispersion;

/// Loads that differ by less count as the same.
const SAME_LOAD: f64 = 0.005;
/// The fewest seconds of passes that refute a failure.
const SHORTEST_REFUTATION: f64 = 9.0;

/// A trial under load that said something.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Judged {
    /// What it was for.
    pub(super) phase: Phase,
    /// The load asked for, in pages per second.
    pub(super) rate: f64,
    /// It as evidence, at the load that really came.
    pub(super) evidence: Evidence,
    /// How likely it is for every tipping point.
    pub(super) table: Table,
    /// Answers and failures in all of it.
    pub(super) seen: (f64, f64),
    /// The failed share of its worst second, among those with enough answers to tell.
    pub(super) worst_share: f64,
    /// Whether it failed as behind a limiter: refused at flat latency, nothing piling up.
    pub(super) refused_flat: bool,
}

/// Everything that was learnt.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Known {
    /// What is normal; nothing before the baseline is over.
    pub(super) normal: Option<Normal>,
    /// The baselines: the second one only where the first one failed.
    pub(super) baselines: Vec<Judged>,
    /// Trials under load, in order.
    pub(super) trials: Vec<Judged>,
    /// What the latest failing trial says about the capacity.
    pub(super) reading: Option<Reading>,
    /// The highest load that passed a hold.
    pub(super) held: Option<f64>,
    /// Holds so far.
    pub(super) holds: u32,
    /// Answers that the highest held load gave without a failure, and whether there was none.
    pub(super) held_seen: (f64, f64),
    /// Its latency at the end of the hold as a multiple of what is normal.
    pub(super) held_slower: Option<f64>,
    clustering: f64,
    posterior: OnceCell<Posterior>,
}

impl Known {
    /// Takes back the reading of the capacity.
    pub(super) fn withdraw_reading(&mut self) {
        self.posterior.take();
        self.reading = None;
    }

    /// The precision that this site allows, where that is less than what is asked for: the work that arrives during a
    /// hold is known to √(2/(load·seconds)) only, and to ask for much less than twice of that would take for ever.
    pub(super) fn allowed_precision(&self, settings: &Settings) -> Option<f64> {
        let requests = self.lower(settings.from) * f64::from(settings.hold);
        let allowed = (2.5 * (2.0 / requests).sqrt()).min(0.25);
        (allowed > settings.precision).then_some(allowed)
    }

    /// How much failures cluster on this site: 1 where they do not.
    pub(super) fn clustering(&self) -> f64 {
        self.clustering.max(1.0)
    }

    /// The lowest load that did not pass; infinite where all did.
    pub(super) fn upper(&self) -> f64 {
        self.trials
            .iter()
            .filter(|trial| trial.evidence.verdict != Verdict::Good)
            .map(|trial| trial.rate)
            .fold(f64::INFINITY, f64::min)
    }

    /// The highest load that passed below [`Known::upper`]; `from` where none did.
    pub(super) fn lower(&self, from: f64) -> f64 {
        let upper = self.upper();
        self.passed()
            .map(|trial| trial.rate)
            .filter(|rate| *rate < upper)
            .fold(from, f64::max)
    }

    /// The highest load that passed at all.
    pub(super) fn best_passed(&self) -> Option<f64> {
        self.passed().map(|trial| trial.rate).max_by(f64::total_cmp)
    }

    /// The lowest load with a failing verdict.
    pub(super) fn failing(&self) -> Option<f64> {
        self.failed().map(|trial| trial.rate).min_by(f64::total_cmp)
    }

    /// Trials that passed.
    pub(super) fn passed(&self) -> impl Iterator<Item = &Judged> {
        self.trials
            .iter()
            .filter(|trial| trial.evidence.verdict == Verdict::Good)
    }

    /// Trials that failed.
    pub(super) fn failed(&self) -> impl Iterator<Item = &Judged> {
        self.trials
            .iter()
            .filter(|trial| trial.evidence.verdict == Verdict::Bad)
    }

    /// The distribution of the tipping point.
    pub(super) fn posterior(&self, settings: &Settings) -> &Posterior {
        self.posterior.get_or_init(|| {
            let lower = self.lower(settings.from);
            let upper = self.upper();
            let high = if upper.is_finite() {
                upper.max(lower)
            } else {
                settings.to
            };
            let trials: Vec<(Evidence, &Table)> = self
                .trials
                .iter()
                .map(|trial| (trial.evidence, &trial.table))
                .collect();
            let low = settings.from.max(0.6 * lower);
            Posterior::new(
                &trials,
                self.reading,
                low,
                high,
                (self.clustering, settings.hidden),
            )
        })
    }

    /// Drops every failure that later passes at its load, or above it, outlast: the site has scaled out or warmed up
    /// since, or it was a blip. Their loads.
    pub(super) fn refute(&mut self) -> Vec<f64> {
        self.posterior.take();
        let outlasted: Vec<bool> = self
            .trials
            .iter()
            .enumerate()
            .map(|(at, failure)| {
                let passed: f64 = self.trials[at + 1..]
                    .iter()
                    .filter(|later| {
                        later.evidence.verdict == Verdict::Good
                            && later.rate > failure.rate * (1.0 - SAME_LOAD)
                    })
                    .map(|later| later.evidence.seconds)
                    .sum();
                failure.evidence.verdict != Verdict::Good
                    && passed >= failure.evidence.seconds.max(SHORTEST_REFUTATION)
            })
            .collect();
        let mut dropped = Vec::new();
        let mut outlasted = outlasted.into_iter();
        self.trials.retain(|trial| {
            let is_dropped = outlasted.next() == Some(true);
            dropped.extend(is_dropped.then_some(trial.rate));
            !is_dropped
        });
        dropped
    }

    /// What passed above `limit` did so on the credit of a limiter: it says nothing of what is carried for long.
    pub(super) fn forget_credit(&mut self, limit: f64) {
        self.posterior.take();
        self.trials
            .retain(|trial| trial.evidence.verdict != Verdict::Good || trial.rate < limit);
        self.reading = Some(Reading {
            rate: limit,
            deviation: 0.025,
        });
    }

    /// Takes in what a trial under load came to.
    pub(super) fn learn(&mut self, plan: &Plan, outcome: &Outcome, settings: &Settings) {
        self.posterior.take();
        self.learn_clustering(outcome, settings.most_clustering);
        if !matches!(outcome.verdict, Verdict::Good | Verdict::Bad | Verdict::Near) {
            return;
        }
        let judged = self.judged(plan, outcome, settings.share);
        self.read_capacity(&judged, outcome);
        if outcome.verdict == Verdict::Good
            && plan.phase == Phase::Hold
            && outcome.seconds >= f64::from(plan.shortest)
            && self.held.is_none_or(|held| held < plan.rate)
        {
            self.held = Some(plan.rate);
            self.held_seen = judged.seen;
            self.held_slower = self.normal.map(|normal| normal.multiple(outcome.latency_us));
        }
        self.trials.push(judged);
    }

    /// A trial as evidence.
    pub(super) fn judged(&self, plan: &Plan, outcome: &Outcome, limit: f64) -> Judged {
        let windows = counts(&outcome.slices);
        let evidence = Evidence {
            rate: really_offered(plan, &outcome.slices),
            verdict: outcome.verdict,
            hard: outcome.cause == Cause::Hard,
            seconds: outcome.seconds,
            answers: sum(&windows).0,
            failed: sum(&windows).1,
            limit,
            drift: outcome.cause == Cause::Drift,
        };
        Judged {
            phase: plan.phase,
            rate: plan.rate,
            table: Table::new(&evidence),
            evidence,
            seen: sum(&windows),
            worst_share: windows
                .iter()
                .filter(|(answers, _)| *answers >= 10.0)
                .map(|(answers, failed)| failed / answers)
                .fold(0.0, f64::max),
            refused_flat: self.is_refused_flat(plan, outcome),
        }
    }

    fn is_refused_flat(&self, plan: &Plan, outcome: &Outcome) -> bool {
        self.normal.is_some_and(|normal| {
            outcome.verdict == Verdict::Bad
                && outcome.cause != Cause::Drift
                && normal.multiple(outcome.latency_us) < 1.4
                && outcome.in_flight < 1.5 * normal.in_flight(plan.rate) + 10.0
        })
    }

    /// What still goes well under overload is a reading of the capacity, unless the site collapsed; a later pass above
    /// it withdraws it.
    fn read_capacity(&mut self, judged: &Judged, outcome: &Outcome) {
        let (good, seconds) = outcome.goodput;
        let best = self
            .passed()
            .filter(|trial| trial.evidence.seconds >= 3.0)
            .map(|trial| trial.rate)
            .fold(0.0, f64::max);
        let rate = judged.rate;
        match outcome.verdict {
            Verdict::Bad if good > 0.0 && (good > 0.95 * best || judged.refused_flat) => {
                self.reading = Some(Reading {
                    rate: good,
                    deviation: (2.0 / (good * seconds)).sqrt().max(0.025),
                });
            }
            Verdict::Good if outcome.seconds >= 8.0 => {
                self.reading = self
                    .reading
                    .filter(|reading| rate.ln() <= reading.rate.ln() + 0.03);
            }
            _ => {}
        }
    }

    fn learn_clustering(&mut self, outcome: &Outcome, most: f64) {
        let windows = counts(&outcome.slices);
        if sum(&windows).1 >= 8.0 && windows.len() >= 5 && outcome.share < 0.2 {
            let seen = overdispersion(&windows).unwrap_or(1.0).min(most);
            self.clustering = self.clustering.max(seen);
        }
    }
}

/// The load that arrivals of the judged seconds came to. Poisson arrivals of a short trial are some per cent more or
/// fewer than asked for, and the verdict is about those that came.
fn really_offered(plan: &Plan, slices: &[Slice]) -> f64 {
    let sent = slices.iter().map(|slice| slice.sent).sum::<f64>() / slices.len().max(1) as f64;
    sent.clamp(0.9 * plan.rate, 1.1 * plan.rate)
}

fn counts(slices: &[Slice]) -> Vec<(f64, f64)> {
    slices.iter().map(|slice| (slice.answers, slice.failed)).collect()
}
