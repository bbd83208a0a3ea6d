//! Decisions against the truth: random campaigns on model sites whose tipping point is hidden. Each site is first
//! measured by a search, the campaign planned with what that found, and then played against the site, arrival by
//! arrival, with its visitors, link scanners and baseline, in virtual time.

#![allow(dead_code, reason = "each test binary uses its own part")]

mod campaigns;
mod played;

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use rand_pcg::Pcg64;
use rand_pcg::rand_core::{Rng, SeedableRng};
use tipover::campaign::{Forecast, Measured, Verdict, failed_at_first, measured_by};
use tipover::load::ArrivalProcess;
use tipover::model::{Played, Question, SiteClass, classes, play};
use tipover::scenario::{Profile, SearchPlan};
use tipover::search::{Phase, Settings, begin};
use tipover::units::{Rate, Share};

use crate::truth::{self, LONG_RUN};
use campaigns::Drawn;
use played::Play;

/// How long a search may take, in seconds.
const BUDGET: u32 = 900;

/// What became of one campaign.
#[derive(Debug, Clone)]
pub(crate) struct Outcome {
    pub(crate) seed: u64,
    pub(crate) class: &'static str,
    pub(crate) campaign: String,
    /// How often its peak fits into the true tipping point for a long hold.
    pub(crate) true_headroom: f64,
    /// What was measured: the low end of the tipping interval over the truth; nothing where nothing may be promised.
    pub(crate) measured: Option<f64>,
    /// What was planned.
    pub(crate) verdict: Option<Verdict>,
    /// Whether it failed as planned.
    pub(crate) failed: bool,
    /// Whether the safety factor times all of it failed.
    pub(crate) failed_with_safety: bool,
    /// Whether the slower send that was advised failed; nothing where none was.
    pub(crate) throttled_failed: Option<bool>,
    /// Whether that advice has a condition of its own.
    pub(crate) throttled_if: bool,
    /// What the search found, in its words.
    pub(crate) why: String,
}

impl Outcome {
    pub(crate) fn is_go(&self) -> bool {
        self.verdict == Some(Verdict::Go)
    }

    /// Go only for a site that has grown and is warm before the start, which these are not.
    pub(crate) fn is_conditional(&self) -> bool {
        self.verdict == Some(Verdict::Conditional)
    }

    pub(crate) fn is_refused(&self) -> bool {
        matches!(self.verdict, Some(Verdict::Throttle | Verdict::NoGo))
    }

    /// A go that failed.
    pub(crate) fn is_broken_promise(&self) -> bool {
        self.is_go() && self.failed
    }

    /// A slower send that was advised without a condition, and failed.
    pub(crate) fn is_broken_advice(&self) -> bool {
        self.throttled_failed == Some(true) && !self.throttled_if
    }

    /// Refused, though the site had the headroom that was asked for.
    pub(crate) fn is_false_alarm(&self) -> bool {
        self.is_refused() && !self.failed_with_safety
    }

    /// A word for what went wrong.
    pub(crate) fn mark(&self) -> &'static str {
        match () {
            () if self.is_broken_promise() => "BROKEN",
            () if self.is_false_alarm() => "alarm",
            () if self.is_broken_advice() => "SLOW",
            () if self.is_conditional() && self.failed => "cond",
            () => "",
        }
    }

    pub(crate) fn line(&self) -> String {
        let verdict = self
            .verdict
            .map_or_else(|| "–".to_owned(), |verdict| format!("{verdict:?}"));
        let measured = self
            .measured
            .map_or_else(|| "–".to_owned(), |part| format!("{part:.2}"));
        format!(
            "{:6} {:>6} {:26} headroom {:5.2}  low end {measured:>5}  {verdict:11} {} {} {}  {}  {}",
            self.mark(),
            self.seed,
            self.class,
            self.true_headroom,
            if self.failed { "failed" } else { "held  " },
            if self.failed_with_safety {
                "×1.5 failed"
            } else {
                "×1.5 held  "
            },
            match self.throttled_failed {
                Some(true) => "throttled failed",
                Some(false) => "throttled held",
                None => "",
            },
            self.campaign,
            self.why,
        )
    }
}

/// The sums over many campaigns.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Sums {
    pub(crate) all: usize,
    pub(crate) judged: usize,
    pub(crate) gos: usize,
    pub(crate) broken_promises: usize,
    pub(crate) conditional: usize,
    pub(crate) conditional_failed: usize,
    /// Campaigns for which the site had the headroom, of those that were judged.
    pub(crate) had_headroom: usize,
    pub(crate) false_alarms: usize,
    pub(crate) throttled: usize,
    pub(crate) throttled_failed: usize,
}

impl Sums {
    pub(crate) fn of(outcomes: &[Outcome]) -> Self {
        let count = |is: &dyn Fn(&Outcome) -> bool| outcomes.iter().filter(|outcome| is(outcome)).count();
        Self {
            all: outcomes.len(),
            judged: count(&|outcome| outcome.verdict.is_some()),
            gos: count(&Outcome::is_go),
            broken_promises: count(&Outcome::is_broken_promise),
            conditional: count(&Outcome::is_conditional),
            conditional_failed: count(&|outcome| outcome.is_conditional() && outcome.failed),
            had_headroom: count(&|outcome| outcome.verdict.is_some() && !outcome.failed_with_safety),
            false_alarms: count(&Outcome::is_false_alarm),
            throttled: count(&|outcome| outcome.throttled_failed.is_some()),
            throttled_failed: count(&Outcome::is_broken_advice),
        }
    }
}

