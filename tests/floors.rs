//! The house keeps its floors: dependencies point down, and each outside crate is named only where it belongs.
//!
//! It reads the source as text: comments and string literals are cut out first, then `use` lines and paths are looked
//! at word by word. That is coarser than a compiler and needs none.

#![expect(
    clippy::unwrap_used,
    reason = "outside of a test function too, a test fails by panicking"
)]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// The floor of each module of the crate's root. Higher may import lower; the same floor is shared, but for
/// [`STRANGERS`].
const FLOORS: [(&str, u8); 20] = [
    ("units", 0),
    ("scenario", 1),
    ("access_log", 1),
    ("load", 1),
    ("record", 1),
    ("words", 1),
    ("analysis", 2),
    ("search", 2),
    ("model", 2),
    ("diagnosis", 2),
    ("campaign", 2),
    ("transport", 3),
    ("preflight", 3),
    ("demo", 3),
    ("drive", 4),
    ("telemetry", 4),
    ("report", 4),
    ("cli", 5),
    ("main", 5),
    ("lib", 5),
];

/// The highest floor that is pure: no runtime, no network, no clock.
const PURE: u8 = 2;
/// What a pure floor never names.
const IMPURE: [&str; 6] = [
    "tokio",
    "hyper",
    "hyper_util",
    "tokio_rustls",
    "Instant::now",
    "SystemTime::now",
];
/// Modules of one floor that never import each other.
const STRANGERS: [&str; 3] = ["drive", "telemetry", "report"];
/// Crates that only one place may name, and that place below `src`.
const TENANTS: [(&str, &str); 5] = [
    ("plotters", "report/charts"),
    ("serde_yaml", "scenario/document"),
    ("saphyr_parser", "scenario/document"),
    ("hickory_proto", "preflight/names"),
    ("x509_parser", "preflight/certificate"),
];

fn floor_of(module: &str) -> Option<u8> {
    FLOORS
        .iter()
        .find(|(name, _)| *name == module)
        .map(|(_, floor)| *floor)
}

/// The code of `text` without comments, string literals and character literals.
fn code_of(text: &str) -> String {
    let letters: Vec<char> = text.chars().collect();
    let mut code = String::with_capacity(text.len());
    let mut at = 0;
    while at < letters.len() {
        let next = letters.get(at + 1).copied();
        at = match letters[at] {
            '/' if next == Some('/') => end_of_line(&letters, at),
            '/' if next == Some('*') => end_of_block(&letters, at),
            'r' if matches!(next, Some('"' | '#')) && !follows_a_word(&letters, at) => {
                end_of_raw(&letters, at).unwrap_or_else(|| {
                    code.push('r');
                    at + 1
                })
            }
            '"' => end_of_string(&letters, at),
            '\'' => end_of_character(&letters, at),
            letter => {
                code.push(letter);
                at + 1
            }
        };
    }
    code
}

fn follows_a_word(letters: &[char], at: usize) -> bool {
    // `br"…"` is a raw string too; any other word that ends in r is a name.
    at > 0 && letters[at - 1] != 'b' && (letters[at - 1].is_alphanumeric() || letters[at - 1] == '_')
}

fn end_of_line(letters: &[char], from: usize) -> usize {
    (from..letters.len())
        .find(|at| letters[*at] == '\n')
        .unwrap_or(letters.len())
}

fn end_of_block(letters: &[char], from: usize) -> usize {
    let (mut depth, mut at) = (0_u32, from);
    while at + 1 < letters.len() {
        match (letters[at], letters[at + 1]) {
            ('/', '*') => depth += 1,
            ('*', '/') => depth -= 1,
            _ => {
                at += 1;
                continue;
            }
        }
        at += 2;
        if depth == 0 {
            return at;
        }
    }
    letters.len()
}

/// The end of `r"…"` or `r#"…"#`; nothing where this is a raw name such as `r#type`.
fn end_of_raw(letters: &[char], from: usize) -> Option<usize> {
    let hashes = letters[from + 1..]
        .iter()
        .take_while(|letter| **letter == '#')
        .count();
    let open = from + 1 + hashes;
    if letters.get(open) != Some(&'"') {
        return None;
    }
    let closes = |at: &usize| {
        letters[*at] == '"'
            && letters[at + 1..]
                .iter()
                .take(hashes)
                .filter(|letter| **letter == '#')
                .count()
                == hashes
    };
    Some(
        (open + 1..letters.len())
            .find(closes)
            .map_or(letters.len(), |at| at + 1 + hashes),
    )
}

