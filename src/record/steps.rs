//! The steps of a journey told apart: which page was slow, and which one failed.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::class::Class;
use super::histogram::SparseHistogram;

/// Requests of one step that ended with one class.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct StepCell {
    /// How many.
    pub count: u64,
    /// Latency from the moment they were due.
    pub from_due: SparseHistogram,
}

impl StepCell {
    /// Adds everything that `other` holds.
    pub fn merge(&mut self, other: &StepCell) {
        self.count += other.count;
        self.from_due.merge(&other.from_due);
    }
}

/// The same as a line of a record has it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct StepLine {
    /// Which step, from 0: its place in the header's `steps`.
    pub step: u16,
    /// How they ended.
    pub class: Class,
    /// How many.
    pub count: u64,
    /// Microseconds from due: pairs of bucket edge and count.
    pub from_due: SparseHistogram,
}
