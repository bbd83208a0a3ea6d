//! `load`: what `run` plays.

use std::time::Duration;

use super::campaign::campaign_hint;
use super::fields::{Check, Fields, Keys};
use crate::load::{ArrivalProcess, Curve};
use crate::scenario::document::Node;
use crate::scenario::{Campaign, LoadPlan, PlayedCampaign, Stage};
use crate::units::{Rate, Span, WrittenRate};

const LOAD: Keys = Keys {
    known: &["arrivals", "stages", "campaign", "until", "peak_only"],
    later: &["replay", "visitors", "csv"],
};
const STAGE: Keys = Keys {
    known: &["duration", "target"],
    later: &["name"],
};

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
            campaign: None,
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
            plan.set_stages(self.stages(node, pages));
        }
        plan.campaign = self.played(&fields, campaigns);
        Some(plan)
    }

    /// The campaign that is played, and how much of it.
    fn played(&mut self, fields: &Fields<'_>, campaigns: &[Campaign]) -> Option<PlayedCampaign> {
        let node = fields.get("campaign");
        for key in ["until", "peak_only"] {
            if let (None, Some(node)) = (node, fields.get(key)) {
                let message = format!("`{key}` says how much of a campaign is played, and there is none");
                self.error(node.place, message, "add `campaign: newsletter`, or remove it");
            }
        }
        let node = node?;
        let name = self.text(node, "`campaign`")?;
        if !campaigns.iter().any(|campaign| campaign.name == name) {
            let hint = campaign_hint(&name, campaigns);
            self.error(node.place, format!("there is no campaign `{name}`"), hint);
        }
        if let Some(stages) = fields.get("stages") {
            let hint = "keep `stages`, or `campaign`";
            self.error(stages.place, "a load is a campaign or stages, not both", hint);
        }
        let until = fields.get("until").and_then(|node| {
            let span: Span = self.quantity(node, "`until`")?;
            if span.duration().is_zero() {
                self.error(node.place, "`until`: nothing would be played", "write `40m`");
            }
            Some(span.duration())
        });
        let peak_only = fields
            .get("peak_only")
            .and_then(|node| self.truth(node, "`peak_only`"))
            .unwrap_or(false);
        if let (true, Some(node)) = (peak_only && until.is_some(), fields.get("until")) {
            let hint = "keep `until`, or `peak_only`";
            self.error(node.place, "`peak_only` says already how much is played", hint);
        }
        Some(PlayedCampaign {
            name,
            until,
            peak_only,
        })
    }

    fn stages(&mut self, node: &Node, pages: f64) -> Vec<Stage> {
        let items = self.list(node, "`stages`", "as in `- { duration: 2m, target: 50visits/s }`");
        let mut stages = Vec::new();
        for item in items {
            let Some(fields) = self.fields(item, "a stage", &STAGE) else {
                continue;
            };
            let duration = fields
                .require(self, "duration", "add how long it takes, as in `duration: 2m`")
                .and_then(|node| self.quantity::<Span>(node, "`duration`"));
            let target = fields
                .require(
                    self,
                    "target",
                    "add the rate at its end, as in `target: 50visits/s`",
                )
                .and_then(|node| self.visits(node, pages));
            if let (Some(duration), Some(target)) = (duration, target) {
                stages.push(Stage {
                    duration: duration.duration(),
                    target,
                });
            }
        }
        if stages.len() < items.len() {
            return stages;
        }
        let total: Duration = stages.iter().map(|stage| stage.duration).sum();
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
        } else if !stages.is_empty() && stages.iter().all(|stage| stage.target == Rate::ZERO) {
            self.error(
                node.place,
                "the stages bring nobody: every target is zero",
                "write at least one rate, as in `50visits/s`",
            );
        } else if let (Some(last), [_, .., item]) = (stages.last(), items)
            && last.duration.is_zero()
        {
            self.warn(
                item.place,
                "a jump at the end of the load plays nothing",
                "remove it, or give it a duration",
            );
        }
        stages
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
