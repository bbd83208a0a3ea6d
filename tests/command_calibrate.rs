//! `tipover calibrate` as a person runs it: files of every kind in, numbers and lines out.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

#[expect(dead_code, reason = "the truth of a send is compared with in another test")]
mod sends;

use std::io::Write;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use sends::{Format, Manner, Truth};
use serde_json::Value;
use tempfile::TempDir;

const SMALL: Truth = Truth {
    recipients: 50_000,
    click_rate: 0.08,
    median: 7_200.0,
    sigma: 1.8,
    send: 900.0,
    links: 5,
    scanner_share: 0.05,
    manner: Manner::PerMail,
    pages: 2.0,
    assets: 2.0,
    usual: 0.01,
    swing: 0.0,
    is_tracked: true,
    hours: (12.0, 48.0),
    format: Format::Combined,
};

fn log(format: Format) -> Vec<Vec<u8>> {
    let mut lines = Vec::new();
    sends::write(Truth { format, ..SMALL }, 5, |line| {
        lines.push([line, b"\n"].concat())
    });
    lines
}

fn put(folder: &TempDir, name: &str, bytes: &[u8]) {
    std::fs::write(folder.path().join(name), bytes).unwrap();
}

fn run(folder: &Path, more: &[&str], stdin: &[u8]) -> Output {
    let mut child = Command::new(env!("CARGO_BIN_EXE_tipover"))
        .arg("calibrate")
        .args(more)
        .args(["--recipients", "50k", "--send-duration", "15m"])
        .current_dir(folder)
        .env_remove("TIPOVER_LANG")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // A command that ends without reading has closed its end.
    drop(child.stdin.take().unwrap().write_all(stdin));
    child.wait_with_output().unwrap()
}

