//! The curve of a campaign as stages that a run plays: straight lines that follow it.

use std::time::Duration;

use super::assume::Planned;
use crate::scenario::{PlayedCampaign, Stage};
use crate::units::Rate;

/// How long a run goes on after the peak, in seconds, where nothing else is said.
const AFTER_PEAK: f64 = 900.0;
/// `peak_only` plays while the rate is at least this part of the peak …
const NEAR_PEAK: f64 = 0.8;
/// … but no more than this before and after it, in seconds, and no less than that.
const PEAK_SPAN: (f64, f64) = (30.0, 300.0);
/// Lines that follow the curve.
const LINES: u32 = 240;

/// The stages of the part of `campaign` that `part` asks for: visits of people. The first one jumps to where it begins.
pub fn stages(campaign: &Planned, part: &PlayedCampaign) -> Vec<Stage> {
    let people = campaign.people(campaign.duration);
    let visits = campaign.audience * campaign.response;
    let rate = |at: f64| visits * people.density(at);
    let peak = people.peak();
    let (from, to) = match (part.until, part.peak_only) {
        (Some(until), _) => (0.0, until.as_secs_f64()),
        (None, true) => window(&|at| people.density(at), peak.at),
        (None, false) => (0.0, peak.at + AFTER_PEAK),
    };
    let to = to.min(people.end()).max(from + 1.0);
    let mut places: Vec<f64> = (0..=LINES)
        .map(|line| (from + (to - from) * f64::from(line) / f64::from(LINES)).min(to))
        .collect();
    // A corner needs a place of its own on both sides: a curve may jump there.
    for corner in people.corners().into_iter().chain([peak.at]) {
        places.extend([corner - 1e-3, corner, corner + 1e-3]);
    }
    places.retain(|place| (from..=to).contains(place));
    places.sort_by(f64::total_cmp);
    places.dedup_by(|a, b| (*a - *b).abs() < 1e-6);
    let mut stages = vec![Stage {
        duration: Duration::ZERO,
        target: Rate::per_second(rate(from)),
    }];
    for pair in places.windows(2) {
        stages.push(Stage {
            duration: Duration::from_secs_f64(pair[1] - pair[0]),
            target: Rate::per_second(rate(pair[1])),
        });
    }
    stages
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
            scenario.load.set_stages(stages(&planned, &part));
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
    fn only_the_peak_is_a_few_minutes_around_it() {
        let scenario = scenario("{ viral: { visits: 30k } }");
        let planned = Forecast::new(&scenario).campaigns.remove(0);
        let part = PlayedCampaign {
            name: planned.name.clone(),
            until: None,
            peak_only: true,
        };
        let played = stages(&planned, &part);
        let length: f64 = played.iter().map(|stage| stage.duration.as_secs_f64()).sum();
        assert!((length - 600.0).abs() < 1.0, "{length}");
        assert!(
            played
                .iter()
                .all(|stage| (1.2..1.31).contains(&stage.target.get()))
        );
    }
}
