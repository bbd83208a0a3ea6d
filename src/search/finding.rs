//! What a search ends in: exactly one of six findings, and what goes beside it.

use serde::{Deserialize, Serialize};

use crate::record::Class;
use crate::units::Rate;

/// One of six endings of a search.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// The failures pass the limit at a load.
    Tipped,
    /// No tipping up to the highest load that was really offered.
    NotReached,
    /// It fails at the lowest load, or before any.
    AlreadyFailing,
    /// Something in front refused us: the site was not measured.
    Blocked,
    /// The site changed under test.
    Unsteady,
    /// This machine was the bottleneck.
    OurLimit,
}

/// What set the limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Limit {
    /// The site could not do more.
    Overload,
    /// The site would not do more: a rate limiter.
    Policy,
}

/// How the failures grow past the tipping point.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Shape {
    /// From few to most within a small step of load.
    Cliff,
    /// Slowly.
    Slope,
}

/// A load with its 95 % interval, in pages per second.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Estimate {
    /// Lower end of the 95 % interval.
    pub low: f64,
    /// The median.
    pub mid: f64,
    /// Upper end of the 95 % interval.
    pub high: f64,
}

impl Estimate {
    /// The same estimate times `factor`: in another unit.
    #[must_use]
    pub fn times(self, factor: f64) -> Self {
        Self {
            low: self.low * factor,
            mid: self.mid * factor,
            high: self.high * factor,
        }
    }
}

/// Something seen first at a load and a second.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Observed {
    /// How it ended.
    pub class: Class,
    /// The load then, in pages per second.
    pub rate: Rate,
    /// Seconds since the start of the run.
    pub at_seconds: u32,
}

/// How the site came back after a failure.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Recovery {
    /// The load at which it worked again, in pages per second; null where it did not recover.
    pub rate: Option<f64>,
    /// Seconds until it did; null where it did not recover.
    pub seconds: Option<f64>,
}

/// What the search found.
#[derive(Debug, Clone, PartialEq)]
pub struct Finding {
    /// Which of the six.
    pub kind: Kind,
    /// The tipping point, in pages per second: `tipped` only.
    pub rate: Option<Estimate>,
    /// The highest load that was really offered and carried: `not_reached`, `our_limit`, `blocked`.
    pub up_to: Option<Rate>,
    /// The load at which it fails or was refused: `already_failing`, `blocked`.
    pub at: Option<Rate>,
    /// The confidence of the interval: 0.95.
    pub confidence: f64,
    /// For how many seconds of constant load the claim holds.
    pub horizon_seconds: u32,
    /// The class that most failures had.
    pub class: Option<Class>,
    /// What set the limit.
    pub limit: Option<Limit>,
    /// How the failures grow.
    pub shape: Option<Shape>,
    /// In words: why this finding and no other.
    pub why: String,
    /// What it rests on, a sentence each.
    pub evidence: Vec<String>,
    /// The highest load that passed a hold.
    pub verified: Option<Rate>,
    /// The lowest load whose failure stands.
    pub failing: Option<Rate>,
    /// The first failure.
    pub first_failure: Option<Observed>,
    /// The first 502.
    pub first_502: Option<Observed>,
    /// How it came back after the last failure.
    pub recovery: Option<Recovery>,
    /// Whether the search came to its own end, rather than to that of its budget.
    pub converged: bool,
}
