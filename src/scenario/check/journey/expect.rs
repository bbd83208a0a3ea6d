//! `expect`: what the answer of a step must be.

use super::super::fields::{Check, Keys};
use super::names::Names;
use crate::scenario::document::{Kind, Node, json_of};
use crate::scenario::placeholder::Escape;
use crate::scenario::written::{Pairs, StatusList, TextList, WrittenExpect, WrittenStep};
use crate::scenario::{Expect, Method};
use crate::units::Span;

const EXPECT: Keys = Keys {
    known: &[
        "status",
        "header",
        "body_contains",
        "body_matches",
        "json",
        "max_latency",
    ],
    later: &["size", "body_contains_not"],
};

impl Check<'_> {
    pub(super) fn expect(
        &mut self,
        node: &Node,
        method: Method,
        names: &Names,
        written: &mut WrittenStep,
    ) -> Option<Expect> {
        let fields = self.fields(node, "`expect`", &EXPECT)?;
        let mut expect = Expect::default();
        let mut line = WrittenExpect::default();
        if let Some(node) = fields.get("status") {
            let texts = self.texts(node, "`status`");
            expect.status = texts
                .iter()
                .filter_map(|(node, text)| self.status(text, node))
                .collect();
            line.status = Some(StatusList(texts.into_iter().map(|(_, text)| text).collect()));
        }
        if let Some(node) = fields.get("header") {
            self.expected_headers(node, &mut expect, &mut line);
        }
        if let Some(node) = fields.get("body_contains") {
            self.expected_texts(node, names, &mut expect, &mut line);
        }
        if let Some(node) = fields.get("body_matches") {
            let texts = self.texts(node, "`body_matches`");
            expect.body_matches = texts
                .iter()
                .filter_map(|(node, text)| self.expression(text, node))
                .collect();
            line.body_matches = Some(TextList(texts.into_iter().map(|(_, text)| text).collect()));
        }
        if let Some(node) = fields.get("json") {
            self.expected_json(node, &mut expect, &mut line);
        }
        if let Some(node) = fields.get("max_latency")
            && let Some(span) = self.quantity::<Span>(node, "`max_latency`")
        {
            if span.duration().is_zero() {
                let message = "`max_latency`: no answer takes no time at all";
                self.error(node.place, message, "write one as in `800ms`");
            }
            expect.max_latency = Some(span.duration());
            line.max_latency = Some(span.to_string());
        }
        let looks_inside = ["body_contains", "body_matches", "json"];
        if method == Method::Head
            && let Some(node) = looks_inside.iter().find_map(|key| fields.get(key))
        {
            self.error(
                node.place,
                "the answer to a HEAD has no body",
                "write `get:`, or expect a `status` or a `header`",
            );
        }
        written.expect = Some(line);
        Some(expect)
    }

    fn expected_texts(&mut self, node: &Node, names: &Names, expect: &mut Expect, line: &mut WrittenExpect) {
        let mut shown = Vec::new();
        for item in one_or_several(self, node, "`body_contains`") {
            let found = self.template(item, "`body_contains`", Escape::Plain, names);
            let Some((text, Some(template))) = found else {
                continue;
            };
            if text.is_secret {
                self.error(
                    item.place,
                    "an expectation cannot hold a secret, because it is printed",
                    "expect something that is not secret",
                );
            }
            expect.body_contains.push(template);
            shown.push(text.shown);
        }
        line.body_contains = Some(TextList(shown));
    }

    fn expected_headers(&mut self, node: &Node, expect: &mut Expect, line: &mut WrittenExpect) {
        let Some(fields) = self.any_fields(node, "`header`", "content-type") else {
            return;
        };
        for entry in fields.entries().iter().filter(|entry| !entry.value.is_nothing()) {
            if let Some(text) = self.text(&entry.value, &format!("the header `{}`", entry.key)) {
                expect.headers.push((entry.key.to_ascii_lowercase(), text));
            }
        }
        line.header = Some(Pairs(expect.headers.clone()));
    }

    fn expected_json(&mut self, node: &Node, expect: &mut Expect, line: &mut WrittenExpect) {
        let Some(fields) = self.any_fields(node, "`json`", "$.cart.count") else {
            return;
        };
        let mut shown = Vec::new();
        for entry in fields.entries() {
            let Some(path) = self.json_path(&entry.key, &entry.value) else {
                continue;
            };
            let value = json_of(&entry.value, &mut |node, raw| {
                let text = self.expand(raw, node.place);
                text.filter(|text| !text.is_secret)
                    .map_or_else(String::new, |text| text.value)
            });
            shown.push((entry.key.clone(), value.clone()));
            expect.json.push((path, value));
        }
        line.json = Some(Pairs(shown));
    }

    fn texts<'n>(&mut self, node: &'n Node, what: &str) -> Vec<(&'n Node, String)> {
        let items = one_or_several(self, node, what);
        items
            .iter()
            .filter_map(|item| Some((*item, self.text(item, what)?)))
            .collect()
    }

    /// `200` or `2xx`.
    fn status(&mut self, text: &str, node: &Node) -> Option<(u16, u16)> {
        let whole = text.parse::<u16>().ok().filter(|_| text.len() == 3);
        let family = text
            .strip_suffix("xx")
            .and_then(|first| first.parse::<u16>().ok())
            .filter(|first| (1..=9).contains(first));
        match (whole, family) {
            (Some(status @ 100..=999), _) => Some((status, status)),
            (_, Some(first)) => Some((first * 100, first * 100 + 99)),
            _ => {
                self.error(
                    node.place,
                    format!("`{text}` is no status"),
                    "write one as in `200`, `2xx` or `[200, 204]`",
                );
                None
            }
        }
    }
}

/// A single value as a list of one.
fn one_or_several<'n>(check: &mut Check<'_>, node: &'n Node, what: &str) -> Vec<&'n Node> {
    match &node.kind {
        Kind::List(_) => check.list(node, what, "as in `[a, b]`").iter().collect(),
        _ => vec![node],
    }
}
