//! What the failures of two runs were.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Serialize;

use super::{Side, measured};
use crate::analysis::failure::failure_family;
use crate::record::{Class, RunRecord};
use crate::search::Limit;

/// What failed, in both runs.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Causes {
    /// The class that most failures of the base had; null where nothing failed.
    pub base: Option<String>,
    /// The same of the new run.
    pub new: Option<String>,
    /// What set the limit in the base; null where nothing tipped.
    pub base_limit: Option<Limit>,
    /// The same of the new run.
    pub new_limit: Option<Limit>,
    /// Whether the site now fails in another way: another class, or another kind of limit.
    pub changed: bool,
}

/// What the failures of `base` and `new` were.
pub fn causes(base: Side<'_>, new: Side<'_>) -> Causes {
    let class = |side: Side<'_>| {
        let named = side.finding.and_then(|finding| finding.class);
        named
            .or_else(|| most_frequent(side.record))
            .map(|class| class.to_string())
    };
    let limit = |side: Side<'_>| side.finding.and_then(|finding| finding.limit);
    let (base_class, new_class) = (class(base), class(new));
    let (base_limit, new_limit) = (limit(base), limit(new));
    let differ = |a: Option<&str>, b: Option<&str>| a.zip(b).is_some_and(|(a, b)| a != b);
    Causes {
        changed: differ(base_class.as_deref(), new_class.as_deref())
            || base_limit.zip(new_limit).is_some_and(|(a, b)| a != b),
        base: base_class,
        new: new_class,
        base_limit,
        new_limit,
    }
}

fn most_frequent(record: &RunRecord) -> Option<Class> {
    let family = failure_family(&record.header);
    let mut counts: BTreeMap<Class, u64> = BTreeMap::new();
    for trial in measured(record) {
        for (class, count) in trial
            .tally
            .by_class
            .iter()
            .filter(|(class, _)| family.contains(**class))
        {
            *counts.entry(*class).or_default() += count;
        }
    }
    counts
        .into_iter()
        .filter(|(_, count)| *count > 0)
        .max_by_key(|(_, count)| *count)
        .map(|(class, _)| class)
}
