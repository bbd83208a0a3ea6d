//! `tipover demo`: the built-in site in a process of its own, and the real engine against it.

use std::time::Duration;

use super::arguments::{Consent, Demo, Site, Voice};
use super::exit::Exit;
use super::failure::Failure;
use super::session::Session;
use super::signals;
use crate::demo::{Child, DemoError, run_child};
use crate::load::ArrivalProcess;
use crate::model::{SiteKind, SiteSpec, truth};
use crate::record::Truth;
use crate::scenario::{self, Given, Overrides, Profile};
use crate::search::Settings;
use crate::units::{LoadUnit, Rate, WrittenRate};

/// Capacities of the demo site that a minute and one machine can measure, in pages per second.
const CAPACITIES: std::ops::RangeInclusive<f64> = 50.0..=2_000.0;
/// The search's own bound, so that the whole command stays below a minute.
const BUDGET: Duration = Duration::from_secs(52);

pub(super) fn demo(asked: &Demo, voice: &Voice) -> Result<Exit, Failure> {
    let capacity = capacity(&asked.capacity)?;
    let process: ArrivalProcess = asked
        .arrivals
        .parse()
        .map_err(|why| Failure::new(Exit::Usage, format!("read `--arrivals`: {why}")))?;
    let kind = match asked.site {
        Site::Queue => SiteKind::Queue,
        Site::Timeout => SiteKind::Timeout,
        Site::Limit => SiteKind::Limit,
    };
    let spec = SiteSpec::demo(kind, capacity);
    let program =
        std::env::current_exe().map_err(|error| Failure::internal(format!("find this program: {error}")))?;
    let child = Child::spawn(&program, &spec).map_err(|error| site_failure(&error))?;
    if asked.serve {
        return serve(&child, &spec, voice);
    }
    let overrides = Overrides {
        arrivals: Some(Given::new("--arrivals", process.to_string())),
        lang: asked.output.lang.as_ref().map(|lang| Given::new("--lang", lang)),
        ..Overrides::default()
    };
    let loaded = scenario::from_url(child.url(), &overrides, &|name| std::env::var(name).ok())
        .map_err(|problems| Failure::framed(Exit::Usage, problems.render(false)))?;
    let mut scenario = loaded.scenario;
    scenario.name = "demo".to_owned();
    let search = &mut scenario.search;
    search.profile = Profile::Demo;
    search.from = capacity.times(0.2);
    search.to = capacity.times(5.0);
    search.budget = BUDGET;
    search.seed = asked.seed.unwrap_or_else(fresh_seed);
    let horizon = Settings::new(search).horizon();
    let rate = truth(&spec, process, search.share, horizon);
    if !voice.quiet {
        anstream::eprintln!(
            "demo site: {} workers × {} ms = {} pages/s; {process} arrivals tip it at {} pages/s (by simulation). Searching …",
            spec.workers,
            spec.service.as_millis(),
            spec.capacity(),
            rate
        );
    }
    let truth = Truth {
        capacity: spec.capacity().get(),
        rate: rate.get(),
    };
    let session = Session {
        command: "demo",
        scenario,
        consent: Consent::default(),
        output: &asked.output,
        voice,
        truth: Some(truth),
    };
    session.play()
}

/// `tipover demo-site`: the child.
pub(super) fn serve_child(spec: &str) -> Result<Exit, Failure> {
    run_child(spec)
        .map(|()| Exit::Success)
        .map_err(|error| site_failure(&error))
}

fn serve(child: &Child, spec: &SiteSpec, voice: &Voice) -> Result<Exit, Failure> {
    super::write::print(format!("{}\n", child.url()).as_bytes())?;
    if !voice.quiet {
        anstream::eprintln!(
            "capacity {} pages/s; Ctrl-C ends it. Try: tipover find {}",
            spec.capacity(),
            child.url()
        );
    }
    let mut interrupt = signals::listen();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .map_err(|error| Failure::internal(format!("start the runtime: {error}")))?;
    runtime.block_on(async { drop(interrupt.changed().await) });
    Ok(Exit::Success)
}

fn capacity(text: &str) -> Result<Rate, Failure> {
    let usage = |why: String| Failure::new(Exit::Usage, format!("read `--capacity`: {why}"));
    let written: WrittenRate = text.parse().map_err(|error: crate::units::UnitError| {
        let failure = usage(error.message().to_owned());
        failure.maybe_hint(error.fix())
    })?;
    let rate = written.rate;
    if written.unit == LoadUnit::Bare || written.unit == LoadUnit::Pages {
        if CAPACITIES.contains(&rate.get()) {
            return Ok(rate);
        }
        let (low, high) = (CAPACITIES.start(), CAPACITIES.end());
        return Err(usage(format!("`{text}` is out of range"))
            .hint(format!("the demo site can do {low}/s to {high}/s")));
    }
    Err(usage(format!("`{text}` counts visits")).hint("write pages, as in `200/s`"))
}

fn site_failure(error: &DemoError) -> Failure {
    Failure::internal(format!("serve the demo site: {error}")).maybe_hint(error.hint())
}

fn fresh_seed() -> u64 {
    use std::hash::{BuildHasher, Hasher};
    std::hash::RandomState::new().build_hasher().finish() % 1_000_000
}
