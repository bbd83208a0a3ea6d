//! `tipover find` and `tipover run`: a scenario or a URL, what was typed over it, and the session that plays it.

use std::path::Path;

use super::arguments::{Find, Run, Target, Voice};
use super::dry;
use super::exit::Exit;
use super::failure::{Failure, is_coloured, say};
use super::multiples::count_in_campaign;
use super::plays::Plays;
use super::proof::name_proven_loads;
use super::session::Session;
use crate::campaign::Forecast;
use crate::scenario::{self, AtLoad, Given, Loaded, Overrides, Scenario};
use crate::units::Rate;

pub(super) fn find(asked: &Find, voice: &Voice) -> Result<Exit, Failure> {
    let mut overrides = overrides(&asked.target, asked.output.lang.as_ref());
    overrides.from = named("--from", &asked.from);
    overrides.to = named("--to", &asked.to);
    overrides.profile = named("--profile", &asked.profile);
    overrides.share = named("--share", &asked.share);
    overrides.failure = named("--failure", &asked.failure);
    overrides.budget = named("--budget", &asked.budget);
    overrides.think = named("--think", &asked.think);
    overrides.enough = asked.enough.then(|| Given::new("--enough", "true"));
    overrides.repeat = named("--repeat", &asked.repeat);
    let mut scenario = load(&asked.target, &overrides, voice)?.scenario;
    count_in_campaign(&mut scenario)?;
    name_proven_loads(&mut scenario)?;
    if !scenario.stop.thresholds.is_empty() {
        scenario.stop.thresholds.clear();
        if !voice.quiet {
            say("note: `abort_on_fail` ends a `run`; a search goes past what fails, and ends by itself");
        }
    }
    let consent = asked.consent.clone();
    Session {
        command: "find",
        scenario,
        consent,
        output: &asked.output,
        voice,
        truth: None,
        plays: Plays::Load,
    }
    .play()
}

pub(super) fn run(asked: &Run, voice: &Voice) -> Result<Exit, Failure> {
    let mut overrides = overrides(&asked.target, asked.output.lang.as_ref());
    overrides.rate = named("--rate", &asked.rate);
    overrides.visitors = named("--visitors", &asked.visitors);
    overrides.duration = named("--duration", &asked.duration);
    let mut scenario = load(&asked.target, &overrides, voice)?.scenario;
    let plays = Plays::of(&mut scenario, voice)?;
    name_loads(&mut scenario);
    if scenario.load.is_empty() {
        return Err(Failure::stated(Exit::Usage, "nothing to play: there is no `load`")
            .hint("give `--rate 20/s --duration 60s`, or add `load: { stages: [ … ] }` to a scenario; `tipover find` needs none"));
    }
    let consent = asked.consent.clone();
    let session = Session {
        command: "run",
        scenario,
        consent,
        output: &asked.output,
        voice,
        truth: None,
        plays,
    };
    if asked.dry_run {
        return dry::run(&session);
    }
    session.play()
}

/// Puts the peaks that thresholds name into numbers, for those that may end the run. What is played is the campaign
/// itself, without what the site carries already.
fn name_loads(scenario: &mut Scenario) {
    let played = scenario.load.campaign.as_ref().map(|part| part.name.clone());
    let answers = Forecast::new(scenario).answers(None, &[]);
    for rule in &mut scenario.stop.thresholds {
        let Some(AtLoad::Peak(name)) = &rule.threshold.at else {
            continue;
        };
        let Some(answer) = answers.iter().find(|answer| answer.campaign.name == *name) else {
            continue;
        };
        let is_played = played.as_ref() == Some(name);
        let load = if is_played { answer.peak.load } else { answer.total };
        rule.threshold.at = Some(AtLoad::Rate(Rate::per_second(load)));
    }
}

/// Reads a scenario or a URL with what was typed over it; says its warnings.
pub(super) fn load(target: &Target, overrides: &Overrides, voice: &Voice) -> Result<Loaded, Failure> {
    let set: Vec<(String, String)> =
        target
            .env
            .iter()
            .map(|pair| match pair.split_once('=') {
                Some((name, value)) if !name.is_empty() => Ok((name.to_owned(), value.to_owned())),
                _ => Err(Failure::new(Exit::Usage, format!("read `--env {pair}`"))
                    .hint("write `--env NAME=value`")),
            })
            .collect::<Result<_, _>>()?;
    let environment = |name: &str| {
        let typed = set
            .iter()
            .rev()
            .find(|(known, _)| known == name)
            .map(|(_, value)| value.clone());
        typed.or_else(|| std::env::var(name).ok())
    };
    is_readable(&target.scenario)?;
    let loaded = if scenario::is_url(&target.scenario) {
        scenario::from_url(&target.scenario, overrides, &environment)
    } else {
        scenario::load(Path::new(&target.scenario), overrides, &environment)
    };
    let loaded = loaded.map_err(Failure::problems)?;
    if !loaded.warnings.is_empty() && !voice.quiet {
        say(loaded.warnings.render(is_coloured()).trim_end());
    }
    Ok(loaded)
}

/// What is no file at all is named before it is read.
fn is_readable(scenario: &str) -> Result<(), Failure> {
    if scenario.trim().is_empty() {
        return Err(Failure::stated(Exit::Usage, "the name of the scenario is empty")
            .hint("name a scenario file, or the URL of one page"));
    }
    if Path::new(scenario).is_dir() {
        return Err(
            Failure::stated(Exit::Usage, format!("`{scenario}` is a folder, not a scenario"))
                .hint("name a file in it; a stored run is rendered again by `tipover report`"),
        );
    }
    Ok(())
}

/// What every command that plays a scenario can change.
pub(super) fn overrides(target: &Target, lang: Option<&String>) -> Overrides {
    let list =
        |origin: &str, values: &[String]| values.iter().map(|value| Given::new(origin, value)).collect();
    Overrides {
        header: list("--header", &target.header),
        ca: named("--ca", &target.ca),
        insecure: target.insecure.then(|| Given::new("--insecure", "true")),
        resolve: list("--resolve", &target.resolve),
        arrivals: named("--arrivals", &target.arrivals),
        seed: named("--seed", &target.seed),
        connections: named("--connections", &target.connections),
        lang: lang.map(|lang| Given::new("--lang", lang)),
        ..Overrides::default()
    }
}

fn named(origin: &str, value: &Option<String>) -> Option<Given> {
    value.as_ref().map(|value| Given::new(origin, value))
}
