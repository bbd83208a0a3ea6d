//! What a campaign says, and what is assumed where it says nothing: every number with its source.

mod kinds;

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::shape::{Delay, Growth, Pulse, Rush, Scanners, Sending, Shape, Table};
use crate::scenario::{Campaign, CampaignKind, TrackingParams};
use crate::units::{Share, Span};
use crate::words::Source;

/// Within how many seconds link scanners open the links of a mail. Reported: about a minute.
pub(super) const SCAN_SECONDS: f64 = 60.0;
/// Page views of a visit where neither the campaign nor a journey of several steps says so.
const PAGES: f64 = 3.0;
/// How long a visit lasts: the retail median, quartiles 75 and 210 s.
const VISIT_SECONDS: u64 = 127;

/// How well a number is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// The scenario gives it.
    Given,
    /// It is usual, by a source.
    Default,
    /// It continues what a source says, or nobody has published it.
    Extrapolated,
}

/// A number that a forecast rests on.
#[derive(Debug, Clone, PartialEq)]
pub struct Assumption {
    /// Its key in a scenario.
    pub name: &'static str,
    /// As a scenario writes it.
    pub value: String,
    /// Where it comes from.
    pub source: Source,
    /// How well it is known.
    pub origin: Origin,
}

/// A campaign with every number in place. A record keeps all but what it rests on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Planned {
    /// Its name.
    pub name: String,
    /// What it is.
    pub kind: CampaignKind,
    /// When it starts, in seconds.
    pub starts: f64,
    /// Recipients, viewers, visits, or people who are told.
    pub audience: f64,
    /// Visits each of them makes, on average.
    pub response: f64,
    /// How long the send takes, in seconds; zero for what is not sent.
    pub duration: f64,
    /// The longest send that is allowed, in seconds.
    pub longest: f64,
    /// Links of a mail that scanners open; zero where there are none.
    pub links: f64,
    /// The share of mails that is scanned.
    pub scanner_share: f64,
    /// Whether that share was given.
    pub knows_scanners: bool,
    /// What its links carry; none where it has no links.
    pub tracking: TrackingParams,
    /// Image requests for each of the audience.
    pub images: f64,
    /// Page views of a visit.
    pub pages: f64,
    /// Requests of a page view.
    pub requests_per_page: f64,
    /// How long a visit lasts, in seconds.
    pub visit_seconds: f64,
    /// The share of visits that order, and what an order is worth.
    pub order: Option<(f64, f64)>,
    /// In which currency.
    pub currency: String,
    /// What it rests on, in the order of the scenario's keys.
    #[serde(skip)]
    pub assumptions: Vec<Assumption>,
    crowd: Crowd,
}

/// How people come, whatever the send takes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Crowd {
    /// After mails or pushes.
    Sent(Delay),
    /// In a shape of its own.
    Shaped(Shape),
}

impl Planned {
    /// `campaign` with its open numbers filled; `journey_pages` are the page views of a visit that a run plays.
    pub fn new(campaign: &Campaign, journey_pages: f64) -> Self {
        let mut notes = Notes::default();
        let mut planned = kinds::planned(campaign, &mut notes);
        planned.pages = match campaign.pages {
            None if journey_pages > 1.0 => {
                notes.add("pages", journey_pages.to_string(), Source::Journey, Origin::Given);
                journey_pages
            }
            given => notes.number("pages", given, PAGES, Source::PagesUsual),
        };
        planned.requests_per_page = notes.number(
            "requests_per_page",
            campaign.requests_per_page,
            1.0,
            Source::OnePerPage,
        );
        planned.visit_seconds = notes.seconds(
            "visit_length",
            campaign.visit_length,
            Duration::from_secs(VISIT_SECONDS),
            (Source::VisitLength, Origin::Default),
        );
        if let Some(rate) = campaign.conversion_rate {
            notes.add(
                "conversion_rate",
                rate.to_string(),
                Source::Scenario,
                Origin::Given,
            );
            if let Some(value) = campaign.order_value {
                let written = format!("{value} {}", campaign.currency);
                notes.add(
                    "order_value",
                    written.trim().to_owned(),
                    Source::Scenario,
                    Origin::Given,
                );
                planned.order = Some((rate.get(), value));
            }
        }
        planned.assumptions = notes.0;
        planned
    }

    /// How people come where the send takes `duration` seconds.
    pub fn people(&self, duration: f64) -> Shape {
        match &self.crowd {
            Crowd::Sent(delay) => Shape::Sending(Sending {
                delay: *delay,
                duration,
            }),
            Crowd::Shaped(shape) => shape.clone(),
        }
    }

    /// How link scanners come where the send takes `duration` seconds.
    pub fn scanners(&self, duration: f64) -> Shape {
        Shape::Scanners(Scanners {
            duration,
            within: SCAN_SECONDS,
        })
    }

    /// Whether link scanners come with it.
    pub fn is_scanned(&self) -> bool {
        self.links > 0.0
    }
}

/// The assumptions, while they are made.
#[derive(Debug, Default)]
struct Notes(Vec<Assumption>);

impl Notes {
    fn add(&mut self, name: &'static str, value: String, source: Source, origin: Origin) {
        self.0.push(Assumption {
            name,
            value,
            source,
            origin,
        });
    }

    fn share(
        &mut self,
        name: &'static str,
        given: Option<Share>,
        otherwise: f64,
        (source, origin): (Source, Origin),
    ) -> f64 {
        let (share, source, origin) = match given {
            Some(share) => (share, Source::Scenario, Origin::Given),
            None => (Share::new(otherwise), source, origin),
        };
        self.add(name, share.to_string(), source, origin);
        share.get()
    }

    fn seconds(
        &mut self,
        name: &'static str,
        given: Option<Duration>,
        otherwise: Duration,
        (source, origin): (Source, Origin),
    ) -> f64 {
        let (span, source, origin) = match given {
            Some(span) => (span, Source::Scenario, Origin::Given),
            None => (otherwise, source, origin),
        };
        self.add(name, Span::new(span).to_string(), source, origin);
        span.as_secs_f64()
    }

    fn number(&mut self, name: &'static str, given: Option<f64>, otherwise: f64, source: Source) -> f64 {
        let (number, source, origin) = match given {
            Some(number) => (number, Source::Scenario, Origin::Given),
            None => (otherwise, source, Origin::Default),
        };
        self.add(name, number.to_string(), source, origin);
        number
    }
}
