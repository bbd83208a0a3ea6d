//! What a campaign that was played met: when the site failed and for how long, whom that hit, what it would have cost,
//! and whether the site came back.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::failure::{failure_family, failure_limit};
use super::tally::{Tally, by_due};
use crate::record::{Class, RunRecord};

/// The site is back when so many seconds in a row with load pass without more failures than the limit …
const BACK_SECONDS: u32 = 10;
/// … and so many requests were answered in them.
const BACK_ANSWERS: u64 = 20;

/// What a campaign that was played met. Times are seconds after its start: the send, the spot, the post.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct CampaignOutcome {
    /// Its name in the scenario.
    pub name: String,
    /// Its kind: `newsletter`, `push` …
    pub kind: String,
    /// When the run begins.
    pub begins_at_seconds: f64,
    /// When its people come most.
    pub peak_at_seconds: f64,
    /// When the run ends, as it was planned.
    pub ends_at_seconds: f64,
    /// When the first 502 came; null where none came.
    pub first_502_at_seconds: Option<f64>,
    /// When the first failure came, of whatever class; null where none came.
    pub first_failure_at_seconds: Option<f64>,
    /// Seconds in which more than the limit (1 % unless said otherwise) of the answers were failures.
    pub failing_seconds: u32,
    /// When the last of these seconds was over; null where there was none.
    pub failed_until_seconds: Option<f64>,
    /// Whether the site came back after them: at least 10 seconds with load and 20 answers in a row without them. Null
    /// where it did not fail, or where too little was seen afterwards.
    pub recovered: Option<bool>,
    /// Visits that came to their end.
    pub visits: u64,
    /// Visits among them that met a failure.
    pub visits_hit: u64,
    /// Visits among them that ended without what they came for: a page failed, its reloads too.
    pub visits_lost: u64,
    /// Requests that visitors sent again by hand.
    pub reloads: u64,
    /// Requests of link scanners; 0 where there were none.
    pub scanner_requests: u64,
    /// Requests of link scanners that failed.
    pub scanner_requests_failed: u64,
    /// What the lost visits would have ordered: conversion rate × value of an order; null where these are not given.
    pub revenue_at_risk: Option<f64>,
    /// The share of visits that order, 0 to 1; null where it is not given.
    pub conversion_rate: Option<f64>,
    /// What an order is worth; null where it is not given.
    pub order_value: Option<f64>,
    /// In which currency; empty where none was given.
    pub currency: String,
    /// The share of failures after which a visitor was to reload the page, 0 to 1; null where nobody was.
    pub reload_share: Option<f64>,
}

/// What the campaign of `record` met; nothing where it played none.
pub fn campaign_outcome(record: &RunRecord) -> Option<CampaignOutcome> {
    let line = record.campaign.as_ref()?;
    let family = failure_family(&record.header);
    let limit = failure_limit(&record.header);
    let seconds = by_due(record, &family);
    let after_start = |second: u32| line.begins_at + f64::from(second);
    let first = |is_it: &dyn Fn(&Tally) -> bool| {
        let found = seconds.iter().find(|(_, tally)| is_it(tally));
        found.map(|(second, _)| after_start(*second))
    };
    let is_failing =
        |tally: &Tally| tally.failed > 0 && tally.failed as f64 > limit * tally.completed() as f64;
    let last = seconds
        .iter()
        .rfind(|(_, tally)| is_failing(tally))
        .map(|(second, _)| *second);
    let sum = |count: fn(&crate::record::Second) -> u64| record.seconds.iter().map(count).sum::<u64>();
    let visits_lost = sum(|second| second.visits_lost);
    let scanners = || {
        record
            .seconds
            .iter()
            .filter_map(|second| second.scanners.as_ref())
    };
    let scans: i64 = scanners()
        .flat_map(|line| &line.sent)
        .map(|(_, count)| count)
        .sum();
    let failed_scans = scanners()
        .flat_map(|line| &line.ended)
        .filter(|(_, class, _)| family.contains(*class));
    Some(CampaignOutcome {
        name: line.name.clone(),
        kind: line.kind.clone(),
        begins_at_seconds: line.begins_at,
        peak_at_seconds: line.peak_at,
        ends_at_seconds: line.ends_at,
        first_502_at_seconds: first(&|tally| tally.of_class(Class::Status(502)) > 0),
        first_failure_at_seconds: first(&|tally| tally.failed > 0),
        failing_seconds: seconds.values().filter(|tally| is_failing(tally)).count() as u32,
        failed_until_seconds: last.map(|second| after_start(second + 1)),
        recovered: last.and_then(|last| came_back(&seconds, last)),
        visits: sum(|second| second.visits),
        visits_hit: sum(|second| second.visits_hit),
        visits_lost,
        reloads: sum(|second| second.reloads),
        scanner_requests: u64::try_from(scans).unwrap_or(0),
        scanner_requests_failed: failed_scans.map(|(_, _, count)| count).sum(),
        revenue_at_risk: line
            .conversion_rate
            .zip(line.order_value)
            .map(|(rate, value)| visits_lost as f64 * rate * value),
        conversion_rate: line.conversion_rate,
        order_value: line.order_value,
        currency: line.currency.clone(),
        reload_share: line.reloads.map(|reloads| reloads.share),
    })
}

