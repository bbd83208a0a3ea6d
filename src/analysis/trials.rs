//! What each trial of a record showed; a record without trials is cut into stretches of load that read like trials.

use std::collections::BTreeMap;

use super::failure::failure_family;
use super::loads::constant_loads;
use super::statistics::{ShareInterval, Z_95, wilson};
use super::tally::{Tally, by_due};
use super::tipping::broken_before_load;
use crate::record::{Class, RunRecord};
use crate::search::Observed;
use crate::units::Rate;

/// The 95 % interval of a share of which `part` of `whole` were seen; nothing where nothing was seen.
pub fn share_interval(part: u64, whole: u64) -> Option<ShareInterval> {
    (whole > 0).then(|| wilson(part, whole, Z_95))
}

/// One load and what it showed, over the requests due in its judged seconds.
#[derive(Debug, Clone, PartialEq)]
pub struct TrialView {
    /// Its number, from 0.
    pub number: u32,
    /// Its place in the search; nothing where the record has no search.
    pub phase: Option<String>,
    /// The load, in pages per second.
    pub rate: f64,
    /// The first second that counts.
    pub judged_from: u32,
    /// The first second after it.
    pub until: u32,
    /// What the search concluded; nothing where the record has no search.
    pub verdict: Option<String>,
    /// Why, in the search's words.
    pub why: String,
    /// The requests due in its judged seconds.
    pub tally: Tally,
    /// Failed ÷ completed; nothing where nothing was completed.
    pub failed_share: Option<ShareInterval>,
}

impl TrialView {
    /// Seconds that count.
    pub fn seconds(&self) -> u32 {
        self.until.saturating_sub(self.judged_from)
    }

    /// The share of `class` among the completed, with its interval.
    pub fn share_of(&self, class: Class) -> Option<ShareInterval> {
        share_interval(self.tally.of_class(class), self.tally.completed())
    }

    /// Requests that something turned away: 401, 403 or 429.
    pub fn refused(&self) -> u64 {
        let refusals = self
            .tally
            .by_class
            .iter()
            .filter(|(class, _)| class.is_refusal_of_us());
        refusals.map(|(_, count)| count).sum()
    }

    /// Whether it only waited for the site to come back.
    pub fn is_recovery(&self) -> bool {
        self.phase.as_deref() == Some("recover")
    }

    /// Whether it says nothing about the site, because this machine was disturbed.
    pub fn is_void(&self) -> bool {
        self.verdict.as_deref() == Some("void")
    }
}

fn sum_of(seconds: &BTreeMap<u32, Tally>, from: u32, until: u32) -> Tally {
    let mut sum = Tally::default();
    if from < until {
        for (_, tally) in seconds.range(from..until) {
            sum.merge(tally);
        }
    }
    sum
}

/// The trials of `record` in order; of a record without a search, its stretches of constant load.
pub fn trials(record: &RunRecord) -> Vec<TrialView> {
    let seconds = by_due(record, &failure_family(&record.header));
    if record.header.search.is_none() {
        return constant_loads(record)
            .into_iter()
            .zip(0..)
            .map(|((from, until, rate), number)| {
                let tally = sum_of(&seconds, from, until);
                TrialView {
                    number,
                    phase: None,
                    rate,
                    judged_from: from,
                    until,
                    verdict: None,
                    why: String::new(),
                    failed_share: share_interval(tally.failed, tally.completed()),
                    tally,
                }
            })
            .collect();
    }
    let view = |line: &crate::record::TrialLine| {
        let tally = sum_of(&seconds, line.judged_from, line.until);
        TrialView {
            number: line.trial,
            phase: Some(line.phase.clone()),
            rate: line.rate,
            judged_from: line.judged_from,
            until: line.until,
            verdict: Some(line.verdict.clone()),
            why: line.why.clone(),
            failed_share: share_interval(tally.failed, tally.completed()),
            tally,
        }
    };
    record.trials.iter().map(view).collect()
}

/// The first failure and the first 502 of `record`, by the second in which they were due; of several classes in one
/// second, the one with most requests. A site that was broken before any load failed first at no load at all.
pub fn first_failures(record: &RunRecord) -> (Option<Observed>, Option<Observed>) {
    let family = failure_family(&record.header);
    let seconds = by_due(record, &family);
    let observed = |second: u32, class: Class| Observed {
        class,
        rate: Rate::per_second(
            record
                .seconds
                .iter()
                .find(|line| line.second == second)
                .map_or(0.0, |line| line.offered),
        ),
        at_seconds: second,
    };
    if let Some((class, _)) = broken_before_load(record) {
        return (Some(observed(0, class)), None);
    }
    let first_failure = seconds
        .iter()
        .find(|(_, tally)| tally.failed > 0)
        .and_then(|(second, tally)| {
            let failing = tally
                .by_class
                .iter()
                .filter(|(class, count)| family.contains(**class) && **count > 0);
            // `max_by_key` keeps the last of equals: reversed, the class that sorts first.
            let (class, _) = failing.rev().max_by_key(|(_, count)| **count)?;
            Some(observed(*second, *class))
        });
    let bad_gateway = Class::Status(502);
    let first_502 = seconds
        .iter()
        .find(|(_, tally)| tally.of_class(bad_gateway) > 0)
        .map(|(second, _)| observed(*second, bad_gateway));
    (first_failure, first_502)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_failure_is_still_no_proof_of_none() {
        let interval = share_interval(0, 300).unwrap();
        assert_eq!(interval.low, 0.0);
        assert!((0.01..0.014).contains(&interval.high), "{interval:?}");
        assert_eq!(share_interval(0, 0), None);
    }
}
