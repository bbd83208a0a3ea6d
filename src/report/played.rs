//! What was played, from a record: the steps told apart, the assets of pages, and how many requests a visit came to.

use std::collections::BTreeMap;

use super::summarize::quantiles;
use super::summary::{AssetSummary, StepSummary};
use crate::analysis::failure_family;
use crate::record::{AssetCounts, Class, JourneyShape, RunRecord, SparseHistogram};
use crate::scenario::FailureSet;

/// The steps by their numbers; nothing for a record that does not name them.
pub(super) fn steps(record: &RunRecord) -> Vec<StepSummary> {
    let names = &record.header.steps;
    let family = failure_family(&record.header);
    let mut all: Vec<StepSummary> = names
        .iter()
        .map(|name| StepSummary {
            name: name.clone(),
            requests: 0,
            failures: 0,
            by_class: BTreeMap::new(),
            latency_ms: None,
        })
        .collect();
    let mut latencies = vec![SparseHistogram::new(); all.len()];
    let mut add = |step: usize, class: Class, count: u64, from_due: &SparseHistogram| {
        if let (Some(summary), Some(latency)) = (all.get_mut(step), latencies.get_mut(step)) {
            add_to(summary, &family, class, count);
            if class.is_success() {
                latency.merge(from_due);
            }
        }
    };
    for second in &record.seconds {
        if names.len() == 1 {
            // One step is all there is: a record does not say it twice.
            for cell in &second.cells {
                add(0, cell.class, cell.count, &cell.from_due);
            }
        }
        for line in &second.steps {
            add(usize::from(line.step), line.class, line.count, &line.from_due);
        }
    }
    for (step, latency) in all.iter_mut().zip(&latencies) {
        step.latency_ms = quantiles(latency);
    }
    all
}

fn add_to(step: &mut StepSummary, family: &FailureSet, class: Class, count: u64) {
    step.requests += count;
    *step.by_class.entry(class.to_string()).or_default() += count;
    if family.contains(class) {
        step.failures += count;
    }
}

fn all_assets(record: &RunRecord) -> AssetCounts {
    let mut all = AssetCounts::default();
    for second in &record.seconds {
        all.merge(&second.assets);
    }
    all
}

/// What was fetched besides the pages.
pub(super) fn assets(record: &RunRecord) -> Option<AssetSummary> {
    let all = all_assets(record);
    if all.is_empty() {
        return None;
    }
    let by_class = all
        .by_class
        .iter()
        .map(|(class, count)| (class.to_string(), *count));
    Some(AssetSummary {
        requests: all.requests(),
        by_class: by_class.collect(),
        cached: all.cached,
        bytes: all.bytes,
        fresh_connections: all.fresh,
        pages: all.pages,
        requests_per_page: 1.0 + all.requests() as f64 / all.pages.max(1) as f64,
        pages_failed: all.pages_failed,
        left_out: all.left_out,
        latency_ms: quantiles(&all.from_sent),
        whole_page_ms: quantiles(&all.whole_page),
    })
}

/// What a visit was made of: with the assets that its pages turned out to have.
pub(super) fn journey(record: &RunRecord) -> JourneyShape {
    let planned = record.header.journey.clone();
    let assets = all_assets(record).requests();
    let pages: u64 = record.seconds.iter().map(|second| second.pages_sent()).sum();
    if assets == 0 || pages == 0 {
        return planned;
    }
    JourneyShape {
        requests_per_visit: planned.requests_per_visit
            + planned.pages_per_visit * assets as f64 / pages as f64,
        ..planned
    }
}
