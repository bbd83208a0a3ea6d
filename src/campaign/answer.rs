//! What a tipping point means for a campaign: headroom, verdict, the largest send, the fastest safe one. Every promise
//! is made from the low end of the tipping interval.

mod batches;
mod capacity;
mod measured;
mod pace;
mod risk;
mod threshold;

pub use batches::Batches;
pub use measured::{Unusable, failed_at_first, measured_by};
pub use risk::AtRisk;
pub use threshold::headroom_verdict;

use super::assume::Planned;
use super::forecast::{Forecast, Streams};
use crate::scenario::{CampaignKind, StandsFor};
use capacity::Capacity;

/// The safety factor where no threshold names a headroom.
pub const SAFETY: f64 = 1.5;
/// Shares of scanned mails that are looked at beside the planned one: none, and the range until it is calibrated.
const SHARES: [f64; 5] = [0.0, 0.004, 0.01, 0.05, 0.10];

/// Where a site tips, in page views per second.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TippingPoint {
    /// The low end: what is promised from.
    pub low: f64,
    /// The middle; nothing where the site did not tip up to `low`.
    pub mid: Option<f64>,
    /// The high end.
    pub high: Option<f64>,
}

/// What a measured site stands for, and what is asked of it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Measured {
    /// Where it tips.
    pub tipping_point: TippingPoint,
    /// What the site stands for.
    pub stands_for: Option<StandsFor>,
    /// The lowest load that failed at first and was carried later, in pages per second: the site grew or warmed up
    /// meanwhile.
    pub failed_at_first: Option<f64>,
}

/// May the campaign go out?
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// As planned.
    Go,
    /// If it is sent more slowly.
    Throttle,
    /// Not at any allowed speed.
    NoGo,
    /// As planned, if a condition holds that nobody has measured.
    Conditional,
}

/// What a verdict rests on that nobody has measured.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Condition {
    /// No more than this share of the mails may be scanned.
    Scanners(f64),
    /// Production must carry as much as what stands for it.
    Production(StandsFor),
    /// The site must have grown and be warm before the start: at first it failed at this load, which comes too quickly
    /// for it.
    Grown(f64),
}

/// The highest load of a campaign, by itself.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Busiest {
    /// Seconds after its start.
    pub at: f64,
    /// Visits that start in a second.
    pub visits: f64,
    /// Page views per second of people.
    pub page_views: f64,
    /// Requests per second: of people, of link scanners, and for images of the mail.
    pub requests: f64,
    /// Page views per second of people and link scanners: what is held against a tipping point.
    pub load: f64,
    /// Visitors who are on the site at once, at most.
    pub visitors: f64,
}

/// A number for the low end, the middle and the high end of a tipping interval.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Interval {
    /// For the low end.
    pub low: f64,
    /// For the middle.
    pub mid: Option<f64>,
    /// For the high end.
    pub high: Option<f64>,
}

/// What another share of scanned mails would mean.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct AtShare {
    /// The share.
    pub share: f64,
    /// The largest send in the planned time.
    pub largest: f64,
    /// The headroom of the planned send.
    pub headroom: f64,
}

/// What a tipping point means for a campaign.
#[derive(Debug, Clone, PartialEq)]
pub struct Decision {
    /// The safety factor that is asked for.
    pub safety: f64,
    /// How often the peak fits into the tipping point.
    pub headroom: Interval,
    /// May it go out?
    pub verdict: Verdict,
    /// If what holds.
    pub conditions: Vec<Condition>,
    /// The share of scanned mails at which the headroom is just what is asked for; nothing where no share is.
    pub break_even: Option<f64>,
    /// The largest audience in the planned time.
    pub largest: f64,
    /// The shortest send that keeps the headroom, in seconds; nothing where no allowed one does.
    pub shortest: Option<f64>,
    /// Mails a minute of that send; nothing where all may go at once.
    pub per_minute: Option<f64>,
    /// Mails a minute that are safe however many there are.
    pub endless_per_minute: Option<f64>,
    /// The same send in batches.
    pub batches: Option<Batches>,
    /// Other shares of scanned mails.
    pub scanner_range: Vec<AtShare>,
    /// What would be lost if it went out as planned.
    pub at_risk: AtRisk,
}

/// A campaign and what is known of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Answer {
    /// The campaign.
    pub campaign: Planned,
    /// Its highest load.
    pub peak: Busiest,
    /// The highest load with everything that comes at the same time, in pages per second: what a headroom is counted
    /// against.
    pub total: f64,
    /// What a tipping point means for it; nothing where none is known.
    pub decision: Option<Decision>,
}

/// The factor of `headroom(name) >= 1.5` among `thresholds`, or [`SAFETY`].
pub fn safety(thresholds: &[String], name: &str) -> f64 {
    threshold::largest_asked(thresholds, name).unwrap_or(SAFETY)
}

impl Forecast {
    /// An answer for each campaign; `thresholds` may ask for a headroom.
    pub fn answers(&self, measured: Option<Measured>, thresholds: &[String]) -> Vec<Answer> {
        let each = self.campaigns.iter().enumerate();
        each.map(|(index, campaign)| Answer {
            campaign: campaign.clone(),
            peak: busiest(campaign, &self.streams(campaign)),
            total: self.total(index),
            decision: measured.map(|measured| {
                let safety = safety(thresholds, &campaign.name);
                decide(self, index, campaign, measured, safety)
            }),
        })
        .collect()
    }

