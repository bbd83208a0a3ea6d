//! How long a search takes, and why: arithmetic of requests and of queues, before the first request is sent and while
//! the search goes on.
//!
//! What sets the time is the site's dynamics, and at low rates the requests that a verdict needs. A pass at a limit q
//! needs ln 19 ÷ ln((1 − q/2) ÷ (1 − 2q)) requests without a failure (A. Wald's sequential test of q/2 against 2q at
//! 5 %; 194 at 1 %, 1,961 at 0.1 %), times the clustering of failures. A backlog that grows by a part ε of the load λ
//! stands out at z deviations after 2(z/ε)²/λ seconds (Poisson arrivals, service of the same variation).

use std::time::Duration;

use super::enough::{LARGEST_STEP, LOW, patience};
use super::sequential::BOUND;
use super::settings::Settings;
use super::step::Phase;

/// What a typical search does, from simulation; every number is a median over the model sites.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Effort {
    /// Trials between the way up and the hold.
    refine: f64,
    /// Tries of the upper end after the hold.
    challenges: f64,
    /// By how much failures cluster.
    clustering: f64,
    /// Seconds of a recovery.
    recovery: f64,
    /// Seconds in which a load well above the limit fails.
    failing: f64,
    /// What comes again because a verdict was wrong at first: the whole, as a multiple.
    again: f64,
    /// The same for one search in ten.
    again_slow: f64,
}

/// The numbers behind every forecast.
const EFFORT: Effort = Effort {
    refine: 2.0,
    challenges: 1.0,
    clustering: 3.0,
    recovery: 4.0,
    failing: 8.0,
    again: 1.1,
    again_slow: 2.6,
};
/// Deviations at which a growing backlog stands out.
const DEVIATIONS: f64 = 2.5;
/// How long something takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Forecast {
    /// In the median.
    pub typical: Duration,
    /// For one in ten.
    pub slow: Duration,
}

impl Forecast {
    fn of(typical: f64, slow: f64) -> Self {
        let duration = |seconds: f64| Duration::from_secs_f64(seconds.clamp(0.0, 1e7).ceil());
        Self {
            typical: duration(typical),
            slow: duration(slow.max(typical)),
        }
    }
}

/// Requests without a failure that a pass at the limit `share` needs, where failures do not cluster.
pub fn requests_to_pass(share: f64) -> f64 {
    let share = share.clamp(1e-6, 0.4);
    BOUND / ((1.0 - share / 2.0) / (1.0 - 2.0 * share)).ln()
}

/// Seconds after which an overload by the part `overload` of `rate` pages per second stands out as a growing backlog.
pub fn seconds_to_see_overload(overload: f64, rate: f64) -> f64 {
    2.0 * (DEVIATIONS / overload.max(1e-3)).powi(2) / rate.max(1e-3)
}

/// How long the search of `settings` takes on a site that tips over at `rate` pages per second; all of its searches,
/// where they are repeated. Of a proof, where that load is carried and where it is not, whatever `rate` is.
pub fn forecast(settings: &Settings, rate: f64) -> Forecast {
    if let Some(wanted) = settings.enough.last() {
        return proof(settings, *wanted);
    }
    let parts = baseline(settings, settings.from) + climb(settings, rate) + narrowing(settings, rate);
    let count = f64::from(settings.repeat.max(1));
    let between = (count - 1.0) * EFFORT.recovery;
    Forecast::of(
        count * EFFORT.again * parts + between,
        count * EFFORT.again_slow * parts + between,
    )
}

/// How long a search that is in `phase` at `rate` pages per second still takes, in the median; nothing while it learns
/// what is normal, because the order of magnitude of the site is not known by then.
pub fn remaining(settings: &Settings, phase: Phase, rate: f64) -> Option<Duration> {
    let near = near(settings, rate);
    let hold = hold(settings, rate);
    let challenge = EFFORT.challenges * near;
    let seconds = match phase {
        Phase::Baseline => return None,
        // Not known, but the next step may be the one that fails.
        Phase::Coarse => narrowing(settings, rate * settings.factor),
        Phase::Recover => near + hold + challenge,
        Phase::Refine => near / 2.0 + hold + challenge,
        Phase::Hold => hold / 2.0 + challenge,
        _ => challenge / 2.0,
    };
    Some(Duration::from_secs_f64(seconds.clamp(1.0, 1e7).ceil()))
}

/// Where the load of the highest threshold is carried, it takes the typical time; where it is not, both a failure and
/// the time for the site come on top of the way up, and a hold hides behind a burst that a limiter allows.
fn proof(settings: &Settings, wanted: f64) -> Forecast {
    let first = settings
        .from
        .max(LOW * settings.enough.first().copied().unwrap_or(wanted));
    let steps = ((wanted / first).max(1.0).ln() / LARGEST_STEP.ln())
        .ceil()
        .max(1.0);
    let way = baseline(settings, first) + (steps - 1.0) * f64::from(settings.coarse + settings.ramp);
    let hold = hold(settings, wanted);
    let failing = failing(settings, wanted);
    let refuted = 2.0 * failing + EFFORT.recovery + patience(settings);
    Forecast::of(way + hold.min(refuted), way + hold + refuted)
}

