//! `authorization`: who allowed the load. It records consent; it proves nothing.

use jiff::civil::Date;

use super::fields::{Check, Keys};
use crate::scenario::document::Node;
use crate::scenario::types::Authorization;

const AUTHORIZATION: Keys = Keys {
    known: &["owner", "approved_by", "hosting_informed", "valid_until", "hosts"],
    later: &["reference", "windows"],
};

impl Check<'_> {
    /// The consent that was written down.
    pub(super) fn authorization(&mut self, node: Option<&Node>) -> Option<Authorization> {
        let fields = self.fields(node?, "`authorization`", &AUTHORIZATION)?;
        let owner = fields.get("owner").and_then(|node| self.person(node, "`owner`"));
        let approved_by = fields
            .require(
                self,
                "approved_by",
                "add who said yes: `approved_by: ops@shop.example`",
            )
            .and_then(|node| self.person(node, "`approved_by`"));
        let hosting_informed = fields
            .get("hosting_informed")
            .and_then(|node| self.truth(node, "`hosting_informed`"));
        let valid_until = fields.get("valid_until").and_then(|node| self.date(node));
        let mut hosts = Vec::new();
        if let Some(node) = fields.require(
            self,
            "hosts",
            "add what it holds for: `hosts: [staging.shop.example]`",
        ) {
            for item in self.list(node, "`hosts`", "as in `hosts: [staging.shop.example]`") {
                if let Some(text) = self.text(item, "a host") {
                    hosts.extend(self.host_name(&text, item.place));
                }
            }
        }
        Some(Authorization {
            owner,
            approved_by: approved_by?,
            hosting_informed,
            valid_until,
            hosts,
        })
    }

    fn person(&mut self, node: &Node, what: &str) -> Option<String> {
        let text = self.text(node, what)?;
        if text.trim().is_empty() || text.chars().any(char::is_control) {
            self.error(
                node.place,
                format!("{what} names nobody"),
                "write a name or a mail address",
            );
            return None;
        }
        Some(text.trim().to_owned())
    }

    fn date(&mut self, node: &Node) -> Option<Date> {
        let text = self.text(node, "`valid_until`")?;
        let is_day = text.len() == 10 && text.as_bytes().get(4) == Some(&b'-');
        match text.parse::<Date>() {
            Ok(date) if is_day => Some(date),
            _ => {
                self.error(
                    node.place,
                    format!("`valid_until`: `{text}` is no day"),
                    "write year, month and day: `2026-12-01`",
                );
                None
            }
        }
    }
}
