//! Campaigns and thresholds as people and pipelines meet them: `find` and `run` with both, against the demo site on this
//! machine.

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

    fn play(&self, folder: &Path, command: &str, scenario: &str, flags: &[&str]) -> Output {
        let text = format!(
            "version: 1\ntarget: {}\njourney: [ {{ get: / }} ]\n{scenario}\n",
            self.url
        );
        std::fs::write(folder.join("scenario.yaml"), text).unwrap();
        let arguments = [&[command, "scenario.yaml", "--out", "here"], flags].concat();
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

fn summary(folder: &TempDir) -> Value {
    serde_json::from_slice(&std::fs::read(folder.path().join("here/summary.json")).unwrap()).unwrap()
}

/// Whether a machine that is busy with other tests was the limit, and said so.
fn was_our_limit(folder: &TempDir) -> bool {
    let summary = summary(folder);
    summary["finding"]["kind"] == "our_limit" || summary["generator"]["verdict"] == "limited"
}

#[test]
fn a_search_holds_the_campaign_against_what_it_found() {
    let folder = tempfile::tempdir().unwrap();
    let site = Site::start(folder.path());
    let scenario = "baseline: 2pages/s\nsearch: { profile: demo }\n\
         campaigns: [ { flash_sale: { audience: 6k, pages: 1, decay: 10m } } ]\n\
         thresholds: [ headroom(flash_sale) >= 1.5, headroom(flash_sale) >= 40 ]\nreport: { languages: [en, de] }";
    let output = site.play(folder.path(), "find", scenario, &[]);
    if was_our_limit(&folder) {
        return;
    }
    let summary = summary(&folder);
    let campaign = &summary["campaigns"][0];
    // 6,000 people with a time constant of 600 s: 10 visits/s at first, and 2 pages/s are there.
    assert!(
        (campaign["peak_rate"].as_f64().unwrap() - 12.0).abs() < 0.01,
        "{campaign}"
    );
    let tip = summary["finding"]["rate"]["low"].as_f64().unwrap();
    assert!(
        (campaign["headroom"]["low"].as_f64().unwrap() - tip / 12.0).abs() < 0.01,
        "{campaign}"
    );
    assert_eq!(output.status.code(), Some(99), "{}", text(&output.stderr));
    let said = text(&output.stdout);
    assert!(
        said.contains("flash_sale: ") && said.contains("Headroom "),
        "{said}"
    );
    let chart = std::fs::read_to_string(folder.path().join("here/charts/c1.svg")).unwrap();
    assert!(
        chart.contains("peak of flash_sale: 12"),
        "no line for the campaign"
    );
    let page = std::fs::read_to_string(folder.path().join("here/report.html")).unwrap();
    assert!(page.contains("Reserve") && page.contains("flash_sale"));
    let markdown = std::fs::read_to_string(folder.path().join("here/summary.md")).unwrap();
    assert!(markdown.contains("## The campaigns"), "{markdown}");
}

#[test]
fn a_search_that_only_proves_uses_what_is_asked_of_a_campaign() {
    let folder = tempfile::tempdir().unwrap();
    let site = Site::start(folder.path());
    let scenario = "search: { profile: demo }\ncampaigns: [ { flash_sale: { audience: 6k, pages: 1, decay: 10m } } ]\n\
         thresholds: [ headroom(flash_sale) >= 1.5, p50 < 5s at flash_sale.peak ]";
    let output = site.play(folder.path(), "find", scenario, &["--enough"]);
    if was_our_limit(&folder) {
        return;
    }
    assert_eq!(
        output.status.code(),
        Some(0),
        "{}{}",
        text(&output.stdout),
        text(&output.stderr)
    );
    let asked = summary(&folder)["finding"]["asked"].clone();
    let asked: Vec<f64> = asked
        .as_array()
        .unwrap()
        .iter()
        .filter_map(Value::as_f64)
        .collect();
    assert!(
        (asked[0] - 10.0).abs() < 0.01 && (asked[1] - 15.0).abs() < 0.01,
        "{asked:?}"
    );
}

#[test]
fn a_search_in_multiples_of_a_campaign_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let site = Site::start(folder.path());
    let scenario = "search: { profile: demo, unit: campaign }\n\
         campaigns: [ { newsletter: { recipients: 100k, scanner_share: 1%, pages: 1 } } ]";
    let output = site.play(folder.path(), "find", scenario, &[]);
    if was_our_limit(&folder) {
        return;
    }
    let multiples = summary(&folder)["finding"]["multiples"].clone();
    assert_eq!(multiples["campaign"], "newsletter", "{multiples}");
    assert!(multiples["load"].as_f64().unwrap() > 13.0, "{multiples}");
    let said = text(&output.stdout);
    assert!(said.contains("× your newsletter"), "{said}");
}

#[test]
fn a_run_ends_at_a_threshold_that_has_failed() {
    let folder = tempfile::tempdir().unwrap();
    let site = Site::start(folder.path());
    let scenario = "load: { stages: [ { duration: 0s, target: 150/s }, { duration: 60s, target: 150/s } ] }\n\
         thresholds: [ { threshold: failures < 5%, abort_on_fail: yes, delay: 2s } ]";
    let output = site.play(folder.path(), "run", scenario, &[]);
    assert_eq!(output.status.code(), Some(99), "{}", text(&output.stderr));
    let summary = summary(&folder);
    let stopped = summary["stopped_by"].as_str().unwrap_or_default();
    assert!(stopped.contains("threshold failed: failures < 5%"), "{stopped}");
    assert_eq!(summary["status"], "capped");
    let effective = std::fs::read_to_string(folder.path().join("here/effective.yaml")).unwrap();
    assert!(effective.contains("abort_on_fail: true"), "{effective}");
}

#[test]
fn what_makes_no_sense_is_refused_before_any_traffic() {
    let folder = tempfile::tempdir().unwrap();
    let site = Site::start(folder.path());
    for (scenario, wanted) in [
        ("search: { unit: campaign }", "there is no campaign to count in"),
        (
            "thresholds: [ { threshold: tipping_point >= 25/s, abort_on_fail: yes } ]",
            "known at the end of a search only",
        ),
        (
            "thresholds: [ { threshold: failures < 5%, delay: 3s } ]",
            "this one never does",
        ),
        (
            "thresholds: [ { treshold: failures < 5% } ]",
            "did you mean `threshold`?",
        ),
        (
            "thresholds: [ headroom(newsletter) >= 1.5 for 30s ]",
            "holds for the whole site",
        ),
    ] {
        let output = site.play(folder.path(), "find", scenario, &[]);
        let said = text(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{scenario}: {said}");
        assert!(said.contains(wanted), "{scenario}: {said}");
    }
}
