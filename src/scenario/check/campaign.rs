//! `campaigns` and `baseline`: who will come, as it is planned. One campaign is a map with one key, its kind.

mod named;
mod reading;
mod table;

use reading::Reading;

use super::fields::{Check, Keys, listed};
use crate::scenario::campaign::{Campaign, CampaignKind, TrackingParams};
use crate::scenario::document::{Entry, Node};
use crate::scenario::written::{WrittenCampaign, WrittenValue};
use crate::units::Rate;

const KINDS: Keys = Keys {
    known: &[
        "newsletter",
        "push",
        "tv_spot",
        "viral",
        "breaking_news",
        "flash_sale",
        "csv",
    ],
    later: &["replay"],
};

/// The keys that every kind has, behind its own.
macro_rules! keys {
    ($($own:literal),+) => {
        Keys {
            known: &[
                $($own,)+ "name", "starts", "pages", "requests_per_page", "visit_length", "conversion_rate",
                "order_value",
            ],
            later: &[],
        }
    };
}

const NEWSLETTER: Keys = keys!(
    "recipients",
    "click_rate",
    "send_duration",
    "longest_send",
    "links",
    "scanner_share",
    "tracking_params",
    "images",
    "open_rate",
    "click_delay",
    "preset"
);
const PUSH: Keys = keys!(
    "recipients",
    "click_rate",
    "send_duration",
    "longest_send",
    "images",
    "click_delay"
);
const TV_SPOT: Keys = keys!("viewers", "response_rate", "rise", "decay");
const VIRAL: Keys = keys!("visits", "rise", "decay", "doubling_time", "half_life");
const BREAKING_NEWS: Keys = keys!("visits", "rise", "decay");
const FLASH_SALE: Keys = keys!("audience", "coming", "waiting_share", "decay", "preset");
const CSV: Keys = keys!("file", "factor");
const CLICK_DELAY: Keys = Keys {
    known: &["median", "sigma"],
    later: &[],
};

const fn keys_of(kind: CampaignKind) -> &'static Keys {
    match kind {
        CampaignKind::Newsletter => &NEWSLETTER,
        CampaignKind::Push => &PUSH,
        CampaignKind::TvSpot => &TV_SPOT,
        CampaignKind::Viral => &VIRAL,
        CampaignKind::BreakingNews => &BREAKING_NEWS,
        CampaignKind::FlashSale => &FLASH_SALE,
        CampaignKind::Csv => &CSV,
    }
}

/// The keys under which a kind has its audience, and an example.
const AUDIENCES: [(&str, &str); 4] = [
    ("recipients", "180k"),
    ("viewers", "2M"),
    ("visits", "30k"),
    ("audience", "6k"),
];
/// The keys under which a kind has the share that comes.
const RESPONSES: [&str; 3] = ["click_rate", "response_rate", "coming"];

impl Check<'_> {
    /// The campaigns, each with what is written back of it.
    pub(super) fn campaigns(&mut self, node: Option<&Node>) -> (Vec<Campaign>, Vec<WrittenCampaign>) {
        let (mut campaigns, mut written) = (Vec::<Campaign>::new(), Vec::new());
        let Some(node) = node else {
            return (campaigns, written);
        };
        let items = self.list(node, "`campaigns`", "as in `- newsletter: { recipients: 180k }`");
        for item in items {
            let Some((campaign, one)) = self.campaign(item) else {
                continue;
            };
            if campaigns.iter().any(|known| known.name == campaign.name) {
                self.error(
                    item.place,
                    format!("two campaigns are called `{}`", campaign.name),
                    "give one of them another `name`, as in `name: newsletter_2`",
                );
            }
            campaigns.push(campaign);
            written.push(one);
        }
        (campaigns, written)
    }

    /// What the site carries already, in pages per second.
    pub(super) fn baseline(&mut self, node: Option<&Node>, pages: f64) -> Rate {
        node.and_then(|node| self.pages(node, "`baseline`", pages))
            .unwrap_or(Rate::ZERO)
    }

    fn campaign(&mut self, item: &Node) -> Option<(Campaign, WrittenCampaign)> {
        let outer = self.fields(item, "a campaign", &KINDS)?;
        let known: Vec<&Entry> = outer
            .entries()
            .iter()
            .filter(|entry| KINDS.known.contains(&entry.key.as_str()))
            .collect();
        let [entry] = known[..] else {
            if known.len() > 1 || outer.entries().is_empty() {
                self.error(
                    item.place,
                    "a campaign has exactly one kind",
                    format!("write one of {} for each `-`", listed(KINDS.known, "or")),
                );
            }
            return None;
        };
        let kind = CampaignKind::ALL
            .into_iter()
            .find(|kind| kind.as_str() == entry.key)?;
        let fields = self.fields(&entry.value, &format!("`{kind}`"), keys_of(kind))?;
        let mut reading = Reading {
            check: self,
            fields,
            written: Vec::new(),
        };
        let campaign = reading.campaign(kind)?;
        let written = WrittenCampaign::new(kind, reading.written);
        Some((campaign, written))
    }
}

