//! `source_addresses`: the local addresses that a run sends from.

use super::fields::Check;
use crate::scenario::document::Node;
use crate::scenario::{SourceAddresses, SourceRange};

impl Check<'_> {
    /// The addresses; none where the system chooses.
    pub(super) fn source_addresses(&mut self, node: Option<&Node>) -> SourceAddresses {
        let Some(node) = node else {
            return SourceAddresses::default();
        };
        let mut ranges: Vec<SourceRange> = Vec::new();
        for item in self.list(node, "`source_addresses`", "as in `[10.0.0.5, 10.0.0.6]`") {
            let Some(text) = self.text(item, "a source address") else {
                continue;
            };
            match text.parse() {
                Ok(range) if ranges.contains(&range) => {
                    self.warn(item.place, format!("`{text}` stands here twice"), "remove one");
                }
                Ok(range) => ranges.push(range),
                Err(why) => self.error(
                    item.place,
                    format!("`{text}`: {why}"),
                    "write addresses of this machine, as in `[10.0.0.5, 10.0.0.6]`, or for a site on it `[127.0.0.0/24]`",
                ),
            }
        }
        SourceAddresses::new(ranges)
    }
}
