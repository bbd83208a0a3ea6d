//! A comparison for a pull request or a chat.

use super::sentences::{base_name, beside_tipping, decision, headline, not_alike, rate_of, signed, verdict};
use super::{CompareView, ComparedRun};
use crate::report::markdown::plain;
use crate::words::{CompareText, Language};

/// The rows of the table that are shown: a summary of GitHub holds 64 KiB.
const ROWS: usize = 100;

/// The comparison as Markdown; the chart is expected beside it, in `charts/`.
pub fn comparison_md(view: &CompareView<'_>, language: Language) -> String {
    let Some(last) = view.last() else {
        return String::new();
    };
    let word = |text: CompareText| text.text(language);
    let name = plain(&last.run.record.header.scenario.name);
    let mut text = format!("# {}: {name}\n\n", word(CompareText::Comparison));
    text.push_str(&format!("**{}.**\n\n", headline(view, last, language)));
    let decided = decision(view, last, language);
    if !decided.is_empty() {
        text.push_str(&format!("{}\n\n", plain(&decided)));
    }
    if let Some(sentence) = not_alike(last, language) {
        text.push_str(&format!("> {sentence}\n\n"));
    }
    text.push_str(&format!(
        "![{}](charts/c10.png)\n\n",
        headline(view, last, language)
    ));
    text.push_str(&format!("## {}\n\n", word(CompareText::BesideTipping)));
    for sentence in beside_tipping(last, language) {
        text.push_str(&format!("- {}\n", plain(&sentence)));
    }
    text.push_str(&format!("\n## {}\n\n", word(CompareText::Runs)));
    let columns = [
        CompareText::ColumnRun,
        CompareText::ColumnWhen,
        CompareText::ColumnTipping,
        CompareText::ColumnFactor,
        CompareText::ColumnVerdict,
    ];
    text.push_str(&format!(
        "| {} |\n|---|---|---|---|---|\n",
        columns.map(word).join(" | ")
    ));
    let row = |run: &ComparedRun<'_>, factor: String, said: String| {
        let (when, rate) = (plain(&run.when()), rate_of(run, language));
        format!("| {} | {when} | {rate} | {factor} | {said} |\n", plain(run.label))
    };
    text.push_str(&row(&view.base, String::new(), base_name(view, language)));
    let left_out = view.others.len().saturating_sub(ROWS);
    for beside in view.others.iter().skip(left_out) {
        let factor = beside.comparison.tipping_point.factor.mid;
        let factor = factor.map_or_else(String::new, |factor| signed(factor, language));
        let said = word(verdict(beside.comparison.change)).to_owned();
        text.push_str(&row(&beside.run, factor, said));
    }
    text
}
