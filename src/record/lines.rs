//! The lines of `run.jsonl`, format 1: what each holds, in which unit. Machines write them and machines read them;
//! `type` tells them apart. Readers skip types that they do not know.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::assets::AssetCounts;
use super::campaign::{CampaignLine, ScannerLine};
use super::class::Class;
use super::histogram::SparseHistogram;
use super::outcome::Unsent;
use super::phases::PhaseHistograms;
use super::snapshot::{Cell, IntervalSnapshot};
use super::sources::SourceLine;
use super::steps::StepLine;

/// The format that this build writes, and the highest that it reads.
pub const FORMAT: u32 = 1;

/// One line of a record.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Line {
    /// What was run: always the first line.
    Header(Header),
    /// The campaign that is played, where one is.
    Campaign(CampaignLine),
    /// One second of the run.
    Second(Second),
    /// A trial of a search, at its end.
    Trial(TrialLine),
    /// A failed answer, kept as an example.
    Sample(Sample),
    /// What a server's log or status page showed in one second.
    Source(SourceLine),
    /// Something that happened once.
    Event(Event),
    /// The run came to its end: always the last line.
    End(End),
}

/// What was run, with what settings. Everything a report needs that is no measurement.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Header {
    /// The format of the record.
    pub format: u32,
    /// The version that wrote it.
    pub tool_version: String,
    /// Names this run: twelve hexadecimal digits.
    pub run_id: String,
    /// When it started, RFC 3339 in UTC.
    pub started_at: String,
    /// `find`, `run` or `demo`.
    pub command: String,
    /// The words that were typed, secrets left out.
    pub arguments: Vec<String>,
    /// The scenario.
    pub scenario: ScenarioRef,
    /// What a visit is made of.
    pub journey: JourneyShape,
    /// How visits arrive.
    pub arrivals: Arrivals,
    /// `per_visitor`, `pooled` or `per_request`.
    pub connections: String,
    /// What counts as a failure of the site: `gateway`, `any_5xx`, or classes.
    pub failure: Vec<String>,
    /// The settings of the search, in the search's own shape; null for `run`.
    pub search: Option<serde_json::Value>,
    /// The thresholds, as they were written.
    pub thresholds: Vec<String>,
    /// The campaigns of the scenario with every number in place and what the site carries already, in the forecast's own
    /// shape. Absent where there are none, and from the first records of this format.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub forecast: Option<serde_json::Value>,
    /// Languages of the report, first one shown.
    pub languages: Vec<String>,
    /// Workers that played the load.
    pub workers: u32,
    /// Open files allowed.
    pub file_limit: u64,
    /// Addresses that were contacted, pinned before the start: `host:port → address`.
    pub pinned: BTreeMap<String, Vec<String>>,
    /// How long the resolver took for each of their names, in microseconds; names that no resolver was asked for are left
    /// out, and so is the whole in the first records of this format.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub lookup_us: BTreeMap<String, u64>,
    /// The proxy that requests went through, `host:port`, with the addresses it was reached at; absent where none was.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub proxy: BTreeMap<String, Vec<String>>,
    /// How the steps are called, by their numbers. Absent from the first records of this format.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub steps: Vec<String>,
    /// The version of HTTP that the site spoke before the load, `1.1` or `2`. Absent where it spoke none, and from the first
    /// records of this format.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub http: Option<String>,
    /// Where trusted certificates came from: `system`, `bundled`, `file`, `none (insecure)` or `not used`.
    pub trust: String,
    /// Who authorized the load, where somebody had to.
    pub authorized_by: Option<String>,
    /// The demo site's own truth, where the site is ours.
    pub truth: Option<Truth>,
    /// The scenario as it was understood, secrets redacted, as YAML.
    pub effective: String,
}

/// Which scenario it was.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ScenarioRef {
    /// Its name.
    pub name: String,
    /// The address of the site.
    pub target: String,
    /// `production`, `staging` or `copy`, where it was said.
    pub stands_for: Option<String>,
    /// SHA-256 of `effective.yaml`, in hexadecimal.
    pub hash: String,
}

/// What a visit is made of.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct JourneyShape {
    /// Page views per visit.
    pub pages_per_visit: f64,
    /// Requests per visit, assets included.
    pub requests_per_visit: f64,
}

/// How visits arrive.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Arrivals {
    /// `poisson` or `even`; `closed` where visitors start anew when their visits end, `replayed` where a log says who comes.
    pub process: String,
    /// The seed of the stream.
    pub seed: u64,
    /// `none` or `real`.
    pub think: String,
}

/// The truth about the demo site, by simulation of the same model.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Truth {
    /// Workers ÷ service time, in pages per second.
    pub capacity: f64,
    /// The true tipping point for the arrivals, share and horizon of this run, in pages per second.
    pub rate: f64,
}

