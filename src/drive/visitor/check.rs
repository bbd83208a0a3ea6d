//! What a scenario expects of an answer, and what it takes from it. Reasons name what was looked for, never what was
//! found: a value may be a visitor's secret.

use std::borrow::Cow;
use std::time::Duration;

use serde_json::Value;

use super::super::script::ScriptStep;
use super::memory::Memory;
use crate::record::Class;
use crate::scenario::{CaptureSource, Expect, JsonPath};
use crate::transport::{Answer, Inside};

/// The body of an answer, read in whatever ways the step needs, each once.
struct Body<'a> {
    inside: &'a Inside,
    text: Option<Cow<'a, str>>,
    json: Option<Option<Value>>,
}

impl<'a> Body<'a> {
    const fn of(inside: &'a Inside) -> Self {
        Self {
            inside,
            text: None,
            json: None,
        }
    }

    fn text(&mut self) -> &str {
        let inside = self.inside;
        self.text
            .get_or_insert_with(|| String::from_utf8_lossy(&inside.body))
    }

    /// The value at `path`; otherwise why there is none.
    fn json(&mut self, path: &JsonPath) -> Result<&Value, String> {
        let inside = self.inside;
        let json = self
            .json
            .get_or_insert_with(|| serde_json::from_slice(&inside.body).ok());
        match json {
            Some(value) => path.find(value).ok_or_else(|| format!("nothing at `{path}`")),
            None => Err("the body is no JSON".to_owned()),
        }
    }

    /// Where it was looked, where that was not all.
    fn cut(&self) -> String {
        if self.inside.is_cut {
            format!(
                " (in its first {} bytes, which are all that is looked at)",
                self.inside.body.len()
            )
        } else {
            String::new()
        }
    }
}

/// Whether the answer is what the step expects, and has what later steps need; captured values are kept.
///
/// # Errors
/// What is missing, in words.
pub(super) fn judged(
    step: &ScriptStep,
    class: Class,
    answer: &Answer,
    took: Duration,
    memory: &mut Memory<'_>,
) -> Result<(), String> {
    let expected = expected(&step.expect, class, answer, took, memory);
    // Captured even where the answer is not as expected, so that a later step finds what there is.
    let captured = captured(step, answer, memory);
    expected.and(captured)
}

fn expected(
    expect: &Expect,
    class: Class,
    answer: &Answer,
    took: Duration,
    memory: &mut Memory<'_>,
) -> Result<(), String> {
    if let Class::Status(status) = class
        && !expect.status.is_empty()
        && !expect.names(status)
    {
        return Err(format!("the status is {status}, which is not expected"));
    }
    if let Some(longest) = expect.max_latency
        && took > longest
    {
        return Err(format!("it took longer than {longest:?}"));
    }
    let Some(inside) = &answer.inside else {
        return Ok(());
    };
    for (name, part) in &expect.headers {
        let part = part.to_lowercase();
        let holds = |value: &hyper::header::HeaderValue| {
            String::from_utf8_lossy(value.as_bytes())
                .to_lowercase()
                .contains(&part)
        };
        let mut values = inside.headers.get_all(name).iter().peekable();
        if values.peek().is_none() {
            return Err(format!("the header `{name}` is missing"));
        }
        if !values.any(holds) {
            return Err(format!("the header `{name}` is not as expected"));
        }
    }
    let mut body = Body::of(inside);
    for text in &expect.body_contains {
        let wanted = text
            .filled(&mut |value, out| memory.value(value, out))
            .map_err(|placeholder| format!("`{{{{{placeholder}}}}}` has no value"))?;
        if !body.text().contains(&wanted) {
            let cut = body.cut();
            return Err(format!("the body does not contain what is expected{cut}"));
        }
    }
    for expression in &expect.body_matches {
        if !expression.is_match(body.text()) {
            return Err(format!("the body does not match `{expression}`{}", body.cut()));
        }
    }
    for (path, wanted) in &expect.json {
        match body.json(path) {
            Ok(found) if is_same(found, wanted) => {}
            Ok(_) => return Err(format!("the value at `{path}` is not as expected")),
            Err(why) => return Err(format!("{why}{}", body.cut())),
        }
    }
    Ok(())
}

/// Numbers by their value, so that 1 is 1.0.
fn is_same(found: &Value, wanted: &Value) -> bool {
    match (found.as_f64(), wanted.as_f64()) {
        (Some(found), Some(wanted)) => found == wanted,
        _ => found == wanted,
    }
}

fn captured(step: &ScriptStep, answer: &Answer, memory: &mut Memory<'_>) -> Result<(), String> {
    if step.captures.is_empty() {
        return Ok(());
    }
    let nothing = Inside::default();
    let inside = answer.inside.as_deref().unwrap_or(&nothing);
    let mut body = Body::of(inside);
    let mut missing = None;
    for capture in &step.captures {
        let found = match &capture.from {
            CaptureSource::Cookie(name) => memory.cookies.value(name).map(str::to_owned),
            CaptureSource::Header(name) => inside
                .headers
                .get(name)
                .map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned()),
            CaptureSource::Css(selector, attribute) => selector.find(&inside.body, attribute.as_deref()),
            CaptureSource::Json(path) => body.json(path).ok().and_then(in_words),
            CaptureSource::Regex(expression) => expression
                .captures(body.text())
                .and_then(|found| found.get(1).or_else(|| found.get(0)))
                .map(|found| found.as_str().to_owned()),
        };
        if found.is_none() && missing.is_none() {
            let cut = if capture.from.is_in_body() {
                body.cut()
            } else {
                String::new()
            };
            missing = Some(format!("the capture `{}` found nothing{cut}", capture.name));
        }
        memory.keep(capture.slot, found);
    }
    missing.map_or(Ok(()), Err)
}

/// A JSON value as a placeholder has it: a text without its quotes; null is nothing.
fn in_words(value: &Value) -> Option<String> {
    match value {
        Value::Null => None,
        Value::String(text) => Some(text.clone()),
        other => Some(other.to_string()),
    }
}
