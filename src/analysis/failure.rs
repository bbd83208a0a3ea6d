//! What counts as a failure in a record: read from its header.

use crate::record::Header;
use crate::scenario::FailureSet;

/// The share of failures that is one too many where a record does not say: 1 %.
const DEFAULT_LIMIT: f64 = 0.01;

/// The classes that count as failures of the site in a record under `header`; the gateway's family where nothing
/// readable stands there.
pub fn failure_family(header: &Header) -> FailureSet {
    FailureSet::from_words(&header.failure).unwrap_or_default()
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
    use serde_json::json;

    use super::*;
    use crate::record::Class;

    #[test]
    fn the_failure_family_is_that_of_the_search_and_the_gateways_elsewhere() {
        let mut header = super::super::tests::header();
        assert_eq!(failure_family(&header), FailureSet::Gateway);
        assert_eq!(failure_limit(&header), 0.01);
        header.search = Some(json!({"share": 0.05}));
        header.failure = vec!["any_5xx".to_owned()];
        assert_eq!(failure_family(&header), FailureSet::Any5xx);
        assert_eq!(failure_limit(&header), 0.05);
        header.failure = vec!["502".to_owned(), "reset".to_owned()];
        let classes = [Class::Status(502), Class::Reset].into();
        assert_eq!(failure_family(&header), FailureSet::Classes(classes));
        header.search = Some(json!({"share": "much"}));
        assert_eq!(failure_limit(&header), 0.01);
    }
}
