//! Journeys as people run them, against a shop on loopback: faults have their names and end nobody else's visit, steps and
//! assets are counted, packed pages are looked into.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::sync::Arc;

use serde_json::Value;
use tempfile::TempDir;

/// Status, further lines of the head, and the body of an answer.
type Reply = (u16, &'static str, Vec<u8>);

/// A shop that answers each path by `reply`, keeps connections, and ends with the test.
fn shop(reply: impl Fn(&str) -> Reply + Send + Sync + 'static) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let reply = Arc::new(reply);
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let reply = Arc::clone(&reply);
            std::thread::spawn(move || drop(serve(stream, reply.as_ref())));
        }
    });
    address
}

fn serve(mut stream: TcpStream, reply: &dyn Fn(&str) -> Reply) -> std::io::Result<()> {
    let mut lines = BufReader::new(stream.try_clone()?).lines();
    loop {
        let Some(first) = lines.next().transpose()? else {
            return Ok(());
        };
        while lines.next().transpose()?.is_some_and(|line| !line.is_empty()) {}
        let path = first.split(' ').nth(1).unwrap_or_default();
        let (status, head, body) = reply(path);
        let head = format!(
            "HTTP/1.1 {status} So\r\n{head}Content-Length: {}\r\n\r\n",
            body.len()
        );
        stream.write_all(&[head.as_bytes(), &body].concat())?;
    }
}

fn played(command: &str, scenario: &str, flags: &[&str]) -> (TempDir, Output) {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("scenario.yaml"), scenario).unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_tipover"))
        .args([&[command, "scenario.yaml", "--quiet", "--out", "here"], flags].concat())
        .current_dir(folder.path())
        .env_clear()
        .stdin(Stdio::null())
        .output()
        .unwrap();
    (folder, output)
}

fn read(folder: &Path, file: &str) -> String {
    std::fs::read_to_string(folder.join("here").join(file)).unwrap()
}

fn summary(folder: &TempDir) -> Value {
    serde_json::from_str(&read(folder.path(), "summary.json")).unwrap()
}

/// The lines of the record that are of this type.
fn lines(folder: &TempDir, kind: &str) -> Vec<Value> {
    let all = read(folder.path(), "run.jsonl");
    let all = all
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap());
    all.filter(|line| line["type"] == kind).collect()
}

fn count(summary: &Value, step: usize, class: &str) -> u64 {
    summary["steps"][step]["by_class"][class].as_u64().unwrap_or(0)
}

