//! The closed model on a paused clock: so many visitors are kept walking, whatever the site does.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod virtual_time;

use std::time::Duration;

use tipover::load::{Crowd, CrowdPiece};
use tipover::model::{Call, Foreseen, ModelSite};
use tipover::record::{Class, Ending, RunRecord, Second, Unsent};
use tipover::units::Offset;
use virtual_time::{Load, VirtualRun};

/// A site that answers every request after the same time.
fn steady(millis: u64) -> impl ModelSite + 'static {
    Foreseen::new(move |call: &Call| call.ends(Duration::from_millis(millis), Class::Status(200)))
}

fn sent(record: &RunRecord) -> i64 {
    record.seconds.iter().map(Second::sent_in_all).sum()
}

fn ended(record: &RunRecord) -> u64 {
    let cells = record.seconds.iter().flat_map(|second| &second.cells);
    cells.map(|cell| cell.count).sum()
}

fn adds_up(record: &RunRecord) {
    let in_flight = record.end.as_ref().unwrap().in_flight;
    assert_eq!(
        sent(record).cast_unsigned(),
        ended(record) + in_flight,
        "sent = Σ by class + in flight"
    );
}

#[test]
fn so_many_visitors_are_walking_all_the_time_and_the_site_sets_the_rate() {
    let crowd = Crowd::hold(64, Duration::from_secs(30));
    let (record, end) = VirtualRun::new(steady(100), Load::Crowd(crowd)).play();
    assert_eq!(end.ending, Ending::Complete);
    adds_up(&record);
    // 64 visitors, one request each 100 ms; tokio's clock ticks in milliseconds.
    let rate = sent(&record) as f64 / 30.0;
    assert!((610.0..=641.0).contains(&rate), "{rate} requests/s");
    for second in &record.seconds[1..29] {
        assert_eq!(second.in_flight, 64, "second {}", second.second);
        assert_eq!(second.visitors, Some(64.0));
        assert!((second.offered - rate).abs() < 80.0, "{} pages/s", second.offered);
        assert!(!second.disturbed);
    }
}

#[test]
fn a_crowd_grows_and_shrinks_between_its_counts() {
    let piece = |seconds, from, to| CrowdPiece {
        length: Duration::from_secs(seconds),
        from,
        to,
    };
    let crowd = Crowd::new([piece(20, 0.0, 40.0), piece(10, 40.0, 40.0), piece(20, 40.0, 0.0)]);
    let (record, _) = VirtualRun::new(steady(50), Load::Crowd(crowd.clone())).play();
    adds_up(&record);
    for second in record.seconds.iter().filter(|second| second.second < 49) {
        let wanted = crowd.mean(
            Offset::from_secs(second.second.into()),
            Offset::from_secs((second.second + 1).into()),
        );
        assert!(
            (second.in_flight_mean - wanted).abs() <= 2.0,
            "{} visitors, not {wanted}",
            second.in_flight_mean
        );
    }
}

#[test]
fn a_closed_model_hides_waiting_and_says_so() {
    let site = |call: &Call| {
        let stands_still = (10.0..12.0).contains(&call.at.as_secs_f64());
        let millis = if stands_still { 2_000 } else { 10 };
        call.ends(Duration::from_millis(millis), Class::Status(200))
    };
    let (record, _) = VirtualRun::new(
        Foreseen::new(site),
        Load::Crowd(Crowd::hold(10, Duration::from_secs(20))),
    )
    .play();
    adds_up(&record);
    let slow: u64 = record
        .seconds
        .iter()
        .flat_map(|second| &second.cells)
        .map(|cell| {
            cell.from_due
                .buckets()
                .filter(|(micros, _)| *micros > 1_000_000)
                .map(|(_, count)| count)
                .sum::<u64>()
        })
        .sum();
    assert_eq!(
        slow, 10,
        "of the 2,000 requests that an open model would have sent, each visitor saw one"
    );
    assert_eq!(record.events[0].what, "closed_model");
    assert!(record.events[0].detail.contains("coordinated omission"));
}

#[test]
fn an_interruption_sends_nobody_on_another_visit() {
    let mut run = VirtualRun::new(steady(200), Load::Crowd(Crowd::hold(8, Duration::from_secs(600))));
    run.interrupt_after = Some(Duration::from_millis(5_350));
    let (record, end) = run.play();
    assert_eq!(end.ending, Ending::Interrupted);
    assert!(record.seconds.len() <= 8, "{} seconds", record.seconds.len());
    adds_up(&record);
    assert_eq!(record.end.as_ref().unwrap().in_flight, 0);
}

#[test]
fn visitors_above_the_cap_are_unsent_and_do_not_spin() {
    let mut run = VirtualRun::new(steady(100), Load::Crowd(Crowd::hold(30, Duration::from_secs(10))));
    run.in_flight_cap = 20;
    let (record, _) = run.play();
    adds_up(&record);
    let lines = record.seconds.iter().flat_map(|second| &second.unsent);
    let capped: u64 = lines
        .filter(|line| line.reason == Unsent::InFlightCap)
        .map(|line| line.count)
        .sum();
    assert!((100..=3_000).contains(&capped), "{capped} turned away");
    assert!(record.seconds.iter().any(|second| second.disturbed));
}
