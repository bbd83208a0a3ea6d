//! Plays a scenario from Rust, without a network: loads it, plays it against a model site on tokio's clock, reads the
//! record back, and prints the sentence that a report opens with.
//!
//! `cargo run --example play_a_scenario` (a minute of load in a moment: the clock is paused, so it jumps)

use std::error::Error;
use std::path::Path;

use tipover::analysis::tipping_point;
use tipover::drive::{Conductor, Fleet, FleetPlan, Progress, Script, StopWatch, perform};
use tipover::model::{QueueSite, SiteKind, SiteSpec};
use tipover::record::{Arrivals, FORMAT, Header, JourneyShape, RecordWriter, RunRecord, ScenarioRef};
use tipover::report;
use tipover::scenario::{Overrides, Scenario, from_text};
use tipover::transport::{RunClock, SiteTransport};
use tipover::units::Rate;
use tipover::words::Language;

/// A minute that ends above what the site below carries.
const SCENARIO: &str = "\
version: 1
name: a minute of rising load
target: http://model.example
journey:
  - get: /sale
load:
  stages:
    - { duration: 30s, target: 80/s }
    - { duration: 30s, target: 120/s }
";

fn main() -> Result<(), Box<dyn Error>> {
    let no_variables = |_: &str| None;
    let loaded = from_text(
        SCENARIO,
        "inline.yaml",
        Path::new(""),
        &Overrides::default(),
        &no_variables,
    )?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()?;
    let record = tokio::task::LocalSet::new().block_on(&runtime, play(&loaded.scenario))?;
    let finding = tipping_point(&record);
    let summary = report::summary(&record, finding.as_ref());
    println!("{}", report::sentence(&summary, Language::English));
    Ok(())
}

/// Plays the load of `scenario` against a site of 8 workers that can do 100 pages a second.
async fn play(scenario: &Scenario) -> Result<RunRecord, Box<dyn Error>> {
    let clock = RunClock::starting_at(tokio::time::Instant::now());
    let site = QueueSite::new(SiteSpec::demo(SiteKind::Queue, Rate::per_second(100.0)));
    let plan = FleetPlan {
        script: Script::new(scenario, "example", true)?,
        process: scenario.load.arrivals,
        seed: scenario.search.seed,
        in_flight_cap: 10_000,
    };
    let fleet = Fleet::local(&plan, clock, SiteTransport::new(site, clock));
    // The record goes to a folder: `tipover report` renders it as any other.
    let folder = std::env::temp_dir().join(format!("tipover-example-{}", std::process::id()));
    std::fs::create_dir_all(&folder)?;
    let book = RecordWriter::create(&folder, &header(scenario))?;
    let failure = scenario.search.failure.clone();
    let stop = StopWatch::new(scenario.stop.clone(), failure.clone());
    // Nobody interrupts; the sender has to live as long as the run.
    let (_sender, interrupt) = tokio::sync::watch::channel(false);
    let mut watch = |progress: &Progress| {
        if progress.second.is_multiple_of(10) {
            println!(
                "second {:>2}: {:>5.1} pages/s offered, {} failed",
                progress.second, progress.offered, progress.failed
            );
        }
    };
    let pages = scenario.journeys.pages_per_visit();
    let conductor = Conductor::new(fleet, clock, book, pages, (stop, failure), interrupt, &mut watch);
    perform(conductor, &scenario.load.curve).await?;
    println!("record: {}", folder.display());
    Ok(RunRecord::open(&folder)?)
}

/// What a record says about the run as a whole.
fn header(scenario: &Scenario) -> Header {
    Header {
        format: FORMAT,
        tool_version: env!("CARGO_PKG_VERSION").to_owned(),
        run_id: "example".to_owned(),
        started_at: "2026-01-01T00:00:00Z".to_owned(),
        command: "run".to_owned(),
        arguments: Vec::new(),
        scenario: ScenarioRef {
            name: scenario.name.clone(),
            target: scenario.target.url.to_string(),
            stands_for: None,
            hash: String::new(),
        },
        journey: JourneyShape {
            pages_per_visit: scenario.journeys.pages_per_visit(),
            requests_per_visit: scenario.journeys.requests_per_visit(),
        },
        arrivals: Arrivals {
            process: scenario.load.arrivals.to_string(),
            seed: scenario.search.seed,
            think: "real".to_owned(),
        },
        connections: scenario.target.connections.to_string(),
        failure: scenario.search.failure.to_words(),
        search: None,
        thresholds: scenario.thresholds.clone(),
        forecast: None,
        languages: scenario.languages.clone(),
        workers: 1,
        file_limit: 0,
        pinned: std::collections::BTreeMap::new(),
        steps: Vec::new(),
        lookup_us: std::collections::BTreeMap::new(),
        proxy: std::collections::BTreeMap::new(),
        http: None,
        trust: "not used".to_owned(),
        authorized_by: None,
        truth: None,
        effective: scenario.effective.clone(),
    }
}
