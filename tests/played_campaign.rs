//! Campaigns on a paused clock, against model sites: what is played is what was planned, and what it met is counted.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod virtual_time;

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use statrs::distribution::{ChiSquared, ContinuousCDF, DiscreteCDF, Poisson};
use tipover::analysis::campaign_outcome;
use tipover::campaign::{Forecast, Planned, Played, Shape};
use tipover::load::Tape;
use tipover::model::{Call, Foreseen, ModelSite};
use tipover::record::{Class, Ending, RunRecord, Second};
use tipover::scenario::{Overrides, Reloads, Scenario, from_text};
use tipover::units::{Offset, Share};
use virtual_time::{Load, VirtualRun};

/// Bins of the comparison, in seconds.
const BIN: f64 = 10.0;

fn scenario(campaign: &str) -> Scenario {
    let text = format!(
        "version: 1\ntarget: http://localhost\njourney: [ {{ get: / }} ]\ncampaigns: [ {campaign} ]\nload: {{ campaign: newsletter }}\n"
    );
    let loaded = from_text(&text, "a.yaml", Path::new(""), &Overrides::default(), &|_| None);
    loaded.unwrap().scenario
}

/// The campaign, and what is played of it.
fn played(campaign: &str) -> (Planned, Played, Load) {
    let mut scenario = scenario(campaign);
    let planned = Forecast::new(&scenario).campaigns.remove(0);
    let part = scenario.load.campaign.clone().unwrap();
    let played = Played::new(&planned, &part, scenario.load.reloads.as_ref());
    scenario.load.set_stages(played.people.clone());
    let load = Load::Campaign(scenario.load.curve, played.scanners.clone(), played.line.clone());
    (planned, played, load)
}

