//! Searches real gateways on loopback, one after the other, and compares what is found with what is true.
//!
//! ```console
//! $ cargo bench --bench gateways
//! $ cargo bench --bench gateways -- --profile standard --rounds 1 --testbeds haproxy,apache
//! ```
//!
//! Two rounds of the five testbeds with both kinds of arrivals are 20 searches: about half an hour in the quick
//! profile. The machine should do nothing else meanwhile. Markdown goes to stdout and, with a line of JSON for each
//! search, to the folder of `--out`.

#[path = "../gateways/mod.rs"]
#[expect(dead_code, reason = "the tests use the rest")]
mod gateways;

use std::error::Error;
use std::fmt::Write as _;
use std::fs;
use std::io::Write as _;
use std::path::PathBuf;

use clap::Parser;
use gateways::search::{Said, Search};
use gateways::{ALL, Testbed};
use serde_json::{Value, json};
use tipover::analysis::statistics::{Z_95, wilson};

/// Searches real gateways on loopback and compares what is found with what is true.
#[derive(Debug, Parser)]
#[command(name = "cargo bench --bench gateways --", disable_version_flag = true)]
struct Options {
    /// How careful the search is.
    #[arg(long, default_value = "quick", value_parser = ["quick", "standard", "long"])]
    profile: String,
    /// Searches of each testbed with each kind of arrivals.
    #[arg(long, default_value_t = 2)]
    rounds: u64,
    /// Only testbeds whose name or folder contains one of these.
    #[arg(long, value_delimiter = ',')]
    testbeds: Vec<String>,
    /// Only these arrivals.
    #[arg(long, value_delimiter = ',', default_values = ["poisson", "even"])]
    arrivals: Vec<String>,
    /// Where every search is written, a line of JSON each, with the table.
    #[arg(long, default_value = "target/gateways")]
    out: PathBuf,
    /// `cargo bench` says so.
    #[arg(long, hide = true)]
    bench: bool,
}

/// The largest median error of a testbed.
const MOST_ERROR: f64 = 0.05;
/// The smallest share of intervals that hold the truth.
const LEAST_COVERAGE: f64 = 0.85;

/// The searches of one testbed with one kind of arrivals.
struct Searched {
    testbed: &'static str,
    arrivals: String,
    truth: f64,
    found: Vec<Found>,
}

/// What one search found: nothing but the time where it ended in something else than a tipping point.
struct Found {
    /// Low, mid and high.
    rate: Option<[f64; 3]>,
    kind: String,
    seconds: f64,
}

impl Found {
    fn new(said: Option<&Said>) -> Self {
        let Some(Said { summary, took }) = said else {
            return Self {
                rate: None,
                kind: "none".to_owned(),
                seconds: f64::INFINITY,
            };
        };
        let finding = &summary["finding"];
        let rate = ["low", "mid", "high"].map(|part| finding["rate"][part].as_f64());
        Self {
            rate: match rate {
                [Some(low), Some(mid), Some(high)] => Some([low, mid, high]),
                _ => None,
            },
            kind: finding["kind"].as_str().unwrap_or("none").to_owned(),
            seconds: took.as_secs_f64(),
        }
    }

    fn error(&self, truth: f64) -> f64 {
        self.rate
            .map_or(f64::INFINITY, |[_, mid, _]| (mid / truth - 1.0).abs())
    }

    fn covers(&self, truth: f64) -> bool {
        self.rate
            .is_some_and(|[low, _, high]| low <= truth && truth <= high)
    }

