//! The published schema and the scenarios that come with tipover: the schema is the one that the types give, every
//! scenario is right by the checks and by the schema, and both know the same keys.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking, in its helping functions too"
)]

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;
use tipover::scenario::{Overrides, SMALLEST, from_text, load, schema};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Every scenario of the repository that a person may start from.
fn published() -> Vec<PathBuf> {
    let mut files = Vec::new();
    for folder in ["scenarios", "examples"] {
        let Ok(entries) = fs::read_dir(root().join(folder)) else {
            continue;
        };
        files.extend(entries.map(|entry| entry.unwrap().path()));
    }
    files.retain(|path| path.extension().is_some_and(|extension| extension == "yaml"));
    files.sort();
    files
}

fn no_variables(_: &str) -> Option<String> {
    None
}

/// What of JSON Schema our schema uses, read slowly and obviously. `pattern` is left to the checks.
fn violations(schema: &Value, whole: &Value, value: &Value, at: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut complain = |what: String| found.push(format!("{at}: {what}"));
    for (keyword, rule) in schema.as_object().into_iter().flatten() {
        match keyword.as_str() {
            "$ref" => {
                let pointer = rule.as_str().unwrap().trim_start_matches('#');
                let target = whole.pointer(pointer).unwrap();
                violations(target, whole, value, at)
                    .into_iter()
                    .for_each(&mut complain);
            }
            "allOf" => {
                for one in rule.as_array().unwrap() {
                    violations(one, whole, value, at)
                        .into_iter()
                        .for_each(&mut complain);
                }
            }
            "anyOf" => {
                let choices = rule.as_array().unwrap();
                if choices
                    .iter()
                    .all(|one| !violations(one, whole, value, at).is_empty())
                {
                    complain(format!("{value} is none of the choices"));
                }
            }
            "type" => {
                let is = |name: &str| match name {
                    "object" => value.is_object(),
                    "array" => value.is_array(),
                    "string" => value.is_string(),
                    "integer" => value.is_u64() || value.is_i64(),
                    "number" => value.is_number(),
                    "boolean" => value.is_boolean(),
                    other => panic!("type {other}"),
                };
                let fits = match rule {
                    Value::String(name) => is(name),
                    names => names
                        .as_array()
                        .unwrap()
                        .iter()
                        .any(|name| is(name.as_str().unwrap())),
                };
                if !fits {
                    complain(format!("{value} is not {rule}"));
                }
            }
            "const" if rule != value => complain(format!("{value} is not {rule}")),
            "enum" if !rule.as_array().unwrap().contains(value) => {
                complain(format!("{value} is not in {rule}"))
            }
            "required" => {
                for key in rule.as_array().unwrap() {
                    if value.is_object() && value.get(key.as_str().unwrap()).is_none() {
                        complain(format!("{key} is missing"));
                    }
                }
            }
            "additionalProperties" => {
                for (key, inner) in value.as_object().into_iter().flatten() {
                    let is_known = schema
                        .get("properties")
                        .is_some_and(|known| known.get(key).is_some());
                    if is_known {
                        continue;
                    }
                    match rule {
                        Value::Bool(false) => complain(format!("unknown key {key}")),
                        rule => violations(rule, whole, inner, &format!("{at}/{key}"))
                            .into_iter()
                            .for_each(&mut complain),
                    }
                }
            }
            "properties" => {
                for (key, rule) in rule.as_object().unwrap() {
                    if let Some(inner) = value.get(key) {
                        violations(rule, whole, inner, &format!("{at}/{key}"))
                            .into_iter()
                            .for_each(&mut complain);
                    }
                }
            }
            "items" => {
                for inner in value.as_array().into_iter().flatten() {
                    violations(rule, whole, inner, &format!("{at}/-"))
                        .into_iter()
                        .for_each(&mut complain);
                }
            }
            "minItems"
                if value
                    .as_array()
                    .is_some_and(|items| (items.len() as u64) < rule.as_u64().unwrap()) =>
            {
                complain("too few items".to_owned());
            }
            "$schema" | "title" | "description" | "definitions" | "pattern" | "minItems" | "maxItems"
            | "minLength" | "maxLength" | "minimum" | "maximum" | "minProperties" | "maxProperties"
            | "const" | "enum" | "default" => {}
            other => panic!("the schema says `{other}`, which this test cannot read"),
        }
    }
    found
}

