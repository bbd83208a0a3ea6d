//! `junit.xml`: the finding and each threshold as a test case, for pipelines that show such files.

use std::fmt::Write as _;

use super::sentences::{headline, title};
use super::summary::ThresholdSummary;
use super::view::View;
use crate::analysis::ThresholdVerdict;
use crate::search::Kind;
use crate::words::{Language, printable};

/// `text` for an attribute or a text of XML 1.0, without the characters that it does not allow.
fn escaped(text: &str) -> String {
    let mut safe = String::new();
    for c in printable(text).chars() {
        match c {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\u{fffe}' | '\u{ffff}' => {}
            c => safe.push(c),
        }
    }
    safe
}

fn case(out: &mut String, name: &str, inside: &str) {
    // Writing to a string never fails.
    let _ = writeln!(
        out,
        "    <testcase classname=\"tipover\" name=\"{}\">{inside}</testcase>",
        escaped(name)
    );
}

fn threshold(judged: &ThresholdSummary) -> String {
    let why = escaped(&judged.why);
    match judged.verdict {
        ThresholdVerdict::Pass => String::new(),
        ThresholdVerdict::Fail => format!("<failure message=\"{why}\"/>"),
        ThresholdVerdict::NotKnown => format!("<error message=\"{why}\"/>"),
    }
}

/// The test suite of `view`, in English. A finding fails only where the site failed before any load.
pub(super) fn junit_xml(view: &View<'_>) -> String {
    let summary = &view.summary;
    let failed = |verdict| {
        summary
            .thresholds
            .iter()
            .filter(|judged| judged.verdict == verdict)
            .count()
    };
    let kind = summary.finding.as_ref().map(|finding| finding.kind);
    let is_broken = kind == Some(Kind::AlreadyFailing);
    let is_open = matches!(kind, Some(Kind::Blocked | Kind::Unsteady | Kind::OurLimit));
    let seconds = view.record.seconds.len();
    let mut cases = String::new();
    let told = escaped(&headline(summary, Language::English));
    let inside = match (is_broken, is_open) {
        (true, _) => format!("<failure message=\"{told}\"/>"),
        (_, true) => format!("<error message=\"{told}\"/>"),
        _ => format!("<system-out>{told}</system-out>"),
    };
    case(&mut cases, &title(summary, Language::English), &inside);
    for judged in &summary.thresholds {
        case(&mut cases, &judged.text, &threshold(judged));
    }
    let counts = format!(
        "tests=\"{}\" failures=\"{}\" errors=\"{}\" time=\"{seconds}\"",
        summary.thresholds.len() + 1,
        failed(ThresholdVerdict::Fail) + usize::from(is_broken),
        failed(ThresholdVerdict::NotKnown) + usize::from(is_open),
    );
    let name = escaped(&summary.scenario.name);
    let started = escaped(summary.started_at.trim_end_matches('Z'));
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites {counts}>\n  <testsuite name=\"{name}\" timestamp=\"{started}\" {counts}>\n{cases}  </testsuite>\n</testsuites>\n"
    )
}
