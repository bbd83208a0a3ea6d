//! The plan for a terminal.

use super::PlanView;
use super::sentences::{conditions, findings, headline, headroom, length, origin, peak, promised};
use super::sketch::sketch;
use crate::campaign::Answer;
use crate::words::{Language, PlanText, printable};

/// The plan as text; `is_brief` leaves the sketch and the assumptions out.
pub fn plan_text(view: &PlanView<'_>, language: Language, is_brief: bool) -> String {
    let mut text = String::new();
    for (index, answer) in view.answers.iter().enumerate() {
        if index > 0 {
            text.push('\n');
        }
        text.push_str(&campaign(view, answer, language, is_brief));
    }
    text
}

fn campaign(view: &PlanView<'_>, answer: &Answer, language: Language, is_brief: bool) -> String {
    let mut text = format!("{}\n", headline(answer, language));
    let mut say = |line: &str| text.push_str(&format!("  {line}\n"));
    let mut said = findings(view, answer, language);
    let unmeasured = answer
        .decision
        .as_ref()
        .map_or(0, |decision| conditions(decision, language).len());
    said.insert(unmeasured, peak(answer, language));
    for line in said {
        say(&line.replace('\u{a0}', " "));
    }
    if is_brief {
        return text;
    }
    let tip = view.measured.map(|measured| measured.tipping_point.low);
    let (lines, end) = sketch(view.forecast, &answer.campaign, tip);
    text.push_str(&format!("\n{:>9}\n", PlanText::AxisPages.text(language)));
    for line in lines {
        text.push_str(&format!("{line}\n"));
    }
    let end = length(end, language).replace('\u{a0}', " ");
    text.push_str(&format!("{:>9} +{:-<64}\n{:>11}{:>64}\n", "", "", "0", end));
    text.push_str(&format!("{:>11}{}\n", "", PlanText::SketchLegend.text(language)));
    text.push_str(&range(answer, language));
    text.push_str(&assumptions(answer, language));
    text.replace('\u{a0}', " ")
}

fn range(answer: &Answer, language: Language) -> String {
    let Some(decision) = answer
        .decision
        .as_ref()
        .filter(|decision| !decision.scanner_range.is_empty())
    else {
        return String::new();
    };
    let word = |text: PlanText| text.text(language);
    let mut text = format!(
        "\n  {}\n  {:>15}  {:>9}  {:>15}\n",
        word(PlanText::Range),
        word(PlanText::ColumnShare),
        word(PlanText::ColumnHeadroom),
        word(PlanText::ColumnLargest)
    );
    for at in &decision.scanner_range {
        let is_planned = (at.share - answer.campaign.scanner_share).abs() < 1e-9;
        let mark = if is_planned {
            word(PlanText::ColumnPlanned)
        } else {
            ""
        };
        let line = format!(
            "  {:>15}  {:>9}  {:>15}  {mark}",
            language.percent(at.share),
            headroom(at.headroom, decision.safety, language),
            promised(at.largest, language)
        );
        text.push_str(&format!("{}\n", line.trim_end()));
    }
    text
}

fn assumptions(answer: &Answer, language: Language) -> String {
    let mut text = format!("\n  {}\n", PlanText::Assumptions.text(language));
    for one in &answer.campaign.assumptions {
        let known = origin(one.origin).text(language);
        let line = match one.origin {
            crate::campaign::Origin::Given => format!("  {:<18} {:<26} {known}", one.name, one.value),
            _ => format!(
                "  {:<18} {:<26} {known}: {}",
                one.name,
                one.value,
                one.source.text(language)
            ),
        };
        text.push_str(&format!("{}\n", printable(&line)));
    }
    text
}
