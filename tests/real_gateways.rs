//! Real nginx, php-fpm, HAProxy and Apache on loopback: `tipover find` must name the load at which each tips over.
//!
//! The truths are those of `tests/testbeds/README.md`. One gateway at a time: each is judged by the clock.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "outside of a test function too, a test fails by panicking"
)]

use std::fs;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Mutex, MutexGuard};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;

static TURN: Mutex<()> = Mutex::new(());

fn turn() -> MutexGuard<'static, ()> {
    TURN.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
}

/// A gateway in front of something with a known limit.
struct Testbed {
    folder: &'static str,
    environment: &'static [(&'static str, &'static str)],
    /// Programs it needs, any one of each, and the Debian package that has them.
    needs: &'static [(&'static [&'static str], &'static str)],
}

const PYTHON: (&[&str], &str) = (&["python3"], "python3");
const NGINX: (&[&str], &str) = (&["nginx"], "nginx");
const NODE: (&[&str], &str) = (&["node", "nodejs"], "nodejs");
const PHP_FPM: (&[&str], &str) = (
    &[
        "php-fpm",
        "php-fpm8.5",
        "php-fpm8.4",
        "php-fpm8.3",
        "php-fpm8.2",
        "php-fpm8.1",
    ],
    "php-fpm",
);

const NGINX_PHP_FPM: Testbed = Testbed {
    folder: "nginx-php-fpm",
    environment: &[("MODE", "unix")],
    needs: &[NGINX, PHP_FPM, PYTHON],
};
const NGINX_PHP_FPM_TCP: Testbed = Testbed {
    environment: &[("MODE", "tcp")],
    ..NGINX_PHP_FPM
};
const HAPROXY_QUEUE: Testbed = Testbed {
    folder: "haproxy-queue",
    environment: &[],
    needs: &[(&["haproxy"], "haproxy"), NODE, PYTHON],
};
const APACHE_NODE: Testbed = Testbed {
    folder: "apache-node",
    environment: &[],
    needs: &[(&["apache2", "httpd"], "apache2"), NODE, PYTHON],
};
const NGINX_LIMIT_REQ: Testbed = Testbed {
    folder: "nginx-limit-req",
    environment: &[],
    needs: &[NGINX, PYTHON],
};

fn is_installed(program: &str) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let system = ["/usr/sbin", "/sbin", "/usr/local/sbin"].map(PathBuf::from);
    std::env::split_paths(&path)
        .chain(system)
        .any(|folder| folder.join(program).is_file())
}

fn scripts() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/testbeds")
}

/// A testbed that runs; it is taken down with this value.
struct Running {
    url: String,
    port: u16,
    folder: tempfile::TempDir,
}

impl Testbed {
    /// Starts it, or says why not: `None` only outside of CI, where a program is missing.
    fn start(&self) -> Option<Running> {
        let missing = self
            .needs
            .iter()
            .find(|(programs, _)| !programs.iter().any(|name| is_installed(name)));
        if let Some((programs, package)) = missing {
            let why = format!(
                "{} needs `{}`: apt-get install {package}",
                self.folder, programs[0]
            );
            assert!(std::env::var("CI").as_deref() != Ok("true"), "{why}");
            eprintln!("skipped: {why}");
            return None;
        }
        // Between choosing the ports and using them somebody else may take one.
        (0..3)
            .find_map(|_| self.start_once())
            .or_else(|| panic!("{} did not start", self.folder))
    }

    fn start_once(&self) -> Option<Running> {
        let folder = tempfile::tempdir().unwrap();
        let port = free_pair_of_ports();
        let output = Command::new(scripts().join(self.folder).join("up"))
            .arg(folder.path())
            .arg(port.to_string())
            .envs(self.environment.iter().copied())
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&output.stdout);
        let Some(url) = said.trim().strip_prefix("READY ") else {
            eprintln!(
                "{}: {said}{}",
                self.folder,
                String::from_utf8_lossy(&output.stderr)
            );
            return None;
        };
        Some(Running {
            url: url.to_owned(),
            port,
            folder,
        })
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // A failure to end them shows in the test that looks for what is left behind.
        let _ = Command::new(scripts().join("down"))
            .arg(self.folder.path())
            .status();
    }
}