fn assert_follows_the_schema(text: &str, name: &str) {
    let value: Value = serde_yaml::from_str(text).unwrap();
    let schema = schema();
    assert_eq!(violations(&schema, &schema, &value, name), Vec::<String>::new());
}

#[test]
fn the_committed_schema_is_the_one_of_the_types() {
    let path = root().join("scenarios/scenario.schema.json");
    let now = format!("{:#}\n", schema());
    if std::env::var_os("UPDATE_SCHEMA").is_some() {
        fs::write(&path, &now).unwrap();
    }
    let committed = fs::read_to_string(&path).unwrap_or_default();
    assert_eq!(
        committed, now,
        "run this test with UPDATE_SCHEMA=1 and commit the file"
    );
}

#[test]
fn every_published_scenario_checks_clean_and_follows_the_schema() {
    let files = published();
    assert!(files.len() >= 9, "{files:?}");
    for path in files {
        let name = path.display().to_string();
        let loaded =
            load(&path, &Overrides::default(), &no_variables).unwrap_or_else(|problems| panic!("{problems}"));
        assert!(loaded.warnings.is_empty(), "{}", loaded.warnings);
        assert_follows_the_schema(&fs::read_to_string(&path).unwrap(), &name);
        assert_follows_the_schema(&loaded.scenario.effective, &name);
    }
    assert_follows_the_schema(SMALLEST, "the smallest scenario");
}

#[test]
fn the_schema_refuses_what_the_checks_refuse() {
    let schema = schema();
    for text in [
        "version: 2\ntarget: http://localhost\njourney: [ { get: / } ]",
        "version: 1\njourney: [ { get: / } ]",
        "version: 1\ntarget: http://localhost\njourney: []",
        "version: 1\ntarget: http://localhost\njourney: [ { gett: / } ]",
        "version: 1\ntarget: http://localhost\njourney: [ { get: / } ]\nsearch: { profile: fast }",
        "version: 1\ntarget: http://localhost\njourney: [ { get: / } ]\nload: { stages: [ { target: 5/s } ] }",
        "version: 1\ntarget: http://localhost\njourney: [ { get: / } ]\ncampaigns: [ { newsletter: { links: 8 } } ]",
        "version: 1\ntarget: http://localhost\njourney: [ { get: / } ]\ncampaigns: [ { letter: { recipients: 8k } } ]",
        "version: 1\ntarget: { url: \"http://localhost\", tls: { client_certificate: x } }\njourney: [ { get: / } ]",
    ] {
        let value: Value = serde_yaml::from_str(text).unwrap();
        assert!(!violations(&schema, &schema, &value, "").is_empty(), "{text}");
        let refused = from_text(
            text,
            "a.yaml",
            Path::new(""),
            &Overrides::default(),
            &no_variables,
        );
        assert!(refused.is_err(), "{text}");
    }
}

