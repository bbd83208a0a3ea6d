//! `tipover compare` as a person and a pipeline meet it: text, JSON, files, exit codes. The runs are played against
//! model sites on a paused clock.

#![expect(
    clippy::unwrap_used,
    reason = "a test ends at its first surprise, in its helping functions too"
)]

mod virtual_time;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::OnceLock;
use std::time::Duration;

use serde_json::Value;
use tipover::load::{Curve, Piece};
use tipover::model::{QueueSite, SiteKind, SiteSpec};
use tipover::scenario::SearchPlan;
use tipover::units::Rate;
use virtual_time::{Load, VirtualRun};

/// Plays a search against a site that carries `capacity` pages/s, up to `to`, into `folder`.
fn search(folder: &Path, capacity: f64, kind: SiteKind, to: f64, seed: u64) {
    fs::create_dir_all(folder).unwrap();
    let plan = SearchPlan {
        from: Rate::per_second(20.0),
        to: Rate::per_second(to),
        seed,
        budget: Duration::from_secs(600),
        ..SearchPlan::default()
    };
    let site = QueueSite::new(SiteSpec::demo(kind, Rate::per_second(capacity)));
    let mut run = VirtualRun::new(site, Load::Search(plan));
    run.seed = seed;
    run.play_into(fs::File::create(folder.join("run.jsonl")).unwrap());
}

/// The runs that all tests look at, played once: `before`, `same`, `less`, `more`, `low` (searched up to 60 pages/s
/// only), `other` (a rate limit instead of a queue) and `played` (no search).
fn runs() -> &'static Path {
    static RUNS: OnceLock<PathBuf> = OnceLock::new();
    RUNS.get_or_init(|| {
        let root = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("compare");
        drop(fs::remove_dir_all(&root));
        for (name, capacity, kind, to, seed) in [
            ("before", 200.0, SiteKind::Queue, 2_000.0, 1),
            ("same", 200.0, SiteKind::Queue, 2_000.0, 2),
            ("less", 160.0, SiteKind::Queue, 2_000.0, 3),
            ("more", 260.0, SiteKind::Queue, 2_000.0, 4),
            ("low", 200.0, SiteKind::Queue, 60.0, 5),
            ("other", 200.0, SiteKind::Limit, 2_000.0, 6),
        ] {
            search(&root.join(name), capacity, kind, to, seed);
        }
        let site = QueueSite::new(SiteSpec::demo(SiteKind::Queue, Rate::per_second(200.0)));
        let curve = Curve::new([Piece::hold(Rate::per_second(50.0), Duration::from_secs(10))]);
        fs::create_dir_all(root.join("played")).unwrap();
        let record = fs::File::create(root.join("played/run.jsonl")).unwrap();
        VirtualRun::new(site, Load::Curve(curve)).play_into(record);
        for run in ["before", "same"] {
            let kept = root.join("baselines/main").join(run);
            fs::create_dir_all(&kept).unwrap();
            fs::copy(root.join(run).join("run.jsonl"), kept.join("run.jsonl")).unwrap();
        }
        root
    })
}

fn compare(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_tipover"))
        .arg("compare")
        .args(arguments)
        .current_dir(runs())
        .env_remove("TIPOVER_LANG")
        .output()
        .unwrap()
}

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).unwrap()
}

fn json(arguments: &[&str]) -> (Value, i32) {
    let output = compare(&[arguments, &["--json"]].concat());
    let value = serde_json::from_slice(&output.stdout).unwrap();
    (value, output.status.code().unwrap())
}

#[test]
fn a_site_that_nobody_touched_shows_no_difference() {
    let output = compare(&["before", "same"]);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    let said = text(&output.stdout);
    assert!(said.starts_with("No difference shown: "), "{said}");
    assert!(said.contains("cannot be told from chance"), "{said}");
    let (value, _) = json(&["before", "same"]);
    assert_eq!(value["change"], "no_difference_shown");
    let factor = &value["runs"][0]["comparison"]["tipping_point"]["factor"];
    assert!(
        (0.95..1.05).contains(&factor["mid"].as_f64().unwrap()),
        "{factor}"
    );
    assert_eq!(value["runs"][0]["differences"], serde_json::json!([]));
}

