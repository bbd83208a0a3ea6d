//! What visitors do, as people write it.

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Serialize, Serializer};

use super::{Pairs, TIME};

/// What one kind of visitor does.
#[derive(Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::scenario) struct WrittenJourney {
    /// Its name.
    #[schemars(length(min = 1, max = 120))]
    pub(in crate::scenario) name: String,
    /// How many visitors walk it, beside those of the other journeys; 1 unless said otherwise.
    #[schemars(range(min = 1, max = 1000000))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::scenario) weight: Option<u32>,
    /// A table whose rows its visitors are given: used as `{{row.column}}`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::scenario) data: Option<WrittenData>,
    /// What a visitor does after a step that failed: `continue` unless said otherwise.
    #[schemars(extend("enum" = ["continue", "stop"]))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::scenario) on_failure: Option<String>,
    /// Its steps, in order. A step is one request, or a think time.
    #[schemars(length(min = 1, max = 1000))]
    pub(in crate::scenario) steps: Vec<WrittenStep>,
}

/// A table of values, relative to this file: one of `csv` and `jsonl`.
#[derive(Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::scenario) struct WrittenData {
    /// A file of comma-separated values whose first line names the columns.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::scenario) csv: Option<String>,
    /// A file of JSON Lines: an object in each; the first one names the columns.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::scenario) jsonl: Option<String>,
    /// In which order visitors are given rows; `unique` gives each row to one visitor only.
    #[schemars(extend("enum" = ["in_order", "shuffle", "random", "unique"]))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::scenario) order: Option<String>,
    /// What happens once every row has been given: `restart`, or `stop` the run. With `unique` it stops.
    #[schemars(extend("enum" = ["restart", "stop"]))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::scenario) at_end: Option<String>,
}

/// A step: one request (`get: /sale`), or a think time (`think: 5s`).
#[derive(Default, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::scenario) struct WrittenStep {
    /// How reports call it; method and path unless said otherwise.
    #[schemars(length(min = 1, max = 120))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::scenario) name: Option<String>,
    /// The path to GET.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::scenario) get: Option<String>,
    /// The path to HEAD.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::scenario) head: Option<String>,
    /// The path to POST to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::scenario) post: Option<String>,
    /// The path to PUT to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::scenario) put: Option<String>,
    /// The path to PATCH.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::scenario) patch: Option<String>,
    /// The path to DELETE.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::scenario) delete: Option<String>,
    /// Headers of this step.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::scenario) headers: Option<Pairs<String>>,
    /// A body as it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::scenario) body: Option<String>,
    /// A body as JSON: whatever stands here.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::scenario) json: Option<serde_json::Value>,
    /// A body as a form: fields and their values.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::scenario) form: Option<Pairs<String>>,
    /// What its answer must be; an answer that is not counts as `failed_check`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::scenario) expect: Option<WrittenExpect>,
    /// What later steps take from its answer, by name: used as `{{name}}`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::scenario) capture: Option<Pairs<WrittenCapture>>,
    /// What is fetched with its page: `none` unless said otherwise, or `same_origin` for css, js, images and fonts as a
    /// browser would.
    #[schemars(extend("enum" = ["none", "same_origin"]))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::scenario) assets: Option<String>,
    /// How long the visitor waits before the next step: `5s`, `{ from: 5s, to: 20s }` or
    /// `{ median: 15s, sigma: 0.8 }`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::scenario) think: Option<WrittenThink>,
}

/// What an answer must be.
#[derive(Default, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::scenario) struct WrittenExpect {
    /// Its status: `200`, `2xx`, or a list of them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::scenario) status: Option<StatusList>,
    /// Headers that it must have, and what each must contain.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::scenario) header: Option<Pairs<String>>,
    /// A text, or a list of them, that the body must contain.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::scenario) body_contains: Option<TextList>,
    /// A regular expression, or a list of them, that the body must match somewhere.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::scenario) body_matches: Option<TextList>,
    /// Values at places of a JSON body: `{ "$.cart.count": 1 }`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::scenario) json: Option<Pairs<serde_json::Value>>,
    /// The longest time from sending the request to the end of the answer: `800ms`.
    #[schemars(regex(pattern = TIME))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::scenario) max_latency: Option<String>,
}

/// Where a value is taken from: one of `json`, `regex`, `css`, `header` and `cookie`.
#[derive(Default, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::scenario) struct WrittenCapture {
    /// A place of a JSON body: `$.token`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::scenario) json: Option<String>,
    /// A regular expression: its first group, or all of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::scenario) regex: Option<String>,
    /// A CSS selector: the first element's text, or its `attribute`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::scenario) css: Option<String>,
    /// The attribute of the element that `css` names.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::scenario) attribute: Option<String>,
    /// The name of a header.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::scenario) header: Option<String>,
    /// The name of a cookie.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::scenario) cookie: Option<String>,
}

/// A think time.
pub(in crate::scenario) enum WrittenThink {
    /// Always as long.
    Fixed(String),
    /// Drawn for each visitor.
    Drawn(WrittenDrawn),
}

/// A think time that is drawn: `from` and `to`, or `median` and `sigma`.
#[derive(Default, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::scenario) struct WrittenDrawn {
    /// The shortest.
    #[schemars(regex(pattern = TIME))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::scenario) from: Option<String>,
    /// The longest.
    #[schemars(regex(pattern = TIME))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::scenario) to: Option<String>,
    /// The median of a log-normal.
    #[schemars(regex(pattern = TIME))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::scenario) median: Option<String>,
    /// Its sigma: the standard deviation of the logarithm, 0 to 3.
    #[schemars(range(min = 0.0, max = 3.0))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::scenario) sigma: Option<f64>,
}

impl Serialize for WrittenThink {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            WrittenThink::Fixed(time) => time.serialize(serializer),
            WrittenThink::Drawn(drawn) => drawn.serialize(serializer),
        }
    }
}

impl JsonSchema for WrittenThink {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Think".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let drawn = generator.subschema_for::<WrittenDrawn>();
        json_schema!({ "anyOf": [ { "type": "string", "pattern": TIME }, drawn ] })
    }
}

/// One text or several.
pub(in crate::scenario) struct TextList(pub(in crate::scenario) Vec<String>);

/// One status or several.
pub(in crate::scenario) struct StatusList(pub(in crate::scenario) Vec<String>);

fn one_or_several<S: Serializer>(list: &[String], serializer: S) -> Result<S::Ok, S::Error> {
    match list {
        [only] => only.serialize(serializer),
        list => list.serialize(serializer),
    }
}

impl Serialize for TextList {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        one_or_several(&self.0, serializer)
    }
}

impl Serialize for StatusList {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        one_or_several(&self.0, serializer)
    }
}

impl JsonSchema for TextList {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Texts".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "A text, or a list of them.",
            "anyOf": [
                { "type": "string" },
                { "type": "array", "items": { "type": "string" }, "minItems": 1 },
            ],
        })
    }
}

impl JsonSchema for StatusList {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Statuses".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let one = serde_json::json!({ "anyOf": [
            { "type": "integer", "minimum": 100, "maximum": 999 },
            { "type": "string", "pattern": r"^[1-9]([0-9]{2}|xx)$|\$\{" },
        ] });
        json_schema!({
            "description": "A status, as in `200` or `2xx`, or a list of them.",
            "anyOf": [ one, { "type": "array", "items": one, "minItems": 1 } ],
        })
    }
}
