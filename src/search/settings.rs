//! What a search needs to know beforehand: a plan turned into numbers. It is stored in the header of a record, so that
//! the record alone can play the search again.

use std::time::Duration;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::load::ArrivalProcess;
use crate::record::ClassError;
use crate::scenario::{FailureSet, Profile, SearchPlan};

/// The settings of a search. Loads in pages per second, times in whole seconds.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Settings {
    /// `quick`, `standard`, `long` or `demo`.
    pub profile: String,
    /// The lowest load: what is normal is learnt there.
    pub from: f64,
    /// The highest load.
    pub to: f64,
    /// The share of failures that is one too many, 0 to 1.
    pub share: f64,
    /// What counts as a failure: `gateway`, `any_5xx`, or classes.
    pub failure: Vec<String>,
    /// The relative precision that is wanted, 0.05 for 5 %.
    pub precision: f64,
    /// The shortest baseline.
    pub baseline: u32,
    /// The shortest trial on the way up.
    pub coarse: u32,
    /// By how much the load grows from one trial to the next on the way up.
    pub factor: f64,
    /// The shortest trial near the tipping point.
    pub dwell: u32,
    /// The longest trial near the tipping point.
    pub longest: u32,
    /// The fewest seconds after which a share above the limit is believed, where it is not the most.
    pub believed: u32,
    /// A trial grows with the time that its load, its limit and the clustering of failures need, up to this.
    pub extension: u32,
    /// How much a pass may hide, as a multiple of what sites of unknown dynamics may under Poisson arrivals; less under
    /// even ones, and for the demo site, which is known.
    #[serde(default = "all_that_may_be_hidden")]
    pub hidden: f64,
    /// By how much clustered failures may make a trial count less, at most.
    pub most_clustering: f64,
    /// How long the lower end is held: the horizon of the finding.
    pub hold: u32,
    /// How long the way to the load of a trial takes.
    pub ramp: u32,
    /// Clean seconds after which a site counts as well again.
    pub clean: u32,
    /// After how long without them the site counts as not recovering.
    pub give_up: u32,
    /// How often the upper end is challenged, at most; 0 for never.
    #[serde(default)]
    pub challenges: u32,
    /// How long each step down from the failing state takes at most; 0 for no way down.
    #[serde(default)]
    pub descent: u32,
    /// How long the search may take.
    pub budget: u32,
    /// Requests after which it ends.
    pub most_requests: u64,
    /// Failed requests after which it ends.
    pub most_failed: u64,
    /// Seconds above every load that passed after which it ends.
    pub most_seconds_above: u32,
    /// Loads that are to be proven or refuted, rising; empty where the tipping point itself is searched for.
    #[serde(default)]
    pub enough: Vec<f64>,
    /// How many searches are pooled.
    #[serde(default = "once")]
    pub repeat: u32,
}

/// What a record from before searches could be repeated means.
const fn once() -> u32 {
    1
}

/// The longest that a demo may search: the site is known, and the person waits.
const DEMO_BUDGET: u32 = 52;

/// What a pass may hide under even arrivals, as a multiple of what it may under Poisson ones.
const HIDDEN_BY_EVEN_ARRIVALS: f64 = 0.5;

const fn all_that_may_be_hidden() -> f64 {
    1.0
}

