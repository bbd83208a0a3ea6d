//! A random campaign: of any kind, large enough to bring a given load at its peak.

use tipover::campaign::Forecast;
use tipover::model::SiteClass;
use tipover::scenario::{Overrides, Scenario, from_text};

use super::Luck;

/// A campaign, as a scenario has it.
pub(crate) struct Drawn {
    pub(crate) text: String,
    pub(crate) scenario: Scenario,
    pub(crate) forecast: Forecast,
}

impl Drawn {
    /// A campaign for `class` whose busiest moment, baseline included, brings about `peak` pages per second.
    pub(crate) fn new(class: &SiteClass, peak: f64, luck: &mut Luck) -> Self {
        let baseline = peak * 0.3 * luck.part();
        let kind = Kind::drawn(luck);
        let pages = match class.journey {
            1 => 1 + (4.0 * luck.part()) as u16,
            journey => journey,
        };
        // What is sent to more people takes longer and so brings less than its share: a few steps find the audience.
        let mut audience = 100_000.0;
        for _ in 0..40 {
            let drawn = Self::with(class, &kind, pages, baseline, audience);
            let (wanted, found) = (peak - baseline, drawn.forecast.total(0) - baseline);
            if (found / wanted - 1.0).abs() < 0.01 {
                return drawn;
            }
            audience = (audience * wanted / found).clamp(1.0, 1e9).round();
        }
        Self::with(class, &kind, pages, baseline, audience)
    }

    fn with(class: &SiteClass, kind: &Kind, pages: u16, baseline: f64, audience: f64) -> Self {
        let steps = "{ get: / }, ".repeat(usize::from(class.journey));
        let campaign = kind.written(audience, pages);
        let text = format!(
            "version: 1\ntarget: {{ url: \"http://localhost\", stands_for: production }}\njourney: [ {steps} ]\n\
             baseline: {baseline:.6}pages/s\ncampaigns: [ {campaign} ]\n"
        );
        let folder = std::path::Path::new("");
        let loaded = from_text(&text, "drawn.yaml", folder, &Overrides::default(), &|_| None)
            .expect("a drawn campaign makes a scenario");
        Self {
            text: campaign,
            forecast: Forecast::new(&loaded.scenario),
            scenario: loaded.scenario,
        }
    }
}

enum Kind {
    Newsletter {
        minutes: f64,
        clicks: f64,
        scanned: f64,
        links: u32,
    },
    Push {
        seconds: f64,
        clicks: f64,
    },
    TvSpot,
    Viral,
    Growth {
        doubling: f64,
        half_life: f64,
    },
    BreakingNews,
    FlashSale {
        waiting: f64,
        decay: f64,
    },
}

impl Kind {
    fn drawn(luck: &mut Luck) -> Self {
        match (8.0 * luck.part()) as u32 {
            0 | 1 => Kind::Newsletter {
                minutes: luck.between(1.0, 90.0),
                clicks: luck.between(1.0, 8.0),
                scanned: luck.between(0.1, 5.0),
                links: 1 + (12.0 * luck.part()) as u32,
            },
            2 => Kind::Push {
                seconds: luck.between(10.0, 600.0),
                clicks: luck.between(1.8, 4.5),
            },
            3 => Kind::TvSpot,
            4 => Kind::Viral,
            5 => Kind::Growth {
                doubling: luck.between(60.0, 1_200.0),
                half_life: luck.between(300.0, 7_200.0),
            },
            6 => Kind::BreakingNews,
            _ => Kind::FlashSale {
                waiting: if luck.part() < 0.5 {
                    0.0
                } else {
                    30.0 * luck.part()
                },
                decay: luck.between(120.0, 1_200.0),
            },
        }
    }

    fn written(&self, audience: f64, pages: u16) -> String {
        match self {
            Kind::Newsletter {
                minutes,
                clicks,
                scanned,
                links,
            } => format!(
                "{{ newsletter: {{ recipients: {audience}, send_duration: {:.0}s, click_rate: {clicks:.2}%, scanner_share: {scanned:.2}%, links: {links}, pages: {pages} }} }}",
                60.0 * minutes
            ),
            Kind::Push { seconds, clicks } => format!(
                "{{ push: {{ recipients: {audience}, send_duration: {seconds:.0}s, click_rate: {clicks:.2}%, pages: {pages} }} }}"
            ),
            Kind::TvSpot => {
                format!("{{ tv_spot: {{ viewers: {audience}, response_rate: 1%, pages: {pages} }} }}")
            }
            Kind::Viral => format!("{{ viral: {{ visits: {audience}, pages: {pages} }} }}"),
            Kind::Growth { doubling, half_life } => format!(
                "{{ viral: {{ visits: {audience}, doubling_time: {doubling:.0}s, half_life: {half_life:.0}s, pages: {pages} }} }}"
            ),
            Kind::BreakingNews => format!("{{ breaking_news: {{ visits: {audience}, pages: {pages} }} }}"),
            Kind::FlashSale { waiting, decay } => format!(
                "{{ flash_sale: {{ audience: {audience}, waiting_share: {waiting:.1}%, decay: {decay:.0}s, pages: {pages} }} }}"
            ),
        }
    }
}
