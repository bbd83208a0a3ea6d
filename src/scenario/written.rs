//! A scenario as people write it: the types behind the published schema and behind `effective.yaml`. Every key is
//! optional unless a scenario makes no sense without it; what a value means is not decided here.

mod campaigns;
mod journeys;
mod plans;
mod thresholds;
mod watched;

use std::borrow::Cow;
use std::collections::BTreeMap;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};

use super::types::Authorization;
pub(super) use campaigns::{WrittenCampaign, WrittenValue};
pub(super) use journeys::{
    StatusList, TextList, WrittenCapture, WrittenData, WrittenDrawn, WrittenExpect, WrittenJourney,
    WrittenStep, WrittenThink,
};
use plans::RATE;
pub(super) use plans::{WrittenLoad, WrittenReport, WrittenSearch, WrittenStop};
pub(super) use thresholds::WrittenThreshold;
pub(super) use watched::{WrittenLog, WrittenStatus};

/// A time with its unit, or a variable.
const TIME: &str = r"^[0-9][0-9_.]*\s*(ms|s|sec|m|min|h|d)$|\$\{";
/// A number of bytes with its unit, or a variable.
const SIZE: &str = r"^[0-9][0-9_.]*\s*([kKMG]?B|[KMG]iB)$|\$\{";
/// A tipover scenario: a site, what a visitor does there, and the load.
#[derive(Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(title = "tipover scenario")]
#[schemars(extend("anyOf" = [{ "required": ["journey"] }, { "required": ["journeys"] }]))]
pub(super) struct WrittenScenario {
    /// The version of this format.
    #[schemars(extend("const" = 1))]
    pub(super) version: u32,
    /// The name of the scenario; the file's or the host's where none is given.
    #[schemars(length(min = 1, max = 120))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) name: Option<String>,
    /// The site: its address, or a map with its address and how to reach it.
    #[schemars(schema_with = "target_schema")]
    pub(super) target: WrittenTarget,
    /// Who allowed the load; needed for a site that is not on a private network.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) authorization: Option<WrittenAuthorization>,
    /// Values for headers, passwords and bodies, used as `${secret:name}`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) secrets: Option<Pairs<WrittenSecret>>,
    /// What a visitor does: steps, in order. A step is one request, or a think time.
    #[schemars(length(min = 1, max = 1000))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) journey: Option<Vec<WrittenStep>>,
    /// What visitors do, where they differ: several journeys, each with its weight. Instead of `journey`.
    #[schemars(length(min = 1, max = 100))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) journeys: Option<Vec<WrittenJourney>>,
    /// `allowed`: needed for anything but GET and HEAD against a site that is not local.
    #[schemars(extend("enum" = ["allowed"]))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) side_effects: Option<String>,
    /// What the site carries already: `3pages/s`; nothing unless said otherwise.
    #[schemars(regex(pattern = RATE))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) baseline: Option<String>,
    /// Who will come: newsletters, spots, posts, sales.
    #[schemars(length(min = 1))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) campaigns: Option<Vec<WrittenCampaign>>,
    /// What `tipover run` plays.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) load: Option<WrittenLoad>,
    /// How `tipover find` searches.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) search: Option<WrittenSearch>,
    /// What must hold: `tipping_point >= 25pages/s`, `p95 < 800ms`, `failures < 1% for 30s`.
    #[schemars(length(min = 1))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) thresholds: Option<Vec<WrittenThreshold>>,
    /// When to stop early.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) stop: Option<WrittenStop>,
    /// Addresses of this machine to send from, each with ports of its own: `10.0.0.5`, or a network, `127.0.0.0/24`.
    #[schemars(length(min = 1))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) source_addresses: Option<Vec<String>>,
    /// Server logs that are followed while a load is played: causes of failures, on the same axis as the load.
    #[schemars(length(min = 1, max = 16))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) logs: Option<Vec<WrittenLog>>,
    /// Status pages that are read each second while a load is played: how full each resource is.
    #[schemars(length(min = 1, max = 16))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) status: Option<Vec<WrittenStatus>>,
    /// The report.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) report: Option<WrittenReport>,
}

/// The site and how to reach it.
#[derive(Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct WrittenTarget {
    /// Its address: `http` or `https`, host, port and a path before every step's.
    pub(super) url: String,
    /// What the site stands for.
    #[schemars(extend("enum" = ["production", "staging", "copy"]))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) stands_for: Option<String>,
    /// The version of HTTP: `auto` (what the site prefers, as browsers do), `1.1` or `2`.
    #[schemars(extend("type" = ["string", "number"], "enum" = ["auto", "1.1", 1.1, "2", 2]))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) http: Option<String>,
    /// Addresses instead of DNS, by host: `staging.shop.example: 127.0.0.1`; several with commas, which take turns.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) resolve: Option<Pairs<String>>,
    /// The HTTP proxy to go through: `http://proxy.example:3128`, `none`, or `environment` (the default: what `http_proxy`,
    /// `https_proxy` and `no_proxy` say). Never for a site on this machine.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) proxy: Option<String>,
    /// Headers of every request.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) headers: Option<Pairs<String>>,
    /// How to log in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) auth: Option<WrittenAuth>,
    /// TLS settings.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) tls: Option<WrittenTls>,
    /// How long to wait.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) timeout: Option<WrittenTimeout>,
    /// How large an answer may be before it counts as `too_large`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) limits: Option<WrittenLimits>,
    /// When to open a connection; `per_visitor` unless said otherwise.
    #[schemars(extend("enum" = ["per_visitor", "pooled", "per_request"]))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) connections: Option<String>,
}

