//! The sites that are searched, with what must be found: the only file that knows where they come from.

use std::time::Duration;

use tipover::load::ArrivalProcess;
use tipover::model::{Played, QueueSite, SiteKind, SiteSpec, play, truth};
use tipover::search::{Kind, Search};
use tipover::units::{Rate, Share};

/// The horizon of the truth, in seconds: how long a load is held that counts as carried.
const HORIZON: u64 = 300;
/// Pages per second of the demo sites.
const CAPACITY: f64 = 400.0;

/// A class of sites.
#[derive(Debug, Clone)]
pub(crate) struct Site {
    /// Its number in the tables.
    pub(crate) number: u8,
    /// Its name in the tables.
    pub(crate) name: String,
    /// The finding that is right.
    pub(crate) right: Kind,
    /// The tipping point, in pages per second; where it has none, the load around which it is searched.
    pub(crate) truth: f64,
    /// The same for holds as long as those of the search, where it differs and is known.
    pub(crate) own_truth: Option<f64>,
    spec: SiteSpec,
}

/// The sites of these numbers, all where there are none.
pub(crate) fn sites(numbers: &[u8], share: Share, _hold: u32) -> Vec<Site> {
    let kinds = [SiteKind::Queue, SiteKind::Timeout, SiteKind::Limit];
    kinds
        .into_iter()
        .zip(1_u8..)
        .filter(|(_, number)| numbers.is_empty() || numbers.contains(number))
        .map(|(kind, number)| {
            let spec = SiteSpec::demo(kind, Rate::per_second(CAPACITY));
            let horizon = Duration::from_secs(HORIZON);
            Site {
                number,
                name: format!("{kind:?}").to_lowercase(),
                right: Kind::Tipped,
                truth: truth(&spec, ArrivalProcess::Poisson, share, horizon).get(),
                own_truth: None,
                spec,
            }
        })
        .collect()
}

impl Site {
    /// Plays `search` against a fresh site: the seeds of its own luck and of the arrivals.
    pub(crate) fn play(&self, search: &mut dyn Search, _luck: u64, arrivals: u64, budget: u32) -> Played {
        let mut site = QueueSite::new(self.spec);
        play(search, &mut site, ArrivalProcess::Poisson, arrivals, budget)
    }
}
