//! The numbers of each kind of campaign, and the defaults of each.

use std::time::Duration;

use super::{Crowd, Delay, Growth, Notes, Origin, Planned, Pulse, Rush, Shape, Table};
use crate::scenario::{Campaign, CampaignKind, TrackingParams};
use crate::units::{Count, Span};
use crate::words::Source;

/// Clicks of a newsletter: Germany, Inxmail 2021. World 1.9 %, shops of one provider 1.7 %.
const CLICKS: f64 = 0.035;
/// Clicks of a push message: the upper end of 1.8–4.5 %.
const PUSH_CLICKS: f64 = 0.045;
/// Seconds of a send for each mail: 10 min for 100,000.
const SECONDS_PER_MAIL: f64 = 600.0 / 100_000.0;
const LINKS: u64 = 8;
const SCANNERS: f64 = 0.01;
const SCANNERS_STRESS: f64 = 0.10;
const TV_RESPONSE: f64 = 0.0005;
const FRONT_PAGE: u64 = 30_000;
const WAITING_STRESS: f64 = 0.30;
const SALE_DECAY: Duration = Duration::from_secs(600);
/// Within how many seconds of the start those who wait are there.
const WAITING_SECONDS: f64 = 10.0;
const DAY: Duration = Duration::from_secs(86_400);

/// A campaign of its kind; what every kind has is filled in by the caller.
pub(super) fn planned(campaign: &Campaign, notes: &mut Notes) -> Planned {
    let mut planned = Planned {
        name: campaign.name.clone(),
        kind: campaign.kind(),
        starts: campaign.starts.as_secs_f64(),
        audience: campaign.audience.unwrap_or(FRONT_PAGE) as f64,
        response: 1.0,
        duration: 0.0,
        longest: 0.0,
        links: 0.0,
        scanner_share: 0.0,
        knows_scanners: true,
        tracking: TrackingParams::None,
        images: 0.0,
        pages: 1.0,
        requests_per_page: 1.0,
        visit_seconds: 0.0,
        order: None,
        currency: campaign.currency.clone(),
        assumptions: Vec::new(),
        crowd: Crowd::Shaped(Shape::Pulse(Pulse::VIRAL)),
    };
    match planned.kind {
        CampaignKind::Newsletter => newsletter(campaign, &mut planned, notes),
        CampaignKind::Push => push(campaign, &mut planned, notes),
        CampaignKind::TvSpot => tv_spot(campaign, &mut planned, notes),
        CampaignKind::Viral => viral(campaign, &mut planned, notes),
        CampaignKind::BreakingNews => {
            audience("visits", campaign, notes);
            planned.crowd = pulse(
                campaign,
                Pulse::BREAKING_NEWS,
                (Source::NewsShape, Origin::Default),
                notes,
            );
        }
        CampaignKind::FlashSale => flash_sale(campaign, &mut planned, notes),
        CampaignKind::Csv => table(campaign, &mut planned, notes),
    }
    planned
}

fn audience(name: &'static str, campaign: &Campaign, notes: &mut Notes) {
    let given = campaign.audience;
    let (source, origin) = match given {
        Some(_) => (Source::Scenario, Origin::Given),
        None => (Source::FrontPage, Origin::Default),
    };
    let count = Count::new(given.unwrap_or(FRONT_PAGE));
    notes.add(name, count.to_string(), source, origin);
}

fn newsletter(campaign: &Campaign, planned: &mut Planned, notes: &mut Notes) {
    audience("recipients", campaign, notes);
    planned.response = notes.share(
        "click_rate",
        campaign.response,
        CLICKS,
        (Source::ClicksGermany, Origin::Default),
    );
    let usual = Duration::from_secs_f64((planned.audience * SECONDS_PER_MAIL).min(Span::MAX.as_secs_f64()));
    sending(campaign, planned, usual, Source::SendSpeed, notes);
    planned.links = campaign.links.unwrap_or(LINKS) as f64;
    let (source, origin) = known(campaign.links.is_some(), Source::Links, Origin::Default);
    notes.add("links", planned.links.to_string(), source, origin);
    let (share, source) = if campaign.is_stress {
        (SCANNERS_STRESS, Source::Stress)
    } else {
        (SCANNERS, Source::ScannerGuess)
    };
    planned.scanner_share = notes.share(
        "scanner_share",
        campaign.scanner_share,
        share,
        (source, Origin::Extrapolated),
    );
    planned.knows_scanners = campaign.scanner_share.is_some();
    let tracking = campaign.tracking_params;
    let (source, origin) = known(tracking.is_some(), Source::Tracking, Origin::Default);
    planned.tracking = tracking.unwrap_or_default();
    let word = planned.tracking.as_str();
    notes.add("tracking_params", word.to_owned(), source, origin);
    if let (Some(images), Some(opens)) = (campaign.images, campaign.open_rate) {
        notes.add("images", images.to_string(), Source::Scenario, Origin::Given);
        notes.add("open_rate", opens.to_string(), Source::Scenario, Origin::Given);
        planned.images = images as f64 * opens.get();
    }
    let (delay, source) = if campaign.is_stress {
        (Delay::NEWSLETTER_STRESS, Source::Stress)
    } else {
        (Delay::NEWSLETTER, Source::Fitted)
    };
    planned.crowd = click_delay(campaign, delay, source, notes);
}