/// Each object of the schema offered with a key that nobody knows: the checks then list the keys that they know.
#[test]
fn the_schema_and_the_checks_know_the_same_keys() {
    let objects = [
        ("", "", "a scenario"),
        (
            "WrittenTarget",
            "target: { url: \"http://localhost\", zzzzzz: 1 }",
            "`target`",
        ),
        (
            "WrittenTls",
            "target: { url: \"http://localhost\", tls: { zzzzzz: 1 } }",
            "`tls`",
        ),
        (
            "WrittenTimeout",
            "target: { url: \"http://localhost\", timeout: { zzzzzz: 1 } }",
            "`timeout`",
        ),
        (
            "WrittenLimits",
            "target: { url: \"http://localhost\", limits: { zzzzzz: 1 } }",
            "`limits`",
        ),
        (
            "WrittenAuth",
            "target: { url: \"http://localhost\", auth: { zzzzzz: 1 } }",
            "`auth`",
        ),
        (
            "WrittenBasic",
            "target: { url: \"http://localhost\", auth: { basic: { zzzzzz: 1 } } }",
            "`basic`",
        ),
        (
            "WrittenAuthorization",
            "authorization: { zzzzzz: 1 }",
            "`authorization`",
        ),
        ("WrittenSecret", "secrets: { a: { zzzzzz: 1 } }", "`secrets.a`"),
        ("WrittenStep", "journey: [ { zzzzzz: 1 } ]", "a step"),
        ("WrittenCampaign", "campaigns: [ { zzzzzz: 1 } ]", "a campaign"),
        (
            "WrittenNewsletter",
            "campaigns: [ { newsletter: { zzzzzz: 1 } } ]",
            "`newsletter`",
        ),
        ("WrittenPush", "campaigns: [ { push: { zzzzzz: 1 } } ]", "`push`"),
        (
            "WrittenTvSpot",
            "campaigns: [ { tv_spot: { zzzzzz: 1 } } ]",
            "`tv_spot`",
        ),
        (
            "WrittenViral",
            "campaigns: [ { viral: { zzzzzz: 1 } } ]",
            "`viral`",
        ),
        (
            "WrittenBreakingNews",
            "campaigns: [ { breaking_news: { zzzzzz: 1 } } ]",
            "`breaking_news`",
        ),
        (
            "WrittenFlashSale",
            "campaigns: [ { flash_sale: { zzzzzz: 1 } } ]",
            "`flash_sale`",
        ),
        ("WrittenCsv", "campaigns: [ { csv: { zzzzzz: 1 } } ]", "`csv`"),
        (
            "WrittenClickDelay",
            "campaigns: [ { push: { click_delay: { zzzzzz: 1 } } } ]",
            "`click_delay`",
        ),
        ("WrittenJourney", "journeys: [ { zzzzzz: 1 } ]", "a journey"),
        (
            "WrittenData",
            "journeys: [ { data: { zzzzzz: 1 }, steps: [ { get: / } ] } ]",
            "`data`",
        ),
        (
            "WrittenExpect",
            "journey: [ { get: /, expect: { zzzzzz: 1 } } ]",
            "`expect`",
        ),
        (
            "WrittenCapture",
            "journey: [ { get: /, capture: { a: { zzzzzz: 1 } } } ]",
            "a capture",
        ),
        (
            "WrittenDrawn",
            "journey: [ { get: / }, { think: { zzzzzz: 1 } } ]",
            "`think`",
        ),
        ("WrittenLoad", "load: { zzzzzz: 1 }", "`load`"),
        ("WrittenReplayMap", "load: { replay: { zzzzzz: 1 } }", "`replay`"),
        (
            "WrittenReloadsMap",
            "load: { reloads: { zzzzzz: 1 } }",
            "`reloads`",
        ),
        ("WrittenStage", "load: { stages: [ { zzzzzz: 1 } ] }", "a stage"),
        ("WrittenSearch", "search: { zzzzzz: 1 }", "`search`"),
        ("WrittenCaps", "search: { caps: { zzzzzz: 1 } }", "`caps`"),
        ("WrittenStop", "stop: { zzzzzz: 1 }", "`stop`"),
        ("WrittenReport", "report: { zzzzzz: 1 }", "`report`"),
        ("WrittenLog", "logs: [ { zzzzzz: 1 } ]", "a log"),
        ("WrittenStatus", "status: [ { zzzzzz: 1 } ]", "a status page"),
    ];
    let schema = schema();
    let definitions = schema["definitions"].as_object().unwrap();
    for (definition, text, what) in objects {
        let object = if definition.is_empty() {
            &schema
        } else {
            &definitions[definition]
        };
        let mut published: Vec<&str> = object["properties"]
            .as_object()
            .unwrap()
            .keys()
            .map(String::as_str)
            .collect();
        published.sort_unstable();
        let text = format!("version: 1\nzzzzzz: 1\n{text}\n");
        let problems = from_text(
            &text,
            "a.yaml",
            Path::new(""),
            &Overrides::default(),
            &no_variables,
        )
        .unwrap_err();
        let hint = problems
            .iter()
            .filter(|problem| problem.message.contains(&format!("in {what}")))
            .find_map(|problem| problem.hint.clone())
            .unwrap_or_else(|| panic!("no hint for {what}: {problems}"));
        let mut checked: Vec<&str> = hint.split('`').skip(1).step_by(2).collect();
        checked.retain(|key| !what.contains(&format!("`{key}`")) || published.contains(key));
        checked.sort_unstable();
        checked.dedup();
        assert_eq!(checked, published, "{what}");
    }
    let tested = objects
        .iter()
        .filter(|(definition, ..)| !definition.is_empty())
        .count();
    let maps = definitions
        .values()
        .filter(|one| one.get("properties").is_some())
        .count();
    assert_eq!(tested, maps, "{:?}", definitions.keys());
}
