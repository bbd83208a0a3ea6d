//! Trees to text: YAML of a typed value, and JSON of what was written.

use serde::Serialize;
use serde_json::Value;

use super::tree::{Kind, Node};
use crate::scenario::template::escaped;

/// `value` as YAML in which every text stands for itself: `${` is written `$${`. Empty where it cannot be written,
/// which no type of ours can bring about.
pub(in crate::scenario) fn to_yaml(value: &impl Serialize) -> String {
    let Ok(mut value) = serde_yaml::to_value(value) else {
        return String::new();
    };
    escape(&mut value);
    serde_yaml::to_string(&value).unwrap_or_default()
}

fn escape(value: &mut serde_yaml::Value) {
    match value {
        serde_yaml::Value::String(text) => *text = escaped(text),
        serde_yaml::Value::Sequence(items) => items.iter_mut().for_each(escape),
        serde_yaml::Value::Mapping(entries) => entries.values_mut().for_each(escape),
        _ => {}
    }
}

/// `node` as JSON, plain scalars typed by YAML's core schema; `text` sees every scalar first.
pub(in crate::scenario) fn json_of(node: &Node, text: &mut dyn FnMut(&Node, &str) -> String) -> Value {
    match &node.kind {
        Kind::Scalar { text: raw, quoted } => {
            let seen = text(node, raw);
            if *quoted { Value::String(seen) } else { typed(seen) }
        }
        Kind::List(items) => items.iter().map(|item| json_of(item, text)).collect(),
        Kind::Map(entries) => Value::Object(
            entries
                .iter()
                .map(|entry| (entry.key.clone(), json_of(&entry.value, text)))
                .collect(),
        ),
    }
}

/// A plain scalar by the core schema: null, true, false, whole and decimal numbers, else text.
fn typed(text: String) -> Value {
    match text.as_str() {
        "" | "~" | "null" | "Null" | "NULL" => return Value::Null,
        "true" | "True" | "TRUE" => return Value::Bool(true),
        "false" | "False" | "FALSE" => return Value::Bool(false),
        _ => {}
    }
    let digits = text.strip_prefix('-').unwrap_or(&text);
    let looks_like_a_number = digits.starts_with(|c: char| c.is_ascii_digit());
    match serde_json::from_str::<serde_json::Number>(&text) {
        Ok(number) if looks_like_a_number => Value::Number(number),
        _ => Value::String(text),
    }
}
