//! What GitLab's load performance widget reads on a merge request: the summary that k6 exports. It shows the share of
//! checks that passed, the time to the first byte, and requests per second.

use serde_json::{Value, json};

use crate::analysis::{Tally, ThresholdVerdict};
use crate::record::SparseHistogram;
use crate::report::page::latency_trial;
use crate::report::view::View;

/// The summary as JSON. Latencies are those of the highest load that was carried, so that two runs compare; a search
/// that carried nothing has those of all its successes. `checks` are the thresholds; one that is not known is not
/// passed.
pub(super) fn json(view: &View<'_>) -> Vec<u8> {
    let mut all = Tally::default();
    let mut seconds = 0;
    for trial in view.measured() {
        all.merge(&trial.tally);
        seconds += trial.seconds();
    }
    let carried = latency_trial(view).and_then(|told| {
        view.measured()
            .find(|trial| trial.rate == told.offered_rate && trial.tally.sent == told.sent)
    });
    let (tally, seconds) = carried.map_or((&all, seconds), |trial| (&trial.tally, trial.seconds()));
    let passes = view
        .summary
        .thresholds
        .iter()
        .filter(|threshold| threshold.verdict == ThresholdVerdict::Pass)
        .count();
    let rate = if seconds > 0 {
        tally.completed() as f64 / f64::from(seconds)
    } else {
        0.0
    };
    let summary = json!({
        "metrics": {
            "checks": {
                "passes": passes,
                "fails": view.summary.thresholds.len() - passes,
                "value": if view.summary.thresholds.is_empty() { 1.0 } else {
                    passes as f64 / view.summary.thresholds.len() as f64
                },
            },
            "http_reqs": { "count": tally.completed(), "rate": rate },
            "http_req_duration": trend(&tally.successes.from_due),
            "http_req_waiting": trend(&tally.successes.from_sent),
            "http_req_failed": {
                "passes": tally.failed,
                "fails": tally.completed().saturating_sub(tally.failed),
                "value": tally.failed as f64 / tally.completed().max(1) as f64,
            },
        },
        "root_group": { "name": "", "path": "", "groups": {}, "checks": {} },
    });
    let mut text = format!("{summary:#}").into_bytes();
    text.push(b'\n');
    text
}

/// Quantiles in milliseconds, by k6's names; zero where nothing was seen.
fn trend(latency: &SparseHistogram) -> Value {
    let at = |quantile: f64| latency.at_quantile(quantile).unwrap_or(0) as f64 / 1e3;
    let (sum, count) = latency
        .buckets()
        .fold((0.0, 0_u64), |(sum, all), (micros, count)| {
            (sum + micros as f64 * count as f64, all + count)
        });
    json!({
        "avg": sum / 1e3 / count.max(1) as f64,
        "min": at(0.0),
        "med": at(0.5),
        "max": latency.max().unwrap_or(0) as f64 / 1e3,
        "p(90)": at(0.90),
        "p(95)": at(0.95),
    })
}
