//! Whatever stands in a file, reading it ends quickly in a scenario or in problems, and never in a panic.

use std::path::Path;
use std::time::{Duration, Instant};

use proptest::prelude::*;
use tipover::scenario::{Given, Loaded, Overrides, Problems, from_text, from_url};

const FULL: &str = include_str!("scenario_files/full.yaml");

fn environment(name: &str) -> Option<String> {
    (name.len() < 8).then(|| name.to_lowercase())
}

fn read(text: &str) -> Result<Loaded, Problems> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/scenario_files");
    from_text(text, "any.yaml", &folder, &Overrides::default(), &environment)
}

/// A scenario without errors, or at least one error that can be shown and lies within the text.
fn assert_sound(text: &str, result: Result<Loaded, Problems>) {
    match result {
        Ok(loaded) => {
            assert!(!loaded.warnings.has_errors());
            assert!(!loaded.scenario.journeys[0].steps.is_empty());
        }
        Err(problems) => {
            assert!(problems.has_errors(), "no scenario and no error for {text:?}");
            let shown = problems.render(false);
            assert!(!shown.contains('\u{1b}'), "{shown:?}");
            let lines = text.lines().count();
            for problem in &problems {
                assert!(problem.line >= 1 && problem.column >= 1 && problem.line <= lines + 2);
            }
            let places: Vec<(usize, usize)> = problems.iter().map(|one| (one.line, one.column)).collect();
            assert!(places.is_sorted(), "{places:?}");
            problems.render(true);
            problems.to_json();
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 600, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn arbitrary_bytes_give_a_scenario_or_problems(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let text = String::from_utf8_lossy(&bytes);
        assert_sound(&text, read(&text));
    }

    #[test]
    fn text_of_the_alphabet_of_yaml_gives_a_scenario_or_problems(text in "[a-c:,\\[\\]{}&*!|>'\"%@`#? \\-\n\t~<0-9$ü\u{1F600}]{0,80}") {
        assert_sound(&text, read(&text));
        let whole = format!("version: 1\ntarget: http://localhost\njourney:\n  - get: /{text}");
        assert_sound(&whole, read(&whole));
    }

    #[test]
    fn a_scenario_with_a_piece_changed_gives_a_scenario_or_problems(
        at in 0..FULL.len(), length in 0_usize..30, piece in prop::sample::select(vec![
            "", "\n", "  ", ":", "- ", "{", "}", "[", "]", "\"", "'", "#", "&a ", "*a", "!t ", "${", "${X}", "${secret:x}", "\t", "0",
            "-1", "1e999", "99999999999999999999", "NaN", "null", "~", "/s", "%", "\u{202e}", "\u{1b}[2J", "é", "<<: ", "---\n", "...\n",
        ]), again in 0..FULL.len(),
    ) {
        let floor = |at: usize| FULL.floor_char_boundary(at.min(FULL.len()));
        let mut text = format!("{}{piece}{}", &FULL[..floor(at)], &FULL[floor(at + length)..]);
        assert_sound(&text, read(&text));
        let place = text.floor_char_boundary(again.min(text.len()));
        text.insert_str(place, piece);
        assert_sound(&text, read(&text));
    }

    #[test]
    fn arbitrary_flags_give_a_scenario_or_problems(a in ".{0,30}", b in "[0-9a-z/%. ]{0,12}") {
        let given = |text: &str| Some(Given::new("--flag", text));
        let overrides = Overrides {
            from: given(&b), to: given(&a), profile: given(&a), share: given(&b), failure: given(&a), budget: given(&b),
            enough: given(&a), repeat: given(&b), think: given(&a), seed: given(&b), arrivals: given(&a), rate: if b.len() > 4 { None } else { given(&b) }, duration: given(&b),
            visitors: a.len().is_multiple_of(2).then(|| Given::new("--visitors", &*b)), connections: given(&a), header: vec![Given::new("--header", &*a), Given::new("--header", format!("{b}:{a}"))],
            ca: given(&a), insecure: given(&a), resolve: vec![Given::new("--resolve", format!("{b}:{a}"))], lang: given(&a),
        };
        for url in ["http://localhost/", &*a] {
            match from_url(url, &overrides, &environment) {
                Ok(_) => {}
                Err(problems) => assert!(problems.has_errors() && !problems.render(false).contains('\u{1b}')),
            }
        }
    }
}

#[test]
fn hostile_texts_are_refused_quickly() {
    let bomb = (0..30).fold("a0: &a0 [x, x]\n".to_owned(), |text, level| {
        let repeated = vec![format!("*a{level}"); 9].join(", ");
        format!("{text}a{}: &a{} [{repeated}]\n", level + 1, level + 1)
    });
    let wide = 400_000;
    let fat = format!(
        "a: &a {}\nb: [{}]\n",
        "x".repeat(500_000),
        vec!["*a"; 50_000].join(",")
    );
    for (name, text) in [
        ("an alias bomb", bomb),
        ("a fat alias", fat),
        ("deep lists", "[".repeat(wide)),
        ("deep maps", "{a: ".repeat(wide / 4)),
        ("deep blocks", "- ".repeat(wide / 2)),
        ("deep keys", "? ".repeat(wide / 2)),
        (
            "deep indentation",
            (0..700)
                .map(|level| format!("{}a:\n", " ".repeat(level)))
                .collect(),
        ),
        ("one long line", "a".repeat(1_000_000)),
        (
            "one long flow line",
            format!(
                "version: 1\nx: [{}]\ny{}: 1\n",
                "1, ".repeat(200_000),
                "z".repeat(300_000)
            ),
        ),
        (
            "many unknown keys",
            (0..60_000).map(|key| format!("k{key}: 1\n")).collect(),
        ),
        (
            "many unknown keys on one line",
            format!(
                "{{{}}}",
                (0..60_000).map(|key| format!("k{key}: 1,")).collect::<String>()
            ),
        ),
        (
            "many anchors",
            (0..40_000).map(|key| format!("k{key}: &a{key} 1\n")).collect(),
        ),
        ("many tabs", "\t- a\n".repeat(100_000)),
        ("many quotes", "\"".repeat(wide)),
        ("many colons", ":".repeat(wide)),
        ("many question marks", "?\n".repeat(wide / 2)),
        ("many variables", format!("name: {}", "${X}".repeat(200_000))),
        ("many documents", "---\n".repeat(wide / 4)),
    ] {
        let start = Instant::now();
        let result = read(&text);
        assert!(result.is_err(), "{name}");
        assert_sound(&text, result);
        assert!(
            start.elapsed() < Duration::from_secs(5),
            "{name} took {:?}",
            start.elapsed()
        );
        println!("{name}: {:?}", start.elapsed());
    }
}
