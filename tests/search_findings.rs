//! Each of the six endings of a search, on a model site that deserves it; and that a record alone leads to the same
//! ending.

use std::time::Duration;

use tipover::load::ArrivalProcess;
use tipover::model::{Call, Foreseen, ModelSite, Played, QueueSite, Reply, SiteKind, SiteSpec, Visits, play};
use tipover::record::{Class, Second};
use tipover::scenario::{Caps, FailureSet, Profile, SearchPlan};
use tipover::search::{
    Finding, Kind, Limit, Move, Search, Settings, Shape, Tipping, Verdict, Window, Windows, replay,
};
use tipover::units::{Offset, Rate};

/// A site that answers after 20 ms with what a rule says.
fn ruled(mut rule: impl FnMut(Offset) -> Class) -> impl ModelSite {
    Foreseen::new(move |call: &Call| call.ends(Duration::from_millis(20), rule(call.at)))
}

const FINE: Class = Class::Status(200);

fn plan() -> SearchPlan {
    SearchPlan {
        from: Rate::per_second(10.0),
        to: Rate::per_second(400.0),
        profile: Profile::Quick,
        ..SearchPlan::default()
    }
}

fn search(plan: &SearchPlan) -> Tipping {
    Tipping::new(Settings::new(plan)).expect("these settings name classes")
}

fn played(plan: &SearchPlan, site: &mut dyn ModelSite) -> Played {
    play(&mut search(plan), site, visits(ArrivalProcess::Poisson), 2_000)
}

fn visits(process: ArrivalProcess) -> Visits {
    Visits::of_one_page(process, 1)
}

fn found(site: &mut dyn ModelSite) -> Finding {
    played(&plan(), site).finding
}

fn demo(kind: SiteKind) -> QueueSite {
    QueueSite::new(SiteSpec::demo(kind, Rate::per_second(100.0)))
}

/// Refuses with `class` what comes above `rate` in a second.
fn limited(rate: usize, class: Class) -> impl FnMut(Offset) -> Class {
    let (mut second, mut seen) = (0, 0);
    move |at| {
        if at.second() != second {
            (second, seen) = (at.second(), 0);
        }
        seen += 1;
        if seen > rate { class } else { FINE }
    }
}

#[test]
fn an_overloaded_queue_tips_and_all_beside_it_is_named() {
    let finding = found(&mut demo(SiteKind::Queue));
    assert_eq!(
        (finding.kind, finding.limit),
        (Kind::Tipped, Some(Limit::Overload))
    );
    let rate = finding.rate.unwrap();
    assert!(
        rate.low < rate.mid && rate.mid < rate.high && (85.0..115.0).contains(&rate.mid),
        "{rate:?}"
    );
    assert_eq!(finding.class, Some(Class::Status(502)));
    assert!(finding.verified.unwrap() < finding.failing.unwrap());
    assert_eq!(finding.first_502, finding.first_failure);
    assert!(finding.recovery.unwrap().seconds.unwrap() < 10.0);
    assert!(
        finding.converged && finding.why.contains("502"),
        "{}",
        finding.why
    );
}

#[test]
fn a_gateway_that_gives_up_falls_off_a_cliff() {
    let finding = found(&mut demo(SiteKind::Timeout));
    assert_eq!(
        (finding.kind, finding.class),
        (Kind::Tipped, Some(Class::Status(504)))
    );
    assert_eq!(finding.shape, Some(Shape::Cliff));
}

#[test]
fn a_limiter_is_a_policy_and_no_overload() {
    let finding = found(&mut demo(SiteKind::Limit));
    assert_eq!((finding.kind, finding.limit), (Kind::Tipped, Some(Limit::Policy)));
}

#[test]
fn a_site_that_carries_it_all_is_not_reached_and_never_said_to_fail_none() {
    let finding = found(&mut ruled(|_| FINE));
    assert_eq!(finding.kind, Kind::NotReached);
    assert_eq!(finding.up_to, Some(Rate::per_second(400.0)));
    assert!(finding.why.contains("fewer than 0."), "{}", finding.why);
    assert!(finding.converged);
}

#[test]
fn a_share_that_does_not_grow_with_the_load_is_named_so() {
    let mut count = 0;
    let finding = found(&mut ruled(|_| {
        count += 1;
        if count % 4 == 0 { Class::Status(502) } else { FINE }
    }));
    assert_eq!(finding.kind, Kind::AlreadyFailing);
    assert_eq!(finding.at, Some(Rate::per_second(10.0)));
    assert!(
        finding.why.contains("one in four") && finding.why.contains("whatever the load"),
        "{}",
        finding.why
    );
}

#[test]
fn a_site_that_is_down_fails_already_within_seconds() {
    for class in [
        Class::Refused,
        Class::Status(502),
        Class::Status(500),
        Class::Status(404),
    ] {
        let played = played(&plan(), &mut ruled(|_| class));
        assert_eq!(played.finding.kind, Kind::AlreadyFailing, "{class}");
        assert!(played.seconds.len() <= 15, "{class}: {} s", played.seconds.len());
    }
}

#[test]
fn a_site_that_stays_silent_fails_already() {
    let silent = |call: &Call| call.ends(Duration::from_secs(30), Class::AnswerTimeout);
    assert_eq!(found(&mut Foreseen::new(silent)).kind, Kind::AlreadyFailing);
}

#[test]
fn refusals_of_us_are_a_block_and_no_tipping_point() {
    for status in [401, 403, 429] {
        let finding = found(&mut ruled(limited(60, Class::Status(status))));
        assert_eq!(
            (finding.kind, finding.class),
            (Kind::Blocked, Some(Class::Status(status)))
        );
        assert!(finding.at.unwrap() > finding.up_to.unwrap());
    }
    let at_once = found(&mut ruled(|_| Class::Status(403)));
    assert_eq!(at_once.kind, Kind::Blocked);
}

