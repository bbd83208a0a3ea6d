//! `capture`: what later steps take from the answer of this one.

use super::super::fields::{Check, Fields, Keys, listed};
use super::names::Names;
use crate::scenario::document::{Entry, Node};
use crate::scenario::placeholder::Value;
use crate::scenario::written::{Pairs, WrittenCapture, WrittenStep};
use crate::scenario::{Capture, CaptureSource, JsonPath, Method, Selector};

const CAPTURE: Keys = Keys {
    known: &["json", "regex", "css", "attribute", "header", "cookie"],
    later: &["default", "all"],
};

const SOURCES: [&str; 5] = ["json", "regex", "css", "header", "cookie"];

impl Check<'_> {
    pub(super) fn captures(
        &mut self,
        node: &Node,
        method: Method,
        names: &mut Names,
        written: &mut WrittenStep,
    ) -> Vec<Capture> {
        let Some(fields) = self.any_fields(node, "`capture`", "csrf") else {
            return Vec::new();
        };
        let mut captures = Vec::new();
        let mut lines = Vec::new();
        for entry in fields.entries().iter().filter(|entry| !entry.value.is_nothing()) {
            let named = self.capture_name(entry);
            let slot = names.slot(&entry.key);
            let Some((from, line)) = self.source(&entry.value) else {
                continue;
            };
            if method == Method::Head && from.is_in_body() {
                self.error(
                    entry.value.place,
                    "the answer to a HEAD has no body to capture from",
                    "write `get:`, or capture from a `header` or a `cookie`",
                );
            }
            if named {
                captures.push(Capture {
                    name: entry.key.clone(),
                    slot,
                    from,
                });
                lines.push((entry.key.clone(), line));
            }
        }
        written.capture = Some(Pairs(lines));
        captures
    }

    fn capture_name(&mut self, entry: &Entry) -> bool {
        let name = entry.key.as_str();
        let is_taken = Value::WORDS.iter().any(|(word, _)| *word == name) || matches!(name, "row" | "random");
        let is_name = name.len() <= 64
            && name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
            && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
        if is_taken {
            self.error(
                entry.key_place,
                format!("`{name}` has a meaning of its own in a placeholder"),
                "choose another name",
            );
        } else if !is_name {
            self.error(
                entry.key_place,
                format!("`{name}` is no name of a value"),
                "use letters, digits and `_`, as in `csrf`",
            );
        }
        is_name && !is_taken
    }

    fn source(&mut self, node: &Node) -> Option<(CaptureSource, WrittenCapture)> {
        let fields = self.fields(node, "a capture", &CAPTURE)?;
        let given: Vec<&str> = SOURCES
            .into_iter()
            .filter(|key| fields.get(key).is_some())
            .collect();
        let [key] = given[..] else {
            if !fields.misspells(CAPTURE.known) {
                self.error(
                    node.place,
                    "a capture has one source",
                    format!("write one of {}", listed(&SOURCES, "and")),
                );
            }
            return None;
        };
        if key != "css"
            && let Some(attribute) = fields.get("attribute")
        {
            self.error(
                attribute.place,
                format!("`{key}` has no attributes"),
                "`attribute` belongs to `css`",
            );
        }
        self.source_at(&fields, key, fields.get(key)?)
    }

    fn source_at(
        &mut self,
        fields: &Fields<'_>,
        key: &str,
        node: &Node,
    ) -> Option<(CaptureSource, WrittenCapture)> {
        let text = self.text(node, &format!("`{key}`"))?;
        let mut line = WrittenCapture::default();
        let source = match key {
            "json" => CaptureSource::Json(self.json_path(&text, node)?),
            "regex" => CaptureSource::Regex(self.expression(&text, node)?),
            "css" => {
                let attribute = fields
                    .get("attribute")
                    .and_then(|node| self.text(node, "`attribute`"))
                    .map(|name| name.to_ascii_lowercase());
                line.attribute.clone_from(&attribute);
                match Selector::parse(&text) {
                    Ok(selector) => CaptureSource::Css(selector, attribute),
                    Err(why) => {
                        self.error(
                            node.place,
                            format!("`{text}` is no selector that is understood: {why}"),
                            "write one as in `input[name=csrf]`, `#cart > .total` or `form.login input`",
                        );
                        return None;
                    }
                }
            }
            "header" => CaptureSource::Header(text.to_ascii_lowercase()),
            _ => CaptureSource::Cookie(text.clone()),
        };
        let slot = match key {
            "json" => &mut line.json,
            "regex" => &mut line.regex,
            "css" => &mut line.css,
            "header" => &mut line.header,
            _ => &mut line.cookie,
        };
        *slot = Some(text);
        Some((source, line))
    }

    pub(super) fn json_path(&mut self, text: &str, node: &Node) -> Option<JsonPath> {
        match JsonPath::parse(text) {
            Ok(path) => Some(path),
            Err(why) => {
                self.error(
                    node.place,
                    format!("`{text}` is no path into JSON: {why}"),
                    "write one as in `$.cart.items[0].sku`",
                );
                None
            }
        }
    }

    /// A regular expression that takes no more memory than a step is worth.
    pub(super) fn expression(&mut self, text: &str, node: &Node) -> Option<regex::Regex> {
        match regex::RegexBuilder::new(text).size_limit(1 << 20).build() {
            Ok(expression) => Some(expression),
            Err(error) => {
                let why = error.to_string();
                let why = why
                    .lines()
                    .last()
                    .unwrap_or_default()
                    .trim_start_matches("error: ");
                self.error(
                    node.place,
                    format!("this is no regular expression: {why}"),
                    "quote it with `'…'`, so that YAML leaves its `\\` alone",
                );
                None
            }
        }
    }
}
