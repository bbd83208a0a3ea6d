//! Quantiles of what was measured, and how they are written.

/// The value below which `part` of the sorted `values` lie; not-a-number where there are none.
pub(crate) fn quantile(values: &[f64], part: f64) -> f64 {
    if values.is_empty() {
        return f64::NAN;
    }
    values[((values.len() as f64 * part).ceil() as usize).clamp(1, values.len()) - 1]
}

/// `values` in rising order, infinite ones last.
pub(crate) fn sorted(values: impl Iterator<Item = f64>) -> Vec<f64> {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    values
}

/// A number with `decimals` decimals; a dash where there is none.
pub(crate) fn number(value: f64, decimals: usize) -> String {
    if value.is_finite() {
        format!("{value:.decimals$}")
    } else {
        "–".to_owned()
    }
}

/// Median and 90 % quantile of the sorted `values` times `factor`.
pub(crate) fn pair(values: &[f64], factor: f64, decimals: usize) -> String {
    format!(
        "{}/{}",
        number(quantile(values, 0.5) * factor, decimals),
        number(quantile(values, 0.9) * factor, decimals)
    )
}
