//! Did the site change between two runs? Answered with the uncertainty of both: what neither run can tell apart is
//! no change.

mod capacity;
mod cause;
mod latency;

use schemars::JsonSchema;
use serde::Serialize;

pub use capacity::{Bounds, SHARPNESS, bounds, capacity};
pub use cause::{Causes, causes};
pub use latency::{LatencyChange, SLOWER, latency};

use super::{tipping_point, trials};
use crate::record::RunRecord;
use crate::search::{Finding, Recovery};

/// How a run compares with the one before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Change {
    /// It is shown to carry more, to be faster, to come back where it did not.
    Better,
    /// It is shown to carry less, to be slower, not to come back where it did.
    Worse,
    /// What differs is within the uncertainty of both.
    NoDifferenceShown,
    /// The runs cannot be compared in this.
    NotKnown,
}

/// A factor between two runs, new ÷ base, with its 95 % interval; null where a side is open.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, JsonSchema)]
pub struct Factor {
    /// Lower end.
    pub low: Option<f64>,
    /// The middle.
    pub mid: Option<f64>,
    /// Upper end.
    pub high: Option<f64>,
}

/// What became of the tipping point.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, JsonSchema)]
pub struct CapacityChange {
    /// New ÷ base.
    pub factor: Factor,
    /// What that shows.
    pub change: Change,
}

/// How the site came back, in both runs.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, JsonSchema)]
pub struct RecoveryChange {
    /// In the base; null where it was not looked at.
    pub base: Option<Recovery>,
    /// In the new run; null where it was not looked at.
    pub new: Option<Recovery>,
    /// `worse` where it came back before and does not now, `better` the other way round.
    pub change: Change,
}

/// One run beside another.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Comparison {
    /// The tipping point.
    pub tipping_point: CapacityChange,
    /// The latency of successes at equal load; null where the runs share no load.
    pub latency: Option<LatencyChange>,
    /// How the site came back.
    pub recovery: RecoveryChange,
    /// What its failures were.
    pub causes: Causes,
    /// The whole of it: `worse` where the tipping point or the recovery is, else what the tipping point says.
    pub change: Change,
    /// Whether it is worse by more than was tolerated.
    pub is_regression: bool,
}

/// A run and what its search found.
#[derive(Debug, Clone, Copy)]
pub struct Side<'a> {
    /// The run.
    pub record: &'a RunRecord,
    /// What its search found; nothing for `run`.
    pub finding: Option<&'a Finding>,
}

/// `new` beside `base`, where a tipping point that is lower by the share `tolerance` (0 to 1) is still accepted.
///
/// A regression is one that is shown and that is larger than what is tolerated: a tipping point whose middle (or, where
/// only bounds are known, whose highest possible place) lies below 1 − `tolerance` of the base's; or a site that does
/// not come back any more. Latency is compared and said, and decides nothing: near the knee it follows the capacity.
pub fn compare(base: Side<'_>, new: Side<'_>, tolerance: f64) -> Comparison {
    let of = |side: Side<'_>| side.finding.and_then(bounds);
    let tipping_point = capacity(of(base), of(new));
    let recovery = recovery(base, new);
    let reach = |side: Side<'_>| of(side).map_or(f64::INFINITY, |bounds| bounds.low);
    let latency = latency(base.record, new.record, reach(base).min(reach(new)));
    let is_worse = [tipping_point.change, recovery.change].contains(&Change::Worse);
    let factor = tipping_point.factor;
    let is_beyond = factor
        .mid
        .or(factor.high)
        .is_some_and(|factor| factor < 1.0 - tolerance);
    Comparison {
        change: if is_worse {
            Change::Worse
        } else {
            tipping_point.change
        },
        is_regression: recovery.change == Change::Worse
            || (tipping_point.change == Change::Worse && is_beyond),
        tipping_point,
        latency,
        recovery,
        causes: causes(base, new),
    }
}

fn recovery(base: Side<'_>, new: Side<'_>) -> RecoveryChange {
    let of = |side: Side<'_>| side.finding.and_then(|finding| finding.recovery);
    let (base, new) = (of(base), of(new));
    let change = match (base, new) {
        (Some(base), Some(new)) => match (base.seconds.is_some(), new.seconds.is_some()) {
            (true, false) => Change::Worse,
            (false, true) => Change::Better,
            _ => Change::NoDifferenceShown,
        },
        _ => Change::NotKnown,
    };
    RecoveryChange { base, new, change }
}

/// The finding of each of `records`, and of all together where there are several: a baseline of many runs is surer of
/// its middle than one is.
pub fn baseline(records: &[RunRecord]) -> Option<Finding> {
    let findings: Vec<Finding> = records.iter().filter_map(tipping_point).collect();
    match findings.as_slice() {
        [] => None,
        [one] => Some(one.clone()),
        many => crate::search::pooled(many),
    }
}

/// Why two runs are not of the same thing, a sentence each; empty where they are.
pub fn differences(base: &RunRecord, new: &RunRecord) -> Vec<Difference> {
    let (a, b) = (&base.header, &new.header);
    let mut found = Vec::new();
    if a.scenario.target != b.scenario.target {
        found.push(Difference::Target);
    }
    if a.scenario.stands_for != b.scenario.stands_for {
        found.push(Difference::StandsFor);
    }
    if a.journey != b.journey {
        found.push(Difference::Journey);
    } else if a.scenario.hash != b.scenario.hash {
        found.push(Difference::Scenario);
    }
    if a.arrivals.process != b.arrivals.process || a.arrivals.think != b.arrivals.think {
        found.push(Difference::Arrivals);
    }
    if a.connections != b.connections || a.http != b.http {
        found.push(Difference::Connections);
    }
    if a.failure != b.failure || limit(base) != limit(new) {
        found.push(Difference::Failure);
    }
    found
}

fn limit(record: &RunRecord) -> Option<String> {
    Some(record.header.search.as_ref()?.get("share")?.to_string())
}

/// In what two runs are not alike.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Difference {
    /// The site.
    Target,
    /// What the site stands for: production, staging, a copy.
    StandsFor,
    /// What a visit is made of.
    Journey,
    /// Something else in the scenario.
    Scenario,
    /// How visits arrive.
    Arrivals,
    /// When connections are opened, or the version of HTTP.
    Connections,
    /// What counts as a failure, or how many are too many.
    Failure,
}

/// The trials of a record that say something about the site.
fn measured(record: &RunRecord) -> Vec<super::TrialView> {
    trials(record)
        .into_iter()
        .filter(|trial| !trial.is_recovery() && !trial.is_void() && trial.rate > 0.0)
        .collect()
}
