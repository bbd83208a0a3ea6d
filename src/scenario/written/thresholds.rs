//! A threshold as people write it: a text, or a map where its failure ends a run.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};

use super::TIME;
use crate::scenario::AbortRule;
use crate::units::Span;

/// A threshold.
pub(in crate::scenario) struct WrittenThreshold {
    text: String,
    /// How long it waits before its failure may end a run; nothing where it never does.
    delay: Option<Span>,
}

impl WrittenThreshold {
    /// All of `texts`, those among `aborts` with their delays.
    pub(in crate::scenario) fn all(texts: &[String], aborts: &[AbortRule]) -> Vec<Self> {
        let of = |text: &String| Self {
            text: text.clone(),
            delay: aborts
                .iter()
                .find(|rule| rule.text == *text)
                .map(|rule| Span::new(rule.delay)),
        };
        texts.iter().map(of).collect()
    }
}

impl Serialize for WrittenThreshold {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Some(delay) = self.delay else {
            return serializer.serialize_str(&self.text);
        };
        let mut map = serializer.serialize_map(Some(3))?;
        map.serialize_entry("threshold", &self.text)?;
        map.serialize_entry("abort_on_fail", &true)?;
        map.serialize_entry("delay", &delay.to_string())?;
        map.end()
    }
}

impl JsonSchema for WrittenThreshold {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "Threshold".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "anyOf": [
                { "type": "string" },
                {
                    "type": "object",
                    "description": "A threshold whose failure may end a run at once.",
                    "additionalProperties": false,
                    "required": ["threshold"],
                    "properties": {
                        "threshold": { "type": "string", "description": "What must hold." },
                        "abort_on_fail": {
                            "type": ["boolean", "string"],
                            "description": "End the run as soon as it has failed.",
                        },
                        "delay": {
                            "type": "string",
                            "pattern": TIME,
                            "description": "How much of the run passes before it is looked at: `30s`.",
                        },
                    },
                },
            ],
        })
    }
}
