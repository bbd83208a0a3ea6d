//! Problems as a terminal shows them: `file:line:column`, the source line, a caret, and the hint.

use std::ops::Range;

use annotate_snippets::renderer::DecorStyle;
use annotate_snippets::{AnnotationKind, Level, Origin, Renderer, Snippet};

use super::problem::{Problem, Severity, Source, acts_on_a_terminal};

/// How many problems are shown; a person fixes no more at once.
const SHOWN: usize = 50;
/// The widest part of a source line that is shown, in characters.
const WIDTH: usize = 140;
/// How much of a long line is shown before the place.
const BEFORE: usize = 60;

/// All problems, an empty line between them.
pub(super) fn render(problems: &[Problem], color: bool) -> String {
    let renderer = if color {
        Renderer::styled()
    } else {
        Renderer::plain()
    };
    let renderer = renderer.decor_style(DecorStyle::Ascii);
    let mut frames: Vec<String> = problems
        .iter()
        .take(SHOWN)
        .map(|problem| frame(problem, &renderer))
        .collect();
    if problems.len() > SHOWN {
        frames.push(format!("… and {} more", problems.len() - SHOWN));
    }
    frames.join("\n\n")
}

fn frame(problem: &Problem, renderer: &Renderer) -> String {
    let level = match problem.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
    };
    let origin = Origin::path(problem.file.as_str());
    let mut group = level
        .primary_title(problem.message.as_str())
        .element(match &problem.source {
            Some(_) => origin.line(problem.line).char_column(problem.column),
            None => origin,
        });
    if let Some(source) = &problem.source {
        let (line, span) = shown_line(source, problem);
        group = group.element(
            Snippet::source(line)
                .line_start(problem.line)
                .annotation(AnnotationKind::Primary.span(span)),
        );
    }
    if let Some(hint) = &problem.hint {
        group = group.element(Level::HELP.with_name("hint").message(hint.as_str()));
    }
    renderer.render(&[group])
}

/// The line of a problem as it may be shown, and the bytes of it that the problem is about.
fn shown_line(source: &Source, problem: &Problem) -> (String, Range<usize>) {
    let at = problem.span.start.min(source.text.len());
    let start = source
        .text
        .get(..at)
        .and_then(|text| text.rfind('\n'))
        .map_or(0, |end| end + 1);
    let line = source.text.get(start..).unwrap_or("");
    let line = line.split('\n').next().unwrap_or("").trim_end_matches('\r');
    let skipped = if line.chars().count() > WIDTH {
        problem.column.saturating_sub(BEFORE + 1)
    } else {
        0
    };
    let mut shown = String::new();
    if skipped > 0 {
        shown.push('…');
    }
    let mut span = None;
    let mut end = shown.len();
    for (offset, character) in line.char_indices().skip(skipped).take(WIDTH) {
        let byte = start + offset;
        if byte >= problem.span.start && span.is_none() {
            span = Some(shown.len());
        }
        shown.push(if source.concealed.iter().any(|range| range.contains(&byte)) {
            '*'
        } else if acts_on_a_terminal(character) && character != '\t' {
            '\u{fffd}'
        } else {
            character
        });
        if byte < problem.span.end {
            end = shown.len();
        }
    }
    let from = span.unwrap_or(shown.len());
    (shown, from..end.max(from))
}
