//! What a run plays beside the stages of a scenario: a campaign with its link scanners, or a log.

use super::arguments::Voice;
use super::exit::Exit;
use super::failure::Failure;
use super::replay::Replay;
use crate::campaign::{Forecast, Played};
use crate::drive::{Script, Tracking};
use crate::record::JourneyShape;
use crate::scenario::{Scenario, Think};

/// What a run plays.
#[derive(Default)]
pub(super) enum Plays {
    /// What a search asks for, or the stages or visitors of the scenario.
    #[default]
    Load,
    /// A campaign with its link scanners.
    Campaign(Box<Played>),
    /// A log.
    Log(Box<Replay>),
}

impl Plays {
    /// What the load of `scenario` asks for; the people of a campaign become its stages.
    ///
    /// # Errors
    /// The log cannot be read, or nothing of it may be played.
    pub(super) fn of(scenario: &mut Scenario, voice: &Voice) -> Result<Self, Failure> {
        let load = &scenario.load;
        if let Some(plan) = &load.replay {
            let replay = Replay::read(plan, scenario.search.seed, voice)?;
            return Ok(Plays::Log(Box::new(replay)));
        }
        let Some(part) = load.campaign.clone() else {
            return Ok(Plays::Load);
        };
        let forecast = Forecast::new(scenario);
        let named = |campaign: &&crate::campaign::Planned| campaign.name == part.name;
        let Some(campaign) = forecast.campaigns.iter().find(named) else {
            return Ok(Plays::Load);
        };
        let mut played = Played::new(campaign, &part, load.reloads.as_ref());
        scenario.load.set_stages(std::mem::take(&mut played.people));
        Ok(Plays::Campaign(Box::new(played)))
    }

    /// What visitors do in `command` and the run `run_id`.
    ///
    /// # Errors
    /// A step that HTTP does not allow, or a campaign without a page for its links.
    pub(super) fn script(&self, command: &str, scenario: &Scenario, run_id: &str) -> Result<Script, Failure> {
        let thinks = command == "run" || scenario.search.think == Think::Real;
        let script = Script::new(scenario, run_id, thinks)
            .map_err(|error| Failure::new(Exit::Usage, &error).hint(error.hint()))?;
        let reloads = scenario.load.reloads;
        match self {
            // In a search nobody reloads: where a site tips is to be its own property.
            Plays::Load if command != "run" => Ok(script),
            Plays::Load => Ok(script.of_campaign(Tracking::None, reloads)),
            Plays::Log(replay) => Ok(script.with_pages(replay.pages(scenario, run_id)?)),
            Plays::Campaign(played) => {
                if played.line.scans > 0.0 && !script.has_links() {
                    return Err(Failure::stated(
                        Exit::Usage,
                        "link scanners open the first page of a visit, and no journey begins with a GET",
                    )
                    .hint(
                        "begin a journey with the page that the mail links to, or write `scanner_share: 0%`",
                    ));
                }
                let tracking = match played.line.tracking_params.as_str() {
                    "unique" => Tracking::Unique,
                    "same" => Tracking::Same(played.line.name.clone()),
                    _ => Tracking::None,
                };
                Ok(script.of_campaign(tracking, reloads))
            }
        }
    }

    /// What a visit is made of; a line of a log is a visit of its own.
    pub(super) fn journey(&self, scenario: &Scenario) -> JourneyShape {
        let or_one = |many: f64| if matches!(self, Plays::Log(_)) { 1.0 } else { many };
        JourneyShape {
            pages_per_visit: or_one(scenario.journeys.pages_per_visit()),
            requests_per_visit: or_one(scenario.journeys.requests_per_visit()),
        }
    }
}
