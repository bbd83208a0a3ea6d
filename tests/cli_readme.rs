//! The README's console blocks: the commands of the first scenario are run in order in an empty folder, against a site
//! on this machine in place of the one that they name. Set-up commands are only read.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::io::{Read, Write};
use std::net::TcpListener;
use std::path::Path;
use std::process::{Command, Output, Stdio};

const README: &str = include_str!("../README.md");
/// What starts a command in a block.
const PROMPT: &str = "$ ";

/// The text of each block of `language`.
fn blocks(language: &str) -> Vec<String> {
    let opening = format!("```{language}");
    let mut blocks = Vec::new();
    let mut lines = README.lines();
    while lines.by_ref().any(|line| line == opening) {
        let block: Vec<&str> = lines.by_ref().take_while(|line| *line != "```").collect();
        blocks.push(block.join("\n"));
    }
    blocks
}

/// The commands of the console blocks, without the remarks behind them.
fn commands() -> Vec<String> {
    let blocks = blocks("console");
    let lines = blocks.iter().flat_map(|block| block.lines());
    lines
        .filter_map(|line| line.strip_prefix(PROMPT))
        .map(|line| line.split(" #").next().unwrap_or(line).trim().to_owned())
        .collect()
}

/// A site that says 200 to everything, for as long as the test lives.
fn site() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let Ok(mut stream) = stream else { continue };
            std::thread::spawn(move || {
                let mut head = [0_u8; 4_096];
                if stream.read(&mut head).is_ok_and(|read| read > 0) {
                    let answer = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok";
                    drop(stream.write_all(answer));
                }
            });
        }
    });
    format!("http://{address}")
}

fn tipover(folder: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_tipover"))
        .args(arguments)
        .current_dir(folder)
        .env_clear()
        .env("PATH", "/usr/bin:/bin")
        .stdin(Stdio::null())
        .output()
        .unwrap()
}

/// What keeps the searches of this test short: bounds that a reader does not need.
const BOUNDS: [&str; 8] = [
    "--profile",
    "quick",
    "--from",
    "20/s",
    "--to",
    "40/s",
    "--budget",
    "60s",
];

#[test]
fn the_readme_names_the_two_commands_that_set_it_up() {
    let commands = commands();
    assert!(
        commands.contains(&"cargo run --release -- demo".to_owned()),
        "{commands:?}"
    );
    assert!(commands.contains(&"cargo test".to_owned()), "{commands:?}");
}

#[test]
fn the_commands_of_the_readme_do_what_it_says() {
    let folder = tempfile::tempdir().unwrap();
    let url = site();
    let mut ran = Vec::new();
    for command in commands() {
        let Some(rest) = command.strip_prefix("tipover ") else {
            continue;
        };
        let words: Vec<&str> = rest.split_whitespace().collect();
        let bounds: &[&str] = if words[0] == "find" { &BOUNDS } else { &[] };
        let output = tipover(folder.path(), &[&words, bounds].concat());
        let stderr = String::from_utf8_lossy(&output.stderr);
        // A machine that is busy with other tests may say that it was the limit, or ran out of time: 5 and 6.
        let fine: &[i32] = if words[0] == "find" { &[0, 5, 6] } else { &[0] };
        let code = output.status.code().unwrap_or(-1);
        assert!(fine.contains(&code), "{command} ended with {code}: {stderr}");
        if words[0] == "find" {
            assert!(
                stderr.contains("bounds: "),
                "what bounds it is said before it starts: {stderr}"
            );
        }
        ran.push(words[0].to_owned());
        let file = folder.path().join("scenario.yaml");
        if words[0] == "init" {
            let written = std::fs::read_to_string(&file).unwrap();
            let target = written.lines().find(|line| line.starts_with("target:")).unwrap();
            std::fs::write(&file, written.replace(target, &format!("target: {url}"))).unwrap();
        }
    }
    assert_eq!(ran, ["init", "check", "find"]);
    assert!(folder.path().join("results/latest/report.html").exists());
}

#[test]
fn the_scenario_of_the_readme_checks_clean() {
    let folder = tempfile::tempdir().unwrap();
    let blocks = blocks("yaml");
    assert_eq!(blocks.len(), 1);
    let text = blocks[0].replace("https://staging.shop.example", &site());
    std::fs::write(folder.path().join("readme.yaml"), text).unwrap();
    let output = tipover(folder.path(), &["check", "readme.yaml"]);
    assert_eq!(
        output.status.code(),
        Some(0),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    assert!(output.stderr.is_empty(), "no warnings either");
}

#[test]
fn the_readme_names_every_command_and_every_link_leads_somewhere() {
    for command in [
        "demo",
        "find",
        "run",
        "check",
        "report",
        "schema",
        "init",
        "completions",
        "man",
    ] {
        assert!(
            README.contains(&format!("tipover {command}")) || README.contains(&format!("`{command}`")),
            "{command}"
        );
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    for link in README
        .split("](")
        .skip(1)
        .filter_map(|rest| rest.split(')').next())
    {
        assert!(
            link.starts_with("https://") || root.join(link).exists(),
            "{link} leads nowhere"
        );
    }
}

/// Each `tipover` command line of a pipeline's file: they start a line, or follow `- `, `run: ` or `>`.
fn pipeline_commands(text: &str) -> Vec<Vec<String>> {
    let joined = text.replace("\n          --", " --");
    let mut commands = Vec::new();
    for line in joined.lines().filter(|line| !line.trim_start().starts_with('#')) {
        let line = line
            .trim_start()
            .trim_start_matches("- ")
            .trim_start_matches("run: ");
        let Some(rest) = line.strip_prefix("tipover ") else {
            continue;
        };
        let rest = rest.split(" > ").next().unwrap_or(rest);
        commands.push(
            rest.split_whitespace()
                .map(|word| word.replace('"', ""))
                .collect(),
        );
    }
    commands
}

#[test]
fn the_commands_of_the_pipelines_are_commands() {
    for (name, text) in [
        ("github", include_str!("../examples/ci/github.yml")),
        ("gitlab", include_str!("../examples/ci/gitlab.yml")),
    ] {
        let commands = pipeline_commands(text);
        assert!(commands.len() >= 3, "{name}: {commands:?}");
        let folder = tempfile::tempdir().unwrap();
        for command in &commands {
            let words: Vec<&str> = command.iter().map(String::as_str).collect();
            let output = tipover(folder.path(), &words);
            let said = String::from_utf8_lossy(&output.stderr).into_owned();
            // There is nothing to read in an empty folder, but every word is known.
            assert!(
                said.contains("scenarios/staging.yaml") || said.contains("results/") || said.contains("main"),
                "{name}: {words:?}: {said}"
            );
            assert!(!said.contains("unexpected argument"), "{name}: {words:?}: {said}");
        }
    }
}
