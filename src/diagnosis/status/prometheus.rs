//! Prometheus text: the metrics that a scenario names, each with its labels
//! (<https://prometheus.io/docs/instrumenting/exposition_formats/>).

use super::super::product::Product;
use super::{Gauge, number};
use crate::words::printable;

/// The longest name of a metric with its labels that is kept.
const LONGEST_NAME: usize = 120;

/// Those called `metrics`; nothing where there is none.
pub(super) fn named(text: &str, metrics: &[String]) -> Option<Vec<Gauge>> {
    let of = |line: &str| {
        if line.starts_with('#') {
            return None;
        }
        // Labels may hold spaces: the value comes after them.
        let end = match line.find('{') {
            Some(_) => line.rfind('}')? + 1,
            None => line.find(char::is_whitespace)?,
        };
        let (name, rest) = line.split_at(end);
        let bare = name.split('{').next().unwrap_or(name);
        if !metrics.iter().any(|metric| metric == bare) {
            return None;
        }
        let used = number(rest.split_whitespace().next()?)?;
        let name: String = printable(name).chars().take(LONGEST_NAME).collect();
        let gauge = Gauge::of(Product::Unknown, name, used);
        Some(if bare.ends_with("_total") {
            gauge.counter()
        } else {
            gauge
        })
    };
    let all: Vec<Gauge> = text.lines().filter_map(of).collect();
    (!all.is_empty()).then_some(all)
}
