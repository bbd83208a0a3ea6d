//! What is played, searched, stopped and reported, as people write it.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Serialize, Serializer};

use super::{Amount, TIME};
use crate::scenario::{Caps, FailureSet, LoadPlan, Reloads, ReplayPlan, SearchPlan, Think};
use crate::units::{LoadUnit, Rate, Span, WrittenRate};

/// A rate with its unit, or a variable.
pub(super) const RATE: &str = r"^[0-9][0-9_.]*\s*(pages|page|visits|visit)?\s*/\s*(s|sec|m|min|h)$|\$\{";
/// A share with its unit, or a variable.
pub(super) const SHARE: &str = r"^[0-9][0-9_.]*\s*%$|\$\{";

/// What `tipover run` plays.
#[derive(Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::scenario) struct WrittenLoad {
    /// How visits arrive within a rate; `poisson` unless said otherwise.
    #[schemars(extend("enum" = ["poisson", "even"]))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::scenario) arrivals: Option<String>,
    /// The rate over time: each stage is a straight line from the target before it (zero at first) to its own.
    /// Two stages with the same target hold it; a stage of `0s` jumps to its target.
    #[schemars(length(min = 1))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::scenario) stages: Option<Vec<WrittenStage>>,
    /// Instead of stages: the name of a campaign, whose curve is played.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::scenario) campaign: Option<String>,
    /// How much of the campaign is played, from its start; until 15 min after its peak unless said otherwise.
    #[schemars(regex(pattern = TIME))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::scenario) until: Option<String>,
    /// Play only the minutes around the campaign's peak.
    #[schemars(extend("type" = ["boolean", "string"]))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::scenario) peak_only: Option<bool>,
    /// Instead of stages: an access log (nginx or Apache, common or combined, or JSON lines; gzipped or not) whose GET and
    /// HEAD requests are played again in their own timing, without tokens and without links that do something.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::scenario) replay: Option<WrittenReplay>,
    /// Whether visitors reload pages that failed: `none`, or how. Of a campaign, half of them do unless said otherwise; of
    /// stages, nobody does.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::scenario) reloads: Option<WrittenReloads>,
}

/// A log, by its file or by a map.
pub(in crate::scenario) struct WrittenReplay(WrittenReplayMap);

impl Serialize for WrittenReplay {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

impl JsonSchema for WrittenReplay {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "Replay".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let map = generator.subschema_for::<WrittenReplayMap>();
        json_schema!({ "anyOf": [{ "type": "string", "minLength": 1 }, map] })
    }
}

/// A log that is played again.
#[derive(Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::scenario) struct WrittenReplayMap {
    /// The file, relative to this one.
    log: String,
    /// How much faster than it once went; 1 unless said otherwise. Twice as fast is twice the rate for half of the time.
    #[schemars(extend("type" = ["number", "string"]))]
    #[serde(skip_serializing_if = "Option::is_none")]
    factor: Option<f64>,
    /// Words that no address may hold, beside `unsubscribe`, `logout`, `abmelden` and others that are never played.
    #[serde(skip_serializing_if = "Option::is_none")]
    deny: Option<Vec<String>>,
}

/// How visitors reload what failed: `none`, or a map.
pub(in crate::scenario) struct WrittenReloads(Option<WrittenReloadsMap>);

impl Serialize for WrittenReloads {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match &self.0 {
            Some(map) => map.serialize(serializer),
            None => serializer.serialize_str("none"),
        }
    }
}

impl JsonSchema for WrittenReloads {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "Reloads".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let map = generator.subschema_for::<WrittenReloadsMap>();
        json_schema!({ "anyOf": [{ "type": "string", "enum": ["none"] }, map] })
    }
}

/// How visitors reload a page that the site failed (a 5xx, or no whole answer).
#[derive(Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::scenario) struct WrittenReloadsMap {
    /// The share of failures after which a visitor tries again; 50% unless said otherwise.
    #[schemars(regex(pattern = SHARE))]
    #[serde(skip_serializing_if = "Option::is_none")]
    share: Option<String>,
    /// After how long, on average; 5s unless said otherwise.
    #[schemars(regex(pattern = TIME))]
    #[serde(skip_serializing_if = "Option::is_none")]
    after: Option<String>,
    /// At most so often for one page; 3 unless said otherwise.
    #[schemars(extend("type" = ["integer", "string"]), range(min = 1, max = 100))]
    #[serde(skip_serializing_if = "Option::is_none")]
    most: Option<u32>,
}

