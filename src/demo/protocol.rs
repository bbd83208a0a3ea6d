//! What the parent and the site's process say to each other: the site's numbers as one JSON text in an argument, and
//! one line back when it listens. The end needs no word: the child's standard input closes.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::DemoError;
use crate::model::{SiteKind, SiteSpec};
use crate::units::Rate;

/// More workers, or places in the queue, than any demo needs; bounds the memory of a site.
const MOST_PLACES: u32 = 1_000_000;

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Text {
    kind: Kind,
    workers: u32,
    service_nanos: u64,
    queue: u32,
    timeout_nanos: u64,
    limit: Option<LimitText>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct LimitText {
    per_second: f64,
    burst: u32,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Kind {
    Queue,
    Timeout,
    Limit,
}

/// The JSON text of `spec`, exact: it reads back as the same site. A deadline of its queue is the model's alone: the
/// demo sites have none.
pub fn spec_to_text(spec: &SiteSpec) -> String {
    let nanos = |length: Duration| u64::try_from(length.as_nanos()).unwrap_or(u64::MAX);
    serde_json::json!(Text {
        kind: match spec.kind {
            SiteKind::Queue => Kind::Queue,
            SiteKind::Timeout => Kind::Timeout,
            SiteKind::Limit => Kind::Limit,
        },
        workers: spec.workers,
        service_nanos: nanos(spec.service),
        queue: spec.queue,
        timeout_nanos: nanos(spec.timeout),
        limit: spec.limit.map(|(rate, burst)| LimitText {
            per_second: rate.get(),
            burst
        }),
    })
    .to_string()
}

/// The site of a text that [`spec_to_text`] wrote.
///
/// # Errors
/// `DemoError::Spec` where it is no such text, or describes a site that can serve nothing.
pub fn spec_from_text(text: &str) -> Result<SiteSpec, DemoError> {
    let refuse = |reason: &str| {
        Err(DemoError::Spec {
            reason: reason.to_owned(),
        })
    };
    let text: Text = serde_json::from_str(text).map_err(|error| DemoError::Spec {
        reason: error.to_string(),
    })?;
    if text.workers == 0 || text.workers > MOST_PLACES || text.queue > MOST_PLACES {
        return refuse("it needs 1 to 1000000 workers and at most as many places in the queue");
    }
    if text.service_nanos == 0 || text.timeout_nanos == 0 {
        return refuse("the service time and the timeout must be longer than zero");
    }
    if text.limit.as_ref().is_some_and(|limit| limit.per_second <= 0.0) {
        return refuse("the rate limit must be above zero");
    }
    Ok(SiteSpec {
        kind: match text.kind {
            Kind::Queue => SiteKind::Queue,
            Kind::Timeout => SiteKind::Timeout,
            Kind::Limit => SiteKind::Limit,
        },
        workers: text.workers,
        service: Duration::from_nanos(text.service_nanos),
        queue: text.queue,
        timeout: Duration::from_nanos(text.timeout_nanos),
        queue_deadline: None,
        limit: text
            .limit
            .map(|limit| (Rate::per_second(limit.per_second), limit.burst)),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_written_site_reads_back_as_itself(
            kind in prop::sample::select(vec![SiteKind::Queue, SiteKind::Timeout, SiteKind::Limit]),
            workers in 1_u32..1_000, service in 1_u64..10_000_000_000, queue in 0_u32..10_000,
            timeout in 1_u64..60_000_000_000, limit in prop::option::of((0.001_f64..1e6, 0_u32..1_000)),
        ) {
            let spec = SiteSpec {
                kind, workers, queue,
                service: Duration::from_nanos(service),
                timeout: Duration::from_nanos(timeout),
                queue_deadline: None,
                limit: limit.map(|(rate, burst)| (Rate::per_second(rate), burst)),
            };
            prop_assert_eq!(spec_from_text(&spec_to_text(&spec)).unwrap(), spec);
        }
    }

    #[test]
    fn a_site_that_can_serve_nothing_is_refused() {
        for bad in [
            "",
            "{}",
            r#"{"kind":"queue","workers":0,"service_nanos":1,"queue":1,"timeout_nanos":1,"limit":null}"#,
            r#"{"kind":"queue","workers":1,"service_nanos":0,"queue":1,"timeout_nanos":1,"limit":null}"#,
            r#"{"kind":"limit","workers":1,"service_nanos":1,"queue":1,"timeout_nanos":1,"limit":{"per_second":0,"burst":1}}"#,
        ] {
            assert!(spec_from_text(bad).is_err(), "{bad}");
        }
    }
}
