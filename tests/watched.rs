//! Logs and status pages watched during a run: what they show is in the record, the summary and the report, at the load
//! at which it was seen; a source that dies is named, and the run goes on.

#![expect(
    clippy::unwrap_used,
    reason = "outside of a test function too, a test fails by panicking"
)]

use std::io::{Read, Write};
use std::net::{Ipv4Addr, TcpListener};
use std::time::Duration;

use serde_json::Value;

const REFUSED: &str = "2026/11/22 10:44:41 [error] 1#1: *4 connect() failed (111: Connection refused) while connecting to upstream, client: 10.0.0.1, server: x, request: \"GET /?card=4111 HTTP/1.1\", upstream: \"http://127.0.0.1:9/\"\n";
const STATUS: &str = r#"{"pool":"www","process manager":"static","listen queue":128,"listen queue len":128,"idle processes":0,"active processes":5,"total processes":5,"max children reached":0}"#;

/// A site whose status page says that every worker is busy, until the test ends.
fn site() -> u16 {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            std::thread::spawn(move || {
                let mut heard = [0; 4_096];
                while let Ok(length @ 1..) = stream.read(&mut heard) {
                    let asked = String::from_utf8_lossy(&heard[..length]);
                    let body = if asked.starts_with("GET /fpm-status?json ") {
                        STATUS
                    } else {
                        "ok"
                    };
                    let answer = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{body}", body.len());
                    if stream.write_all(answer.as_bytes()).is_err() {
                        return;
                    }
                }
            });
        }
    });
    port
}

#[test]
fn what_servers_show_during_a_run_stands_in_its_report_and_a_dead_source_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let port = site();
    let log = folder.path().join("error.log");
    std::fs::write(&log, REFUSED).unwrap();
    let scenario = folder.path().join("scenario.yaml");
    let text = format!(
        "version: 1\ntarget: http://127.0.0.1:{port}\njourney:\n  - get: /\nlogs:\n  - file: {}\n  - {{ command: [\"false\"], name: dead }}\nstatus:\n  - url: http://127.0.0.1:{port}/fpm-status?json\n",
        log.display()
    );
    std::fs::write(&scenario, text).unwrap();
    let writer = std::thread::spawn(move || {
        for _ in 0..40 {
            std::thread::sleep(Duration::from_millis(200));
            let mut file = std::fs::OpenOptions::new().append(true).open(&log).unwrap();
            file.write_all(REFUSED.as_bytes()).unwrap();
        }
    });
    let out = folder.path().join("out");
    let output = assert_cmd::Command::cargo_bin("tipover")
        .unwrap()
        .args([
            "run",
            scenario.to_str().unwrap(),
            "--out",
            out.to_str().unwrap(),
            "--json",
            "--rate",
            "20/s",
            "--duration",
            "8s",
        ])
        .env_remove("http_proxy")
        .output()
        .unwrap();
    writer.join().unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(said.contains("while it runs, this is run too: false"), "{said}");
    let summary: Value =
        serde_json::from_slice(&output.stdout).unwrap_or_else(|error| unreachable!("{error}: {said}"));
    let full = &summary["resources"][0];
    assert_eq!(full["name"], "php-fpm workers", "{summary:#}");
    assert_eq!(
        (&full["used"], &full["limit"], &full["waiting"]),
        (&5.0.into(), &5.0.into(), &128.0.into())
    );
    assert_eq!(full["from_rate"], 20.0);
    let cause = &summary["causes"][0];
    assert_eq!(
        (&cause["cause"], &cause["gateway"]),
        (&"backend_refused".into(), &"nginx".into())
    );
    assert!(cause["count"].as_u64().unwrap() >= 10, "{cause}");
    assert!(!cause["example"].as_str().unwrap().contains("4111"), "{cause}");
    let page = std::fs::read_to_string(out.join("report.html")).unwrap();
    assert!(page.contains("php-fpm workers: full from 20 pages/s on, 5 of 5 in use, up to 128 waiting"));
    assert!(
        page.contains("dead: `false` ended"),
        "a source that died is named"
    );
    let again = assert_cmd::Command::cargo_bin("tipover")
        .unwrap()
        .args(["report", out.to_str().unwrap(), "--json"])
        .output()
        .unwrap();
    assert_eq!(again.stdout, output.stdout, "the record holds all of it");
}

#[test]
fn a_status_page_elsewhere_needs_the_consent_that_the_site_would_need() {
    let folder = tempfile::tempdir().unwrap();
    let scenario = folder.path().join("scenario.yaml");
    let port = site();
    let text = format!(
        "version: 1\ntarget: http://127.0.0.1:{port}\njourney: [{{ get: / }}]\nload: {{ stages: [{{ duration: 2s, target: 5visits/s }}] }}\nstatus:\n  - url: http://192.0.2.1/fpm-status\n"
    );
    std::fs::write(&scenario, text).unwrap();
    let output = assert_cmd::Command::cargo_bin("tipover")
        .unwrap()
        .args(["run", scenario.to_str().unwrap(), "--out"])
        .arg(folder.path().join("out"))
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(3));
}

#[test]
fn a_source_says_in_one_way_where_it_comes_from() {
    let folder = tempfile::tempdir().unwrap();
    let scenario = folder.path().join("scenario.yaml");
    for (lines, problem) in [
        ("logs: [{ name: a }]", "one of `file`, `command` and `shell`"),
        (
            "logs: [{ file: a, shell: b }]",
            "one of `file`, `command` and `shell`",
        ),
        ("logs: [{ url: \"http://a\" }]", "unknown key `url`"),
        ("status: [{ url: \"ftp://a\" }]", "is no address of a page"),
        (
            "status: [{ url: \"http://u:p@127.0.0.1/\" }]",
            "is no address of a page",
        ),
        ("status: []", "`status` is empty"),
    ] {
        let text = format!("version: 1\ntarget: http://127.0.0.1:1\njourney: [{{ get: / }}]\n{lines}\n");
        std::fs::write(&scenario, text).unwrap();
        let output = assert_cmd::Command::cargo_bin("tipover")
            .unwrap()
            .args(["check", scenario.to_str().unwrap()])
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(
            output.status.code() == Some(2) && said.contains(problem),
            "{lines}: {said}"
        );
    }
}
