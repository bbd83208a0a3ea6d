//! What a report says: the sentences of each finding in both languages, and the summary with its schema.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test ends at its first surprise"
)]

#[path = "records/builder.rs"]
mod builder;
#[path = "records/cases.rs"]
mod cases;

use serde_json::Value;
use tipover::analysis::ThresholdVerdict;
use tipover::report::{sentence, summary, summary_schema, title};
use tipover::words::Language;

#[test]
fn each_finding_has_its_own_sentence_and_decision_in_both_languages() {
    let mut said = String::new();
    for (name, record, finding) in cases::all().iter().filter(|(name, ..)| *name != "hostile") {
        let summary = summary(record, finding.as_ref());
        said.push_str(&format!("== {name}\n"));
        for language in Language::ALL {
            said.push_str(&format!(
                "{}\n{}\n",
                title(&summary, language),
                sentence(&summary, language)
            ));
        }
    }
    insta::assert_snapshot!(said.replace('\u{a0}', "~"));
}

#[test]
fn the_summary_of_a_small_search_is_as_published() {
    let (_, mut record, finding) = cases::all()
        .into_iter()
        .find(|(name, ..)| *name == "our_limit")
        .unwrap();
    record.trials.truncate(1);
    insta::assert_snapshot!(serde_json::to_string_pretty(&summary(&record, finding.as_ref())).unwrap());
}

/// Checks `value` against the words of JSON Schema that our schemas use; a word that it does not know is an error, and
/// a key that the schema does not name is one where `is_closed`.
fn check(value: &Value, schema: &Value, root: &Value, path: &str, is_closed: bool) {
    let Value::Object(words) = schema else {
        assert_eq!(schema, &Value::Bool(true), "{path}");
        return;
    };
    for (word, wanted) in words {
        match word.as_str() {
            "pattern" | "prefixItems" | "additionalItems" | "minItems" | "maxItems" => {}
            "$schema" | "title" | "description" | "definitions" | "format" | "minimum" | "maximum" => {}
            "$ref" => {
                let pointer = wanted.as_str().unwrap().trim_start_matches('#');
                check(value, root.pointer(pointer).unwrap(), root, path, is_closed);
            }
            "allOf" => wanted
                .as_array()
                .unwrap()
                .iter()
                .for_each(|one| check(value, one, root, path, is_closed)),
            "anyOf" | "oneOf" => {
                let fits = |one: &Value| {
                    std::panic::catch_unwind(|| check(value, one, root, path, is_closed)).is_ok()
                };
                assert!(wanted.as_array().unwrap().iter().any(fits), "{path}: {value}");
            }
            "const" => assert_eq!(value, wanted, "{path}"),
            "enum" => assert!(wanted.as_array().unwrap().contains(value), "{path}: {value}"),
            "type" => {
                let kinds: Vec<&str> = match wanted {
                    Value::Array(kinds) => kinds.iter().filter_map(Value::as_str).collect(),
                    kind => kind.as_str().into_iter().collect(),
                };
                let is = |kind: &&str| match *kind {
                    "null" => value.is_null(),
                    "boolean" => value.is_boolean(),
                    "integer" => value.is_u64() || value.is_i64(),
                    "number" => value.is_number(),
                    "string" => value.is_string(),
                    "array" => value.is_array(),
                    "object" => value.is_object(),
                    _ => false,
                };
                assert!(kinds.iter().any(is), "{path}: {value} is no {kinds:?}");
            }
            "properties" => {
                for key in value
                    .as_object()
                    .into_iter()
                    .flat_map(|object| object.keys())
                    .filter(|_| is_closed)
                {
                    assert!(wanted.get(key).is_some(), "{path}.{key} is not in the schema");
                }
                for (key, inner) in wanted.as_object().unwrap() {
                    if let Some(part) = value.get(key) {
                        check(part, inner, root, &format!("{path}.{key}"), is_closed);
                    }
                }
            }
            "required" => {
                for key in wanted.as_array().unwrap().iter().filter_map(Value::as_str) {
                    assert!(
                        !value.is_object() || value.get(key).is_some(),
                        "{path}.{key} is missing"
                    );
                }
            }
            "items" if wanted.is_array() => {
                for (part, one) in value
                    .as_array()
                    .into_iter()
                    .flatten()
                    .zip(wanted.as_array().unwrap())
                {
                    check(part, one, root, path, is_closed);
                }
            }
            "items" => {
                for (at, part) in value.as_array().into_iter().flatten().enumerate() {
                    check(part, wanted, root, &format!("{path}[{at}]"), is_closed);
                }
            }
            "additionalProperties" => {
                for (key, part) in value.as_object().into_iter().flatten() {
                    check(part, wanted, root, &format!("{path}.{key}"), is_closed);
                }
            }
            other => panic!("{path}: `{other}` is not checked by this test"),
        }
    }
}

