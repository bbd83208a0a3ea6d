//! `load`: what `run` plays.

use std::time::Duration;

use super::fields::{Check, Keys};
use crate::load::{ArrivalProcess, Crowd, CrowdPiece, Curve};
use crate::scenario::document::Node;
use crate::scenario::{Campaign, LoadPlan, Stage};
use crate::units::{Count, Rate, Span, WrittenRate};

const LOAD: Keys = Keys {
    known: &[
        "arrivals",
        "stages",
        "campaign",
        "replay",
        "until",
        "peak_only",
        "reloads",
    ],
    later: &["csv"],
};
const STAGE: Keys = Keys {
    known: &["duration", "target", "visitors"],
    later: &["name"],
};

/// Visitors at the same time: as many as an address has ports.
const MOST_VISITORS: u64 = 65_535;

impl Check<'_> {
    /// The load; an empty one where none was written.
    pub(super) fn load(
        &mut self,
        node: Option<&Node>,
        pages: f64,
        campaigns: &[Campaign],
    ) -> Option<LoadPlan> {
        let mut plan = LoadPlan {
            arrivals: ArrivalProcess::default(),
            stages: Vec::new(),
            curve: Curve::default(),
            crowd: Crowd::default(),
            campaign: None,
            replay: None,
            reloads: None,
        };
        let Some(node) = node else { return Some(plan) };
        let fields = self.fields(node, "`load`", &LOAD)?;
        if let Some(node) = fields.get("arrivals") {
            let words = [
                ("poisson", ArrivalProcess::Poisson),
                ("even", ArrivalProcess::Even),
            ];
            plan.arrivals = self.choice(node, "`arrivals`", &words).unwrap_or_default();
        }
        if let Some(node) = fields.get("stages") {
            match self.levels(node, pages) {
                Levels::Rates(stages) => plan.set_stages(stages),
                Levels::Visitors(stages) => {
                    plan.crowd = crowd_of(&stages);
                    self.warn_of_arrivals(fields.get("arrivals"));
                }
            }
        }
        plan.campaign = self.played(&fields, campaigns);
        plan.replay = self.replay(&fields);
        plan.reloads = self.reloads(&fields);
        Some(plan)
    }

    /// The stages, each of which names a rate, or each of which names visitors.
    fn levels(&mut self, node: &Node, pages: f64) -> Levels {
        let items = self.list(node, "`stages`", "as in `- { duration: 2m, target: 50visits/s }`");
        let mut rates = Vec::new();
        let mut visitors = Vec::new();
        for item in items {
            let Some(fields) = self.fields(item, "a stage", &STAGE) else {
                continue;
            };
            let duration = fields
                .require(self, "duration", "add how long it takes, as in `duration: 2m`")
                .and_then(|node| self.quantity::<Span>(node, "`duration`"));
            match (fields.get("target"), fields.get("visitors")) {
                (Some(_), Some(both)) => self.error(
                    both.place,
                    "a stage has a rate or visitors, not both",
                    "remove `target` or `visitors`",
                ),
                (None, Some(node)) => {
                    let count = self.visitors(node);
                    visitors.extend(duration.map(Span::duration).zip(count));
                }
                _ => {
                    let target = fields
                        .require(
                            self,
                            "target",
                            "add the rate at its end, as in `target: 50visits/s`",
                        )
                        .and_then(|node| self.visits(node, pages));
                    rates.extend(duration.zip(target).map(|(duration, target)| Stage {
                        duration: duration.duration(),
                        target,
                    }));
                }
            }
        }
        if !rates.is_empty() && !visitors.is_empty() {
            self.error(
                node.place,
                "some stages have rates and some have visitors",
                "a load is open (rates) or closed (visitors): write two scenarios",
            );
        } else if rates.len() + visitors.len() == items.len() {
            let rate_levels = rates
                .iter()
                .map(|stage| (stage.duration, stage.target == Rate::ZERO));
            let visitor_levels = visitors.iter().map(|(duration, count)| (*duration, *count == 0));
            self.sense_of(
                node,
                items,
                &rate_levels.chain(visitor_levels).collect::<Vec<_>>(),
            );
        }
        if visitors.is_empty() {
            Levels::Rates(rates)
        } else {
            Levels::Visitors(visitors)
        }
    }

    /// What stages mean together; each is a duration, and whether it brings nobody.
    fn sense_of(&mut self, node: &Node, items: &[Node], stages: &[(Duration, bool)]) {
        let total: Duration = stages.iter().map(|(duration, _)| *duration).sum();
        if !stages.is_empty() && total.is_zero() {
            self.error(
                node.place,
                "the stages take no time at all",
                "a stage of `0s` jumps to its target; the next one holds it: `- { duration: 5m, target: 50visits/s }`",
            );
        } else if total > Span::MAX.duration() {
            self.error(
                node.place,
                "the stages take longer than a year",
                "write shorter ones",
            );
        } else if !stages.is_empty() && stages.iter().all(|(_, is_nobody)| *is_nobody) {
            self.error(
                node.place,
                "the stages bring nobody: every target is zero",
                "write at least one rate, as in `50visits/s`",
            );
        } else if let (Some((last, _)), [_, .., item]) = (stages.last(), items)
            && last.is_zero()
        {
            self.warn(
                item.place,
                "a jump at the end of the load plays nothing",
                "remove it, or give it a duration",
            );
        }
    }

    fn visitors(&mut self, node: &Node) -> Option<u64> {
        let count = self.quantity::<Count>(node, "`visitors`")?.get();
        if count > MOST_VISITORS {
            self.error(
                node.place,
                format!("{count} visitors at the same time are more than one machine keeps"),
                format!("write at most {MOST_VISITORS}"),
            );
            return None;
        }
        Some(count)
    }

    /// In a closed model nobody arrives.
    fn warn_of_arrivals(&mut self, node: Option<&Node>) {
        if let Some(node) = node {
            self.warn(
                node.place,
                "`arrivals` means nothing where stages have `visitors`",
                "remove it: a visitor starts anew when its visit ends",
            );
        }
    }

    /// A rate in visits per second, where a visit has `pages` pages.
    pub(super) fn visits(&mut self, node: &Node, pages: f64) -> Option<Rate> {
        let written: WrittenRate = self.quantity(node, "`target`")?;
        match written.visits_per_second(pages) {
            Ok(rate) => Some(rate),
            Err(error) => {
                self.unit_error(node.place, "`target`", &error);
                None
            }
        }
    }

    /// A rate in pages per second, where a visit has `pages` pages.
    pub(super) fn pages(&mut self, node: &Node, what: &str, pages: f64) -> Option<Rate> {
        let written: WrittenRate = self.quantity(node, what)?;
        match written.pages_per_second(pages) {
            Ok(rate) => Some(rate),
            Err(error) => {
                self.unit_error(node.place, what, &error);
                None
            }
        }
    }
}

/// The stages of a load: open or closed.
enum Levels {
    Rates(Vec<Stage>),
    Visitors(Vec<(Duration, u64)>),
}

/// Straight lines from count to count, from nobody on.
fn crowd_of(stages: &[(Duration, u64)]) -> Crowd {
    let mut before = 0.0;
    Crowd::new(stages.iter().map(|(length, count)| {
        let from = std::mem::replace(&mut before, *count as f64);
        CrowdPiece {
            length: *length,
            from,
            to: before,
        }
    }))
}
