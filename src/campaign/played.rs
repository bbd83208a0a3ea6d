//! A campaign as a run plays it: straight lines that follow the curve of its people, and that of its link scanners.

use std::time::Duration;

use super::assume::Planned;
use super::forecast::Streams;
use super::shape::Shape;
use crate::load::{Curve, Piece};
use crate::record::{CampaignLine, ReloadsLine};
use crate::scenario::{PlayedCampaign, Reloads, Stage};
use crate::units::Rate;

/// How long a run goes on after the peak, in seconds, where nothing else is said.
const AFTER_PEAK: f64 = 900.0;
/// `peak_only` plays while the rate is at least this part of the peak …
const NEAR_PEAK: f64 = 0.8;
/// … but no more than this before and after it, in seconds, and no less than that.
const PEAK_SPAN: (f64, f64) = (30.0, 300.0);
/// Lines that follow the curve.
const LINES: u32 = 240;

/// A part of a campaign, ready to be played. Times are seconds after the start of the campaign.
#[derive(Debug, Clone, PartialEq)]
pub struct Played {
    /// Visits of people; the first stage jumps to where they begin.
    pub people: Vec<Stage>,
    /// Page requests of link scanners, which bring their own; nobody where there are none.
    pub scanners: Curve,
    /// What a record says of it.
    pub line: CampaignLine,
}

impl Played {
    /// The part of `campaign` that `part` asks for, with visitors who reload as `reloads` says.
    pub fn new(campaign: &Planned, part: &PlayedCampaign, reloads: Option<&Reloads>) -> Self {
        let people = campaign.people(campaign.duration);
        let streams = Streams::new(campaign, campaign.variant());
        let load = |at: f64| streams.load(at);
        let (from, to) = match (part.until, part.peak_only) {
            (Some(until), _) => (0.0, until.as_secs_f64()),
            // Whoever comes most: the peak of people and scanners together.
            (None, true) => window(&load, streams.peak().0),
            (None, false) => (0.0, people.peak().at + AFTER_PEAK),
        };
        let to = to.min(people.end()).max(from + 1.0);
        let scans = campaign.audience * campaign.scanner_share * campaign.links;
        let scanners = campaign.scanners(campaign.duration);
        let mut pieces = Vec::new();
        let bots: Vec<(f64, f64)> = places(&scanners, from, to)
            .into_iter()
            .map(|at| {
                (
                    at,
                    if scans > 0.0 {
                        scans * scanners.density(at)
                    } else {
                        0.0
                    },
                )
            })
            .collect();
        for pair in bots.windows(2).filter(|_| scans > 0.0) {
            pieces.push(Piece {
                length: Duration::from_secs_f64(pair[1].0 - pair[0].0),
                from: Rate::per_second(pair[0].1),
                to: Rate::per_second(pair[1].1),
            });
        }
        let order = campaign.order;
        let between = |shape: &Shape| shape.share_by(to) - shape.share_by(from);
        let line = CampaignLine {
            name: campaign.name.clone(),
            kind: campaign.kind.to_string(),
            begins_at: from,
            peak_at: people.peak().at,
            ends_at: to,
            visits: streams.total_visits() * between(&people),
            scans: if scans > 0.0 {
                scans * between(&scanners)
            } else {
                0.0
            },
            tracking_params: campaign.tracking.as_str().to_owned(),
            reloads: reloads.map(|reloads| ReloadsLine {
                share: reloads.share.get(),
                after_seconds: reloads.after.as_secs_f64(),
                most: reloads.most,
            }),
            conversion_rate: order.map(|(rate, _)| rate),
            order_value: order.map(|(_, value)| value),
            currency: campaign.currency.clone(),
        };
        Self {
            people: stages(&people, streams.total_visits(), from, to),
            scanners: Curve::new(pieces),
            line,
        }
    }
}

/// Visits of people from `from` to `to`; the first stage jumps to where they begin.
fn stages(people: &Shape, visits: f64, from: f64, to: f64) -> Vec<Stage> {
    let rate = |at: f64| visits * people.density(at);
    let mut stages = vec![Stage {
        duration: Duration::ZERO,
        target: Rate::per_second(rate(from)),
    }];
    for pair in places(people, from, to).windows(2) {
        stages.push(Stage {
            duration: Duration::from_secs_f64(pair[1] - pair[0]),
            target: Rate::per_second(rate(pair[1])),
        });
    }
    stages
}

/// Places between which a straight line follows `shape`, from `from` to `to`.
fn places(shape: &Shape, from: f64, to: f64) -> Vec<f64> {
    let mut places: Vec<f64> = (0..=LINES)
        .map(|line| (from + (to - from) * f64::from(line) / f64::from(LINES)).min(to))
        .collect();
    // A corner needs a place of its own on both sides: a curve may jump there.
    for corner in shape.corners().into_iter().chain([shape.peak().at]) {
        places.extend([corner - 1e-3, corner, corner + 1e-3]);
    }
    places.retain(|place| (from..=to).contains(place));
    places.sort_by(f64::total_cmp);
    places.dedup_by(|a, b| (*a - *b).abs() < 1e-6);
    places
}

