//! What a person reads: the help of every command, and what is said where something typed is wrong. Times, folders and
//! ports are filtered.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::process::{Command, Stdio};

use tempfile::TempDir;

const COMMANDS: [&str; 13] = [
    "demo",
    "find",
    "run",
    "plan",
    "check",
    "explain",
    "report",
    "calibrate",
    "watch",
    "schema",
    "init",
    "completions",
    "man",
];
/// Nobody listens on the port of `discard`, and nothing here sends it more than one request.
const NOBODY: &str = "http://127.0.0.1:9/";

/// What `tipover` with `arguments` says in `folder`: the exit code, stdout and stderr.
fn said(folder: &TempDir, arguments: &[&str]) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_tipover"))
        .args(arguments)
        .current_dir(folder.path())
        .env_clear()
        .env("PATH", "/usr/bin:/bin")
        .env("COLUMNS", "100")
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let shown: Vec<String> = arguments
        .iter()
        .map(|word| {
            if word.is_empty() || word.contains(' ') {
                format!("'{word}'")
            } else {
                (*word).to_owned()
            }
        })
        .collect();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).trim_end().to_owned();
    let mut said = format!("$ tipover {}\n", shown.join(" "));
    for part in [text(&output.stdout), text(&output.stderr)] {
        if !part.is_empty() {
            said.push_str(&part);
            said.push('\n');
        }
    }
    said.push_str(&format!("exit {}\n", output.status.code().unwrap_or(-1)));
    said
}

/// `text` without what differs from one run to the next: run folders, days of consent, and times.
fn masked(text: &str) -> String {
    let lines = text.lines().map(|line| {
        let words: Vec<&str> = line.trim_end().split(' ').collect();
        let masked = words.iter().enumerate().map(|(index, word)| {
            let before = index.checked_sub(1).map_or("", |index| words[index]);
            let after = words.get(index + 1).copied().unwrap_or_default();
            let is_time = before == "in" && after.starts_with("ms") && word.parse::<f64>().is_ok();
            if word.starts_with("results/2") {
                "results/<time>_<name>_<id>".to_owned()
            } else if is_time {
                "<time>".to_owned()
            } else {
                without_consent_day(word)
            }
        });
        masked.collect::<Vec<_>>().join(" ")
    });
    lines.collect::<Vec<_>>().join("\n")
}

/// A day of this century's later years stands for the one that the guard proposes; 2020 is what a scenario here says.
fn without_consent_day(word: &str) -> String {
    let day = word.get(..10).filter(|day| {
        let digits = day.bytes().filter(u8::is_ascii_digit).count();
        digits == 8 && day.matches('-').count() == 2 && !day.starts_with("2020")
    });
    day.map_or_else(|| word.to_owned(), |day| word.replacen(day, "<day>", 1))
}

/// The words of each of `all`, as one snapshot.
fn snapshot(name: &str, folder: &TempDir, all: &[&[&str]]) {
    let words: Vec<String> = all.iter().map(|arguments| said(folder, arguments)).collect();
    insta::assert_snapshot!(name, masked(&words.join("\n")));
}

fn folder() -> TempDir {
    tempfile::tempdir().unwrap()
}

#[test]
fn the_help_of_every_command_is_as_published() {
    let folder = folder();
    snapshot("help", &folder, &[&["--help"], &[]]);
    for command in COMMANDS {
        snapshot(&format!("help-{command}"), &folder, &[&[command, "--help"]]);
    }
}

#[test]
fn what_is_mistyped_is_named_with_a_hint() {
    let all: [&[&str]; 28] = [
        &["fnid"],
        &["find"],
        &["find", "--profil", "quick", "a.yaml"],
        &["find", "missing.yaml"],
        &["find", "shop.example"],
        &["find", "."],
        &["find", ""],
        &["find", NOBODY, "--lang", "fr"],
        &["find", NOBODY, "--seed", "abc"],
        &["find", NOBODY, "--profile", "fast"],
        &["find", NOBODY, "--share", "1"],
        &["find", NOBODY, "--budget", "5"],
        &["find", NOBODY, "--from", "10/s", "--to", "5/s"],
        &["find", NOBODY, "--enough"],
        &["find", NOBODY, "--repeat", "30"],
        &["find", NOBODY, "--enough", "--repeat", "3"],
        &["find", NOBODY, "--env", "PAGE"],
        &["find", NOBODY, "--header", "X-Preview"],
        &["run", NOBODY],
        &["run", NOBODY, "--rate", "10", "--duration", "5"],
        &["run", NOBODY, "--rate", "10/s"],
        &["calibrate", "access.log"],
        &[
            "calibrate",
            "missing.log",
            "--sent-at",
            "2026-11-20T09:00Z",
            "--recipients",
            "180k",
        ],
        &[
            "calibrate",
            "a.log",
            "--sent-at",
            "friday",
            "--recipients",
            "180k",
        ],
        &[
            "calibrate",
            "a.log",
            "--sent-at",
            "2026-11-20T09:00Z",
            "--recipients",
            "some",
        ],
        &[
            "calibrate",
            "a.log",
            "--sent-at",
            "2026-11-20T09:00Z",
            "--recipients",
            "9",
            "--send-duration",
            "5",
        ],
        &["schema", "everything"],
        &["man", "everything"],
    ];
    snapshot("mistyped", &folder(), &all);
}

