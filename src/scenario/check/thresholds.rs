//! `thresholds`: what must hold. Here their grammar is checked, `subject op value [for span | at load]`; they are
//! judged after the run.

use super::fields::Check;
use crate::scenario::document::{Node, Place};
use crate::scenario::{LoadPlan, SearchPlan};
use crate::units::{Quantile, Share, Span, UnitError, WrittenRate};

const FORMS: &str = "write `tipping_point >= 25pages/s`, `p95 < 800ms`, `failures < 1% for 30s` or `headroom(newsletter) >= 1.5`";

impl Check<'_> {
    /// The thresholds that can be read, white space made even.
    pub(super) fn thresholds(
        &mut self,
        node: Option<&Node>,
        load: Option<&LoadPlan>,
        search: Option<&SearchPlan>,
        pages: f64,
    ) -> Vec<String> {
        let mut kept = Vec::new();
        let Some(node) = node else { return kept };
        for item in self.list(node, "`thresholds`", "as in `- p95 < 800ms`") {
            let Some(text) = self.text(item, "a threshold") else {
                continue;
            };
            let words: Vec<&str> = text.split_whitespace().collect();
            match self.threshold(&words, item.place, load, search, pages) {
                Ok(()) => kept.push(words.join(" ")),
                Err(error) => {
                    let error = if error.fix().is_some() {
                        error
                    } else {
                        error.hint(FORMS)
                    };
                    self.unit_error(item.place, "threshold", &error);
                }
            }
        }
        kept
    }

    fn threshold(
        &mut self,
        words: &[&str],
        place: Place,
        load: Option<&LoadPlan>,
        search: Option<&SearchPlan>,
        pages: f64,
    ) -> Result<(), UnitError> {
        let (subject, operator, rest) = match words {
            [subject, operator, rest @ ..] if !rest.is_empty() => (*subject, *operator, rest),
            _ => return Err(UnitError::new(format!("`{}` is incomplete", words.join(" ")))),
        };
        if !matches!(operator, "<" | "<=" | ">" | ">=") {
            return Err(
                UnitError::new(format!("`{operator}` compares nothing")).hint("write `<`, `<=`, `>` or `>=`")
            );
        }
        let end = rest
            .iter()
            .position(|word| matches!(*word, "for" | "at"))
            .unwrap_or(rest.len());
        let (value, condition) = rest.split_at(end);
        let value = value.join(" ");
        let span = condition_span(condition, pages)?;
        if subject == "tipping_point" {
            value.parse::<WrittenRate>()?.pages_per_second(pages)?;
        } else if subject == "failures" {
            let share: Share = value.parse()?;
            if let Some(span) = span {
                self.warn_if_undecided(share, span, place, load, search, pages);
            }
        } else if let Some(name) = subject
            .strip_prefix("headroom(")
            .and_then(|rest| rest.strip_suffix(')'))
        {
            let is_factor = value
                .parse::<f64>()
                .is_ok_and(|factor| factor.is_finite() && factor > 0.0);
            if name.is_empty() || !is_factor {
                return Err(
                    UnitError::new(format!("`{value}` is no headroom")).hint("write a factor, as in `1.5`")
                );
            }
        } else if subject.starts_with('p') && subject.parse::<Quantile>().is_ok() {
            value.parse::<Span>()?;
        } else {
            return Err(UnitError::new(format!("`{subject}` is nothing that is judged")));
        }
        Ok(())
    }

    /// By the rule of three, "fewer than a share p" needs at least 3/p requests without a failure.
    fn warn_if_undecided(
        &mut self,
        share: Share,
        span: Span,
        place: Place,
        load: Option<&LoadPlan>,
        search: Option<&SearchPlan>,
        pages: f64,
    ) {
        if share == Share::ZERO {
            self.warn(
                place,
                "no number of requests proves that none fails",
                "write the share that is too much, as in `failures < 1%`",
            );
            return;
        }
        let played = load
            .map(|load| load.curve.peak().get() * pages)
            .filter(|peak| *peak > 0.0);
        let Some(peak) = played.or(search.map(|search| search.to.get())) else {
            return;
        };
        let needed = (3.0 / share.get()).ceil();
        let offered = (peak * span.as_secs_f64()).floor();
        if offered < needed {
            self.warn(
                place,
                format!("{share} for {span} cannot be decided: it needs {needed} requests, and the highest load sends {offered}"),
                format!("judge over {}s or more, or allow a larger share", (needed / peak).ceil()),
            );
        }
    }
}

/// The span of `for 30s`; `at 20pages/s` and `at newsletter.peak` have none.
fn condition_span(condition: &[&str], pages: f64) -> Result<Option<Span>, UnitError> {
    match condition {
        [] => Ok(None),
        ["for", rest @ ..] if !rest.is_empty() => rest.join(" ").parse().map(Some),
        ["at", place] if place.strip_suffix(".peak").is_some_and(|name| !name.is_empty()) => Ok(None),
        ["at", rest @ ..] if !rest.is_empty() => {
            rest.join(" ").parse::<WrittenRate>()?.pages_per_second(pages)?;
            Ok(None)
        }
        _ => Err(UnitError::new(format!("`{}` is incomplete", condition.join(" ")))
            .hint("write `for 30s`, `at 20pages/s` or `at newsletter.peak`")),
    }
}