fn baseline(settings: &Settings, rate: f64) -> f64 {
    (30.0 / rate.max(1e-3)).clamp(f64::from(settings.baseline), 15.0)
}

fn climb(settings: &Settings, rate: f64) -> f64 {
    let steps = ((rate / settings.from).max(1.0).ln() / settings.factor.max(1.05).ln()).ceil();
    steps * f64::from(settings.coarse + settings.ramp) + EFFORT.failing + EFFORT.recovery
}

fn narrowing(settings: &Settings, rate: f64) -> f64 {
    let near = near(settings, rate);
    EFFORT.refine * near + hold(settings, rate) + EFFORT.challenges * near
}

/// A trial near the tipping point: as long as its physics needs, and no longer than a trial may grow.
fn near(settings: &Settings, rate: f64) -> f64 {
    let requests = EFFORT.clustering * requests_to_pass(settings.share);
    let needed = (requests / rate.max(1e-3)).max(seconds_to_see_overload(settings.precision, rate));
    needed.clamp(f64::from(settings.dwell), longest(settings, rate)) + f64::from(settings.ramp)
}

fn longest(settings: &Settings, rate: f64) -> f64 {
    let grown = 6.0 * EFFORT.clustering / (settings.share * rate.max(1e-3));
    f64::from(settings.longest.max(settings.dwell)).max(grown.min(f64::from(settings.extension)))
}

fn hold(settings: &Settings, rate: f64) -> f64 {
    let requests = requests_to_pass(settings.share) / rate.max(1e-3);
    f64::from(settings.hold).max(requests.min(longest(settings, rate))) + f64::from(settings.ramp)
}

/// A load clearly above the limit fails as soon as failures are believed, or as three seconds of them came.
fn failing(settings: &Settings, rate: f64) -> f64 {
    f64::from(settings.ramp)
        + EFFORT
            .failing
            .max((0.5 / (settings.share * rate.max(1e-3))).min(f64::from(settings.extension)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::{Enough, Profile, SearchPlan};
    use crate::units::Rate;

    fn settings(profile: Profile) -> Settings {
        Settings::new(&SearchPlan {
            profile,
            from: Rate::per_second(10.0),
            ..SearchPlan::default()
        })
    }

    fn seconds(profile: Profile, rate: f64) -> f64 {
        forecast(&settings(profile), rate).typical.as_secs_f64()
    }

    #[test]
    fn a_pass_and_a_backlog_need_what_the_arithmetic_says() {
        assert!((requests_to_pass(0.01) - 194.0).abs() < 0.5);
        assert!((requests_to_pass(0.001) - 1_961.0).abs() < 1.0);
        assert!((seconds_to_see_overload(0.05, 20.0) - 250.0).abs() < 1.0);
        assert!((seconds_to_see_overload(0.05, 400.0) - 12.5).abs() < 0.1);
    }

    #[test]
    fn a_site_of_few_requests_takes_longer_and_a_wider_precision_is_quicker() {
        for profile in [Profile::Quick, Profile::Standard, Profile::Long] {
            let slow = seconds(profile, 20.0);
            assert!(slow > seconds(profile, 200.0), "{profile}");
        }
        assert!(seconds(Profile::Quick, 20.0) < seconds(Profile::Standard, 20.0));
        assert!(seconds(Profile::Standard, 20.0) < seconds(Profile::Long, 20.0));
    }

    #[test]
    fn it_agrees_with_what_was_measured_to_a_third() {
        for (profile, rate, measured) in [
            (Profile::Quick, 400.0, 93.0),
            (Profile::Standard, 400.0, 183.0),
            (Profile::Long, 400.0, 429.0),
            (Profile::Standard, 17.0, 598.0),
        ] {
            let settings = Settings {
                from: rate / 22.0,
                ..settings(profile)
            };
            let forecast = forecast(&settings, rate).typical.as_secs_f64();
            assert!(
                (forecast / measured).ln().abs() < 0.3,
                "{profile} at {rate}: {forecast} s"
            );
        }
    }

    #[test]
    fn what_is_left_shrinks_as_the_search_goes_on() {
        let settings = settings(Profile::Standard);
        let phases = [Phase::Coarse, Phase::Refine, Phase::Hold, Phase::Challenge];
        let left: Vec<Duration> = phases
            .iter()
            .filter_map(|phase| remaining(&settings, *phase, 200.0))
            .collect();
        assert!(left.len() == 4 && left.is_sorted_by(|a, b| a > b), "{left:?}");
        assert_eq!(remaining(&settings, Phase::Baseline, 10.0), None);
    }

    #[test]
    fn a_proof_takes_its_hold_and_searches_that_are_repeated_take_their_number() {
        let proof = Settings::new(&SearchPlan {
            enough: Some(Enough {
                loads: vec![Rate::per_second(280.0)],
                hold: Duration::ZERO,
            }),
            ..SearchPlan::default()
        });
        let forecast_of_proof = forecast(&proof, 1e4);
        assert!(
            (70..90).contains(&forecast_of_proof.typical.as_secs()),
            "{forecast_of_proof:?}"
        );
        let once = settings(Profile::Quick);
        let thrice = Settings {
            repeat: 3,
            ..once.clone()
        };
        assert!(
            forecast(&thrice, 200.0).typical >= 3 * forecast(&once, 200.0).typical - Duration::from_secs(3)
        );
    }
}
