//! The ways of others to search, on a site without luck: a share of the requests fails above a load, and none below.

mod proof;

use std::collections::BTreeMap;

use proof::baselines::{Bisection, Nighthawk, Ramp, Rules, Steps, Threshold};
use tipover::record::Class;
use tipover::search::{Estimate, Finding, Kind, Move, Offer, Search, Window};
use tipover::units::Rate;

const RULES: Rules = Rules {
    from: 10.0,
    to: 610.0,
    share: 0.01,
    budget: 900,
};
const LIMIT: f64 = 300.0;

/// Every second of `search` on a site that fails `share` of the requests above `limit`.
fn played(search: &mut dyn Search, limit: f64, share: f64) -> (Vec<Offer>, Finding) {
    let mut offers = Vec::new();
    while let Move::Offer(offer) = search.next_move() {
        assert!(offers.len() < 2_000, "it does not end");
        let rate = f64::midpoint(offer.from.get(), offer.to.get());
        let failed = if rate > limit { (rate * share).round() } else { 0.0 };
        search.observe(&Window {
            second: offers.len() as u32,
            offered: Rate::per_second(rate),
            completed: BTreeMap::from([
                (Class::Status(200), (rate - failed).round() as u64),
                (Class::Status(502), failed as u64),
            ]),
            ..Window::default()
        });
        offers.push(offer);
    }
    (offers, search.finding())
}

fn bracket(finding: &Finding) -> Estimate {
    assert_eq!(finding.kind, Kind::Tipped);
    finding.rate.expect("a search that tipped has a rate")
}

#[test]
fn a_ramp_to_the_first_failure_ends_in_its_second() {
    let (offers, finding) = played(&mut Ramp::new(RULES, Threshold::FirstFailure), LIMIT, 0.5);
    // One page per second more each second: the mean of second 290 is 300.5.
    assert_eq!(offers.len(), 291);
    let found = bracket(&finding);
    assert_eq!((found.low, found.mid, found.high), (291.0, 301.0, 301.0));
    for (second, offer) in offers.iter().enumerate() {
        assert!((offer.from.get() - (10.0 + second as f64)).abs() < 1e-9);
        assert!((offer.to.get() - (11.0 + second as f64)).abs() < 1e-9);
    }
}

#[test]
fn a_threshold_over_the_last_seconds_is_crossed_later_than_the_first_failure() {
    // 2 % of about 300 requests: the share of ten seconds passes 1 % in the sixth failing second.
    let (offers, finding) = played(&mut Ramp::new(RULES, Threshold::LastSeconds), LIMIT, 0.02);
    assert_eq!(offers.len(), 296);
    assert_eq!(bracket(&finding).mid, 306.0);
}

#[test]
fn a_threshold_since_the_start_comes_late() {
    let (_, window) = played(&mut Ramp::new(RULES, Threshold::LastSeconds), LIMIT, 0.5);
    let (_, start) = played(&mut Ramp::new(RULES, Threshold::SinceStart), LIMIT, 0.5);
    // 45,000 requests before the limit: 460 failures are 1 % of them, and the fourth second brings them.
    assert_eq!(bracket(&window).mid, 301.0);
    assert_eq!(bracket(&start).mid, 304.0);
    let (_, soft) = played(&mut Ramp::new(RULES, Threshold::SinceStart), LIMIT, 0.02);
    assert!(bracket(&soft).mid > 400.0, "{soft:?}");
}

#[test]
fn a_ramp_that_nothing_stops_reaches_its_cap_and_says_so() {
    for threshold in [
        Threshold::FirstFailure,
        Threshold::LastSeconds,
        Threshold::SinceStart,
    ] {
        let (offers, finding) = played(&mut Ramp::new(RULES, threshold), 1_000.0, 1.0);
        assert_eq!(offers.len(), 600);
        assert_eq!((finding.kind, finding.rate), (Kind::NotReached, None));
        assert_eq!(finding.up_to, Some(Rate::per_second(610.0)));
    }
}

