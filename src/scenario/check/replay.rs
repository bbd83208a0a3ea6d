//! `load.replay` and `load.reloads`: a log that is played again, and visitors who reload what failed.

use std::fs::File;

use super::fields::{Check, Fields, Keys};
use crate::scenario::document::{Kind, Node};
use crate::scenario::{Reloads, ReplayPlan};
use crate::units::{Share, Span};

const REPLAY: Keys = Keys {
    known: &["log", "factor", "deny"],
    later: &[],
};
const RELOADS: Keys = Keys {
    known: &["share", "after", "most"],
    later: &[],
};

/// How much faster or slower than it once was a log is played.
const FACTORS: (f64, f64) = (0.001, 10_000.0);
/// More reloads of one page than anybody makes.
const MOST_RELOADS: u32 = 100;

impl Check<'_> {
    /// The log that is played; it is there, and can be opened. What it holds is read when it is played.
    pub(super) fn replay(&mut self, load: &Fields<'_>) -> Option<ReplayPlan> {
        let node = load.get("replay")?;
        for key in ["stages", "campaign"] {
            if let Some(other) = load.get(key) {
                let message = format!("a load is a log that is played again or `{key}`, not both");
                self.error(other.place, message, format!("keep `{key}`, or `replay`"));
            }
        }
        let (log, factor, deny) = match &node.kind {
            Kind::Scalar { .. } => (node, 1.0, Vec::new()),
            _ => {
                let fields = self.fields(node, "`replay`", &REPLAY)?;
                let log = fields.require(self, "log", "add the file, as in `log: access.log`");
                let factor = fields.get("factor").and_then(|node| self.factor(node));
                let deny = fields.get("deny").map(|node| self.denied(node));
                (log?, factor.unwrap_or(1.0), deny.unwrap_or_default())
            }
        };
        let (path, written) = self.path(log, "`replay`")?;
        let opened = File::open(&path).and_then(|file| file.metadata());
        let why = match opened {
            Err(error) => Some(error.to_string()),
            Ok(about) => about.is_dir().then(|| "it is a folder".to_owned()),
        };
        if let Some(why) = why {
            self.error(
                log.place,
                format!("the log cannot be read: {why}"),
                "name an access log that is there, relative to the scenario",
            );
        }
        Some(ReplayPlan {
            log: path,
            written,
            factor,
            deny,
            until: self.until(load),
        })
    }

    fn factor(&mut self, node: &Node) -> Option<f64> {
        let text = self.text(node, "`factor`")?;
        let (low, high) = FACTORS;
        let factor = text.parse::<f64>().ok();
        let factor = factor.filter(|factor| (low..=high).contains(factor));
        if factor.is_none() {
            self.error(
                node.place,
                format!("`factor`: `{text}` is no number from {low} to {high}"),
                "write a bare number: `factor: 2` is twice as fast",
            );
        }
        factor
    }

    fn denied(&mut self, node: &Node) -> Vec<String> {
        let items = self.list(node, "`deny`", "as in `deny: [checkout]`");
        let mut words = Vec::new();
        for item in items {
            let Some(word) = self.text(item, "a word of `deny`") else {
                continue;
            };
            if word.chars().filter(|letter| letter.is_alphanumeric()).count() < 2 {
                self.error(
                    item.place,
                    format!("`{word}` is no word that an address may hold"),
                    "write two letters or more",
                );
            }
            words.push(word);
        }
        words
    }

    /// How visitors reload what failed: as usual for a campaign where nothing is said, and not at all for stages.
    pub(super) fn reloads(&mut self, load: &Fields<'_>) -> Option<Reloads> {
        let Some(node) = load.get("reloads") else {
            return load.get("campaign").map(|_| Reloads::default());
        };
        if load.get("replay").is_some() {
            let hint = "remove it: whoever reloaded is in the log already";
            self.error(node.place, "nobody reloads in a log that is played again", hint);
        }
        if matches!(node.kind, Kind::Scalar { .. }) {
            self.choice(node, "`reloads`", &[("none", ())]);
            return None;
        }
        let fields = self.fields(node, "`reloads`", &RELOADS)?;
        let mut reloads = Reloads::default();
        let share = fields
            .get("share")
            .and_then(|node| self.quantity::<Share>(node, "`share`"));
        reloads.share = share.unwrap_or(reloads.share);
        let after = fields
            .get("after")
            .and_then(|node| self.quantity::<Span>(node, "`after`"));
        reloads.after = after.map_or(reloads.after, Span::duration);
        if let Some(node) = fields.get("most") {
            let text = self.text(node, "`most`").unwrap_or_default();
            match text.parse::<u32>() {
                Ok(most) if (1..=MOST_RELOADS).contains(&most) => reloads.most = most,
                _ => self.error(
                    node.place,
                    format!("`most`: `{text}` is no number from 1 to {MOST_RELOADS}"),
                    "write how often somebody tries again, as in `most: 3`",
                ),
            }
        }
        Some(reloads)
    }
}