#[test]
fn a_fifth_less_is_a_regression_and_a_tolerance_accepts_it() {
    let (value, exit) = json(&["before", "less"]);
    assert_eq!((&value["change"], exit), (&Value::from("worse"), 99), "{value:#}");
    assert_eq!(value["is_regression"], true);
    let (value, exit) = json(&["before", "less", "--tolerance", "40%"]);
    assert_eq!((&value["change"], exit), (&Value::from("worse"), 0));
    assert_eq!(value["is_regression"], false);
    let output = compare(&["before", "less", "--lang", "de"]);
    let said = text(&output.stdout);
    assert!(
        said.starts_with("Die Website trägt weniger als zuvor: "),
        "{said}"
    );
}

#[test]
fn more_is_better_and_the_last_run_decides() {
    let (value, exit) = json(&["before", "less", "more"]);
    assert_eq!((&value["change"], exit), (&Value::from("better"), 0));
    assert_eq!(value["runs"][0]["comparison"]["change"], "worse");
    let (_, exit) = json(&["before", "more", "less"]);
    assert_eq!(exit, 99);
}

#[test]
fn what_only_bounds_say_is_not_known_or_follows_from_them() {
    let (value, exit) = json(&["before", "low"]);
    assert_eq!(
        (&value["change"], exit),
        (&Value::from("not_known"), 6),
        "{value:#}"
    );
    let (value, exit) = json(&["before", "played"]);
    assert_eq!((&value["change"], exit), (&Value::from("not_known"), 6));
    assert!(
        text(&compare(&["before", "played"]).stdout)
            .starts_with("Whether the tipping point moved is not known")
    );
}

#[test]
fn a_site_that_fails_in_another_way_is_said_to() {
    let (value, _) = json(&["before", "other"]);
    let causes = &value["runs"][0]["comparison"]["causes"];
    assert_eq!(causes["changed"], true, "{causes}");
    assert_eq!(
        (&causes["base"], &causes["new"]),
        (&Value::from("502"), &Value::from("503"))
    );
    let said = compare(&["before", "other"]);
    assert!(text(&said.stdout).contains("It fails in another way: mostly with 503, before with 502."));
}

#[test]
fn a_baseline_has_a_name_and_may_be_made_of_several_runs() {
    let (value, exit) = json(&["main", "less"]);
    assert_eq!((&value["base"]["runs"], exit), (&Value::from(2), 99));
    let unknown = compare(&["nobody", "less"]);
    assert_eq!(unknown.status.code(), Some(1));
    let said = text(&unknown.stderr);
    assert!(
        said.contains("hint: name a run folder, or one of the baselines: main"),
        "{said}"
    );
}

#[test]
fn the_files_agree_with_each_other_and_need_nothing_else() {
    let out = runs().join("out");
    drop(fs::remove_dir_all(&out));
    let output = compare(&["before", "same", "less", "--out", "out", "--lang", "en,de"]);
    assert_eq!(output.status.code(), Some(99), "{}", text(&output.stderr));
    let page = fs::read_to_string(out.join("compare.html")).unwrap();
    let markdown = fs::read_to_string(out.join("compare.md")).unwrap();
    let value: Value = serde_json::from_str(&fs::read_to_string(out.join("compare.json")).unwrap()).unwrap();
    let schema: Value = serde_json::from_slice(
        &Command::new(env!("CARGO_BIN_EXE_tipover"))
            .args(["schema", "compare"])
            .output()
            .unwrap()
            .stdout,
    )
    .unwrap();
    let described: Vec<&String> = schema["properties"].as_object().unwrap().keys().collect();
    let mut written: Vec<&String> = value.as_object().unwrap().keys().collect();
    written.sort();
    assert_eq!(written, described, "the schema names every key");
    let rate = value["runs"][1]["run"]["rate"]["mid"].as_f64().unwrap();
    let written = format!("{rate:.0}");
    for file in [&page, &markdown] {
        assert!(file.contains("The site carries less than before: "), "{file}");
        assert!(file.contains(&written), "{written} is missing");
    }
    assert!(page.contains("Die Website trägt weniger als zuvor: "));
    assert!(page.contains("default-src 'none'") && !page.contains("src=\"http") && !page.contains("<script"));
    for chart in ["c10.svg", "c10.png", "c10-document.png", "c10-card.png"] {
        assert!(out.join("charts").join(chart).is_file(), "{chart}");
    }
    let again = compare(&["before", "same", "--out", "out"]);
    assert_eq!(again.status.code(), Some(1));
    assert!(text(&again.stderr).contains("it is not empty"));
}

#[test]
fn what_is_typed_wrong_is_said_with_a_hint() {
    let output = compare(&["before", "same", "--tolerance", "much"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).contains("hint:"), "{}", text(&output.stderr));
    let output = compare(&["before", "nowhere"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(text(&output.stderr).contains("hint:"));
}
