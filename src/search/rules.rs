//! Which trial comes next: one rule is asked after the other, and the first one that wants a trial has it.

use super::change;
use super::course::{Descent, Limiter};
use super::posterior::TAIL;
use super::step::{Phase, Verdict};
use super::tipping::{Ending, Tipping};
use super::trial::Plan;

/// Holds at most.
const MOST_HOLDS: u32 = 6;
/// Trials at most: a search that needs more does not come to an end.
const MOST_TRIALS: usize = 60;
/// The central 70 % of the posterior are wider than this many precisions: not yet time for a hold.
const UNSURE: f64 = 1.3;
/// The part of the posterior below the load of a hold.
const HELD_AT: f64 = 0.2;
/// The interval is wider than this many precisions: not yet the end.
const NARROW: f64 = 2.3;
/// How often a limiter is looked for.
const MOST_LOOKS: u32 = 3;

impl Tipping {
    /// The trial that comes next, or how the search ends.
    pub(super) fn next_plan(&self) -> Result<Plan, Ending> {
        if let Some((plan, _)) = self.again {
            return Ok(self.towards(plan.phase, plan.rate, plan.shortest, plan.longest));
        }
        if let Some(plan) = self.baseline()? {
            return Ok(plan);
        }
        if let Some(plan) = self.descend().or_else(|| self.recover()) {
            return Ok(plan);
        }
        if self.course.stands {
            return Err(self.found());
        }
        if self.known.trials.len() >= MOST_TRIALS {
            return Err(Ending::OutOfTime);
        }
        if let Some(plan) = self.climb()? {
            return Ok(plan);
        }
        if let Some(plan) = self.limiter().or_else(|| self.refine()).or_else(|| self.hold()) {
            return Ok(plan);
        }
        if let Some(plan) = self.challenge() {
            return Ok(plan);
        }
        Err(self.found())
    }

    /// Precise enough, unless what was seen contradicts itself.
    pub(super) fn found(&self) -> Ending {
        match change::contradiction(&self.known, &self.settings) {
            Some(seen) => Ending::Unsteady(seen),
            None => Ending::Found,
        }
    }

    /// A trial at `rate`, with a way up to it where it is well above the load before.
    fn towards(&self, phase: Phase, rate: f64, shortest: u32, longest: u32) -> Plan {
        let near = self.load >= 0.9 * rate;
        Plan {
            phase,
            rate,
            start: if near { rate } else { self.load.max(0.5 * rate) },
            ramp: if near {
                0
            } else if phase == Phase::Coarse {
                1
            } else {
                self.settings.ramp
            },
            shortest,
            longest: longest.max(shortest),
        }
    }

