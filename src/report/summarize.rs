//! From a record and its finding to the summary. A pure function: the same record gives the same summary.

use super::answered::answered_by;
use super::campaigns::Campaigns;
use super::played::{assets, journey, steps};
use super::summary::{
    FindingSummary, FirstFailure, FirstSeen, GeneratorSummary, GeneratorVerdict, LatencySummary, Multiples,
    Origin, PhaseSummary, Quantiles, SCHEMA_VERSION, ShareSummary, Status, Summary, ThresholdSummary,
    TrialSummary,
};
use super::watched::{causes, resources};
use crate::analysis::{GeneratorHealth, Judged, ShareInterval, TrialView};
use crate::analysis::{
    asked_loads, campaign_outcome, first_failures, generator_health, judge, pooled_searches, trials,
};
use crate::record::{Ending, PhaseHistograms, RunRecord, SparseHistogram};
use crate::search::{Finding, Kind, Observed};
use crate::units::Rate;
use crate::words::Language;

/// The summary of `record`; `finding` is what its search found, nothing for `run`.
pub fn summary(record: &RunRecord, finding: Option<&Finding>) -> Summary {
    summary_of(record, finding, &trials(record)).summary
}

/// A summary, and what it was made from that speaks more than one language.
pub(super) struct Summed {
    pub(super) summary: Summary,
    pub(super) campaigns: Option<Campaigns>,
    pub(super) judged: Vec<Judged>,
}

/// [`summary`] with its trials at hand.
pub(super) fn summary_of(record: &RunRecord, finding: Option<&Finding>, trials: &[TrialView]) -> Summed {
    let header = &record.header;
    let origin = Origin::default();
    let campaigns = Campaigns::of(record, finding, origin.answered_share);
    let loads = campaigns.as_ref().map_or_else(Vec::new, Campaigns::loads);
    let judged = judge(record, finding, trials, &loads);
    let (seen_failure, seen_502) = first_failures(record);
    let first_failure = finding.and_then(|finding| finding.first_failure).or(seen_failure);
    let first_502 = finding.and_then(|finding| finding.first_502).or(seen_502);
    let was_the_limit = finding.is_some_and(|finding| finding.kind == Kind::OurLimit);
    let summary = Summary {
        schema_version: SCHEMA_VERSION,
        tool_version: header.tool_version.clone(),
        run_id: header.run_id.clone(),
        started_at: header.started_at.clone(),
        status: status(record),
        stopped_by: record.end.as_ref().and_then(|end| end.stopped_by.clone()),
        converged: finding.map(|finding| finding.converged),
        scenario: header.scenario.clone(),
        journey: journey(record),
        arrivals: header.arrivals.clone(),
        finding: finding.map(|finding| found(finding, record, campaigns.as_ref())),
        verified_rate: finding.and_then(|finding| finding.verified).map(Rate::get),
        failing_rate: finding.and_then(|finding| finding.failing).map(Rate::get),
        first_failure: first_failure.map(
            |Observed {
                 class,
                 rate,
                 at_seconds,
             }| FirstFailure {
                class: class.to_string(),
                rate: rate.get(),
                at_seconds,
            },
        ),
        first_502: first_502.map(|seen| FirstSeen {
            rate: seen.rate.get(),
            at_seconds: seen.at_seconds,
        }),
        recovery: finding.and_then(|finding| finding.recovery),
        campaign: campaign_outcome(record),
        trials: trials.iter().map(trial).collect(),
        phases_ms: phases(record),
        retried: record.seconds.iter().map(|second| second.retried).sum(),
        redirects: record.seconds.iter().map(|second| second.redirects).sum(),
        steps: steps(record),
        assets: assets(record),
        origin,
        answered_by: answered_by(&record.samples),
        resources: resources(record, trials),
        causes: causes(record),
        generator: generator(generator_health(record, was_the_limit), header.file_limit),
        truth: header.truth,
        campaigns: campaigns.as_ref().map_or_else(Vec::new, Campaigns::summaries),
        thresholds: judged.iter().map(threshold).collect(),
    };
    Summed {
        summary,
        campaigns,
        judged,
    }
}

fn threshold(judged: &Judged) -> ThresholdSummary {
    ThresholdSummary {
        text: judged.text.clone(),
        verdict: judged.verdict,
        why: judged.reason.in_words(Language::English).replace('\u{a0}', " "),
    }
}