/// A port that is free and whose successor is free too.
fn free_pair_of_ports() -> u16 {
    loop {
        let first = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = first.local_addr().unwrap().port();
        if port < u16::MAX && TcpListener::bind(("127.0.0.1", port + 1)).is_ok() {
            return port;
        }
    }
}

/// The longest of 40 sleeps of 5 ms, less the 5 ms: what a starved sender would suffer.
fn longest_oversleep() -> Duration {
    let nap = Duration::from_millis(5);
    let oversleep = |_| {
        let since = Instant::now();
        thread::sleep(nap);
        since.elapsed().saturating_sub(nap)
    };
    (0..40).map(oversleep).max().unwrap_or_default()
}

/// Waits for two seconds without a stall, at most a minute long: a starved sender sends in bunches, and these tip a
/// site that is fine.
fn wait_for_a_quiet_machine() {
    let since = Instant::now();
    while since.elapsed() < Duration::from_secs(60) {
        if (0..10).all(|_| longest_oversleep() < Duration::from_millis(8)) {
            return;
        }
        thread::sleep(Duration::from_secs(1));
    }
    eprintln!("the machine did not get quiet within a minute");
}

/// `summary.json` of one search. A search that was limited by this machine says nothing of the site: it is repeated,
/// at most twice.
fn find(url: &str, arrivals: &str, seed: u32) -> Value {
    for attempt in 0..3 {
        wait_for_a_quiet_machine();
        let results = tempfile::tempdir().unwrap();
        let output = assert_cmd::Command::new(env!("CARGO_BIN_EXE_tipover"))
            .args([
                "find",
                url,
                "--profile",
                "quick",
                "--from",
                "20/s",
                "--to",
                "800/s",
            ])
            .args([
                "--arrivals",
                arrivals,
                "--seed",
                &(seed + attempt).to_string(),
                "--json",
                "--out",
            ])
            .arg(results.path().join("run"))
            .timeout(Duration::from_secs(300))
            .output()
            .unwrap();
        let errors = String::from_utf8_lossy(&output.stderr);
        let summary: Value = serde_json::from_slice(&output.stdout)
            .unwrap_or_else(|error| panic!("{error}: {:?}\n{errors}", output.status));
        if summary["finding"]["kind"] != "our_limit" {
            eprintln!("{url} {arrivals}: {:#}", summary["finding"]);
            return summary;
        }
        eprintln!("attempt {attempt} is void: {}", summary["generator"]);
    }
    panic!("this machine was the limit three times");
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
    let summary = find(&site.url, arrivals, 1);
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
    for testbed in [
        NGINX_PHP_FPM,
        NGINX_PHP_FPM_TCP,
        HAPROXY_QUEUE,
        APACHE_NODE,
        NGINX_LIMIT_REQ,
    ] {
        let Some(site) = testbed.start() else { continue };
        let port = site.port;
        assert_eq!(status(port).as_deref(), Some("200"), "{}", testbed.folder);
        let notes = fs::read_dir(site.folder.path().join("pids")).unwrap();
        let notes: Vec<String> = notes
            .map(|note| fs::read_to_string(note.unwrap().path()).unwrap())
            .collect();
        assert!(!notes.is_empty(), "{}", testbed.folder);
        drop(site);
        assert_eq!(status(port), None, "{} still answers", testbed.folder);
        for note in notes {
            let pid = note.split(' ').next().unwrap();
            // One that has ended may still wait for its parent to take note: `Z`.
            let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
            assert!(
                stat.is_empty() || stat.contains(") Z "),
                "{}: {stat}",
                testbed.folder
            );
        }
    }
}
