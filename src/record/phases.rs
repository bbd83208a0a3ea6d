//! The parts that a request is made of, and how long each took: what tells a slow network from a slow site.

use std::num::NonZeroU32;
use std::time::Duration;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::histogram::{OpenHistogram, SparseHistogram};

/// How long a part took: whole microseconds, from one to a little more than an hour. Small, because every request in
/// flight holds some.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Took(NonZeroU32);

impl From<Duration> for Took {
    fn from(duration: Duration) -> Self {
        let micros = u32::try_from(duration.as_micros()).unwrap_or(u32::MAX);
        Self(NonZeroU32::new(micros).unwrap_or(NonZeroU32::MIN))
    }
}

impl Took {
    /// In microseconds.
    pub const fn micros(self) -> u32 {
        self.0.get()
    }
}

/// How long each part of one request took; absent where the request had no such part, or where it cannot be told.
/// There is no part for DNS: names are looked up once, before a run.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Phases {
    /// Until the byte stream to the site was open, a proxy's tunnel included; only where a connection was opened.
    pub connect: Option<Took>,
    /// The TLS handshake; only where a connection was opened.
    pub tls: Option<Took>,
    /// From an open connection until the request was handed to the system.
    pub send: Option<Took>,
    /// From then until the first byte of the answer.
    pub first_byte: Option<Took>,
    /// From the first byte of the answer until its last.
    pub receive: Option<Took>,
}

/// The parts of many requests, in microseconds: each a list of pairs of bucket edge and count. Parts that no request
/// had are left out.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PhaseHistograms {
    /// Until the byte stream was open.
    #[serde(default, skip_serializing_if = "SparseHistogram::is_empty")]
    pub connect: SparseHistogram,
    /// The TLS handshake.
    #[serde(default, skip_serializing_if = "SparseHistogram::is_empty")]
    pub tls: SparseHistogram,
    /// Until the request was handed to the system.
    #[serde(default, skip_serializing_if = "SparseHistogram::is_empty")]
    pub send: SparseHistogram,
    /// Until the first byte of the answer.
    #[serde(default, skip_serializing_if = "SparseHistogram::is_empty")]
    pub first_byte: SparseHistogram,
    /// Until the last byte of the answer.
    #[serde(default, skip_serializing_if = "SparseHistogram::is_empty")]
    pub receive: SparseHistogram,
}

/// The parts of the requests of an interval that is under way.
#[derive(Debug, Default)]
pub(super) struct OpenPhases {
    connect: OpenHistogram,
    tls: OpenHistogram,
    send: OpenHistogram,
    first_byte: OpenHistogram,
    receive: OpenHistogram,
}

impl OpenPhases {
    /// Counts one request.
    pub(super) fn record(&mut self, phases: &Phases) {
        for (histogram, length) in [
            (&mut self.connect, phases.connect),
            (&mut self.tls, phases.tls),
            (&mut self.send, phases.send),
            (&mut self.first_byte, phases.first_byte),
            (&mut self.receive, phases.receive),
        ] {
            if let Some(length) = length {
                histogram.record(u64::from(length.micros()));
            }
        }
    }

    /// Hands out what was counted.
    pub(super) fn take(&mut self) -> PhaseHistograms {
        PhaseHistograms {
            connect: self.connect.take(),
            tls: self.tls.take(),
            send: self.send.take(),
            first_byte: self.first_byte.take(),
            receive: self.receive.take(),
        }
    }
}

impl PhaseHistograms {
    /// Counts one request.
    pub fn record(&mut self, phases: &Phases) {
        let mut one = OpenPhases::default();
        one.record(phases);
        self.merge(&one.take());
    }

    /// Adds everything that `other` holds.
    pub fn merge(&mut self, other: &PhaseHistograms) {
        self.connect.merge(&other.connect);
        self.tls.merge(&other.tls);
        self.send.merge(&other.send);
        self.first_byte.merge(&other.first_byte);
        self.receive.merge(&other.receive);
    }

    /// Whether no request was counted.
    pub fn is_empty(&self) -> bool {
        self == &Self::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_that_a_request_did_not_have_is_not_counted() {
        let mut open = OpenPhases::default();
        assert!(open.take().is_empty());
        let kept_alive = Phases {
            first_byte: Some(Duration::from_micros(100).into()),
            ..Phases::default()
        };
        open.record(&kept_alive);
        open.record(&Phases {
            connect: Some(Duration::from_micros(50).into()),
            ..kept_alive
        });
        let all = open.take();
        assert_eq!(
            (all.connect.len(), all.first_byte.len(), all.tls.len()),
            (1, 2, 0)
        );
        let text = serde_json::to_string(&all).unwrap();
        assert_eq!(text, r#"{"connect":[[50,1]],"first_byte":[[100,2]]}"#);
        assert_eq!(serde_json::from_str::<PhaseHistograms>(&text).unwrap(), all);
        let mut twice = all.clone();
        twice.merge(&all);
        assert_eq!((twice.connect.len(), twice.first_byte.len()), (2, 4));
    }
}
