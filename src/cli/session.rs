//! One run from a scenario to its report: resolve, guard, look, play, render. `find`, `run` and `demo` differ only in
//! what they put in.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::task::LocalSet;
use tokio::time::Instant;
use tokio_rustls::rustls::ClientConfig;

use super::announce::announcement;
use super::arguments::{Consent, Output, Voice};
use super::check::seen_in_words;
use super::consent;
use super::exit::Exit;
use super::failure::{Failure, say};
use super::folder;
use super::live::Live;
use super::plays::Plays;
use super::render;
use super::signals;
use super::watched;
use crate::analysis::BROKEN;
use crate::campaign::Forecast;
use crate::drive::{
    Conductor, DriveError, Fleet, FleetPlan, Limits, Progress, Script, Sources, StopWatch, accompany, hunt,
    in_flight_cap, perform, perform_campaign, perform_tape, raise_file_limit,
};
use crate::preflight::{self, Note};
use crate::record::{
    Arrivals, Class, End, Ending, Event, FORMAT, Header, Line, RecordWriter, ScenarioRef, Truth,
};
use crate::scenario::{Scenario, Secret, Think};
use crate::search::{Settings, begin};
use crate::transport::{
    HttpSettings, HttpTransport, Pinned, Proxy, ProxyError, RunClock, SourcedTcp, check_sources, tls,
};

/// Time for all workers to stand ready before the first arrival.
const HEAD_START: Duration = Duration::from_millis(100);

/// What a run is made of.
pub(super) struct Session<'a> {
    /// `find`, `run` or `demo`.
    pub(super) command: &'static str,
    pub(super) scenario: Scenario,
    pub(super) consent: Consent,
    pub(super) output: &'a Output,
    pub(super) voice: &'a Voice,
    pub(super) truth: Option<Truth>,
    pub(super) plays: Plays,
}

/// What a run needs to know before it starts.
pub(super) struct Cleared {
    /// The addresses to play against.
    pub(super) pinned: Pinned,
    /// Every address that the name has.
    pub(super) resolved: Pinned,
    /// What requests go through, where they go through something.
    pub(super) proxy: Option<Arc<Proxy>>,
    /// The version of HTTP that the site spoke.
    http: Option<&'static str>,
    authorized_by: Option<String>,
    /// What was seen.
    pub(super) seen: Vec<Note>,
    /// What is broken before any load, where something is: its class and a sentence.
    pub(super) broken: Option<(Class, String)>,
    /// What mends it, where that is known.
    pub(super) hint: Option<String>,
}

