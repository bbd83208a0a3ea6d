//! `summary.json`: the answer of a run for machines. Every key is always there; what is absent is null.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::watched::{CauseSummary, ResourceSummary};
use crate::analysis::{CampaignOutcome, ThresholdVerdict};
use crate::record::{Arrivals, JourneyShape, ScenarioRef, Truth};
use crate::scenario::CampaignKind;
use crate::search::{Estimate, Kind, Limit, Recovery, Shape};

/// The version of this shape.
pub const SCHEMA_VERSION: u32 = 1;

/// How much of a run there is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// It came to its planned end.
    Complete,
    /// The person who ran it stopped it.
    Interrupted,
    /// It was killed; the record holds what came before.
    Partial,
    /// A cap or a stop rule ended it.
    Capped,
}

/// The answer of a run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Summary {
    /// The version of this shape: 1.
    pub schema_version: u32,
    /// The version that made the run.
    pub tool_version: String,
    /// Names the run: twelve hexadecimal digits.
    pub run_id: String,
    /// When it started, RFC 3339 in UTC.
    pub started_at: String,
    /// How much of it there is.
    pub status: Status,
    /// What stopped it, where it was not the plan.
    pub stopped_by: Option<String>,
    /// Whether the search came to its own end; null for `run`.
    pub converged: Option<bool>,
    /// Which scenario it was.
    pub scenario: ScenarioRef,
    /// What a visit is made of.
    pub journey: JourneyShape,
    /// How visits arrived.
    pub arrivals: Arrivals,
    /// What the search found; null for `run`.
    pub finding: Option<FindingSummary>,
    /// The highest load that passed a hold, in pages per second.
    pub verified_rate: Option<f64>,
    /// The lowest load whose failure stands, in pages per second.
    pub failing_rate: Option<f64>,
    /// The first failure.
    pub first_failure: Option<FirstFailure>,
    /// The first 502.
    pub first_502: Option<FirstSeen>,
    /// How the site came back after the last failure.
    pub recovery: Option<Recovery>,
    /// What the campaign that was played met; null where none was.
    pub campaign: Option<CampaignOutcome>,
    /// The loads that were held and what they showed; of `run`, its stretches of load.
    pub trials: Vec<TrialSummary>,
    /// How long the parts of the successes took, over all loads.
    pub phases_ms: PhaseSummary,
    /// Requests that were sent a second time, because the site had not taken them the first time.
    pub retried: u64,
    /// Redirects that were followed; each was one more request.
    pub redirects: u64,
    /// What each step of the journeys showed, over the whole run.
    pub steps: Vec<StepSummary>,
    /// What was fetched besides the pages; null where nothing was.
    pub assets: Option<AssetSummary>,
    /// How much of the answers the origin gave.
    pub origin: Origin,
    /// Who made the failed answers, as far as the record has examples of them.
    pub answered_by: Vec<AnsweredBy>,
    /// Watched resources that were full, the one that was full at the lowest load first; empty where none was watched.
    pub resources: Vec<ResourceSummary>,
    /// What the followed logs named, most frequent first; empty where none was followed.
    pub causes: Vec<CauseSummary>,
    /// How this machine did.
    pub generator: GeneratorSummary,
    /// The truth about the demo site; null elsewhere.
    pub truth: Option<Truth>,
    /// The campaigns of the scenario, held against what was found.
    pub campaigns: Vec<CampaignSummary>,
    /// What had to hold, and whether it did.
    pub thresholds: Vec<ThresholdSummary>,
}

/// A threshold and what became of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ThresholdSummary {
    /// The threshold as it was written.
    pub text: String,
    /// Whether it held.
    pub verdict: ThresholdVerdict,
    /// Why, in words.
    pub why: String,
}

/// A campaign, held against what was found. What stands for production promises nothing without its condition.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct CampaignSummary {
    /// Its name.
    pub name: String,
    /// What it is.
    pub kind: CampaignKind,
    /// The load of its busiest moment with link scanners, other campaigns and what the site carries already, in pages
    /// per second.
    pub peak_rate: f64,
    /// What it brings itself at its peak, people and link scanners, in pages per second.
    pub own_rate: f64,
    /// How often `peak_rate` fits into the tipping point; null where nothing may be promised.
    pub headroom: Option<HeadroomSummary>,
    /// The headroom that is asked for; null where nothing may be promised.
    pub wanted_headroom: Option<f64>,
    /// `go`, `conditional`, `throttle` or `no_go`, from the low end of the headroom; null where nothing may be promised.
    pub verdict: Option<String>,
    /// What the verdict rests on that nobody has measured; null where there is nothing.
    pub condition: Option<String>,
    /// Why there is no verdict; null where there is one.
    pub why: Option<String>,
    /// The share of scanned mails, 0 to 1, at which the headroom is just what is asked for; null where no share is.
    pub break_even_scanner_share: Option<f64>,
    /// The largest audience in the planned time; null where nothing may be promised.
    pub largest_send: Option<u64>,
    /// The shortest send that keeps the headroom, in seconds; null where no allowed one does, or it is not sent.
    pub shortest_send_seconds: Option<f64>,
    /// Mails a minute of that send; null where all may go at once.
    pub throttle_per_minute: Option<f64>,
}

