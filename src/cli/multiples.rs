//! `search.unit: campaign`: the scenario of a search whose visitors are the planned mix of a campaign at its peak.

use super::exit::Exit;
use super::failure::Failure;
use crate::campaign::{Forecast, Mix};
use crate::scenario::{Journey, Journeys, Method, Scenario, SearchPlan};
use crate::units::Rate;

/// Where the scenario names no lowest or highest load: these multiples of the campaign.
const RANGE: (f64, f64) = (0.1, 10.0);
/// Weights are whole numbers: those of the journeys grow by this, so that few scanners beside many people are not lost.
const FINER: u32 = 1_000;

/// Adds the link scanners of the mix to the journeys, and gives the search its range.
pub(super) fn count_in_campaign(scenario: &mut Scenario) -> Result<(), Failure> {
    if !scenario.search.counts_campaigns {
        return Ok(());
    }
    let forecast = Forecast::new(scenario);
    let mix = forecast.mix().ok_or_else(|| {
        Failure::stated(Exit::Usage, "`search.unit: campaign`: the campaigns bring nobody")
            .hint("name an audience, as in `newsletter: { recipients: 180k }`")
    })?;
    // What stands at its default is left open.
    let usual = SearchPlan::default();
    if scenario.search.from == usual.from {
        scenario.search.from = Rate::per_second(RANGE.0 * mix.load());
    }
    if scenario.search.to == usual.to {
        scenario.search.to = Rate::per_second(RANGE.1 * mix.load());
    }
    if scenario.search.from >= scenario.search.to {
        return Err(Failure::stated(
            Exit::Usage,
            format!(
                "a search from {} to {} pages/s has no room: your {} brings {}",
                scenario.search.from,
                scenario.search.to,
                mix.name,
                Rate::per_second(mix.load())
            ),
        )
        .hint("leave `from` and `to` out: it then goes from 0.1 to 10 times the campaign"));
    }
    if mix.scanners > 0.0 {
        // The pages of a visit are those of people, also where a campaign does not say how many.
        for (campaign, planned) in scenario.campaigns.iter_mut().zip(&forecast.campaigns) {
            campaign.pages.get_or_insert(planned.pages);
        }
        scenario.journeys = with_scanners(&scenario.journeys, &mix)?;
    }
    Ok(())
}

/// The journeys with one more: a link scanner, which asks for the first page as a client of its own, and for nothing
/// else. Its weight is such that scanners have their planned part of the page views.
fn with_scanners(journeys: &Journeys, mix: &Mix) -> Result<Journeys, Failure> {
    let is_mail_link = |journey: &&Journey| {
        journey
            .steps
            .first()
            .is_some_and(|step| step.method == Method::Get)
    };
    let Some(entry) = journeys.iter().find(is_mail_link) else {
        return Err(Failure::stated(
            Exit::Usage,
            "`search.unit: campaign`: no journey begins with a page that a link scanner could open",
        )
        .hint("begin a journey with `get`, or plan with `scanner_share: 0%`"));
    };
    let finer = |journey: &Journey| Journey {
        weight: journey.weight.saturating_mul(FINER),
        ..journey.clone()
    };
    let mut all: Vec<Journey> = journeys.iter().map(finer).collect();
    let weights: f64 = all.iter().map(|journey| f64::from(journey.weight)).sum();
    // Visits of people are page views ÷ pages of a visit; each visit of a scanner is one page.
    let visits = mix.people / journeys.pages_per_visit();
    let weight = if visits > 0.0 {
        weights * mix.scanners / visits
    } else {
        weights
    };
    let mut scanner = entry.clone();
    scanner.name = Some("link scanners".to_owned());
    scanner.weight = (weight.round() as u32).max(1);
    scanner.steps.truncate(1);
    for step in &mut scanner.steps {
        step.captures.clear();
        step.think = None;
    }
    all.push(scanner);
    Ok(Journeys::new(all))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::{Overrides, from_text};

    fn scenario(more: &str) -> Scenario {
        let text = format!(
            "version: 1\ntarget: http://localhost\njourney: [ {{ get: / }}, {{ get: /a }}, {{ get: /b }} ]\nbaseline: 3pages/s\n\
             campaigns: [ {{ newsletter: {{ recipients: 180k, send_duration: 10m, links: 8, scanner_share: 1%, pages: 3 }} }} ]\n\
             search: {{ unit: campaign{more} }}\n"
        );
        let folder = std::path::Path::new("");
        from_text(&text, "a.yaml", folder, &Overrides::default(), &|_| None)
            .unwrap()
            .scenario
    }

    #[test]
    fn scanners_have_their_planned_part_of_the_page_views() {
        let mut scenario = scenario("");
        let mix = Forecast::new(&scenario).mix().unwrap();
        count_in_campaign(&mut scenario).unwrap();
        let pages = |journey: &Journey| f64::from(journey.weight) * journey.steps.len() as f64;
        let all: f64 = scenario.journeys.iter().map(pages).sum();
        let scanned = pages(scenario.journeys.last().unwrap());
        let planned = mix.scanners / mix.load();
        assert!(
            (scanned / all / planned - 1.0).abs() < 1e-3,
            "{scanned} of {all}, planned {planned}"
        );
        assert!((scenario.search.from.get() / mix.load() - 0.1).abs() < 1e-9);
        assert!((scenario.search.to.get() / mix.load() - 10.0).abs() < 1e-9);
    }

    #[test]
    fn a_range_that_was_given_stays() {
        let mut scenario = scenario(", from: 2pages/s, to: 50pages/s");
        count_in_campaign(&mut scenario).unwrap();
        assert_eq!(
            (scenario.search.from, scenario.search.to),
            (Rate::per_second(2.0), Rate::per_second(50.0))
        );
    }
}
