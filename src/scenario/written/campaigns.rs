//! Campaigns as people write them. What is written back keeps the keys that were given, so that a default stays one;
//! the types of each kind are there for the published schema.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};

use super::plans::SHARE;
use super::{Amount, TIME};
use crate::scenario::campaign::CampaignKind;

/// A campaign: its kind, and the keys that were given.
pub(in crate::scenario) struct WrittenCampaign {
    kind: CampaignKind,
    keys: Keys,
}

/// Keys and their values, in order.
struct Keys(Vec<(&'static str, WrittenValue)>);

/// What stands behind a key.
pub(in crate::scenario) enum WrittenValue {
    /// A value with its unit.
    Text(String),
    /// A map of such values.
    Map(Vec<(&'static str, String)>),
}

impl WrittenCampaign {
    pub(in crate::scenario) fn new(kind: CampaignKind, keys: Vec<(&'static str, WrittenValue)>) -> Self {
        Self {
            kind,
            keys: Keys(keys),
        }
    }
}

impl Serialize for WrittenCampaign {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(1))?;
        map.serialize_entry(self.kind.as_str(), &self.keys)?;
        map.end()
    }
}

impl Serialize for Keys {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(key, value)| (key, value)))
    }
}

impl Serialize for WrittenValue {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            WrittenValue::Text(text) => serializer.serialize_str(text),
            WrittenValue::Map(pairs) => serializer.collect_map(pairs.iter().map(|(key, value)| (key, value))),
        }
    }
}

impl JsonSchema for WrittenCampaign {
    fn schema_name() -> Cow<'static, str> {
        OneCampaign::schema_name()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        OneCampaign::json_schema(generator)
    }
}

/// A campaign: exactly one kind.
#[derive(JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "WrittenCampaign", extend("minProperties" = 1, "maxProperties" = 1))]
#[expect(dead_code, reason = "only its names are read, for the schema")]
struct OneCampaign {
    /// Mails with links; link scanners come with them.
    newsletter: Option<WrittenNewsletter>,
    /// Push messages.
    push: Option<WrittenPush>,
    /// A spot on television or radio.
    tv_spot: Option<WrittenTvSpot>,
    /// A post that spreads, or a front page.
    viral: Option<WrittenViral>,
    /// News that everybody looks up.
    breaking_news: Option<WrittenBreakingNews>,
    /// A sale that starts at a fixed moment.
    flash_sale: Option<WrittenFlashSale>,
    /// A curve from a table.
    csv: Option<WrittenCsv>,
}

/// From the message to the click: log-normal.
#[derive(JsonSchema)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "only its names are read, for the schema")]
struct WrittenClickDelay {
    /// Half of the clicks have come by then: `2.95h`.
    #[schemars(regex(pattern = TIME))]
    median: String,
    /// The standard deviation of the logarithm of the delay.
    #[schemars(extend("type" = ["number", "string"]))]
    sigma: f64,
}

