//! The body of a step: text, JSON or a form.

use url::form_urlencoded;

use super::super::fields::{Check, Fields};
use super::names::Names;
use crate::scenario::document::{Node, json_of};
use crate::scenario::placeholder::{Escape, Piece, Template, cut};
use crate::scenario::written::{Pairs, WrittenStep};
use crate::scenario::{Body, Secret};

impl Check<'_> {
    pub(super) fn body(
        &mut self,
        fields: &Fields<'_>,
        names: &Names,
        written: &mut WrittenStep,
    ) -> Option<Body> {
        let given = ["body", "json", "form"].map(|key| fields.get(key));
        if given.iter().flatten().count() > 1 {
            let place = given
                .iter()
                .flatten()
                .last()
                .map_or(fields.place, |node| node.place);
            self.error(
                place,
                "a step has one body",
                "keep one of `body`, `json` and `form`",
            );
            return None;
        }
        match given {
            [Some(node), _, _] => {
                let (text, template) = self.template(node, "`body`", Escape::Plain, names)?;
                self.keep_if(text.is_secret, &text.value);
                written.body = Some(text.shown);
                template.map(Body::Text)
            }
            [_, Some(node), _] => self.json(node, names, written),
            [_, _, Some(node)] => self.form(node, names, written),
            _ => None,
        }
    }

    fn form(&mut self, node: &Node, names: &Names, written: &mut WrittenStep) -> Option<Body> {
        let fields = self.any_fields(node, "`form`", "sku")?;
        let mut pieces = Vec::new();
        let mut shown = Vec::new();
        for entry in fields.entries() {
            let what = format!("the field `{}`", entry.key);
            let Some((text, template)) = self.template(&entry.value, &what, Escape::Form, names) else {
                continue;
            };
            self.keep_if(text.is_secret, &text.value);
            shown.push((entry.key.clone(), text.shown));
            let name: String = form_urlencoded::byte_serialize(entry.key.as_bytes()).collect();
            let join = if pieces.is_empty() { "" } else { "&" };
            pieces.push(Piece::Text(Secret::new(format!("{join}{name}="))));
            pieces.extend(template.into_iter().flat_map(Template::into_pieces));
        }
        written.form = Some(Pairs(shown));
        Some(Body::Form(Template::new(joined(pieces), Escape::Form)))
    }

    fn json(&mut self, node: &Node, names: &Names, written: &mut WrittenStep) -> Option<Body> {
        let value = self.json_with(node, names, false);
        written.json = Some(self.json_with(node, names, true));
        // Each text was looked at in its own place; nothing but its text can hold a `{{` in a JSON text.
        let text = value.to_string();
        let pieces = if cut(&text).is_some() {
            self.pieces(&text, node.place, names)?
        } else {
            vec![Piece::Text(Secret::new(text))]
        };
        Some(Body::Json(Template::new(pieces, Escape::Json)))
    }

    fn json_with(&mut self, node: &Node, names: &Names, is_shown: bool) -> serde_json::Value {
        json_of(node, &mut |node, raw| {
            let Some(text) = self.source_of(raw, node.place) else {
                return String::new();
            };
            if is_shown {
                return text.shown;
            }
            let known = self.remarks.len();
            self.pieces(&text.value, node.place, names);
            if self.remarks.len() > known {
                // Named here; it would be named again for the whole body.
                return String::new();
            }
            self.keep_if(text.is_secret, &text.value);
            text.value
        })
    }

    fn keep_if(&mut self, is_secret: bool, value: &str) {
        if is_secret {
            self.keep(Secret::new(value));
        }
    }
}

/// The same pieces, neighbours that stand for themselves as one.
fn joined(pieces: Vec<Piece>) -> Vec<Piece> {
    let mut whole: Vec<Piece> = Vec::new();
    for piece in pieces {
        match (whole.last_mut(), piece) {
            (Some(Piece::Text(before)), Piece::Text(text)) => {
                *before = Secret::new(format!("{}{}", before.reveal(), text.reveal()));
            }
            (_, piece) => whole.push(piece),
        }
    }
    whole
}
