//! What a terminal says of a run beside its finding: its campaigns and its thresholds, a line each.

use super::view::View;
use crate::analysis::ThresholdVerdict;
use crate::record::RunRecord;
use crate::search::Finding;
use crate::words::{Label, Language, Phrase, printable};

/// The lines about the campaigns and thresholds of `record` in `language`; `finding` is what its search found.
pub fn verdict_lines(record: &RunRecord, finding: Option<&Finding>, language: Language) -> Vec<String> {
    let view = View::new(record, finding);
    let mut lines = Vec::new();
    if let Some(campaigns) = &view.campaigns {
        lines.extend(campaigns.lines(language));
    }
    for judged in &view.judged {
        let verdict = match judged.verdict {
            ThresholdVerdict::Pass => Label::Passed,
            ThresholdVerdict::Fail => Label::Failed,
            ThresholdVerdict::NotKnown => Label::NotKnown,
        };
        let line = Phrase::ThresholdLine.fill(
            language,
            &[
                ("verdict", verdict.text(language)),
                ("text", &judged.text),
                ("why", &judged.reason.in_words(language)),
            ],
        );
        lines.push(line.replace('\u{a0}', " "));
    }
    lines.iter().map(|line| safe_lines(line)).collect()
}

/// Line ends stay, every other control character goes.
fn safe_lines(text: &str) -> String {
    text.lines().map(printable).collect::<Vec<_>>().join("\n")
}
