//! Whole runs against model sites on tokio's paused clock: the real engine, no network, no waiting.

#![allow(dead_code, reason = "each test binary uses its own part")]

use std::collections::BTreeMap;
use std::io::Write;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tipover::drive::{
    Conductor, Ended, Fleet, FleetPlan, Interrupt, Pages, Progress, Script, StopWatch, Tracking, accompany,
    hunt, perform, perform_campaign, perform_tape,
};
use tipover::load::{ArrivalProcess, Crowd, Curve, Tape};
use tipover::model::ModelSite;
use tipover::record::{
    Arrivals, CampaignLine, FORMAT, Header, JourneyShape, RecordWriter, RunRecord, ScenarioRef,
};
use tipover::scenario::{FailureSet, Reloads, SearchPlan, StopRules};
use tipover::search::{Settings, begin};
use tipover::transport::{Look, Origin, Request, RunClock, SiteTransport, Transport};

/// Bytes that a test can read while somebody writes them.
#[derive(Clone, Default)]
pub(crate) struct Shared(pub Arc<Mutex<Vec<u8>>>);

impl Write for Shared {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl Shared {
    pub(crate) fn bytes(&self) -> Vec<u8> {
        self.0.lock().unwrap().clone()
    }

    pub(crate) fn record(&self) -> RunRecord {
        RunRecord::read(self.bytes().as_slice(), std::path::Path::new("memory")).unwrap()
    }
}

/// What is played.
pub(crate) enum Load {
    Search(SearchPlan),
    Curve(Curve),
    Crowd(Crowd),
    /// People, link scanners, and what the record says of both.
    Campaign(Curve, Curve, CampaignLine),
    /// A tape whose pages are all the same.
    Tape(Arc<Tape>),
}

pub(crate) struct VirtualRun<M> {
    pub(crate) site: M,
    pub(crate) load: Load,
    pub(crate) process: ArrivalProcess,
    pub(crate) seed: u64,
    pub(crate) stop: StopRules,
    pub(crate) interrupt_after: Option<Duration>,
    pub(crate) in_flight_cap: u64,
    pub(crate) reloads: Option<Reloads>,
}

impl<M: ModelSite + 'static> VirtualRun<M> {
    pub(crate) fn new(site: M, load: Load) -> Self {
        let stop = StopRules::default();
        Self {
            site,
            load,
            process: ArrivalProcess::Poisson,
            seed: 1,
            stop,
            interrupt_after: None,
            in_flight_cap: 100_000,
            reloads: None,
        }
    }

    /// Plays it and hands back the record.
    pub(crate) fn play(self) -> (RunRecord, Ended) {
        let book = Shared::default();
        let ended = self.play_into(book.clone());
        (book.record(), ended)
    }

    pub(crate) fn play_into(self, out: impl Write) -> Ended {
        self.play_over(out, SiteTransport::new)
    }

    /// Plays it over any transport instead of the site's own.
    pub(crate) fn play_over<T: Transport>(
        self,
        out: impl Write,
        transport: impl FnOnce(M, RunClock) -> T,
    ) -> Ended {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_time()
            .start_paused(true)
            .build()
            .unwrap();
        tokio::task::LocalSet::new().block_on(&runtime, self.inside(out, transport))
    }

    async fn inside<T: Transport>(self, out: impl Write, transport: impl FnOnce(M, RunClock) -> T) -> Ended {
        let clock = RunClock::starting_at(tokio::time::Instant::now() + Duration::from_millis(100));
        let plan = FleetPlan {
            script: Script::from(vec![(page(), Duration::ZERO)])
                .of_campaign(Tracking::None, self.reloads)
                .with_pages(Pages {
                    get: page(),
                    head: page(),
                    paths: vec![(false, page().path)],
                }),
            process: self.process,
            seed: self.seed,
            in_flight_cap: self.in_flight_cap,
        };
        let fleet = Fleet::local(&plan, clock, transport(self.site, clock));
        let (sender, interrupt) = tokio::sync::watch::channel(false);
        if let Some(after) = self.interrupt_after {
            tokio::task::spawn_local(async move {
                tokio::time::sleep(after).await;
                sender.send_replace(true);
                std::future::pending::<()>().await;
            });
        }
        let settings = match &self.load {
            Load::Search(search) => Some(Settings::new(search)),
            _ => None,
        };
        let header = header(settings.as_ref(), self.process, self.seed);
        let book = RecordWriter::to(out, &header).unwrap();
        let stop = (
            StopWatch::new(self.stop, FailureSet::Gateway),
            FailureSet::Gateway,
        );
        let mut watch = |_: &Progress| {};
        let interrupt: Interrupt = interrupt;
        let conductor = Conductor::new(fleet, clock, book, 1.0, stop, interrupt, &mut watch);
        match self.load {
            Load::Search(search) => hunt(conductor, begin(&Settings::new(&search)).unwrap().as_mut())
                .await
                .unwrap(),
            Load::Curve(curve) => perform(conductor, &curve).await.unwrap(),
            Load::Crowd(crowd) => accompany(conductor, &crowd).await.unwrap(),
            Load::Campaign(people, scanners, line) => {
                perform_campaign(conductor, (&people, &scanners), &line)
                    .await
                    .unwrap()
            }
            Load::Tape(tape) => perform_tape(conductor, &tape).await.unwrap(),
        }
    }
}

pub(crate) fn page() -> Request {
    Request {
        step: 0,
        method: hyper::Method::GET,
        origin: Origin {
            tls: false,
            host: "site.test".to_owned(),
            port: 80,
        },
        path: hyper::http::uri::PathAndQuery::from_static("/"),
        headers: hyper::HeaderMap::new(),
        body: bytes::Bytes::new(),
        look: Look::Nothing,
    }
}

pub(crate) fn header(settings: Option<&Settings>, process: ArrivalProcess, seed: u64) -> Header {
    Header {
        format: FORMAT,
        tool_version: "test".to_owned(),
        run_id: "0123456789ab".to_owned(),
        started_at: "2026-01-01T00:00:00Z".to_owned(),
        command: if settings.is_some() { "find" } else { "run" }.to_owned(),
        arguments: Vec::new(),
        scenario: ScenarioRef {
            name: "model".to_owned(),
            target: "http://site.test/".to_owned(),
            stands_for: None,
            hash: String::new(),
        },
        journey: JourneyShape {
            pages_per_visit: 1.0,
            requests_per_visit: 1.0,
        },
        arrivals: Arrivals {
            process: process.to_string(),
            seed,
            think: "none".to_owned(),
        },
        connections: "per_visitor".to_owned(),
        failure: vec!["gateway".to_owned()],
        search: settings.map(|settings| serde_json::to_value(settings).unwrap()),
        thresholds: Vec::new(),
        forecast: None,
        languages: vec!["en".to_owned()],
        workers: 1,
        file_limit: 1_024,
        pinned: BTreeMap::new(),
        steps: Vec::new(),
        lookup_us: BTreeMap::new(),
        proxy: BTreeMap::new(),
        http: None,
        trust: "not used".to_owned(),
        authorized_by: None,
        truth: None,
        effective: "version: 1\n".to_owned(),
    }
}
