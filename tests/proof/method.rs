//! The ways to search that are compared.

use std::time::Duration;

use tipover::scenario::{Profile, SearchPlan};
use tipover::search::{Search, Settings, Tipping};
use tipover::units::{Rate, Share};

use super::baselines::{Bisection, Nighthawk, Ramp, Rules, Steps, Threshold};

/// A way to search.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Method {
    /// Ours, in a profile.
    Tipover(Profile),
    /// A linear ramp up to the first failure.
    RampFirst,
    /// A linear ramp with a threshold over the last ten seconds.
    RampWindow,
    /// A linear ramp with a threshold since its start.
    RampStart,
    /// Twenty steps of 30 s.
    Steps,
    /// Bisection with trials of 60 s.
    Bisection,
    /// Doubling, then bisection, with periods of 10 s.
    Nighthawk,
}

/// The ways of others.
pub(crate) const BASELINES: [Method; 6] = [
    Method::RampFirst,
    Method::RampWindow,
    Method::RampStart,
    Method::Steps,
    Method::Bisection,
    Method::Nighthawk,
];

impl Method {
    /// Its name in files.
    pub(crate) fn slug(self) -> String {
        match self {
            Method::Tipover(profile) => format!("tipover-{profile}"),
            Method::RampFirst => "ramp-first-502".to_owned(),
            Method::RampWindow => "ramp-10-s".to_owned(),
            Method::RampStart => "ramp-since-start".to_owned(),
            Method::Steps => "steps-30-s".to_owned(),
            Method::Bisection => "bisection-60-s".to_owned(),
            Method::Nighthawk => "nighthawk-10-s".to_owned(),
        }
    }

    /// Its name in tables.
    pub(crate) fn label(self) -> String {
        match self {
            Method::Tipover(profile) => format!("tipover, {profile}"),
            Method::RampFirst => "linear ramp, first 502".to_owned(),
            Method::RampWindow => "linear ramp, threshold over 10 s".to_owned(),
            Method::RampStart => "linear ramp, threshold since start (k6)".to_owned(),
            Method::Steps => "20 fixed steps of 30 s".to_owned(),
            Method::Bisection => "bisection, 60 s trials (RFC 2544)".to_owned(),
            Method::Nighthawk => "doubling and bisection, 10 s (Nighthawk)".to_owned(),
        }
    }

    /// The method whose name in files this is.
    pub(crate) fn of_slug(slug: &str) -> Option<Self> {
        let ours = [Profile::Quick, Profile::Standard, Profile::Long].map(Method::Tipover);
        ours.into_iter()
            .chain(BASELINES)
            .find(|method| method.slug() == slug)
    }

    /// Whether it is ours.
    pub(crate) const fn is_ours(self) -> bool {
        matches!(self, Method::Tipover(_))
    }

    /// A search that has seen nothing yet.
    pub(crate) fn search(self, rules: Rules) -> Box<dyn Search> {
        match self {
            Method::Tipover(profile) => {
                let settings = Settings::new(&plan(profile, rules));
                Box::new(Tipping::new(settings).expect("these settings name classes"))
            }
            Method::RampFirst => Box::new(Ramp::new(rules, Threshold::FirstFailure)),
            Method::RampWindow => Box::new(Ramp::new(rules, Threshold::LastSeconds)),
            Method::RampStart => Box::new(Ramp::new(rules, Threshold::SinceStart)),
            Method::Steps => Box::new(Steps::new(rules)),
            Method::Bisection => Box::new(Bisection::new(rules)),
            Method::Nighthawk => Box::new(Nighthawk::new(rules)),
        }
    }
}

/// What a person would ask for who knows the site no better than the rules say: everything else is left as it comes.
pub(crate) fn plan(profile: Profile, rules: Rules) -> SearchPlan {
    SearchPlan {
        from: Rate::per_second(rules.from),
        to: Rate::per_second(rules.to),
        profile,
        share: Share::new(rules.share),
        budget: Duration::from_secs(u64::from(rules.budget)),
        ..SearchPlan::default()
    }
}
