//! One record and finding for each way a run can end, and for each shape that charts must bear.

#[path = "campaigns.rs"]
pub(crate) mod campaigns;
#[path = "edges.rs"]
mod edges;
#[path = "proofs.rs"]
mod proofs;

use tipover::record::{Class, End, Ending, Event, RunRecord, Sample, Truth, Unsent, UnsentLine};
use tipover::search::{Estimate, Finding, Kind, Limit, Observed, Recovery, Shape};
use tipover::units::Rate;

use crate::builder::{Answer, BAD_GATEWAY, Player, header, overload};

/// A name, a record and what its search found.
pub(crate) type Case = (&'static str, RunRecord, Option<Finding>);

/// Every case.
pub(crate) fn all() -> Vec<Case> {
    let (record, found) = tipped();
    let mut all = vec![
        ("tipped", record, Some(found)),
        demo(),
        policy(),
        not_reached(),
        already_failing(),
        one_backend_of_four(),
        blocked(),
        unsteady(),
        our_limit(),
        run_clean(),
        run_failing(),
        ("one_trial", with_trials(1).0, Some(finding(Kind::Unsteady))),
        ("three_trials", with_trials(3).0, Some(with_trials(3).1)),
        ("forty_trials", with_trials(40).0, Some(with_trials(40).1)),
        killed(),
        empty(),
        hostile(),
    ];
    all.extend(edges::all());
    all.extend(proofs::all());
    all.extend(campaigns::all());
    all
}

/// A finding of `kind` with nothing else in it.
pub(crate) fn finding(kind: Kind) -> Finding {
    Finding {
        kind,
        rate: None,
        up_to: None,
        at: None,
        confidence: 0.95,
        horizon_seconds: 20,
        class: None,
        limit: None,
        shape: None,
        why: String::new(),
        evidence: Vec::new(),
        verified: None,
        failing: None,
        first_failure: None,
        first_502: None,
        recovery: None,
        converged: true,
    }
}

/// A search that finds where a site of 180 pages/s tips.
pub(crate) fn tipped() -> (RunRecord, Finding) {
    let mut player = Player::new(header("find"), overload(180.0));
    let mut rate = 8.0;
    player.trial("baseline", 5.0, 5, "good");
    while rate < 180.0 {
        player.trial("coarse", rate, 3, "good");
        rate *= 1.6;
    }
    player.trial("coarse", rate, 3, "bad");
    player.trial("recover", rate * 0.5, 3, "good");
    for (rate, verdict) in [
        (168.0, "good"),
        (190.0, "bad"),
        (174.0, "good"),
        (183.0, "bad"),
        (178.0, "near"),
        (171.0, "good"),
        (186.0, "bad"),
    ] {
        player.trial("refine", rate, 6, verdict);
        if verdict == "bad" {
            player.trial("recover", rate * 0.6, 2, "good");
        }
    }
    player.trial("hold", 172.0, 20, "good");
    player.trial("challenge", 188.0, 4, "bad");
    let observed = |class, rate, at_seconds| {
        Some(Observed {
            class,
            rate: Rate::per_second(rate),
            at_seconds,
        })
    };
    let found = Finding {
        rate: Some(Estimate {
            low: 172.4,
            mid: 177.6,
            high: 183.1,
        }),
        class: Some(BAD_GATEWAY),
        limit: Some(Limit::Overload),
        shape: Some(Shape::Slope),
        why: "failures rise with load and latency rose before them".to_owned(),
        evidence: vec![
            "at 214 pages/s 16 % failed".to_owned(),
            "at 172 pages/s none of 3,440 failed".to_owned(),
        ],
        verified: Some(Rate::per_second(172.0)),
        failing: Some(Rate::per_second(183.0)),
        first_failure: observed(BAD_GATEWAY, 209.7, 31),
        first_502: observed(BAD_GATEWAY, 209.7, 31),
        recovery: Some(Recovery {
            rate: Some(104.9),
            seconds: Some(2.0),
        }),
        ..finding(Kind::Tipped)
    };
    (player.ended(), found)
}

fn per_second(rate: f64) -> Option<Rate> {
    Some(Rate::per_second(rate))
}

/// The demo site, whose truth is known.
fn demo() -> Case {
    let (mut record, mut found) = tipped();
    record.header.command = "demo".to_owned();
    record.header.arguments = vec!["/usr/local/bin/tipover".to_owned(), "demo".to_owned()];
    record.header.scenario.name = "demo".to_owned();
    record.header.scenario.target = "http://127.0.0.1:40123/".to_owned();
    record.header.authorized_by = None;
    record.header.trust = "not used".to_owned();
    record.header.truth = Some(Truth {
        capacity: 198.0,
        rate: 174.2,
    });
    record.header.thresholds = [
        "tipping_point >= 150/s",
        "tipping_point >= 175/s",
        "p95 < 800ms",
        "failures < 1%",
        "headroom(newsletter) >= 1.5",
    ]
    .map(str::to_owned)
    .to_vec();
    found.limit = None;
    ("demo", record, Some(found))
}

/// A rate limiter that answers 503 at once above 50 pages a second.
fn policy() -> Case {
    let site = |rate: f64| Answer {
        bad_gateway: 0.0,
        gateway_timeout: 0.0,
        median_ms: 12.0 + rate * 0.0,
    };
    let mut player = Player::new(header("find"), site);
    player.record.header.journey.pages_per_visit = 3.0;
    player.record.header.journey.requests_per_visit = 3.0;
    for rate in [5.0, 8.0, 12.8, 20.5, 32.8, 48.0] {
        player.trial("coarse", rate, 4, "good");
    }
    for rate in [52.4, 56.0, 60.0] {
        player.trial("refine", rate, 6, "bad");
    }
    let mut record = player.ended();
    for second in &mut record.seconds {
        if second.offered > 50.0 {
            let refused = (f64::from(second.visits as u32) * (1.0 - 50.0 / second.offered)).round() as u64;
            let good = &mut second.cells[0];
            let mut limited = good.clone();
            good.count -= refused;
            limited.class = Class::Status(503);
            limited.count = refused;
            second.cells.push(limited);
        }
    }
    let found = Finding {
        rate: Some(Estimate {
            low: 48.9,
            mid: 50.2,
            high: 51.6,
        }),
        class: Some(Class::Status(503)),
        limit: Some(Limit::Policy),
        shape: Some(Shape::Slope),
        verified: per_second(48.0),
        failing: per_second(52.4),
        ..finding(Kind::Tipped)
    };
    ("policy", record, Some(found))
}

fn not_reached() -> Case {
    let mut player = Player::new(header("find"), overload(1e9));
    let mut rate = 1.0;
    while rate < 500.0 {
        player.trial(if rate > 1.0 { "coarse" } else { "baseline" }, rate, 3, "good");
        rate *= 1.6;
    }
    player.trial("hold", 500.0, 20, "good");
    player.record.header.thresholds = vec!["tipping_point >= 400pages/s".to_owned()];
    let found = Finding {
        up_to: per_second(500.0),
        verified: per_second(500.0),
        ..finding(Kind::NotReached)
    };
    ("not_reached", player.ended(), Some(found))
}

fn already_failing() -> Case {
    let site = |_| Answer {
        bad_gateway: 0.6,
        gateway_timeout: 0.05,
        median_ms: 80.0,
    };
    let mut player = Player::new(header("find"), site);
    player.trial("baseline", 2.0, 15, "bad");
    let mut record = player.ended();
    record.samples.push(Sample {
        due: 1,
        offered: 2.0,
        class: BAD_GATEWAY,
        step: 0,
        headers: vec![
            ("server".to_owned(), "nginx/1.26.0".to_owned()),
            ("x-secret-token".to_owned(), "s3cr3t".to_owned()),
        ],
        body: "<html><head><title>502 Bad Gateway</title></head>".to_owned(),
        error: None,
    });
    let found = Finding {
        at: per_second(2.0),
        class: Some(BAD_GATEWAY),
        first_failure: Some(Observed {
            class: BAD_GATEWAY,
            rate: Rate::per_second(2.0),
            at_seconds: 0,
        }),
        ..finding(Kind::AlreadyFailing)
    };
    ("already_failing", record, Some(found))
}

fn one_backend_of_four() -> Case {
    let site = |_| Answer {
        bad_gateway: 0.25,
        gateway_timeout: 0.0,
        median_ms: 30.0,
    };
    let mut player = Player::new(header("find"), site);
    for rate in [5.0, 10.0, 20.0] {
        player.trial("coarse", rate, 10, "bad");
    }
    let found = Finding {
        at: per_second(5.0),
        class: Some(BAD_GATEWAY),
        ..finding(Kind::AlreadyFailing)
    };
    ("one_backend_of_four", player.ended(), Some(found))
}

fn blocked() -> Case {
    let mut player = Player::new(header("find"), overload(1e9));
    for rate in [5.0, 10.0, 20.0, 40.0] {
        player.trial("coarse", rate, 3, if rate < 40.0 { "good" } else { "unknown" });
    }
    let mut record = player.ended();
    for second in record.seconds.iter_mut().filter(|second| second.offered >= 40.0) {
        second.cells[0].class = Class::Status(429);
    }
    let found = Finding {
        at: per_second(40.0),
        up_to: per_second(20.0),
        class: Some(Class::Status(429)),
        ..finding(Kind::Blocked)
    };
    ("blocked", record, Some(found))
}

fn unsteady() -> Case {
    let mut player = Player::new(header("find"), overload(120.0));
    for rate in [20.0, 60.0, 110.0, 130.0, 110.0, 128.0] {
        player.trial("refine", rate, 5, if rate > 120.0 { "bad" } else { "good" });
    }
    let found = Finding {
        why: "it carried 128 pages/s in one trial and failed at 110 in the next".to_owned(),
        converged: false,
        ..finding(Kind::Unsteady)
    };
    ("unsteady", player.ended(), Some(found))
}

fn our_limit() -> Case {
    let mut player = Player::new(header("find"), overload(1e9));
    for (rate, verdict) in [
        (50.0, "good"),
        (80.0, "good"),
        (128.0, "void"),
        (126.0, "void"),
        (127.0, "void"),
    ] {
        player.trial("coarse", rate, 3, verdict);
    }
    let mut record = player.ended();
    for second in record.seconds.iter_mut().filter(|second| second.offered > 100.0) {
        second.disturbed = true;
        second.lateness_p99_us = 61_000;
        second.lateness_max_us = 99_000;
        second.unsent.push(UnsentLine {
            due: second.second,
            reason: Unsent::Late,
            count: 9,
        });
    }
    record.header.thresholds = vec![
        "tipping_point >= 70/s".to_owned(),
        "tipping_point >= 90/s".to_owned(),
    ];
    let found = Finding {
        up_to: per_second(80.0),
        converged: false,
        ..finding(Kind::OurLimit)
    };
    ("our_limit", record, Some(found))
}

fn run_clean() -> Case {
    let mut player = Player::new(header("run"), overload(1e9));
    for step in 1..=30 {
        player.second(f64::from(step), None, true);
    }
    for _ in 0..30 {
        player.second(30.0, None, true);
    }
    player.record.header.thresholds = vec!["failures < 1%".to_owned(), "p95 < 800ms".to_owned()];
    ("run_clean", player.ended(), None)
}

fn run_failing() -> Case {
    let mut player = Player::new(header("run"), overload(50.0));
    for step in 1..=40 {
        player.second(2.0 * f64::from(step), None, true);
    }
    for _ in 0..20 {
        player.second(80.0, None, true);
    }
    player.record.header.thresholds = vec![
        "failures < 1% for 10s".to_owned(),
        "p95 < 5s".to_owned(),
        "tipping_point >= 10/s".to_owned(),
    ];
    let mut record = player.ended();
    record.end = Some(End {
        ending: Ending::Capped,
        stopped_by: Some("failures: 50% for 15s".to_owned()),
        seconds: 60,
        in_flight: 3,
    });
    ("run_failing", record, None)
}

/// A search of so many trials.
fn with_trials(count: u32) -> (RunRecord, Finding) {
    let mut player = Player::new(header("find"), overload(100.0));
    for number in 0..count {
        let rate = 60.0 + f64::from(number * 37 % 80);
        player.trial("refine", rate, 4, if rate > 101.0 { "bad" } else { "good" });
    }
    let found = Finding {
        rate: Some(Estimate {
            low: 96.0,
            mid: 101.0,
            high: 107.0,
        }),
        class: Some(BAD_GATEWAY),
        limit: Some(Limit::Overload),
        shape: Some(Shape::Cliff),
        converged: false,
        ..finding(Kind::Tipped)
    };
    (player.ended(), found)
}

/// Killed in the middle.
fn killed() -> Case {
    let (mut record, found) = tipped();
    record.seconds.truncate(30);
    record.trials.retain(|trial| trial.until <= 30);
    record.end = None;
    record.torn = true;
    (
        "killed",
        record,
        Some(Finding {
            rate: None,
            converged: false,
            up_to: per_second(83.9),
            verified: None,
            first_failure: None,
            first_502: None,
            recovery: None,
            ..Finding {
                kind: Kind::NotReached,
                ..found
            }
        }),
    )
}

/// Killed before anything happened.
fn empty() -> Case {
    ("empty", RunRecord::new(header("run")), None)
}

/// Names and answers that would rather be something else.
fn hostile() -> Case {
    let (mut record, mut found) = tipped();
    let bad =
        "</script><script>alert(1)</script>\u{1b}[31m\u{202e}\u{0}\"'><img src=x onerror=alert(1)> |`]]>";
    record.header.scenario.name = bad.to_owned();
    record.header.scenario.target = format!("http://127.0.0.1/{bad}");
    record.header.scenario.stands_for = Some(bad.to_owned());
    record.header.arguments = vec![bad.to_owned()];
    record.header.arrivals.process = bad.to_owned();
    record.header.connections = bad.to_owned();
    record.header.trust = bad.to_owned();
    record.header.tool_version = bad.to_owned();
    record.header.run_id = bad.to_owned();
    record.header.authorized_by = Some(bad.to_owned());
    record.header.effective = format!("name: {bad}\n");
    record.header.thresholds = vec![bad.to_owned(), "=1+1 < 3".to_owned()];
    record.trials[0].verdict = bad.to_owned();
    record.trials[0].why = format!("={bad}");
    record.trials[1].phase = bad.to_owned();
    record.events.push(Event {
        second: 1,
        what: bad.to_owned(),
        detail: bad.to_owned(),
    });
    record.samples.push(Sample {
        due: 1,
        offered: 5.0,
        class: BAD_GATEWAY,
        step: 0,
        headers: vec![("server".to_owned(), bad.to_owned())],
        body: bad.to_owned(),
        error: Some(bad.to_owned()),
    });
    found.why = bad.to_owned();
    found.evidence = vec![bad.to_owned()];
    ("hostile", record, Some(found))
}
