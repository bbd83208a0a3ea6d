//! Problems as a terminal shows them: `file:line:column`, the source line, a caret, and the hint.

use std::ops::Range;

use annotate_snippets::renderer::DecorStyle;
use annotate_snippets::{AnnotationKind, Level, Origin, Renderer, Snippet};

use super::problem::{Problem, Severity, Source, acts_on_a_terminal};

/// How many problems are shown; a person fixes no more at once.
const SHOWN: usize = 50;
/// The longest source line that is looked at, in characters; the renderer cuts it to the width of a terminal.
const MAX_LINE: usize = 20_000;

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
    let title = level.primary_title(problem.message.as_str());
    let mut group = match &problem.source {
        None => title.element(Origin::path(problem.file.as_str())),
        Some(source) => {
            let (line, span) = shown_line(source, problem);
            title.element(
                Snippet::source(line)
                    .path(problem.file.as_str())
                    .line_start(problem.line)
                    .annotation(AnnotationKind::Primary.span(span)),
            )
        }
    };
    if let Some(hint) = &problem.hint {
        group = group.element(Level::HELP.with_name("hint").message(hint.as_str()));
    }
    renderer.render(&[group])
}

/// The line of a problem as it may be shown, character for character so that columns stay true, and the bytes of it
/// that the problem is about.
fn shown_line(source: &Source, problem: &Problem) -> (String, Range<usize>) {
    let at = problem.span.start.min(source.text.len());
    let before = source.text.get(..at).unwrap_or("");
    let start = before.rfind('\n').map_or(0, |end| end + 1);
    let line = source.text.get(start..).unwrap_or("");
    let line = line.split('\n').next().unwrap_or("").trim_end_matches('\r');
    let mut shown = String::with_capacity(line.len());
    let mut from = None;
    let mut end = 0;
    for (offset, character) in line.char_indices().take(MAX_LINE) {
        let byte = start + offset;
        if byte >= problem.span.start {
            from.get_or_insert(shown.len());
        }
        let is_concealed = source.concealed.iter().any(|range| range.contains(&byte));
        shown.push(match character {
            _ if is_concealed => '*',
            '\t' => '\t',
            other if acts_on_a_terminal(other) => '\u{fffd}',
            other => other,
        });
        if byte < problem.span.end {
            end = shown.len();
        }
    }
    let from = from.unwrap_or(shown.len());
    (shown, from..end.max(from))
}