/// How to log in.
#[derive(Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct WrittenAuth {
    /// A user and a password, sent with every request.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) basic: Option<WrittenBasic>,
    /// A token, sent with every request: `"${secret:preview_token}"`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) bearer: Option<String>,
}

/// A user and a password.
#[derive(Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct WrittenBasic {
    /// The user.
    pub(super) user: String,
    /// The password: `"${secret:preview_password}"`.
    pub(super) password: String,
}

/// TLS settings.
#[derive(Default, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct WrittenTls {
    /// A file of PEM certificates to trust instead of the system's, relative to this file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) ca: Option<String>,
    /// Trust any certificate.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) insecure: Option<bool>,
    /// A PEM file with the certificate that says who we are, relative to this file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) client_cert: Option<String>,
    /// A PEM file with its private key; may be left out where `client_cert` holds it too.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) client_key: Option<String>,
    /// The name to ask for in the handshake (SNI) and to find in the certificate, instead of the host's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) server_name: Option<String>,
}

/// How long to wait.
#[derive(Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct WrittenTimeout {
    /// For TCP and TLS together; 5s unless said otherwise.
    #[schemars(regex(pattern = TIME))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) connect: Option<String>,
    /// From the request to the end of the answer; 30s unless said otherwise.
    #[schemars(regex(pattern = TIME))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) answer: Option<String>,
    /// For a whole step: connecting, a second attempt and the answer together; no bound of its own unless said so.
    #[schemars(regex(pattern = TIME))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) step: Option<String>,
}

/// How large an answer may be.
#[derive(Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct WrittenLimits {
    /// Its head, status line and headers; 64KiB unless said otherwise, 8KiB to 1MiB.
    #[schemars(regex(pattern = SIZE))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) head: Option<String>,
    /// Its headers; 100 unless said otherwise, 1 to 4096.
    #[schemars(range(min = 1, max = 4096))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) headers: Option<u32>,
    /// Its body, as it comes over the wire; 16MiB unless said otherwise, at most 1GiB.
    #[schemars(regex(pattern = SIZE))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) body: Option<String>,
}

/// Who allowed the load. It records consent; it proves nothing.
#[derive(Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct WrittenAuthorization {
    /// Who owns the site.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) owner: Option<String>,
    /// The name or address of the person who said yes.
    pub(super) approved_by: String,
    /// Whether the hosting company knows.
    #[schemars(extend("type" = ["boolean", "string"]))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) hosting_informed: Option<bool>,
    /// The last day on which it holds: `2026-12-01`.
    #[schemars(regex(pattern = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$|\$\{"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) valid_until: Option<String>,
    /// The hosts for which it holds.
    #[schemars(length(min = 1))]
    pub(super) hosts: Vec<String>,
}

/// Where a secret comes from: one of the two.
#[derive(Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct WrittenSecret {
    /// A variable of the environment.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) env: Option<String>,
    /// A file, relative to this one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) file: Option<String>,
}

/// A number of things: written bare, or with k or M.
pub(super) struct Amount(pub(super) u64);

/// Names and values, in the order in which they were written.
pub(super) struct Pairs<T>(pub(super) Vec<(String, T)>);

impl Serialize for Amount {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_u64(self.0)
    }
}

impl JsonSchema for Amount {
    fn schema_name() -> Cow<'static, str> {
        "Amount".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "How many: `500`, `180k`, `1.5M`.",
            "anyOf": [
                { "type": "integer", "minimum": 1 },
                { "type": "string", "pattern": r"^[0-9][0-9_.]*\s*[kM]?$|\$\{" },
            ],
        })
    }
}

impl<T: Serialize> Serialize for Pairs<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for (name, value) in &self.0 {
            map.serialize_entry(name, value)?;
        }
        map.end()
    }
}

impl<T: JsonSchema> JsonSchema for Pairs<T> {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        BTreeMap::<String, T>::schema_name()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        BTreeMap::<String, T>::json_schema(generator)
    }
}

fn target_schema(generator: &mut SchemaGenerator) -> Schema {
    let full = generator.subschema_for::<WrittenTarget>();
    json_schema!({
        "anyOf": [
            { "type": "string", "pattern": r"^https?://|\$\{" },
            full,
        ],
    })
}

impl From<&Authorization> for WrittenAuthorization {
    fn from(authorization: &Authorization) -> Self {
        Self {
            owner: authorization.owner.clone(),
            approved_by: authorization.approved_by.clone(),
            hosting_informed: authorization.hosting_informed,
            valid_until: authorization.valid_until.map(|date| date.to_string()),
            hosts: authorization.hosts.clone(),
        }
    }
}
