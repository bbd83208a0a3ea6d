//! The lines of a record that are about a campaign: what was played of it, and what its link scanners did in a second.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::class::Class;
use super::snapshot::ScannerCounts;

/// What of a second was made by link scanners: counted among all requests too, but for latencies.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ScannerLine {
    /// Page requests per second that they were to make, on average over the second.
    pub offered: f64,
    /// Requests sent: pairs of the second in which they were due and how many.
    pub sent: Vec<(u32, i64)>,
    /// Requests that ended: the second in which they were due, how, and how many.
    pub ended: Vec<(u32, Class, u64)>,
    /// Requests given up.
    pub unsent: u64,
}

/// The campaign that is played: what a report needs to know of it.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct CampaignLine {
    /// Its name in the scenario.
    pub name: String,
    /// Its kind: `newsletter`, `push` …
    pub kind: String,
    /// Second 0 of the run is so many seconds after the start of the campaign: the send, the spot, the post.
    pub begins_at: f64,
    /// When its people come most, in seconds after its start.
    pub peak_at: f64,
    /// When the run ends, in seconds after its start.
    pub ends_at: f64,
    /// Visits that the part which is played brings, on average.
    pub visits: f64,
    /// Requests of link scanners in that part, on average; 0 where there are none.
    pub scans: f64,
    /// What its links carry: `unique`, `same` or `none`.
    pub tracking_params: String,
    /// Whether and how visitors reload what failed; null where they do not.
    pub reloads: Option<ReloadsLine>,
    /// The share of visits that order, 0 to 1, where it is given.
    pub conversion_rate: Option<f64>,
    /// What an order is worth, where it is given.
    pub order_value: Option<f64>,
    /// In which currency; empty where none was given.
    pub currency: String,
}

/// How visitors reload what failed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ReloadsLine {
    /// The share of failures after which a visitor tries again, 0 to 1.
    pub share: f64,
    /// After so many seconds, on average.
    pub after_seconds: f64,
    /// At most so often for one page.
    pub most: u32,
}

impl From<&ScannerCounts> for ScannerLine {
    fn from(counts: &ScannerCounts) -> Self {
        Self {
            offered: 0.0,
            sent: counts.sent.iter().map(|(due, count)| (*due, *count)).collect(),
            ended: counts
                .ended
                .iter()
                .map(|((due, class), count)| (*due, *class, *count))
                .collect(),
            unsent: counts.unsent,
        }
    }
}
