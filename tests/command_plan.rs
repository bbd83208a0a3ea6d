//! `tipover plan` as a person and a pipeline meet it: text, JSON, files, exit codes. No traffic.

#![expect(
    clippy::unwrap_used,
    reason = "a test ends at its first surprise, in its helping functions too"
)]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;
use tempfile::TempDir;

const NEWSLETTER: &str = "newsletter: { recipients: 180k, click_rate: 3.5%, send_duration: 10m, links: 8, scanner_share: 1%, pages: 3 }";

fn plan(scenario: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_tipover"))
        .arg("plan")
        .arg(scenario)
        .args(arguments)
        .env_clear()
        .output()
        .unwrap()
}

/// A scenario with `campaigns` and what stands below them.
fn scenario(folder: &TempDir, campaigns: &str, more: &str) -> PathBuf {
    let path = folder.path().join("sale.yaml");
    let text = format!(
        "version: 1\ntarget: http://localhost\njourney: [ {{ get: / }} ]\nbaseline: 3/s\ncampaigns:\n  - {campaigns}\n{more}\n"
    );
    fs::write(&path, text).unwrap();
    path
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

fn keys(value: &Value) -> BTreeSet<&str> {
    value.as_object().unwrap().keys().map(String::as_str).collect()
}

#[test]
fn the_json_has_exactly_the_documented_keys_and_the_example_s_figures() {
    let folder = tempfile::tempdir().unwrap();
    let path = scenario(&folder, NEWSLETTER, "");
    let said = plan(&path, &["--tip", "36pages/s", "--json"]);
    assert_eq!(said.status.code(), Some(0));
    let whole: Value = serde_json::from_slice(&said.stdout).unwrap();
    assert_eq!(keys(&whole), BTreeSet::from(["campaigns", "tipping_point"]));
    assert_eq!(
        whole["tipping_point"],
        serde_json::json!({ "low": 36.0, "mid": 36.0, "high": 36.0 })
    );
    let campaign = &whole["campaigns"][0];
    let documented = "name kind peak headroom verdict condition break_even_scanner_share largest_send throttle_per_minute throttle_per_hour batches shortest_send_seconds scanner_range assumptions";
    assert_eq!(keys(campaign), documented.split(' ').collect());
    let peak = "at_seconds visits_per_second page_views_per_second requests_per_second visitors";
    assert_eq!(keys(&campaign["peak"]), peak.split(' ').collect());
    assert_eq!(
        keys(&campaign["batches"]),
        BTreeSet::from(["size", "every_seconds"])
    );
    assert_eq!(
        keys(&campaign["scanner_range"][0]),
        BTreeSet::from(["share", "largest_send", "headroom"])
    );
    assert_eq!(
        keys(&campaign["assumptions"][0]),
        BTreeSet::from(["name", "value", "source", "given"])
    );
    let near = |value: &Value, wanted: f64| (value.as_f64().unwrap() / wanted - 1.0).abs() < 0.01;
    assert!(near(&campaign["headroom"]["low"], 1.18), "{campaign}");
    assert!(near(&campaign["largest_send"], 137e3), "{campaign}");
    assert!(
        near(&campaign["peak"]["requests_per_second"], 24.0 + 3.58),
        "{campaign}"
    );
    assert_eq!(campaign["verdict"], "throttle");
}

/// Every object of `value` has exactly the keys that the schema has for it.
fn fits(value: &Value, schema: &Value, whole: &Value, place: &str) {
    let named = schema["$ref"]
        .as_str()
        .or_else(|| schema["allOf"][0]["$ref"].as_str())
        .or_else(|| schema["anyOf"][0]["$ref"].as_str());
    let schema = named.map_or(schema, |name| {
        &whole["definitions"][name.trim_start_matches("#/definitions/")]
    });
    match value {
        Value::Object(fields) => {
            assert_eq!(keys(value), keys(&schema["properties"]), "{place}");
            for (key, field) in fields {
                let of_field = &schema["properties"][key];
                assert!(
                    of_field["description"].is_string() || of_field["$ref"].is_string(),
                    "{place}.{key}"
                );
                fits(field, of_field, whole, &format!("{place}.{key}"));
            }
        }
        Value::Array(items) => items
            .iter()
            .for_each(|item| fits(item, &schema["items"], whole, place)),
        _ => {}
    }
}

#[test]
fn the_json_fits_the_published_schema() {
    let schema = Command::new(env!("CARGO_BIN_EXE_tipover"))
        .args(["schema", "plan"])
        .output()
        .unwrap();
    let schema: Value = serde_json::from_slice(&schema.stdout).unwrap();
    assert!(schema["$schema"].as_str().unwrap().contains("draft-07"));
    let folder = tempfile::tempdir().unwrap();
    for tip in [&["--tip", "36pages/s", "--json"][..], &["--json"]] {
        let said = plan(&scenario(&folder, NEWSLETTER, ""), tip);
        fits(
            &serde_json::from_slice(&said.stdout).unwrap(),
            &schema,
            &schema,
            "plan",
        );
    }
}

#[test]
fn without_a_tipping_point_everything_that_needs_one_is_null() {
    let folder = tempfile::tempdir().unwrap();
    let said = plan(&scenario(&folder, NEWSLETTER, ""), &["--json"]);
    let whole: Value = serde_json::from_slice(&said.stdout).unwrap();
    assert_eq!(whole["tipping_point"], Value::Null);
    let campaign = &whole["campaigns"][0];
    for key in [
        "headroom",
        "verdict",
        "largest_send",
        "throttle_per_minute",
        "batches",
        "condition",
    ] {
        assert_eq!(campaign[key], Value::Null, "{key}");
    }
    assert_eq!(campaign["scanner_range"], serde_json::json!([]));
    assert!(campaign["peak"]["visits_per_second"].as_f64().unwrap() > 1.0);
}

#[test]
fn the_text_says_the_verdict_first_in_the_language_that_was_asked_for() {
    let folder = tempfile::tempdir().unwrap();
    let path = scenario(&folder, NEWSLETTER, "");
    let english = text(&plan(&path, &["--tip", "36pages/s"]).stdout);
    insta::assert_snapshot!("plan", english);
    let german = text(&plan(&path, &["--tip", "30..40pages/s", "--lang", "de", "-q"]).stdout);
    insta::assert_snapshot!("plan_german", german);
}

#[test]
fn a_threshold_about_headroom_decides_the_exit_code() {
    let folder = tempfile::tempdir().unwrap();
    let code = |factor: &str, tip: &str| {
        let more = format!("thresholds: [ headroom(newsletter) >= {factor} ]");
        plan(&scenario(&folder, NEWSLETTER, &more), &["--tip", tip, "-q"])
            .status
            .code()
    };
    assert_eq!(code("1.1", "36pages/s"), Some(0));
    assert_eq!(code("1.5", "36pages/s"), Some(99));
    assert_eq!(code("1.1", "30..40pages/s"), Some(6));
}

#[test]
fn the_send_plan_is_one_page_that_needs_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    let path = scenario(&folder, NEWSLETTER, "");
    let out = folder.path().join("out");
    let said = plan(
        &path,
        &[
            "--tip",
            "36pages/s",
            "--lang",
            "de,en",
            "--out",
            out.to_str().unwrap(),
        ],
    );
    assert_eq!(said.status.code(), Some(0), "{}", text(&said.stderr));
    let page = fs::read_to_string(out.join("send-plan.html")).unwrap();
    assert!(page.contains("default-src 'none'") && page.contains("style-src 'sha256-"));
    for forbidden in ["<script", "href=", "src=", "url(http", "javascript:"] {
        assert!(!page.contains(forbidden), "{forbidden}");
    }
    assert!(page.contains("lang=\"de\"") && page.contains("Versanddrossel") && page.contains("Throttle"));
    for chart in ["c7-newsletter", "c8-newsletter"] {
        let svg = fs::read_to_string(out.join(format!("charts/{chart}.svg"))).unwrap();
        assert!(svg.contains("<title") && svg.contains("<desc"));
        for end in ["", "-document", "-card"] {
            let png = fs::read(out.join(format!("charts/{chart}{end}.png"))).unwrap();
            assert!(png.starts_with(b"\x89PNG"));
        }
    }
    let again = plan(&path, &["--out", out.to_str().unwrap()]);
    assert_eq!(again.status.code(), Some(1));
    assert!(again.stdout.is_empty() && text(&again.stderr).contains("hint"));
}

