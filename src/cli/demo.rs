//! `tipover demo`: the built-in site in a process of its own, and the real engine against it.

use std::time::Duration;

use clap::Parser;

use super::arguments::{Consent, Demo, DemoSite, Site, Voice};
use super::exit::Exit;
use super::failure::{Failure, say};
use super::plays::Plays;
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
    let process: ArrivalProcess = asked.arrivals.parse().map_err(|why| {
        Failure::new(Exit::Usage, format!("read `--arrivals`: {why}")).hint("write `poisson` or `even`")
    })?;
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
        .map_err(Failure::problems)?;
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
        say(format!(
            "demo site: {}\n\
             {process} arrivals tip it at {rate} pages/s, by simulation; searching with seed {}, at most {} s",
            in_words(&spec),
            search.seed,
            BUDGET.as_secs()
        ));
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
        plays: Plays::Load,
    };
    session.play()
}

/// The first word of the command line of the process that is the demo site.
pub(super) const CHILD: &str = "demo-site";

/// `tipover demo-site`: the child.
pub(super) fn serve_child() -> Result<Exit, Failure> {
    let asked = DemoSite::try_parse_from(std::env::args_os().skip(1))
        .map_err(|error| Failure::stated(Exit::Usage, error.to_string()))?;
    run_child(&asked.spec)
        .map(|()| Exit::Success)
        .map_err(|error| site_failure(&error))
}

fn serve(child: &Child, spec: &SiteSpec, voice: &Voice) -> Result<Exit, Failure> {
    super::write::print(format!("{}\n", child.url()).as_bytes())?;
    if !voice.quiet {
        say(format!(
            "demo site: {}; Ctrl-C ends it. Try, elsewhere: tipover find {} --profile quick",
            in_words(spec),
            child.url()
        ));
    }
    let mut interrupt = signals::listen(|_| {});
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .map_err(|error| Failure::internal(format!("start the runtime: {error}")))?;
    runtime.block_on(async { drop(interrupt.changed().await) });
    Ok(Exit::Success)
}

fn capacity(text: &str) -> Result<Rate, Failure> {
    let usage = |why: String| Failure::new(Exit::Usage, format!("read `--capacity`: {why}"));
    let written: WrittenRate = text.parse().map_err(|error: crate::units::UnitError| {
        usage(error.message().to_owned()).hint("write pages per second, as in `200/s`")
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
    Err(usage(format!("`{text}` counts visits")).hint("write pages per second, as in `200/s`"))
}

fn site_failure(error: &DemoError) -> Failure {
    let cause = std::error::Error::source(error).map_or_else(String::new, |source| format!(": {source}"));
    Failure::internal(format!("{error}{cause}")).maybe_hint(error.hint())
}

/// The arithmetic of a site's capacity.
fn in_words(spec: &SiteSpec) -> String {
    let capacity = spec.capacity();
    match spec.limit {
        Some(_) => format!("a limiter that lets {capacity} pages/s through"),
        None => format!(
            "{} workers ÷ {} ms = {capacity} pages/s",
            spec.workers,
            spec.service.as_millis()
        ),
    }
}

fn fresh_seed() -> u64 {
    use std::hash::{BuildHasher, Hasher};
    std::hash::RandomState::new().build_hasher().finish() % 1_000_000
}
