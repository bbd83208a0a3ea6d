//! Many searches against a site of known truth: how often the interval holds the true tipping point, how far the
//! estimate is off, and how long it takes. Pure: no clock, no network.

#![allow(dead_code, reason = "each test binary uses its own part")]

use std::time::Duration;

use tipover::analysis::statistics::{Z_95, wilson};
use tipover::load::ArrivalProcess;
use tipover::model::{QueueSite, SiteKind, SiteSpec, Visits, play, truth};
use tipover::scenario::{Profile, SearchPlan};
use tipover::search::{Kind, Settings, Tipping};
use tipover::units::{Rate, Share};

/// What many searches on one site came to.
pub(crate) struct Coverage {
    pub(crate) runs: u64,
    pub(crate) tipped: u64,
    pub(crate) covered: u64,
    /// Relative errors of the estimate, sorted.
    pub(crate) errors: Vec<f64>,
    /// Seconds that the searches took, sorted.
    pub(crate) seconds: Vec<u32>,
    /// The mean of the signed errors.
    pub(crate) bias: f64,
    /// Median width of the interval, relative.
    pub(crate) width: f64,
    pub(crate) truth: f64,
    pub(crate) converged: u64,
}

impl Coverage {
    pub(crate) fn line(&self, name: &str) -> String {
        let interval = wilson(self.covered, self.runs, Z_95);
        format!(
            "{name:32} truth {:6.1}  tipped {}/{}  converged {}  covers {:.1} % (Wilson {:.1} %)  error median {:.1} % p90 {:.1} % \
             p97 {:.1} % max {:.1} %  bias {:+.1} %  width {:.0} %  seconds median {} p90 {} max {}",
            self.truth,
            self.tipped,
            self.runs,
            self.converged,
            100.0 * interval.mid,
            100.0 * interval.low,
            100.0 * at(&self.errors, 0.5),
            100.0 * at(&self.errors, 0.9),
            100.0 * at(&self.errors, 0.97),
            100.0 * at(&self.errors, 1.0),
            100.0 * self.bias,
            100.0 * self.width,
            at(&self.seconds, 0.5),
            at(&self.seconds, 0.9),
            at(&self.seconds, 1.0),
        )
    }
}

/// The value below which `part` of the sorted values lie.
pub(crate) fn at<T: Copy>(sorted: &[T], part: f64) -> T {
    sorted[((sorted.len() as f64 * part).ceil() as usize).clamp(1, sorted.len()) - 1]
}

/// The plan of a search that knows nothing of the site but an order of magnitude.
fn plan(profile: Profile, spec: &SiteSpec, seed: u64) -> SearchPlan {
    let capacity = spec.capacity().get();
    let start = match profile {
        Profile::Demo => 5.0,
        // Anywhere between a tenth and a fiftieth, evenly in the logarithm.
        _ => 10.0 * 5.0_f64.powf((seed * 7 % 20) as f64 / 20.0),
    };
    SearchPlan {
        from: Rate::per_second(capacity / start),
        to: Rate::per_second(5.0 * capacity),
        profile,
        seed,
        ..SearchPlan::default()
    }
}

pub(crate) fn measure(profile: Profile, spec: SiteSpec, process: ArrivalProcess, seeds: &[u64]) -> Coverage {
    let hold = Settings::new(&plan(profile, &spec, 0)).hold;
    let horizon = Duration::from_secs(u64::from(hold));
    let truth = truth(&spec, process, Share::new(0.01), horizon).get();
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let one = |seed: u64| {
        let settings = Settings::new(&plan(profile, &spec, seed)).with_arrivals(process);
        let mut search = Tipping::new(settings).expect("these settings name classes");
        let visits = Visits::of_one_page(process, seed);
        let played = play(&mut search, &mut QueueSite::new(spec), visits, 1_000);
        (played.finding, played.seconds.len() as u32, seed)
    };
    let runs: Vec<_> = std::thread::scope(|scope| {
        let workers: Vec<_> = seeds
            .chunks(seeds.len().div_ceil(threads))
            .map(|chunk| scope.spawn(move || chunk.iter().map(|seed| one(*seed)).collect::<Vec<_>>()))
            .collect();
        workers
            .into_iter()
            .flat_map(|worker| worker.join().expect("no search panics"))
            .collect()
    });
    let rates: Vec<_> = runs.iter().filter_map(|run| run.0.rate).collect();
    let mut errors: Vec<f64> = rates.iter().map(|rate| (rate.mid / truth - 1.0).abs()).collect();
    let mut widths: Vec<f64> = rates.iter().map(|rate| rate.high / rate.low - 1.0).collect();
    let mut seconds: Vec<u32> = runs.iter().map(|run| run.1).collect();
    errors.sort_by(f64::total_cmp);
    widths.sort_by(f64::total_cmp);
    seconds.sort_unstable();
    Coverage {
        runs: runs.len() as u64,
        tipped: runs.iter().filter(|run| run.0.kind == Kind::Tipped).count() as u64,
        covered: rates
            .iter()
            .filter(|rate| rate.low <= truth && truth <= rate.high)
            .count() as u64,
        bias: rates.iter().map(|rate| rate.mid / truth - 1.0).sum::<f64>() / rates.len() as f64,
        width: at(&widths, 0.5),
        converged: runs.iter().filter(|run| run.0.converged).count() as u64,
        errors,
        seconds,
        truth,
    }
}

pub(crate) const KINDS: [SiteKind; 3] = [SiteKind::Queue, SiteKind::Timeout, SiteKind::Limit];
pub(crate) const PROCESSES: [ArrivalProcess; 2] = [ArrivalProcess::Poisson, ArrivalProcess::Even];

/// Seeds that nothing was tuned with.
pub(crate) fn fresh_seeds(count: u64) -> Vec<u64> {
    (0..count).map(|seed| 100_001 + seed).collect()
}

/// The seeds that the settings and the demo sites were tuned with lie below 1,000.
pub(crate) fn tuning_seeds(count: u64) -> Vec<u64> {
    (0..count).map(|seed| 2 * seed).collect()
}

/// Sites like real gateways on a test bed: php-fpm with a short queue, and a proxy whose queue has a deadline.
pub(crate) fn gateways() -> [(&'static str, SiteSpec); 2] {
    let spec = SiteSpec {
        kind: SiteKind::Queue,
        workers: 8,
        service: Duration::from_micros(40_400),
        queue: 9,
        timeout: Duration::from_secs(30),
        queue_deadline: None,
        limit: None,
    };
    let proxy = SiteSpec {
        workers: 10,
        service: Duration::from_millis(50),
        queue: 100_000,
        queue_deadline: Some(Duration::from_millis(500)),
        ..spec
    };
    [("short queue", spec), ("queue deadline", proxy)]
}