/// The keys of one kind, and those that all kinds have.
macro_rules! kind {
    ($(#[$about:meta])* $name:ident { $($(#[$key_about:meta])* $key:ident: $type:ty,)* }) => {
        $(#[$about])*
        #[derive(JsonSchema)]
        #[serde(deny_unknown_fields)]
        #[expect(dead_code, reason = "only its names are read, for the schema")]
        struct $name {
            $($(#[$key_about])* $key: $type,)*
            /// Its name, for thresholds and reports; that of its kind unless said otherwise.
            #[schemars(length(min = 1, max = 40))]
            name: Option<String>,
            /// When it starts, after the start of the first one: `20m`.
            #[schemars(regex(pattern = TIME))]
            starts: Option<String>,
            /// Page views of a visit; those of the journey, or 3.
            #[schemars(extend("type" = ["number", "string"]))]
            pages: Option<f64>,
            /// Requests that a page view makes to the origin; 1 unless said otherwise.
            #[schemars(extend("type" = ["number", "string"]))]
            requests_per_page: Option<f64>,
            /// How long a visit lasts; 127s unless said otherwise.
            #[schemars(regex(pattern = TIME))]
            visit_length: Option<String>,
            /// The share of visits that order.
            #[schemars(regex(pattern = SHARE))]
            conversion_rate: Option<String>,
            /// What an order is worth: `80 EUR`.
            #[schemars(extend("type" = ["number", "string"]))]
            order_value: Option<String>,
        }
    };
}

kind! {
    /// Mails with links.
    WrittenNewsletter {
        /// How many mails: `180k`.
        recipients: Amount,
        /// The share of recipients that clicks (clicks, not opens); 3.5% unless said otherwise.
        #[schemars(regex(pattern = SHARE))]
        click_rate: Option<String>,
        /// How long the send takes; 10 minutes for every 100,000 mails unless said otherwise.
        #[schemars(regex(pattern = TIME))]
        send_duration: Option<String>,
        /// The longest send that is allowed; 24h unless said otherwise.
        #[schemars(regex(pattern = TIME))]
        longest_send: Option<String>,
        /// Links in a mail; 8 unless said otherwise.
        links: Option<Amount>,
        /// The share of recipients whose mails are opened by a link scanner; 1% unless said otherwise, and that is a guess.
        #[schemars(regex(pattern = SHARE))]
        scanner_share: Option<String>,
        /// What the links carry: `unique` parameters make a cache miss.
        #[schemars(extend("enum" = ["unique", "same", "none"]))]
        tracking_params: Option<String>,
        /// Images in the mail that the site itself serves; none unless said otherwise.
        images: Option<Amount>,
        /// The share of recipients who open the mail and load its images.
        #[schemars(regex(pattern = SHARE))]
        open_rate: Option<String>,
        /// From the mail to the click; median 2.95h and sigma 2.38 unless said otherwise.
        click_delay: Option<WrittenClickDelay>,
        /// `stress`: faster clicks, and more link scanners.
        #[schemars(extend("enum" = ["stress"]))]
        preset: Option<String>,
    }
}

kind! {
    /// Push messages.
    WrittenPush {
        /// How many are delivered: `50k`.
        recipients: Amount,
        /// The share of recipients that clicks; 4.5% unless said otherwise.
        #[schemars(regex(pattern = SHARE))]
        click_rate: Option<String>,
        /// How long the send takes; 1m unless said otherwise.
        #[schemars(regex(pattern = TIME))]
        send_duration: Option<String>,
        /// The longest send that is allowed; 24h unless said otherwise.
        #[schemars(regex(pattern = TIME))]
        longest_send: Option<String>,
        /// Images in a message that the site itself serves; none unless said otherwise.
        images: Option<Amount>,
        /// From the message to the click; median 20m and sigma 2.0 unless said otherwise.
        click_delay: Option<WrittenClickDelay>,
    }
}

kind! {
    /// A spot on television or radio.
    WrittenTvSpot {
        /// How many see it: `2M`.
        viewers: Amount,
        /// The share of viewers that comes; 0.05% unless said otherwise, about 1% with an offer or a QR code.
        #[schemars(regex(pattern = SHARE))]
        response_rate: Option<String>,
        /// The time constant of the rise; 4s unless said otherwise.
        #[schemars(regex(pattern = TIME))]
        rise: Option<String>,
        /// The time constant of the decay; 90s unless said otherwise.
        #[schemars(regex(pattern = TIME))]
        decay: Option<String>,
    }
}

kind! {
    /// A post that spreads, or a front page.
    WrittenViral {
        /// How many visits it brings; 30k unless said otherwise.
        visits: Option<Amount>,
        /// The time constant of the rise; 1h unless said otherwise.
        #[schemars(regex(pattern = TIME))]
        rise: Option<String>,
        /// The time constant of the decay; 4.04h unless said otherwise.
        #[schemars(regex(pattern = TIME))]
        decay: Option<String>,
        /// Instead of a rise: how fast it doubles at first.
        #[schemars(regex(pattern = TIME))]
        doubling_time: Option<String>,
        /// Instead of a decay: how fast it halves after the peak.
        #[schemars(regex(pattern = TIME))]
        half_life: Option<String>,
    }
}

kind! {
    /// News that everybody looks up.
    WrittenBreakingNews {
        /// How many visits it brings: `40k`.
        visits: Amount,
        /// The time constant of the rise; 1m unless said otherwise.
        #[schemars(regex(pattern = TIME))]
        rise: Option<String>,
        /// The time constant of the decay; 7.2m unless said otherwise.
        #[schemars(regex(pattern = TIME))]
        decay: Option<String>,
    }
}

kind! {
    /// A sale that starts at a fixed moment.
    WrittenFlashSale {
        /// How many know of it: `6k`.
        audience: Amount,
        /// The share of them that comes; 100% unless said otherwise.
        #[schemars(regex(pattern = SHARE))]
        coming: Option<String>,
        /// The share of those who come that waits for the start, and is there within 10 s; none unless said otherwise.
        #[schemars(regex(pattern = SHARE))]
        waiting_share: Option<String>,
        /// The time constant with which the others fade; 10m unless said otherwise.
        #[schemars(regex(pattern = TIME))]
        decay: Option<String>,
        /// `stress`: 30% wait for the start.
        #[schemars(extend("enum" = ["stress"]))]
        preset: Option<String>,
    }
}

kind! {
    /// A curve from a table.
    WrittenCsv {
        /// The table, relative to this file: rows of a time and a rate, `time, visits_per_second`.
        file: String,
        /// What its rates are multiplied with; 1 unless said otherwise.
        #[schemars(extend("type" = ["number", "string"]))]
        factor: Option<f64>,
    }
}