/// How often a peak fits into the tipping point.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct HeadroomSummary {
    /// For the low end of the tipping interval: what is promised from.
    pub low: f64,
    /// For its middle; null where the site did not tip.
    pub mid: Option<f64>,
    /// For its high end; null where the site did not tip.
    pub high: Option<f64>,
}

/// What a search found.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct FindingSummary {
    /// Which of the six.
    pub kind: Kind,
    /// The unit of `rate`, `up_to` and `at`: always `pages_per_second`.
    pub unit: String,
    /// The tipping point with its interval; `tipped` only.
    pub rate: Option<Estimate>,
    /// The same in visits per second.
    pub visits_per_second: Option<Estimate>,
    /// The highest load that was really offered and carried.
    pub up_to: Option<f64>,
    /// The load at which it fails or was refused.
    pub at: Option<f64>,
    /// The confidence of the interval, 0 to 1.
    pub confidence: f64,
    /// For how many seconds of constant load the claim holds.
    pub horizon_seconds: u32,
    /// The class that most failures had.
    pub class: Option<String>,
    /// What set the limit.
    pub limit: Option<Limit>,
    /// How the failures grow.
    pub shape: Option<Shape>,
    /// Why this finding and no other.
    pub why: String,
    /// What it rests on, a sentence each.
    pub evidence: Vec<String>,
    /// The loads that were only to be proven or refuted, rising; null where the tipping point itself was searched for.
    pub asked: Option<Vec<f64>>,
    /// How many searches were to be pooled.
    pub searches: u32,
    /// The same in multiples of a planned campaign, where the search counted in it; null elsewhere.
    pub multiples: Option<Multiples>,
}

/// A finding in multiples of the planned mix of a campaign at its peak.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Multiples {
    /// The name of the campaign.
    pub campaign: String,
    /// One of it, in pages per second: people, link scanners, other campaigns and what the site carries already.
    pub load: f64,
    /// The tipping point; `tipped` only.
    pub rate: Option<Estimate>,
    /// The highest load that was really offered and carried.
    pub up_to: Option<f64>,
}

/// The first failure of a run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct FirstFailure {
    /// How it ended.
    pub class: String,
    /// The load then, in pages per second.
    pub rate: f64,
    /// Seconds since the start of the run.
    pub at_seconds: u32,
}

/// Something seen first at a load and a second.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct FirstSeen {
    /// The load then, in pages per second.
    pub rate: f64,
    /// Seconds since the start of the run.
    pub at_seconds: u32,
}

/// A load that was held and what it showed, over the requests due in its judged seconds.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct TrialSummary {
    /// The load, in pages per second.
    pub offered_rate: f64,
    /// Seconds that count.
    pub seconds: u32,
    /// Requests sent.
    pub sent: u64,
    /// Arrivals given up.
    pub unsent: u64,
    /// The same by reason: `late`, `in_flight_cap`, `files`, `ports`, `memory`, `stopped`.
    pub unsent_by_reason: BTreeMap<String, u64>,
    /// Requests whose end was not seen: sent minus the sum of `by_class`.
    pub in_flight_at_end: u64,
    /// Requests that ended, by class.
    pub by_class: BTreeMap<String, u64>,
    /// Failed ÷ completed with its 95 % interval, 0 to 1; null where nothing was completed.
    pub failed_share: Option<ShareSummary>,
    /// Latency of the successes.
    pub latency_ms: LatencySummary,
    /// `good`, `bad`, `near`, `unknown` or `void`; null for `run`.
    pub verdict: Option<String>,
}

/// A share with its 95 % interval, each 0 to 1.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ShareSummary {
    /// Lower end.
    pub low: f64,
    /// The share that was seen.
    pub mid: f64,
    /// Upper end.
    pub high: f64,
}

/// Latency of the successes, in milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct LatencySummary {
    /// From the moment they were due: what a visitor feels; null where nothing succeeded.
    pub from_due: Option<Quantiles>,
    /// From the moment they were sent: what the site did; null where nothing succeeded.
    pub from_sent: Option<Quantiles>,
}

/// Quantiles of a latency, in milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Quantiles {
    /// The median.
    pub p50: f64,
    /// 90 % were at most this long.
    pub p90: f64,
    /// 95 % were at most this long.
    pub p95: f64,
    /// 99 % were at most this long.
    pub p99: f64,
    /// 99.9 % were at most this long.
    pub p999: f64,
    /// The longest.
    pub max: f64,
}

