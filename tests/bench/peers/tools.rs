//! The tools: how each is called, and how many requests it says it made.

use std::fmt;
use std::io;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use rustix::process::{Pid, WaitId, WaitIdOptions, waitid};

/// What all tools play.
#[derive(Clone, Copy)]
pub(crate) struct Load {
    pub(crate) connections: u32,
    pub(crate) seconds: u32,
    pub(crate) work: Work,
}

#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Work {
    /// A closed model on kept connections.
    Closed,
    /// A new connection for each request.
    Churn,
}

impl fmt::Display for Work {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Work::Closed => "closed model, kept connections",
            Work::Churn => "a new connection for each request",
        })
    }
}

/// What one run of a tool showed.
#[derive(Clone, Copy)]
pub(crate) struct Measured {
    /// Requests per second.
    pub(crate) rate: f64,
    /// Processor seconds per million requests.
    pub(crate) cpu: f64,
}

/// Requests, and processor seconds where the tool tells them itself.
type Figures = (f64, Option<f64>);

pub(crate) struct Tool {
    pub(crate) name: &'static str,
    program: &'static str,
    package: &'static str,
    /// Its arguments; nothing where it cannot do the work.
    arguments: fn(Load, &str, &Path) -> Option<Vec<String>>,
    /// Requests, and processor seconds where the tool tells them itself.
    figures: fn(&str, &Path) -> Option<Figures>,
}

pub(crate) const TOOLS: [Tool; 4] = [
    Tool {
        name: "tipover",
        program: env!("CARGO_BIN_EXE_tipover"),
        package: "",
        arguments: |load, url, out| {
            let connections = if load.work == Work::Closed {
                "pooled"
            } else {
                "per_request"
            };
            let (visitors, length) = (load.connections.to_string(), format!("{}s", load.seconds));
            let mut all = words(&[
                "run",
                url,
                "--visitors",
                &visitors,
                "--duration",
                &length,
                "--connections",
                connections,
                "-q",
                "--out",
            ]);
            all.push(out.display().to_string());
            Some(all)
        },
        figures: |_, out| of_record(out),
    },
    Tool {
        name: "wrk",
        program: "wrk",
        package: "wrk",
        arguments: |load, url, _| {
            let mut all = vec![
                "-t1".to_owned(),
                format!("-c{}", load.connections),
                format!("-d{}s", load.seconds),
            ];
            if load.work == Work::Churn {
                all.extend(words(&["-H", "Connection: close"]));
            }
            all.push(url.to_owned());
            Some(all)
        },
        figures: |said, _| Some((before(said, " requests in")?, None)),
    },
    Tool {
        name: "ab",
        program: "ab",
        package: "apache2-utils",
        arguments: |load, url, _| {
            let (connections, seconds) = (load.connections.to_string(), load.seconds.to_string());
            let mut all = words(&["-q", "-c", &connections, "-t", &seconds, "-n", "100000000"]);
            if load.work == Work::Closed {
                all.push("-k".to_owned());
            }
            all.push(url.to_owned());
            Some(all)
        },
        figures: |said, _| {
            let line = said
                .lines()
                .find_map(|line| line.strip_prefix("Complete requests:"))?;
            Some((line.trim().parse().ok()?, None))
        },
    },
    Tool {
        name: "h2load",
        program: "h2load",
        package: "nghttp2-client",
        arguments: |load, url, _| {
            let (connections, seconds) = (load.connections.to_string(), load.seconds.to_string());
            // With `Connection: close` it never ends.
            (load.work == Work::Closed)
                .then(|| words(&["--h1", "-t", "1", "-c", &connections, "-D", &seconds, url]))
        },
        figures: |said, _| Some((before(said, " succeeded")?, None)),
    },
];

fn words(all: &[&str]) -> Vec<String> {
    all.iter().map(|word| (*word).to_owned()).collect()
}