fn end_of_string(letters: &[char], from: usize) -> usize {
    let mut at = from + 1;
    while at < letters.len() && letters[at] != '"' {
        at += if letters[at] == '\\' { 2 } else { 1 };
    }
    at + 1
}

/// The end of a character literal; one further where it is a lifetime.
fn end_of_character(letters: &[char], from: usize) -> usize {
    match (letters.get(from + 1), letters.get(from + 2)) {
        (Some('\\'), _) => {
            (from + 3..letters.len())
                .find(|at| letters[*at] == '\'')
                .unwrap_or(from)
                + 1
        }
        (Some(_), Some('\'')) => from + 3,
        _ => from + 1,
    }
}

/// Names and `::`, `{`, `}`, `,` of `code`, in order: enough to follow paths.
fn tokens_of(code: &str) -> Vec<String> {
    let mut tokens: Vec<String> = Vec::new();
    let mut word = String::new();
    let mut letters = code.chars().peekable();
    while let Some(letter) = letters.next() {
        if letter.is_alphanumeric() || letter == '_' {
            word.push(letter);
            continue;
        }
        if !word.is_empty() {
            tokens.push(std::mem::take(&mut word));
        }
        match letter {
            ':' if letters.peek() == Some(&':') => {
                letters.next();
                tokens.push("::".to_owned());
            }
            letter if letter.is_whitespace() => {}
            letter => tokens.push(letter.to_string()),
        }
    }
    tokens.extend(Some(word).filter(|word| !word.is_empty()));
    tokens
}

/// The root modules that `tokens` name as `crate::module` or `crate::{module::…, other}`.
fn imports_of(tokens: &[String], root: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for at in 0..tokens.len() {
        let is_path = tokens[at] == root && tokens.get(at + 1).is_some_and(|token| token == "::");
        match tokens.get(at + 2).map(String::as_str) {
            Some("{") if is_path => found.extend(first_names_of_group(&tokens[at + 3..])),
            Some(name) if is_path => {
                found.insert(name.to_owned());
            }
            _ => {}
        }
    }
    found
}

/// `tokens` with every climb to the crate's root (`super::super::` in `drive/run.rs`) written as `crate::`.
fn from_the_root(tokens: &[String], path: &str) -> Vec<String> {
    let storeys = path.split('/').count();
    let mut climbed = Vec::with_capacity(tokens.len());
    let mut at = 0;
    while at < tokens.len() {
        let climb = tokens[at..]
            .chunks(2)
            .take_while(|step| step.first().is_some_and(|token| token == "super"));
        let height = climb.count();
        if height >= storeys {
            climbed.extend(["crate".to_owned(), "::".to_owned()]);
            at += 2 * height;
        } else {
            climbed.push(tokens[at].clone());
            at += 1;
        }
    }
    climbed
}

/// The name that each member of a `{…}` group begins with; `tokens` begin after its brace.
fn first_names_of_group(tokens: &[String]) -> Vec<String> {
    let (mut names, mut depth, mut is_first) = (Vec::new(), 0_u32, true);
    for token in tokens {
        match token.as_str() {
            "{" => depth += 1,
            "}" if depth == 0 => break,
            "}" => depth -= 1,
            "," if depth == 0 => is_first = true,
            name if depth == 0 && is_first => {
                names.push(name.to_owned());
                is_first = false;
            }
            _ => {}
        }
    }
    names
}

/// Whether `tokens` name `what`: a crate or module as the head of a path or an import, or a `Type::method`.
fn names(tokens: &[String], what: &str) -> bool {
    if let Some((kind, method)) = what.split_once("::") {
        return tokens
            .windows(3)
            .any(|three| three[0] == kind && three[1] == "::" && three[2] == method);
    }
    (0..tokens.len()).any(|at| {
        let before = at.checked_sub(1).map(|before| tokens[before].as_str());
        let is_head = before != Some("::") && before != Some(".");
        let is_path = tokens.get(at + 1).is_some_and(|token| token == "::");
        tokens[at] == what && is_head && (is_path || before == Some("use"))
    })
}

