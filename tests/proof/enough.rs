//! The proof of `--enough`: is a load below the tipping point proven, and one above it refuted, quickly and without more
//! load than was asked for?

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use tipover::analysis::statistics::{Z_95, wilson};
use tipover::model::Played;
use tipover::scenario::{Enough, FailureSet, Profile, SearchPlan};
use tipover::search::{Kind, Settings, begin};
use tipover::units::{Rate, Share};

use super::method::plan;
use super::numbers::{number, pair, quantile, sorted};
use super::run::{self, BUDGET};
use super::sites::Site;

/// The threshold ÷ the tipping point.
const FACTORS: [f64; 2] = [0.7, 1.3];
/// The bars: verdicts that are right, seconds in the median, and load ÷ threshold.
const RIGHT: f64 = 0.99;
const SECONDS: f64 = 90.0;
const HIGHEST: f64 = 1.05;
/// What a number may lose on its way through the settings.
const ROUNDING: f64 = 1e-9;

/// One search for the proof of one load.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Proof {
    pub(crate) class: u8,
    pub(crate) name: String,
    pub(crate) seed: u64,
    /// The threshold ÷ the tipping point.
    pub(crate) factor: f64,
    pub(crate) kind: Kind,
    /// Whether the load was proven (true) or refuted (false); nothing where neither.
    pub(crate) proven: Option<bool>,
    pub(crate) seconds: u32,
    /// The highest load that was offered ÷ the threshold.
    pub(crate) highest: f64,
    pub(crate) failed: u64,
}

impl Proof {
    fn new(site: &Site, seed: u64, factor: f64, played: &Played) -> Self {
        let wanted = site.truth * factor;
        let finding = &played.finding;
        let held = finding
            .verified
            .is_some_and(|rate| rate.get() >= wanted * (1.0 - ROUNDING));
        let failing = finding
            .failing
            .is_some_and(|rate| rate.get() <= wanted * (1.0 + ROUNDING));
        let proven = match finding.kind {
            Kind::AlreadyFailing => Some(false),
            Kind::Tipped | Kind::NotReached if held => Some(true),
            Kind::Tipped | Kind::NotReached if failing => Some(false),
            _ => None,
        };
        let loads = played.seconds.iter().map(|second| second.offered / wanted);
        let cells = played.seconds.iter().flat_map(|second| &second.cells);
        Self {
            class: site.number(),
            name: site.name().to_owned(),
            seed,
            factor,
            kind: finding.kind,
            proven,
            seconds: played.seconds.len() as u32,
            highest: loads.fold(0.0, f64::max),
            failed: cells
                .filter(|cell| FailureSet::Gateway.contains(cell.class))
                .map(|cell| cell.count)
                .sum(),
        }
    }

    fn is_right(&self) -> bool {
        self.proven == Some(self.factor < 1.0)
    }
}

/// Those of `sites` that tip over.
pub(crate) fn tipping(sites: &[Site]) -> Vec<&Site> {
    sites.iter().filter(|site| site.right == Kind::Tipped).collect()
}

/// Every search: each of the sites that tip over, each factor, each seed.
pub(crate) fn all(profile: Profile, sites: &[Site], seeds: &[u64], share: Share) -> Vec<Proof> {
    let tipping = tipping(sites);
    let mut jobs = Vec::new();
    for seed in seeds {
        for site in &tipping {
            jobs.extend(FACTORS.map(|factor| (*site, *seed, factor)));
        }
    }
    let mut proofs = run::on_all_processors(jobs.len(), |number| {
        let (site, seed, factor) = jobs[number];
        let (rules, site_seed, arrivals) = run::start(site, seed, share);
        let plan = SearchPlan {
            enough: Some(Enough {
                loads: vec![Rate::per_second(site.truth * factor)],
                hold: Duration::ZERO,
            }),
            ..plan(profile, rules)
        };
        let mut search = begin(&Settings::new(&plan)).expect("these settings name classes");
        let played = site.play(search.as_mut(), site_seed, arrivals, BUDGET);
        Proof::new(site, seed, factor, &played)
    });
    proofs.sort_by(|a, b| {
        (a.class, a.seed)
            .cmp(&(b.class, b.seed))
            .then(a.factor.total_cmp(&b.factor))
    });
    proofs
}