/// Whether the site worked after the second `last`, the last one with too many failures; nothing where too little was
/// seen of it. Where that was the last of the run, it did not.
fn came_back(seconds: &BTreeMap<u32, Tally>, last: u32) -> Option<bool> {
    let after = seconds.range(last + 1..).filter(|(_, tally)| tally.sent > 0);
    let (length, answers) = after.fold((0, 0), |(length, answers), (_, tally)| {
        (length + 1, answers + tally.completed())
    });
    if length >= BACK_SECONDS && answers >= BACK_ANSWERS {
        return Some(true);
    }
    (length == 0).then_some(false)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::{CampaignLine, CellLine, ScannerLine, Second, SparseHistogram};

    /// A second with so many good answers and so many 502s, all of them visits.
    fn second(number: u32, good: u64, bad: u64) -> Second {
        let cell = |class, count| CellLine {
            due: number,
            class,
            count,
            bytes: 0,
            fresh: 0,
            from_due: SparseHistogram::new(),
            from_sent: SparseHistogram::new(),
        };
        Second {
            second: number,
            offered: 10.0,
            sent: vec![(number, (good + bad).cast_signed())],
            cells: vec![cell(Class::Status(200), good), cell(Class::Status(502), bad)],
            visits: good + bad,
            visits_hit: bad,
            visits_lost: bad / 2,
            ..Second::default()
        }
    }

    fn record(bad: impl Fn(u32) -> u64, seconds: u32) -> RunRecord {
        let mut record = RunRecord::new(super::super::tests::header());
        record.campaign = Some(CampaignLine {
            name: "newsletter".to_owned(),
            kind: "newsletter".to_owned(),
            begins_at: 100.0,
            conversion_rate: Some(0.02),
            order_value: Some(80.0),
            currency: "EUR".to_owned(),
            ..CampaignLine::default()
        });
        record.seconds = (0..seconds)
            .map(|number| second(number, 10 - bad(number).min(10), bad(number)))
            .collect();
        record
    }

    #[test]
    fn a_failure_is_timed_from_the_start_of_the_campaign_and_its_cost_is_counted() {
        let mut record = record(|second| if (20..50).contains(&second) { 4 } else { 0 }, 90);
        record.seconds[30].scanners = Some(ScannerLine {
            offered: 3.0,
            sent: vec![(29, 1), (30, 2)],
            ended: vec![(30, Class::Status(502), 1), (30, Class::Status(200), 2)],
            unsent: 0,
        });
        let met = campaign_outcome(&record).unwrap();
        assert_eq!(met.first_502_at_seconds, Some(120.0));
        assert_eq!((met.failing_seconds, met.failed_until_seconds), (30, Some(150.0)));
        assert_eq!(met.recovered, Some(true));
        assert_eq!((met.visits, met.visits_hit, met.visits_lost), (900, 120, 60));
        assert_eq!((met.scanner_requests, met.scanner_requests_failed), (3, 1));
        assert_eq!(met.revenue_at_risk, Some(60.0 * 0.02 * 80.0));
    }

    #[test]
    fn a_site_comes_back_only_where_that_was_seen() {
        let outcome = |bad: fn(u32) -> u64, seconds| campaign_outcome(&record(bad, seconds)).unwrap();
        let never = outcome(|_| 0, 60);
        assert_eq!(
            (
                never.recovered,
                never.first_failure_at_seconds,
                never.failing_seconds
            ),
            (None, None, 0)
        );
        assert_eq!(
            outcome(|second| u64::from(second >= 30), 60).recovered,
            Some(false)
        );
        let too_short = outcome(|second| u64::from((30..55).contains(&second)), 60);
        assert_eq!(too_short.recovered, None);
        let back = outcome(|second| u64::from((30..50).contains(&second)), 60);
        assert_eq!(back.recovered, Some(true));
    }

    #[test]
    fn a_run_without_a_campaign_has_no_outcome_of_one() {
        let mut record = record(|_| 0, 5);
        record.campaign = None;
        assert_eq!(campaign_outcome(&record), None);
    }
}
