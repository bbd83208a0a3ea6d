//! One trial: the way to its load, the seconds that are judged, and what they add up to.

use crate::record::Class;
use crate::scenario::FailureSet;
use crate::units::Rate;

use super::normal::Normal;
use super::step::{Offer, Phase, Verdict, Window};

/// What a trial is to do.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Plan {
    /// What it is for.
    pub(super) phase: Phase,
    /// Its load, in pages per second.
    pub(super) rate: f64,
    /// Where the way to the load begins.
    pub(super) start: f64,
    /// How many seconds the way takes.
    pub(super) ramp: u32,
    /// The fewest judged seconds.
    pub(super) shortest: u32,
    /// The most judged seconds.
    pub(super) longest: u32,
}

/// By what a trial is judged.
#[derive(Debug, Clone, Copy)]
pub(super) struct Terms<'a> {
    /// What counts as a failure.
    pub(super) failure: &'a FailureSet,
    /// The share of failures that is one too many.
    pub(super) limit: f64,
    /// What is normal; nothing before the baseline is over.
    pub(super) normal: Option<Normal>,
    /// How much failures cluster on this site: 1 where they do not.
    pub(super) clustering: f64,
    /// Whether the search has no time left: the trial ends now.
    pub(super) out_of_time: bool,
    /// Clean seconds that end a recovery.
    pub(super) clean: u32,
    /// The fewest seconds after which a share above the limit is believed.
    pub(super) believed: u32,
    /// How far a trial may grow beyond its plan, in seconds.
    pub(super) extension: u32,
}

/// One judged second.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Slice {
    /// Pages asked for: requests sent, without the redirects that were followed.
    pub(super) sent: f64,
    /// Answers that were redirects, and followed.
    pub(super) moves: f64,
    /// Answers that say something about the site.
    pub(super) answers: f64,
    /// Failures among them.
    pub(super) failed: f64,
    /// Answers that refused us.
    pub(super) refused: f64,
    /// Successes.
    pub(super) successes: f64,
    /// Median latency of the successes, in microseconds; infinite where requests are in flight and none succeeds.
    pub(super) latency_us: f64,
    /// Requests in flight.
    pub(super) in_flight: f64,
    /// Requests that should have been answered long ago.
    pub(super) overdue: f64,
    /// Requests of this trial without an answer.
    pub(super) pending: f64,
}

/// What a trial came to.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Outcome {
    /// The verdict.
    pub(super) verdict: Verdict,
    /// What it rests on.
    pub(super) cause: Cause,
    /// Judged seconds.
    pub(super) seconds: f64,
    /// The failed share that the verdict rests on.
    pub(super) share: f64,
    /// Good pages a second since failures set in, and over how many seconds.
    pub(super) goodput: (f64, f64),
    /// Median latency of the last two seconds, in microseconds.
    pub(super) latency_us: f64,
    /// Requests in flight in the last two seconds.
    pub(super) in_flight: f64,
    /// Every judged second.
    pub(super) slices: Vec<Slice>,
}

impl Outcome {
    /// Whether its last two seconds failed by more than `limit`.
    pub(super) fn ends_failing(&self, limit: f64) -> bool {
        let last = &self.slices[self.slices.len().saturating_sub(2)..];
        last.iter().map(|slice| slice.failed).sum::<f64>()
            > limit * last.iter().map(|slice| slice.answers).sum::<f64>()
    }
}

/// Why a trial ended as it did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Cause {
    /// Requests pile up.
    Drift,
    /// Most answers fail.
    Hard,
    /// The failures stand above the limit.
    Above,
    /// They stand below it.
    Below,
    /// Time was up, and this is what the share says.
    Time,
    /// Something refused us.
    Refused,
    /// This machine was disturbed.
    Disturbed,
    /// The site is as at first.
    Clean,
    /// The site did not come back.
    Stuck,
}

/// A trial under way.
#[derive(Debug, Clone)]
pub(super) struct Trial {
    /// What it is to do.
    pub(super) plan: Plan,
    /// Its number.
    pub(super) number: u32,
    /// Its first second.
    pub(super) from: u32,
    elapsed: u32,
    disturbed: u32,
    shaken: bool,
    slices: Vec<Slice>,
}

impl Trial {
    /// A trial that starts with the second `from`.
    pub(super) fn new(plan: Plan, number: u32, from: u32) -> Self {
        Self {
            plan,
            number,
            from,
            elapsed: 0,
            disturbed: 0,
            shaken: false,
            slices: Vec::new(),
        }
    }

    /// What to offer in its coming second: a straight way to its load, then the load.
    pub(super) fn offer(&self) -> Offer {
        let Plan {
            rate, start, ramp, ..
        } = self.plan;
        let at = |second: u32| {
            let part = if second >= ramp {
                1.0
            } else {
                f64::from(second) / f64::from(ramp)
            };
            Rate::per_second(start + (rate - start) * part)
        };
        Offer {
            from: at(self.elapsed),
            to: at(self.elapsed + 1),
            trial: self.number,
            phase: self.plan.phase,
            judged: self.elapsed >= ramp,
        }
    }

