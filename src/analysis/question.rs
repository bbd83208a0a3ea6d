//! What a stored search was asked: for the tipping point, for a proof of some loads, and how often.

use serde_json::Value;

use crate::record::Header;

/// The loads that the search had only to prove or refute, rising; nothing where it looked for the tipping point.
pub fn asked_loads(header: &Header) -> Option<Vec<f64>> {
    let loads = header.search.as_ref()?.get("enough")?.as_array()?;
    let loads: Vec<f64> = loads.iter().filter_map(Value::as_f64).collect();
    (!loads.is_empty()).then_some(loads)
}

/// How many searches were to be pooled: 1 where none is said.
pub fn pooled_searches(header: &Header) -> u32 {
    let repeat = header
        .search
        .as_ref()
        .and_then(|search| search.get("repeat")?.as_u64());
    repeat
        .and_then(|repeat| u32::try_from(repeat).ok())
        .unwrap_or(1)
        .max(1)
}