impl<'n> Reading<'_, '_, 'n> {
    fn campaign(&mut self, kind: CampaignKind) -> Option<Campaign> {
        let mut campaign = Campaign {
            name: self.name(kind),
            kind: Some(kind),
            ..Campaign::default()
        };
        campaign.starts = self.span("starts").unwrap_or_default();
        if let Some(node) = self.fields.get("preset") {
            let stress = self.check.choice(node, "`preset`", &[("stress", "stress")]);
            campaign.is_stress = stress.is_some();
            self.keep("preset", stress.unwrap_or_default());
        }
        self.people(kind, &mut campaign);
        self.sending(&mut campaign);
        campaign.rise = self.span("rise");
        campaign.decay = self.length("decay");
        campaign.doubling_time = self.length("doubling_time");
        campaign.half_life = self.length("half_life");
        self.one_shape(&campaign);
        campaign.waiting_share = self.share("waiting_share");
        if kind == CampaignKind::Csv {
            self.table(&mut campaign);
        }
        campaign.pages = self.number("pages", 1.0, 1_000.0);
        campaign.requests_per_page = self.number("requests_per_page", 0.01, 1_000.0);
        campaign.visit_length = self.length("visit_length");
        campaign.conversion_rate = self.share("conversion_rate");
        self.order_value(&mut campaign);
        Some(campaign)
    }

    /// A word that a threshold can name: the kind's own where none is given.
    fn name(&mut self, kind: CampaignKind) -> String {
        let Some(node) = self.fields.get("name") else {
            return kind.to_string();
        };
        let Some(name) = self.check.text(node, "`name`") else {
            return kind.to_string();
        };
        let is_word = (1..=40).contains(&name.len())
            && name.starts_with(|c: char| c.is_ascii_alphabetic())
            && name
                .chars()
                .all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-'));
        if !is_word {
            self.check.error(
                node.place,
                "the name of a campaign is one word of letters, digits, `_` and `-`, at most 40",
                "thresholds use it, as in `headroom(summer_sale) >= 1.5`",
            );
        }
        self.keep("name", &name);
        name
    }

    fn people(&mut self, kind: CampaignKind, campaign: &mut Campaign) {
        for (key, example) in AUDIENCES {
            if !keys_of(kind).known.contains(&key) {
                continue;
            }
            // A front page has a usual size; nobody else's audience is known.
            if kind != CampaignKind::Viral {
                let hint = format!("add how many, as in `{key}: {example}`");
                self.fields.require(self.check, key, &hint);
            }
            campaign.audience = self.count(key);
        }
        for key in RESPONSES {
            if keys_of(kind).known.contains(&key) {
                campaign.response = self.share(key);
            }
        }
    }

