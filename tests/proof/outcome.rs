//! One search in numbers: a line of the files that the proof writes.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use tipover::model::Played;
use tipover::scenario::FailureSet;
use tipover::search::Kind;

use super::baselines::Rules;
use super::method::Method;
use super::sites::Site;
use super::timed::Thinking;

/// What one search came to. Loads in pages per second.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Outcome {
    /// The name of the method in files.
    pub(crate) method: String,
    /// The number and the name of the class of sites.
    pub(crate) class: u8,
    pub(crate) name: String,
    pub(crate) seed: u64,
    pub(crate) share: f64,
    /// The tipping point; nothing where the site has none.
    pub(crate) truth: Option<f64>,
    /// The tipping point for holds as long as those of the search, where it differs and is known.
    pub(crate) own_truth: Option<f64>,
    /// The load that it began with, and its highest.
    pub(crate) from: f64,
    pub(crate) to: f64,
    pub(crate) kind: Kind,
    /// Whether that is the kind that is right for the site.
    pub(crate) right: bool,
    pub(crate) low: Option<f64>,
    pub(crate) mid: Option<f64>,
    pub(crate) high: Option<f64>,
    pub(crate) converged: bool,
    pub(crate) seconds: u32,
    pub(crate) trials: usize,
    /// Requests sent, those in seconds above the tipping point, and failed ones.
    pub(crate) sent: u64,
    pub(crate) above: u64,
    pub(crate) failed: u64,
    /// What its decisions took, in microseconds: mean, longest by the clock, longest in processor time.
    pub(crate) decision_us: [f64; 3],
    /// Processor time of the whole search, the site and the arrivals included, in seconds.
    pub(crate) busy: f64,
}

impl Outcome {
    pub(crate) fn new(
        method: Method,
        site: &Site,
        seed: u64,
        rules: Rules,
        played: &Played,
        (thinking, busy): (Thinking, Duration),
    ) -> Self {
        let tips = site.right == Kind::Tipped;
        let finding = &played.finding;
        let rate = finding.rate.filter(|_| finding.kind == Kind::Tipped);
        let sent = |is_above: bool| -> u64 {
            played
                .seconds
                .iter()
                .filter(|second| !is_above || second.offered > site.truth)
                .flat_map(|second| &second.sent)
                .map(|(_, count)| u64::try_from(*count).unwrap_or(0))
                .sum()
        };
        let failed = played
            .seconds
            .iter()
            .flat_map(|second| &second.cells)
            .filter(|cell| FailureSet::Gateway.contains(cell.class))
            .map(|cell| cell.count)
            .sum();
        let mean = thinking.total.as_secs_f64() / thinking.decisions.max(1) as f64;
        Self {
            method: method.slug(),
            class: site.number(),
            name: site.name().to_owned(),
            seed,
            share: rules.share,
            truth: tips.then_some(site.truth),
            own_truth: site.own_truth.filter(|_| tips),
            from: rules.from,
            to: rules.to,
            kind: finding.kind,
            right: finding.kind == site.right,
            low: rate.map(|rate| rate.low),
            mid: rate.map(|rate| rate.mid),
            high: rate.map(|rate| rate.high),
            converged: finding.converged,
            seconds: played.seconds.len() as u32,
            trials: played.trials.len(),
            sent: sent(false),
            above: sent(true),
            failed,
            decision_us: [
                1e6 * mean,
                1e6 * thinking.longest.as_secs_f64(),
                1e6 * thinking.longest_busy.as_secs_f64(),
            ],
            busy: busy.as_secs_f64(),
        }
    }

    /// How far the estimate is off, signed and relative; infinite where there is none.
    pub(crate) fn error(&self) -> f64 {
        match (self.mid, self.truth) {
            (Some(mid), Some(truth)) => mid / truth - 1.0,
            _ => f64::INFINITY,
        }
    }

    /// The width of the interval, relative; infinite where there is none.
    pub(crate) fn width(&self) -> f64 {
        match (self.low, self.high) {
            (Some(low), Some(high)) => high / low - 1.0,
            _ => f64::INFINITY,
        }
    }

    /// Whether the interval holds `truth`.
    pub(crate) fn covers(&self, truth: Option<f64>) -> bool {
        matches!((self.low, self.high, truth), (Some(low), Some(high), Some(truth)) if low <= truth && truth <= high)
    }
}
