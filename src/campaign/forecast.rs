//! Who comes when: people, link scanners and what the site carries already, in one unit, page views per second.

use serde::{Deserialize, Serialize};

use super::assume::Planned;
use super::numeric;
use super::shape::Shape;
use crate::scenario::{Campaign, Scenario};
use crate::units::Rate;

/// A campaign counts for another one only while it brings at least this part of its own peak.
const MATTERS: f64 = 0.1;

/// A send as it might be: how many, how fast, how many scanned.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Variant {
    /// The audience.
    pub audience: f64,
    /// How long the send takes, in seconds.
    pub duration: f64,
    /// The share of mails that is scanned.
    pub scanner_share: f64,
}

/// The streams of one campaign in one variant. Times count from its own start.
#[derive(Debug, Clone, PartialEq)]
pub struct Streams {
    people: Shape,
    visits: f64,
    pages: f64,
    scanners: Shape,
    scans: f64,
}

impl Streams {
    /// The streams of `planned` as `variant`.
    pub fn new(planned: &Planned, variant: Variant) -> Self {
        Self {
            people: planned.people(variant.duration),
            visits: variant.audience * planned.response,
            pages: planned.pages,
            scanners: planned.scanners(variant.duration),
            scans: variant.audience * variant.scanner_share * planned.links,
        }
    }

    /// Visits that start in a second.
    pub fn visits(&self, at: f64) -> f64 {
        self.visits * self.people.density(at)
    }

    /// Visits that have started by then.
    pub fn visits_by(&self, at: f64) -> f64 {
        self.visits * self.people.share_by(at)
    }

    /// Page views per second of people.
    pub fn people(&self, at: f64) -> f64 {
        self.visits(at) * self.pages
    }

    /// Page requests per second of link scanners.
    pub fn scanners(&self, at: f64) -> f64 {
        if self.scans > 0.0 {
            self.scans * self.scanners.density(at)
        } else {
            0.0
        }
    }

    /// Both together.
    pub fn load(&self, at: f64) -> f64 {
        self.people(at) + self.scanners(at)
    }

    /// All visits.
    pub fn total_visits(&self) -> f64 {
        self.visits
    }

    /// Places between which the load has at most one top, rising.
    fn places(&self) -> Vec<f64> {
        let mut places = self.people.corners();
        if self.scans > 0.0 {
            places.extend(self.scanners.corners());
        }
        rising(places)
    }

    /// The highest load, and when.
    pub fn peak(&self) -> (f64, f64) {
        numeric::highest(|at| self.load(at), &self.places()).unwrap_or((0.0, 0.0))
    }

    /// When it is over, for a picture: no more than a few peaks later.
    pub fn settled(&self) -> f64 {
        let (at, peak) = self.peak();
        let end = self.people.settled();
        let low = |place: &f64| self.load(*place) < 0.05 * peak;
        let near = numeric::spread(at.max(1.0), end.max(at * 1.001 + 2.0), 60).find(low);
        near.unwrap_or(end).min((at * 8.0).max(600.0)).max(at * 1.5)
    }
}

fn rising(mut places: Vec<f64>) -> Vec<f64> {
    places.retain(|place| place.is_finite() && *place >= 0.0);
    places.sort_by(f64::total_cmp);
    places.dedup();
    places
}

/// All campaigns of a scenario.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Forecast {
    /// What the site carries already, in pages per second.
    pub baseline: f64,
    /// Each campaign with its numbers in place.
    pub campaigns: Vec<Planned>,
    /// The campaign in whose planned mix a search counts its loads; nothing where it counts in pages.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub counted_in: Option<String>,
}

impl Forecast {
    /// The campaigns of `scenario`.
    pub fn new(scenario: &Scenario) -> Self {
        let pages = scenario.journeys.pages_per_visit();
        Self::new_of(scenario.baseline, &scenario.campaigns, pages)
    }