    /// The largest audience of the campaign at `index` over send durations from a minute to the longest that is
    /// allowed, where everything together may bring `allowed` page views per second: pairs of seconds and audience.
    pub fn largest_sends(&self, index: usize, allowed: f64, scanner_share: f64) -> Vec<(f64, f64)> {
        let Some(campaign) = self.campaigns.get(index) else {
            return Vec::new();
        };
        let others = self.others(index);
        let capacity = Capacity {
            campaign,
            others: &others,
            baseline: self.baseline,
            allowed,
        };
        let largest = |duration: f64| {
            capacity.largest(super::Variant {
                audience: campaign.audience,
                duration,
                scanner_share,
            })
        };
        let shortest = 60.0_f64.min(campaign.duration.max(1.0));
        let longest = campaign.longest.max(shortest * 10.0);
        super::numeric::spread(shortest, longest, 61)
            .map(|duration| (duration, largest(duration)))
            .collect()
    }
}

/// The peak of a campaign by itself.
fn busiest(campaign: &Planned, streams: &Streams) -> Busiest {
    let (at, load) = streams.peak();
    let people = campaign.people(campaign.duration);
    let images = campaign.images * campaign.audience * people.density(at);
    // Who came within the length of a visit is still there: Little's law where the rate is steady, and never more
    // than all of them where it is not.
    let stay = campaign.visit_seconds;
    let crest = people.peak().at;
    let there = |at: f64| streams.visits_by(at) - streams.visits_by(at - stay);
    let (_, visitors) = super::numeric::top(there, crest, crest + stay);
    Busiest {
        at,
        visits: streams.visits(at),
        page_views: streams.people(at),
        requests: streams.people(at) * campaign.requests_per_page + streams.scanners(at) + images,
        load,
        visitors,
    }
}

fn decide(
    forecast: &Forecast,
    index: usize,
    campaign: &Planned,
    measured: Measured,
    safety: f64,
) -> Decision {
    let tip = measured.tipping_point;
    let others = forecast.others(index);
    let capacity = Capacity {
        campaign,
        others: &others,
        baseline: forecast.baseline,
        allowed: tip.low / safety,
    };
    let planned = campaign.variant();
    let total = capacity.total(planned);
    let over = |tip: f64| if total > 0.0 { tip / total } else { f64::INFINITY };
    let headroom = Interval {
        low: over(tip.low),
        mid: tip.mid.map(over),
        high: tip.high.map(over),
    };
    let is_sent = campaign.kind.is_sent();
    let shortest = is_sent.then(|| capacity.shortest()).flatten();
    let is_safe = headroom.low >= safety * (1.0 - 1e-9);
    let break_even = campaign.is_scanned().then(|| capacity.break_even()).flatten();
    let mut conditions = conditions(&capacity, measured, (is_safe, shortest, break_even));
    let verdict = match (is_safe, shortest) {
        (true, _) if conditions.is_empty() => Verdict::Go,
        (true, _) => Verdict::Conditional,
        (false, Some(_)) => Verdict::Throttle,
        (false, None) => Verdict::NoGo,
    };
    if verdict == Verdict::NoGo {
        conditions.clear();
    }
    Decision {
        safety,
        headroom,
        verdict,
        conditions,
        break_even,
        largest: capacity.largest(planned),
        shortest,
        per_minute: shortest
            .filter(|seconds| *seconds > 0.0)
            .map(|seconds| 60.0 * campaign.audience / seconds),
        endless_per_minute: is_sent.then(|| capacity.endless_per_minute()),
        batches: is_sent.then(|| batches::batches(&capacity)).flatten(),
        scanner_range: scanner_range(&capacity, tip.low),
        at_risk: risk::at_risk(forecast, index, tip.low),
    }
}

/// What the verdict rests on: a send as planned where that `is_safe`, the `shortest` safe one elsewhere.
fn conditions(
    capacity: &Capacity<'_>,
    measured: Measured,
    (is_safe, shortest, break_even): (bool, Option<f64>, Option<f64>),
) -> Vec<Condition> {
    let campaign = capacity.campaign;
    let mut conditions = Vec::new();
    if campaign.is_scanned() && !campaign.knows_scanners {
        conditions.extend(
            if is_safe {
                break_even
            } else {
                shortest.map(|_| campaign.scanner_share)
            }
            .map(Condition::Scanners),
        );
    }
    if let Some(stands_for @ (StandsFor::Staging | StandsFor::Copy)) = measured.stands_for {
        conditions.push(Condition::Production(stands_for));
    }
    if let Some(rate) = measured.failed_at_first {
        let planned = campaign.variant();
        let slower = shortest.filter(|_| !is_safe);
        let duration = slower.unwrap_or(planned.duration);
        let streams = Streams::new(campaign, super::Variant { duration, ..planned });
        let load = |at: f64| streams.load(at) + capacity.others.load(at) + capacity.baseline;
        if pace::comes_quickly(load, streams.peak().0, rate) {
            conditions.push(Condition::Grown(rate));
        }
    }
    conditions
}

fn scanner_range(capacity: &Capacity<'_>, tip: f64) -> Vec<AtShare> {
    let campaign = capacity.campaign;
    if campaign.kind != CampaignKind::Newsletter {
        return Vec::new();
    }
    let mut shares = SHARES.to_vec();
    shares.push(campaign.scanner_share);
    shares.sort_by(f64::total_cmp);
    shares.dedup_by(|a, b| (*a - *b).abs() < 1e-9);
    let at = |share: f64| {
        let variant = super::Variant {
            scanner_share: share,
            ..campaign.variant()
        };
        let total = capacity.total(variant);
        AtShare {
            share,
            largest: capacity.largest(variant),
            headroom: if total > 0.0 { tip / total } else { f64::INFINITY },
        }
    };
    shares.into_iter().map(at).collect()
}
