//! The published schema of a scenario: draft-07, which the YAML servers of editors read, from the written types.

use schemars::generate::SchemaSettings;
use serde_json::Value;

use super::written::WrittenScenario;

/// The JSON Schema (draft-07) of a scenario file.
pub fn schema() -> Value {
    let mut schema = SchemaSettings::draft07()
        .into_generator()
        .into_root_schema_for::<WrittenScenario>()
        .to_value();
    refuse_null(&mut schema);
    schema
}

/// An optional key may be left out; a key without a value is an error.
fn refuse_null(value: &mut Value) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(refuse_null),
        Value::Object(object) => {
            if let Some(Value::Array(types)) = object.get_mut("type") {
                types.retain(|one| one != "null");
                if let [only] = &types[..] {
                    let only = only.clone();
                    object.insert("type".to_owned(), only);
                }
            }
            for key in ["anyOf", "enum"] {
                if let Some(Value::Array(choices)) = object.get_mut(key) {
                    choices.retain(|one| !one.is_null() && one.get("type") != Some(&Value::from("null")));
                    if choices.iter().all(|one| one.get("anyOf").is_some()) {
                        *choices = choices
                            .iter_mut()
                            .filter_map(|one| one["anyOf"].as_array_mut())
                            .flat_map(std::mem::take)
                            .collect();
                    }
                }
            }
            // A format of Rust's numbers means nothing to an editor.
            if object
                .get("format")
                .and_then(Value::as_str)
                .is_some_and(|format| format.starts_with("uint") || format == "double")
            {
                object.remove("format");
            }
            object.values_mut().for_each(refuse_null);
        }
        _ => {}
    }
}
