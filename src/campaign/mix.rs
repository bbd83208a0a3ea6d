//! What is on a site at the peak of a campaign, all together: the unit in which a search may count its loads.

use super::forecast::Forecast;

/// What the busiest moment of the campaign that brings most is made of.
#[derive(Debug, Clone, PartialEq)]
pub struct Mix {
    /// The name of the campaign.
    pub name: String,
    /// Page views of people per second, what the site carries already included.
    pub people: f64,
    /// Requests of link scanners per second.
    pub scanners: f64,
}

impl Mix {
    /// Both together, in pages per second: one of the unit.
    pub fn load(&self) -> f64 {
        self.people + self.scanners
    }
}

impl Forecast {
    /// The mix of the campaign that brings most; nothing where nobody comes.
    pub fn mix(&self) -> Option<Mix> {
        let largest = (0..self.campaigns.len()).max_by(|a, b| self.total(*a).total_cmp(&self.total(*b)))?;
        let campaign = self.campaigns.get(largest)?;
        let (own, others) = (self.streams(campaign), self.others(largest));
        let (at, _) = others.busiest_with(&own);
        let (people, scanners) = others.people_and_scanners(at);
        let mix = Mix {
            name: campaign.name.clone(),
            people: own.people(at) + people + self.baseline,
            scanners: own.scanners(at) + scanners,
        };
        (mix.load() > 0.0).then_some(mix)
    }

    /// Pages per second of one of the unit in which a search counts, and the name of its campaign; nothing where it
    /// counts in pages.
    pub fn counted_in(&self) -> Option<(&str, f64)> {
        let name = self.counted_in.as_deref()?;
        let index = self.campaigns.iter().position(|campaign| campaign.name == name)?;
        let load = self.total(index);
        (load > 0.0).then_some((name, load))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::{Overrides, from_text};

    fn forecast(campaigns: &str) -> Forecast {
        let text = format!(
            "version: 1\ntarget: http://localhost\njourney: [ {{ get: / }} ]\nbaseline: 3/s\ncampaigns: {campaigns}\n"
        );
        let folder = std::path::Path::new("");
        let loaded = from_text(&text, "a.yaml", folder, &Overrides::default(), &|_| None).unwrap();
        Forecast::new(&loaded.scenario)
    }

    #[test]
    fn the_mix_adds_up_to_the_busiest_moment_of_the_largest_campaign() {
        for campaigns in [
            "[ { newsletter: { recipients: 180k, scanner_share: 1%, pages: 3 } } ]",
            "[ { push: { recipients: 20k } }, { newsletter: { recipients: 180k, pages: 3, starts: 20s } } ]",
            "[ { tv_spot: { viewers: 2M } }, { flash_sale: { audience: 6k, starts: 30s } } ]",
        ] {
            let mut forecast = forecast(campaigns);
            let mix = forecast.mix().unwrap();
            let totals = (0..forecast.campaigns.len()).map(|index| forecast.total(index));
            let largest = totals.fold(0.0, f64::max);
            assert!(
                (mix.load() / largest - 1.0).abs() < 1e-6,
                "{campaigns}: {mix:?}, {largest}"
            );
            forecast.counted_in = Some(mix.name.clone());
            assert!((forecast.counted_in().unwrap().1 / mix.load() - 1.0).abs() < 1e-6);
        }
    }

    #[test]
    fn scanners_are_told_from_people() {
        let mix = forecast("[ { newsletter: { recipients: 180k, send_duration: 10m, links: 8, scanner_share: 1%, pages: 3 } } ]")
            .mix()
            .unwrap();
        // 180,000 mails in 600 s, 1 % of them scanned, 8 links.
        assert!((mix.scanners - 24.0).abs() < 0.1, "{mix:?}");
        assert!(mix.people > 6.0 && mix.people < 7.5, "{mix:?}");
    }
}