fn status(record: &RunRecord) -> Status {
    match record.end.as_ref().map(|end| end.ending) {
        None => Status::Partial,
        Some(Ending::Complete) => Status::Complete,
        Some(Ending::Interrupted) => Status::Interrupted,
        Some(Ending::Capped) => Status::Capped,
    }
}

fn found(finding: &Finding, record: &RunRecord, campaigns: Option<&Campaigns>) -> FindingSummary {
    let pages_per_visit = record.header.journey.pages_per_visit;
    let visits = if pages_per_visit > 0.0 {
        1.0 / pages_per_visit
    } else {
        1.0
    };
    FindingSummary {
        kind: finding.kind,
        unit: "pages_per_second".to_owned(),
        rate: finding.rate,
        visits_per_second: finding.rate.map(|rate| rate.times(visits)),
        up_to: finding.up_to.map(Rate::get),
        at: finding.at.map(Rate::get),
        confidence: finding.confidence,
        horizon_seconds: finding.horizon_seconds,
        class: finding.class.map(|class| class.to_string()),
        limit: finding.limit,
        shape: finding.shape,
        why: finding.why.clone(),
        evidence: finding.evidence.clone(),
        searches: pooled_searches(&record.header),
        asked: asked_loads(&record.header),
        multiples: campaigns
            .and_then(Campaigns::counted_in)
            .map(|(name, load)| Multiples {
                campaign: name.to_owned(),
                load,
                rate: finding.rate.map(|rate| rate.times(1.0 / load)),
                up_to: finding.up_to.map(|rate| rate.get() / load),
            }),
    }
}

fn trial(trial: &TrialView) -> TrialSummary {
    let tally = &trial.tally;
    let named = |(name, count): (String, &u64)| (name, *count);
    TrialSummary {
        offered_rate: trial.rate,
        seconds: trial.seconds(),
        sent: tally.sent,
        unsent: tally.unsent_total(),
        unsent_by_reason: tally
            .unsent
            .iter()
            .map(|(reason, count)| named((reason.to_string(), count)))
            .collect(),
        in_flight_at_end: tally.in_flight(),
        by_class: tally
            .by_class
            .iter()
            .map(|(class, count)| named((class.to_string(), count)))
            .collect(),
        failed_share: trial
            .failed_share
            .map(|ShareInterval { low, mid, high }| ShareSummary { low, mid, high }),
        latency_ms: LatencySummary {
            from_due: quantiles(&tally.successes.from_due),
            from_sent: quantiles(&tally.successes.from_sent),
        },
        verdict: trial.verdict.clone(),
    }
}

fn phases(record: &RunRecord) -> PhaseSummary {
    let mut all = PhaseHistograms::default();
    for second in &record.seconds {
        all.merge(&second.phases);
    }
    let mut dns = SparseHistogram::new();
    for took in record.header.lookup_us.values() {
        dns.record(*took);
    }
    PhaseSummary {
        dns: quantiles(&dns),
        connect: quantiles(&all.connect),
        tls: quantiles(&all.tls),
        send: quantiles(&all.send),
        first_byte: quantiles(&all.first_byte),
        receive: quantiles(&all.receive),
    }
}

/// The quantiles of a histogram in milliseconds; nothing where it is empty.
pub(super) fn quantiles(histogram: &SparseHistogram) -> Option<Quantiles> {
    let at = |quantile| histogram.at_quantile(quantile).map(|micros| micros as f64 / 1e3);
    Some(Quantiles {
        p50: at(0.5)?,
        p90: at(0.9)?,
        p95: at(0.95)?,
        p99: at(0.99)?,
        p999: at(0.999)?,
        max: histogram.max()? as f64 / 1e3,
    })
}

fn generator(health: GeneratorHealth, file_limit: u64) -> GeneratorSummary {
    GeneratorSummary {
        verdict: if health.is_limited {
            GeneratorVerdict::Limited
        } else {
            GeneratorVerdict::Ok
        },
        limited_from: health.limited_from,
        limited_by: health.limited_by,
        p99_lateness_ms: health.p99_lateness_ms,
        max_lateness_ms: health.max_lateness_ms,
        disturbed_seconds: health.disturbed_seconds,
        unsent: health.unsent,
        cpu_share: health.cpu_share,
        open_files: health.open_files,
        file_limit,
        peak_memory_bytes: health.peak_memory_bytes,
    }
}
