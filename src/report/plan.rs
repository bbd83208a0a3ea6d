//! The send plan: what campaigns bring, and whether they may go out. As text with a sketch, as JSON, as charts, and as
//! one page for the person who sends.

mod json;
mod page;
mod sentences;
mod sketch;
mod text;
mod write;

use crate::campaign::{Answer, Forecast, Measured};

pub(super) use json::word as verdict_word;
pub use json::{plan_json, plan_schema};
pub(super) use page::badge;
pub(super) use sentences::{
    at_least, conditions, findings, headline, headroom as headroom_in_words, length, peak, rounded_down,
};
pub(super) use sketch::{Layers, layers};
pub use text::plan_text;
pub use write::write_plan;

/// All that the forms of a plan share.
#[derive(Debug, Clone, Copy)]
pub struct PlanView<'a> {
    /// The name of the scenario.
    pub name: &'a str,
    /// Who comes when.
    pub forecast: &'a Forecast,
    /// What that means, campaign by campaign.
    pub answers: &'a [Answer],
    /// What was measured; nothing where no tipping point is known.
    pub measured: Option<Measured>,
}