    /// The baseline comes first. Where it fails in part, a second one at twice the load tells whether the share grows.
    fn baseline(&self) -> Result<Option<Plan>, Ending> {
        let (from, to, baseline) = (self.settings.from, self.settings.to, self.settings.baseline);
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

    /// After the last failure, down from it until the site works again; not behind a limiter, which works at once.
    fn descend(&self) -> Option<Plan> {
        let Descent::At(rate, _) = self.course.descent else {
            return None;
        };
        self.fallen?;
        Some(Plan {
            phase: Phase::Descend,
            rate,
            start: rate,
            ramp: 0,
            shortest: 0,
            longest: self.settings.descent,
        })
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
        if self.course.load >= settings.to && self.known.holds > 0 {
            return Err(Ending::Top);
        }
        let rate = (self.course.load * self.course.factor).min(settings.to);
        Ok(Some(if rate >= settings.to {
            self.towards(Phase::Hold, rate, settings.hold, 12)
        } else if self.course.moved > 0 {
            self.towards(Phase::Refine, rate, settings.dwell, 12)
        } else {
            self.towards(Phase::Coarse, rate, settings.coarse, 12)
        }))
    }

    /// Fast refusals at flat latency: what got through is the limit. It is looked at from above, because from below a
    /// burst credit hides it.
    fn limiter(&self) -> Option<Plan> {
        let trial = |rate: f64| Some(self.towards(Phase::Limiter, rate, 6, 12));
        match self.course.limiter {
            Limiter::Below(limit) => trial(0.97 * limit),
            Limiter::Above(limit) => trial(1.06 * limit),
            Limiter::Burst(_) => None,
            Limiter::Unknown => None,
        }
    }

    /// Whether a limiter is worth a look: the latest failure was refused at flat latency, and less got through than
    /// had passed before.
    pub(super) fn suspects_limiter(&self) -> Option<f64> {
        let reading = self.known.reading?.rate;
        let best = self.known.lower(self.settings.from).max(self.course.load);
        let asks = self.course.flat
            && self.settings.challenges > 0
            && self.course.limiter == Limiter::Unknown
            && self.course.looked < MOST_LOOKS;
        (asks && reading < 0.98 * best).then_some(reading)
    }

    /// The precision to search for.
    fn precision(&self) -> f64 {
        let asked = self.settings.precision;
        self.known.allowed_precision(&self.settings).unwrap_or(asked)
    }

    /// Where the posterior is least certain, never within a third of the precision of a known verdict.
    fn refine(&self) -> Option<Plan> {
        let settings = &self.settings;
        let precision = self.precision();
        let posterior = self.known.posterior(settings);
        if posterior.spread(0.15, 0.85) <= 1.0 + UNSURE * precision {
            return None;
        }
        let floor = self.known.lower(settings.from) * (1.0 + precision / 2.0);
        let rate = posterior.quantile(0.45).max(floor);
        (rate < self.known.upper() / (1.0 + precision / 3.0))
            .then(|| self.towards(Phase::Refine, rate, settings.dwell, settings.longest))
    }

    /// A hold of the lower end, where none has passed there.
    fn hold(&self) -> Option<Plan> {
        let settings = &self.settings;
        let posterior = self.known.posterior(settings);
        let held = self.known.held.unwrap_or(0.0);
        (held < posterior.quantile(0.03) && self.known.holds < MOST_HOLDS).then(|| {
            let rate = posterior.quantile(HELD_AT);
            self.towards(Phase::Hold, rate, settings.hold, settings.hold * 3 / 2)
        })
    }

    /// The upper end again, straight from the hold: the site may have scaled out or warmed up since it failed.
    fn challenge(&self) -> Option<Plan> {
        let settings = &self.settings;
        let burst = matches!(self.course.limiter, Limiter::Burst(_));
        if burst || self.course.stands || self.course.challenges >= settings.challenges {
            return None;
        }
        let posterior = self.known.posterior(settings);
        let upper = self.known.upper();
        let rate = if upper < posterior.quantile(1.0 - TAIL) {
            upper.max(posterior.quantile(0.95))
        } else {
            posterior.quantile(0.95)
        };
        Some(self.towards(Phase::Challenge, rate, settings.dwell, 2 * settings.dwell))
    }

    /// What a challenge that did not pass leads to: the end, where the interval is narrow or holds are used up.
    pub(super) fn challenged(&mut self, verdict: Verdict) {
        let precision = self.precision();
        let posterior = self.known.posterior(&self.settings);
        let narrow = posterior.spread(TAIL, 1.0 - TAIL) <= 1.0 + NARROW * precision;
        if verdict != Verdict::Bad || narrow || self.known.holds >= MOST_HOLDS {
            self.course.stands = true;
            if verdict == Verdict::Bad && !self.course.flat && self.settings.descent > 0 {
                let top = self
                    .known
                    .held
                    .unwrap_or(0.0)
                    .max(posterior.quantile(0.05))
                    .min(posterior.quantile(0.3));
                self.course.descent = Descent::At(top, top);
            }
        } else {
            self.course.challenges += 1;
        }
    }
}
