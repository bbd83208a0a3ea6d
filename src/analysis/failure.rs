//! What counts as a failure in a record: read from the settings of its search, the gateway's family elsewhere.

use std::collections::BTreeSet;

use crate::record::{Class, Header};
use crate::scenario::FailureSet;

/// The share of failures that is one too many where a record does not say: 1 %.
const DEFAULT_LIMIT: f64 = 0.01;

/// The classes that count as failures of the site in a record under `header`: `gateway`, `any_5xx` or a list of
/// classes in the `failure` of its search; `gateway` where nothing readable stands there.
pub fn failure_family(header: &Header) -> FailureSet {
    let setting = header.search.as_ref().and_then(|search| search.get("failure"));
    match setting {
        Some(serde_json::Value::String(word)) if word == "any_5xx" => FailureSet::Any5xx,
        Some(serde_json::Value::Array(words)) => {
            let classes: BTreeSet<Class> = words
                .iter()
                .filter_map(|word| word.as_str()?.parse().ok())
                .collect();
            FailureSet::Classes(classes)
        }
        _ => FailureSet::Gateway,
    }
}

/// The share of failures, 0 to 1, that is one too many: the `share` of the search; 1 % where it does not say.
pub fn failure_limit(header: &Header) -> f64 {
    header
        .search
        .as_ref()
        .and_then(|search| search.get("share")?.as_f64())
        .filter(|share| share.is_finite() && *share > 0.0 && *share <= 1.0)
        .unwrap_or(DEFAULT_LIMIT)
}
