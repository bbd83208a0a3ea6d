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
