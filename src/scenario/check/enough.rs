//! `search.enough` and `search.repeat`: what a search that only proves or refutes needs from the thresholds, and how
//! many searches are pooled.

use std::time::Duration;

use super::fields::{Check, Fields};
use crate::scenario::document::Node;
use crate::scenario::threshold::{AtLoad, Subject, Threshold};
use crate::scenario::{Enough, SearchPlan};
use crate::units::Rate;

/// Searches that are pooled, at most.
const MOST_SEARCHES: u64 = 20;
/// More requests than the arithmetic of a threshold asks for: arrivals are random.
const MARGIN: f64 = 1.1;

impl Check<'_> {
    /// How many searches are pooled.
    pub(super) fn repeat(&mut self, node: &Node) -> Option<u32> {
        let count = self.count(node, "`repeat`")?;
        if count > MOST_SEARCHES {
            self.error(
                node.place,
                format!("{count} searches of one site are too many"),
                format!("write at most `{MOST_SEARCHES}`; three that agree say much already"),
            );
            return None;
        }
        u32::try_from(count).ok()
    }

    /// What `thresholds` ask of a search that stops as soon as they are proven or refuted, where `search` wants one.
    pub(super) fn enough(
        &mut self,
        node: Option<&Node>,
        search: &mut SearchPlan,
        thresholds: &[String],
        pages: f64,
        has_campaigns: bool,
    ) {
        let Some(fields) = node.and_then(|node| self.search_fields(node)) else {
            return;
        };
        let Some(node) = fields.get("enough") else { return };
        if self.truth(node, "`enough`") != Some(true) {
            return;
        }
        if search.repeat > 1 {
            self.error(
                fields.get("repeat").unwrap_or(node).place,
                "`repeat` pools searches for the tipping point; `enough` looks for none",
                "leave one of them out",
            );
        }
        let loads = loads(thresholds, pages);
        let Some(highest) = loads.iter().map(|load| load.get()).max_by(f64::total_cmp) else {
            if has_campaigns && names_a_campaign(thresholds, pages) {
                search.enough = Some(Enough::default());
                return;
            }
            let message = "`enough` needs a threshold that names a load to prove";
            self.error(
                node.place,
                message,
                "add one, as in `thresholds: [ \"tipping_point >= 25pages/s\" ]`; the others are judged at its load",
            );
            return;
        };
        self.has_room(node, &fields, search, highest);
        let needed = seconds_to_decide(thresholds, pages, highest);
        let budget = search.budget.as_secs_f64();
        if needed > budget {
            self.warn(
                node.place,
                format!(
                    "the thresholds cannot be decided within the budget: at {} pages/s they need a hold of {} s",
                    Rate::per_second(highest),
                    needed.ceil()
                ),
                "give it more time with `budget`, or allow a larger share",
            );
        }
        for (text, requests) in too_few(thresholds, pages, highest) {
            self.warn(
                node.place,
                format!(
                    "`{text}` cannot be decided at {} pages/s: it needs {requests} requests",
                    Rate::per_second(highest)
                ),
                format!(
                    "judge over {}s or more, or allow a larger share",
                    (requests / highest).ceil()
                ),
            );
        }
        search.enough = Some(Enough {
            loads,
            hold: Duration::from_secs_f64(needed.min(budget).ceil()),
        });
    }

    /// The load that is to be proven must lie within the bounds of the search.
    fn has_room(&mut self, node: &Node, fields: &Fields<'_>, search: &SearchPlan, highest: f64) {
        let place = |key| fields.get(key).unwrap_or(node).place;
        let wanted = Rate::per_second(highest);
        if highest > search.to.get() {
            self.error(
                place("to"),
                format!("`to` forbids the load that is to be proven: {wanted} pages/s"),
                format!(
                    "write `to: {}pages/s`, or leave it out",
                    Rate::per_second(1.05 * highest)
                ),
            );
        }
        if highest <= search.from.get() {
            self.error(
                place("from"),
                format!("`from` is no lower than the load that is to be proven: {wanted} pages/s"),
                format!(
                    "write `from: {}pages/s`, or leave it out",
                    Rate::per_second(0.1 * highest)
                ),
            );
        }
    }
}

