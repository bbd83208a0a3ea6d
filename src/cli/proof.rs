//! `--enough` with thresholds that name a campaign: the loads that follow from its peak.

use std::time::Duration;

use super::exit::Exit;
use super::failure::Failure;
use crate::campaign::Forecast;
use crate::scenario::{AtLoad, Scenario, Subject, Threshold, seconds_to_decide};
use crate::units::Rate;

/// Adds the loads that thresholds ask of campaigns to those that the search proves.
pub(super) fn name_proven_loads(scenario: &mut Scenario) -> Result<(), Failure> {
    let pages = scenario.journeys.pages_per_visit();
    let Some(enough) = &mut scenario.search.enough else {
        return Ok(());
    };
    let answers = Forecast::new_of(scenario.baseline, &scenario.campaigns, pages).answers(None, &[]);
    let total = |name: &str| {
        let answer = answers.iter().find(|answer| answer.campaign.name == name);
        answer.map(|answer| answer.total)
    };
    let (from, to) = (scenario.search.from.get(), scenario.search.to.get());
    for text in &scenario.thresholds {
        let Ok(threshold) = Threshold::parse(text, pages) else {
            continue;
        };
        let load = match (&threshold.subject, &threshold.at) {
            (Subject::Headroom(name), _) if threshold.comparison.asks_for_more() => {
                total(name).map(|total| total * threshold.limit)
            }
            (_, Some(AtLoad::Peak(name))) => total(name),
            _ => None,
        };
        let Some(load) = load.filter(|load| *load > 0.0) else {
            continue;
        };
        let rate = Rate::per_second(load);
        if load > to || load <= from {
            return Err(Failure::stated(
                Exit::Usage,
                format!("`{text}` asks for {rate} pages/s, and the search goes from {from} to {to}"),
            )
            .hint("change `search.from` or `search.to`, or leave them out"));
        }
        enough.loads.push(rate);
    }
    let highest = enough.loads.iter().map(|load| load.get()).fold(0.0, f64::max);
    if highest <= 0.0 {
        return Err(Failure::stated(
            Exit::Usage,
            "`enough` needs a threshold that names a load to prove, and the campaigns bring none",
        )
        .hint("add one, as in `tipping_point >= 25pages/s`"));
    }
    let needed = seconds_to_decide(&scenario.thresholds, pages, highest);
    let hold = needed.min(scenario.search.budget.as_secs_f64()).ceil();
    enough.hold = enough.hold.max(Duration::from_secs_f64(hold));
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::{Overrides, from_text};

    fn loads(thresholds: &str, search: &str) -> Result<Vec<f64>, Failure> {
        let text = format!(
            "version: 1\ntarget: http://localhost\njourney: [ {{ get: / }} ]\nbaseline: 2/s\n\
             campaigns: [ {{ flash_sale: {{ audience: 6k, pages: 1 }} }} ]\nsearch: {{ enough: true{search} }}\nthresholds: {thresholds}\n"
        );
        let folder = std::path::Path::new("");
        let loaded = from_text(&text, "a.yaml", folder, &Overrides::default(), &|_| None);
        let mut scenario = loaded.unwrap_or_else(|problems| panic!("{problems:?}")).scenario;
        name_proven_loads(&mut scenario)?;
        let enough = scenario.search.enough.unwrap();
        Ok(enough.loads.into_iter().map(Rate::get).collect())
    }

    #[test]
    fn headrooms_and_peaks_become_loads() {
        // The peak is 10 pages/s, and the site carries 2 already.
        let found = loads("[ headroom(flash_sale) >= 1.5, p95 < 1s at flash_sale.peak ]", "").unwrap();
        assert!(
            (found[0] - 18.0).abs() < 1e-6 && (found[1] - 12.0).abs() < 1e-6,
            "{found:?}"
        );
        let found = loads("[ tipping_point >= 15/s, headroom(flash_sale) >= 2 ]", "").unwrap();
        assert!(
            (found[0] - 15.0).abs() < 1e-6 && (found[1] - 24.0).abs() < 1e-6,
            "{found:?}"
        );
    }

    #[test]
    fn a_load_beyond_the_search_is_refused() {
        assert!(loads("[ headroom(flash_sale) >= 1.5 ]", ", to: 15pages/s").is_err());
        assert!(
            loads("[ headroom(flash_sale) < 1.5 ]", "").is_err(),
            "nothing to prove"
        );
    }
}
