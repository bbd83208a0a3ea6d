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

/// A shop's newsletter with tracked links, scanned by a few gateways.
const SHOP: Truth = Truth {
    recipients: 300_000,
    click_rate: 0.12,
    median: 3.0 * 3_600.0,
    sigma: 2.0,
    send: 1_800.0,
    links: 4,
    scanner_share: 0.1,
    manner: Manner::Gateways,
    pages: 3.0,
    assets: 2.0,
    usual: 0.06,
    swing: 0.0,
    is_tracked: true,
    hours: (24.0, 48.0),
    format: Format::Combined,
};
/// Another one, whose links carry nothing.
const PLAIN: Truth = Truth {
    is_tracked: false,
    manner: Manner::PerMail,
    median: 5_400.0,
    sigma: 1.6,
    send: 900.0,
    pages: 2.2,
    usual: 0.055,
    ..SHOP
};

/// Every number of the send is found again within 5 %, with 10 % of the mails scanned and a fifth of the lines unrelated.
fn assert_found_again(truth: Truth, seed: u64, send_is_given: bool) -> Calibration {
    let (found, happened) = calibrated(truth, seed, send_is_given);
    let all = happened.people_lines + happened.scanner_lines + happened.unrelated_lines;
    let unrelated = happened.unrelated_lines as f64 / all as f64;
    assert!(unrelated > 0.18, "only {unrelated} of the lines are unrelated");
    for (name, error) in errors(&found, &truth, &happened) {
        let percent = 100.0 * error;
        assert!(
            percent.abs() <= 5.0,
            "seed {seed}: {name} is off by {percent:+.1} %"
        );
    }
    found
}

#[test]
fn a_tracked_send_is_found_again() {
    for seed in [101, 102] {
        let found = assert_found_again(SHOP, seed, true);
        assert_eq!(found.fitted_on, FittedOn::TrackedVisits);
        let scanners = found.scanners.unwrap();
        assert_eq!((scanners.links, scanners.links_source), (4, LinksSource::Seen));
        assert_eq!(found.warnings, Vec::<String>::new());
    }
}

#[test]
fn a_send_without_tracking_is_found_again_under_what_comes_anyway() {
    for (seed, swing) in [(103, 0.0), (104, 0.5)] {
        let found = assert_found_again(Truth { swing, ..PLAIN }, seed, true);
        assert_eq!(found.fitted_on, FittedOn::AllVisits);
        assert_eq!(found.scanners.unwrap().links, 4);
    }
}

#[test]
fn scanners_with_an_address_for_each_link_are_found_in_json_lines() {
    let truth = Truth {
        manner: Manner::PerLink,
        format: Format::Json,
        ..PLAIN
    };
    assert_found_again(truth, 105, true);
}

#[test]
fn a_site_whose_assets_are_elsewhere_is_found_again() {
    let truth = Truth {
        assets: 0.0,
        usual: 0.07,
        ..SHOP
    };
    let found = assert_found_again(truth, 106, true);
    assert!(found.warnings[0].contains("no assets"), "{:?}", found.warnings);
}

#[test]
fn scanners_are_told_from_people_by_referrers_where_nothing_else_tells() {
    let truth = Truth {
        assets: 0.0,
        usual: 0.07,
        ..PLAIN
    };
    assert_found_again(truth, 108, true);
}

#[test]
fn a_common_log_is_found_again() {
    let truth = Truth {
        format: Format::Common,
        ..SHOP
    };
    assert_found_again(truth, 109, true);
}

#[test]
fn where_nobody_scanned_hardly_a_scanner_is_found() {
    for (seed, truth) in [
        (110, SHOP),
        (111, PLAIN),
        (112, Truth { assets: 0.0, ..SHOP }),
        (113, Truth { assets: 0.0, ..PLAIN }),
    ] {
        let truth = Truth {
            scanner_share: 0.0,
            recipients: 100_000,
            ..truth
        };
        let (found, _) = calibrated(truth, seed, true);
        let scanners = found.scanners.unwrap();
        assert!(scanners.share < 0.003, "seed {seed}: {scanners:?}");
        let rate = found.click_rate.unwrap();
        assert!(
            (rate.mid / truth.click_rate - 1.0).abs() < 0.05,
            "seed {seed}: {rate:?}"
        );
    }
}

#[test]
fn a_log_that_begins_with_the_send_is_found_again_and_said_to_have_no_baseline() {
    let truth = Truth {
        hours: (0.0, 48.0),
        ..SHOP
    };
    let (found, happened) = calibrated(truth, 114, true);
    for (name, error) in errors(&found, &truth, &happened) {
        assert!(
            name == "baseline" || error.abs() <= 0.05,
            "{name} is off by {error}"
        );
    }
    assert_eq!(found.baseline.unwrap().measured_seconds, 0.0);
    assert!(
        found
            .warnings
            .iter()
            .any(|warning| warning.contains("before the send"))
    );
}

#[test]
fn the_send_duration_is_found_where_clicks_are_many() {
    let truth = Truth {
        recipients: 1_000_000,
        click_rate: 0.11,
        links: 2,
        pages: 1.2,
        assets: 0.0,
        usual: 0.1,
        median: 2_700.0,
        sigma: 1.4,
        ..SHOP
    };
    assert_found_again(truth, 107, false);
}

#[test]
fn ninety_five_percent_intervals_hold_the_truth_about_as_often() {
    let truth = Truth {
        recipients: 40_000,
        click_rate: 0.08,
        scanner_share: 0.02,
        assets: 1.0,
        pages: 1.5,
        usual: 0.01,
        ..SHOP
    };
    let mut held = [0; 3];
    let sends = 30;
    for seed in 200..200 + sends {
        let (found, _) = calibrated(truth, seed, true);
        let curve = found.curve.unwrap();
        let pairs = [
            (curve.median_seconds, truth.median),
            (curve.sigma, truth.sigma),
            (found.click_rate.unwrap(), truth.click_rate),
        ];
        for (held, (interval, truth)) in held.iter_mut().zip(pairs) {
            *held += u64::from((interval.low..=interval.high).contains(&truth));
        }
    }
    // 30 times 95 % holds fewer than 25 with a chance of 0.3 %.
    assert!(held.iter().all(|held| *held >= 25), "{held:?} of {sends}");
}

#[test]
fn a_log_without_a_send_has_no_curve_and_says_so() {
    let truth = Truth {
        recipients: 1,
        click_rate: 0.0,
        scanner_share: 0.0,
        usual: 0.000_1,
        ..SHOP
    };
    let (found, _) = calibrated(truth, 1, true);
    assert!(found.curve.is_none() && found.scenario_lines().is_none());
    assert!(found.warnings[0].contains("--sent-at"), "{:?}", found.warnings);
}

#[test]
fn traffic_without_a_rise_has_no_curve() {
    let truth = Truth {
        recipients: 1,
        click_rate: 0.0,
        scanner_share: 0.0,
        usual: 0.05,
        ..PLAIN
    };
    let (found, _) = calibrated(truth, 115, true);
    assert!(found.curve.is_none(), "{:?}", found.curve);
    assert!(found.warnings[0].contains("stand out"), "{:?}", found.warnings);
}