/// From where to where the density stays near its peak.
fn window(density: &dyn Fn(f64) -> f64, peak: f64) -> (f64, f64) {
    let low = NEAR_PEAK * density(peak);
    let (least, most) = PEAK_SPAN;
    let reach = |way: f64| {
        let steps = (0..=most as u32).map(f64::from);
        let near = steps.take_while(|step| density(peak + way * step) >= low).last();
        near.unwrap_or(0.0).max(least)
    };
    ((peak - reach(-1.0)).max(0.0), peak + reach(1.0))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::campaign::Forecast;
    use crate::scenario::{LoadPlan, Overrides, Scenario, from_text};
    use crate::units::Offset;

    fn scenario(campaign: &str) -> Scenario {
        let text = format!(
            "version: 1\ntarget: http://localhost\njourney: [ {{ get: / }} ]\ncampaigns: [ {campaign} ]\n"
        );
        let folder = std::path::Path::new("");
        from_text(&text, "a.yaml", folder, &Overrides::default(), &|_| None)
            .unwrap()
            .scenario
    }

    #[test]
    fn what_is_played_brings_as_many_visits_as_what_is_planned() {
        for text in [
            "{ newsletter: { recipients: 180k, send_duration: 10m } }",
            "{ newsletter: { recipients: 5k, send_duration: 0s } }",
            "{ push: { recipients: 50k } }",
            "{ tv_spot: { viewers: 2M } }",
            "{ viral: { visits: 30k } }",
            "{ viral: { visits: 30k, doubling_time: 10m, half_life: 1h } }",
            "{ breaking_news: { visits: 6k } }",
            "{ flash_sale: { audience: 6k, preset: stress } }",
        ] {
            let mut scenario = scenario(text);
            let planned = Forecast::new(&scenario).campaigns.remove(0);
            let part = PlayedCampaign {
                name: planned.name.clone(),
                until: None,
                peak_only: false,
            };
            let played = Played::new(&planned, &part, None);
            scenario.load.set_stages(played.people);
            let LoadPlan { curve, .. } = &scenario.load;
            let end = curve.length().as_secs_f64();
            let people = planned.people(planned.duration);
            let all = planned.audience * planned.response;
            for part in [0.1, 0.3, 0.5, 0.8, 1.0] {
                let at = end * part;
                let (plays, plan) = (
                    curve.integral(Offset::from_secs_f64(at)),
                    all * people.share_by(at),
                );
                assert!(
                    (plays / plan - 1.0).abs() < 0.01,
                    "{text}: {plays} of {plan} by {at} s"
                );
            }
            let peak = all * people.peak().density;
            assert!((curve.peak().get() / peak - 1.0).abs() < 0.01, "{text}");
            assert!((end - (people.peak().at + 900.0)).abs() < 1.0, "{text}: {end}");
        }
    }

    #[test]
    fn link_scanners_are_played_as_they_are_planned_until_their_last_request() {
        let scenario =
            scenario("{ newsletter: { recipients: 180k, send_duration: 10m, links: 8, scanner_share: 1% } }");
        let planned = Forecast::new(&scenario).campaigns.remove(0);
        let part = |until, peak_only| PlayedCampaign {
            name: planned.name.clone(),
            until,
            peak_only,
        };
        let whole = Played::new(&planned, &part(None, false), Some(&Reloads::default()));
        let scans = |played: &Played| played.scanners.pieces().iter().map(Piece::total).sum::<f64>();
        // 180,000 mails, 1 % of them scanned, 8 links each: every link once, within a minute of the last mail.
        assert!((scans(&whole) - 14_400.0).abs() < 15.0, "{}", scans(&whole));
        assert!((whole.line.scans - 14_400.0).abs() < 1e-6);
        assert!((whole.scanners.peak().get() - 24.0).abs() < 0.01);
        let late = whole.scanners.rate_at(Offset::from_secs(661)).get();
        assert!(late < 0.01, "{late}/s after the last mail was scanned");
        assert_eq!(
            (whole.line.begins_at, whole.line.ends_at),
            (0.0, whole.line.peak_at + 900.0)
        );
        assert_eq!(whole.line.reloads.map(|reloads| reloads.most), Some(3));
        // The peak of both together is a window on the plateau of the scanners.
        let peak = Played::new(&planned, &part(None, true), None);
        assert!(peak.line.begins_at > 0.0);
        let length = peak.line.ends_at - peak.line.begins_at;
        assert!((scans(&peak) - peak.line.scans).abs() < 0.01 * peak.line.scans);
        assert!(peak.line.scans > 0.9 * 24.0 * (length - 60.0), "{:?}", peak.line);
        let first = Played::new(&planned, &part(Some(Duration::from_secs(60)), false), None);
        assert!((scans(&first) - 24.0 * 30.0).abs() < 3.0, "{}", scans(&first));
    }

    #[test]
    fn only_the_peak_is_a_few_minutes_around_it() {
        let scenario = scenario("{ viral: { visits: 30k } }");
        let planned = Forecast::new(&scenario).campaigns.remove(0);
        let part = PlayedCampaign {
            name: planned.name.clone(),
            until: None,
            peak_only: true,
        };
        let played = Played::new(&planned, &part, None).people;
        let length: f64 = played.iter().map(|stage| stage.duration.as_secs_f64()).sum();
        assert!((length - 600.0).abs() < 1.0, "{length}");
        assert!(
            played
                .iter()
                .all(|stage| (1.2..1.31).contains(&stage.target.get()))
        );
    }
}
