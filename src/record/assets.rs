//! What was fetched besides the pages: counted apart, because the load is named in pages.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::class::Class;
use super::histogram::SparseHistogram;

/// The assets of the pages that ended in one interval. Merging is associative and commutative.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct AssetCounts {
    /// Requests that ended, by class. `304` is an asset that a visitor had already, and asked about.
    pub by_class: BTreeMap<Class, u64>,
    /// Assets that a visitor had already, and did not ask about.
    pub cached: u64,
    /// Bytes received.
    pub bytes: u64,
    /// Requests that opened a connection.
    pub fresh: u64,
    /// Of the successes, microseconds from sent: pairs of bucket edge and count.
    pub from_sent: SparseHistogram,
    /// Pages whose assets were fetched.
    pub pages: u64,
    /// Pages that came whole, and failed because an asset did.
    pub pages_failed: u64,
    /// Of the others, microseconds from due until the last asset was there: pairs of bucket edge and count.
    pub whole_page: SparseHistogram,
    /// Assets that were found and left out, because a page has too many of them or takes longer than a minute.
    pub left_out: u64,
}

impl AssetCounts {
    /// Requests that ended.
    pub fn requests(&self) -> u64 {
        self.by_class.values().sum()
    }

    /// Whether nothing was fetched.
    pub fn is_empty(&self) -> bool {
        self.pages == 0 && self.by_class.is_empty()
    }

    /// Adds everything that `other` holds.
    pub fn merge(&mut self, other: &AssetCounts) {
        for (class, count) in &other.by_class {
            *self.by_class.entry(*class).or_default() += count;
        }
        self.cached += other.cached;
        self.bytes += other.bytes;
        self.fresh += other.fresh;
        self.from_sent.merge(&other.from_sent);
        self.pages += other.pages;
        self.pages_failed += other.pages_failed;
        self.whole_page.merge(&other.whole_page);
        self.left_out += other.left_out;
    }
}