#[test]
fn faults_of_a_site_are_named_counted_and_end_nobody_elses_visit() {
    let site = shop(|path| match path {
        "/loop" => (302, "Location: /loop\r\n", Vec::new()),
        "/endless" => (200, "", vec![b'.'; 100_000]),
        _ => (200, "", b"a page without a token".to_vec()),
    });
    let scenario = format!(
        "version: 1
target: {{ url: \"http://{site}\", limits: {{ body: 64KiB }} }}
journeys:
  - name: capturer
    steps: [ {{ get: /form, capture: {{ token: {{ css: \"input[name=csrf]\", attribute: value }} }} }}, {{ get: \"/next?t={{{{token}}}}\" }} ]
  - {{ name: circler, steps: [ {{ get: /loop }}, {{ get: /after }} ] }}
  - {{ name: reader, on_failure: stop, steps: [ {{ get: /endless }}, {{ get: /never }} ] }}
  - {{ name: good, steps: [ {{ get: /fine }} ] }}
load: {{ arrivals: even, stages: [ {{ duration: 0s, target: 60visits/s }}, {{ duration: 3s, target: 60visits/s }} ] }}
"
    );
    let (folder, output) = played("run", &scenario, &[]);
    assert_eq!(
        output.status.code(),
        Some(0),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let summary = summary(&folder);
    assert_eq!(summary["status"], "complete");
    let names: Vec<&str> = summary["steps"]
        .as_array()
        .unwrap()
        .iter()
        .map(|step| step["name"].as_str().unwrap())
        .collect();
    assert_eq!(
        names,
        [
            "capturer: GET /form",
            "capturer: GET /next",
            "circler: GET /loop",
            "circler: GET /after",
            "reader: GET /endless",
            "reader: GET /never",
            "good: GET /fine"
        ]
    );
    // Every step of a kind ended alike, and nobody came to where a step before was needed.
    for (step, class) in [
        (0, "failed_check"),
        (2, "failed_check"),
        (3, "200"),
        (4, "too_large"),
        (6, "200"),
    ] {
        let ended = count(&summary, step, class);
        assert!(ended >= 20, "{step}: {ended}");
        assert_eq!(summary["steps"][step]["requests"], ended, "{step}");
    }
    assert_eq!(
        count(&summary, 2, "failed_check"),
        count(&summary, 3, "200"),
        "a circler goes on"
    );
    assert_eq!(
        (&summary["steps"][1]["requests"], &summary["steps"][5]["requests"]),
        (&0.into(), &0.into())
    );
    assert!(summary["steps"][6]["latency_ms"]["p95"].as_f64().unwrap() > 0.0);
    assert!(summary["steps"][4]["latency_ms"].is_null());
    assert_eq!(summary["steps"][4]["failures"], summary["steps"][4]["requests"]);
    assert_eq!(
        (&summary["steps"][0]["failures"], &summary["redirects"]),
        (&0.into(), &0.into())
    );
    let why: Vec<String> = lines(&folder, "sample")
        .iter()
        .map(|line| line["error"].as_str().unwrap_or_default().to_owned())
        .collect();
    for reason in [
        "the capture `token` found nothing",
        "a redirect loop",
        "a body of more than 65536 bytes",
    ] {
        assert!(why.iter().any(|why| why.starts_with(reason)), "{reason}: {why:?}");
    }
    for report in ["report.html", "summary.md"] {
        let report = read(folder.path(), report);
        assert!(report.contains("circler: GET /loop"), "steps are in the reports");
    }
}

#[test]
fn a_scenario_with_no_rows_or_a_name_that_nobody_knows_is_refused_before_any_load() {
    let empty = "version: 1\ntarget: http://127.0.0.1:9\njourneys: [ { data: { jsonl: rows.jsonl }, steps: [ { get: / } ] } ]\n";
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("rows.jsonl"), "\n").unwrap();
    std::fs::write(folder.path().join("scenario.yaml"), empty).unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_tipover"))
        .args(["run", "scenario.yaml", "--rate", "1/s", "--duration", "1s"])
        .current_dir(folder.path())
        .env_clear()
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(
        output.status.code() == Some(2) && said.contains("there are no rows"),
        "{said}"
    );
    let unknown = "version: 1\ntarget: http://127.0.0.1:9\njourney: [ { get: \"/{{tokken}}\" } ]\n";
    let (_folder, output) = played("run", unknown, &["--rate", "1/s", "--duration", "1s"]);
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(
        output.status.code() == Some(2) && said.contains("names nothing that is known here"),
        "{said}"
    );
}

/// A shop whose page has a style sheet, a picture of it, and a picture that is not there.
fn shop_with_assets(path: &str) -> Reply {
    let html = "Content-Type: text/html\r\nETag: \"1\"\r\n";
    match path.split('?').next().unwrap_or_default() {
        "/" => (302, "Location: /sale\r\n", Vec::new()),
        "/sale" => (
            200,
            html,
            b"<link rel=stylesheet href=/a.css><img src=/gone.png><img src=http://cdn.example/x.png>"
                .to_vec(),
        ),
        "/a.css" => (
            200,
            "Cache-Control: max-age=600\r\n",
            b"a { background: url(b.png) }".to_vec(),
        ),
        "/b.png" => (200, "Cache-Control: max-age=600\r\n", vec![1; 1_000]),
        _ => (404, "", Vec::new()),
    }
}

#[test]
fn assets_are_counted_apart_from_the_pages_of_an_open_and_a_closed_load() {
    let site = shop(shop_with_assets);
    let journey = "journey:\n  - { get: /, assets: same_origin }\n  - { name: again, get: \"/sale?u={{unique}}\", assets: same_origin }\n";
    let open = "load: { arrivals: even, stages: [ { duration: 0s, target: 20visits/s }, { duration: 3s, target: 20visits/s } ] }";
    let closed = "load: { stages: [ { duration: 0s, visitors: 4 }, { duration: 3s, visitors: 4 } ] }";
    for load in [open, closed] {
        let scenario = format!("version: 1\ntarget: http://{site}\n{journey}{load}\n");
        let (folder, output) = played("run", &scenario, &[]);
        assert_eq!(
            output.status.code(),
            Some(0),
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
        let summary = summary(&folder);
        let assets = &summary["assets"];
        let number = |value: &Value| value.as_f64().unwrap_or(f64::NAN);
        // Each visit: two pages, a redirect, three assets of the first page, and of the second only what is not kept.
        let visits = number(&summary["redirects"]);
        assert!(visits >= 50.0, "{visits}");
        assert!((number(&assets["pages"]) - 2.0 * visits).abs() <= 8.0, "{assets}");
        assert!(
            (number(&assets["cached"]) - 2.0 * visits).abs() <= 8.0,
            "{assets}"
        );
        assert!(
            (number(&assets["by_class"]["404"]) - 2.0 * visits).abs() <= 8.0,
            "{assets}"
        );
        assert!(
            (number(&assets["requests_per_page"]) - 3.0).abs() < 0.2,
            "{assets}"
        );
        assert!(
            (number(&summary["journey"]["requests_per_visit"]) - 6.0).abs() < 0.4,
            "{}",
            summary["journey"]
        );
        assert_eq!(
            (&assets["pages_failed"], &assets["left_out"]),
            (&0.into(), &0.into())
        );
        assert!(assets["whole_page_ms"]["p95"].as_f64() > assets["latency_ms"]["p50"].as_f64());
        let names = (&summary["steps"][0]["name"], &summary["steps"][1]["name"]);
        assert_eq!(names, (&"GET /".into(), &"again".into()));
        // The load that is offered is one of pages, whatever belongs to them.
        let offered: f64 = lines(&folder, "second")
            .iter()
            .take(3)
            .map(|second| number(&second["offered"]))
            .sum();
        assert!(
            (offered - 2.0 * visits).abs() <= 0.05 * offered,
            "{offered} pages, {visits} visits"
        );
        assert!(read(folder.path(), "report.html").contains("Fetched with the pages"));
        assert!(read(folder.path(), "summary.md").contains("3 requests per page"));
    }
}
