//! Sums over visits, with a histogram of their lengths; sums can be taken from sums.

use super::visits::Visit;

/// Lengths are sorted into steps of this factor, from a second on: up to half an hour of quiet many times over.
const FACTOR: f64 = 1.05;
const STEPS: usize = 240;

/// Sums over visits. They are real numbers, because a part of them may be taken away.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Tally {
    pub(super) visits: f64,
    pub(super) pages: f64,
    pub(super) requests: f64,
    seconds: f64,
    /// Visits of one request: no length.
    short: f64,
    lengths: Vec<f64>,
}

impl Default for Tally {
    fn default() -> Self {
        Self {
            visits: 0.0,
            pages: 0.0,
            requests: 0.0,
            seconds: 0.0,
            short: 0.0,
            lengths: vec![0.0; STEPS],
        }
    }
}

impl Tally {
    pub(super) fn add(&mut self, visit: &Visit) {
        let length = visit.length();
        self.visits += 1.0;
        self.pages += f64::from(visit.pages);
        self.requests += f64::from(visit.requests);
        self.seconds += length;
        if length < 1.0 {
            self.short += 1.0;
        } else {
            let step = (length.ln() / FACTOR.ln()) as usize;
            self.lengths[step.min(STEPS - 1)] += 1.0;
        }
    }

    /// This and `factor` times `other`; nothing in it falls below zero.
    #[must_use]
    pub(super) fn plus(&self, other: &Tally, factor: f64) -> Tally {
        let sum = |a: f64, b: f64| (a + factor * b).max(0.0);
        Tally {
            visits: sum(self.visits, other.visits),
            pages: sum(self.pages, other.pages),
            requests: sum(self.requests, other.requests),
            seconds: sum(self.seconds, other.seconds),
            short: sum(self.short, other.short),
            lengths: self
                .lengths
                .iter()
                .zip(&other.lengths)
                .map(|(a, b)| sum(*a, *b))
                .collect(),
        }
    }

    /// Page views per visit; 0 without visits.
    pub(super) fn pages_per_visit(&self) -> f64 {
        ratio(self.pages, self.visits)
    }

    /// Requests per page view; 0 without pages.
    pub(super) fn requests_per_page(&self) -> f64 {
        ratio(self.requests, self.pages)
    }

    /// The mean length from the first to the last request, in seconds.
    pub(super) fn mean_seconds(&self) -> f64 {
        ratio(self.seconds, self.visits)
    }

    /// The median length in seconds, to 5 %.
    pub(super) fn median_seconds(&self) -> f64 {
        let half = (self.short + self.lengths.iter().sum::<f64>()) / 2.0;
        let mut sum = self.short;
        if sum >= half {
            return 0.0;
        }
        for (step, count) in self.lengths.iter().enumerate() {
            sum += count;
            if sum >= half {
                return FACTOR.powf(step as f64 + 0.5);
            }
        }
        0.0
    }
}

fn ratio(part: f64, whole: f64) -> f64 {
    if whole > 0.0 { part / whole } else { 0.0 }
}
