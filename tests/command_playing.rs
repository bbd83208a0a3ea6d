//! `tipover run` with a campaign or a log, and `tipover watch`, as a person runs them: against a site on loopback that
//! writes down what it was asked.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Command, Output};
use std::sync::{Arc, Mutex};
use std::thread;

use serde_json::Value;
use tempfile::TempDir;

/// What a request was: method and target, and whether it had a cookie.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Asked {
    line: String,
    has_cookie: bool,
}

/// A site that answers each request with the status that `status` gives to its number.
struct Site {
    place: SocketAddr,
    asked: Arc<Mutex<Vec<Asked>>>,
}

impl Site {
    fn new(status: impl Fn(usize) -> u16 + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let place = listener.local_addr().unwrap();
        let asked: Arc<Mutex<Vec<Asked>>> = Arc::default();
        let (seen, status) = (Arc::clone(&asked), Arc::new(status));
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (seen, status) = (Arc::clone(&seen), Arc::clone(&status));
                thread::spawn(move || while answer(&stream, &seen, &*status).is_some() {});
            }
        });
        Self { place, asked }
    }

    fn url(&self) -> String {
        format!("http://{}", self.place)
    }

    fn asked(&self) -> Vec<Asked> {
        self.asked.lock().unwrap().clone()
    }
}

/// Reads one request and answers it; nothing where the connection is over.
fn answer(mut stream: &TcpStream, seen: &Mutex<Vec<Asked>>, status: &dyn Fn(usize) -> u16) -> Option<()> {
    let mut lines = BufReader::new(stream).lines();
    let first = lines.next()?.ok()?;
    let mut has_cookie = false;
    for line in lines {
        let line = line.ok()?;
        if line.is_empty() {
            break;
        }
        has_cookie |= line.to_ascii_lowercase().starts_with("cookie:");
    }
    let number = {
        let mut seen = seen.lock().unwrap();
        let line = first.trim_end_matches(" HTTP/1.1").to_owned();
        seen.push(Asked { line, has_cookie });
        seen.len() - 1
    };
    let body = if first.starts_with("HEAD") { "" } else { "ok" };
    let head = format!(
        "HTTP/1.1 {} x\r\nset-cookie: a=b\r\ncontent-length: 2\r\n\r\n",
        status(number)
    );
    stream.write_all(format!("{head}{body}").as_bytes()).ok()
}