    fn width(&self) -> f64 {
        self.rate.map_or(f64::INFINITY, |[low, _, high]| high / low - 1.0)
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let options = Options::parse();
    fs::create_dir_all(&options.out)?;
    let mut lines = fs::File::create(options.out.join("searches.jsonl"))?;
    let is_wanted = |testbed: &Testbed| {
        let name = format!("{} {}", testbed.folder, testbed.name).to_lowercase();
        options.testbeds.is_empty()
            || options
                .testbeds
                .iter()
                .any(|part| name.contains(&part.to_lowercase()))
    };
    let mut all = Vec::new();
    for testbed in ALL.iter().filter(|testbed| is_wanted(testbed)) {
        for arrivals in &options.arrivals {
            let truth = match arrivals.as_str() {
                "even" => testbed.queue.capacity(),
                _ => testbed.queue.poisson_truth(),
            };
            all.push(Searched {
                testbed: testbed.name,
                arrivals: arrivals.clone(),
                truth,
                found: Vec::new(),
            });
        }
    }
    // Round by round: what the machine does meanwhile hits all of them alike.
    for round in 0..options.rounds {
        for (number, searched) in (0_u64..).zip(&mut all) {
            let testbed = ALL.iter().find(|testbed| testbed.name == searched.testbed);
            let Some(site) = testbed.and_then(Testbed::start) else {
                continue;
            };
            let search = Search {
                url: &site.url,
                profile: &options.profile,
                arrivals: &searched.arrivals,
                // Each search may take two more seeds where this machine was the limit.
                seed: 10_000 * (number + 1) + 3 * round,
            };
            let said = search
                .find()
                .inspect_err(|why| eprintln!("{}: {why}", searched.testbed))
                .ok();
            let found = Found::new(said.as_ref());
            let summary = said.map_or(Value::Null, |said| said.summary);
            writeln!(lines, "{}", line(searched, &search, &found, &summary))?;
            searched.found.push(found);
        }
    }
    let text = format!(
        "# Real gateways on loopback, profile {}\n\n{}\n{}",
        options.profile,
        table(&all),
        bars(&all)
    );
    println!("{text}");
    fs::write(options.out.join("gateways.md"), text)?;
    Ok(())
}

fn line(searched: &Searched, search: &Search<'_>, found: &Found, summary: &Value) -> Value {
    json!({
        "testbed": searched.testbed,
        "arrivals": searched.arrivals,
        "truth": searched.truth,
        "seed": search.seed,
        "kind": found.kind,
        "rate": found.rate,
        "seconds": found.seconds,
        "class": summary["finding"]["class"],
        "limit": summary["finding"]["limit"],
        "converged": summary["converged"],
        "generator": summary["generator"],
    })
}

fn sorted(values: impl Iterator<Item = f64>) -> Vec<f64> {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    values
}

/// The lower of the two middle values where they are even in number.
fn median(values: &[f64]) -> f64 {
    values
        .get(values.len().saturating_sub(1) / 2)
        .copied()
        .unwrap_or(f64::NAN)
}

fn percent(value: f64) -> String {
    if value.is_finite() {
        format!("{:.1}", 1e2 * value)
    } else {
        "–".to_owned()
    }
}

fn table(all: &[Searched]) -> String {
    let mut text = "| testbed | arrivals | truth/s | found/s | median error % | interval holds the truth | \
                    median width % | time s |\n|---|---|---|---|---|---|---|---|\n"
        .to_owned();
    for searched in all {
        let truth = searched.truth;
        let estimates: Vec<String> = searched
            .found
            .iter()
            .map(|found| match found.rate {
                Some([low, mid, high]) => format!("{mid:.0} ({low:.0}–{high:.0})"),
                None => found.kind.clone(),
            })
            .collect();
        let of = |value: &dyn Fn(&Found) -> f64| sorted(searched.found.iter().map(value));
        let _ = writeln!(
            text,
            "| {} | {} | {truth:.0} | {} | {} | {} of {} | {} | {:.0} |",
            searched.testbed,
            searched.arrivals,
            estimates.join(", "),
            percent(median(&of(&|found| found.error(truth)))),
            searched.found.iter().filter(|found| found.covers(truth)).count(),
            searched.found.len(),
            percent(median(&of(&Found::width))),
            median(&of(&|found| found.seconds)),
        );
    }
    text
}

/// Each testbed's median error, over both kinds of arrivals, and how many of all intervals hold the truth.
fn bars(all: &[Searched]) -> String {
    let mut text = String::new();
    for testbed in ALL {
        let errors = sorted(
            all.iter()
                .filter(|searched| searched.testbed == testbed.name)
                .flat_map(|searched| searched.found.iter().map(|found| found.error(searched.truth))),
        );
        if !errors.is_empty() {
            let error = median(&errors);
            let _ = writeln!(
                text,
                "- {} {}: median error {} % of {} searches (at most {} %)",
                mark(error <= MOST_ERROR),
                testbed.name,
                percent(error),
                errors.len(),
                percent(MOST_ERROR)
            );
        }
    }
    let searches = all.iter().map(|searched| searched.found.len() as u64).sum();
    let covered = all
        .iter()
        .map(|searched| {
            searched
                .found
                .iter()
                .filter(|found| found.covers(searched.truth))
                .count() as u64
        })
        .sum();
    let interval = wilson(covered, searches, Z_95);
    let _ = writeln!(
        text,
        "- {} the interval holds the truth in {covered} of {searches} searches, {} % (Wilson {} to {} %; at least {} %)",
        mark(interval.high >= LEAST_COVERAGE),
        percent(interval.mid),
        percent(interval.low),
        percent(interval.high),
        percent(LEAST_COVERAGE)
    );
    text
}

fn mark(is_cleared: bool) -> &'static str {
    if is_cleared { "✓" } else { "✗" }
}
