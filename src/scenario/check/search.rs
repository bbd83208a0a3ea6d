//! `search`: how `find` looks for the tipping point.

use std::collections::BTreeSet;

use super::fields::{Check, Fields, Keys, listed};
use crate::record::Class;
use crate::scenario::document::{Kind, Node};
use crate::scenario::{Caps, FailureSet, Profile, SearchPlan, Think};
use crate::units::{Count, Rate, Share, Span};

const SEARCH: Keys = Keys {
    known: &[
        "from", "to", "unit", "profile", "failure", "share", "budget", "think", "seed", "caps", "enough",
        "repeat",
    ],
    later: &["confidence"],
};
const CAPS: Keys = Keys {
    known: &["requests", "failed", "seconds_above"],
    later: &[],
};

impl Check<'_> {
    /// The keys of `search`.
    pub(super) fn search_fields<'n>(&mut self, node: &'n Node) -> Option<Fields<'n>> {
        self.fields(node, "`search`", &SEARCH)
    }

    /// The search, defaults filled in.
    pub(super) fn search(
        &mut self,
        node: Option<&Node>,
        pages: f64,
        has_campaigns: bool,
    ) -> Option<SearchPlan> {
        let mut plan = SearchPlan::default();
        let Some(node) = node else { return Some(plan) };
        let fields = self.search_fields(node)?;
        self.range(&fields, &mut plan, pages);
        if let Some(node) = fields.get("unit") {
            let words = [("pages", false), ("campaign", true)];
            plan.counts_campaigns = self.choice(node, "`unit`", &words).unwrap_or_default();
            if plan.counts_campaigns && !has_campaigns {
                self.error(
                    node.place,
                    "`unit`: there is no campaign to count in",
                    "add who will come, as in `campaigns: [ { newsletter: { recipients: 180k } } ]`",
                );
            }
        }
        if let Some(node) = fields.get("profile") {
            let words = [
                ("quick", Profile::Quick),
                ("standard", Profile::Standard),
                ("long", Profile::Long),
                ("demo", Profile::Demo),
            ];
            plan.profile = self.choice(node, "`profile`", &words).unwrap_or_default();
        }
        if let Some(node) = fields.get("failure") {
            plan.failure = self.failure(node).unwrap_or_default();
        }
        if let Some(share) = fields
            .get("share")
            .and_then(|node| self.limit_share(node, "`share`"))
        {
            plan.share = share;
        }
        if let Some(node) = fields.get("budget")
            && let Some(span) = self.quantity::<Span>(node, "`budget`")
        {
            if span.duration().is_zero() {
                self.error(node.place, "`budget`: a search needs time", "write `10m`");
            }
            plan.budget = span.duration();
        }
        if let Some(node) = fields.get("think") {
            let words = [("none", Think::None), ("real", Think::Real)];
            plan.think = self.choice(node, "`think`", &words).unwrap_or_default();
        }
        if let Some(node) = fields.get("seed") {
            plan.seed = self.seed(node).unwrap_or(plan.seed);
        }
        if let Some(node) = fields.get("caps") {
            plan.caps = self.caps(node);
        }
        if let Some(node) = fields.get("repeat") {
            plan.repeat = self.repeat(node).unwrap_or(plan.repeat);
        }
        Some(plan)
    }

    /// `from` and `to`: above zero, and with room between them.
    fn range(&mut self, fields: &Fields<'_>, plan: &mut SearchPlan, pages: f64) {
        for (key, slot) in [("from", &mut plan.from), ("to", &mut plan.to)] {
            let Some(node) = fields.get(key) else { continue };
            let what = format!("`{key}`");
            if let Some(rate) = self.pages(node, &what, pages) {
                if rate == Rate::ZERO {
                    let message = format!("{what}: a search cannot use a load of zero");
                    self.error(node.place, message, "write a rate above zero, as in `1pages/s`");
                } else {
                    *slot = rate;
                }
            }
        }
        if plan.from >= plan.to {
            let place = fields
                .get("to")
                .or(fields.get("from"))
                .map_or(fields.place, |node| node.place);
            self.error(
                place,
                format!("a search from {} to {} pages/s has no room", plan.from, plan.to),
                "`to` is above `from`; without them it goes from 1 to 10,000 pages/s",
            );
        }
    }

    /// A share that can be passed and can be kept: above 0 % and below 100 %.
    pub(super) fn limit_share(&mut self, node: &Node, what: &str) -> Option<Share> {
        let share: Share = self.quantity(node, what)?;
        if share.get() > 0.0 && share.get() < 1.0 {
            return Some(share);
        }
        let (message, hint) = if share.get() <= 0.0 {
            (
                "no number of requests proves that none fails",
                "write the share that is too much, as in `1%`",
            )
        } else {
            ("more than all cannot fail", "write a share below `100%`")
        };
        self.error(node.place, format!("{what}: {message}"), hint);
        None
    }

    fn seed(&mut self, node: &Node) -> Option<u64> {
        let text = self.text(node, "`seed`")?;
        let seed = text.parse().ok();
        if seed.is_none() {
            let message = format!("`{text}` is no seed");
            self.error(node.place, message, "write a whole number, as in `seed: 7`");
        }
        seed
    }

    fn caps(&mut self, node: &Node) -> Caps {
        let mut caps = Caps::default();
        let Some(fields) = self.fields(node, "`caps`", &CAPS) else {
            return caps;
        };
        if let Some(count) = fields
            .get("requests")
            .and_then(|node| self.count(node, "`requests`"))
        {
            caps.requests = count;
        }
        if let Some(count) = fields.get("failed").and_then(|node| self.count(node, "`failed`")) {
            caps.failed = count;
        }
        if let Some(node) = fields.get("seconds_above") {
            match self.count(node, "`seconds_above`").map(u32::try_from) {
                Some(Ok(seconds)) => caps.seconds_above = seconds,
                Some(Err(_)) => {
                    self.error(node.place, "`seconds_above` is too long", "write at most `86400`")
                }
                None => {}
            }
        }
        caps
    }

    /// How many, at least one.
    pub(super) fn count(&mut self, node: &Node, what: &str) -> Option<u64> {
        let count: Count = self.quantity(node, what)?;
        if count.get() == 0 {
            self.error(
                node.place,
                format!("{what}: none at all is too few"),
                "write at least `1`",
            );
            return None;
        }
        Some(count.get())
    }

    fn failure(&mut self, node: &Node) -> Option<FailureSet> {
        if let Kind::List(_) = node.kind {
            let mut classes = BTreeSet::new();
            for item in self.list(node, "`failure`", "as in `[502, 504, refused]`") {
                let Some(text) = self.text(item, "a class") else {
                    continue;
                };
                match text.parse::<Class>() {
                    Ok(class @ (Class::Status(400..) | Class::FailedCheck)) => _ = classes.insert(class),
                    Ok(class) if class.is_transport() => _ = classes.insert(class),
                    Ok(class) => {
                        self.error(
                            item.place,
                            format!("`{class}` is no failure"),
                            "write statuses from 400 on",
                        );
                    }
                    Err(_) => {
                        let words: Vec<&'static str> = Class::words().collect();
                        let hint = match super::fields::nearest(&text, &words) {
                            Some(word) => format!("did you mean `{word}`?"),
                            None => format!("write a status, as in `502`, or {}", listed(&words, "or")),
                        };
                        self.error(item.place, format!("`{text}` is no class of answers"), hint);
                    }
                }
            }
            return (!classes.is_empty()).then_some(FailureSet::Classes(classes));
        }
        if node.entries().is_some() {
            self.error(
                node.place,
                "`failure` is a word or a list of classes",
                "write `gateway`, `any_5xx` or `[502, 504, refused]`",
            );
            return None;
        }
        let text = self.text(node, "`failure`")?;
        match text.as_str() {
            "gateway" => Some(FailureSet::Gateway),
            "any_5xx" => Some(FailureSet::Any5xx),
            word if word.parse::<Class>().is_ok() => {
                self.error(
                    node.place,
                    format!("`{word}` is a class"),
                    format!("write a list: `failure: [{word}]`"),
                );
                None
            }
            word => {
                self.error(
                    node.place,
                    format!("`{word}` is no value of `failure`"),
                    "write `gateway`, `any_5xx` or a list of classes, as in `[502, 504, refused]`",
                );
                None
            }
        }
    }
}