    fn sending(&mut self, campaign: &mut Campaign) {
        campaign.send_duration = self.span("send_duration");
        campaign.longest_send = self.length("longest_send");
        if let (Some(longest), Some(node)) = (campaign.longest_send, self.fields.get("longest_send"))
            && campaign.send_duration.is_some_and(|planned| planned > longest)
        {
            self.check.error(
                node.place,
                "the longest send that is allowed is shorter than the planned one",
                "raise `longest_send`, or shorten `send_duration`",
            );
        }
        campaign.links = self.count("links");
        campaign.scanner_share = self.share("scanner_share");
        if let Some(node) = self.fields.get("tracking_params") {
            let words = [TrackingParams::Unique, TrackingParams::Same, TrackingParams::None]
                .map(|params| (params.as_str(), params));
            campaign.tracking_params = self.check.choice(node, "`tracking_params`", &words);
            let word = campaign.tracking_params.map_or("", TrackingParams::as_str);
            self.keep("tracking_params", word);
        }
        campaign.images = self.count("images");
        campaign.open_rate = self.share("open_rate");
        let is_mail = campaign.kind() == CampaignKind::Newsletter;
        if let Some(node) = self
            .fields
            .get("images")
            .filter(|_| is_mail && campaign.open_rate.is_none())
        {
            self.check.error(
                node.place,
                "images are loaded by those who open the mail, and nothing says how many do",
                "add the share, as in `open_rate: 40%`",
            );
        }
        self.click_delay(campaign);
    }

    fn click_delay(&mut self, campaign: &mut Campaign) {
        let Some(node) = self.fields.get("click_delay") else {
            return;
        };
        let Some(fields) = self.check.fields(node, "`click_delay`", &CLICK_DELAY) else {
            return;
        };
        for key in ["median", "sigma"] {
            fields.require(
                self.check,
                key,
                "write both, as in `{ median: 2.95h, sigma: 2.38 }`",
            );
        }
        let mut inner = Reading {
            check: self.check,
            fields,
            written: Vec::new(),
        };
        campaign.click_median = inner.length("median");
        campaign.click_sigma = inner.number("sigma", 0.1, 5.0);
        let texts = inner.written.into_iter().filter_map(|(key, value)| match value {
            WrittenValue::Text(text) => Some((key, text)),
            WrittenValue::Map(_) => None,
        });
        self.written
            .push(("click_delay", WrittenValue::Map(texts.collect())));
    }

    /// A growth has a doubling time and a half-life, a pulse a rise and a decay: never some of each.
    fn one_shape(&mut self, campaign: &Campaign) {
        let grows = [campaign.doubling_time, campaign.half_life];
        let pulses = [campaign.rise, campaign.decay];
        if grows.iter().all(Option::is_none) {
            return;
        }
        let place = self.fields.place;
        if pulses.iter().any(Option::is_some) {
            self.check.error(
                place,
                "`rise` and `decay` are of one curve, `doubling_time` and `half_life` of another",
                "keep one pair",
            );
        } else if grows.iter().any(Option::is_none) {
            self.check.error(
                place,
                "a growth needs both `doubling_time` and `half_life`",
                "add the other, as in `{ doubling_time: 20m, half_life: 3h }`",
            );
        }
    }

    fn order_value(&mut self, campaign: &mut Campaign) {
        let Some(node) = self.fields.get("order_value") else {
            return;
        };
        let Some(text) = self.check.text(node, "`order_value`") else {
            return;
        };
        let end = text
            .find(|c: char| !c.is_ascii_digit() && c != '.')
            .unwrap_or(text.len());
        let (number, currency) = (text[..end].parse::<f64>(), text[end..].trim());
        let is_currency =
            currency.chars().count() <= 3 && !currency.chars().any(|c| c.is_control() || c == '-');
        match number {
            Ok(value) if value.is_finite() && value <= 1e9 && is_currency => {
                campaign.order_value = Some(value);
                campaign.currency = currency.to_owned();
                self.keep("order_value", text.trim());
            }
            _ => self.check.error(
                node.place,
                format!("`{text}` is no value of an order"),
                "write a number and a currency, as in `80 EUR`",
            ),
        }
        if campaign.conversion_rate.is_none() {
            self.check.error(
                node.place,
                "an order has a value, and nothing says how many visits order",
                "add the share, as in `conversion_rate: 2%`",
            );
        }
    }
}
