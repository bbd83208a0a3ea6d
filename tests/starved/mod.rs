//! Runs of the real binary on a machine that lacks something, and what their summaries say.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread;
use std::time::Duration;

use serde_json::Value;

pub(crate) const TIPOVER: &str = env!("CARGO_BIN_EXE_tipover");

/// What a run said of its machine.
#[derive(Debug)]
pub(crate) struct Verdict {
    pub(crate) generator: Value,
    /// Arrivals given up, by reason, over all trials.
    pub(crate) unsent: Vec<(String, u64)>,
    /// Requests that ended, by class, over all trials.
    pub(crate) classes: Vec<(String, u64)>,
}

impl Verdict {
    pub(crate) fn is_limited(&self) -> bool {
        self.generator["verdict"] == "limited"
    }

    pub(crate) fn by(&self) -> &str {
        self.generator["limited_by"].as_str().unwrap_or("nothing")
    }

    pub(crate) fn unsent(&self, reason: &str) -> u64 {
        let found = self.unsent.iter().filter(|(name, _)| name == reason);
        found.map(|(_, count)| count).sum()
    }

    /// Whether every request that ended was answered with 200.
    pub(crate) fn the_site_is_blameless(&self) -> bool {
        self.classes.iter().all(|(class, _)| class == "200")
    }
}

/// The verdict of the run in `folder`, rendered again by a machine that lacks nothing.
pub(crate) fn verdict(folder: &Path) -> Option<Verdict> {
    let output = Command::new(TIPOVER)
        .args(["report", "--json", "-q"])
        .arg(folder)
        .output()
        .unwrap();
    let summary: Value = serde_json::from_slice(&output.stdout).ok()?;
    let mut verdict = Verdict {
        generator: summary["generator"].clone(),
        unsent: Vec::new(),
        classes: Vec::new(),
    };
    for trial in summary["trials"].as_array()? {
        for (name, into) in [
            ("unsent_by_reason", &mut verdict.unsent),
            ("by_class", &mut verdict.classes),
        ] {
            let counts = trial[name].as_object()?.iter();
            into.extend(counts.filter_map(|(name, count)| Some((name.clone(), count.as_u64()?))));
        }
    }
    Some(verdict)
}

/// Runs `script` in a shell whose `$TIPOVER` is the binary; its words are shown where the test fails.
pub(crate) fn shell(script: &str, variables: &[(&str, &str)]) -> Command {
    let mut command = Command::new("sh");
    command.args(["-c", script]).env("TIPOVER", TIPOVER);
    command.env("CPU", first_core().to_string());
    command.envs(variables.iter().copied());
    command.stdout(Stdio::inherit()).stderr(Stdio::inherit());
    command
}

/// The first core that this process may run on.
pub(crate) fn first_core() -> u32 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let list = status
        .lines()
        .find_map(|line| line.strip_prefix("Cpus_allowed_list:"))
        .unwrap();
    let digits: String = list.trim().chars().take_while(char::is_ascii_digit).collect();
    digits.parse().unwrap()
}

/// A site that answers each request after `hold`, each connection on a thread of its own.
pub(crate) fn site(hold: Duration) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    thread::spawn(move || {
        for stream in listener.incoming() {
            let Ok(mut stream) = stream else { continue };
            drop(thread::Builder::new().stack_size(64 << 10).spawn(move || {
                let mut request = [0; 2_048];
                while stream.read(&mut request).is_ok_and(|read| read > 0) {
                    thread::sleep(hold);
                    if stream
                        .write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
                        .is_err()
                    {
                        return;
                    }
                }
            }));
        }
    });
    address
}
