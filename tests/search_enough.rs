//! The proof of a load, `--enough`, on sites of known truth over many seeds: the right verdict at 0.7 and at 1.3 times
//! the true tipping point, in which time, and never above what is asked for.
//!
//! ```console
//! $ cargo test --test search_enough -- --nocapture    # prints the table
//! ```

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::time::Duration;

use tipover::load::ArrivalProcess;
use tipover::model::{
    Call, Expected, Foreseen, ModelSite, Played, QueueSite, Reply, SiteClass, SiteKind, SiteSpec, Visits,
    classes, play,
};
use tipover::record::Class;
use tipover::scenario::{Enough, Profile, SearchPlan};
use tipover::search::{Kind, Limit, Move, Settings, Verdict, Window, begin, replay};
use tipover::units::Rate;

/// The true tipping points at 1 % under Poisson arrivals, by number of the class, to about 1 %: what lies at 0.7 and at
/// 1.3 times of them is not a matter of the last per cent.
const TRUTHS: [(u8, f64); 20] = [
    (1, 396.0),
    (2, 400.0),
    (3, 381.0),
    (4, 382.0),
    (5, 396.0),
    (6, 396.0),
    (7, 892.0),
    (8, 336.0),
    (9, 303.0),
    (10, 392.0),
    (11, 386.0),
    (12, 17.0),
    (13, 4_046.0),
    (14, 89.0),
    (15, 174.0),
    (16, 298.0),
    (17, 96.0),
    (18, 388.0),
    (21, 211.0),
    (22, 606.0),
];
/// Searches of each class at each load.
const SEARCHES: u64 = 100;

fn plan(loads: &[f64], from: f64) -> SearchPlan {
    SearchPlan {
        from: Rate::per_second(from),
        enough: Some(Enough {
            loads: loads.iter().map(|load| Rate::per_second(*load)).collect(),
            hold: Duration::ZERO,
        }),
        ..SearchPlan::default()
    }
}

fn played(plan: &SearchPlan, site: &mut dyn ModelSite, visits: Visits) -> Played {
    let mut search = begin(&Settings::new(plan)).unwrap();
    play(search.as_mut(), site, visits, 1_000)
}

fn on_demo(loads: &[f64], kind: SiteKind, seed: u64) -> Played {
    let mut site = QueueSite::new(SiteSpec::demo(kind, Rate::per_second(100.0)));
    played(
        &plan(loads, 1.0),
        &mut site,
        Visits::of_one_page(ArrivalProcess::Poisson, seed),
    )
}

/// What many proofs of one load on one class came to.
struct Row {
    right: u64,
    seconds: Vec<usize>,
    /// The highest load of a second ÷ what was asked for.
    highest: f64,
    failed: Vec<u64>,
}

impl Row {
    fn line(&self, name: &str, times: f64) -> String {
        let at = |part: f64| self.seconds[((self.seconds.len() - 1) as f64 * part) as usize];
        format!(
            "{name:28} {times}  right {:>3}/{SEARCHES}  seconds median {:>3} p90 {:>3}  highest {:.3}  failed median {}",
            self.right,
            at(0.5),
            at(0.9),
            self.highest,
            self.failed[self.failed.len() / 2],
        )
    }
}

/// Proofs of `times` the truth of `class`, over odd seeds, from an eighth to a sixtieth of the truth.
fn measure(class: &SiteClass, truth: f64, times: f64) -> Row {
    let wanted = times * truth;
    let one = |index: u64| {
        let start = 8.0 * 7.5_f64.powf((index * 7 % 20) as f64 / 20.0);
        let seed = 2 * index + 1;
        let visits = class.visits(ArrivalProcess::Poisson, seed);
        played(&plan(&[wanted], truth / start), &mut class.site(seed), visits)
    };
    let mut row = Row {
        right: 0,
        seconds: Vec::new(),
        highest: 0.0,
        failed: Vec::new(),
    };
    for index in 0..SEARCHES {
        let played = one(index);
        let finding = &played.finding;
        let right = if times < 1.0 {
            finding.kind == Kind::NotReached && finding.verified.is_some_and(|held| held.get() >= wanted)
        } else {
            let failing = finding.failing.map_or(f64::INFINITY, Rate::get);
            finding.kind == Kind::Tipped && failing <= wanted * (1.0 + 1e-9)
        };
        row.right += u64::from(right && finding.converged);
        row.seconds.push(played.seconds.len());
        let loads = played.seconds.iter().map(|second| second.offered / wanted);
        row.highest = loads.fold(row.highest, f64::max);
        let ended = played.windows.iter().flat_map(|window| &window.completed);
        row.failed.push(
            ended
                .filter(|(class, _)| !class.is_success())
                .map(|(_, count)| count)
                .sum(),
        );
    }
    row.seconds.sort_unstable();
    row.failed.sort_unstable();
    row
}

