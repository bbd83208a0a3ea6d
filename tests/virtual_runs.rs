//! The engine on a paused clock: schedule, measurement, search and record, as in a real run.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod virtual_time;

use std::cell::Cell;
use std::time::{Duration, Instant};

use tipover::analysis::statistics::{Z_95, wilson};
use tipover::analysis::tipping_point;
use tipover::load::{ArrivalProcess, Curve, Piece};
use tipover::model::{QueueSite, SiteKind, SiteSpec, truth};
use tipover::record::{Class, Ending, RunRecord, Unsent};
use tipover::scenario::{Enough, Profile, SearchPlan, StopRule, StopRules};
use tipover::search::{Kind, Settings};
use tipover::transport::{Answer, Ended, Request, RunClock, Transport};
use tipover::units::{Rate, Share};
use virtual_time::{Load, Shared, VirtualRun};

fn hold(rate: f64, seconds: u64) -> Curve {
    Curve::new([Piece::hold(Rate::per_second(rate), Duration::from_secs(seconds))])
}

fn demo_site(kind: SiteKind) -> QueueSite {
    QueueSite::new(SiteSpec::demo(kind, Rate::per_second(200.0)))
}

fn demo_search() -> SearchPlan {
    SearchPlan {
        from: Rate::per_second(40.0),
        to: Rate::per_second(1_000.0),
        profile: Profile::Demo,
        budget: Duration::from_secs(52),
        ..SearchPlan::default()
    }
}

fn sent(record: &RunRecord) -> u64 {
    let net: i64 = record
        .seconds
        .iter()
        .map(tipover::record::Second::sent_in_all)
        .sum();
    net.try_into().unwrap()
}

fn ended(record: &RunRecord) -> u64 {
    record
        .seconds
        .iter()
        .flat_map(|second| &second.cells)
        .map(|cell| cell.count)
        .sum()
}

#[test]
fn an_hour_of_load_is_played_in_seconds_and_nothing_is_lost() {
    let started = Instant::now();
    let (record, end) = VirtualRun::new(demo_site(SiteKind::Queue), Load::Curve(hold(100.0, 3_600))).play();
    assert_eq!(end.ending, Ending::Complete);
    assert!(record.seconds.len() >= 3_600);
    let sent = sent(&record);
    assert!((sent as f64 - 360_000.0).abs() < 3_000.0, "{sent} requests");
    let in_flight = record.end.as_ref().unwrap().in_flight;
    assert_eq!(sent, ended(&record) + in_flight, "sent = Σ by class + in flight");
    assert!(
        record
            .seconds
            .iter()
            .all(|second| second.lateness_p99_us <= 1_100),
        "tokio's clock ticks in milliseconds"
    );
    assert!(
        started.elapsed() < Duration::from_secs(60),
        "{:?}",
        started.elapsed()
    );
}

#[test]
fn every_arrival_of_a_plan_is_sent_to_its_very_end() {
    for (rate, seconds) in [(100.0, 2), (1_000.0, 1)] {
        let mut run = VirtualRun::new(demo_site(SiteKind::Queue), Load::Curve(hold(rate, seconds)));
        run.process = ArrivalProcess::Even;
        let (record, end) = run.play();
        assert_eq!(end.ending, Ending::Complete);
        assert_eq!(sent(&record), rate as u64 * seconds);
        assert!(record.seconds.iter().all(|second| second.unsent.is_empty()));
    }
}

#[test]
fn the_same_seed_gives_the_same_record_byte_for_byte() {
    let play = |seed| {
        let book = Shared::default();
        let mut run = VirtualRun::new(demo_site(SiteKind::Queue), Load::Search(demo_search()));
        run.seed = seed;
        run.play_into(book.clone());
        masked(&book.bytes())
    };
    let first = play(5);
    assert_eq!(first, play(5));
    assert_ne!(first, play(6));
}

/// A record without its header and without what the run cost this machine.
fn masked(bytes: &[u8]) -> Vec<String> {
    let lines = std::str::from_utf8(bytes).unwrap().lines().skip(1);
    lines
        .map(|line| {
            let mut value: serde_json::Value = serde_json::from_str(line).unwrap();
            if let Some(generator) = value.get_mut("generator") {
                *generator = serde_json::Value::Null;
            }
            value.to_string()
        })
        .collect()
}

