//! Plays every search of a method, on all processors.

use std::sync::atomic::{AtomicUsize, Ordering};

use rand_pcg::Pcg64;
use rand_pcg::rand_core::{Rng, SeedableRng};
use tipover::units::Share;

use super::baselines::Rules;
use super::method::Method;
use super::outcome::Outcome;
use super::sites::Site;
use super::timed::{Timed, processor_time};

/// How long a search may take, in seconds.
const BUDGET: u32 = 900;
/// The search starts between the tipping point divided by these, evenly in the logarithm.
const START: (f64, f64) = (8.0, 60.0);
/// Its highest load lies between these times the tipping point.
const CAP: (f64, f64) = (2.0, 6.0);

/// The luck of one search: the same for every method.
struct Luck(Pcg64);

impl Luck {
    fn new(class: u8, seed: u64) -> Self {
        Self(Pcg64::seed_from_u64(
            seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ u64::from(class),
        ))
    }

    /// Uniform in 0 to 1.
    fn part(&mut self) -> f64 {
        (self.0.next_u64() >> 11) as f64 / (1_u64 << 53) as f64
    }
}

/// One search.
pub(crate) fn one(method: Method, site: &Site, seed: u64, share: Share) -> Outcome {
    let mut luck = Luck::new(site.number(), seed);
    let divisor = START.0 * (START.1 / START.0).powf(luck.part());
    let rules = Rules {
        from: site.truth / divisor,
        to: site.truth * (CAP.0 + (CAP.1 - CAP.0) * luck.part()),
        share: share.get(),
        budget: BUDGET,
    };
    let mut search = method.search(rules);
    let mut timed = Timed::new(search.as_mut());
    let (site_seed, arrivals) = (luck.0.next_u64(), luck.0.next_u64());
    let since = processor_time();
    let played = site.play(&mut timed, site_seed, arrivals, BUDGET);
    let busy = processor_time().saturating_sub(since);
    Outcome::new(method, site, seed, rules, &played, (timed.thinking, busy))
}

/// A search on each of `sites` with each of `seeds`, by class and seed.
pub(crate) fn all(method: Method, sites: &[Site], seeds: &[u64], share: Share) -> Vec<Outcome> {
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let count = sites.len() * seeds.len();
    // Seed by seed, so that slow classes are spread over the whole time.
    let job = |number: usize| {
        one(
            method,
            &sites[number % sites.len()],
            seeds[number / sites.len()],
            share,
        )
    };
    let next = AtomicUsize::new(0);
    let work = || {
        let mut done = Vec::new();
        loop {
            let number = next.fetch_add(1, Ordering::Relaxed);
            if number >= count {
                return done;
            }
            done.push(job(number));
        }
    };
    let mut outcomes: Vec<Outcome> = std::thread::scope(|scope| {
        let workers: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
        workers
            .into_iter()
            .flat_map(|worker| worker.join().expect("no search panics"))
            .collect()
    });
    outcomes.sort_by_key(|outcome| (outcome.class, outcome.seed));
    outcomes
}