impl Session<'_> {
    /// Plays it, renders it, and says how it ended.
    pub(super) fn play(self) -> Result<Exit, Failure> {
        inside(self.play_inside())
    }

    async fn play_inside(self) -> Result<Exit, Failure> {
        let file_limit = raise_file_limit();
        let limits = Limits::read();
        check_sources(&self.scenario.source_addresses)
            .map_err(|error| Failure::new(Exit::Usage, &error).hint(error.hint()))?;
        let run_id = new_run_id();
        let started = jiff::Timestamp::now();
        let (tls, trust) = self.tls()?;
        let script = self.plays.script(self.command, &self.scenario, &run_id)?;
        let cleared = clear(&self, &tls).await?;
        if self.voice.verbose > 0 && !self.voice.quiet {
            cleared.seen.iter().for_each(|note| say(seen_in_words(note)));
        }
        let watched = watched::prepare(&self, &run_id, &tls).await?;
        let folder = folder::make(self.output.out.as_deref(), &self.scenario.name, &started, &run_id)
            .map_err(|error| Failure::internal(&error).hint(error.hint()))?;
        let mut header = self.header(&started, &run_id, file_limit);
        header.pinned = cleared.pinned.recorded();
        let lookups = cleared.pinned.lookups();
        header.lookup_us = lookups
            .map(|(host, took)| {
                (
                    host.to_owned(),
                    u64::try_from(took.as_micros()).unwrap_or(u64::MAX),
                )
            })
            .collect();
        header.http = cleared.http.map(str::to_owned);
        if let Some(proxy) = &cleared.proxy {
            let addresses = proxy.addresses().iter().map(ToString::to_string).collect();
            header.proxy.insert(proxy.host().to_owned(), addresses);
        }
        header.authorized_by = cleared.authorized_by;
        if self.scenario.target.url.scheme() == "https" {
            header.trust = trust.to_string();
        }
        let book =
            RecordWriter::create(&folder, &header).map_err(|error| record_failure(&error.into(), &folder))?;
        let ended = match cleared.broken {
            Some((class, why)) => {
                if !self.voice.quiet {
                    say(format!("broken before any load ({class}): {why}"));
                    if let Some(hint) = cleared.hint {
                        say(format!("hint: {hint}"));
                    }
                }
                write_broken(book, class, why)
            }
            None => {
                if !self.voice.quiet && self.voice.verbose == 0 && self.command != "demo" {
                    look_in_short(&cleared.seen).iter().for_each(say);
                }
                if !self.voice.quiet && self.command != "demo" {
                    say(announcement(&self, &cleared.pinned, &limits).trim_end());
                }
                let target = &self.scenario.target;
                let settings = HttpSettings::of(target, cleared.pinned, Some(tls), cleared.proxy);
                self.drive(
                    book,
                    &header,
                    script,
                    (settings, in_flight_cap(&limits)),
                    &watched,
                )
                .await
            }
        };
        ended.map_err(|error| record_failure(&error, &folder))?;
        render::conclude(&folder, self.voice, &self.scenario.languages)
    }

    pub(super) fn tls(&self) -> Result<(Arc<ClientConfig>, tls::Trust), Failure> {
        tls::client_config(&self.scenario.target.tls).map_err(|error| {
            Failure::new(Exit::Usage, format!("read the certificates: {error}")).maybe_hint(error.hint())
        })
    }

    fn header(&self, started: &jiff::Timestamp, run_id: &str, file_limit: u64) -> Header {
        let scenario = &self.scenario;
        let searches = self.command != "run";
        let think = if !searches || scenario.search.think == Think::Real {
            "real"
        } else {
            "none"
        };
        Header {
            format: FORMAT,
            tool_version: env!("CARGO_PKG_VERSION").to_owned(),
            run_id: run_id.to_owned(),
            started_at: started.strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
            command: self.command.to_owned(),
            arguments: std::env::args()
                .skip(1)
                .map(|argument| Secret::conceal(&argument, &scenario.secrets))
                .collect(),
            scenario: ScenarioRef {
                name: scenario.name.clone(),
                target: scenario.target.url.to_string(),
                stands_for: scenario.target.stands_for.map(|what| what.to_string()),
                hash: hash(&scenario.effective),
            },
            journey: self.plays.journey(scenario),
            arrivals: Arrivals {
                process: match &self.plays {
                    Plays::Log(_) => "replayed".to_owned(),
                    _ if !searches && !scenario.load.crowd.is_empty() => "closed".to_owned(),
                    _ => scenario.load.arrivals.to_string(),
                },
                seed: scenario.search.seed,
                think: think.to_owned(),
            },
            connections: scenario.target.connections.to_string(),
            failure: scenario.search.failure.to_words(),
            search: searches
                .then(|| self.settings())
                .and_then(|settings| serde_json::to_value(settings).ok()),
            thresholds: scenario.thresholds.clone(),
            forecast: forecast(scenario, searches),
            languages: scenario.languages.clone(),
            workers: workers(),
            file_limit,
            pinned: BTreeMap::new(),
            lookup_us: BTreeMap::new(),
            steps: scenario.journeys.titles(),
            proxy: BTreeMap::new(),
            http: None,
            trust: "not used".to_owned(),
            authorized_by: None,
            truth: self.truth,
            effective: scenario.effective.clone(),
        }
    }

    fn settings(&self) -> Settings {
        Settings::new(&self.scenario.search).with_arrivals(self.scenario.load.arrivals)
    }

    async fn drive(
        &self,
        book: RecordWriter<std::fs::File>,
        header: &Header,
        script: Script,
        (settings, in_flight_cap): (HttpSettings, u64),
        watched: &[watched::Page],
    ) -> Result<(), DriveError> {
        let plan = FleetPlan {
            script,
            process: self.scenario.load.arrivals,
            seed: self.scenario.search.seed,
            in_flight_cap,
        };
        let clock = RunClock::starting_at(Instant::now() + HEAD_START);
        let sources = Arc::new(self.scenario.source_addresses.clone());
        // Each worker begins with another source.
        let turn = Arc::new(AtomicU64::new(0));
        let transport = move || {
            let first = turn.fetch_add(1, Ordering::Relaxed);
            let connector = SourcedTcp::new(Arc::clone(&sources), first);
            HttpTransport::over(connector, settings.clone(), clock)
        };
        let fleet = Fleet::threads(&plan, clock, header.workers, transport).map_err(DriveError::Workers)?;
        let mut live = Live::new(self.voice);
        let interrupt = signals::listen(live.teller());
        let failure = self.scenario.search.failure.clone();
        let stop = StopWatch::new(self.scenario.stop.clone(), failure.clone());
        let mut watch = |progress: &Progress| live.show(progress);
        let pages = header.journey.pages_per_visit;
        let conductor = Conductor::new(fleet, clock, book, pages, (stop, failure), interrupt, &mut watch)
            .concealing(&self.scenario.secrets)
            .watching(Sources::begin(&self.scenario.logs, watched));
        let ended = if header.search.is_some() {
            let mut search = begin(&self.settings()).map_err(DriveError::Search)?;
            hunt(conductor, search.as_mut()).await
        } else if !self.scenario.load.crowd.is_empty() {
            accompany(conductor, &self.scenario.load.crowd).await
        } else {
            match &self.plays {
                Plays::Campaign(played) => {
                    let curves = (&self.scenario.load.curve, &played.scanners);
                    perform_campaign(conductor, curves, &played.line).await
                }
                Plays::Log(replay) => perform_tape(conductor, &replay.tape).await,
                Plays::Load => perform(conductor, &self.scenario.load.curve).await,
            }
        };
        live.finish();
        ended.map(drop)
    }
}