/// One second of the run, as one or all workers saw it. Requests are counted by the second in which they were due.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Second {
    /// Which second, from 0.
    pub second: u32,
    /// The load asked for, in pages per second, on average over the second; of a closed model, what its visitors sent.
    pub offered: f64,
    /// Visitors that were kept walking, on average over the second; absent in an open model.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub visitors: Option<f64>,
    /// The trial that it belongs to, from 0; null between trials and in `run`.
    pub trial: Option<u32>,
    /// Whether the trial is judged by it (false while the load is still moving).
    pub judged: bool,
    /// Requests sent: pairs of the second in which they were due and how many; below zero where requests that an earlier
    /// second counted were withdrawn.
    pub sent: Vec<(u32, i64)>,
    /// Requests that ended.
    pub cells: Vec<CellLine>,
    /// Arrivals that were given up.
    pub unsent: Vec<UnsentLine>,
    /// 99th percentile of sent − due, in microseconds.
    pub lateness_p99_us: u64,
    /// Largest sent − due, in microseconds.
    pub lateness_max_us: u64,
    /// Sent − due in microseconds: pairs of bucket edge and count. Absent where nothing was sent, and from the
    /// first records of this format.
    #[serde(default, skip_serializing_if = "SparseHistogram::is_empty")]
    pub lateness: SparseHistogram,
    /// Requests in flight, on average over the second.
    pub in_flight_mean: f64,
    /// Requests in flight at its end.
    pub in_flight: u64,
    /// Visits that ended.
    pub visits: u64,
    /// Visits that ended and met a failure.
    pub visits_hit: u64,
    /// Visits that ended without what they came for: a step failed, its reloads too. Absent where there were none, and
    /// from older records.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub visits_lost: u64,
    /// Requests among those sent that visitors sent again by hand. Absent where there were none.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub reloads: u64,
    /// What of all this link scanners did; absent where there were none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scanners: Option<ScannerLine>,
    /// How long the parts of the successes took that ended in it. Absent where nothing is known of them, and from the
    /// first records of this format.
    #[serde(default, skip_serializing_if = "PhaseHistograms::is_empty")]
    pub phases: PhaseHistograms,
    /// Requests that were sent a second time, because the site had not taken them the first time. Absent where none was.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub retried: u64,
    /// Redirects that were followed: each is one more request of its step. Absent where none was.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub redirects: u64,
    /// The requests of `cells` by step and class. Absent where there is one step only, and from the first records of this
    /// format.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub steps: Vec<StepLine>,
    /// What was fetched besides the pages. Absent where nothing was.
    #[serde(default, skip_serializing_if = "AssetCounts::is_empty")]
    pub assets: AssetCounts,
    /// Whether this machine was late or left arrivals out: the second is then not judged.
    pub disturbed: bool,
    /// What the run cost this machine.
    pub generator: Generator,
}

/// What the run cost this machine in one second. Zero where it cannot be read.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Generator {
    /// Processor time used, in microseconds, over all threads.
    pub cpu_us: u64,
    /// Open file descriptors.
    pub open_files: u64,
    /// Resident memory in bytes.
    pub memory_bytes: u64,
    /// Processor time that each worker used, in microseconds. This and what follows is absent from older records.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub threads_us: Vec<u64>,
    /// How long each worker was ready to go on and waited for a core, in microseconds.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub waited_us: Vec<u64>,
    /// TCP sockets of this machine at the end of the second, closed ones whose port is not free yet included.
    #[serde(default, skip_serializing_if = "is_nothing")]
    pub ports: u64,
}

fn is_nothing(count: &u64) -> bool {
    *count == 0
}

/// Requests of one class, due in one second.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CellLine {
    /// The second in which they were due.
    pub due: u32,
    /// How they ended.
    pub class: Class,
    /// How many.
    pub count: u64,
    /// Bytes received.
    pub bytes: u64,
    /// How many opened a connection.
    pub fresh: u64,
    /// Microseconds from due: pairs of bucket edge and count.
    pub from_due: SparseHistogram,
    /// Microseconds from sent: pairs of bucket edge and count.
    pub from_sent: SparseHistogram,
}

/// Arrivals that were given up.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct UnsentLine {
    /// The second in which they were due.
    pub due: u32,
    /// Why.
    pub reason: Unsent,
    /// How many.
    pub count: u64,
}

