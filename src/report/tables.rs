//! `trials.csv` and `seconds.csv`: numbers for a spreadsheet. Points for decimals, one header line, UTF-8.

use std::collections::BTreeSet;

use super::view::View;
use super::write::ReportError;
use crate::analysis::{Tally, by_due, failure_family};
use crate::record::{Class, SparseHistogram, Unsent};
use crate::words::printable;

fn table(header: &[String], rows: impl Iterator<Item = Vec<String>>) -> Result<Vec<u8>, ReportError> {
    let error = |error: csv::Error| ReportError::Format(error.to_string());
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(header).map_err(error)?;
    for row in rows {
        writer.write_record(row).map_err(error)?;
    }
    writer
        .into_inner()
        .map_err(|error| ReportError::Format(error.to_string()))
}

/// A foreign text that no spreadsheet takes for a formula (OWASP, "CSV injection").
fn cell(text: &str) -> String {
    let text = printable(text);
    if text.starts_with(['=', '+', '-', '@']) {
        format!("'{text}")
    } else {
        text
    }
}

fn milliseconds(histogram: &SparseHistogram, quantile: f64) -> String {
    histogram
        .at_quantile(quantile)
        .map_or_else(String::new, |micros| format!("{:.3}", micros as f64 / 1e3))
}

fn names(all: &[&str]) -> Vec<String> {
    all.iter().map(|name| (*name).to_owned()).collect()
}

/// The classes that occur in `tallies`, in order.
fn classes<'a>(tallies: impl Iterator<Item = &'a Tally>) -> Vec<Class> {
    let all: BTreeSet<Class> = tallies.flat_map(|tally| tally.by_class.keys().copied()).collect();
    all.into_iter().collect()
}

/// One line per trial, or per stretch of load of a run.
pub(super) fn trials_csv(view: &View<'_>) -> Result<Vec<u8>, ReportError> {
    let classes = classes(view.trials.iter().map(|trial| &trial.tally));
    let mut header = names(&[
        "trial",
        "phase",
        "offered_rate",
        "judged_from",
        "until",
        "sent",
        "unsent",
        "in_flight_at_end",
        "completed",
        "failed",
        "failed_share",
        "failed_share_low",
        "failed_share_high",
        "p50_ms",
        "p90_ms",
        "p95_ms",
        "p99_ms",
        "p999_ms",
        "failures_p50_ms",
        "failures_p95_ms",
        "verdict",
        "why",
    ]);
    header.extend(Unsent::ALL.iter().map(|reason| format!("unsent_{reason}")));
    header.extend(classes.iter().map(|class| format!("class_{class}")));
    let rows = view.trials.iter().map(|trial| {
        let tally = &trial.tally;
        let share = |end: Option<f64>| end.map_or_else(String::new, |share| format!("{share:.6}"));
        let mut row = vec![
            trial.number.to_string(),
            cell(trial.phase.as_deref().unwrap_or_default()),
            format!("{:.3}", trial.rate),
            trial.judged_from.to_string(),
            trial.until.to_string(),
            tally.sent.to_string(),
            tally.unsent_total().to_string(),
            tally.in_flight().to_string(),
            tally.completed().to_string(),
            tally.failed.to_string(),
            share(trial.failed_share.map(|share| share.mid)),
            share(trial.failed_share.map(|share| share.low)),
            share(trial.failed_share.map(|share| share.high)),
        ];
        row.extend([0.5, 0.9, 0.95, 0.99, 0.999].map(|at| milliseconds(&tally.successes.from_due, at)));
        row.extend([0.5, 0.95].map(|at| milliseconds(&tally.failures.from_due, at)));
        row.push(cell(trial.verdict.as_deref().unwrap_or_default()));
        row.push(cell(&trial.why));
        row.extend(
            Unsent::ALL
                .iter()
                .map(|reason| tally.unsent.get(reason).copied().unwrap_or(0).to_string()),
        );
        row.extend(classes.iter().map(|class| tally.of_class(*class).to_string()));
        row
    });
    table(&header, rows)
}

/// One line per second; requests are counted in the second in which they were due.
pub(super) fn seconds_csv(view: &View<'_>) -> Result<Vec<u8>, ReportError> {
    let tallies = by_due(view.record, &failure_family(&view.record.header));
    let classes = classes(tallies.values());
    let mut header = names(&[
        "second",
        "offered_rate",
        "trial",
        "judged",
        "sent",
        "unsent",
        "answered",
        "failed",
        "p50_ms",
        "p95_ms",
        "p99_ms",
        "failures_p50_ms",
        "in_flight_mean",
        "in_flight_at_end",
        "lateness_p99_ms",
        "lateness_max_ms",
        "disturbed",
        "cpu_ms",
        "open_files",
        "memory_bytes",
    ]);
    header.extend(classes.iter().map(|class| format!("class_{class}")));
    let nothing = Tally::default();
    let rows = view.record.seconds.iter().map(|second| {
        let tally = tallies.get(&second.second).unwrap_or(&nothing);
        let millis = |micros: u64| format!("{:.3}", micros as f64 / 1e3);
        let mut row = vec![
            second.second.to_string(),
            format!("{:.3}", second.offered),
            second.trial.map_or_else(String::new, |trial| trial.to_string()),
            second.judged.to_string(),
            tally.sent.to_string(),
            tally.unsent_total().to_string(),
            tally.completed().to_string(),
            tally.failed.to_string(),
        ];
        row.extend([0.5, 0.95, 0.99].map(|at| milliseconds(&tally.successes.from_due, at)));
        row.push(milliseconds(&tally.failures.from_due, 0.5));
        row.extend([
            format!("{:.3}", second.in_flight_mean),
            second.in_flight.to_string(),
            millis(second.lateness_p99_us),
            millis(second.lateness_max_us),
            second.disturbed.to_string(),
            millis(second.generator.cpu_us),
            second.generator.open_files.to_string(),
            second.generator.memory_bytes.to_string(),
        ]);
        row.extend(classes.iter().map(|class| tally.of_class(*class).to_string()));
        row
    });
    table(&header, rows)
}