/// What the file at `path` below `src` does that its floor does not allow, a sentence each.
fn violations(path: &str, text: &str) -> Vec<String> {
    let tokens = tokens_of(&code_of(text));
    let module = path.split('/').next().unwrap_or(path).trim_end_matches(".rs");
    let Some(floor) = floor_of(module) else {
        return vec![format!(
            "{path}: `{module}` has no floor: give it one in tests/floors.rs"
        )];
    };
    let mut found = Vec::new();
    for what in IMPURE {
        if floor <= PURE && names(&tokens, what) {
            found.push(format!("{path}: names `{what}`, but floor {floor} is pure"));
        }
    }
    for (tenant, home) in TENANTS {
        let lives_there = path == format!("{home}.rs") || path.starts_with(&format!("{home}/"));
        if !lives_there && names(&tokens, tenant) {
            found.push(format!("{path}: names `{tenant}`, which only {home} may"));
        }
    }
    // The binary sees the library as `tipover`; from within it is `crate`.
    let mut imports = imports_of(&from_the_root(&tokens, path), "crate");
    imports.extend(imports_of(&tokens, "tipover"));
    for import in imports.iter().filter(|import| *import != module) {
        match floor_of(import) {
            Some(above) if above > floor => {
                found.push(format!(
                    "{path}: floor {floor} imports `{import}` of floor {above}"
                ));
            }
            Some(_) if STRANGERS.contains(&module) && STRANGERS.contains(&import.as_str()) => {
                found.push(format!(
                    "{path}: `{module}` and `{import}` do not know each other"
                ));
            }
            _ => {}
        }
    }
    found
}

fn sources_below(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(sources_below(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
    found.sort();
    found
}

#[test]
fn the_house_keeps_its_floors() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let sources = sources_below(&root);
    assert!(sources.len() > 20, "the sources were not found");
    let found: Vec<String> = sources
        .iter()
        .flat_map(|path| {
            let below = path.strip_prefix(&root).unwrap().to_str().unwrap();
            violations(below, &fs::read_to_string(path).unwrap())
        })
        .collect();
    assert!(found.is_empty(), "\n{}", found.join("\n"));
}

#[test]
fn a_planted_violation_is_caught() {
    for (path, text) in [
        ("units/rate.rs", "use tokio::time::Duration;"),
        ("record.rs", "fn now() { let start = std::time::Instant::now(); }"),
        (
            "analysis/health.rs",
            "use std::time::{self}; fn f() { time::SystemTime::now(); }",
        ),
        ("search/step.rs", "use hyper;"),
        ("model/site.rs", "type Body = hyper::body::Incoming;"),
        ("load/curve.rs", "use crate::search::Finding;"),
        ("units.rs", "use crate::{load::{Curve, arrivals}, units};"),
        (
            "scenario/types.rs",
            "fn f() -> crate::analysis::Tipping { todo() }",
        ),
        ("transport/clock.rs", "pub(crate) use crate :: drive :: Run;"),
        ("drive/run.rs", "use crate::report::View;"),
        ("report/page.rs", "use crate::{telemetry, units::Rate};"),
        ("drive/run.rs", "use super::super::report::View;"),
        ("report/page.rs", "use plotters::prelude::*;"),
        ("report/charts_of_old.rs", "use plotters::prelude::*;"),
        ("scenario/check.rs", "fn f() { serde_yaml::from_str(r#\"a\"#); }"),
        ("cli/check.rs", "use saphyr_parser::Parser;"),
        ("gossip/talk.rs", ""),
    ] {
        assert_eq!(
            violations(path, text).len(),
            1,
            "{path}: {text}: {:?}",
            violations(path, text)
        );
    }
}

#[test]
fn what_is_allowed_is_not_reported() {
    for (path, text) in [
        (
            "units/rate.rs",
            "//! Never `tokio::time`.\n/* use hyper; /* nested */ */ const A: &str = \"use tokio::x\";",
        ),
        (
            "units/rate.rs",
            "const A: &str = r#\"a \" use tokio::time \"#; const B: char = '\"'; const C: char = '\\'';",
        ),
        (
            "units/rate.rs",
            "fn first<'a>(text: &'a str) -> &'a str { r#type(text) } // tokio::spawn",
        ),
        (
            "model/site.rs",
            "use crate::{record::Class, units::{Offset, Rate}}; use std::time::Duration;",
        ),
        (
            "search/step.rs",
            "use crate::analysis::Tipping; use crate::search::Finding;",
        ),
        (
            "transport/site.rs",
            "use tokio::time::Instant; use crate::model::ModelSite;",
        ),
        (
            "drive/run.rs",
            "use crate::transport::Transport; let report = self.report::<u8>();",
        ),
        ("report/charts/tipping.rs", "use plotters::prelude::*;"),
        ("drive/run.rs", "use super::report::Lines;"),
        ("report/charts.rs", "use plotters::prelude::*;"),
        (
            "scenario/document/tree.rs",
            "use saphyr_parser::Parser; use serde_yaml::Value;",
        ),
        ("lib.rs", "pub mod drive; pub mod report;"),
        ("main.rs", "use tipover::cli;"),
    ] {
        assert_eq!(violations(path, text), Vec::<String>::new(), "{path}: {text}");
    }
}