#[test]
fn what_was_concluded_live_is_what_the_record_says() {
    let proof = SearchPlan {
        enough: Some(Enough {
            loads: [150.0, 260.0].map(Rate::per_second).to_vec(),
            hold: Duration::ZERO,
        }),
        ..demo_search()
    };
    let series = SearchPlan {
        repeat: 2,
        ..demo_search()
    };
    for plan in [demo_search(), proof, series] {
        is_the_same_again(plan);
    }
}

fn is_the_same_again(plan: SearchPlan) {
    let (record, _) = VirtualRun::new(demo_site(SiteKind::Queue), Load::Search(plan)).play();
    let settings: Settings = serde_json::from_value(record.header.search.clone().unwrap()).unwrap();
    let (_, trials) = tipover::search::replay(&settings, &record.seconds).unwrap();
    let live: Vec<_> = record
        .trials
        .iter()
        .map(|trial| (trial.trial, trial.rate, trial.verdict.clone(), trial.why.clone()))
        .collect();
    let again: Vec<_> = trials
        .iter()
        .map(|trial| {
            (
                trial.trial,
                trial.rate.get(),
                trial.verdict.to_string(),
                trial.why.clone(),
            )
        })
        .collect();
    assert_eq!(live, again);
    assert_eq!(tipping_point(&record).unwrap().kind, Kind::Tipped);
}

#[test]
fn overload_is_seen_with_its_share_and_its_class() {
    let (record, _) = VirtualRun::new(demo_site(SiteKind::Queue), Load::Curve(hold(400.0, 60))).play();
    let failed: u64 = record
        .seconds
        .iter()
        .flat_map(|second| &second.cells)
        .filter(|cell| cell.class == Class::Status(502))
        .map(|cell| cell.count)
        .sum();
    let share = failed as f64 / ended(&record) as f64;
    assert!(
        (share - 0.5).abs() < 0.02,
        "above capacity C the failed share is 1 − C/R, seen {share}"
    );
}

#[test]
fn an_interruption_ends_the_arrivals_and_keeps_the_record() {
    let mut run = VirtualRun::new(demo_site(SiteKind::Queue), Load::Curve(hold(100.0, 600)));
    run.interrupt_after = Some(Duration::from_millis(10_350));
    let (record, end) = run.play();
    assert_eq!(end.ending, Ending::Interrupted);
    assert_eq!(record.end.as_ref().unwrap().in_flight, 0);
    assert!(record.seconds.len() <= 13, "{} seconds", record.seconds.len());
    let last = record
        .seconds
        .iter()
        .flat_map(|second| &second.sent)
        .map(|(due, _)| *due)
        .max()
        .unwrap();
    assert_eq!(last, 10, "no arrival after the interruption");
}

#[test]
fn a_stop_rule_ends_a_run_that_fails_too_long() {
    let mut run = VirtualRun::new(demo_site(SiteKind::Queue), Load::Curve(hold(600.0, 600)));
    run.stop = StopRules {
        failures: Some(StopRule {
            share: Share::new(0.5),
            length: Duration::from_secs(5),
        }),
        ..StopRules::default()
    };
    let (record, end) = run.play();
    assert_eq!(end.ending, Ending::Capped);
    assert!(end.stopped_by.unwrap().contains("50%"));
    assert!(record.seconds.len() < 12, "{} seconds", record.seconds.len());
}

#[test]
fn arrivals_above_the_cap_are_unsent_and_make_the_second_disturbed() {
    let mut run = VirtualRun::new(demo_site(SiteKind::Timeout), Load::Curve(hold(2_000.0, 20)));
    run.in_flight_cap = 50;
    let (record, _) = run.play();
    let capped: u64 = record
        .seconds
        .iter()
        .flat_map(|second| &second.unsent)
        .filter(|unsent| unsent.reason == Unsent::InFlightCap)
        .map(|unsent| unsent.count)
        .sum();
    assert!(capped > 0);
    assert!(record.seconds.iter().any(|second| second.disturbed));
    assert!(record.seconds.iter().all(|second| second.in_flight <= 50));
}

/// A machine that runs out of ports: every third connection cannot be made, and says so only in the next second.
struct OutOfPorts {
    clock: RunClock,
    calls: Cell<u64>,
}

impl Transport for OutOfPorts {
    type Visitor = ();

    fn visitor(&self) {}