    /// `campaigns` on a site that carries `baseline` pages per second already, where a visit that a run plays has
    /// `journey_pages` pages.
    pub fn new_of(baseline: Rate, campaigns: &[Campaign], journey_pages: f64) -> Self {
        Self {
            baseline: baseline.get(),
            counted_in: None,
            campaigns: campaigns
                .iter()
                .map(|campaign| Planned::new(campaign, journey_pages))
                .collect(),
        }
    }

    /// The highest load while the campaign at `index` matters: with the others and what the site carries already, in
    /// pages per second. Zero where there is no such campaign.
    pub fn total(&self, index: usize) -> f64 {
        self.campaigns.get(index).map_or(0.0, |campaign| {
            self.others(index).peak_with(&self.streams(campaign)) + self.baseline
        })
    }

    /// The streams of a campaign as it is planned.
    pub fn streams(&self, campaign: &Planned) -> Streams {
        Streams::new(campaign, campaign.variant())
    }

    /// The others beside the campaign at `index`, each with the seconds from its start to theirs.
    pub(super) fn others(&self, index: usize) -> Others {
        let own = self.campaigns.get(index).map_or(0.0, |campaign| campaign.starts);
        let others = self.campaigns.iter().enumerate().filter(|(at, _)| *at != index);
        Others(
            others
                .map(|(_, campaign)| (campaign.starts - own, self.streams(campaign)))
                .collect(),
        )
    }
}

impl Planned {
    /// The send as it is planned.
    pub fn variant(&self) -> Variant {
        Variant {
            audience: self.audience,
            duration: self.duration,
            scanner_share: self.scanner_share,
        }
    }
}

/// What other campaigns bring while one runs.
#[derive(Debug, Clone)]
pub(super) struct Others(Vec<(f64, Streams)>);

impl Others {
    pub(super) fn load(&self, at: f64) -> f64 {
        self.0
            .iter()
            .map(|(starts, streams)| streams.load(at - starts))
            .sum()
    }

    /// The most that they bring from the start until `end` seconds after it.
    pub(super) fn highest(&self, end: f64) -> f64 {
        if self.0.is_empty() {
            return 0.0;
        }
        let mut places: Vec<f64> = (0..=300).map(|step| end * f64::from(step) / 300.0).collect();
        for (starts, streams) in &self.0 {
            places.push(streams.peak().0 + starts);
        }
        places.retain(|place| (0.0..=end).contains(place));
        let places = rising(places);
        numeric::highest(|at| self.load(at), &places).map_or(0.0, |(_, found)| found)
    }

    /// Page views of people and requests of link scanners at `at`, each per second.
    pub(super) fn people_and_scanners(&self, at: f64) -> (f64, f64) {
        let each = self
            .0
            .iter()
            .map(|(starts, streams)| (streams.people(at - starts), streams.scanners(at - starts)));
        each.fold((0.0, 0.0), |sum, one| (sum.0 + one.0, sum.1 + one.1))
    }

    /// The highest load of `own` together with them, in pages per second and without the baseline, while `own` matters.
    pub(super) fn peak_with(&self, own: &Streams) -> f64 {
        self.busiest_with(own).1
    }

    /// When that is, and how high.
    pub(super) fn busiest_with(&self, own: &Streams) -> (f64, f64) {
        let (at, peak) = own.peak();
        if self.0.is_empty() || peak <= 0.0 {
            return (at, peak);
        }
        let end = own.people.settled().max(1.0);
        let mut places = own.places();
        places.extend(numeric::spread(end / 1e4, end * 4.0, 300));
        places.push(at);
        for (starts, streams) in &self.0 {
            places.extend(streams.places().into_iter().map(|place| place + starts));
            places.push(streams.peak().0 + starts);
        }
        let mut places = rising(places);
        places.retain(|place| own.load(*place) >= MATTERS * peak);
        numeric::highest(|at| own.load(at) + self.load(at), &places)
            .filter(|(_, found)| *found >= peak)
            .unwrap_or((at, peak))
    }
}