/// Numbers of one campaign, the same for the same seed.
pub(crate) struct Luck(Pcg64);

impl Luck {
    pub(crate) fn new(seed: u64) -> Self {
        Self(Pcg64::seed_from_u64(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15)))
    }

    /// Evenly between 0 and 1, never either.
    pub(crate) fn part(&mut self) -> f64 {
        ((self.0.next_u64() >> 11) as f64 + 0.5) / (1_u64 << 53) as f64
    }

    /// Evenly in the logarithm.
    pub(crate) fn between(&mut self, low: f64, high: f64) -> f64 {
        low * (high / low).powf(self.part())
    }

    pub(crate) fn seed(&mut self) -> u64 {
        self.0.next_u64()
    }
}

/// The load that the long run of `class` carries, in pages per second; its capacity where it has no tipping point.
fn truth_of(class: &SiteClass) -> f64 {
    let question = Question {
        process: ArrivalProcess::Poisson,
        share: Share::new(0.01),
        horizon: Duration::from_secs(LONG_RUN),
    };
    truth::truth(class, &question).map_or_else(|| class.spec.capacity().get(), |entry| entry.rate)
}

fn search(class: &SiteClass, profile: Profile, truth: f64, luck: &mut Luck) -> Played {
    let plan = SearchPlan {
        from: Rate::per_second(truth / luck.between(8.0, 60.0)),
        to: Rate::per_second(truth * (2.0 + 4.0 * luck.part())),
        profile,
        budget: Duration::from_secs(u64::from(BUDGET)),
        ..SearchPlan::default()
    };
    let mut search = begin(&Settings::new(&plan)).expect("the default failures are classes");
    let mut site = class.site(luck.seed());
    let visits = class.visits(ArrivalProcess::Poisson, luck.seed());
    play(search.as_mut(), &mut site, visits, BUDGET)
}

/// Measures, plans and plays the campaign of `seed` on `class`.
pub(crate) fn outcome(class: &SiteClass, profile: Profile, seed: u64) -> Outcome {
    let mut luck = Luck::new(seed);
    let truth = truth_of(class);
    let true_headroom = luck.between(0.4, 4.0);
    let drawn = Drawn::new(class, truth / true_headroom, &mut luck);
    let searched = search(class, profile, truth, &mut luck);
    let finding = searched.finding;
    let trials = searched
        .trials
        .iter()
        .filter(|trial| trial.phase != Phase::Recover);
    let verdicts: Vec<(f64, String)> = trials
        .map(|trial| (trial.rate.get(), trial.verdict.to_string()))
        .collect();
    let forecast: &Forecast = &drawn.forecast;
    let measured = measured_by(Some(&finding), None, drawn.scenario.target.stands_for)
        .ok()
        .map(|measured| Measured {
            failed_at_first: failed_at_first(
                verdicts.iter().map(|(rate, verdict)| (*rate, verdict.as_str())),
            ),
            ..measured
        });
    let answers = forecast.answers(measured, &[]);
    let decision = answers.first().and_then(|answer| answer.decision.clone());
    let site_seed = luck.seed();
    let mut played = |factor: f64, duration: f64| {
        let play = Play {
            class,
            forecast,
            factor,
            duration,
            site_seed,
        };
        play.fails(luck.seed())
    };
    let planned = forecast.campaigns[0].duration;
    let failed = played(1.0, planned);
    let failed_with_safety = measured.is_some() && played(1.5, planned);
    let shortest = decision
        .as_ref()
        .filter(|decision| decision.verdict == Verdict::Throttle)
        .and_then(|decision| decision.shortest);
    let throttled_failed = shortest.map(|duration| played(1.0, duration.ceil()));
    Outcome {
        seed,
        class: class.name,
        campaign: drawn.text,
        true_headroom,
        measured: measured.map(|measured| measured.tipping_point.low / truth),
        verdict: decision.as_ref().map(|decision| decision.verdict),
        failed,
        failed_with_safety,
        throttled_failed,
        throttled_if: decision
            .as_ref()
            .is_some_and(|decision| !decision.conditions.is_empty()),
        why: finding.why,
    }
}

/// The sites that have a tipping point, and so a truth that can be hidden. Those that change while they are looked at
/// keep no promise of anybody.
pub(crate) fn sites() -> Vec<SiteClass> {
    let one_in_a_hundred = Share::new(0.01);
    let all = classes().into_iter();
    all.filter(|class| class.has_tipping_point(one_in_a_hundred))
        .collect()
}

/// The outcomes of `seeds`, each on the next of `classes`, on all processors; `tell` hears of each as it comes.
pub(crate) fn outcomes(
    classes: &[SiteClass],
    profile: Profile,
    seeds: &[u64],
    tell: impl Fn(&Outcome) + Sync,
) -> Vec<Outcome> {
    let next = AtomicUsize::new(0);
    let work = || {
        let mut done = Vec::new();
        loop {
            let number = next.fetch_add(1, Ordering::Relaxed);
            let Some(seed) = seeds.get(number) else {
                return done;
            };
            let outcome = outcome(&classes[number % classes.len()], profile, *seed);
            tell(&outcome);
            done.push(outcome);
        }
    };
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let mut all: Vec<Outcome> = std::thread::scope(|scope| {
        let workers: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
        workers
            .into_iter()
            .flat_map(|worker| worker.join().expect("no campaign panics"))
            .collect()
    });
    all.sort_by_key(|outcome| outcome.seed);
    all
}
