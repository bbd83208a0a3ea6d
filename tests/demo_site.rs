//! The demo site over raw sockets: it fails the way its numbers say, and never outlives its parent.

#![expect(
    clippy::unwrap_used,
    reason = "outside of a test function too, a test fails by panicking"
)]

use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::{Mutex, MutexGuard};
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{Pid, getpgid};
use tipover::demo::{Child, spec_to_text};
use tipover::model::{SiteKind, SiteSpec};
use tipover::units::Rate;

const EXE: &str = env!("CARGO_BIN_EXE_tipover");

/// One site at a time: they are judged by the clock.
static TURN: Mutex<()> = Mutex::new(());

fn turn() -> MutexGuard<'static, ()> {
    TURN.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
}

fn millis(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

fn spec(workers: u32, service: u64, queue: u32, timeout: u64) -> SiteSpec {
    SiteSpec {
        kind: SiteKind::Queue,
        workers,
        service: millis(service),
        queue,
        timeout: millis(timeout),
        queue_deadline: None,
        limit: None,
    }
}

fn start(spec: &SiteSpec) -> Child {
    Child::spawn(Path::new(EXE), spec).expect("the demo site starts")
}

fn address(site: &Child) -> String {
    let url = site.url();
    let authority = url
        .strip_prefix("http://")
        .and_then(|rest| rest.strip_suffix('/'));
    authority.expect("a URL with a slash at its end").to_owned()
}

/// What one request got, and when counted from a common start.
#[derive(Debug)]
struct Got {
    status: u16,
    text: String,
    after: Duration,
}

/// One request on a connection of its own.
fn get(address: &str, start: Instant) -> Got {
    let mut stream = TcpStream::connect(address).expect("the site listens");
    stream.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
    stream
        .write_all(b"GET / HTTP/1.1\r\nHost: demo\r\nConnection: close\r\n\r\n")
        .unwrap();
    let mut text = String::new();
    stream.read_to_string(&mut text).unwrap();
    let status = text
        .get(9..12)
        .and_then(|digits| digits.parse().ok())
        .expect("a status line");
    Got {
        status,
        text,
        after: start.elapsed(),
    }
}

/// `count` requests at the same moment, in the order in which they were answered.
fn burst(address: &str, count: usize) -> Vec<Got> {
    let start = Instant::now();
    let visitors: Vec<_> = (0..count)
        .map(|_| {
            let address = address.to_owned();
            thread::spawn(move || get(&address, start))
        })
        .collect();
    let mut got: Vec<Got> = visitors
        .into_iter()
        .map(|visitor| visitor.join().unwrap())
        .collect();
    got.sort_by_key(|got| got.after);
    got
}

fn with_status(got: &[Got], status: u16) -> Vec<&Got> {
    got.iter().filter(|got| got.status == status).collect()
}

#[test]
fn a_full_queue_is_502_at_once_in_the_gateways_own_name() {
    let _turn = turn();
    let site = start(&spec(2, 300, 3, 5_000));
    let got = burst(&address(&site), 9);
    let (good, bad) = (with_status(&got, 200), with_status(&got, 502));
    assert_eq!((good.len(), bad.len()), (5, 4), "{got:#?}");
    assert!(bad.iter().all(|got| got.after < millis(150)), "{bad:#?}");
    for (got, ideal) in good.iter().zip([300, 300, 600, 600, 900]) {
        assert!(got.after >= millis(ideal), "no answer before its time: {got:?}");
        assert!(got.after < millis(ideal + 150), "{got:?}");
    }
    for page in [bad[0], good[0]] {
        assert!(
            page.text.to_lowercase().contains("server: tipover-demo"),
            "{}",
            page.text
        );
    }
    assert!(
        bad[0].text.contains("<h1>502 Bad Gateway</h1>"),
        "{}",
        bad[0].text
    );
    assert_eq!(
        with_status(&burst(&address(&site), 2), 200).len(),
        2,
        "it works again"
    );
}

#[test]
fn an_answer_slower_than_the_timeout_is_504_while_the_backend_works_on() {
    let _turn = turn();
    let site = start(&spec(1, 150, 10, 400));
    let got = burst(&address(&site), 4);
    let (good, late) = (with_status(&got, 200), with_status(&got, 504));
    assert_eq!((good.len(), late.len()), (2, 2), "{got:#?}");
    assert!(
        late.iter()
            .all(|got| (millis(400)..millis(500)).contains(&got.after)),
        "{late:#?}"
    );
    // The worker is taken until 600 ms by work that nobody waits for: this one ends at 750 ms.
    let next = get(&address(&site), Instant::now());
    assert_eq!(next.status, 200);
    assert!(
        next.after > millis(250),
        "the worker was free too early: {next:?}"
    );
}

#[test]
fn the_limiter_lets_a_burst_through_and_refuses_the_rest_at_once() {
    let _turn = turn();
    let limit = SiteSpec {
        kind: SiteKind::Limit,
        limit: Some((Rate::per_second(10.0), 5)),
        ..spec(50, 20, 50, 5_000)
    };
    let site = start(&limit);
    let got = burst(&address(&site), 20);
    let (good, refused) = (with_status(&got, 200).len(), with_status(&got, 503));
    assert!(
        (6..=7).contains(&good),
        "a burst of 5 and one, or one more after 100 ms: {good}"
    );
    assert_eq!(good + refused.len(), 20, "{got:#?}");
    assert!(refused.iter().all(|got| got.after < millis(150)), "{refused:#?}");
    assert!(
        refused[0].text.contains("503 Service Unavailable"),
        "{}",
        refused[0].text
    );
}

#[test]
fn under_full_load_it_answers_its_capacity_and_no_more() {
    let _turn = turn();
    let site = start(&spec(4, 20, 20, 5_000));
    let address = address(&site);
    let (start, length) = (Instant::now(), millis(2_000));
    let visitors: Vec<_> = (0..16)
        .map(|_| {
            let address = address.clone();
            thread::spawn(move || {
                let mut answered = 0_u32;
                while start.elapsed() < length {
                    answered += u32::from(get(&address, start).status == 200);
                }
                answered
            })
        })
        .collect();
    let answered: u32 = visitors.into_iter().map(|visitor| visitor.join().unwrap()).sum();
    let rate = f64::from(answered) / start.elapsed().as_secs_f64();
    assert!((184.0..=201.0).contains(&rate), "200 a second, not {rate}");
}

#[test]
fn a_thousand_new_connections_a_second_are_no_load_for_it() {
    let _turn = turn();
    let site = start(&spec(100, 20, 1_000, 5_000));
    let address = address(&site);
    let start = Instant::now();
    let visitors: Vec<_> = (0..40_u32)
        .map(|lane| {
            let address = address.clone();
            thread::spawn(move || {
                (0..50_u32)
                    .map(|turn| {
                        let due = start + Duration::from_micros(u64::from(turn * 40 + lane) * 1_000);
                        thread::sleep(due.saturating_duration_since(Instant::now()));
                        get(&address, due)
                    })
                    .collect::<Vec<_>>()
            })
        })
        .collect();
    let mut got: Vec<Got> = visitors
        .into_iter()
        .flat_map(|visitor| visitor.join().unwrap())
        .collect();
    assert_eq!(with_status(&got, 200).len(), 2_000);
    got.sort_by_key(|got| got.after);
    let median = got[got.len() / 2].after;
    assert!(
        (millis(20)..millis(30)).contains(&median),
        "20 ms of service, not {median:?}"
    );
}

#[test]
fn it_ends_with_the_value_that_holds_it() {
    let _turn = turn();
    let site = start(&spec(1, 10, 1, 1_000));
    let (address, since) = (address(&site), Instant::now());
    drop(site);
    assert!(
        since.elapsed() < millis(900),
        "it ended by itself, it was not killed"
    );
    assert!(TcpStream::connect(address).is_err());
}

#[test]
fn an_interrupt_at_the_terminal_does_not_reach_it() {
    let _turn = turn();
    let site = start(&spec(1, 10, 1, 1_000));
    let process = Pid::from_raw(i32::try_from(site.id()).unwrap());
    assert_ne!(getpgid(process).unwrap(), getpgid(None).unwrap());
}

#[test]
fn it_ends_when_whoever_holds_its_standard_input_is_killed() {
    let _turn = turn();
    let mut holder = Command::new("sleep")
        .arg("60")
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let held = holder.stdout.take().unwrap();
    let mut site = Command::new(EXE)
        .args(["demo-site", "--spec", &spec_to_text(&spec(1, 10, 1, 1_000))])
        .stdin(held)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut first = [0_u8; 23];
    site.stdout.take().unwrap().read_exact(&mut first).unwrap();
    assert_eq!(&first, b"READY http://127.0.0.1:");
    assert!(
        site.try_wait().unwrap().is_none(),
        "it runs as long as its input is open"
    );
    holder.kill().unwrap();
    holder.wait().unwrap();
    let since = Instant::now();
    while since.elapsed() < Duration::from_secs(3) {
        if let Some(status) = site.try_wait().unwrap() {
            assert!(status.success(), "{status}");
            return;
        }
        thread::sleep(millis(10));
    }
    site.kill().unwrap();
    panic!("the site outlived the process that held it");
}

#[test]
fn a_program_that_is_no_demo_site_is_reported_and_not_waited_for() {
    let error = Child::spawn(Path::new("/bin/echo"), &spec(1, 10, 1, 1_000)).unwrap_err();
    assert!(error.to_string().contains("demo-site"), "{error}");
    let error = Child::spawn(Path::new("/nonexistent"), &spec(1, 10, 1, 1_000)).unwrap_err();
    assert!(error.hint().is_some(), "{error}");
}
