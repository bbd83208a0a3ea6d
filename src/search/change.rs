//! Signs that the site itself changed under test: what it did at one time and at another cannot both be true of one
//! site. Such a site has no tipping point.

use super::known::{Judged, Known};
use super::normal::Normal;
use super::settings::Settings;
use super::step::{Phase, Verdict};
use super::trial::{Outcome, Plan, Slice};
use crate::units::Rate;

/// A site whose latency at the small load of a recovery stays above this multiple of what is normal has become slower.
const SLOWER: f64 = 1.5;
/// Successes that the latency of a recovery must rest on.
const ENOUGH: f64 = 15.0;
/// Seconds of failures at the small load of a recovery that no overload explains: a long queue of work for nobody is
/// over before.
const DOWN: usize = 12;

/// What a recovery says of the site, beside that it recovered.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Probe {
    /// Its load, in pages per second.
    rate: f64,
    /// Median latency as a multiple of what is normal; nothing where too few successes were seen.
    slower: Option<f64>,
    /// Seconds in which most answers failed.
    down: usize,
}

impl Probe {
    /// Reads a recovery.
    pub(super) fn new(plan: &Plan, outcome: &Outcome, normal: Option<Normal>) -> Self {
        let lately = &outcome.slices[outcome.slices.len().saturating_sub(3)..];
        let successes: f64 = lately.iter().map(|slice| slice.successes).sum();
        let clean = lately.iter().all(|slice| slice.failed == 0.0);
        let latency = mean(lately, |slice| slice.latency_us);
        Self {
            rate: plan.rate,
            slower: normal
                .filter(|_| clean && successes >= ENOUGH && latency.is_finite())
                .map(|normal| normal.multiple(latency)),
            down: outcome
                .slices
                .iter()
                .filter(|slice| slice.answers > 0.0 && slice.failed > 0.5 * slice.answers)
                .count(),
        }
    }

    /// Seconds in which most answers failed at a load that it carries by far.
    pub(super) const fn was_down(&self) -> bool {
        self.down >= DOWN
    }

    /// Whether it was well at once.
    pub(super) const fn was_well(&self) -> bool {
        self.down <= 1
    }

    /// The same in words.
    pub(super) fn down_in_words(&self) -> String {
        format!(
            "even at {} pages/s most requests failed for {} s, and later it carried the load at which that began",
            Rate::per_second(self.rate),
            self.down
        )
    }
}

/// A site that was down for long after one failure and well at once after another: the first was none of the load's.
pub(super) fn was_down_once(probes: &[Probe]) -> Option<String> {
    let down = probes.iter().find(|probe| probe.was_down())?;
    probes.iter().any(Probe::was_well).then(|| {
        format!(
            "after one failure most requests failed for {} s even at {} pages/s, after another it was well at once",
            down.down,
            Rate::per_second(down.rate)
        )
    })
}

/// A site that no longer fails but does not become as fast as it was.
pub(super) fn stays_slow(probe: &Probe) -> Option<String> {
    let slower = probe.slower.filter(|slower| *slower > SLOWER)?;
    Some(format!(
        "at {} pages/s it fails no more, but its latency stays at {slower:.1} times what it was at first",
        Rate::per_second(probe.rate)
    ))
}

/// A standing failure at a load far below one that had passed before: further than what a pass of that length may hide.
/// A limiter that passed more on credit is no change.
pub(super) fn contradiction(known: &Known, settings: &Settings) -> Option<String> {
    let trials = &known.trials;
    if known.failed().any(|trial| trial.refused_flat) {
        return None;
    }
    trials.iter().enumerate().find_map(|(at, good)| {
        let hidden = 4.0 * (2.0 / (good.rate * good.evidence.seconds.max(1.0))).sqrt();
        let passed =
            good.evidence.verdict == Verdict::Good && good.evidence.seconds >= f64::from(settings.coarse);
        let bad = trials[at + 1..].iter().filter(|_| passed).find(|bad| {
            bad.evidence.verdict == Verdict::Bad
                && bad.evidence.seconds <= 4.0 * good.evidence.seconds
                && (good.rate / bad.rate).ln() > 0.15 + hidden
        })?;
        Some(in_words(good, bad))
    })
}

fn in_words(good: &Judged, bad: &Judged) -> String {
    format!(
        "{} pages/s failed, though {} pages/s passed before",
        Rate::per_second(bad.rate),
        Rate::per_second(good.rate)
    )
}

/// A hold that passed while its latency kept rising, from what is normal to more than twice of it: there is no load
/// that such a site carries for long. Where latency is raised from the first, it is a queue near its limit.
pub(super) fn leak(plan: &Plan, outcome: &Outcome, normal: Option<Normal>) -> Option<String> {
    if plan.phase != Phase::Hold || outcome.verdict != Verdict::Good || outcome.slices.len() < 45 {
        return None;
    }
    let third = outcome.slices.len() / 3;
    let latency = |part: &[Slice]| mean(part, |slice| slice.latency_us);
    let first = latency(&outcome.slices[..third]);
    let second = latency(&outcome.slices[third..2 * third]);
    let last = latency(&outcome.slices[2 * third..]);
    let healthy = normal.is_some_and(|normal| normal.multiple(first) < 1.25);
    let rises = healthy && second > 1.3 * first && last > 1.3 * second && last > 2.0 * first + 5_000.0;
    rises.then(|| {
        format!(
            "at {} pages/s latency rose from {:.0} ms to {:.0} ms while the load was held",
            Rate::per_second(plan.rate),
            first / 1e3,
            last / 1e3
        )
    })
}

fn mean(slices: &[Slice], value: impl Fn(&Slice) -> f64) -> f64 {
    slices.iter().map(value).sum::<f64>() / slices.len().max(1) as f64
}