impl From<&ReplayPlan> for WrittenReplay {
    fn from(plan: &ReplayPlan) -> Self {
        Self(WrittenReplayMap {
            log: plan.written.clone(),
            factor: Some(plan.factor),
            deny: (!plan.deny.is_empty()).then(|| plan.deny.clone()),
        })
    }
}

impl From<Option<&Reloads>> for WrittenReloads {
    fn from(reloads: Option<&Reloads>) -> Self {
        Self(reloads.map(|reloads| WrittenReloadsMap {
            share: Some(reloads.share.to_string()),
            after: Some(Span::new(reloads.after).to_string()),
            most: Some(reloads.most),
        }))
    }
}

/// A straight line to `target`, or to `visitors`, in `duration`.
#[derive(Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::scenario) struct WrittenStage {
    /// How long it takes: `2m`; `0s` jumps.
    #[schemars(regex(pattern = TIME))]
    pub(in crate::scenario) duration: String,
    /// The rate at its end: `50visits/s`.
    #[schemars(regex(pattern = RATE))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::scenario) target: Option<String>,
    /// Instead of a rate, the visitors at its end, each of whom starts anew when its visit ends: `64`.
    #[schemars(extend("type" = ["integer", "string"]), range(min = 0))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::scenario) visitors: Option<u64>,
}

/// How `tipover find` searches.
#[derive(Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::scenario) struct WrittenSearch {
    /// The lowest load; 1pages/s unless said otherwise.
    #[schemars(regex(pattern = RATE))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::scenario) from: Option<String>,
    /// The highest load; 10000pages/s unless said otherwise.
    #[schemars(regex(pattern = RATE))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::scenario) to: Option<String>,
    /// What loads are counted in: `pages` (the default), or `campaign`: multiples of what the largest planned campaign brings
    /// at its peak, people, link scanners and baseline in their planned mix.
    #[schemars(extend("enum" = ["pages", "campaign"]))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::scenario) unit: Option<String>,
    /// How careful: `quick`, `standard` or `long`.
    #[schemars(extend("enum" = ["quick", "standard", "long", "demo"]))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::scenario) profile: Option<String>,
    /// What counts as a failure: `gateway`, `any_5xx`, or a list of classes: `[502, 504, refused]`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::scenario) failure: Option<WrittenFailure>,
    /// The share of failures that is one too many; 1% unless said otherwise.
    #[schemars(regex(pattern = SHARE))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::scenario) share: Option<String>,
    /// How long the search may take; 15m unless said otherwise.
    #[schemars(regex(pattern = TIME))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::scenario) budget: Option<String>,
    /// Whether think times are kept in the search.
    #[schemars(extend("enum" = ["none", "real"]))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::scenario) think: Option<String>,
    /// The seed of the arrivals.
    #[schemars(extend("type" = ["integer", "string"]))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::scenario) seed: Option<u64>,
    /// Caps of the damage that the search may do.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::scenario) caps: Option<WrittenCaps>,
    /// Stop as soon as every threshold is proven or refuted, and offer no more load than the highest `tipping_point`
    /// threshold needs.
    #[schemars(extend("type" = ["boolean", "string"]))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::scenario) enough: Option<bool>,
    /// How many searches are pooled, one after the other; 1 unless said otherwise.
    #[schemars(extend("type" = ["integer", "string"]), range(min = 1, max = 20))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::scenario) repeat: Option<u32>,
}

/// Caps of what a search may do to a site.
#[derive(Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::scenario) struct WrittenCaps {
    /// Requests in all; 1M unless said otherwise.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::scenario) requests: Option<Amount>,
    /// Failed requests; 20k unless said otherwise.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::scenario) failed: Option<Amount>,
    /// Seconds above the verified load; 120 unless said otherwise.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::scenario) seconds_above: Option<Amount>,
}

