//! A campaign as somebody plans it: the numbers that were given, after every check. What was not given stays open here;
//! the defaults belong to the forecast.

use std::fmt;
use std::time::Duration;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::units::Share;

/// What kind of campaign it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum CampaignKind {
    /// Mails with links.
    Newsletter,
    /// Push messages.
    Push,
    /// A spot on television or radio.
    TvSpot,
    /// A post that spreads, or a front page.
    Viral,
    /// News that everybody looks up.
    BreakingNews,
    /// A sale that starts at a fixed moment.
    FlashSale,
    /// A curve from a table.
    Csv,
}

impl CampaignKind {
    /// All kinds.
    pub const ALL: [CampaignKind; 7] = [
        CampaignKind::Newsletter,
        CampaignKind::Push,
        CampaignKind::TvSpot,
        CampaignKind::Viral,
        CampaignKind::BreakingNews,
        CampaignKind::FlashSale,
        CampaignKind::Csv,
    ];

    /// Its key in a scenario.
    pub const fn as_str(self) -> &'static str {
        match self {
            CampaignKind::Newsletter => "newsletter",
            CampaignKind::Push => "push",
            CampaignKind::TvSpot => "tv_spot",
            CampaignKind::Viral => "viral",
            CampaignKind::BreakingNews => "breaking_news",
            CampaignKind::FlashSale => "flash_sale",
            CampaignKind::Csv => "csv",
        }
    }

    /// Whether it is sent to recipients, faster or slower.
    pub const fn is_sent(self) -> bool {
        matches!(self, CampaignKind::Newsletter | CampaignKind::Push)
    }
}

impl fmt::Display for CampaignKind {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

/// What tracking parameters in the links of a mail mean for a cache.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TrackingParams {
    /// Each link is another address: a cache that looks at the query string misses.
    #[default]
    Unique,
    /// The same for everybody.
    Same,
    /// None.
    None,
}

impl TrackingParams {
    /// Its word in a scenario.
    pub const fn as_str(self) -> &'static str {
        match self {
            TrackingParams::Unique => "unique",
            TrackingParams::Same => "same",
            TrackingParams::None => "none",
        }
    }
}

/// A campaign of a scenario. Every number is there only where it was given, but for the audience of those that have no
/// default.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Campaign {
    /// Its name: that of its kind where none was given. Unique within a scenario.
    pub name: String,
    /// What it is; a newsletter where nothing says otherwise.
    pub kind: Option<CampaignKind>,
    /// When it starts, after the start of the first one.
    pub starts: Duration,
    /// Whether the stress preset replaces the defaults.
    pub is_stress: bool,
    /// Recipients, viewers, visits, or people who are told: at least one.
    pub audience: Option<u64>,
    /// The share of the audience that comes: clicks, answers, shoppers.
    pub response: Option<Share>,
    /// How long the send takes.
    pub send_duration: Option<Duration>,
    /// The longest send that is allowed.
    pub longest_send: Option<Duration>,
    /// From the message to the click: half of the clicks have come by then.
    pub click_median: Option<Duration>,
    /// The standard deviation of the logarithm of that delay, 0.1 to 5.
    pub click_sigma: Option<f64>,
    /// Links in a mail.
    pub links: Option<u64>,
    /// The share of recipients whose mails are scanned.
    pub scanner_share: Option<Share>,
    /// What its links carry.
    pub tracking_params: Option<TrackingParams>,
    /// Images of a mail, or of a push message, that the site itself serves.
    pub images: Option<u64>,
    /// The share of recipients who open the mail and load its images.
    pub open_rate: Option<Share>,
    /// The time constant of the rise.
    pub rise: Option<Duration>,
    /// The time constant of the decay.
    pub decay: Option<Duration>,
    /// The doubling time of the growth.
    pub doubling_time: Option<Duration>,
    /// The half-life after the peak of the growth.
    pub half_life: Option<Duration>,
    /// The share that waits for the start.
    pub waiting_share: Option<Share>,
    /// The rows of a table: seconds and visits per second; times rise, and somebody comes.
    pub rows: Vec<(f64, f64)>,
    /// What the rows are multiplied with.
    pub factor: Option<f64>,
    /// Page views of a visit.
    pub pages: Option<f64>,
    /// Requests that a page view makes to the origin.
    pub requests_per_page: Option<f64>,
    /// How long a visit lasts.
    pub visit_length: Option<Duration>,
    /// The share of visits that order.
    pub conversion_rate: Option<Share>,
    /// What an order is worth.
    pub order_value: Option<f64>,
    /// In which currency; empty where none was given.
    pub currency: String,
}

impl Campaign {
    /// What it is.
    pub fn kind(&self) -> CampaignKind {
        self.kind.unwrap_or(CampaignKind::Newsletter)
    }
}