#[test]
fn what_the_demo_cannot_do_is_named_with_a_hint() {
    let all: [&[&str]; 6] = [
        &["demo", "--capacity", "5/s"],
        &["demo", "--capacity", "200"],
        &["demo", "--capacity", "200visits/s"],
        &["demo", "--seed", "abc"],
        &["demo", "--arrivals", "uniform"],
        &["demo", "--site", "shop"],
    ];
    snapshot("demo-mistyped", &folder(), &all);
}

#[test]
fn the_guard_says_what_is_missing() {
    let folder = folder();
    let scenario = |name: &str, authorization: &str| {
        let text = format!("version: 1\ntarget: http://192.0.2.1\n{authorization}journey:\n  - get: /\n");
        std::fs::write(folder.path().join(name), text).unwrap();
    };
    let authorized =
        |rest: &str| format!("authorization: {{ approved_by: ops, hosting_informed: yes, {rest} }}\n");
    scenario(
        "expired.yaml",
        &authorized("valid_until: 2020-01-01, hosts: [192.0.2.1]"),
    );
    scenario("elsewhere.yaml", &authorized("hosts: [shop.example]"));
    scenario("allowed.yaml", &authorized("hosts: [192.0.2.1]"));
    let all: [&[&str]; 6] = [
        &["find", "http://192.0.2.1/"],
        &["find", "expired.yaml"],
        &["find", "elsewhere.yaml"],
        &["find", "allowed.yaml"],
        &["find", "http://169.254.169.254/"],
        &["find", "http://192.0.2.1/", "--json"],
    ];
    snapshot("guard", &folder, &all);
}

#[test]
fn the_lines_that_the_guard_asks_for_can_be_pasted() {
    let folder = folder();
    let refused = said(&folder, &["find", "http://192.0.2.1/"]);
    let lines: Vec<&str> = refused
        .lines()
        .skip_while(|line| *line != "authorization:")
        .take_while(|line| !line.starts_with("or "))
        .collect();
    let text = format!(
        "version: 1\ntarget: http://192.0.2.1\njourney:\n  - get: /\n{}\n",
        lines.join("\n")
    );
    std::fs::write(folder.path().join("pasted.yaml"), text).unwrap();
    let again = said(&folder, &["find", "pasted.yaml"]);
    assert!(
        again.contains("add `--yes`"),
        "consent is recorded, only the yes is missing: {again}"
    );
}

#[test]
fn a_record_that_is_not_there_is_named_with_a_hint() {
    let all: [&[&str]; 3] = [&["report"], &["report", "nothing"], &["report", "."]];
    snapshot("no-record", &folder(), &all);
}

#[test]
fn a_site_that_is_down_is_named_with_the_reason() {
    let folder = folder();
    let all: [&[&str]; 5] = [
        &["init"],
        &["init"],
        &["find", NOBODY],
        &["check", NOBODY],
        &["report", "--lang", "fr"],
    ];
    snapshot("down", &folder, &all);
}

#[test]
fn the_process_of_the_demo_site_is_in_no_list() {
    let folder = folder();
    for arguments in [
        &["completions", "bash"][..],
        &["completions", "zsh"],
        &["man"],
        &["--help"],
    ] {
        let said = said(&folder, arguments);
        assert!(said.contains("exit 0"), "{said}");
        assert!(
            !said.contains("demo-site") && !said.contains("demo\\-site"),
            "{arguments:?}"
        );
    }
    for command in COMMANDS {
        assert!(said(&folder, &["man", command]).contains("exit 0"), "{command}");
    }
}

#[test]
fn a_reader_that_has_gone_is_no_failure() {
    let program = env!("CARGO_BIN_EXE_tipover");
    for command in ["schema scenario", "completions bash", "man", "--help"] {
        // The reader is gone before the first byte is written.
        let script = format!("(sleep 0.2; {program} {command}; echo $? >&2) | true");
        let output = Command::new("sh").args(["-c", &script]).output().unwrap();
        assert_eq!(String::from_utf8_lossy(&output.stderr).trim(), "0", "{command}");
    }
}
