//! Pure answers from a record: statistics, the finding, thresholds, recovery, the generator's own health.

pub mod statistics;
mod tipping;

pub use tipping::{BROKEN, tipping_point};