impl Settings {
    /// The settings of `plan`. Precision, hold and dwell of the profiles are those that the algorithm was measured
    /// with; see the module's tests for the coverage they reach.
    pub fn new(plan: &SearchPlan) -> Self {
        let (precision, hold, dwell) = match plan.profile {
            Profile::Quick => (0.10, 15, 8),
            Profile::Standard => (0.05, 60, 10),
            Profile::Long => (0.03, 150, 20),
            Profile::Demo => (0.05, 8, 4),
        };
        let demo = plan.profile == Profile::Demo;
        let budget = u32::try_from(plan.budget.as_secs()).unwrap_or(u32::MAX);
        let from = plan.from.get().max(1e-3);
        let enough = plan.enough.as_ref();
        let needed = enough.map_or(0, |enough| {
            u32::try_from(enough.hold.as_secs()).unwrap_or(u32::MAX)
        });
        Self {
            profile: plan.profile.to_string(),
            from,
            to: plan.to.get().max(from),
            share: plan.share.get().clamp(1e-6, 0.9),
            failure: plan.failure.to_words(),
            precision,
            baseline: if demo { 2 } else { 4 },
            coarse: 2,
            factor: if demo { 2.0 } else { 1.6 },
            dwell,
            longest: if demo { 2 * dwell } else { 3 * dwell },
            believed: dwell.min(6),
            extension: if demo { 2 * dwell } else { 180 },
            hidden: if demo { 0.4 } else { 1.0 },
            most_clustering: if demo { 4.0 } else { 10.0 },
            hold: hold.max(needed),
            ramp: if demo { 1 } else { 3 },
            clean: if demo { 1 } else { 2 },
            give_up: 90,
            challenges: if demo { 0 } else { 8 },
            descent: if demo { 0 } else { 15 },
            budget: if demo { budget.min(DEMO_BUDGET) } else { budget },
            most_requests: plan.caps.requests,
            most_failed: plan.caps.failed,
            most_seconds_above: plan.caps.seconds_above,
            enough: enough.map_or_else(Vec::new, |enough| {
                let mut loads: Vec<f64> = enough.loads.iter().map(|load| load.get()).collect();
                loads.sort_by(f64::total_cmp);
                loads.dedup();
                loads
            }),
            repeat: plan.repeat.max(1),
        }
    }

    /// The same settings for a search whose arrivals follow `process`. Even arrivals bring no variation of their own, so
    /// that a pass hides about half as much.
    pub fn with_arrivals(mut self, process: ArrivalProcess) -> Self {
        if process == ArrivalProcess::Even {
            self.hidden *= HIDDEN_BY_EVEN_ARRIVALS;
        }
        self
    }

    /// For how long the claim of a finding holds: the length of the hold.
    pub fn horizon(&self) -> Duration {
        Duration::from_secs(u64::from(self.hold))
    }

    /// What counts as a failure of the site.
    ///
    /// # Errors
    /// A word of `failure` names no class.
    pub fn failure_set(&self) -> Result<FailureSet, ClassError> {
        FailureSet::from_words(&self.failure)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::record::Class;
    use crate::scenario::Enough;
    use crate::units::Rate;

    #[test]
    fn settings_survive_the_record_and_keep_the_failure_set() {
        for failure in [
            FailureSet::Gateway,
            FailureSet::Any5xx,
            FailureSet::Classes(BTreeSet::from([Class::Status(429), Class::Reset])),
        ] {
            let plan = SearchPlan {
                failure: failure.clone(),
                ..SearchPlan::default()
            };
            let settings = Settings::new(&plan);
            let text = serde_json::to_string(&settings).unwrap();
            let back: Settings = serde_json::from_str(&text).unwrap();
            assert_eq!(back, settings);
            assert_eq!(back.failure_set().unwrap(), failure);
        }
    }

    #[test]
    fn a_record_from_before_searches_could_be_repeated_is_still_read() {
        let mut value = serde_json::to_value(Settings::new(&SearchPlan::default())).unwrap();
        let object = value.as_object_mut().unwrap();
        assert!(object.remove("enough").is_some() && object.remove("repeat").is_some());
        let settings: Settings = serde_json::from_value(value).unwrap();
        assert_eq!((settings.enough.len(), settings.repeat), (0, 1));
    }

    #[test]
    fn loads_to_be_proven_are_sorted_and_a_hold_lasts_as_long_as_the_thresholds_need() {
        let plan = SearchPlan {
            enough: Some(Enough {
                loads: [40.0, 20.0, 40.0].map(Rate::per_second).to_vec(),
                hold: Duration::from_secs(120),
            }),
            ..SearchPlan::default()
        };
        let settings = Settings::new(&plan);
        assert_eq!((settings.enough, settings.hold), (vec![20.0, 40.0], 120));
    }
}