#[test]
fn a_limit_that_counts_as_failure_is_searched_like_any_other() {
    let plan = SearchPlan {
        failure: FailureSet::Classes([Class::Status(429)].into()),
        ..plan()
    };
    let finding = played(&plan, &mut ruled(limited(100, Class::Status(429)))).finding;
    assert_eq!((finding.kind, finding.limit), (Kind::Tipped, Some(Limit::Policy)));
}

#[test]
fn a_site_that_does_not_come_back_is_left_alone() {
    let mut broken = false;
    let mut limit = limited(120, Class::Status(502));
    let played = played(
        &plan(),
        &mut ruled(|at| {
            broken |= limit(at) != FINE;
            if broken { Class::Status(502) } else { FINE }
        }),
    );
    let recovery = played.finding.recovery.unwrap();
    assert_eq!((recovery.rate, recovery.seconds), (None, None));
    assert!(!played.finding.converged);
    assert_eq!(played.finding.kind, Kind::Tipped);
    let last = played.trials.last().unwrap();
    assert_eq!((last.verdict, last.until - last.from), (Verdict::Bad, 90));
}

#[test]
fn requests_that_never_end_are_seen_long_before_their_time_out() {
    // From the 30th second on, one request in ten hangs for half a minute.
    let hangs = |call: &Call| {
        if call.at.second() >= 30 && call.at.as_nanos().is_multiple_of(10) {
            call.ends(Duration::from_secs(30), Class::AnswerTimeout)
        } else {
            call.ends(Duration::from_millis(20), FINE)
        }
    };
    let played = played(&plan(), &mut Foreseen::new(hangs));
    let first = played
        .trials
        .iter()
        .find(|trial| trial.verdict == Verdict::Bad)
        .unwrap();
    assert!(first.until < 50, "{first:?}");
}

#[test]
fn a_machine_that_is_late_again_and_again_is_the_limit() {
    let mut search = search(&plan());
    let mut site = demo(SiteKind::Queue);
    let calm = play(&mut search, &mut site, visits(ArrivalProcess::Even), 20);
    for number in 20..200 {
        if search.next_move() == Move::Stop {
            break;
        }
        search.observe(&Window {
            second: number,
            disturbed: true,
            ..calm.windows[5].clone()
        });
    }
    let finding = search.finding();
    assert_eq!(finding.kind, Kind::OurLimit);
    assert!(
        finding.up_to.is_some() && finding.why.contains("at least"),
        "{}",
        finding.why
    );
    let voided = search.concluded();
    assert_eq!(
        voided
            .iter()
            .filter(|trial| trial.verdict == Verdict::Void)
            .count(),
        4
    );
}

#[test]
fn a_latency_that_keeps_rising_under_a_held_load_is_unsteady() {
    let leak = |call: &Call| -> Reply {
        let leaked = 3 * u64::from(call.at.second().saturating_sub(40));
        call.ends(Duration::from_millis(50 + leaked), FINE)
    };
    let plan = SearchPlan {
        profile: Profile::Standard,
        to: Rate::per_second(60.0),
        ..plan()
    };
    let finding = played(&plan, &mut Foreseen::new(leak)).finding;
    assert_eq!(finding.kind, Kind::Unsteady, "{}", finding.why);
}

#[test]
fn every_cap_ends_the_search_with_what_is_known() {
    let free = Caps::default();
    for caps in [
        Caps {
            requests: 1_500,
            ..free
        },
        Caps { failed: 20, ..free },
        Caps {
            seconds_above: 3,
            ..free
        },
    ] {
        let plan = SearchPlan { caps, ..plan() };
        let finding = played(&plan, &mut demo(SiteKind::Queue)).finding;
        assert!(!finding.converged, "{caps:?}");
        assert!(
            finding.evidence.last().unwrap().contains("as allowed"),
            "{:?}",
            finding.evidence
        );
    }
}

#[test]
fn the_budget_is_kept_and_what_is_known_is_said() {
    for budget in [1, 3, 10, 20, 35, 50] {
        let plan = SearchPlan {
            budget: Duration::from_secs(budget),
            ..plan()
        };
        let played = played(&plan, &mut demo(SiteKind::Queue));
        assert!(played.seconds.len() as u64 <= budget);
        assert!(!played.finding.converged && !played.finding.why.is_empty());
    }
}

#[test]
fn a_record_alone_leads_to_the_same_finding() {
    for kind in [SiteKind::Queue, SiteKind::Timeout, SiteKind::Limit] {
        let plan = SearchPlan {
            profile: Profile::Demo,
            ..plan()
        };
        let played = played(&plan, &mut demo(kind));
        let text = serde_json::to_string(&played.seconds).unwrap();
        let seconds: Vec<Second> = serde_json::from_str(&text).unwrap();
        let (finding, trials) = replay(&Settings::new(&plan), &seconds).unwrap();
        assert_eq!(finding, played.finding);
        assert_eq!(trials, played.trials);
    }
}

#[test]
fn a_search_that_is_cut_off_at_any_second_replays_to_what_it_knew_then() {
    let plan = SearchPlan {
        profile: Profile::Demo,
        ..plan()
    };
    let whole = played(&plan, &mut demo(SiteKind::Queue));
    let mut live = search(&plan);
    let mut windows = Windows::new();
    for (index, second) in whole.seconds.iter().enumerate() {
        live.next_move();
        live.observe(&windows.window(second));
        let (finding, _) = replay(&Settings::new(&plan), &whole.seconds[..=index]).unwrap();
        assert_eq!(finding, live.finding(), "second {index}");
    }
}