#[test]
fn every_summary_fits_the_published_schema_and_has_every_key() {
    let schema = serde_json::to_value(summary_schema()).unwrap();
    let properties = schema["properties"].as_object().unwrap();
    assert_eq!(
        schema["required"].as_array().unwrap().len(),
        properties.len(),
        "a key may be null, never missing"
    );
    for (name, record, finding) in cases::all() {
        let value = serde_json::to_value(summary(&record, finding.as_ref())).unwrap();
        check(&value, &schema, &schema, name, true);
        assert_eq!(value.as_object().unwrap().len(), properties.len(), "{name}");
    }
}

#[test]
fn what_was_sent_is_what_ended_and_what_is_in_flight() {
    for (name, record, finding) in cases::all() {
        for trial in summary(&record, finding.as_ref()).trials {
            assert_eq!(
                trial.sent,
                trial.by_class.values().sum::<u64>() + trial.in_flight_at_end,
                "{name}"
            );
            assert_eq!(
                trial.unsent,
                trial.unsent_by_reason.values().sum::<u64>(),
                "{name}"
            );
        }
    }
}

#[test]
fn thresholds_pass_fail_or_stay_open_but_are_never_guessed() {
    use ThresholdVerdict::{Fail, NotKnown, Pass};
    for (wanted, verdicts) in [
        ("demo", vec![Pass, NotKnown, Pass, Pass, NotKnown]),
        ("not_reached", vec![Pass]),
        ("our_limit", vec![Pass, NotKnown]),
        ("run_clean", vec![Pass, Pass]),
        ("run_failing", vec![Fail, Pass, NotKnown]),
        ("proven", vec![Pass, Pass, Pass]),
        ("refuted", vec![Pass, Fail]),
        ("too_close", vec![NotKnown]),
        ("cut_off_proof", vec![NotKnown]),
        ("hostile", vec![NotKnown, NotKnown]),
    ] {
        let (_, record, finding) = cases::all()
            .into_iter()
            .find(|(name, ..)| *name == wanted)
            .unwrap();
        let thresholds = summary(&record, finding.as_ref()).thresholds;
        let seen: Vec<ThresholdVerdict> = thresholds.iter().map(|judged| judged.verdict).collect();
        assert_eq!(seen, verdicts, "{wanted}: {thresholds:#?}");
    }
}

#[test]
fn the_golden_record_of_format_1_is_read_for_ever() {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/records/format-1.jsonl");
    let record = tipover::record::RunRecord::open(&path).unwrap();
    assert_eq!(
        (record.header.format, record.seconds.len(), record.trials.len()),
        (1, 12, 3)
    );
    assert_eq!(
        (record.samples.len(), record.events.len(), record.torn),
        (1, 1, false)
    );
    insta::assert_snapshot!(serde_json::to_string_pretty(&summary(&record, None)).unwrap());
}

#[test]
fn every_line_of_the_golden_record_fits_the_published_schema() {
    let schema = tipover::record::schema();
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/records/format-1.jsonl");
    for (number, line) in std::fs::read_to_string(path).unwrap().lines().enumerate() {
        check(
            &serde_json::from_str(line).unwrap(),
            &schema,
            &schema,
            &format!("line {}", number + 1),
            false,
        );
    }
}
