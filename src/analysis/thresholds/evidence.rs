//! Which requests of a record a threshold is judged by: those at the load that it names, at the verified load of a
//! search, or all of a run.

use std::collections::BTreeMap;

use super::measure::over_seconds;
use super::{CampaignLoad, Reason, ThresholdVerdict, Value, Verdict, not_known};
use crate::analysis::failure::failure_family;
use crate::analysis::question::asked_loads;
use crate::analysis::tally::{Tally, by_due};
use crate::analysis::trials::TrialView;
use crate::record::RunRecord;
use crate::scenario::{AtLoad, Subject, Threshold};
use crate::search::Finding;
use crate::words::ReasonText;

/// Loads that differ by less than this part count as the one that a threshold names.
const NEAR: f64 = 0.05;
/// A failure at less than this part of the load that a threshold names says nothing about that load: a site may be slow
/// while its caches are cold.
const FAR_BELOW: f64 = 0.8;
/// Where this machine left out more than this part of what was due, less load was there than asked for.
const MOST_UNSENT: f64 = 0.01;

/// All that thresholds are judged by.
pub(super) struct Evidence<'a> {
    pub(super) record: &'a RunRecord,
    pub(super) finding: Option<&'a Finding>,
    trials: &'a [TrialView],
    campaigns: &'a [CampaignLoad],
    seconds: BTreeMap<u32, Tally>,
}

impl<'a> Evidence<'a> {
    pub(super) fn new(
        record: &'a RunRecord,
        finding: Option<&'a Finding>,
        trials: &'a [TrialView],
        campaigns: &'a [CampaignLoad],
    ) -> Self {
        let seconds = if record.header.thresholds.is_empty() {
            BTreeMap::new()
        } else {
            by_due(record, &failure_family(&record.header))
        };
        Self {
            record,
            finding,
            trials,
            campaigns,
            seconds,
        }
    }

    /// Whether the search had only to prove or refute some loads.
    pub(super) fn is_proof(&self) -> bool {
        asked_loads(&self.record.header).is_some()
    }

