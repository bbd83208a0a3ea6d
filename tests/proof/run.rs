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
pub(crate) const BUDGET: u32 = 900;
/// The search starts between the tipping point divided by these, evenly in the logarithm.
const START: (f64, f64) = (8.0, 60.0);
/// Its highest load lies between these times the tipping point.
const CAP: (f64, f64) = (2.0, 6.0);

/// The rules of one search, and the seeds of the site's own luck and of the arrivals: the same for every method.
pub(crate) fn start(site: &Site, seed: u64, share: Share) -> (Rules, u64, u64) {
    let mixed = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ u64::from(site.number());
    let mut luck = Pcg64::seed_from_u64(mixed);
    let mut part = || (luck.next_u64() >> 11) as f64 / (1_u64 << 53) as f64;
    let rules = Rules {
        from: site.truth / (START.0 * (START.1 / START.0).powf(part())),
        to: site.truth * (CAP.0 + (CAP.1 - CAP.0) * part()),
        share: share.get(),
        budget: BUDGET,
    };
    (rules, luck.next_u64(), luck.next_u64())
}

/// One search.
fn one(method: Method, site: &Site, seed: u64, share: Share) -> Outcome {
    let (rules, site_seed, arrivals) = start(site, seed, share);
    let mut search = method.search(rules);
    let mut timed = Timed::new(search.as_mut());
    let since = processor_time();
    let played = site.play(&mut timed, site_seed, arrivals, BUDGET);
    let busy = processor_time().saturating_sub(since);
    Outcome::new(method, site, seed, rules, &played, (timed.thinking, busy))
}

/// A search on each of `sites` with each of `seeds`, by class and seed.
pub(crate) fn all(method: Method, sites: &[Site], seeds: &[u64], share: Share) -> Vec<Outcome> {
    // Seed by seed, so that slow classes are spread over the whole time.
    let mut outcomes = on_all_processors(sites.len() * seeds.len(), |number| {
        one(
            method,
            &sites[number % sites.len()],
            seeds[number / sites.len()],
            share,
        )
    });
    outcomes.sort_by_key(|outcome| (outcome.class, outcome.seed));
    outcomes
}

/// What `job` gives for each number below `count`, in no order.
pub(crate) fn on_all_processors<T: Send>(count: usize, job: impl Fn(usize) -> T + Sync) -> Vec<T> {
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
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
    std::thread::scope(|scope| {
        let workers: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
        workers
            .into_iter()
            .flat_map(|worker| worker.join().expect("no search panics"))
            .collect()
    })
}