#[test]
fn the_verdict_is_right_in_time_and_never_above_what_is_asked_for() {
    let all = classes();
    let jobs: Vec<(&SiteClass, f64, f64)> = all
        .iter()
        .filter(|class| class.expected == Expected::Tips)
        .filter_map(|class| Some((class, TRUTHS.iter().find(|truth| truth.0 == class.number)?.1)))
        .flat_map(|(class, truth)| [(class, truth, 0.7), (class, truth, 1.3)])
        .collect();
    assert_eq!(jobs.len(), 40, "every class that tips has a truth");
    let next = std::sync::atomic::AtomicUsize::new(0);
    let work = || {
        let mut rows = Vec::new();
        while let Some((class, truth, times)) =
            jobs.get(next.fetch_add(1, std::sync::atomic::Ordering::Relaxed))
        {
            rows.push((class.number, *times, class.name, measure(class, *truth, *times)));
        }
        rows
    };
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let mut rows: Vec<_> = std::thread::scope(|scope| {
        let workers: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
        workers
            .into_iter()
            .flat_map(|worker| worker.join().unwrap())
            .collect()
    });
    rows.sort_by(|a, b| (a.0, a.1).partial_cmp(&(b.0, b.1)).unwrap());
    for times in [0.7, 1.3] {
        let of = || rows.iter().filter(|row| row.1 == times);
        let mut seconds: Vec<usize> = of().flat_map(|row| row.3.seconds.iter().copied()).collect();
        seconds.sort_unstable();
        let median = seconds[seconds.len() / 2];
        let right: u64 = of().map(|row| row.3.right).sum();
        for (_, times, name, row) in of() {
            println!("{}", row.line(name, *times));
            assert!(row.right * 100 >= 97 * SEARCHES, "{}", row.line(name, *times));
            assert!(row.highest <= 1.05, "{}", row.line(name, *times));
        }
        println!(
            "all at {times}: right {right}/{}  seconds median {median}",
            seconds.len()
        );
        assert!(
            right as usize * 1_000 >= 995 * seconds.len(),
            "{right} of {} at {times}",
            seconds.len()
        );
        assert!(median <= 90, "{median} s at {times}");
    }
}

#[test]
fn each_of_several_loads_is_decided_by_what_passed_and_failed() {
    for seed in [1, 3, 5, 7] {
        let played = on_demo(&[40.0, 75.0, 130.0], SiteKind::Queue, seed);
        let finding = &played.finding;
        assert_eq!(finding.kind, Kind::Tipped, "{}", finding.why);
        assert!(finding.verified.unwrap().get() >= 75.0 && finding.failing.unwrap().get() <= 130.0);
        let rate = finding.rate.unwrap();
        assert!(
            (75.0..100.0).contains(&rate.low) && rate.high <= 130.0,
            "{rate:?}"
        );
        assert!(rate.low < rate.mid && rate.mid < rate.high, "{rate:?}");
        let known: Vec<bool> = finding.evidence[..3]
            .iter()
            .map(|text| text.contains("is carried"))
            .collect();
        assert_eq!(known, [true, true, false], "{:?}", finding.evidence);
        assert!(finding.converged);
    }
}

#[test]
fn a_limiter_that_refutes_a_load_is_named_as_one() {
    let finding = on_demo(&[140.0], SiteKind::Limit, 1).finding;
    assert_eq!((finding.kind, finding.limit), (Kind::Tipped, Some(Limit::Policy)));
}

#[test]
fn a_load_far_above_the_site_is_refuted_far_below_it() {
    let played = on_demo(&[4_000.0], SiteKind::Queue, 1);
    assert_eq!(played.finding.kind, Kind::Tipped, "{}", played.finding.why);
    let highest = played
        .seconds
        .iter()
        .map(|second| second.offered)
        .fold(0.0, f64::max);
    assert!(highest <= 200.0, "{highest} pages/s are enough to know");
}

