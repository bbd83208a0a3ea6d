//! What is normal for a site: its latency and its refusals of us at the lowest load.

/// Latency counts as raised only by more than this, in microseconds: on loopback the normal latency is far below a
/// millisecond, and its multiples mean nothing.
const NOTICEABLE_US: f64 = 5_000.0;

/// A site at its lowest load.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Normal {
    /// Median latency of successes, in microseconds.
    pub(super) latency_us: f64,
    /// The share of answers that refused us.
    pub(super) refused: f64,
}

impl Normal {
    /// A latency as a multiple of the normal one; at most 1 where it is not noticeably longer.
    pub(super) fn multiple(&self, latency_us: f64) -> f64 {
        let multiple = latency_us / self.latency_us.max(1.0);
        if latency_us <= self.latency_us + NOTICEABLE_US {
            multiple.min(1.0)
        } else {
            multiple
        }
    }

    /// Requests normally in flight at `rate` (J. D. C. Little's law).
    pub(super) fn in_flight(&self, rate: f64) -> f64 {
        rate * self.latency_us / 1e6
    }

    /// The age in whole seconds from which a request without an answer counts as failed: 2 s or five times the
    /// normal latency.
    pub(super) fn overdue_seconds(&self) -> usize {
        (5.0 * self.latency_us / 1e6).max(2.0).ceil() as usize
    }
}
