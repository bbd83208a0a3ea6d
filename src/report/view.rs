//! All that the parts of a report share: the record, its summary, its trials, and what counts as a failure.

use super::answered::answered_by;
use super::campaigns::Campaigns;
use super::customer::tell_who;
use super::summarize::{Summed, summary_of};
use super::summary::Summary;
use crate::analysis::{Judged, TrialView, failure_limit, trials};
use crate::record::{Class, RunRecord};
use crate::search::{Finding, Kind};

/// A record, seen through its finding.
#[derive(Debug)]
pub struct View<'a> {
    /// The record.
    pub record: &'a RunRecord,
    /// What its search found; nothing for `run`.
    pub finding: Option<&'a Finding>,
    /// The summary of both.
    pub summary: Summary,
    /// The trials, or the stretches of load of a run.
    pub trials: Vec<TrialView>,
    /// The share of failures, 0 to 1, that is one too many.
    pub limit: f64,
    /// The thresholds, judged.
    pub judged: Vec<Judged>,
    /// The campaigns of the scenario, held against the finding; nothing where there are none.
    pub(super) campaigns: Option<Campaigns>,
}

impl<'a> View<'a> {
    /// Looks at `record` through `finding`.
    pub fn new(record: &'a RunRecord, finding: Option<&'a Finding>) -> Self {
        let trials = trials(record);
        let Summed {
            summary,
            campaigns,
            judged,
        } = summary_of(record, finding, &trials);
        Self {
            record,
            finding,
            summary,
            campaigns,
            judged,
            limit: failure_limit(&record.header),
            trials,
        }
    }

    /// Looks at what of a record may be told to others: `told` is what is left of `record`.
    pub(super) fn for_customer(
        record: &RunRecord,
        told: &'a RunRecord,
        finding: Option<&'a Finding>,
    ) -> Self {
        let mut view = Self::new(told, finding);
        // Who answered follows from what is left out: from the whole record, without the words that showed it.
        view.summary.answered_by = answered_by(&record.samples);
        tell_who(&mut view.summary.answered_by);
        view
    }

    /// The trials that ask what the site carries: not those that only wait for it to come back.
    pub fn measured(&self) -> impl Iterator<Item = &TrialView> {
        self.trials.iter().filter(|trial| !trial.is_recovery())
    }

    /// Whether any request was answered, well or badly.
    pub fn has_answers(&self) -> bool {
        self.trials.iter().any(|trial| trial.tally.completed() > 0)
    }

    /// The campaign whose planned mix the search counted in, and how many pages per second one of it is.
    pub(super) fn mix(&self) -> Option<(&str, f64)> {
        self.campaigns.as_ref()?.counted_in()
    }

    /// Up to which load the site is known to be safe, in pages per second.
    pub fn safe_until(&self) -> Option<f64> {
        let finding = self.summary.finding.as_ref()?;
        match finding.kind {
            Kind::Tipped => self.summary.verified_rate.or(finding.rate.map(|rate| rate.low)),
            Kind::NotReached | Kind::OurLimit => finding.up_to,
            Kind::AlreadyFailing | Kind::Blocked | Kind::Unsteady => None,
        }
    }

    /// The highest load whose latency means something, in pages per second: the verified one, or what was carried;
    /// nothing where every load counts.
    pub fn latency_rate(&self) -> Option<f64> {
        self.summary.verified_rate.or_else(|| self.safe_until())
    }

    /// Whether every failure of every trial is a 502.
    pub fn all_failures_are_502(&self) -> bool {
        self.measured()
            .all(|trial| trial.tally.failed == trial.tally.of_class(Class::Status(502)))
    }
}