#[test]
fn the_record_alone_leads_to_the_same_answer() {
    for (loads, kind) in [
        (vec![60.0], SiteKind::Queue),
        (vec![50.0, 130.0], SiteKind::Timeout),
    ] {
        let played = on_demo(&loads, kind, 3);
        let settings = Settings::new(&plan(&loads, 1.0));
        let text = serde_json::to_string(&settings).unwrap();
        let (finding, trials) = replay(&serde_json::from_str(&text).unwrap(), &played.seconds).unwrap();
        assert_eq!(finding, played.finding);
        assert_eq!(trials, played.trials);
    }
}

#[test]
fn a_site_that_fails_at_any_load_or_refuses_us_is_no_refutation() {
    for class in classes().iter().filter(|class| matches!(class.number, 19 | 20)) {
        let visits = class.visits(ArrivalProcess::Poisson, 1);
        let finding = played(&plan(&[300.0], 5.0), &mut class.site(1), visits).finding;
        let expected = match class.expected {
            Expected::Blocked => Kind::Blocked,
            _ => Kind::AlreadyFailing,
        };
        assert_eq!(finding.kind, expected, "{}: {}", class.name, finding.why);
    }
}

fn answers(call: &Call, class: Class) -> Reply {
    call.ends(Duration::from_millis(20), class)
}

const FINE: Class = Class::Status(200);
const BAD_GATEWAY: Class = Class::Status(502);

#[test]
fn trouble_of_half_a_minute_refutes_nothing() {
    let mut site = Foreseen::new(|call: &Call| {
        let is_down = (30..55).contains(&call.at.second());
        answers(call, if is_down { BAD_GATEWAY } else { FINE })
    });
    let played = played(
        &plan(&[100.0], 2.0),
        &mut site,
        Visits::of_one_page(ArrivalProcess::Poisson, 1),
    );
    assert!(played.trials.iter().any(|trial| trial.verdict == Verdict::Bad));
    assert_eq!(played.finding.kind, Kind::NotReached, "{}", played.finding.why);
    assert!(played.finding.verified.unwrap().get() >= 100.0);
}

#[test]
fn a_site_that_does_not_come_back_is_refuted_and_left_alone() {
    let (mut broken, mut second, mut seen) = (false, 0, 0);
    let mut site = Foreseen::new(move |call: &Call| {
        if call.at.second() != second {
            (second, seen) = (call.at.second(), 0);
        }
        seen += 1;
        broken |= seen > 90;
        answers(call, if broken { BAD_GATEWAY } else { FINE })
    });
    let played = played(
        &plan(&[30.0, 100.0], 2.0),
        &mut site,
        Visits::of_one_page(ArrivalProcess::Poisson, 1),
    );
    let finding = &played.finding;
    assert_eq!(
        (finding.kind, finding.converged),
        (Kind::Tipped, false),
        "{}",
        finding.why
    );
    assert!(finding.failing.unwrap().get() <= 102.0 && finding.recovery.unwrap().rate.is_none());
    let last = played.trials.last().unwrap();
    assert_eq!((last.verdict, last.until - last.from), (Verdict::Bad, 90));
}

#[test]
fn a_machine_that_is_late_again_and_again_is_the_limit() {
    let mut search = begin(&Settings::new(&plan(&[100.0], 2.0))).unwrap();
    for second in 0..600 {
        if search.next_move() == Move::Stop {
            break;
        }
        search.observe(&Window {
            second,
            disturbed: true,
            ..Window::default()
        });
    }
    assert_eq!(search.finding().kind, Kind::OurLimit);
}

#[test]
fn a_search_that_is_cut_off_guesses_nothing() {
    let plan = SearchPlan {
        budget: Duration::from_secs(40),
        profile: Profile::Standard,
        ..plan(&[60.0], 1.0)
    };
    let mut site = QueueSite::new(SiteSpec::demo(SiteKind::Queue, Rate::per_second(100.0)));
    let finding = played(&plan, &mut site, Visits::of_one_page(ArrivalProcess::Poisson, 1)).finding;
    assert_eq!((finding.kind, finding.converged), (Kind::NotReached, false));
    assert_eq!((finding.verified, finding.failing), (None, None));
}
