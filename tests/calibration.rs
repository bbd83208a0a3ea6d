//! What a log was made of is found in it again: sends of known truth, with scanners and unrelated traffic mixed in.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod sends;

use std::hash::BuildHasherDefault;
use std::hash::DefaultHasher;

use sends::{Format, Happened, Manner, SENT_AT, Truth};
use tipover::access_log;
use tipover::campaign::calibrate::{Calibration, FittedOn, Gathering, LinksSource, Question};

fn question(truth: &Truth, send_is_given: bool) -> Question {
    Question {
        sent_at: SENT_AT,
        recipients: truth.recipients,
        send: send_is_given.then_some(truth.send),
        links: None,
    }
}

/// What is found in the log of `truth`, and what happened in it.
fn calibrated(truth: Truth, seed: u64, send_is_given: bool) -> (Calibration, Happened) {
    let mut gathering = Gathering::new(
        question(&truth, send_is_given),
        BuildHasherDefault::<DefaultHasher>::new(),
    );
    let happened = sends::write(truth, seed, |line| {
        if let Ok(entry) = access_log::parse(line) {
            gathering.add(&entry);
        }
    });
    (gathering.calibrate(), happened)
}

/// Each number with its relative error against the truth.
fn errors(found: &Calibration, truth: &Truth, happened: &Happened) -> Vec<(&'static str, f64)> {
    let curve = found.curve.as_ref().unwrap();
    let scanners = found.scanners.unwrap();
    let pairs = [
        ("median", curve.median_seconds.mid, truth.median),
        ("sigma", curve.sigma.mid, truth.sigma),
        ("send", curve.send_seconds.mid, truth.send),
        ("click rate", found.click_rate.unwrap().mid, truth.click_rate),
        ("pages", found.pages_per_visit.unwrap(), happened.pages_per_visit),
        (
            "requests per page",
            found.requests_per_page.unwrap(),
            happened.requests_per_page,
        ),
        (
            "visit seconds",
            found.visit_seconds.unwrap().mean,
            happened.visit_seconds,
        ),
        (
            "scanned links",
            scanners.share * f64::from(scanners.links),
            truth.scanner_share * f64::from(truth.links),
        ),
        (
            "baseline",
            found.baseline.unwrap().pages_per_second.unwrap(),
            happened.usual_pages,
        ),
    ];
    pairs
        .map(|(name, found, truth)| (name, found / truth - 1.0))
        .to_vec()
}

const SHOP: Truth = Truth {
    recipients: 400_000,
    click_rate: 0.07,
    median: 3.0 * 3_600.0,
    sigma: 2.0,
    send: 1_800.0,
    links: 8,
    scanner_share: 0.1,
    manner: Manner::Gateways,
    pages: 3.0,
    assets: 2.0,
    usual: 0.11,
    swing: 0.0,
    is_tracked: true,
    hours: (24.0, 48.0),
    format: Format::Combined,
};

fn show(truth: Truth, seed: u64, given: bool) {
    let (found, happened) = calibrated(truth, seed, given);
    println!(
        "seed {seed} given {given} lines {}/{}/{}",
        happened.people_lines, happened.scanner_lines, happened.unrelated_lines
    );
    println!(
        "  {:?} links {:?} {:?}",
        found.fitted_on,
        found.scanners.map(|s| (s.links, s.share, s.pages)),
        found.warnings
    );
    for (name, error) in errors(&found, &truth, &happened) {
        println!("  {name:20} {:+.1} %", 100.0 * error);
    }
}

#[test]
fn explore() {
    for seed in 0..2 {
        for given in [true, false] {
            show(SHOP, seed, given);
            show(
                Truth {
                    is_tracked: false,
                    manner: Manner::PerMail,
                    ..SHOP
                },
                seed,
                given,
            );
            show(
                Truth {
                    is_tracked: false,
                    manner: Manner::PerLink,
                    median: 3_600.0,
                    sigma: 1.5,
                    send: 600.0,
                    format: Format::Json,
                    pages: 2.0,
                    ..SHOP
                },
                seed,
                given,
            );
        }
    }
}
