//! One run of one tool: pinned to its core, and watched from outside while it lasts.

use std::fs;
use std::io;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use tipover::record::{RunRecord, Second, SparseHistogram};

use super::tools::{Task, Tool};
use super::work::Figure;

/// How often a running tool is looked at.
const LOOK: Duration = Duration::from_millis(50);
/// A tool that is not done so long after its time is ended.
const GRACE: Duration = Duration::from_secs(25);

/// What a run cost.
#[derive(Debug, Clone, Default)]
pub(crate) struct Spent {
    /// Processor seconds, user and system.
    pub(crate) cpu: f64,
    /// The requests that they were for, where the tool tells; otherwise those that the server saw.
    pub(crate) requests: Option<f64>,
    /// The most resident memory, in bytes.
    pub(crate) memory: u64,
    /// After a tenth of the time.
    pub(crate) memory_early: u64,
    /// What the tool says of latencies, in seconds.
    pub(crate) latencies: Vec<Figure>,
    /// Whether it had to be ended.
    pub(crate) is_stuck: bool,
}

/// Runs `tool` on `core`.
pub(crate) fn run(tool: &Tool, task: &Task<'_>, core: u32) -> io::Result<Spent> {
    let said = task.folder.join("said");
    let mut child = Command::new("taskset")
        .args(["-c", &core.to_string()])
        .arg(&tool.program)
        .args(tool.words(task))
        .stdin(Stdio::null())
        .stdout(fs::File::create(&said)?)
        .stderr(fs::File::create(task.folder.join("errors"))?)
        .spawn()?;
    let mut spent = watch(&mut child, task)?;
    let said = String::from_utf8_lossy(&fs::read(&said)?).into_owned();
    spent.latencies = match tool.name.as_str() {
        "wrk" => of_wrk(&said),
        "oha" => of_oha(&said),
        "ab" => of_ab(&said),
        _ => Vec::new(),
    };
    if tool.has_record() {
        of_record(&task.folder.join("run"), &mut spent);
    }
    Ok(spent)
}

/// Waits for `child`. What it used stays readable until it is reaped; its memory only as long as it runs.
fn watch(child: &mut Child, task: &Task<'_>) -> io::Result<Spent> {
    let mut spent = Spent::default();
    let begun = Instant::now();
    let length = Duration::from_secs(task.seconds.into());
    let proc = format!("/proc/{}", child.id());
    loop {
        let stat = fs::read_to_string(format!("{proc}/stat"))?;
        // proc(5): after the name in brackets comes the state; user and system time are the 12th and 13th field.
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
        spent.cpu = ticks / rustix::param::clock_ticks_per_second() as f64;
        if fields.first() == Some(&"Z") {
            child.wait()?;
            return Ok(spent);
        }
        let status = fs::read_to_string(format!("{proc}/status")).unwrap_or_default();
        let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let kibibytes = peak.and_then(|peak| peak.split_whitespace().next()?.parse::<u64>().ok());
        spent.memory = spent.memory.max(kibibytes.unwrap_or(0) * 1_024);
        if begun.elapsed() <= length / 10 {
            spent.memory_early = spent.memory;
        }
        if begun.elapsed() > length + GRACE {
            spent.is_stuck = true;
            child.kill()?;
        }
        std::thread::sleep(LOOK);
    }
}

/// What tipover's record says of the seconds with load: it draws charts and writes a report afterwards, which no peer
/// does.
fn of_record(folder: &Path, spent: &mut Spent) {
    let Ok(record) = RunRecord::open(folder) else {
        return;
    };
    let loaded: Vec<&Second> = record
        .seconds
        .iter()
        .filter(|second| second.offered > 0.0)
        .collect();
    let cells = || loaded.iter().flat_map(|second| &second.cells);
    spent.requests = Some(cells().map(|cell| cell.count).sum::<u64>() as f64);
    spent.cpu = loaded.iter().map(|second| second.generator.cpu_us).sum::<u64>() as f64 / 1e6;
    let memory = |part: &[&Second]| part.iter().map(|second| second.generator.memory_bytes).max();
    spent.memory = memory(&loaded).unwrap_or(0);
    spent.memory_early = memory(&loaded[..loaded.len().div_ceil(10)]).unwrap_or(0);
    let mut latency = SparseHistogram::new();
    let all = record.seconds.iter().flat_map(|second| &second.cells);
    all.filter(|cell| cell.class.is_success())
        .for_each(|cell| latency.merge(&cell.from_due));
    let at = |share| latency.at_quantile(share).unwrap_or(0) as f64 / 1e6;
    spent.latencies = vec![
        ("p90 s", at(0.9)),
        ("p95 s", at(0.95)),
        ("p99 s", at(0.99)),
        ("max s", latency.max().unwrap_or(0) as f64 / 1e6),
    ];
}

fn of_oha(said: &str) -> Vec<Figure> {
    let Ok(all) = serde_json::from_str::<serde_json::Value>(said) else {
        return Vec::new();
    };
    let at = |name: &str| all["latencyPercentiles"][name].as_f64().unwrap_or(f64::NAN);
    vec![
        ("p90 s", at("p90")),
        ("p95 s", at("p95")),
        ("p99 s", at("p99")),
        ("max s", all["summary"]["slowest"].as_f64().unwrap_or(f64::NAN)),
    ]
}

fn of_wrk(said: &str) -> Vec<Figure> {
    let line = |start: &str| said.lines().find_map(|line| line.trim().strip_prefix(start));
    let length = |text: Option<&str>| text.and_then(|text| seconds(text.split_whitespace().next()?));
    let max = line("Latency ").and_then(|rest| seconds(rest.split_whitespace().nth(2)?));
    vec![
        ("p90 s", length(line("90%")).unwrap_or(f64::NAN)),
        ("p99 s", length(line("99%")).unwrap_or(f64::NAN)),
        ("max s", max.unwrap_or(f64::NAN)),
    ]
}

fn of_ab(said: &str) -> Vec<Figure> {
    let line = |start: &str| said.lines().find_map(|line| line.trim().strip_prefix(start));
    let millis = |start| line(start).and_then(|rest| rest.split_whitespace().next()?.parse::<f64>().ok());
    let all = [
        ("p90 s", "90%"),
        ("p95 s", "95%"),
        ("p99 s", "99%"),
        ("max s", "100%"),
    ];
    all.map(|(name, start)| (name, millis(start).map_or(f64::NAN, |millis| millis / 1e3)))
        .to_vec()
}

/// A length as wrk writes it: `1.90s`, `12.00ms`, `250.00us`.
fn seconds(text: &str) -> Option<f64> {
    let (number, unit) = text.split_at(text.find(|letter: char| letter.is_ascii_alphabetic())?);
    let scale = match unit {
        "us" => 1e-6,
        "ms" => 1e-3,
        "s" => 1.0,
        _ => return None,
    };
    Some(number.parse::<f64>().ok()? * scale)
}