/// How long the parts of requests took, in milliseconds; null where no request had such a part, or where it is not known.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct PhaseSummary {
    /// Looking up the name: once for each name, before the run; the answers are kept for the whole of it.
    pub dns: Option<Quantiles>,
    /// Until the byte stream was open, a proxy's tunnel included.
    pub connect: Option<Quantiles>,
    /// The TLS handshake.
    pub tls: Option<Quantiles>,
    /// From an open connection until the request was handed to the system.
    pub send: Option<Quantiles>,
    /// From then until the first byte of the answer.
    pub first_byte: Option<Quantiles>,
    /// From the first byte of the answer until its last.
    pub receive: Option<Quantiles>,
}

/// What a step of a journey showed, redirects that were followed included.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct StepSummary {
    /// Its name, or its method and path; with its journey where there are several.
    pub name: String,
    /// Requests that ended.
    pub requests: u64,
    /// How many of them count as failures of the site.
    pub failures: u64,
    /// Requests that ended, by class.
    pub by_class: BTreeMap<String, u64>,
    /// Latency of its successes from due, in milliseconds; null where none succeeded.
    pub latency_ms: Option<Quantiles>,
}

/// What was fetched besides the pages. Loads are named in pages: none of these requests counts in them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct AssetSummary {
    /// Requests that ended.
    pub requests: u64,
    /// The same by class; `304` is an asset that a visitor had already, and asked about.
    pub by_class: BTreeMap<String, u64>,
    /// Assets that a visitor had already, and did not ask about.
    pub cached: u64,
    /// Bytes received.
    pub bytes: u64,
    /// Requests that opened a connection.
    pub fresh_connections: u64,
    /// Pages whose assets were fetched.
    pub pages: u64,
    /// Requests for one of these pages, on average: its own and those for its assets.
    pub requests_per_page: f64,
    /// Pages that came whole, and count as failed because one of their assets did.
    pub pages_failed: u64,
    /// Assets that were left out, because a page had too many of them or took longer than a minute.
    pub left_out: u64,
    /// Latency of the assets that came, from sent, in milliseconds; null where none came.
    pub latency_ms: Option<Quantiles>,
    /// Of the pages with all their assets: from due until the last asset was there, in milliseconds; null where none was.
    pub whole_page_ms: Option<Quantiles>,
}

/// How much of the answers the origin gave.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Origin {
    /// The share of answers that the origin gave, 0 to 1; null where it cannot be told.
    pub answered_share: Option<f64>,
    /// Answers that a cache at the edge gave; null where it cannot be told.
    pub edge_hits: Option<u64>,
}

/// Who made the failed answers of one class.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct AnsweredBy {
    /// The class of the answers.
    pub class: String,
    /// The product, `application`, or `unknown`.
    pub gateway: String,
    /// `gateway`, `application`, `edge` or `unknown`.
    pub made_by: String,
    /// How sure that is, 0 to 1.
    pub confidence: f64,
    /// What shows it, in words.
    pub evidence: Vec<String>,
    /// How many of the kept examples show it.
    pub examples: u32,
}

/// Whether this machine was fast enough.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum GeneratorVerdict {
    /// It was.
    Ok,
    /// It limited what was measured.
    Limited,
}

/// How this machine did.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct GeneratorSummary {
    /// Whether it was fast enough.
    pub verdict: GeneratorVerdict,
    /// The load from which on it was disturbed, in pages per second; null unless it was limited.
    pub limited_from: Option<f64>,
    /// What it ran out of: `cpu`, `late`, `in_flight_cap`, `files`, `ports` or `memory`; null unless it was limited.
    pub limited_by: Option<String>,
    /// 99th percentile of sent − due, in milliseconds.
    pub p99_lateness_ms: f64,
    /// Largest sent − due, in milliseconds.
    pub max_lateness_ms: f64,
    /// Seconds that could not be judged because of it.
    pub disturbed_seconds: u32,
    /// Arrivals that it gave up.
    pub unsent: u64,
    /// Processor time in the busiest second, as a share of one core per worker; null where it was not read.
    pub cpu_share: Option<f64>,
    /// Most open files; null where they were not read.
    pub open_files: Option<u64>,
    /// Open files allowed.
    pub file_limit: u64,
    /// Largest resident memory, in bytes; null where it was not read.
    pub peak_memory_bytes: Option<u64>,
}

/// The JSON Schema of `T`, draft-07, as it is written.
pub(super) fn schema_of<T: JsonSchema>() -> schemars::Schema {
    schemars::generate::SchemaSettings::draft07()
        .for_serialize()
        .into_generator()
        .into_root_schema_for::<T>()
}

/// The JSON Schema of `summary.json`, draft-07.
pub fn summary_schema() -> schemars::Schema {
    schema_of::<Summary>()
}
