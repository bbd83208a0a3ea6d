//! The sites that are searched, with what must be found: the only file that knows where they come from.

use std::time::Duration;

use tipover::load::ArrivalProcess;
use tipover::model::{Expected, Played, Question, SiteClass, classes, play};
use tipover::search::{Kind, Search};
use tipover::units::Share;

use super::options::Parity;
use crate::truth::{self, LONG_RUN};

/// A class of sites.
#[derive(Debug, Clone)]
pub(crate) struct Site {
    /// The finding that is right.
    pub(crate) right: Kind,
    /// The tipping point, in pages per second; where it has none, the load around which it is searched.
    pub(crate) truth: f64,
    /// The same for holds as long as those of the search, where it differs and is known.
    pub(crate) own_truth: Option<f64>,
    class: SiteClass,
}

/// The sites of these numbers. All where there are none, but for those that nothing may be tuned with where the seeds
/// are the ones to tune with; a class that fails by itself more often than `share` is left out.
pub(crate) fn sites(numbers: &[u8], parity: Parity, share: Share, hold: u32) -> Result<Vec<Site>, String> {
    let is_wanted = |class: &SiteClass| {
        if numbers.is_empty() {
            !(class.held_out && parity == Parity::Even)
        } else {
            numbers.contains(&class.number)
        }
    };
    let mut sites = Vec::new();
    for class in classes().into_iter().filter(is_wanted) {
        let known = |seconds: u64| {
            let question = Question {
                process: ArrivalProcess::Poisson,
                share,
                horizon: Duration::from_secs(seconds),
            };
            truth::truth(&class, &question).map(|entry| entry.rate)
        };
        let truth = match class.expected {
            Expected::Tips if !class.has_tipping_point(share) => continue,
            Expected::Tips => known(LONG_RUN).ok_or_else(|| {
                let (number, name) = (class.number, class.name);
                format!("no truth of class {number} {name} at {share}: cargo bench --bench truth -- {number}")
            })?,
            Expected::Blocked | Expected::AlreadyFailing | Expected::Unsteady => class.spec.capacity().get(),
        };
        sites.push(Site {
            right: right(class.expected),
            truth,
            own_truth: known(u64::from(hold)),
            class,
        });
    }
    sites.sort_by_key(Site::number);
    Ok(sites)
}

fn right(expected: Expected) -> Kind {
    match expected {
        Expected::Tips => Kind::Tipped,
        Expected::Blocked => Kind::Blocked,
        Expected::AlreadyFailing => Kind::AlreadyFailing,
        Expected::Unsteady => Kind::Unsteady,
    }
}

impl Site {
    /// Its number in the tables.
    pub(crate) fn number(&self) -> u8 {
        self.class.number
    }

    /// Its name in the tables.
    pub(crate) fn name(&self) -> &str {
        self.class.name
    }

    /// Plays `search` against a fresh site: the seeds of its own luck and of the arrivals.
    pub(crate) fn play(&self, search: &mut dyn Search, luck: u64, arrivals: u64, budget: u32) -> Played {
        let mut site = self.class.site(luck);
        let visits = self.class.visits(ArrivalProcess::Poisson, arrivals);
        play(search, &mut site, visits, budget)
    }
}
