//! A send in batches, as mail services offer it, judged with the burst inside a batch.

use super::capacity::Capacity;
use crate::campaign::forecast::{Streams, Variant};
use crate::campaign::numeric;

/// Seconds from one batch to the next, in the order in which they are tried.
const EVERY: [f64; 2] = [900.0, 300.0];
/// How long a mail service takes for one batch, in seconds: it sends a batch as fast as it can. Assumed.
const BURST: f64 = 60.0;
/// No mail service is told to send more batches than this.
const MOST: u32 = 500;

/// A send in batches.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Batches {
    /// How many.
    pub count: u32,
    /// Mails in each.
    pub size: f64,
    /// Seconds from one to the next.
    pub every: f64,
}

/// The fewest batches of the planned audience that fit; nothing where an allowed send has none.
pub(super) fn batches(capacity: &Capacity<'_>) -> Option<Batches> {
    EVERY.into_iter().find_map(|every| fewest(capacity, every))
}

fn fewest(capacity: &Capacity<'_>, every: f64) -> Option<Batches> {
    let campaign = capacity.campaign;
    let most = (campaign.longest / every).floor().clamp(0.0, f64::from(MOST - 1)) as u32 + 1;
    let fits = |count: u32| crest(capacity, every, count) <= capacity.allowed * (1.0 + 1e-9);
    if !fits(most) {
        return None;
    }
    let (mut low, mut high) = (0, most);
    while high - low > 1 {
        let middle = low + (high - low) / 2;
        if fits(middle) {
            high = middle;
        } else {
            low = middle;
        }
    }
    Some(Batches {
        count: high,
        size: (campaign.audience / f64::from(high)).ceil(),
        every,
    })
}

/// The highest load of `count` batches: in the burst of the last one, on top of those who still follow the earlier
/// ones. Other campaigns count with the most that they bring beside a burst.
fn crest(capacity: &Capacity<'_>, every: f64, count: u32) -> f64 {
    let campaign = capacity.campaign;
    let batch = Variant {
        audience: (campaign.audience / f64::from(count)).ceil(),
        duration: BURST,
        scanner_share: campaign.scanner_share,
    };
    let streams = Streams::new(campaign, batch);
    let load = |at: f64| {
        let batches = 0..count;
        batches
            .map(|before| streams.load(at + every * f64::from(before)))
            .sum::<f64>()
    };
    let (at, _) = streams.peak();
    let (_, own) = numeric::top(load, at.min(BURST), at.max(2.0 * BURST));
    let span = every * f64::from(count - 1) + BURST;
    own + capacity.others.highest(span) + capacity.baseline
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::campaign::{Forecast, Planned};
    use crate::scenario::{Overrides, from_text};

    fn forecast(campaign: &str) -> Forecast {
        let text = format!(
            "version: 1\ntarget: http://localhost\njourney: [ {{ get: / }} ]\nbaseline: 3/s\ncampaigns: [ {campaign} ]\n"
        );
        let folder = std::path::Path::new("");
        let loaded = from_text(&text, "a.yaml", folder, &Overrides::default(), &|_| None).unwrap();
        Forecast::new(&loaded.scenario)
    }

    /// Every second of the whole send, batch by batch.
    fn slow(campaign: &Planned, batches: Batches) -> f64 {
        let batch = Variant {
            audience: batches.size,
            duration: BURST,
            scanner_share: campaign.scanner_share,
        };
        let streams = Streams::new(campaign, batch);
        let seconds = batches.every * f64::from(batches.count) + 600.0;
        let load = |at: f64| -> f64 {
            let starts = (0..batches.count).map(|batch| batches.every * f64::from(batch));
            starts.map(|start| streams.load(at - start)).sum()
        };
        (0..seconds as u32)
            .map(|second| load(f64::from(second)))
            .fold(0.0, f64::max)
    }

    #[test]
    fn no_second_of_a_send_in_batches_is_above_what_is_allowed_and_fewer_batches_would_be() {
        let forecast = forecast("{ newsletter: { recipients: 180k, scanner_share: 1%, pages: 3 } }");
        let (campaign, others) = (&forecast.campaigns[0], forecast.others(0));
        let capacity = Capacity {
            campaign,
            others: &others,
            baseline: 3.0,
            allowed: 24.0,
        };
        let found = batches(&capacity).unwrap();
        assert!(slow(campaign, found) <= 21.001, "{found:?}");
        assert_eq!((found.count, found.every), (13, 900.0), "{found:?}");
        let fewer = Batches {
            count: found.count - 1,
            size: (campaign.audience / f64::from(found.count - 1)).ceil(),
            ..found
        };
        assert!(slow(campaign, fewer) > 21.0, "{fewer:?}");
    }
}
