//! A latency histogram as it is stored: only the buckets that hold something, two significant digits.

use hdrhistogram::Histogram;
use serde::{Deserialize, Serialize};

/// Sparse counts of durations in microseconds: pairs of a value (the upper edge of its bucket, at most 1 % wide)
/// and how often it was seen, in rising order. Merging is associative and commutative.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(transparent)]
pub struct SparseHistogram(Vec<(u64, u64)>);

/// The longest duration that is told apart, in microseconds: one hour.
pub(super) const LONGEST_MICROS: u64 = 3_600_000_000;

/// The upper edge of the two-digit bucket of `micros`: 256 linear steps, then 128 a doubling, as HdrHistogram lays
/// them out (Tene, HdrHistogram, "bucket and sub-bucket").
fn bucket_edge(micros: u64) -> u64 {
    let micros = micros.clamp(1, LONGEST_MICROS);
    let shift = shift_of(micros);
    (((micros >> shift) + 1) << shift) - 1
}

/// By how many bits the bucket of `micros` is wider than 1 µs.
const fn shift_of(micros: u64) -> u32 {
    (64 - micros.leading_zeros()).saturating_sub(8)
}

/// A histogram that is written to: a count for each bucket up to the longest duration so far, so that counting one is
/// a step into an array. It holds at most 29 KiB.
#[derive(Debug, Default)]
pub(super) struct OpenHistogram(Vec<u64>);

impl OpenHistogram {
    /// Counts one duration, as [`SparseHistogram::record`].
    pub(super) fn record(&mut self, micros: u64) {
        let micros = micros.clamp(1, LONGEST_MICROS);
        let shift = shift_of(micros);
        // Within a doubling the leading bit, 128, is always set: the next doubling follows 128 places on.
        let place = (u64::from(shift) * 128 + (micros >> shift)) as usize;
        if let Some(count) = self.0.get_mut(place) {
            *count += 1;
        } else {
            self.0.resize(place + 1, 0);
            self.0[place] = 1;
        }
    }

    /// Hands out what was counted, and counts from zero again in the same memory.
    pub(super) fn take(&mut self) -> SparseHistogram {
        let mut sparse = Vec::new();
        for (place, count) in (0_u64..).zip(&mut self.0) {
            if *count > 0 {
                let shift = (place / 128).saturating_sub(1);
                let edge = ((place - shift * 128 + 1) << shift) - 1;
                sparse.push((edge, std::mem::take(count)));
            }
        }
        SparseHistogram(sparse)
    }
}

impl SparseHistogram {
    /// No durations.
    pub const fn new() -> Self {
        Self(Vec::new())
    }

    /// Counts one duration. Zero counts as 1 µs; what is longer than an hour counts as an hour.
    pub fn record(&mut self, micros: u64) {
        self.add(bucket_edge(micros), 1);
    }

    fn add(&mut self, edge: u64, count: u64) {
        match self.0.binary_search_by_key(&edge, |(value, _)| *value) {
            Ok(at) => self.0[at].1 += count,
            Err(at) => self.0.insert(at, (edge, count)),
        }
    }

    /// Adds everything that `other` holds.
    pub fn merge(&mut self, other: &SparseHistogram) {
        for (edge, count) in &other.0 {
            self.add(*edge, *count);
        }
    }

    /// How many durations it holds.
    pub fn len(&self) -> u64 {
        self.0.iter().map(|(_, count)| count).sum()
    }

    /// Whether it holds none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The smallest value, in microseconds, that at least `quantile` (0 to 1) of the durations do not exceed;
    /// nothing where it is empty.
    pub fn at_quantile(&self, quantile: f64) -> Option<u64> {
        let wanted = ((self.len() as f64 * quantile).ceil() as u64).max(1);
        let mut seen = 0;
        for (edge, count) in &self.0 {
            seen += count;
            if seen >= wanted {
                return Some(*edge);
            }
        }
        None
    }

    /// The longest duration, in microseconds.
    pub fn max(&self) -> Option<u64> {
        self.0.last().map(|(edge, _)| *edge)
    }

    /// The buckets: upper edge in microseconds and count, in rising order.
    pub fn buckets(&self) -> impl Iterator<Item = (u64, u64)> + '_ {
        self.0.iter().copied()
    }

    /// The same durations as an HdrHistogram of three significant digits.
    pub fn to_hdr(&self) -> Histogram<u64> {
        let mut histogram = Histogram::new(3).expect("three significant digits are valid");
        for (edge, count) in &self.0 {
            histogram
                .record_n(*edge, *count)
                .expect("a histogram that resizes holds every value");
        }
        histogram
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn of(values: &[u64]) -> SparseHistogram {
        let mut histogram = SparseHistogram::new();
        for value in values {
            histogram.record(*value);
        }
        histogram
    }

    proptest! {
        #[test]
        fn an_open_histogram_counts_as_a_sparse_one_does_and_from_zero_again(values in prop::collection::vec(0_u64..1 << 33, 0..60), long in 0_u64..=LONGEST_MICROS + 9) {
            let mut open = OpenHistogram::default();
            for _ in 0..2 {
                values.iter().chain([&long]).for_each(|value| open.record(*value));
                let mut wanted = of(&values);
                wanted.record(long);
                prop_assert_eq!(open.take(), wanted);
            }
            prop_assert!(open.take().is_empty());
            prop_assert!(open.0.len() * size_of::<u64>() <= 29 << 10);
        }

        #[test]
        fn a_bucket_is_at_most_one_percent_wide(micros in 1_u64..LONGEST_MICROS) {
            let edge = bucket_edge(micros);
            prop_assert!(edge >= micros);
            prop_assert!((edge - micros) as f64 <= micros as f64 / 100.0);
            prop_assert_eq!(bucket_edge(edge), edge);
        }

        #[test]
        fn merging_is_associative_and_commutative(a in prop::collection::vec(0_u64..1 << 33, 0..40), b in prop::collection::vec(0_u64..1 << 33, 0..40), c in prop::collection::vec(0_u64..1 << 33, 0..40)) {
            let mut left = of(&a);
            left.merge(&of(&b));
            left.merge(&of(&c));
            let mut right = of(&c);
            right.merge(&of(&b));
            let mut right_first = of(&a);
            right_first.merge(&right);
            prop_assert_eq!(&left, &right_first);
            let all: Vec<u64> = a.iter().chain(&b).chain(&c).copied().collect();
            prop_assert_eq!(left, of(&all));
        }

        #[test]
        fn quantiles_agree_with_a_sorted_list(mut values in prop::collection::vec(1_u64..10_000_000, 1..200), quantile in 0.0_f64..=1.0) {
            values.sort_unstable();
            let at = ((values.len() as f64 * quantile).ceil() as usize).max(1) - 1;
            prop_assert_eq!(of(&values).at_quantile(quantile), Some(bucket_edge(values[at])));
        }
    }
}