/// The number that stands before `word`.
fn before(text: &str, word: &str) -> Option<f64> {
    let (head, _) = text.split_once(word)?;
    head.rsplit([' ', '\n', '\t']).next()?.parse().ok()
}

/// What tipover's record says: answers, and the processor seconds of the seconds with load.
fn of_record(out: &Path) -> Option<Figures> {
    let record = tipover::record::RunRecord::open(out).ok()?;
    let loaded = || record.seconds.iter().filter(|second| second.offered > 0.0);
    let answers: u64 = loaded()
        .flat_map(|second| &second.cells)
        .map(|cell| cell.count)
        .sum();
    let micros: u64 = loaded().map(|second| second.generator.cpu_us).sum();
    Some((answers as f64, Some(micros as f64 / 1e6)))
}

impl Tool {
    /// Why it takes no part, where it does not.
    pub(crate) fn missing(&self, load: Load) -> Option<String> {
        let folders = std::env::var_os("PATH").unwrap_or_default();
        let is_here = Path::new(self.program).is_file()
            || std::env::split_paths(&folders).any(|folder| folder.join(self.program).is_file());
        if !is_here {
            return Some(format!(
                "not installed (Debian: `apt-get install {}`)",
                self.package
            ));
        }
        let can = (self.arguments)(load, "", Path::new("")).is_some();
        (!can).then(|| format!("it cannot play this: {}", load.work))
    }

    /// One run on `core`; nothing where its words hold no figures.
    pub(crate) fn run(&self, url: &str, load: Load, core: u32) -> io::Result<Option<Measured>> {
        let folder = tempfile::tempdir()?;
        let out = folder.path().join("run");
        let Some(arguments) = (self.arguments)(load, url, &out) else {
            return Ok(None);
        };
        let said = folder.path().join("said");
        let child = Command::new("taskset")
            .args(["-c", &core.to_string(), self.program])
            .args(arguments)
            .stdin(Stdio::null())
            .stdout(std::fs::File::create(&said)?)
            .stderr(Stdio::null())
            .spawn()?;
        let spent = cpu_seconds(child)?;
        let said = String::from_utf8_lossy(&std::fs::read(&said)?).into_owned();
        let figures = (self.figures)(&said, &out).filter(|(requests, _)| *requests > 0.0);
        Ok(figures.map(|(requests, own)| Measured {
            rate: requests / f64::from(load.seconds),
            cpu: own.unwrap_or(spent) / requests * 1e6,
        }))
    }
}

/// Waits for `child`, and says what it used: its figures stay readable until it is reaped.
fn cpu_seconds(mut child: Child) -> io::Result<f64> {
    if let Some(pid) = Pid::from_raw(child.id().cast_signed()) {
        waitid(WaitId::Pid(pid), WaitIdOptions::EXITED | WaitIdOptions::NOWAIT)?;
    }
    let stat = std::fs::read_to_string(format!("/proc/{}/stat", child.id()))?;
    child.wait()?;
    // proc(5): after the name in brackets, user and system time are the 12th and the 13th field.
    let fields: Vec<&str> = stat
        .rsplit(')')
        .next()
        .unwrap_or_default()
        .split_whitespace()
        .collect();
    let ticks: f64 = fields
        .iter()
        .skip(11)
        .take(2)
        .filter_map(|field| field.parse::<f64>().ok())
        .sum();
    Ok(ticks / rustix::param::clock_ticks_per_second() as f64)
}

/// The first and the last core that this process may use.
pub(crate) fn cores() -> io::Result<(u32, u32)> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let list = status
        .lines()
        .find_map(|line| line.strip_prefix("Cpus_allowed_list:"))
        .unwrap_or("0")
        .trim();
    let ends: Vec<u32> = list
        .split([',', '-'])
        .filter_map(|number| number.parse().ok())
        .collect();
    match (ends.first(), ends.last()) {
        (Some(first), Some(last)) => Ok((*first, *last)),
        _ => Err(io::Error::other("the system does not name its cores")),
    }
}
