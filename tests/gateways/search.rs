//! One search of a testbed by the program itself, once this machine is quiet.

use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;

/// The budget of a search is 15 min; what takes longer hangs.
const LONGEST: Duration = Duration::from_secs(1_000);

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

/// What a search said, and how long the program took.
#[derive(Debug, Clone)]
pub(crate) struct Said {
    /// Its `summary.json`.
    pub(crate) summary: Value,
    pub(crate) took: Duration,
}

/// A search of a testbed.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Search<'a> {
    pub(crate) url: &'a str,
    pub(crate) profile: &'a str,
    pub(crate) arrivals: &'a str,
    pub(crate) seed: u64,
}

impl Search<'_> {
    /// What it says. A search that was limited by this machine says nothing of the site: it is repeated, at most
    /// twice.
    pub(crate) fn find(&self) -> Result<Said, String> {
        for attempt in 0..3 {
            wait_for_a_quiet_machine();
            let said = self.once(self.seed + attempt)?;
            if said.summary["finding"]["kind"] != "our_limit" {
                eprintln!("{} {}: {:#}", self.url, self.arrivals, said.summary["finding"]);
                return Ok(said);
            }
            eprintln!("attempt {attempt} is void: {}", said.summary["generator"]);
        }
        Err("this machine was the limit three times".to_owned())
    }

    fn once(&self, seed: u64) -> Result<Said, String> {
        let results = tempfile::tempdir().map_err(|error| error.to_string())?;
        let since = Instant::now();
        let output = assert_cmd::Command::new(env!("CARGO_BIN_EXE_tipover"))
            .args(["find", self.url, "--profile", self.profile])
            .args(["--from", "20/s", "--to", "800/s", "--arrivals", self.arrivals])
            .args(["--seed", &seed.to_string(), "--json", "--out"])
            .arg(results.path().join("run"))
            .timeout(LONGEST)
            .output()
            .map_err(|error| error.to_string())?;
        let took = since.elapsed();
        match serde_json::from_slice(&output.stdout) {
            Ok(summary) => Ok(Said { summary, took }),
            Err(error) => {
                let errors = String::from_utf8_lossy(&output.stderr);
                Err(format!("{error}: {:?}\n{errors}", output.status))
            }
        }
    }
}
