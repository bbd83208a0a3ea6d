//! The search against sites of known truth, over many seeds. `cargo bench --bench coverage` prints the whole tables.

mod coverage;

use coverage::{PROCESSES, at, fresh_seeds, gateways, measure};
use tipover::analysis::statistics::{Z_95, wilson};
use tipover::load::ArrivalProcess;
use tipover::model::{SiteKind, SiteSpec};
use tipover::scenario::Profile;
use tipover::units::Rate;

/// The bar for one demo site: 200 searches, each in its own seconds.
fn demo_holds_its_bar(kind: SiteKind, process: ArrivalProcess) {
    let spec = SiteSpec::demo(kind, Rate::per_second(200.0));
    let coverage = measure(Profile::Demo, spec, process, &fresh_seeds(200));
    let line = coverage.line(&format!("demo {kind:?} {process}"));
    assert_eq!(coverage.tipped, 200, "{line}");
    assert!(wilson(coverage.covered, 200, Z_95).low >= 0.88, "{line}");
    assert!(at(&coverage.errors, 0.5) <= 0.05, "{line}");
    // Nine of ten within 5 %, as far as so many searches can tell.
    let within = coverage.errors.iter().filter(|error| **error <= 0.05).count() as u64;
    assert!(wilson(within, 200, Z_95).high >= 0.9, "{within} of 200: {line}");
    assert!(
        at(&coverage.seconds, 0.5) <= 45 && at(&coverage.seconds, 1.0) <= 52,
        "{line}"
    );
}

#[test]
fn the_queue_demo_covers_its_truth_within_a_minute() {
    for process in PROCESSES {
        demo_holds_its_bar(SiteKind::Queue, process);
    }
}

#[test]
fn the_timeout_demo_covers_its_truth_within_a_minute() {
    for process in PROCESSES {
        demo_holds_its_bar(SiteKind::Timeout, process);
    }
}

#[test]
fn the_limit_demo_covers_its_truth_within_a_minute() {
    for process in PROCESSES {
        demo_holds_its_bar(SiteKind::Limit, process);
    }
}

#[test]
fn sites_like_real_gateways_are_named_within_ten_percent() {
    for (name, spec) in gateways() {
        for process in PROCESSES {
            let coverage = measure(Profile::Quick, spec, process, &fresh_seeds(40));
            let line = coverage.line(&format!("quick {name} {process}"));
            assert_eq!(coverage.tipped, 40, "{line}");
            assert!(
                at(&coverage.errors, 1.0) <= 0.10 && coverage.covered >= 36,
                "{line}"
            );
        }
    }
}