/// The loads that thresholds name, in pages per second: those that a tipping point must not lie below, and those at
/// which something is judged. Peaks of campaigns are put into numbers later, by the forecast.
fn loads(thresholds: &[String], pages: f64) -> Vec<Rate> {
    let load = |text: &String| {
        let threshold = Threshold::parse(text, pages).ok()?;
        match (threshold.subject, threshold.at) {
            (Subject::TippingPoint, _) if threshold.comparison.asks_for_more() => {
                Some(Rate::per_second(threshold.limit))
            }
            (_, Some(AtLoad::Rate(rate))) => Some(rate),
            _ => None,
        }
    };
    thresholds
        .iter()
        .filter_map(load)
        .filter(|load| *load > Rate::ZERO)
        .collect()
}

/// Whether a threshold names a load that follows from a campaign.
fn names_a_campaign(thresholds: &[String], pages: f64) -> bool {
    let named =
        |text: &String| Threshold::parse(text, pages).is_ok_and(|threshold| threshold.campaign().is_some());
    thresholds.iter().any(named)
}

/// How long `rate` must be held so that every threshold can be judged there: over its own time, and with as many
/// requests as it needs.
pub fn seconds_to_decide(thresholds: &[String], pages: f64, rate: f64) -> f64 {
    let needed = |text: &String| {
        let threshold = Threshold::parse(text, pages).ok()?;
        let requests = threshold.requests_needed()?.min(1e9);
        Some(
            threshold
                .over
                .map_or(MARGIN * requests / rate, |over| over.as_secs_f64()),
        )
    };
    thresholds.iter().filter_map(needed).fold(0.0, f64::max)
}

/// Thresholds over a time in which `rate` sends too few requests, with as many as they need.
fn too_few(thresholds: &[String], pages: f64, rate: f64) -> Vec<(&str, f64)> {
    let needed = |text: &'_ String| {
        let threshold = Threshold::parse(text, pages).ok()?;
        let requests = (MARGIN * threshold.requests_needed()?).ceil();
        let offered = rate * threshold.over?.as_secs_f64();
        (offered < requests && requests.is_finite()).then_some(requests)
    };
    thresholds
        .iter()
        .filter_map(|text| Some((text.as_str(), needed(text)?)))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(all: &[&str]) -> Vec<String> {
        all.iter().map(|text| (*text).to_owned()).collect()
    }

    #[test]
    fn only_lower_bounds_of_the_tipping_point_are_loads_to_prove() {
        let all = texts(&[
            "tipping_point >= 25pages/s",
            "tipping_point < 90pages/s",
            "p95 < 1s",
            "tipping_point > 30 pages/s",
        ]);
        let rates: Vec<f64> = loads(&all, 1.0).into_iter().map(Rate::get).collect();
        assert_eq!(rates, [25.0, 30.0]);
        let visits: Vec<f64> = loads(&texts(&["tipping_point >= 10visits/s"]), 3.0)
            .into_iter()
            .map(Rate::get)
            .collect();
        assert_eq!(visits, [30.0]);
    }

    #[test]
    fn a_load_at_which_something_is_judged_is_one_to_prove() {
        let all = texts(&[
            "p95 < 1s at 20pages/s",
            "failures < 1% at newsletter.peak",
            "p99 < 2s",
        ]);
        assert_eq!(loads(&all, 1.0), [Rate::per_second(20.0)]);
        assert!(names_a_campaign(&all, 1.0));
        assert!(!names_a_campaign(&texts(&["p99 < 2s"]), 1.0));
    }

    #[test]
    fn a_time_that_holds_too_few_requests_is_named() {
        let all = texts(&["failures < 1% for 5s", "failures < 1% for 60s", "failures < 1%"]);
        assert_eq!(too_few(&all, 1.0, 30.0), [("failures < 1% for 5s", 330.0)]);
    }

    #[test]
    fn a_hold_lasts_as_long_as_the_other_thresholds_need() {
        let needed = |all: &[&str], rate| seconds_to_decide(&texts(all), 1.0, rate);
        assert_eq!(needed(&["tipping_point >= 25pages/s"], 25.0), 0.0);
        assert_eq!(needed(&["failures < 1% for 90s"], 25.0), 90.0);
        assert!((needed(&["failures < 1%"], 10.0) - 33.0).abs() < 0.1);
        assert!((needed(&["p99 < 2s"], 10.0) - 41.9).abs() < 0.1);
        assert!((needed(&["p99 < 2s at newsletter.peak", "headroom(a) >= 2"], 10.0) - 41.9).abs() < 0.1);
    }
}
