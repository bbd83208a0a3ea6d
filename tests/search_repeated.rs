//! Several searches of one site, pooled: `--repeat`.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::time::Duration;

use tipover::load::ArrivalProcess;
use tipover::model::{Call, Foreseen, ModelSite, Played, QueueSite, SiteKind, SiteSpec, Visits, play, truth};
use tipover::record::Class;
use tipover::scenario::{Profile, SearchPlan};
use tipover::search::{Kind, Phase, Settings, begin, replay};
use tipover::units::{Rate, Share};

const FINE: Class = Class::Status(200);

fn plan(repeat: u32) -> SearchPlan {
    SearchPlan {
        from: Rate::per_second(10.0),
        to: Rate::per_second(600.0),
        profile: Profile::Quick,
        repeat,
        ..SearchPlan::default()
    }
}

fn played(repeat: u32, site: &mut dyn ModelSite, seed: u64) -> Played {
    let mut search = begin(&Settings::new(&plan(repeat))).unwrap();
    play(
        search.as_mut(),
        site,
        Visits::of_one_page(ArrivalProcess::Poisson, seed),
        4_000,
    )
}

fn demo() -> SiteSpec {
    SiteSpec::demo(SiteKind::Queue, Rate::per_second(100.0))
}

/// Refuses with `class` what comes above the limit of its second.
fn limited(limit: impl Fn(u32) -> usize, class: Class) -> impl ModelSite {
    let (mut second, mut seen) = (0, 0);
    Foreseen::new(move |call: &Call| {
        if call.at.second() != second {
            (second, seen) = (call.at.second(), 0);
        }
        seen += 1;
        let is_fine = seen <= limit(second);
        call.ends(Duration::from_millis(20), if is_fine { FINE } else { class })
    })
}

#[test]
fn three_searches_are_one_finding_whose_interval_holds_the_truth() {
    let spec = demo();
    let truth = truth(
        &spec,
        ArrivalProcess::Poisson,
        Share::new(0.01),
        Duration::from_secs(15),
    )
    .get();
    for seed in [1, 3, 5] {
        let once = played(1, &mut QueueSite::new(spec), seed);
        let thrice = played(3, &mut QueueSite::new(spec), seed);
        let finding = &thrice.finding;
        assert_eq!(
            (finding.kind, finding.converged),
            (Kind::Tipped, true),
            "{}",
            finding.why
        );
        let rate = finding.rate.unwrap();
        assert!(
            rate.low <= truth && truth <= rate.high,
            "{rate:?} against {truth}"
        );
        assert!(finding.why.contains("3 searches of this site"), "{}", finding.why);
        assert!(
            finding.evidence[1].starts_with("The searches found"),
            "{:?}",
            finding.evidence
        );
        assert!(thrice.seconds.len() > once.seconds.len());
        assert_eq!(
            finding.first_failure, once.finding.first_failure,
            "the first of all is the first of the first"
        );
    }
}

#[test]
fn trials_are_numbered_on_and_follow_one_another_without_a_gap() {
    let played = played(3, &mut QueueSite::new(demo()), 1);
    let numbers: Vec<u32> = played.trials.iter().map(|trial| trial.trial).collect();
    assert_eq!(numbers, (0..numbers.len() as u32).collect::<Vec<_>>());
    for pair in played.trials.windows(2) {
        assert_eq!(pair[0].until, pair[1].from, "{pair:?}");
    }
    let baselines: Vec<usize> = played
        .trials
        .iter()
        .enumerate()
        .filter(|(_, trial)| trial.phase == Phase::Baseline)
        .map(|(index, _)| index)
        .collect();
    assert_eq!(baselines.len(), 3);
    for index in &baselines[1..] {
        assert_eq!(
            played.trials[index - 1].phase,
            Phase::Recover,
            "the site is well before the next search"
        );
    }
}

#[test]
fn the_record_alone_leads_to_the_same_pooled_finding() {
    let played = played(2, &mut QueueSite::new(demo()), 7);
    let (finding, trials) = replay(&Settings::new(&plan(2)), &played.seconds).unwrap();
    assert_eq!((finding, trials), (played.finding, played.trials));
}

#[test]
fn searches_that_disagree_widen_the_interval_to_all_of_theirs() {
    let first = played(1, &mut limited(|_| 80, Class::Status(502)), 1);
    let length = first.seconds.len() as u32;
    let mut changed = limited(
        move |second| if second <= length { 80 } else { 160 },
        Class::Status(502),
    );
    let finding = played(2, &mut changed, 1).finding;
    let rate = finding.rate.unwrap();
    assert!(rate.low < 80.0 && rate.high > 130.0, "{rate:?}");
    assert!(
        finding.evidence.iter().any(|text| text.contains("do not agree")),
        "{:?}",
        finding.evidence
    );
}

#[test]
fn a_search_that_ends_otherwise_is_told_and_ends_the_series_where_it_should() {
    let first = played(1, &mut limited(|_| 80, Class::Status(502)), 1);
    let length = first.seconds.len() as u32 + 10;
    let (mut second, mut seen) = (0, 0);
    let mut site = Foreseen::new(move |call: &Call| {
        if call.at.second() != second {
            (second, seen) = (call.at.second(), 0);
        }
        seen += 1;
        let class = match (second > length, seen) {
            (true, 41..) => Class::Status(403),
            (false, 81..) => Class::Status(502),
            _ => FINE,
        };
        call.ends(Duration::from_millis(20), class)
    });
    let played = played(5, &mut site, 1);
    let finding = &played.finding;
    assert_eq!((finding.kind, finding.converged), (Kind::Tipped, false));
    assert!(
        finding.evidence[0].starts_with("2 of 5 searches"),
        "{:?}",
        finding.evidence
    );
    assert!(
        finding
            .evidence
            .iter()
            .any(|text| text.contains("Search 2 ended otherwise")),
        "{:?}",
        finding.evidence
    );
}

#[test]
fn searches_that_reach_no_tipping_point_say_so_together() {
    let finding = played(2, &mut limited(|_| usize::MAX, Class::Status(502)), 1).finding;
    assert_eq!(
        (finding.kind, finding.converged),
        (Kind::NotReached, true),
        "{}",
        finding.why
    );
    assert_eq!(finding.up_to, Some(Rate::per_second(600.0)));
}
