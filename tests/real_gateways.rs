//! Real nginx, php-fpm, HAProxy and Apache on loopback: `tipover find` must name the load at which each tips over.
//!
//! The truths are those of `tests/testbeds/README.md`. One gateway at a time: each is judged by the clock.

#![expect(
    clippy::unwrap_used,
    reason = "outside of a test function too, a test fails by panicking"
)]

mod gateways;

use std::fs;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::{Mutex, MutexGuard};
use std::time::Duration;

use gateways::search::{Said, Search};
use gateways::{ALL, APACHE_NODE, HAPROXY_QUEUE, NGINX_LIMIT_REQ, NGINX_PHP_FPM, NGINX_PHP_FPM_TCP, Testbed};
use serde_json::Value;

static TURN: Mutex<()> = Mutex::new(());

fn turn() -> MutexGuard<'static, ()> {
    TURN.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
}

/// What a search of a testbed must say.
struct Expected {
    rate: f64,
    /// How far off the rate may be, as a share of it.
    tolerance: f64,
    class: &'static str,
}

fn assert_tips(testbed: &Testbed, arrivals: &str, expected: &Expected) {
    let _turn = turn();
    let Some(site) = testbed.start() else { return };
    let search = Search {
        url: &site.url,
        profile: "quick",
        arrivals,
        seed: 1,
    };
    let Said { summary, took } = search.find().unwrap();
    assert!(took < Duration::from_secs(300), "a quick search takes {took:?}");
    let finding = &summary["finding"];
    assert_eq!(finding["kind"], "tipped", "{finding:#}");
    let rate = finding["rate"]["mid"].as_f64().expect("a rate");
    let off = (rate / expected.rate - 1.0).abs();
    let Expected {
        rate: truth,
        tolerance,
        class,
    } = expected;
    assert!(
        off <= *tolerance,
        "{rate} is {:.1} % off {truth}: {finding:#}",
        off * 100.0
    );
    assert_eq!(finding["class"], *class, "{finding:#}");
    assert_failures_are(&summary, class);
}

/// Nearly all failures of all trials have this one class, and it is counted under its own name.
fn assert_failures_are(summary: &Value, class: &str) {
    let (mut named, mut failed) = (0, 0);
    for trial in summary["trials"].as_array().expect("trials") {
        for (name, count) in trial["by_class"].as_object().expect("classes") {
            let count = count.as_u64().expect("a count");
            let is_good = name.starts_with('2') || name.starts_with('3');
            failed += if is_good { 0 } else { count };
            named += if name == class { count } else { 0 };
        }
    }
    assert!(failed > 0, "no trial has a failure");
    let share = named as f64 / failed as f64;
    assert!(share >= 0.95, "{class} is {share:.3} of {failed} failures");
}

#[test]
fn nginx_with_php_fpm_tips_with_502_at_174_under_poisson_arrivals() {
    let expected = Expected {
        rate: 174.0,
        tolerance: 0.10,
        class: "502",
    };
    assert_tips(&NGINX_PHP_FPM, "poisson", &expected);
}

#[test]
fn nginx_with_php_fpm_tips_with_502_at_198_under_even_arrivals() {
    let expected = Expected {
        rate: 198.0,
        tolerance: 0.10,
        class: "502",
    };
    assert_tips(&NGINX_PHP_FPM, "even", &expected);
}

#[test]
fn nginx_with_php_fpm_over_tcp_tips_with_504() {
    let expected = Expected {
        rate: 198.0,
        tolerance: 0.10,
        class: "504",
    };
    assert_tips(&NGINX_PHP_FPM_TCP, "even", &expected);
}

#[test]
fn haproxy_tips_with_503_at_201_under_poisson_arrivals() {
    let expected = Expected {
        rate: 201.0,
        tolerance: 0.10,
        class: "503",
    };
    assert_tips(&HAPROXY_QUEUE, "poisson", &expected);
}

#[test]
fn haproxy_tips_with_503_at_200_under_even_arrivals() {
    let expected = Expected {
        rate: 200.0,
        tolerance: 0.10,
        class: "503",
    };
    assert_tips(&HAPROXY_QUEUE, "even", &expected);
}

#[test]
fn apache_without_a_queue_tips_with_502_near_89_under_poisson_arrivals() {
    // Without a queue every millisecond of jitter counts: the truth of a real one is no sharper than this.
    let expected = Expected {
        rate: 89.0,
        tolerance: 0.20,
        class: "502",
    };
    assert_tips(&APACHE_NODE, "poisson", &expected);
}

#[test]
fn nginx_with_a_rate_limit_tips_with_503_at_192_under_poisson_arrivals() {
    let expected = Expected {
        rate: 192.0,
        tolerance: 0.10,
        class: "503",
    };
    assert_tips(&NGINX_LIMIT_REQ, "poisson", &expected);
}

#[test]
fn the_truths_are_those_of_the_table() {
    if !gateways::has_python() {
        return;
    }
    for (testbed, even, poisson) in [
        (NGINX_PHP_FPM, 198.0, 174.0),
        (NGINX_PHP_FPM_TCP, 198.0, 174.0),
        (HAPROXY_QUEUE, 200.0, 201.0),
        (APACHE_NODE, 200.0, 89.0),
        (NGINX_LIMIT_REQ, 200.0, 192.0),
    ] {
        let name = testbed.name;
        assert!((testbed.queue.capacity() - even).abs() < 0.5, "{name}");
        let found = testbed.queue.poisson_truth();
        assert!((found / poisson - 1.0).abs() < 0.01, "{name}: {found}");
    }
}

/// The status of one request, or nothing where nobody listens.
fn status(port: u16) -> Option<String> {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).ok()?;
    stream.set_read_timeout(Some(Duration::from_secs(5))).ok()?;
    stream
        .write_all(b"GET / HTTP/1.1\r\nHost: site.test\r\nConnection: close\r\n\r\n")
        .ok()?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).ok()?;
    answer.get(9..12).map(str::to_owned)
}

#[test]
fn every_testbed_answers_and_leaves_nothing_behind() {
    let _turn = turn();
    for testbed in ALL {
        let Some(site) = testbed.start() else { continue };
        let port = site.port;
        assert_eq!(status(port).as_deref(), Some("200"), "{}", testbed.name);
        let notes = fs::read_dir(site.folder.path().join("pids")).unwrap();
        let notes: Vec<String> = notes
            .map(|note| fs::read_to_string(note.unwrap().path()).unwrap())
            .collect();
        assert!(!notes.is_empty(), "{}", testbed.name);
        drop(site);
        assert_eq!(status(port), None, "{} still answers", testbed.name);
        for note in notes {
            let pid = note.split(' ').next().unwrap();
            // One that has ended may still wait for its parent to take note: `Z`.
            let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
            assert!(
                stat.is_empty() || stat.contains(") Z "),
                "{}: {stat}",
                testbed.name
            );
        }
    }
}