pub(super) fn inside<T>(work: impl Future<Output = Result<T, Failure>>) -> Result<T, Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::internal(format!("start the runtime: {error}")))?;
    LocalSet::new().block_on(&runtime, work)
}

/// Everything that is decided before the first request of the load: addresses, permission, and whether the site is
/// there at all.
pub(super) async fn clear(session: &Session<'_>, tls: &Arc<ClientConfig>) -> Result<Cleared, Failure> {
    let scenario = &session.scenario;
    let proxy = proxy(scenario).await?;
    let pinned = match &proxy {
        // The proxy looks the site's name up itself.
        Some(_) => Ok(Pinned::new(
            scenario.target.url.port_or_known_default().unwrap_or(80),
        )),
        None => Pinned::resolve(&scenario.target).await,
    };
    let pinned = match pinned {
        Ok(pinned) => pinned,
        Err(error) => {
            return Ok(Cleared {
                pinned: Pinned::new(0),
                resolved: Pinned::new(0),
                proxy: None,
                http: None,
                authorized_by: None,
                seen: Vec::new(),
                broken: Some((Class::Dns, error.to_string())),
                hint: Some(error.hint()),
            });
        }
    };
    let authorized_by = consent::ask(session, &pinned, proxy.is_some())?;
    let looked = preflight::look(scenario, &pinned, Some(Arc::clone(tls)), proxy.clone())
        .await
        .map_err(|error| Failure::new(Exit::Usage, &error).hint(error.hint()))?;
    Ok(Cleared {
        authorized_by,
        seen: looked.notes().to_vec(),
        hint: None,
        broken: looked.broken().map(|(class, why)| (class, why.to_owned())),
        pinned: looked.reachable().clone(),
        resolved: pinned,
        http: looked.http(),
        proxy,
    })
}

/// The short form of `tipover check`: the first address's answer, and whatever is not as it should be.
fn look_in_short(seen: &[Note]) -> Vec<String> {
    let answer = seen.iter().rfind(|note| note.ok).into_iter();
    let odd = seen.iter().filter(|note| !note.ok);
    answer
        .chain(odd)
        .map(|note| format!("looked at {}", note.text))
        .collect()
}

/// What requests go through, where the scenario or the environment wants that.
async fn proxy(scenario: &Scenario) -> Result<Option<Arc<Proxy>>, Failure> {
    let failed = |error: ProxyError| Failure::new(Exit::Usage, &error).hint(error.hint());
    let asked = Proxy::asked_for(&scenario.target, &|name| std::env::var(name).ok()).map_err(failed)?;
    match asked {
        Some(address) => Ok(Some(Arc::new(Proxy::resolve(&address).await.map_err(failed)?))),
        None => Ok(None),
    }
}

/// A record of a site that was broken before any load.
fn write_broken(mut book: RecordWriter<std::fs::File>, class: Class, why: String) -> Result<(), DriveError> {
    book.append(&Line::Event(Event {
        second: 0,
        what: format!("{BROKEN}{class}"),
        detail: why,
    }))?;
    book.append(&Line::End(End {
        ending: Ending::Complete,
        stopped_by: None,
        seconds: 0,
        in_flight: 0,
    }))?;
    Ok(())
}

fn record_failure(error: &DriveError, folder: &Path) -> Failure {
    let folder = folder.display();
    Failure::internal(error).hint(format!(
        "what was measured until then is kept; see `tipover report {folder}`"
    ))
}

/// One runtime per core.
fn workers() -> u32 {
    std::thread::available_parallelism().map_or(1, |cores| u32::try_from(cores.get()).unwrap_or(1))
}

/// Who will come, as a record keeps it; nothing where nobody is planned.
fn forecast(scenario: &Scenario, searches: bool) -> Option<serde_json::Value> {
    if scenario.campaigns.is_empty() {
        return None;
    }
    let mut forecast = Forecast::new(scenario);
    if scenario.search.counts_campaigns && searches {
        forecast.counted_in = forecast.mix().map(|mix| mix.name);
    }
    serde_json::to_value(forecast).ok()
}

/// Twelve hexadecimal digits that no other run has.
pub(super) fn new_run_id() -> String {
    use std::hash::{BuildHasher, Hasher};
    let mut hasher = std::hash::RandomState::new().build_hasher();
    hasher.write_i128(jiff::Timestamp::now().as_nanosecond());
    format!("{:012x}", hasher.finish() & 0xffff_ffff_ffff)
}

fn hash(text: &str) -> String {
    use sha2::Digest;
    sha2::Sha256::digest(text.as_bytes())
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}