    /// The first second that counts.
    pub(super) const fn judged_from(&self) -> u32 {
        self.from + self.plan.ramp
    }

    /// Takes one second in; its outcome once the trial is over.
    ///
    /// A disturbed second is left out, and so is the one after it: the site may still be working off the burst that
    /// the stall of ours ended in.
    pub(super) fn observe(&mut self, window: &Window, terms: &Terms<'_>) -> Option<Outcome> {
        self.elapsed += 1;
        let shaken = std::mem::replace(&mut self.shaken, window.disturbed);
        if self.elapsed <= self.plan.ramp {
            return None;
        }
        if window.disturbed {
            self.disturbed += 1;
            let too_many = self.disturbed as usize > 2 + self.slices.len() / 3;
            return (too_many || terms.out_of_time)
                .then(|| self.outcome(Verdict::Void, Cause::Disturbed, 0.0, terms));
        }
        if shaken {
            return None;
        }
        let slice = self.slice(window, terms);
        self.slices.push(slice);
        let (verdict, cause, share) = match self.plan.phase {
            Phase::Baseline => super::baseline::judge(&self.plan, &self.slices, terms),
            Phase::Descend => super::descent::judge(&self.plan, &self.slices, terms),
            Phase::Recover => super::baseline::recovered(&self.plan, &self.slices, terms),
            _ => super::judge::judge(&self.plan, &self.slices, terms),
        }?;
        Some(self.outcome(verdict, cause, share, terms))
    }

    fn slice(&self, window: &Window, terms: &Terms<'_>) -> Slice {
        let count = |wanted: &dyn Fn(Class) -> bool| {
            window
                .completed
                .iter()
                .filter(|(class, _)| wanted(**class))
                .map(|(_, n)| *n)
                .sum::<u64>() as f64
        };
        let failed = count(&|class| terms.failure.contains(class));
        let refused = count(&|class| class.is_refusal_of_us() && !terms.failure.contains(class));
        let normal_us = terms.normal.map_or(0.0, |normal| normal.latency_us);
        let oldest = terms.normal.map_or(usize::MAX, |normal| normal.overdue_seconds());
        Slice {
            sent: window.sent.saturating_sub(window.redirects) as f64,
            moves: window.redirects as f64,
            answers: count(&|_| true) - refused,
            failed,
            refused,
            successes: count(&Class::is_success),
            latency_us: match window.median_us {
                Some(median) => median as f64,
                None if window.in_flight > 0.0 => f64::INFINITY,
                None => normal_us,
            },
            in_flight: window.in_flight,
            overdue: window.pending.iter().skip(oldest).sum::<u64>() as f64,
            pending: window.pending.iter().sum::<u64>() as f64,
        }
    }

    fn outcome(&self, verdict: Verdict, cause: Cause, share: f64, terms: &Terms<'_>) -> Outcome {
        let last = &self.slices[self.slices.len().saturating_sub(2)..];
        let normal_us = terms.normal.map_or(0.0, |normal| normal.latency_us);
        Outcome {
            verdict,
            cause,
            seconds: self.slices.len() as f64,
            share,
            goodput: goodput(&self.slices),
            latency_us: last
                .iter()
                .map(|slice| slice.latency_us)
                .fold(if last.is_empty() { normal_us } else { 0.0 }, f64::max),
            in_flight: last.iter().map(|slice| slice.in_flight).sum::<f64>() / last.len().max(1) as f64,
            slices: self.slices.clone(),
        }
    }
}

/// Good pages a second since the first second with more than a tenth of failures, over at most eight seconds.
fn goodput(slices: &[Slice]) -> (f64, f64) {
    let count = slices.len();
    let since = slices
        .iter()
        .position(|slice| slice.failed > 0.1 * (slice.answers - slice.moves))
        .map_or(8, |first| (count - first - 1).max(1));
    let over = count.min(8).min(since).max(1);
    let good: f64 = slices[count.saturating_sub(over)..]
        .iter()
        .map(|slice| (slice.answers - slice.failed - slice.moves).max(0.0))
        .sum();
    (good / over as f64, over as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_site_carries_is_told_in_pages_whatever_their_redirects() {
        let slice = |moves: f64| Slice {
            sent: 100.0,
            moves,
            answers: 100.0 + moves,
            failed: 20.0,
            refused: 0.0,
            successes: 80.0 + moves,
            latency_us: 1.0,
            in_flight: 1.0,
            overdue: 0.0,
            pending: 0.0,
        };
        assert_eq!(goodput(&[slice(0.0); 4]), goodput(&[slice(100.0); 4]));
        assert_eq!(goodput(&[slice(100.0); 4]).0, 80.0);
    }
}