/// When to stop early.
#[derive(Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::scenario) struct WrittenStop {
    /// Too many failures for too long: `50% for 15s`.
    #[schemars(regex(pattern = r"^[0-9][0-9_.]*\s*%\s+for\s+[0-9]|\$\{"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::scenario) failures: Option<String>,
    /// After so many requests: `200k`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::scenario) requests: Option<Amount>,
    /// After so long: `20m`.
    #[schemars(regex(pattern = TIME))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::scenario) duration: Option<String>,
    /// As soon as this file exists, relative to this one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::scenario) file: Option<String>,
}

/// The report.
#[derive(Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::scenario) struct WrittenReport {
    /// Its languages: `en`, `de`.
    #[schemars(length(min = 1), inner(regex(pattern = "^(en|de)$")))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::scenario) languages: Option<Vec<String>>,
}

/// What counts as a failure: a word, or classes.
pub(in crate::scenario) struct WrittenFailure(FailureSet);

impl Serialize for WrittenFailure {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match &self.0 {
            FailureSet::Gateway => serializer.serialize_str("gateway"),
            FailureSet::Any5xx => serializer.serialize_str("any_5xx"),
            FailureSet::Classes(classes) => serializer.collect_seq(classes),
        }
    }
}

impl JsonSchema for WrittenFailure {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "Failure".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "anyOf": [
                { "type": "string", "enum": ["gateway", "any_5xx"] },
                { "type": "array", "minItems": 1, "items": { "type": ["integer", "string"] } },
            ],
        })
    }
}

fn rate(rate: Rate, unit: LoadUnit) -> String {
    WrittenRate { rate, unit }.to_string()
}

impl From<&LoadPlan> for WrittenLoad {
    fn from(plan: &LoadPlan) -> Self {
        let stages: Vec<WrittenStage> = plan
            .stages
            .iter()
            .map(|stage| WrittenStage {
                duration: Span::new(stage.duration).to_string(),
                target: Some(rate(stage.target, LoadUnit::Visits)),
                visitors: None,
            })
            .chain(plan.crowd.pieces().iter().map(|piece| WrittenStage {
                duration: Span::new(piece.length).to_string(),
                target: None,
                visitors: Some(piece.to.round() as u64),
            }))
            .collect();
        Self {
            arrivals: Some(plan.arrivals.to_string()),
            stages: (!stages.is_empty()).then_some(stages),
            campaign: plan.campaign.as_ref().map(|played| played.name.clone()),
            until: plan
                .campaign
                .as_ref()
                .and_then(|played| played.until)
                .or_else(|| plan.replay.as_ref()?.until)
                .map(|until| Span::new(until).to_string()),
            peak_only: plan
                .campaign
                .as_ref()
                .is_some_and(|played| played.peak_only)
                .then_some(true),
            replay: plan.replay.as_ref().map(Into::into),
            reloads: (plan.campaign.is_some() || plan.reloads.is_some())
                .then(|| plan.reloads.as_ref().into()),
        }
    }
}

impl From<&SearchPlan> for WrittenSearch {
    fn from(plan: &SearchPlan) -> Self {
        let think = match plan.think {
            Think::None => "none",
            Think::Real => "real",
        };
        Self {
            from: Some(rate(plan.from, LoadUnit::Pages)),
            to: Some(rate(plan.to, LoadUnit::Pages)),
            unit: plan.counts_campaigns.then(|| "campaign".to_owned()),
            profile: Some(plan.profile.to_string()),
            failure: Some(WrittenFailure(plan.failure.clone())),
            share: Some(plan.share.to_string()),
            budget: Some(Span::new(plan.budget).to_string()),
            think: Some(think.to_owned()),
            seed: Some(plan.seed),
            caps: Some((&plan.caps).into()),
            enough: plan.enough.is_some().then_some(true),
            repeat: (plan.repeat > 1).then_some(plan.repeat),
        }
    }
}

impl From<&Caps> for WrittenCaps {
    fn from(caps: &Caps) -> Self {
        Self {
            requests: Some(Amount(caps.requests)),
            failed: Some(Amount(caps.failed)),
            seconds_above: Some(Amount(caps.seconds_above.into())),
        }
    }
}
