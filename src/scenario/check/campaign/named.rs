//! Campaigns that loads and thresholds name.

use std::time::Duration;

use crate::scenario::PlayedCampaign;
use crate::scenario::campaign::Campaign;
use crate::scenario::check::fields::{Check, Fields, listed};
use crate::scenario::document::Place;
use crate::units::Span;

/// The campaign that was probably meant by `name`, as a hint.
fn campaign_hint(name: &str, campaigns: &[Campaign]) -> String {
    let close = campaigns
        .iter()
        .map(|campaign| campaign.name.as_str())
        .find(|known| strsim::damerau_levenshtein(known, name) <= known.len().max(3) / 3);
    match close {
        Some(known) => format!("did you mean `{known}`?"),
        None if campaigns.is_empty() => {
            "add it, as in `campaigns: [ { newsletter: { recipients: 180k } } ]`".to_owned()
        }
        None => {
            let names: Vec<&str> = campaigns.iter().map(|campaign| campaign.name.as_str()).collect();
            format!("the campaigns are {}", listed(&names, "and"))
        }
    }
}

impl Check<'_> {
    /// Thresholds about a campaign name one that is there. Without any, the campaign of another scenario may be meant.
    pub(in crate::scenario::check) fn thresholds_of_campaigns(
        &mut self,
        named: &[(String, Place)],
        campaigns: &[Campaign],
    ) {
        for (name, place) in named.iter().filter(|_| !campaigns.is_empty()) {
            if campaigns.iter().all(|known| known.name != *name) {
                let hint = campaign_hint(name, campaigns);
                self.error(*place, format!("threshold: there is no campaign `{name}`"), hint);
            }
        }
    }

    /// How much is played.
    pub(in crate::scenario::check) fn until(&mut self, fields: &Fields<'_>) -> Option<Duration> {
        let node = fields.get("until")?;
        let span: Span = self.quantity(node, "`until`")?;
        if span.duration().is_zero() {
            self.error(node.place, "`until`: nothing would be played", "write `40m`");
        }
        Some(span.duration())
    }

    /// The campaign that is played, and how much of it.
    pub(in crate::scenario::check) fn played(
        &mut self,
        fields: &Fields<'_>,
        campaigns: &[Campaign],
    ) -> Option<PlayedCampaign> {
        let node = fields.get("campaign");
        for key in ["until", "peak_only"] {
            let has_replay = key == "until" && fields.get("replay").is_some();
            if let (None, Some(node), false) = (node, fields.get(key), has_replay) {
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
        let until = self.until(fields);
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
}