fn push(campaign: &Campaign, planned: &mut Planned, notes: &mut Notes) {
    audience("recipients", campaign, notes);
    planned.response = notes.share(
        "click_rate",
        campaign.response,
        PUSH_CLICKS,
        (Source::ClicksPush, Origin::Default),
    );
    sending(
        campaign,
        planned,
        Duration::from_secs(60),
        Source::PushSpeed,
        notes,
    );
    if let Some(images) = campaign.images {
        notes.add("images", images.to_string(), Source::Scenario, Origin::Given);
        planned.images = images as f64;
    }
    planned.crowd = click_delay(campaign, Delay::PUSH, Source::PushDelay, notes);
}

const fn known(is_given: bool, source: Source, origin: Origin) -> (Source, Origin) {
    if is_given {
        (Source::Scenario, Origin::Given)
    } else {
        (source, origin)
    }
}

fn sending(campaign: &Campaign, planned: &mut Planned, usual: Duration, source: Source, notes: &mut Notes) {
    planned.duration = notes.seconds(
        "send_duration",
        campaign.send_duration,
        usual,
        (source, Origin::Default),
    );
    let longest = DAY.max(Duration::from_secs_f64(planned.duration));
    planned.longest = notes.seconds(
        "longest_send",
        campaign.longest_send,
        longest,
        (Source::LongestSend, Origin::Default),
    );
}

fn click_delay(campaign: &Campaign, usual: Delay, source: Source, notes: &mut Notes) -> Crowd {
    let delay = match (campaign.click_median, campaign.click_sigma) {
        (Some(median), Some(sigma)) => Delay {
            median: median.as_secs_f64(),
            sigma,
        },
        _ => usual,
    };
    let (source, origin) = known(delay != usual, source, Origin::Extrapolated);
    let median = hours(Duration::from_secs_f64(delay.median));
    let value = format!("median {median}, sigma {}", delay.sigma);
    notes.add("click_delay", value, source, origin);
    Crowd::Sent(delay)
}

/// A delay in the unit in which people speak of it.
fn hours(span: Duration) -> String {
    let seconds = span.as_secs_f64();
    if seconds >= 3_600.0 {
        format!("{}h", (seconds / 36.0).round() / 100.0)
    } else {
        Span::new(span).to_string()
    }
}

fn pulse(campaign: &Campaign, usual: Pulse, source: (Source, Origin), notes: &mut Notes) -> Crowd {
    let span = Duration::from_secs_f64;
    let rise = notes.seconds("rise", campaign.rise, span(usual.rise), source);
    let decay = notes.seconds("decay", campaign.decay, span(usual.decay), source);
    Crowd::Shaped(Shape::Pulse(Pulse { rise, decay }))
}

fn tv_spot(campaign: &Campaign, planned: &mut Planned, notes: &mut Notes) {
    audience("viewers", campaign, notes);
    planned.response = notes.share(
        "response_rate",
        campaign.response,
        TV_RESPONSE,
        (Source::TvResponse, Origin::Default),
    );
    planned.crowd = pulse(
        campaign,
        Pulse::TV_SPOT,
        (Source::TvShape, Origin::Default),
        notes,
    );
}

fn viral(campaign: &Campaign, planned: &mut Planned, notes: &mut Notes) {
    audience("visits", campaign, notes);
    planned.crowd = match (campaign.doubling_time, campaign.half_life) {
        (Some(doubling), Some(half_life)) => {
            for (name, span) in [("doubling_time", doubling), ("half_life", half_life)] {
                let value = Span::new(span).to_string();
                notes.add(name, value, Source::Scenario, Origin::Given);
            }
            Crowd::Shaped(Shape::Growth(Growth {
                doubling: doubling.as_secs_f64(),
                half_life: half_life.as_secs_f64(),
            }))
        }
        _ => pulse(
            campaign,
            Pulse::VIRAL,
            (Source::ViralShape, Origin::Default),
            notes,
        ),
    };
}

fn flash_sale(campaign: &Campaign, planned: &mut Planned, notes: &mut Notes) {
    audience("audience", campaign, notes);
    planned.response = notes.share(
        "coming",
        campaign.response,
        1.0,
        (Source::Everybody, Origin::Default),
    );
    let (waiting, source) = if campaign.is_stress {
        (WAITING_STRESS, Source::Stress)
    } else {
        (0.0, Source::NobodyWaits)
    };
    let waiting = notes.share(
        "waiting_share",
        campaign.waiting_share,
        waiting,
        (source, Origin::Extrapolated),
    );
    let decay = notes.seconds(
        "decay",
        campaign.decay,
        SALE_DECAY,
        (Source::SaleShape, Origin::Extrapolated),
    );
    planned.crowd = Crowd::Shaped(Shape::Rush(Rush {
        waiting,
        within: WAITING_SECONDS,
        decay,
    }));
}

/// The table is what comes: its total is the audience.
fn table(campaign: &Campaign, planned: &mut Planned, notes: &mut Notes) {
    let factor = notes.number("factor", campaign.factor, 1.0, Source::AsMeasured);
    let halves = campaign
        .rows
        .windows(2)
        .map(|pair| (pair[1].0 - pair[0].0) * (pair[0].1 + pair[1].1) / 2.0);
    planned.audience = halves.sum::<f64>() * factor;
    planned.response = 1.0;
    if let Some(table) = Table::new(&campaign.rows) {
        planned.crowd = Crowd::Shaped(Shape::Table(table));
    }
}
