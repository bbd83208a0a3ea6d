//! The command as people and pipelines use it: what goes where, what each ending is called, and what is left behind.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

/// A site that answers every request with `answer`, and ends with the test.
fn site(answer: &'static str) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let Ok(mut stream) = stream else { continue };
            std::thread::spawn(move || {
                let mut head = [0_u8; 4_096];
                if stream.read(&mut head).is_ok_and(|read| read > 0) {
                    drop(stream.write_all(answer.as_bytes()));
                }
            });
        }
    });
    address
}

const GOOD: &str = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok";
/// A page that is not there, and that echoes a secret.
const ECHO: &str = "HTTP/1.1 404 Not Found\r\nX-Echo: open-sesame-4711\r\nContent-Length: 16\r\nConnection: close\r\n\r\nopen-sesame-4711";
const BAD: &str = "HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";

fn tipover(folder: &TempDir) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tipover"));
    command
        .current_dir(folder.path())
        .env_clear()
        .env("PATH", "/usr/bin:/bin")
        .stdin(Stdio::null());
    command
}

fn folder() -> TempDir {
    tempfile::tempdir().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn code(output: &Output) -> i32 {
    output.status.code().unwrap_or(-1)
}

fn summary(folder: &Path) -> serde_json::Value {
    serde_json::from_slice(&std::fs::read(folder.join("summary.json")).unwrap()).unwrap()
}

#[test]
fn a_run_leaves_every_file_and_prints_the_sentence_and_the_folder() {
    let folder = folder();
    let url = format!("http://{}/", site(GOOD));
    let output = tipover(&folder)
        .args(["run", &url, "--rate", "30/s", "--duration", "3s"])
        .output()
        .unwrap();
    assert_eq!(code(&output), 0, "{}", text(&output.stderr));
    let stdout = text(&output.stdout);
    assert!(stdout.contains("results/"), "{stdout}");
    assert!(!stdout.contains('\u{1b}'), "no colour on a pipe");
    let run = folder.path().join("results/latest");
    for file in [
        "run.jsonl",
        "report.html",
        "summary.json",
        "summary.md",
        "trials.csv",
        "seconds.csv",
        "effective.yaml",
        "charts/c1.svg",
        "charts/c1.png",
        "charts/c2.svg",
        "charts/c2.png",
    ] {
        assert!(
            run.join(file).metadata().is_ok_and(|file| file.len() > 0),
            "{file} is missing"
        );
    }
    let summary = summary(&run);
    assert_eq!(summary["status"], "complete");
    assert!(summary["finding"].is_null());
    let lines = text(&output.stderr)
        .lines()
        .filter(|line| line.contains("offered"))
        .count();
    assert!(lines >= 3, "a line a second on a pipe: {}", text(&output.stderr));
}

#[test]
fn json_prints_exactly_the_summary_and_quiet_says_nothing() {
    let folder = folder();
    let url = format!("http://{}/", site(GOOD));
    let arguments = [
        "run",
        &url,
        "--rate",
        "20/s",
        "--duration",
        "2s",
        "--json",
        "--quiet",
        "--out",
        "here",
    ];
    let output = tipover(&folder).args(arguments).output().unwrap();
    assert_eq!(code(&output), 0, "{}", text(&output.stderr));
    assert_eq!(
        output.stdout,
        std::fs::read(folder.path().join("here/summary.json")).unwrap()
    );
    assert_eq!(text(&output.stderr), "");
}

#[test]
fn a_report_is_rendered_again_byte_for_byte() {
    let folder = folder();
    let url = format!("http://{}/", site(GOOD));
    tipover(&folder)
        .args(["run", &url, "--rate", "30/s", "--duration", "3s", "--out", "here"])
        .output()
        .unwrap();
    let read = |name: &str| std::fs::read(folder.path().join("here").join(name)).unwrap();
    let files = [
        "report.html",
        "summary.json",
        "summary.md",
        "trials.csv",
        "seconds.csv",
        "charts/c1.svg",
        "charts/c1.png",
        "charts/c2.svg",
    ];
    let before: Vec<_> = files.iter().map(|file| read(file)).collect();
    let output = tipover(&folder).args(["report", "here"]).output().unwrap();
    assert_eq!(code(&output), 0, "{}", text(&output.stderr));
    for (file, before) in files.iter().zip(before) {
        assert!(read(file) == before, "{file} differs");
    }
}

#[test]
fn bad_words_and_bad_scenarios_exit_with_2_and_a_hint() {
    let folder = folder();
    assert_eq!(code(&tipover(&folder).arg("fnid").output().unwrap()), 2);
    std::fs::write(
        folder.path().join("bad.yaml"),
        "version: 1\ntarget: http://127.0.0.1/\njourny:\n  - get: /\n",
    )
    .unwrap();
    let output = tipover(&folder).args(["find", "bad.yaml"]).output().unwrap();
    assert_eq!(code(&output), 2);
    let stderr = text(&output.stderr);
    assert!(
        stderr.contains("bad.yaml:3:1") && stderr.contains("journey") && stderr.contains("hint"),
        "{stderr}"
    );
    assert!(output.stdout.is_empty());
    let missing = tipover(&folder).args(["find", "missing.yaml"]).output().unwrap();
    assert_eq!(code(&missing), 2, "{}", text(&missing.stderr));
}

#[test]
fn a_public_address_is_refused_with_3_and_the_lines_to_add() {
    let folder = folder();
    let output = tipover(&folder)
        .args(["find", "http://192.0.2.1/"])
        .output()
        .unwrap();
    assert_eq!(code(&output), 3, "{}", text(&output.stderr));
    let stderr = text(&output.stderr);
    assert!(
        stderr.contains("authorization") && stderr.contains("192.0.2.1"),
        "{stderr}"
    );
    assert!(
        !folder.path().join("results").exists(),
        "a refused run leaves nothing behind"
    );
}

#[test]
fn a_site_that_is_down_is_named_before_any_load() {
    let folder = folder();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    drop(listener);
    let output = tipover(&folder)
        .args(["find", &url, "--out", "here", "--json"])
        .output()
        .unwrap();
    assert_eq!(code(&output), 4, "{}", text(&output.stderr));
    let summary = summary(&folder.path().join("here"));
    assert_eq!(summary["finding"]["kind"], "already_failing");
    assert_eq!(summary["finding"]["class"], "refused");
    assert_eq!(summary["trials"].as_array().unwrap().len(), 0);
}

#[test]
fn a_load_is_not_played_against_a_site_that_is_down() {
    let folder = folder();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    drop(listener);
    let output = tipover(&folder)
        .args(["run", &url, "--rate", "5/s", "--duration", "2s", "--out", "here"])
        .output()
        .unwrap();
    assert_eq!(code(&output), 4, "{}", text(&output.stderr));
    assert!(
        text(&output.stdout).contains("broken before any load"),
        "{}",
        text(&output.stdout)
    );
    let summary = summary(&folder.path().join("here"));
    assert_eq!(summary["first_failure"]["class"], "refused");
    assert!(summary["finding"].is_null());
}

#[test]
fn a_name_without_an_address_is_a_class_of_its_own() {
    let folder = folder();
    let output = tipover(&folder)
        .args(["find", "http://nowhere.invalid/", "--out", "here", "--json"])
        .output()
        .unwrap();
    assert_eq!(code(&output), 4, "{}", text(&output.stderr));
    assert_eq!(summary(&folder.path().join("here"))["finding"]["class"], "dns");
}

#[test]
fn a_site_that_always_fails_is_already_failing() {
    let folder = folder();
    let url = format!("http://{}/", site(BAD));
    let output = tipover(&folder)
        .args([
            "find",
            &url,
            "--profile",
            "quick",
            "--from",
            "20/s",
            "--out",
            "here",
        ])
        .output()
        .unwrap();
    assert_eq!(code(&output), 4, "{}", text(&output.stderr));
    let summary = summary(&folder.path().join("here"));
    assert_eq!(summary["finding"]["kind"], "already_failing");
    assert_eq!(summary["finding"]["class"], "502");
}

#[test]
fn a_failed_threshold_exits_with_99() {
    let folder = folder();
    let address = site(GOOD);
    let scenario = format!(
        "version: 1\ntarget: http://{address}\njourney:\n  - get: /\nload: {{ stages: [ {{ duration: 0s, target: 20/s }}, {{ duration: 3s, target: 20/s }} ] }}\nthresholds:\n  - p50 < 0.001ms\n  - p50 < 20s\n"
    );
    std::fs::write(folder.path().join("scenario.yaml"), scenario).unwrap();
    let output = tipover(&folder)
        .args(["run", "scenario.yaml", "--out", "here"])
        .output()
        .unwrap();
    assert_eq!(code(&output), 99, "{}", text(&output.stderr));
    let verdicts: Vec<_> = summary(&folder.path().join("here"))["thresholds"]
        .as_array()
        .unwrap()
        .iter()
        .map(|threshold| threshold["verdict"].clone())
        .collect();
    assert_eq!(verdicts, ["fail", "pass"]);
}

fn start_long_run(folder: &TempDir) -> Child {
    let url = format!("http://{}/", site(GOOD));
    let arguments = [
        "run",
        &url,
        "--rate",
        "50/s",
        "--duration",
        "60s",
        "--out",
        "here",
    ];
    let child = tipover(folder)
        .args(arguments)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let record = folder.path().join("here/run.jsonl");
    wait_until(|| std::fs::read_to_string(&record).is_ok_and(|text| text.lines().count() > 3));
    child
}

fn wait_until(mut holds: impl FnMut() -> bool) {
    let started = Instant::now();
    while !holds() {
        assert!(started.elapsed() < Duration::from_secs(20), "waited too long");
        std::thread::sleep(Duration::from_millis(20));
    }
}

fn signal(child: &Child, name: &str) {
    let sent = Command::new("kill")
        .args([&format!("-{name}"), &child.id().to_string()])
        .status()
        .unwrap();
    assert!(sent.success());
}

#[test]
fn the_first_interrupt_writes_the_whole_report() {
    let folder = folder();
    let child = start_long_run(&folder);
    signal(&child, "INT");
    let output = child.wait_with_output().unwrap();
    assert_eq!(code(&output), 130, "{}", text(&output.stderr));
    let summary = summary(&folder.path().join("here"));
    assert_eq!(summary["status"], "interrupted");
    assert!(folder.path().join("here/report.html").exists());
}

#[test]
fn the_second_interrupt_leaves_at_once_and_the_record_is_readable() {
    let folder = folder();
    let child = start_long_run(&folder);
    signal(&child, "INT");
    std::thread::sleep(Duration::from_millis(30));
    signal(&child, "INT");
    let output = child.wait_with_output().unwrap();
    assert_eq!(code(&output), 130, "{}", text(&output.stderr));
    assert_eq!(
        code(&tipover(&folder).args(["report", "here"]).output().unwrap()),
        0
    );
}

#[test]
fn a_killed_run_loses_at_most_its_last_second() {
    let folder = folder();
    let mut child = start_long_run(&folder);
    signal(&child, "KILL");
    child.wait().unwrap();
    // The last line may be torn: tear it for certain.
    let path = folder.path().join("here/run.jsonl");
    let whole = std::fs::read_to_string(&path).unwrap();
    let seconds = whole
        .lines()
        .filter(|line| line.contains("\"type\":\"second\""))
        .count();
    std::fs::write(&path, &whole[..whole.len() - 40]).unwrap();
    let output = tipover(&folder)
        .args(["report", "here", "--json"])
        .output()
        .unwrap();
    assert_eq!(code(&output), 0, "{}", text(&output.stderr));
    let summary = summary(&folder.path().join("here"));
    assert_eq!(summary["status"], "partial");
    let rendered = std::fs::read_to_string(folder.path().join("here/seconds.csv"))
        .unwrap()
        .lines()
        .count()
        - 1;
    assert_eq!(rendered, seconds - 1);
    assert!(
        std::fs::read_to_string(folder.path().join("here/report.html"))
            .unwrap()
            .to_lowercase()
            .contains("partial")
    );
}

#[test]
fn a_full_disk_is_an_error_and_keeps_what_was_written() {
    let folder = folder();
    let url = format!("http://{}/", site(GOOD));
    let program = env!("CARGO_BIN_EXE_tipover");
    // A limit on the size of files stands in for a full disk: the write fails in the same way.
    let script =
        format!("trap '' XFSZ; ulimit -f 6; exec {program} run {url} --rate 100/s --duration 30s --out here");
    let output = Command::new("sh")
        .args(["-c", &script])
        .current_dir(folder.path())
        .stdin(Stdio::null())
        .output()
        .unwrap();
    assert_eq!(code(&output), 1, "{}", text(&output.stderr));
    let stderr = text(&output.stderr);
    assert!(
        stderr.contains("run.jsonl") && stderr.contains("hint"),
        "{stderr}"
    );
    let again = tipover(&folder).args(["report", "here"]).output().unwrap();
    assert_eq!(code(&again), 0, "{}", text(&again.stderr));
}

#[test]
fn a_folder_that_is_not_empty_or_cannot_be_made_is_refused() {
    let folder = folder();
    let url = format!("http://{}/", site(GOOD));
    std::fs::create_dir(folder.path().join("mine")).unwrap();
    std::fs::write(folder.path().join("mine/thesis.txt"), "x").unwrap();
    for out in ["mine", "mine/thesis.txt/here", "/proc/here"] {
        let output = tipover(&folder)
            .args(["run", &url, "--rate", "5/s", "--duration", "1s", "--out", out])
            .output()
            .unwrap();
        assert_eq!(code(&output), 1, "{out}: {}", text(&output.stderr));
        assert!(text(&output.stderr).contains("hint"), "{out}");
    }
}

#[test]
fn an_unreadable_record_is_an_error_with_its_place() {
    let folder = folder();
    let output = tipover(&folder)
        .args(["report", "nothing-here"])
        .output()
        .unwrap();
    assert_eq!(code(&output), 1);
    std::fs::write(
        folder.path().join("run.jsonl"),
        "{\"type\":\"header\",\"format\":99}\n",
    )
    .unwrap();
    let output = tipover(&folder).args(["report", "run.jsonl"]).output().unwrap();
    assert_eq!(code(&output), 1);
    assert!(
        text(&output.stderr).contains("format 99"),
        "{}",
        text(&output.stderr)
    );
    std::fs::write(folder.path().join("run.jsonl"), [0xff, 0xfe, 0x00, 0x0a]).unwrap();
    let output = tipover(&folder).args(["report", "run.jsonl"]).output().unwrap();
    assert_eq!(code(&output), 1);
    assert!(
        text(&output.stderr).contains("run.jsonl:1"),
        "{}",
        text(&output.stderr)
    );
}

#[test]
fn init_writes_a_scenario_that_checks_clean_and_never_overwrites() {
    let folder = folder();
    assert_eq!(code(&tipover(&folder).arg("init").output().unwrap()), 0);
    let output = tipover(&folder).arg("init").output().unwrap();
    assert_eq!(code(&output), 1);
    assert!(text(&output.stderr).contains("hint"));
    let file = folder.path().join("scenario.yaml");
    let written = std::fs::read_to_string(&file).unwrap();
    let target = written.lines().find(|line| line.starts_with("target:")).unwrap();
    std::fs::write(
        &file,
        written.replace(target, &format!("target: http://{}", site(GOOD))),
    )
    .unwrap();
    let check = tipover(&folder)
        .args(["check", "scenario.yaml"])
        .output()
        .unwrap();
    assert_eq!(code(&check), 0, "{}{}", text(&check.stdout), text(&check.stderr));
}

#[test]
fn schemas_completions_and_manual_go_to_stdout() {
    let folder = folder();
    for of in ["scenario", "summary", "record", "plan"] {
        let output = tipover(&folder).args(["schema", of]).output().unwrap();
        let schema: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        assert!(schema["$schema"].as_str().unwrap().contains("draft-07"), "{of}");
    }
    for shell in ["bash", "zsh", "fish"] {
        assert!(
            text(
                &tipover(&folder)
                    .args(["completions", shell])
                    .output()
                    .unwrap()
                    .stdout
            )
            .contains("tipover")
        );
    }
    assert!(text(&tipover(&folder).arg("man").output().unwrap().stdout).contains(".TH"));
}

#[test]
fn secrets_are_written_nowhere() {
    let folder = folder();
    let address = site(ECHO);
    let scenario = format!(
        "version: 1\ntarget:\n  url: http://{address}\n  headers: {{ X-Preview: \"${{secret:preview}}\" }}\njourney:\n  - get: /\nsecrets: {{ preview: {{ env: PREVIEW }} }}\n"
    );
    std::fs::write(folder.path().join("scenario.yaml"), scenario).unwrap();
    let secret = "open-sesame-4711";
    let output = tipover(&folder)
        .args([
            "run",
            "scenario.yaml",
            "--rate",
            "10/s",
            "--duration",
            "2s",
            "--out",
            "here",
            "-vv",
            "--header",
            "X-Also: open-sesame-4711",
        ])
        .env("PREVIEW", secret)
        .output()
        .unwrap();
    assert_eq!(code(&output), 0, "{}", text(&output.stderr));
    assert!(!text(&output.stderr).contains(secret) && !text(&output.stdout).contains(secret));
    let record = std::fs::read_to_string(folder.path().join("here/run.jsonl")).unwrap();
    assert!(
        record.contains("X-Echo") || record.contains("x-echo"),
        "the failed answer is kept as an example"
    );
    for entry in std::fs::read_dir(folder.path().join("here")).unwrap() {
        let path = entry.unwrap().path();
        if path.is_file() {
            assert!(
                !text(&std::fs::read(&path).unwrap()).contains(secret),
                "{} holds the secret",
                path.display()
            );
        }
    }
}
