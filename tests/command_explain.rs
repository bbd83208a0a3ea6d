//! `tipover explain` as it is typed: files, compressed files, stdin, a saved answer, and what is said where something
//! is wrong.

#![expect(
    clippy::unwrap_used,
    reason = "outside of a test function too, a test fails by panicking"
)]

use std::io::Write;
use std::path::Path;

use assert_cmd::Command;
use serde_json::Value;

const LINE: &str = "2026/11/22 10:45:15 [error] 1#1: *153 connect() to unix:/run/php.sock failed (11: Resource temporarily unavailable) while connecting to upstream, client: 203.0.113.9, server: x, request: \"GET /a?mail=anna HTTP/1.1\", upstream: \"http://unix:/run/php.sock:/\", host: \"x\"\n";

fn tipover() -> Command {
    Command::cargo_bin("tipover").unwrap()
}

fn json(command: &mut Command) -> Value {
    let output = command.output().unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    serde_json::from_slice(&output.stdout).unwrap()
}

fn sample(name: &str) -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/gateway_samples")
        .join(name)
}

#[test]
fn plain_and_compressed_files_and_stdin_are_counted_together() {
    let folder = tempfile::tempdir().unwrap();
    let plain = folder.path().join("error.log");
    let packed = folder.path().join("error.log.2.gz");
    std::fs::write(&plain, LINE.repeat(3)).unwrap();
    // Rotated logs may hold several compressed parts one after the other.
    let mut parts = Vec::new();
    for _ in 0..2 {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all(LINE.repeat(4).as_bytes()).unwrap();
        parts.extend(encoder.finish().unwrap());
    }
    std::fs::write(&packed, parts).unwrap();
    let found = json(
        tipover()
            .args(["explain", "--json"])
            .arg(&plain)
            .arg(&packed)
            .arg("-")
            .write_stdin(LINE),
    );
    let one = &found.as_array().unwrap()[0];
    let keys: Vec<&String> = one.as_object().unwrap().keys().collect();
    assert_eq!(
        keys,
        ["advice", "cause", "count", "example", "first", "gateway", "last"]
    );
    assert_eq!(found.as_array().unwrap().len(), 1);
    assert_eq!(
        (&one["gateway"], &one["cause"], &one["count"]),
        (&"nginx".into(), &"queue_full".into(), &12.into())
    );
    assert_eq!(
        (&one["first"], &one["last"]),
        (&"2026-11-22T10:45:15".into(), &"2026-11-22T10:45:15".into())
    );
    let example = one["example"].as_str().unwrap();
    assert!(
        !example.contains("anna") && !example.contains("203.0.113.9"),
        "{example}"
    );
}

#[test]
fn advice_is_given_in_both_languages() {
    let said = |language: &str| {
        let output = tipover()
            .args(["explain", "--lang", language])
            .write_stdin(LINE)
            .output()
            .unwrap();
        String::from_utf8(output.stdout).unwrap()
    };
    assert!(said("en").contains("backlog is full"), "{}", said("en"));
    assert!(said("de").contains("Backlog voll"), "{}", said("de"));
}

#[test]
fn a_saved_answer_is_named() {
    let text = std::fs::read_to_string(sample("haproxy/slow.txt")).unwrap();
    let answer = text
        .split_once("== response ==\n")
        .unwrap()
        .1
        .split("\n== ")
        .next()
        .unwrap()
        .to_owned();
    let found = json(
        tipover()
            .args(["explain", "--json", "--response", "-"])
            .write_stdin(answer),
    );
    let keys: Vec<&String> = found.as_object().unwrap().keys().collect();
    assert_eq!(keys, ["confidence", "evidence", "gateway", "made_by"]);
    assert_eq!(
        (&found["gateway"], &found["made_by"]),
        (&"haproxy".into(), &"gateway".into())
    );
    assert!(found["confidence"].as_f64().unwrap() > 0.9 && !found["evidence"].as_array().unwrap().is_empty());
}

#[test]
fn what_cannot_be_read_is_said_with_a_hint() {
    for (arguments, stdin, exit, words) in [
        (
            vec!["explain", "/nowhere/at/all.log"],
            "",
            2,
            "/nowhere/at/all.log",
        ),
        (vec!["explain", "--response", "-"], "hello", 0, "curl -i"),
        (vec!["explain", "--lang", "fr", "-"], "", 2, "`en` or `de`"),
        (
            vec!["explain", "-"],
            "hello\nworld\n",
            0,
            "none of the lines has a known shape",
        ),
    ] {
        let output = tipover().args(&arguments).write_stdin(stdin).output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(exit), "{arguments:?}: {said}");
        assert!(said.contains(words), "{arguments:?}: {said}");
    }
}

#[test]
fn a_damaged_compressed_file_is_an_error_and_no_panic() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("broken.gz");
    std::fs::write(&file, b"\x1f\x8bnot gzip at all").unwrap();
    let output = tipover().arg("explain").arg(&file).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&output.stderr).contains("zcat"));
}

#[test]
fn of_a_compressed_file_that_is_cut_what_came_before_is_counted_and_the_cut_is_said() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("error.log.gz");
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::none());
    encoder.write_all(LINE.repeat(4_000).as_bytes()).unwrap();
    let packed = encoder.finish().unwrap();
    std::fs::write(&file, &packed[..packed.len() / 2]).unwrap();
    let output = tipover().args(["explain", "--json"]).arg(&file).output().unwrap();
    assert_eq!(output.status.code(), Some(0));
    assert!(String::from_utf8_lossy(&output.stderr).contains("is cut or damaged"));
    let found: Value = serde_json::from_slice(&output.stdout).unwrap();
    let count = found[0]["count"].as_u64().unwrap();
    assert!((1_000..=2_000).contains(&count), "{count}");
}

#[test]
fn nothing_of_a_log_moves_a_cursor() {
    let line = LINE.replace("GET /a", "GET /\u{1b}[2J\u{202e}a");
    let output = tipover().arg("explain").write_stdin(line).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(!text.contains('\u{1b}') && !text.contains('\u{202e}'), "{text}");
}
