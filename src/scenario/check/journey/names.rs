//! Placeholders in the texts of a step: which names are known there, and what each stands for.

use std::sync::Arc;

use url::form_urlencoded;

use super::super::fields::{Check, Text, listed, nearest};
use crate::scenario::document::{Kind, Node, Place};
use crate::scenario::placeholder::{Cut, Escape, Piece, Template, Value, cut, escaped, random_range};
use crate::scenario::template::{self, Part};
use crate::scenario::{Data, DataPlan, Secret};

/// What a placeholder may name at one place of a journey.
pub(in crate::scenario::check) struct Names {
    /// What the steps before have captured, by slot.
    captured: Vec<String>,
    /// What any step captures.
    ever: Vec<String>,
    rows: Option<Arc<Data>>,
}

impl Names {
    /// The names of a journey before its first step.
    pub(super) fn new(rows: Option<&DataPlan>, items: &[Node]) -> Self {
        let captures = items
            .iter()
            .filter_map(Node::entries)
            .flatten()
            .filter(|entry| entry.key == "capture")
            .filter_map(|entry| entry.value.entries())
            .flatten();
        Self {
            captured: Vec::new(),
            ever: captures.map(|entry| entry.key.clone()).collect(),
            rows: rows.map(|plan| Arc::clone(&plan.data)),
        }
    }

    /// How many values are captured in all.
    pub(super) const fn slots(&self) -> usize {
        self.captured.len()
    }

    /// The slot of `name`: a name that is captured again takes the place of the value before.
    pub(super) fn slot(&mut self, name: &str) -> usize {
        if let Some(slot) = self.captured.iter().position(|known| known == name) {
            return slot;
        }
        self.captured.push(name.to_owned());
        self.captured.len() - 1
    }

    /// What `inside` stands for; otherwise what is wrong with it, and what to do.
    fn value(&self, inside: &str) -> Result<Value, (String, String)> {
        if let Some((_, value)) = Value::WORDS.iter().find(|(word, _)| *word == inside) {
            return Ok(*value);
        }
        if let Some(slot) = self.captured.iter().position(|known| known == inside) {
            return Ok(Value::Captured(slot));
        }
        if inside == "random" || inside.starts_with("random(") || inside.starts_with("random ") {
            return match random_range(inside) {
                Some((low, high)) => Ok(Value::Random(low, high)),
                None => Err((
                    format!("`{{{{{inside}}}}}` is no range of whole numbers"),
                    "write the lowest and the highest, as in `{{random(1, 100)}}`".to_owned(),
                )),
            };
        }
        if let Some(column) = inside.strip_prefix("row.") {
            return self.column(column);
        }
        if self.ever.iter().any(|name| name == inside) {
            return Err((
                format!("`{{{{{inside}}}}}` is captured only by a later step, or by this one"),
                "capture it in a step before this one".to_owned(),
            ));
        }
        let columns = self.rows.iter().flat_map(|data| data.columns());
        let columns: Vec<String> = columns.map(|column| format!("row.{column}")).collect();
        let mut known: Vec<&str> = Value::WORDS.iter().map(|(word, _)| *word).collect();
        known.extend(self.captured.iter().map(String::as_str));
        known.extend(columns.iter().map(String::as_str));
        let hint = match nearest(inside, &known) {
            Some(word) => format!("did you mean `{{{{{word}}}}}`?"),
            None => {
                known.push("random(1, 100)");
                format!(
                    "known here are {}; a `{{{{` that is meant as text is `{{{{{{{{`",
                    listed(&known, "and")
                )
            }
        };
        Err((
            format!("`{{{{{inside}}}}}` names nothing that is known here"),
            hint,
        ))
    }

    fn column(&self, column: &str) -> Result<Value, (String, String)> {
        let Some(data) = &self.rows else {
            return Err((
                format!("`{{{{row.{column}}}}}` needs rows, and this journey has none"),
                "write `journeys`, and give this one `data: { csv: skus.csv }`".to_owned(),
            ));
        };
        if let Some(at) = data.columns().iter().position(|known| known == column) {
            return Ok(Value::Row(at));
        }
        let columns: Vec<&str> = data.columns().iter().map(String::as_str).collect();
        let hint = match nearest(column, &columns) {
            Some(word) => format!("did you mean `{{{{row.{word}}}}}`?"),
            None => format!("its columns are {}", listed(&columns, "and")),
        };
        Err((format!("the data has no column `{column}`"), hint))
    }
}

