//! `--enough` and `--repeat` as people and pipelines use them, against the demo site on this machine.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};

use serde_json::Value;
use tempfile::TempDir;

fn tipover(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tipover"));
    command
        .current_dir(folder)
        .env_clear()
        .env("PATH", "/usr/bin:/bin")
        .stdin(Stdio::null());
    command
}

/// The demo site, which tips a little below 60 pages/s, until the test is over.
struct Site {
    child: Child,
    url: String,
}

impl Site {
    fn start(folder: &Path) -> Self {
        let mut child = tipover(folder)
            .args(["demo", "--serve", "--capacity", "60/s", "--quiet"])
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut url = String::new();
        BufReader::new(child.stdout.take().unwrap())
            .read_line(&mut url)
            .unwrap();
        Self {
            child,
            url: url.trim().to_owned(),
        }
    }

    fn find(&self, folder: &Path, thresholds: &str, flags: &[&str]) -> Output {
        let text = format!(
            "version: 1\ntarget: {}\njourney: [ {{ get: / }} ]\nsearch: {{ profile: demo }}\nthresholds: [ {thresholds} ]\n",
            self.url
        );
        std::fs::write(folder.join("scenario.yaml"), text).unwrap();
        let arguments = [&["find", "scenario.yaml", "--out", "here"], flags].concat();
        tipover(folder).args(arguments).output().unwrap()
    }
}

impl Drop for Site {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn folder() -> TempDir {
    tempfile::tempdir().unwrap()
}

fn summary(folder: &TempDir) -> Value {
    serde_json::from_slice(&std::fs::read(folder.path().join("here/summary.json")).unwrap()).unwrap()
}

/// The highest load of any second of the record, in pages/s.
fn highest(folder: &TempDir) -> f64 {
    let record = std::fs::read_to_string(folder.path().join("here/run.jsonl")).unwrap();
    let lines = record
        .lines()
        .filter_map(|line| serde_json::from_str::<Value>(line).ok());
    lines
        .filter_map(|line| line["offered"].as_f64())
        .fold(0.0, f64::max)
}

/// Whether a machine that is busy with other tests was the limit, and said so.
fn was_our_limit(output: &Output, folder: &TempDir) -> bool {
    output.status.code() == Some(5) && summary(folder)["finding"]["kind"] == "our_limit"
}

#[test]
fn a_load_that_the_site_carries_is_proven_with_no_more_than_it() {
    let folder = folder();
    let site = Site::start(folder.path());
    let output = site.find(
        folder.path(),
        "tipping_point >= 30pages/s, p95 < 3s",
        &["--enough"],
    );
    assert!(highest(&folder) <= 30.0 * 1.05, "{}", highest(&folder));
    let stderr = text(&output.stderr);
    assert!(
        stderr.contains("proving")
            && stderr.contains("30 pages/s and no more")
            && stderr.contains("time: about"),
        "{stderr}"
    );
    if was_our_limit(&output, &folder) {
        return;
    }
    assert_eq!(
        output.status.code(),
        Some(0),
        "{stderr}\n{}",
        text(&output.stdout)
    );
    assert!(text(&output.stdout).starts_with("The site carries 30 pages/s, as much as was asked for"));
    let summary = summary(&folder);
    assert_eq!(summary["finding"]["kind"], "not_reached");
    assert_eq!(summary["finding"]["asked"], serde_json::json!([30.0]));
    assert!(summary["verified_rate"].as_f64().unwrap() >= 30.0);
    let page = std::fs::read_to_string(folder.path().join("here/report.html")).unwrap();
    assert!(page.contains("Proven"), "the page says what was asked");
}

#[test]
fn a_load_that_the_site_does_not_carry_is_refuted_and_fails_the_pipeline() {
    let folder = folder();
    let site = Site::start(folder.path());
    let output = site.find(folder.path(), "tipping_point >= 90pages/s", &["--enough"]);
    assert!(highest(&folder) <= 90.0 * 1.05, "{}", highest(&folder));
    if was_our_limit(&output, &folder) {
        return;
    }
    let stdout = text(&output.stdout);
    assert_eq!(
        output.status.code(),
        Some(99),
        "{}\n{stdout}",
        text(&output.stderr)
    );
    assert!(
        stdout.starts_with("The site does not carry 90 pages/s: it tips over somewhere between"),
        "{stdout}"
    );
    assert_eq!(summary(&folder)["thresholds"][0]["verdict"], "fail");
}

#[test]
fn searches_that_are_repeated_are_announced_and_pooled() {
    let folder = folder();
    let site = Site::start(folder.path());
    let flags = [
        "--repeat", "2", "--from", "10/s", "--to", "200/s", "--budget", "25s",
    ];
    let output = site.find(folder.path(), "tipping_point >= 10pages/s", &flags);
    let stderr = text(&output.stderr);
    assert!(
        stderr.contains("2 searches, each with bounds") && stderr.contains("search 2 of 2"),
        "{stderr}"
    );
    if was_our_limit(&output, &folder) {
        return;
    }
    let summary = summary(&folder);
    assert_eq!(summary["finding"]["searches"], 2);
    assert_eq!(summary["finding"]["kind"], "tipped", "{}", text(&output.stdout));
    assert!(
        text(&output.stdout).contains("Pooled over 2 searches of this site."),
        "{}",
        text(&output.stdout)
    );
}