fn tipover(folder: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_tipover"))
        .args(arguments)
        .current_dir(folder)
        .env_clear()
        .output()
        .unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

fn put(folder: &TempDir, name: &str, text: &str) {
    std::fs::write(folder.path().join(name), text).unwrap();
}

fn newsletter(site: &Site, load: &str) -> String {
    format!(
        "version: 1\ntarget: {}\njourneys:\n  - steps: [ {{ get: /offer }}, {{ get: /cart }} ]\ncampaigns:\n  \
         - newsletter: {{ recipients: 6k, click_rate: 50%, send_duration: 0s, scanner_share: 2%, links: 8, \
         click_delay: {{ median: 20s, sigma: 0.5 }}, conversion_rate: 2%, order_value: 80 EUR }}\nload: {load}\n",
        site.url()
    )
}

#[test]
fn a_campaign_is_played_with_its_link_scanners_and_the_report_says_what_it_met() {
    // The site breaks after its first 60 requests, and stays so.
    let site = Site::new(|number| if number < 60 { 200 } else { 502 });
    let folder = tempfile::tempdir().unwrap();
    let load = "{ campaign: newsletter, until: 6s, reloads: { share: 100%, after: 1s, most: 1 } }";
    put(&folder, "sale.yaml", &newsletter(&site, load));
    let said = tipover(
        folder.path(),
        &["run", "sale.yaml", "--json", "--out", "out", "--lang", "en,de"],
    );
    assert_eq!(said.status.code(), Some(0), "{}", text(&said.stderr));
    let words = text(&said.stderr);
    for part in ["link scanners", "utm_id", "reload the page"] {
        assert!(words.contains(part), "{part} is not in {words}");
    }
    let summary: Value = serde_json::from_slice(&said.stdout).unwrap();
    let met = &summary["campaign"];
    let count = |key: &str| met[key].as_u64().unwrap();
    // 6,000 mails, 2 % scanned, 8 links in the 60 s after the mail: 16 requests a second.
    assert!((60..140).contains(&count("scanner_requests")), "{met}");
    assert!(met["first_502_at_seconds"].as_f64().unwrap() > 1.0, "{met}");
    assert_eq!(met["recovered"], false, "{met}");
    assert!(
        count("failing_seconds") > 0 && count("scanner_requests_failed") > 0,
        "{met}"
    );
    let asked = site.asked();
    // The first one is the look before the load.
    let offers: Vec<&Asked> = asked
        .iter()
        .skip(1)
        .filter(|one| one.line.starts_with("GET /offer"))
        .collect();
    let mut targets: Vec<&str> = offers.iter().map(|one| one.line.as_str()).collect();
    assert!(
        targets.iter().all(|target| target.contains("utm_id=")),
        "{targets:?}"
    );
    let scans: Vec<&Asked> = offers
        .iter()
        .copied()
        .filter(|one| one.line.contains("-s"))
        .collect();
    assert!(
        scans.len() > 60 && scans.iter().all(|one| !one.has_cookie),
        "a scanner has no cookies"
    );
    let known = offers.iter().filter(|one| one.has_cookie).count();
    let count = targets.len();
    targets.sort_unstable();
    targets.dedup();
    // Who reloads keeps the link.
    let reloads = usize::try_from(summary["campaign"]["reloads"].as_u64().unwrap()).unwrap();
    assert!(
        (1..=reloads).contains(&known),
        "{known} known visitors among {reloads} reloads"
    );
    assert!(
        targets.len() < count && targets.len() + reloads >= count,
        "{} of {count}",
        targets.len()
    );
    let page = std::fs::read_to_string(folder.path().join("out/report.html")).unwrap();
    assert!(
        page.contains("The first 502 came") && page.contains("Das erste 502 kam"),
        "both languages"
    );
    let markdown = std::fs::read_to_string(folder.path().join("out/summary.md")).unwrap();
    assert!(
        markdown.contains("## The campaign") && markdown.contains("revenue at risk"),
        "{markdown}"
    );
    let again = tipover(folder.path(), &["report", "out", "--json"]);
    assert_eq!(
        again.stdout, said.stdout,
        "the report is a function of the record alone"
    );
}

#[test]
fn a_rate_that_is_typed_takes_the_place_of_a_campaign_or_a_log() {
    let site = Site::new(|_| 200);
    let folder = tempfile::tempdir().unwrap();
    put(
        &folder,
        "sale.yaml",
        &newsletter(&site, "{ campaign: newsletter, peak_only: true }"),
    );
    let said = tipover(
        folder.path(),
        &[
            "run",
            "sale.yaml",
            "--rate",
            "5visits/s",
            "--duration",
            "2s",
            "--json",
            "--dry-run",
        ],
    );
    let planned: Value = serde_json::from_slice(&said.stdout).unwrap();
    assert_eq!(
        (planned["plays"].as_str(), planned["seconds"].as_f64()),
        (Some("stages"), Some(2.0))
    );
    let said = tipover(folder.path(), &["run", "sale.yaml", "--dry-run", "--json"]);
    let planned: Value = serde_json::from_slice(&said.stdout).unwrap();
    assert_eq!(planned["plays"], "campaign");
    assert!(planned["campaign"]["begins_at"].as_f64().unwrap() >= 0.0);
    assert!(site.asked().is_empty(), "a dry run asks nobody");
}

fn line(second: u32, request: &str) -> String {
    format!(
        "192.0.2.7 - - [20/Nov/2026:09:00:{second:02} +0100] \"{request} HTTP/1.1\" 200 5 \"-\" \"Mozilla/5.0\"\n"
    )
}

#[test]
fn a_log_is_listed_first_and_played_without_what_may_not_be() {
    let site = Site::new(|_| 200);
    let folder = tempfile::tempdir().unwrap();
    let mut log = String::new();
    for second in 0..20 {
        log.push_str(&line(
            second,
            &format!("GET /sale?page={second}&token=0123456789abcdef"),
        ));
        log.push_str(&line(second, "HEAD /"));
    }
    for request in [
        "POST /cart",
        "GET /logout",
        "GET /abmelden?x=1",
        "GET /unsubscribe",
        "GET /reset/password",
    ] {
        log.push_str(&line(19, request));
    }
    put(&folder, "access.log", &log);
    let scenario = format!(
        "version: 1\ntarget: {}\njourney: [ {{ get: / }} ]\nload: {{ replay: {{ log: access.log, factor: 5 }} }}\n",
        site.url()
    );
    put(&folder, "again.yaml", &scenario);
    let dry = tipover(folder.path(), &["run", "again.yaml", "--dry-run"]);
    let listed = text(&dry.stdout);
    for part in [
        "40 requests (GET and HEAD)",
        "20  /sale",
        "20  /\n",
        "4 names a deed",
        "1 neither GET nor HEAD",
    ] {
        assert!(listed.contains(part), "{part} is not in {listed}");
    }
    assert!(site.asked().is_empty());
    let said = tipover(folder.path(), &["run", "again.yaml", "--json"]);
    assert_eq!(said.status.code(), Some(0), "{}", text(&said.stderr));
    let (words, summary) = (
        text(&said.stderr),
        serde_json::from_slice::<Value>(&said.stdout).unwrap(),
    );
    assert!(
        words.contains("20  /sale") && !words.contains("192.0.2.7"),
        "{words}"
    );
    assert_eq!(
        (
            summary["campaign"].is_null(),
            summary["arrivals"]["process"].as_str()
        ),
        (true, Some("replayed"))
    );
    let asked = site.asked();
    // One request more: the look before the load.
    assert_eq!(asked.len(), 41, "{asked:?}");
    assert!(asked.iter().any(|one| one.line == "GET /sale?page=7"));
    for forbidden in ["token", "POST", "logout", "abmelden", "unsubscribe", "reset"] {
        assert!(
            asked.iter().all(|one| !one.line.contains(forbidden)),
            "{forbidden} was played"
        );
    }
}

#[test]
fn what_cannot_be_played_again_is_refused_with_a_hint() {
    let folder = tempfile::tempdir().unwrap();
    put(&folder, "access.log", &line(1, "POST /cart"));
    for (load, exit) in [
        ("{ replay: access.log }", 2),
        ("{ replay: nowhere.log }", 2),
        ("{ replay: access.log, campaign: newsletter }", 2),
        ("{ replay: { log: access.log, factor: 0 } }", 2),
        ("{ replay: { log: access.log, deny: [ \"-\" ] } }", 2),
        ("{ replay: access.log, reloads: none }", 2),
        (
            "{ reloads: sometimes, stages: [ { duration: 1s, target: 1/s } ] }",
            2,
        ),
        (
            "{ reloads: { most: 0 }, stages: [ { duration: 1s, target: 1/s } ] }",
            2,
        ),
    ] {
        put(
            &folder,
            "again.yaml",
            &format!("version: 1\ntarget: http://127.0.0.1:9\njourney: [ {{ get: / }} ]\nload: {load}\n"),
        );
        let said = tipover(folder.path(), &["run", "again.yaml"]);
        assert_eq!(said.status.code(), Some(exit), "{load}: {}", text(&said.stderr));
        assert!(
            said.stdout.is_empty() && text(&said.stderr).contains("hint"),
            "{load}"
        );
    }
}

/// The objects of JSON lines.
fn objects(bytes: &[u8]) -> Vec<Value> {
    text(bytes)
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

#[test]
fn a_watch_tells_of_a_site_that_starts_to_fail_and_of_one_that_does_not() {
    // The look before the watch takes a request or two.
    let failing = Site::new(|number| if number < 4 { 200 } else { 502 });
    let folder = tempfile::tempdir().unwrap();
    let said = tipover(
        folder.path(),
        &["watch", &failing.url(), "--for", "7s", "--slow", "5s", "--json"],
    );
    assert_eq!(said.status.code(), Some(99), "{}", text(&said.stderr));
    let all = objects(&said.stdout);
    assert_eq!(all[0]["type"], "begin");
    assert_eq!(all[0]["slow_above_ms"], 5_000.0);
    let signs: Vec<&str> = all
        .iter()
        .filter(|one| one["type"] == "sign")
        .map(|one| one["sign"].as_str().unwrap())
        .collect();
    assert_eq!(signs, ["first_failure", "failing"]);
    let end = all.last().unwrap();
    assert_eq!(
        (end["type"].as_str(), end["looks"].as_u64()),
        (Some("end"), Some(7))
    );
    assert_eq!(end["signs"], serde_json::json!(["first_failure", "failing"]));

    let steady = Site::new(|_| 200);
    let said = tipover(folder.path(), &["watch", &steady.url(), "--for", "2s"]);
    assert_eq!(said.status.code(), Some(0), "{}", text(&said.stderr));
    assert!(
        text(&said.stdout).contains("2 requests, 0 failed; no sign of tipping"),
        "{}",
        text(&said.stdout)
    );
}

#[test]
fn a_watch_says_what_is_wrong_with_what_was_typed_and_with_a_site_that_is_down() {
    let site = Site::new(|_| 200);
    let folder = tempfile::tempdir().unwrap();
    for arguments in [&["--for", "0s"][..], &["--for", "soon"], &["--slow", "0ms"]] {
        let mut all = vec!["watch", "http://127.0.0.1:9"];
        all.extend(arguments);
        let said = tipover(folder.path(), &all);
        assert_eq!(said.status.code(), Some(2), "{arguments:?}");
        assert!(said.stdout.is_empty() && text(&said.stderr).contains("hint"));
    }
    let said = tipover(folder.path(), &["watch", &site.url(), "--from", "nowhere"]);
    assert_eq!(said.status.code(), Some(1));
    let down = tipover(folder.path(), &["watch", "http://127.0.0.1:9", "--for", "1s"]);
    assert_eq!(down.status.code(), Some(4), "{}", text(&down.stderr));
}

#[test]
fn the_limit_of_a_watch_comes_from_an_earlier_run() {
    let site = Site::new(|_| 200);
    let folder = tempfile::tempdir().unwrap();
    let run = tipover(
        folder.path(),
        &[
            "run",
            &site.url(),
            "--rate",
            "10/s",
            "--duration",
            "5s",
            "--json",
            "--out",
            "earlier",
        ],
    );
    assert_eq!(run.status.code(), Some(0), "{}", text(&run.stderr));
    let summary: Value = serde_json::from_slice(&run.stdout).unwrap();
    let p95 = summary["trials"][0]["latency_ms"]["from_due"]["p95"]
        .as_f64()
        .unwrap();
    let said = tipover(
        folder.path(),
        &["watch", &site.url(), "--for", "1s", "--from", "earlier", "--json"],
    );
    assert_eq!(objects(&said.stdout)[0]["slow_above_ms"].as_f64(), Some(p95));
}
