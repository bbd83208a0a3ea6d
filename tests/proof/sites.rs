//! The sites that are searched, with what must be found: the only file that knows where they come from.

use std::time::Duration;

use tipover::load::ArrivalProcess;
use tipover::model::{Expected, Played, Question, SiteClass, classes, play};
use tipover::search::{Kind, Search};
use tipover::units::Share;

use super::options::Parity;
use crate::truth::{self, LONG_RUN};

/// Class, share, horizon in seconds, and the tipping point that the study found: until those of these models are here.
const PROVISIONAL: [(u8, f64, u64, f64); 33] = [
    (1, 0.01, 300, 396.25),
    (2, 0.01, 300, 399.84),
    (3, 0.01, 300, 380.73),
    (4, 0.01, 300, 381.71),
    (5, 0.01, 300, 395.74),
    (6, 0.01, 300, 395.74),
    (7, 0.01, 300, 892.35),
    (8, 0.01, 300, 335.56),
    (9, 0.01, 300, 303.03),
    (10, 0.01, 300, 392.18),
    (11, 0.01, 300, 386.17),
    (1, 0.001, 300, 376.83),
    (2, 0.001, 300, 399.84),
    (3, 0.001, 300, 341.23),
    (4, 0.001, 300, 381.71),
    (5, 0.001, 300, 372.0),
    (6, 0.001, 300, 376.83),
    (7, 0.001, 300, 850.8),
    (8, 0.001, 300, 308.2),
    (9, 0.001, 300, 300.3),
    (11, 0.001, 300, 357.9),
    (12, 0.01, 300, 17.05),
    (12, 0.001, 300, 14.12),
    (13, 0.01, 300, 4046.33),
    (13, 0.001, 300, 3989.07),
    (14, 0.01, 300, 89.3),
    (15, 0.01, 300, 173.6),
    (17, 0.01, 300, 95.9),
    (18, 0.01, 300, 383.5),
    (4, 0.01, 15, 396.0),
    (4, 0.01, 60, 387.0),
    (2, 0.01, 15, 462.0),
    (2, 0.01, 60, 415.0),
];

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
            truth::truth(&class, &question)
                .map(|entry| entry.rate)
                .or_else(|| {
                    PROVISIONAL
                        .into_iter()
                        .find(|(number, of, horizon, _)| {
                            *number == class.number && *of == share.get() && *horizon == seconds
                        })
                        .map(|(_, _, _, rate)| rate)
                })
        };
        let truth = match class.expected {
            Expected::Tips if !class.has_tipping_point(share) => continue,
            Expected::Tips => match known(LONG_RUN) {
                Some(rate) => rate,
                None => continue,
            },
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
