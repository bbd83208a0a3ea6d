//! What counts as a failure in a record: read from the settings of its search, the gateway's family elsewhere.

use std::collections::BTreeSet;

use crate::record::{Class, Header};
use crate::scenario::FailureSet;

/// The share of failures that is one too many where a record does not say: 1 %.
const DEFAULT_LIMIT: f64 = 0.01;

/// The classes that count as failures of the site in a record under `header`: the words in the `failure` of its search,
/// `gateway`, `any_5xx` or classes; `gateway` where nothing readable stands there.
pub fn failure_family(header: &Header) -> FailureSet {
    let setting = header.search.as_ref().and_then(|search| search.get("failure"));
    let words: Vec<&str> = match setting {
        Some(serde_json::Value::Array(words)) => words.iter().filter_map(serde_json::Value::as_str).collect(),
        Some(serde_json::Value::String(word)) => vec![word],
        _ => Vec::new(),
    };
    if words == ["any_5xx"] {
        return FailureSet::Any5xx;
    }
    let classes: BTreeSet<Class> = words.iter().filter_map(|word| word.parse().ok()).collect();
    if classes.is_empty() {
        FailureSet::Gateway
    } else {
        FailureSet::Classes(classes)
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

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn the_failure_family_is_that_of_the_search_and_the_gateways_elsewhere() {
        let mut header = super::super::tests::header();
        assert_eq!(failure_family(&header), FailureSet::Gateway);
        assert_eq!(failure_limit(&header), 0.01);
        header.search = Some(json!({"failure": "any_5xx", "share": 0.05}));
        assert_eq!(failure_family(&header), FailureSet::Any5xx);
        assert_eq!(failure_limit(&header), 0.05);
        header.search = Some(json!({"failure": ["any_5xx"]}));
        assert_eq!(failure_family(&header), FailureSet::Any5xx);
        header.search = Some(json!({"failure": ["gateway"]}));
        assert_eq!(failure_family(&header), FailureSet::Gateway);
        header.search = Some(json!({"failure": ["502", "reset", "nonsense"], "share": "much"}));
        let classes = BTreeSet::from([Class::Status(502), Class::Reset]);
        assert_eq!(failure_family(&header), FailureSet::Classes(classes));
        assert_eq!(failure_limit(&header), 0.01);
    }
}