/// A trial of a search: a load, held, and what was concluded.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct TrialLine {
    /// Its number, from 0.
    pub trial: u32,
    /// Its place in the search: `baseline`, `coarse`, `refine`, `hold`, `recover` …
    pub phase: String,
    /// The load, in pages per second.
    pub rate: f64,
    /// Its first second, the way up to the load included.
    pub from: u32,
    /// The first second that counts.
    pub judged_from: u32,
    /// The first second after it.
    pub until: u32,
    /// `good`, `bad`, `near`, `unknown` or `void`.
    pub verdict: String,
    /// Why, in words.
    pub why: String,
}

/// A failed answer, kept as an example; cut, and without secrets.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Sample {
    /// The second in which it was due.
    pub due: u32,
    /// The load then, in pages per second.
    pub offered: f64,
    /// How it ended.
    pub class: Class,
    /// The step of the journey, from 0.
    pub step: u16,
    /// Header names and values, where an answer came.
    pub headers: Vec<(String, String)>,
    /// The beginning of the body, as text.
    pub body: String,
    /// What went wrong below HTTP, where it did.
    pub error: Option<String>,
}

/// Something that happened once, in words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Event {
    /// The second in which it happened.
    pub second: u32,
    /// A short name, such as `stop_rule` or `interrupted`.
    pub what: String,
    /// What happened, in a sentence.
    pub detail: String,
}

/// How a run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Ending {
    /// As planned.
    Complete,
    /// By the person who ran it.
    Interrupted,
    /// By a cap or a stop rule.
    Capped,
}

/// The end of a run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct End {
    /// How it ended.
    pub ending: Ending,
    /// What stopped it, where it was not the plan.
    pub stopped_by: Option<String>,
    /// Seconds that it took.
    pub seconds: u32,
    /// Requests still in flight when it ended.
    pub in_flight: u64,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for a reference")]
fn is_zero(count: &u64) -> bool {
    *count == 0
}

/// The JSON Schema (draft-07) of one line of a record.
pub fn schema() -> serde_json::Value {
    let generator = schemars::generate::SchemaSettings::draft07()
        .for_serialize()
        .into_generator();
    generator.into_root_schema_for::<Line>().to_value()
}

impl Second {
    /// The counters of an interval in their stored form; the caller fills in what it alone knows (offered load,
    /// trial, generator).
    pub fn of(second: u32, snapshot: &IntervalSnapshot, length_nanos: u64) -> Self {
        let cells = snapshot.cells.iter().map(|((due, class), cell)| CellLine {
            due: *due,
            class: *class,
            count: cell.count,
            bytes: cell.bytes,
            fresh: cell.fresh_connections,
            from_due: cell.from_due.clone(),
            from_sent: cell.from_sent.clone(),
        });
        let steps = snapshot.steps.iter().map(|((step, class), cell)| StepLine {
            step: *step,
            class: *class,
            count: cell.count,
            from_due: cell.from_due.clone(),
        });
        Self {
            second,
            sent: snapshot.sent.iter().map(|(due, count)| (*due, *count)).collect(),
            cells: cells.collect(),
            unsent: snapshot
                .unsent
                .iter()
                .map(|((due, reason), count)| UnsentLine {
                    due: *due,
                    reason: *reason,
                    count: *count,
                })
                .collect(),
            lateness_p99_us: snapshot.lateness.at_quantile(0.99).unwrap_or(0),
            lateness_max_us: snapshot.lateness.max().unwrap_or(0),
            lateness: snapshot.lateness.clone(),
            in_flight_mean: snapshot.in_flight_area as f64 / length_nanos.max(1) as f64,
            in_flight: snapshot.in_flight,
            visits: snapshot.visits,
            visits_hit: snapshot.visits_hit,
            visits_lost: snapshot.visits_lost,
            reloads: snapshot.reloads,
            scanners: (!snapshot.scanners.is_empty()).then(|| ScannerLine::from(&snapshot.scanners)),
            phases: snapshot.phases.clone(),
            retried: snapshot.retried,
            redirects: snapshot.redirects,
            steps: steps.collect(),
            assets: snapshot.assets.clone(),
            ..Self::default()
        }
    }
}

impl Second {
    /// Requests sent in this second less those that were withdrawn in it, whenever they were due.
    pub fn sent_in_all(&self) -> i64 {
        self.sent.iter().map(|(_, count)| count).sum()
    }

    /// Pages asked for in this second: requests of steps without the redirects that were followed.
    pub fn pages_sent(&self) -> u64 {
        u64::try_from(self.sent_in_all())
            .unwrap_or(0)
            .saturating_sub(self.redirects)
    }
}

impl CellLine {
    /// The cell without its key.
    pub fn cell(&self) -> Cell {
        Cell {
            count: self.count,
            bytes: self.bytes,
            fresh_connections: self.fresh,
            from_due: self.from_due.clone(),
            from_sent: self.from_sent.clone(),
        }
    }
}