#[test]
fn names_from_a_scenario_stay_harmless_in_a_page() {
    let folder = tempfile::tempdir().unwrap();
    let path = scenario(&folder, NEWSLETTER, "name: \"<script>alert(1)</script>\"");
    let out = folder.path().join("out");
    plan(&path, &["--tip", "36pages/s", "--out", out.to_str().unwrap()]);
    let page = fs::read_to_string(out.join("send-plan.html")).unwrap();
    assert!(!page.contains("<script") && page.contains("&lt;script"));
}

#[test]
fn what_cannot_be_planned_is_refused_with_a_hint() {
    let folder = tempfile::tempdir().unwrap();
    let path = scenario(&folder, NEWSLETTER, "");
    let refused = |arguments: &[&str]| {
        let said = plan(&path, arguments);
        assert!(
            said.stdout.is_empty() && text(&said.stderr).contains("hint"),
            "{arguments:?}"
        );
        said.status.code()
    };
    for tip in ["36", "0pages/s", "40..30pages/s", "..", "many"] {
        assert_eq!(refused(&["--tip", tip]), Some(2), "{tip}");
    }
    assert_eq!(refused(&["--from", "nowhere"]), Some(1));
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    assert_eq!(
        plan(&root.join("scenarios/ramp.yaml"), &[]).status.code(),
        Some(2)
    );
}

#[test]
fn every_kind_of_campaign_has_a_plan() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(
        folder.path().join("last.csv"),
        "time, visits_per_second\n0, 0\n5m, 4\n1h, 0.5\n",
    )
    .unwrap();
    for campaign in [
        "newsletter: { recipients: 1 }",
        "newsletter: { recipients: 900M, send_duration: 0s, preset: stress, images: 3, open_rate: 40% }",
        "push: { recipients: 50k, images: 1 }",
        "tv_spot: { viewers: 2M, response_rate: 0% }",
        "viral: { visits: 30k, doubling_time: 10m, half_life: 2h }",
        "viral: {  name: post }",
        "breaking_news: { visits: 40k, rise: 0s }",
        "flash_sale: { audience: 6k, waiting_share: 100% }",
        "csv: { file: last.csv, factor: 2 }",
    ] {
        let path = scenario(&folder, campaign, "");
        for tip in ["2pages/s", "36pages/s", "9000000pages/s"] {
            let said = plan(&path, &["--tip", tip, "--json"]);
            assert_eq!(said.status.code(), Some(0), "{campaign}: {}", text(&said.stderr));
            let whole: Value = serde_json::from_slice(&said.stdout).unwrap();
            assert!(whole["campaigns"][0]["verdict"].is_string(), "{campaign}");
        }
        let words = text(&plan(&path, &["--tip", "36pages/s", "--lang", "de"]).stdout);
        assert!(!words.contains("NaN") && !words.contains("inf"), "{words}");
    }
}
