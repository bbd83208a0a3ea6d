//! The latency of each second as a log of HdrHistograms, in the V2 form that HdrHistogram's own tools read and draw.
//! Successes and failures have a tag each.

use std::time::{Duration, SystemTime};

use hdrhistogram::Histogram;
use hdrhistogram::serialization::V2DeflateSerializer;
use hdrhistogram::serialization::interval_log::{IntervalLogWriterBuilder, Tag};

use crate::analysis::{by_due, failure_family};
use crate::record::{RunRecord, SparseHistogram};
use crate::report::write::ReportError;

/// Values are nanoseconds, as the tools expect, and the column of the longest is in milliseconds.
const NANOS_PER_MILLISECOND: f64 = 1e6;

/// The log of `record`: by the second in which requests were due, their latency from that moment, in nanoseconds.
///
/// # Errors
/// The start of the run is no time, or lies before 1970.
pub(super) fn log(record: &RunRecord) -> Result<Vec<u8>, ReportError> {
    let failed = |why: &dyn std::fmt::Display| ReportError::Format(why.to_string());
    let started: jiff::Timestamp = record.header.started_at.parse().map_err(|error| failed(&error))?;
    let since_epoch = Duration::try_from(started.as_duration()).map_err(|error| failed(&error))?;
    let start = SystemTime::UNIX_EPOCH + since_epoch;
    let mut out = Vec::new();
    let mut serializer = V2DeflateSerializer::new();
    let comment = format!(
        "tipover {}, run {}",
        record.header.tool_version, record.header.run_id
    );
    let mut writer = IntervalLogWriterBuilder::new()
        .add_comment(&comment.replace(['\n', '\r'], " "))
        .with_start_time(start)
        .with_base_time(start)
        .with_max_value_divisor(NANOS_PER_MILLISECOND)
        .begin_log_with(&mut out, &mut serializer)
        .map_err(|error| failed(&error))?;
    for (second, tally) in by_due(record, &failure_family(&record.header)) {
        let both = [
            ("successes", &tally.successes.from_due),
            ("failures", &tally.failures.from_due),
        ];
        for (name, latency) in both.into_iter().filter(|(_, latency)| !latency.is_empty()) {
            writer
                .write_histogram(
                    &in_nanoseconds(latency)?,
                    Duration::from_secs(u64::from(second)),
                    Duration::from_secs(1),
                    Tag::new(name),
                )
                .map_err(|error| ReportError::Format(format!("{error:?}")))?;
        }
    }
    drop(writer);
    Ok(out)
}

fn in_nanoseconds(latency: &SparseHistogram) -> Result<Histogram<u64>, ReportError> {
    let failed = |error: &dyn std::fmt::Display| ReportError::Format(error.to_string());
    let mut histogram = Histogram::new(2).map_err(|error| failed(&error))?;
    for (micros, count) in latency.buckets() {
        histogram
            .record_n(micros.saturating_mul(1_000), count)
            .map_err(|error| failed(&error))?;
    }
    Ok(histogram)
}