/// A site that answers every request at once, and with 502 while `is_down`.
fn site(is_down: impl Fn(f64) -> bool + 'static) -> impl ModelSite + 'static {
    Foreseen::new(move |call: &Call| {
        let status = if is_down(call.at.as_secs_f64()) { 502 } else { 200 };
        call.ends(Duration::from_millis(20), Class::Status(status))
    })
}

/// Arrivals by the bin in which they were due: people, and link scanners.
fn arrivals(record: &RunRecord, seconds: f64) -> [Vec<u64>; 2] {
    let count = (seconds / BIN) as usize;
    let [mut people, mut scanners] = [vec![0_i64; count], vec![0_i64; count]];
    let mut add = |to: usize, due: u32, sent: i64| {
        let bin = (f64::from(due) / BIN) as usize;
        if bin < count {
            [&mut people, &mut scanners][to][bin] += sent;
        }
    };
    for second in &record.seconds {
        for (due, sent) in &second.sent {
            add(0, *due, *sent);
        }
        for (due, sent) in second.scanners.iter().flat_map(|line| &line.sent) {
            add(0, *due, -sent);
            add(1, *due, *sent);
        }
    }
    [people, scanners].map(|bins| bins.into_iter().map(|count| count.try_into().unwrap()).collect())
}

/// What `all` arrivals in `shape` bring to each bin.
fn expected(shape: &Shape, all: f64, bins: usize) -> Vec<f64> {
    let until = |bin: usize| shape.share_by(bin as f64 * BIN);
    (0..bins).map(|bin| all * (until(bin + 1) - until(bin))).collect()
}

/// The probability of counts as far off as these, and the bins outside their 99.9 % limits, corrected by Bonferroni for
/// looking at all of them.
fn compared(counts: &[u64], expected: &[f64]) -> (f64, usize) {
    let bins: Vec<(f64, f64)> = counts
        .iter()
        .zip(expected)
        .filter(|(_, expected)| **expected >= 5.0)
        .map(|(count, expected)| (*count as f64, *expected))
        .collect();
    let square: f64 = bins
        .iter()
        .map(|(count, mean)| (count - mean).powi(2) / mean)
        .sum();
    let probability = ChiSquared::new(bins.len() as f64).unwrap().sf(square);
    let tail = 0.001 / 2.0 / bins.len() as f64;
    let outside = bins.iter().filter(|(count, mean)| {
        let poisson = Poisson::new(*mean).unwrap();
        let (least, most) = (
            poisson.cdf(*count as u64),
            poisson.sf(*count as u64 - u64::from(*count > 0.0)),
        );
        least < tail || (*count > 0.0 && most < tail)
    });
    (probability, outside.count())
}

#[test]
fn a_played_newsletter_follows_its_plan_bin_by_bin() {
    let campaign = "{ newsletter: { recipients: 3600k, send_duration: 10m, scanner_share: 0.2% } }";
    for seed in 1..=4 {
        let (planned, played, load) = played(campaign);
        let mut run = VirtualRun::new(site(|_| false), load);
        run.seed = seed;
        let (record, end) = run.play();
        assert_eq!(end.ending, Ending::Complete);
        let [people, scanners] = arrivals(&record, played.line.ends_at);
        let bins = people.len();
        assert!(bins >= 148, "{bins} bins");
        let visits = expected(
            &planned.people(planned.duration),
            planned.audience * planned.response,
            bins,
        );
        let scans = expected(
            &planned.scanners(planned.duration),
            planned.audience * planned.scanner_share * planned.links,
            bins,
        );
        for (name, counts, expected) in [("people", &people, &visits), ("scanners", &scanners, &scans)] {
            let (probability, outside) = compared(counts, expected);
            println!("{name}, seed {seed}: p = {probability:.3}, {outside} bins outside");
            assert!(
                probability > 0.001 && outside == 0,
                "{name}, seed {seed}: p {probability}, {outside} outside"
            );
        }
        // Nobody comes where nobody is expected.
        let beyond = scanners
            .iter()
            .zip(&scans)
            .filter(|(_, expected)| **expected == 0.0);
        assert_eq!(beyond.map(|(count, _)| count).sum::<u64>(), 0);
        // The comparison tells a send that takes two minutes longer from this one.
        let slower = expected_of_slower(&planned, bins);
        assert!(compared(&people, &slower).0 < 1e-6);
    }
}

fn expected_of_slower(planned: &Planned, bins: usize) -> Vec<f64> {
    let people = planned.people(planned.duration + 120.0);
    expected(&people, planned.audience * planned.response, bins)
}

fn sent(record: &RunRecord) -> u64 {
    let sum: i64 = record.seconds.iter().map(Second::sent_in_all).sum();
    sum.try_into().unwrap()
}

fn adds_up(record: &RunRecord) {
    let ended: u64 = record
        .seconds
        .iter()
        .flat_map(|second| &second.cells)
        .map(|cell| cell.count)
        .sum();
    assert_eq!(
        sent(record),
        ended + record.end.as_ref().unwrap().in_flight,
        "sent = Σ by class + in flight"
    );
}

#[test]
fn an_outage_in_the_middle_is_timed_from_the_send_and_its_visits_are_counted() {
    let campaign = "{ newsletter: { recipients: 180k, send_duration: 10m, scanner_share: 1%, \
                    conversion_rate: 2%, order_value: 80 EUR } }";
    let (_, _, load) = played(campaign);
    let (record, _) = VirtualRun::new(site(|at| (300.0..420.0).contains(&at)), load).play();
    adds_up(&record);
    let met = campaign_outcome(&record).unwrap();
    let first = met.first_502_at_seconds.unwrap();
    assert!((300.0..302.0).contains(&first), "{first}");
    let until = met.failed_until_seconds.unwrap();
    assert!((418.0..=420.0).contains(&until), "{until}");
    // Scanners ask 24 times a second: no second of the outage is without a failure.
    assert_eq!(met.failing_seconds, 120);
    assert_eq!(met.recovered, Some(true));
    // One request a visit, one for each link: whatever failed was one or the other.
    assert_eq!(met.visits_hit, met.visits_lost);
    let failed: u64 = record
        .seconds
        .iter()
        .flat_map(|second| &second.cells)
        .filter(|cell| cell.class == Class::Status(502))
        .map(|cell| cell.count)
        .sum();
    assert_eq!(failed, met.visits_hit + met.scanner_requests_failed);
    assert!(
        (2_700..3_060).contains(&met.scanner_requests_failed),
        "{}",
        met.scanner_requests_failed
    );
    assert!(
        (13_900..14_900).contains(&met.scanner_requests),
        "{}",
        met.scanner_requests
    );
    assert_eq!(met.revenue_at_risk, Some(met.visits_lost as f64 * 0.02 * 80.0));
}

#[test]
fn visitors_reload_what_failed_and_some_of_them_get_through() {
    let play = |reloads| {
        let (_, _, load) =
            played("{ newsletter: { recipients: 900k, send_duration: 10m, scanner_share: 0% } }");
        let mut run = VirtualRun::new(site(|at| (300.0..420.0).contains(&at)), load);
        run.reloads = reloads;
        let (record, _) = run.play();
        adds_up(&record);
        campaign_outcome(&record).unwrap()
    };
    let leaving = play(None);
    assert_eq!((leaving.reloads, leaving.visits_hit), (0, leaving.visits_lost));
    let reloads = Reloads {
        share: Share::new(0.5),
        after: Duration::from_secs(5),
        most: 3,
    };
    let trying = play(Some(reloads));
    assert_eq!(trying.visits, leaving.visits, "reloads bring no new visits");
    assert_eq!(trying.visits_hit, leaving.visits_hit);
    // ½ + ¼ + ⅛ reloads for each visit that fails for good, in the middle of the outage.
    let each = trying.reloads as f64 / trying.visits_hit as f64;
    assert!((0.75..0.95).contains(&each), "{each} reloads a visit");
    let saved = trying.visits_hit - trying.visits_lost;
    assert!(
        saved > 0 && (saved as f64) < 0.15 * trying.visits_hit as f64,
        "{saved} got through"
    );
    let always = play(Some(Reloads {
        share: Share::new(1.0),
        most: 100,
        ..reloads
    }));
    assert_eq!(
        always.visits_lost, 0,
        "who never gives up gets through once the site is back"
    );
}

#[test]
fn link_scanners_have_no_latency_that_a_visitor_feels() {
    let (_, _, load) = played("{ newsletter: { recipients: 180k, send_duration: 2m, scanner_share: 5% } }");
    let (record, _) = VirtualRun::new(site(|_| false), load).play();
    let (mut all, mut felt, mut scans) = (0, 0, 0);
    for second in &record.seconds {
        for cell in &second.cells {
            all += cell.count;
            felt += cell.from_due.len();
        }
        let ended = second.scanners.iter().flat_map(|line| &line.ended);
        scans += ended.map(|(_, _, count)| count).sum::<u64>();
    }
    assert!(scans > 60_000, "{scans}");
    assert_eq!(all, felt + scans);
    let visits: u64 = record.seconds.iter().map(|second| second.visits).sum();
    assert_eq!(visits, felt, "a scanner is no visit");
}

#[test]
fn a_tape_is_played_at_its_own_times() {
    let entries: Vec<(Offset, u32)> = (0..300_u64)
        .map(|at| (Offset::from_millis(at * at % 20_000), 0))
        .collect();
    let tape = Arc::new(Tape::new(entries));
    let (record, end) = VirtualRun::new(site(|_| false), Load::Tape(Arc::clone(&tape))).play();
    assert_eq!(end.ending, Ending::Complete);
    adds_up(&record);
    assert_eq!(sent(&record), 300);
    for second in &record.seconds {
        let from = Offset::from_secs(second.second.into());
        let planned = tape.count_between(from, from + Duration::from_secs(1));
        assert_eq!(second.offered, planned as f64);
        let due: i64 = record
            .seconds
            .iter()
            .flat_map(|line| &line.sent)
            .filter(|(due, _)| *due == second.second)
            .map(|(_, count)| count)
            .sum();
        assert_eq!(due, planned as i64, "second {}", second.second);
    }
}
