//! The finding of a stored run: the search is played again over what was recorded. What a run concluded while it went
//! on and what its record says can therefore never differ.

use crate::record::{Class, Event, RunRecord};
use crate::search::{Finding, Kind, Settings, replay};

/// What starts the name of the event that says the site was broken before any load; its class follows.
pub const BROKEN: &str = "broken:";

/// The finding of `record`; nothing for a record of `run`, which searches for nothing.
pub fn tipping_point(record: &RunRecord) -> Option<Finding> {
    let settings: Settings = serde_json::from_value(record.header.search.clone()?).ok()?;
    Some(match broken_before_load(record) {
        Some((class, why)) => already_failing(class, why),
        None => replay(&settings, &record.seconds).ok()?.0,
    })
}

/// How the site was broken before any load, where it was: its class and a sentence.
pub fn broken_before_load(record: &RunRecord) -> Option<(Class, &str)> {
    let words = |event: &'_ Event| event.what.strip_prefix(BROKEN)?.parse().ok();
    record
        .events
        .iter()
        .find_map(|event| Some((words(event)?, event.detail.as_str())))
}

fn already_failing(class: Class, why: &str) -> Finding {
    Finding {
        kind: Kind::AlreadyFailing,
        rate: None,
        up_to: None,
        at: Some(crate::units::Rate::ZERO),
        confidence: 0.95,
        horizon_seconds: 0,
        class: Some(class),
        limit: None,
        shape: None,
        why: why.to_owned(),
        evidence: vec![format!("Before any load: {why}.")],
        verified: None,
        failing: None,
        first_failure: None,
        first_502: None,
        recovery: None,
        converged: true,
    }
}