    async fn play(&self, (): &mut (), _: &Request) -> Answer {
        let sent = self.clock.now();
        self.calls.set(self.calls.get() + 1);
        let starved = self.calls.get().is_multiple_of(3);
        tokio::time::sleep(Duration::from_millis(if starved { 1_200 } else { 20 })).await;
        let ended = if starved {
            Ended::Ours(Unsent::Ports)
        } else {
            Ended::Site(Class::Status(200))
        };
        Answer {
            sent,
            first_byte: None,
            done: self.clock.now(),
            ended,
            bytes: 0,
            fresh_connection: true,
            phases: tipover::record::Phases::default(),
            retries: 0,
            evidence: None,
            inside: None,
        }
    }
}

#[test]
fn what_this_machine_could_not_send_is_never_the_sites_failure() {
    let book = Shared::default();
    let run = VirtualRun::new(demo_site(SiteKind::Queue), Load::Curve(hold(100.0, 10)));
    run.play_over(book.clone(), |_, clock| OutOfPorts {
        clock,
        calls: Cell::new(0),
    });
    let record = book.record();
    let withdrawn: u64 = record
        .seconds
        .iter()
        .flat_map(|second| &second.unsent)
        .filter(|unsent| unsent.reason == Unsent::Ports)
        .map(|unsent| unsent.count)
        .sum();
    assert!((300..380).contains(&withdrawn), "{withdrawn} withdrawn");
    assert_eq!(
        sent(&record),
        ended(&record) + record.end.as_ref().unwrap().in_flight
    );
    assert!(
        record
            .seconds
            .iter()
            .flat_map(|second| &second.cells)
            .all(|cell| cell.class == Class::Status(200))
    );
}

/// The demo, 200 seeds of each kind: the interval contains the truth, and its middle is close to it.
fn coverage(kind: SiteKind) {
    let spec = SiteSpec::demo(kind, Rate::per_second(200.0));
    let search = demo_search();
    let horizon = Settings::new(&search).horizon();
    let truth = truth(&spec, ArrivalProcess::Poisson, search.share, horizon).get();
    let play = |seed: u64| {
        let mut run = VirtualRun::new(demo_site(kind), Load::Search(demo_search()));
        run.seed = seed;
        let (record, _) = run.play();
        let finding = tipping_point(&record).unwrap();
        (finding.kind, finding.rate, record.seconds.len())
    };
    let results: Vec<_> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..2)
            .map(|part| scope.spawn(move || (0..100).map(|i| play(1_000 + 2 * i + part)).collect::<Vec<_>>()))
            .collect();
        threads
            .into_iter()
            .flat_map(|thread| thread.join().unwrap())
            .collect()
    });
    let covered = results
        .iter()
        .filter(|(_, rate, _)| rate.is_some_and(|rate| (rate.low..=rate.high).contains(&truth)))
        .count();
    let mut errors: Vec<f64> = results
        .iter()
        .map(|(_, rate, _)| rate.map_or(1.0, |rate| (rate.mid / truth - 1.0).abs()))
        .collect();
    errors.sort_by(f64::total_cmp);
    let mut seconds: Vec<usize> = results.iter().map(|(_, _, seconds)| *seconds).collect();
    seconds.sort_unstable();
    println!(
        "{kind:?}: truth {truth:.1}/s, covered {covered}/200, error median {:.2} % p90 {:.2} % max {:.2} %, seconds median {} max {}",
        errors[100] * 100.0,
        errors[180] * 100.0,
        errors[199] * 100.0,
        seconds[100],
        seconds[199]
    );
    assert!(results.iter().all(|(kind, _, _)| *kind == Kind::Tipped));
    let at_least = wilson(covered as u64, 200, Z_95).low;
    assert!(
        at_least >= 0.88,
        "covered {covered} of 200: at least {at_least:.3}"
    );
    assert!(errors[100] <= 0.05, "median error {}", errors[100]);
    assert!(seconds[199] <= 56, "longest search {} s", seconds[199]);
}

#[test]
fn the_demo_with_a_short_queue_is_named_within_its_interval() {
    coverage(SiteKind::Queue);
}

#[test]
fn the_demo_with_a_timeout_is_named_within_its_interval() {
    coverage(SiteKind::Timeout);
}

#[test]
fn the_demo_with_a_limiter_is_named_within_its_interval() {
    coverage(SiteKind::Limit);
}