#[test]
fn steps_end_with_the_first_that_fails() {
    let (offers, finding) = played(&mut Steps::new(RULES), LIMIT, 0.5);
    // Steps of 30 pages per second from 40: 280 passes, 310 fails.
    assert_eq!(offers.len(), 10 * 30);
    let found = bracket(&finding);
    assert_eq!((found.low, found.high), (280.0, 310.0));
    assert!((found.mid - 280.0_f64.mul_add(310.0, 0.0).sqrt()).abs() < 1e-9);
    let (offers, finding) = played(&mut Steps::new(RULES), 1_000.0, 0.5);
    assert_eq!((offers.len(), finding.kind), (600, Kind::NotReached));
}

#[test]
fn a_bisection_closes_in_with_trials_of_a_minute_and_five_seconds_of_rest() {
    let (offers, finding) = played(&mut Bisection::new(RULES), LIMIT, 0.5);
    let found = bracket(&finding);
    assert!(
        found.low <= LIMIT && LIMIT <= found.high && found.high / found.low <= 1.05,
        "{found:?}"
    );
    assert!(finding.converged);
    // 600 pages per second halved six times leave 9.4, 3 % of 300.
    assert_eq!(offers.len(), 6 * 65);
    assert_eq!(offers[0].from.get(), 310.0);
    for trial in offers.chunks(65) {
        assert!(
            trial[..60]
                .iter()
                .all(|offer| offer.from.get() > 0.0 && offer.judged)
        );
        assert!(
            trial[60..]
                .iter()
                .all(|offer| offer.from.get() == 0.0 && !offer.judged)
        );
        assert!(trial.iter().all(|offer| offer.trial == trial[0].trial));
    }
}

#[test]
fn a_bisection_counts_what_is_answered_while_it_rests() {
    let mut search = Bisection::new(RULES);
    for second in 0..65 {
        let class = Class::Status(if second < 60 { 200 } else { 504 });
        assert!(matches!(search.next_move(), Move::Offer(_)));
        search.observe(&Window {
            completed: BTreeMap::from([(class, 100)]),
            ..Window::default()
        });
    }
    assert_eq!(bracket(&search.finding()).high, 310.0);
}

#[test]
fn nighthawk_doubles_and_then_bisects_until_two_loads_agree() {
    let (offers, finding) = played(&mut Nighthawk::new(RULES), LIMIT, 0.5);
    let loads: Vec<f64> = offers.chunks(10).map(|period| period[0].from.get()).collect();
    // It ends where the next load would be within 1 % of this one: 301.25 after 300 ends at 300.625, tested for 30 s.
    assert_eq!(
        loads,
        [
            10.0, 20.0, 40.0, 80.0, 160.0, 320.0, 240.0, 280.0, 300.0, 310.0, 305.0, 302.5, 302.5, 302.5
        ]
    );
    let found = bracket(&finding);
    assert_eq!((found.low, found.mid, found.high), (300.0, 302.5, 305.0));
    assert!(finding.converged);
}

#[test]
fn nighthawk_stops_at_the_cap_at_the_first_load_and_at_its_deadline() {
    let (offers, finding) = played(&mut Nighthawk::new(RULES), 1_000.0, 0.5);
    assert_eq!((offers.len(), finding.kind), (70, Kind::NotReached));
    assert_eq!(offers[69].from.get(), 610.0);
    let (offers, finding) = played(&mut Nighthawk::new(RULES), 5.0, 0.5);
    assert_eq!((offers.len(), finding.kind), (10, Kind::NotReached));
    let short = Rules { budget: 60, ..RULES };
    let (offers, finding) = played(&mut Nighthawk::new(short), LIMIT, 0.5);
    assert_eq!(offers.len(), 60);
    assert!(!finding.converged);
}