/// The table and the bars, as Markdown.
pub(crate) fn report(proofs: &[Proof]) -> String {
    let mut text = "| class | threshold ÷ truth | right verdict % (Wilson 95 %) | time s med/p90 | highest load ÷ threshold | failed med/p90 | wrong ones |\n|---|---|---|---|---|---|---|\n".to_owned();
    let names: BTreeMap<u8, &str> = proofs
        .iter()
        .map(|proof| (proof.class, proof.name.as_str()))
        .collect();
    for (class, name) in names {
        for factor in FACTORS {
            let of_class = proofs
                .iter()
                .filter(|proof| proof.class == class && proof.factor == factor);
            line(&mut text, &format!("{class} {name}"), factor, of_class.collect());
        }
    }
    for factor in FACTORS {
        let of_factor = proofs.iter().filter(|proof| proof.factor == factor);
        line(&mut text, "**all**", factor, of_factor.collect());
    }
    text + "\n" + &bars(proofs)
}

fn line(text: &mut String, name: &str, factor: f64, proofs: Vec<&Proof>) {
    let right = proofs.iter().filter(|proof| proof.is_right()).count() as u64;
    let share = wilson(right, proofs.len() as u64, Z_95);
    let of = |value: &dyn Fn(&Proof) -> f64| sorted(proofs.iter().map(|proof| value(proof)));
    let mut wrong: BTreeMap<String, u64> = BTreeMap::new();
    for proof in proofs.iter().filter(|proof| !proof.is_right()) {
        let verdict = match proof.proven {
            Some(true) => "proven".to_owned(),
            Some(false) => "refuted".to_owned(),
            None => format!("{:?}", proof.kind),
        };
        *wrong.entry(verdict).or_default() += 1;
    }
    let wrong: Vec<String> = wrong
        .into_iter()
        .map(|(what, count)| format!("{what} {count}"))
        .collect();
    let _ = writeln!(
        text,
        "| {name} | {factor} | {:.1} ({:.1}–{:.1}) | {} | {} | {} | {} |",
        1e2 * share.mid,
        1e2 * share.low,
        1e2 * share.high,
        pair(&of(&|proof| f64::from(proof.seconds)), 1.0, 0),
        number(quantile(&of(&|proof| proof.highest), 1.0), 3),
        pair(&of(&|proof| proof.failed as f64), 1.0, 0),
        wrong.join(", ")
    );
}

fn bars(proofs: &[Proof]) -> String {
    let mut text = String::new();
    let mark = |is_cleared: bool| if is_cleared { "✓" } else { "✗" };
    for factor in FACTORS {
        let of_factor: Vec<&Proof> = proofs.iter().filter(|proof| proof.factor == factor).collect();
        let count = of_factor.len() as u64;
        let right = of_factor.iter().filter(|proof| proof.is_right()).count() as u64;
        let bound = wilson(right, count, Z_95).high;
        let seconds = sorted(of_factor.iter().map(|proof| f64::from(proof.seconds)));
        let quick = seconds.iter().filter(|seconds| **seconds <= SECONDS).count() as u64;
        let _ = writeln!(
            text,
            "- {} at {factor} × the tipping point the verdict is right in {right} of {count} (at least {:.0} %; Wilson upper bound {:.1} %)",
            mark(bound >= RIGHT),
            1e2 * RIGHT,
            1e2 * bound
        );
        let _ = writeln!(
            text,
            "- {} at {factor} ×: {} s in the median (at most {SECONDS:.0} s), {quick} of {count}",
            mark(wilson(quick, count, Z_95).high >= 0.5),
            number(quantile(&seconds, 0.5), 0)
        );
    }
    let highest = proofs.iter().map(|proof| proof.highest).fold(0.0, f64::max);
    let _ = writeln!(
        text,
        "- {} no load above the threshold × {HIGHEST}: the highest is {highest:.3}",
        mark(highest <= HIGHEST)
    );
    text
}
