//! Campaigns that loads and thresholds name.

use crate::scenario::campaign::Campaign;
use crate::scenario::check::fields::{Check, listed};
use crate::scenario::document::{Kind, Node};

/// The campaign that was probably meant by `name`, as a hint.
pub(in crate::scenario::check) fn campaign_hint(name: &str, campaigns: &[Campaign]) -> String {
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
    /// A threshold about a campaign names one that is there. Without any, the campaign of another scenario may be meant.
    pub(in crate::scenario::check) fn thresholds_of_campaigns(
        &mut self,
        node: Option<&Node>,
        campaigns: &[Campaign],
    ) {
        let Some(Kind::List(items)) = node.map(|node| &node.kind) else {
            return;
        };
        for item in items.iter().filter(|_| !campaigns.is_empty()) {
            let Kind::Scalar { text, .. } = &item.kind else {
                continue;
            };
            let named = text.split_whitespace().find_map(|word| {
                let headroom = word
                    .strip_prefix("headroom(")
                    .and_then(|rest| rest.strip_suffix(')'));
                headroom.or_else(|| word.strip_suffix(".peak"))
            });
            if let Some(name) = named.filter(|name| campaigns.iter().all(|known| known.name != *name)) {
                let hint = campaign_hint(name, campaigns);
                self.error(
                    item.place,
                    format!("threshold: there is no campaign `{name}`"),
                    hint,
                );
            }
        }
    }
}