impl Check<'_> {
    /// A scalar with placeholders. The text is the template's source where visitors differ, and what stands for itself
    /// where they do not.
    pub(in crate::scenario::check) fn template(
        &mut self,
        node: &Node,
        what: &str,
        escape: Escape,
        names: &Names,
    ) -> Option<(Text, Option<Template>)> {
        let mut text = self.template_source(node, what)?;
        let pieces = self.pieces(&text.value, node.place, names)?;
        let template = Template::new(encoded(pieces, escape), escape);
        if escape == Escape::Plain
            && let Some(fixed) = template.fixed()
        {
            text.value = fixed.to_owned();
        }
        Some((text, Some(template)))
    }

    /// The text of a scalar with variables and secrets filled in, so that only what was written there itself can be a
    /// placeholder: a variable that holds `{{` stands for itself.
    pub(super) fn template_source(&mut self, node: &Node, what: &str) -> Option<Text> {
        let Kind::Scalar { text, .. } = &node.kind else {
            // Its own words for what is no scalar.
            return self.secret_text(node, what);
        };
        if node.is_nothing() {
            return None;
        }
        self.source_of(text, node.place)
    }

    /// [`Check::template_source`] of a text.
    pub(super) fn source_of(&mut self, raw: &str, place: Place) -> Option<Text> {
        let parts = match template::parts(raw) {
            Ok(parts) => parts,
            Err((message, hint)) => {
                self.error(place, message, hint);
                return None;
            }
        };
        let mut whole = Text {
            value: String::new(),
            shown: String::new(),
            is_secret: false,
        };
        let mut written = 0;
        for part in parts {
            let text = match part {
                Part::Text(text) => {
                    written += placeholders(&cut(&text).or_else(|| self.unclosed(place))?);
                    Text {
                        shown: text.clone(),
                        value: text,
                        is_secret: false,
                    }
                }
                part => {
                    let mut text = self.part(part, place)?;
                    text.value = escaped(&text.value);
                    if !text.is_secret {
                        text.shown = text.value.clone();
                    }
                    text
                }
            };
            whole.value.push_str(&text.value);
            whole.shown.push_str(&text.shown);
            whole.is_secret |= text.is_secret;
        }
        let read = cut(&whole.value).map(|cuts| placeholders(&cuts));
        if read != Some(written) {
            self.error(
                place,
                "a variable beside a `{` would make a placeholder",
                "put something else between the two",
            );
            return None;
        }
        Some(whole)
    }

    fn unclosed<T>(&mut self, place: Place) -> Option<T> {
        self.error(
            place,
            "`{{` has no closing `}}`",
            "write `{{name}}`, without a `${…}` inside; a `{{` that is meant as text is `{{{{`",
        );
        None
    }

    /// The pieces of a template's source, every placeholder known.
    pub(super) fn pieces(&mut self, source: &str, place: Place, names: &Names) -> Option<Vec<Piece>> {
        let cuts = cut(source).or_else(|| self.unclosed(place))?;
        let mut pieces = Vec::with_capacity(cuts.len());
        for one in cuts {
            match one {
                Cut::Text(text) => pieces.push(Piece::Text(Secret::new(text))),
                Cut::Placeholder(inside) => match names.value(&inside) {
                    Ok(value) => pieces.push(Piece::Value(value, inside)),
                    Err((message, hint)) => self.error(place, message, hint),
                },
            }
        }
        Some(pieces)
    }

    /// Where nothing is filled in, a placeholder would be sent as it is and measure the wrong page.
    pub(in crate::scenario::check) fn refuse_placeholders(&mut self, text: &str, place: Place) {
        if cut(text).is_none_or(|cuts| placeholders(&cuts) > 0) {
            self.error(
                place,
                "placeholders are filled in for steps only",
                "write this header at the steps that need it",
            );
        }
    }
}

fn placeholders(cuts: &[Cut]) -> usize {
    let is_placeholder = |one: &&Cut| matches!(one, Cut::Placeholder(_));
    cuts.iter().filter(is_placeholder).count()
}

/// The same pieces, what stands for itself encoded as the values will be.
fn encoded(pieces: Vec<Piece>, escape: Escape) -> Vec<Piece> {
    let encode = |piece| match piece {
        Piece::Text(text) if escape == Escape::Form => Piece::Text(Secret::new(
            form_urlencoded::byte_serialize(text.reveal().as_bytes()).collect::<String>(),
        )),
        piece => piece,
    };
    pieces.into_iter().map(encode).collect()
}