    pub(super) fn campaign(&self, name: &str) -> Option<&'a CampaignLoad> {
        self.campaigns.iter().find(|campaign| campaign.name == name)
    }

    /// Latency, failures or checks.
    pub(super) fn measured(&self, threshold: &Threshold) -> Verdict {
        let Some(at) = &threshold.at else {
            return match self.verified_seconds() {
                Ok(seconds) => self.honest(threshold, &seconds),
                Err(reason) => not_known(reason),
            };
        };
        match self.load_of(at) {
            Ok(load) => self.at_load(threshold, load),
            Err(reason) => not_known(reason),
        }
    }

    /// The load that a threshold names, in pages per second. A run plays a campaign without what the site carries
    /// already: its own peak is then the load that is meant.
    fn load_of(&self, at: &AtLoad) -> Result<f64, Reason> {
        let name = match at {
            AtLoad::Rate(rate) => return Ok(rate.get()),
            AtLoad::Peak(name) => name,
        };
        let campaign = self
            .campaign(name)
            .ok_or_else(|| Reason::of(ReasonText::NoSuchCampaign).with("name", Value::Text(name.clone())))?;
        let highest = self.highest();
        let is_played = self.record.header.search.is_none()
            && highest < campaign.total
            && highest >= campaign.own * (1.0 - NEAR);
        Ok(if is_played { highest } else { campaign.total })
    }

    fn highest(&self) -> f64 {
        let loads = self.record.seconds.iter().map(|second| second.offered);
        loads.fold(0.0, f64::max)
    }

    /// The trials or stretches whose load is known and was offered, by their load.
    fn loads(&self) -> Vec<&'a TrialView> {
        let mut loads: Vec<&TrialView> = self
            .trials
            .iter()
            .filter(|trial| !trial.is_void() && !trial.is_recovery() && trial.seconds() > 0)
            .collect();
        loads.sort_by(|a, b| a.rate.total_cmp(&b.rate));
        loads
    }

    /// At a load: it holds where it holds at that load or a higher one, the nearest first; it fails where it fails at
    /// that load or one that is little lower. More load makes no site better.
    fn at_load(&self, threshold: &Threshold, load: f64) -> Verdict {
        let loads = self.loads();
        let above = loads.iter().filter(|trial| trial.rate >= load * (1.0 - NEAR));
        let near = FAR_BELOW * load..=(1.0 + NEAR) * load;
        let below = loads.iter().rev().filter(|trial| near.contains(&trial.rate));
        let upper = self.pooled(threshold, above.copied());
        let lower = self.pooled(threshold, below.copied());
        match (upper, lower) {
            (Some((ThresholdVerdict::Pass, _)), Some((ThresholdVerdict::Fail, _))) => {
                not_known(Reason::of(ReasonText::LoadsDisagree))
            }
            (Some((ThresholdVerdict::Pass, reason)), _) => (ThresholdVerdict::Pass, reason),
            (_, Some((ThresholdVerdict::Fail, reason))) => (ThresholdVerdict::Fail, reason),
            (_, Some((ThresholdVerdict::NotKnown, reason))) | (Some((_, reason)), _) => not_known(reason),
            _ => not_known(
                Reason::of(ReasonText::NoSuchLoad)
                    .with("rate", Value::Quantity(load))
                    .with("highest", Value::Quantity(self.highest())),
            ),
        }
    }

    /// The verdict over the first of `loads` that hold as many requests as it takes, or over all of them.
    fn pooled<'t>(
        &self,
        threshold: &Threshold,
        loads: impl Iterator<Item = &'t TrialView>,
    ) -> Option<Verdict> {
        let needed = threshold.requests_needed().unwrap_or(0.0);
        let mut pool: BTreeMap<u32, Tally> = BTreeMap::new();
        let (mut least, mut most, mut requests) = (f64::INFINITY, 0.0_f64, 0.0);
        let mut found = None;
        for trial in loads {
            let seconds = self.seconds.range(trial.judged_from..trial.until);
            pool.extend(seconds.map(|(second, tally)| (*second, tally.clone())));
            (least, most) = (least.min(trial.rate), most.max(trial.rate));
            requests += trial.tally.completed() as f64;
            let (verdict, reason) = self.honest(threshold, &pool);
            let reason = reason.and(if most <= least * 1.005 {
                Reason::of(ReasonText::AtLoad).with("rate", Value::Quantity(most))
            } else {
                Reason::of(ReasonText::AtLoads)
                    .with("low", Value::Quantity(least))
                    .with("high", Value::Quantity(most))
            });
            let is_decided = verdict != ThresholdVerdict::NotKnown;
            found = Some((verdict, reason));
            if is_decided || (requests >= needed && threshold.over.is_none()) {
                break;
            }
        }
        found
    }

    /// The verdict over `seconds`, unless this machine is behind it: it left out load that should have been there, or
    /// was late itself.
    fn honest(&self, threshold: &Threshold, seconds: &BTreeMap<u32, Tally>) -> Verdict {
        let (verdict, reason) = over_seconds(threshold, seconds);
        let (mut unsent, mut sent) = (0, 0);
        for tally in seconds.values() {
            unsent += tally.unsent_by_us();
            sent += tally.sent;
        }
        let is_short = unsent as f64 > MOST_UNSENT * (unsent + sent) as f64;
        let is_ours = match (verdict, &threshold.subject) {
            (ThresholdVerdict::NotKnown, _) => false,
            (ThresholdVerdict::Pass, _) => is_short,
            // Slow answers by the plan, and not by the clock of the request: we were late.
            (ThresholdVerdict::Fail, Subject::Latency(_)) => {
                is_short || over_seconds(threshold, &as_sent(seconds)).0 != ThresholdVerdict::Fail
            }
            (ThresholdVerdict::Fail, _) => false,
        };
        if is_ours {
            not_known(reason.and(Reason::of(ReasonText::OurMachine)))
        } else {
            (verdict, reason)
        }
    }

    /// The seconds that are judged where no load is named.
    fn verified_seconds(&self) -> Result<BTreeMap<u32, Tally>, Reason> {
        if self.record.header.search.is_none() {
            return Ok(self.seconds.clone());
        }
        let Some(verified) = self.finding.and_then(|finding| finding.verified) else {
            return Err(Reason::of(ReasonText::NoVerifiedLoad));
        };
        let held: Vec<&TrialView> = self
            .trials
            .iter()
            .filter(|trial| (trial.rate - verified.get()).abs() <= 0.005 * verified.get())
            .filter(|trial| !trial.is_void() && trial.verdict.as_deref() != Some("bad"))
            .collect();
        let is_held = |second: &u32| {
            held.iter()
                .any(|trial| (trial.judged_from..trial.until).contains(second))
        };
        let seconds = self.seconds.iter().filter(|(second, _)| is_held(second));
        Ok(seconds.map(|(second, tally)| (*second, tally.clone())).collect())
    }
}

/// The same seconds with latencies from the moment of sending in the place of those from the plan.
fn as_sent(seconds: &BTreeMap<u32, Tally>) -> BTreeMap<u32, Tally> {
    let mut seconds = seconds.clone();
    for tally in seconds.values_mut() {
        tally.successes.from_due = std::mem::take(&mut tally.successes.from_sent);
    }
    seconds
}