/// The JSON of `files` and the exit code.
fn json(folder: &TempDir, files: &[&str], stdin: &[u8]) -> (Value, i32) {
    let mut more = files.to_vec();
    more.extend(["--json", "--sent-at", "2026-11-20T09:00+01:00"]);
    let output = run(folder.path(), &more, stdin);
    let value = serde_json::from_slice(&output.stdout).unwrap();
    (value, output.status.code().unwrap())
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

#[test]
fn whole_gzipped_rotated_and_piped_logs_say_the_same() {
    let folder = tempfile::tempdir().unwrap();
    let lines = log(Format::Combined);
    let whole = lines.concat();
    let half = lines.len() / 2;
    put(&folder, "access.log", &whole);
    put(&folder, "access.log.2.gz", &gzip(&lines[..half].concat()));
    put(&folder, "access.log.1", &lines[half..].concat());
    // Two servers side by side: every second line each.
    for (server, name) in [(0, "a.log"), (1, "b.log")] {
        let of_server: Vec<u8> = lines.iter().skip(server).step_by(2).flatten().copied().collect();
        put(&folder, name, &of_server);
    }
    let (found, exit) = json(&folder, &["access.log"], b"");
    assert_eq!(exit, 0);
    let rate = found["click_rate"]["mid"].as_f64().unwrap();
    assert!((rate / 0.08 - 1.0).abs() < 0.05, "{rate}");
    assert_eq!(found["read"]["lines"], lines.len() as u64);
    for files in [
        &["access.log.1", "access.log.2.gz"][..],
        &["b.log", "a.log"],
        &["-"],
    ] {
        let stdin = if files == ["-"] { gzip(&whole) } else { Vec::new() };
        let (other, _) = json(&folder, files, &stdin);
        for part in ["curve", "click_rate", "scanners", "baseline", "scenario"] {
            assert_eq!(other[part], found[part], "{files:?}: {part}");
        }
    }
    let (other, _) = {
        put(&folder, "access.json", &log(Format::Json).concat());
        json(&folder, &["access.json"], b"")
    };
    let median = |found: &Value| found["curve"]["median_seconds"]["mid"].as_f64().unwrap();
    assert!((median(&other) / median(&found) - 1.0).abs() < 0.01);
}

#[test]
fn a_person_sees_numbers_files_and_lines_and_no_client() {
    let folder = tempfile::tempdir().unwrap();
    let mut text = log(Format::Combined).concat();
    text.extend_from_slice(b"198.51.100.77 - jane.doe [20/Nov/2026:09:00:00 +0100] \"GET /offer/1?utm_id=secret-4711 HTTP/1.1\" 200 1 \"https://mail.example/jane\" \"\x1b[31mEvil\"\n");
    text.extend_from_slice(b"198.51.100.77 \x1b[31m broken secret-4711\n\xff\xfe\n");
    put(&folder, "access.log", &text);
    let more = [
        "access.log",
        "--sent-at",
        "2026-11-20 09:00",
        "--out",
        "out",
        "--lang",
        "de",
    ];
    // Without a zone, the time is in that of the log: that of the first line is +0000.
    let output = run(
        folder.path(),
        &["access.log", "--sent-at", "2026-11-20 08:00"],
        b"",
    );
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(said.contains("sent at 2026-11-20 08:00:00 +00:00"), "{said}");
    assert!(
        said.contains("campaigns:\n  - newsletter: { recipients: 50k, click_rate: "),
        "{said}"
    );
    let words = String::from_utf8(output.stderr).unwrap();
    assert!(words.contains("2 in no known format"), "{words}");
    let output = run(folder.path(), &more, b"");
    assert_eq!(output.status.code(), Some(0));
    let mut everything = [
        output.stdout,
        output.stderr,
        said.into_bytes(),
        words.into_bytes(),
    ]
    .concat();
    for name in ["calibration.json", "campaign.yaml", "clicks.svg", "clicks.png"] {
        everything.extend(std::fs::read(folder.path().join("out").join(name)).unwrap());
    }
    let everything = String::from_utf8_lossy(&everything);
    for private in ["198.51.100.77", "jane", "secret-4711", "\x1b[31m", "203.0.113.9"] {
        assert!(!everything.contains(private), "{private} was printed");
    }
    assert!(everything.contains("Besuche pro Minute"));
}

#[test]
fn visits_per_minute_calibrate_the_curve_alone() {
    let folder = tempfile::tempdir().unwrap();
    let mut minutes = std::collections::BTreeMap::new();
    let mut visitors = std::collections::HashSet::new();
    let unscanned = Truth {
        scanner_share: 0.0,
        ..SMALL
    };
    sends::write(unscanned, 6, |line| {
        let line = String::from_utf8_lossy(line);
        let client = line.split(' ').next().unwrap().to_owned();
        if line.contains("utm_source") && visitors.insert(client) {
            let at = tipover::access_log::parse(line.as_bytes()).unwrap().moment.millis / 60_000;
            *minutes.entry(at).or_insert(0) += 1;
        }
    });
    let rows: String = minutes
        .iter()
        .map(|(minute, count)| format!("{},{count}\n", minute * 60))
        .collect();
    put(&folder, "visits.csv", format!("time,visits\n{rows}").as_bytes());
    let (found, exit) = json(&folder, &["visits.csv"], b"");
    assert_eq!(exit, 0);
    let median = &found["curve"]["median_seconds"];
    let within = median["low"].as_f64().unwrap()..=median["high"].as_f64().unwrap();
    assert!(within.contains(&SMALL.median), "{median}");
    assert!((found["click_rate"]["mid"].as_f64().unwrap() / 0.08 - 1.0).abs() < 0.05);
    assert!(found["scanners"].is_null() && found["pages_per_visit"].is_null());
    put(&folder, "none.csv", b"a;b\n1;2\n");
    let (failed, exit) = json(&folder, &["none.csv"], b"");
    assert_eq!(exit, 1);
    assert!(
        failed["hint"].as_str().unwrap().contains("time,visits"),
        "{failed}"
    );
}

#[test]
fn no_bytes_make_it_panic_and_nothing_found_is_said() {
    let folder = tempfile::tempdir().unwrap();
    let mut random = sends::Random::new(3);
    let noise: Vec<u8> = (0..200_000).map(|_| (random.uniform() * 256.0) as u8).collect();
    let entry = b"192.0.2.1 - - [20/Nov/2026:09:00:00 +0100] \"GET / HTTP/1.1\" 200 1\n";
    for (bytes, exit) in [
        (noise.clone(), 2),
        ([&b"\x1f\x8b"[..], &noise].concat(), 1),
        (gzip(&noise), 2),
        (b"{\"a\":[[[[[[[[[[".repeat(9_000), 2),
        (Vec::new(), 2),
        (entry.to_vec(), 6),
        ([&entry[..], &noise].concat(), 6),
    ] {
        put(&folder, "noise.log", &bytes);
        let (_, code) = json(&folder, &["noise.log"], b"");
        assert_eq!(code, exit);
    }
}

#[test]
fn the_lines_to_paste_are_what_a_scenario_takes_and_plan_the_curve_that_was_fitted() {
    use tipover::campaign::Forecast;
    use tipover::scenario::{Overrides, from_text};

    let folder = tempfile::tempdir().unwrap();
    put(&folder, "access.log", &log(Format::Combined).concat());
    let (found, _) = json(&folder, &["access.log"], b"");
    let lines = found["scenario"].as_str().unwrap();
    let text = format!(
        "version: 1\ntarget: http://localhost\njourney: [ {{ get: / }}, {{ get: /cart }} ]\n{lines}load: {{ campaign: newsletter }}\n"
    );
    let loaded = from_text(
        &text,
        "pasted.yaml",
        Path::new(""),
        &Overrides::default(),
        &|_| None,
    );
    let scenario = loaded
        .map_err(|problems| problems.render(false))
        .unwrap()
        .scenario;
    let planned = Forecast::new(&scenario).campaigns.remove(0);
    let curve = &found["curve"];
    let mid = |key: &str| curve[key]["mid"].as_f64().unwrap();
    // Three figures are written.
    let near = |found: f64, wanted: f64| (found / wanted - 1.0).abs() < 0.006;
    assert!(near(
        planned.response,
        found["click_rate"]["mid"].as_f64().unwrap()
    ));
    assert!(near(planned.duration, mid("send_seconds")));
    assert!(near(
        planned.scanner_share,
        found["scanners"]["share"].as_f64().unwrap()
    ));
    assert!(planned.knows_scanners);
    let fitted = tipover::campaign::Sending::new(mid("median_seconds"), mid("sigma"), mid("send_seconds"));
    let people = planned.people(planned.duration);
    for minute in [1.0, 5.0, 15.0, 30.0, 60.0, 240.0, 1_440.0] {
        let (pasted, curve) = (people.share_by(minute * 60.0), fitted.share_by(minute * 60.0));
        assert!(
            (pasted - curve).abs() < 0.004,
            "{minute} min: {pasted} against {curve}"
        );
    }
}
