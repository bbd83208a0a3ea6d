//! A site in memory that remembers what it heard, and visitors who walk a journey on it.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::convert::Infallible;
use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::Path;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::server::conn::{http1, http2};
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::io::{DuplexStream, duplex};
use tokio::task::{LocalSet, spawn_local};
use tokio::time::{Instant, sleep};

use super::super::super::script::{Ordinals, Script};
use super::super::super::worker::Shared;
use super::super::*;
use crate::record::AssetCounts;
use crate::scenario::{HttpVersion, Overrides, Timeouts, from_text};
use crate::transport::{AnswerCaps, Connect, HttpSettings, HttpTransport, Pinned, RunClock};

/// A request as the shop heard it.
#[derive(Debug, Clone)]
pub(super) struct Heard {
    pub(super) method: String,
    pub(super) path: String,
    pub(super) headers: BTreeMap<String, String>,
    pub(super) body: String,
    /// The connection that it came on, from 1.
    pub(super) connection: usize,
    /// When, since the start.
    pub(super) at: Duration,
}

impl Heard {
    pub(super) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", String::as_str)
    }
}

pub(super) type Reply = hyper::Response<Full<Bytes>>;

pub(super) fn page(body: impl Into<Bytes>) -> Reply {
    hyper::Response::new(Full::new(body.into()))
}

pub(super) fn with(mut reply: Reply, status: u16, headers: &[(&'static str, &str)]) -> Reply {
    *reply.status_mut() = hyper::StatusCode::from_u16(status).unwrap();
    for (name, value) in headers {
        reply.headers_mut().append(*name, value.parse().unwrap());
    }
    reply
}

/// A shop that answers by `reply`, each request after 10 ms, and remembers what it heard.
#[derive(Clone)]
pub(super) struct Shop {
    reply: Rc<dyn Fn(&Heard) -> Reply>,
    heard: Rc<RefCell<Vec<Heard>>>,
    opened: Rc<Cell<usize>>,
    begun: Instant,
    speaks: HttpVersion,
}

/// Runs the tasks of a connection of HTTP/2 where it lives.
#[derive(Clone, Copy)]
struct Local;

impl<F: Future<Output = ()> + 'static> hyper::rt::Executor<F> for Local {
    fn execute(&self, task: F) {
        drop(spawn_local(task));
    }
}

impl Connect for Shop {
    type Stream = DuplexStream;

    async fn connect(&self, _: SocketAddr) -> io::Result<DuplexStream> {
        let (ours, theirs) = duplex(1 << 16);
        let shop = self.clone();
        shop.opened.set(shop.opened.get() + 1);
        let connection = shop.opened.get();
        let service = service_fn(move |request: hyper::Request<Incoming>| {
            let shop = shop.clone();
            async move {
                let (parts, body) = request.into_parts();
                let body = body.collect().await.unwrap().to_bytes();
                let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
                let heard = Heard {
                    method: parts.method.to_string(),
                    path: parts.uri.to_string(),
                    headers: parts
                        .headers
                        .iter()
                        .map(|(name, value)| (name.to_string(), text(value.as_bytes())))
                        .collect(),
                    body: text(&body),
                    connection,
                    at: Instant::now() - shop.begun,
                };
                shop.heard.borrow_mut().push(heard.clone());
                sleep(Duration::from_millis(10)).await;
                let reply = (shop.reply)(&heard);
                if reply.headers().contains_key("x-hang") {
                    std::future::pending::<()>().await;
                }
                Ok::<_, Infallible>(reply)
            }
        });
        let theirs = TokioIo::new(theirs);
        if self.speaks == HttpVersion::Two {
            spawn_local(http2::Builder::new(Local).serve_connection(theirs, service));
        } else {
            spawn_local(http1::Builder::new().serve_connection(theirs, service));
        }
        Ok(ours)
    }
}

/// What became of a few visits.
pub(super) struct Seen {
    pub(super) heard: Vec<Heard>,
    /// Requests by class.
    pub(super) classes: BTreeMap<String, u64>,
    /// Why requests failed.
    pub(super) why: Vec<String>,
    pub(super) visits: u64,
    pub(super) visits_hit: u64,
    pub(super) took: Duration,
    /// What was fetched besides the pages.
    pub(super) assets: AssetCounts,
    pub(super) redirects: u64,
    /// Bytes received for the pages.
    pub(super) bytes: u64,
    /// Requests of each step that ended with a success.
    pub(super) steps: BTreeMap<u16, u64>,
}

impl Seen {
    pub(super) fn paths(&self) -> Vec<String> {
        self.heard
            .iter()
            .map(|heard| format!("{} {}", heard.method, heard.path))
            .collect()
    }

    pub(super) fn classes(&self) -> Vec<(&str, u64)> {
        self.classes
            .iter()
            .map(|(class, count)| (class.as_str(), *count))
            .collect()
    }
}

pub(super) fn script(journey: &str) -> Script {
    let text = format!("version: 1\ntarget: http://localhost:8080\n{journey}\n");
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios");
    let loaded = from_text(&text, "text", &folder, &Overrides::default(), &|_| None);
    let loaded = loaded.unwrap_or_else(|problems| unreachable!("{problems}"));
    Script::new(&loaded.scenario, "0123456789ab", true).unwrap()
}

/// Lets `count` visitors walk `journey`, one after the other.
pub(super) fn walk(journey: &str, count: u64, reply: impl Fn(&Heard) -> Reply + 'static) -> Seen {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .unwrap();
    LocalSet::new().block_on(&runtime, visits(script(journey), count, reply))
}

/// The same over HTTP/2.
pub(super) fn walk_over_two(journey: &str, count: u64, reply: impl Fn(&Heard) -> Reply + 'static) -> Seen {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .unwrap();
    let visits = visits_over(HttpVersion::Two, script(journey), count, reply);
    LocalSet::new().block_on(&runtime, visits)
}

pub(super) async fn visits(script: Script, count: u64, reply: impl Fn(&Heard) -> Reply + 'static) -> Seen {
    visits_over(HttpVersion::Auto, script, count, reply).await
}

async fn visits_over(
    http: HttpVersion,
    script: Script,
    count: u64,
    reply: impl Fn(&Heard) -> Reply + 'static,
) -> Seen {
    let clock = RunClock::starting_at(Instant::now());
    let shop = Shop {
        reply: Rc::new(reply),
        heard: Rc::default(),
        opened: Rc::default(),
        begun: Instant::now(),
        speaks: http,
    };
    let heard = Rc::clone(&shop.heard);
    let settings = HttpSettings {
        connections: crate::scenario::Connections::PerVisitor,
        timeouts: Timeouts::default(),
        pinned: Arc::new(Pinned::new(8080).with("localhost", [IpAddr::V4(Ipv4Addr::LOCALHOST)])),
        tls: None,
        http,
        proxy: None,
        server_name: None,
        caps: AnswerCaps::default(),
    };
    let transport = HttpTransport::over(shop, settings, clock);
    let shared = Rc::new(Shared::new(transport, clock, script));
    let mut ordinals = Ordinals::default();
    for seq in 0..count {
        let due = clock.now();
        shared.shard.borrow_mut().sent(due, due);
        if let Some(lot) = shared.script.lot(seq, &mut ordinals) {
            Rc::clone(&shared).visit(Arrival { seq, due }, lot).await;
        }
    }
    let took = clock.now().since(Offset::ZERO);
    let snapshot = shared.shard.borrow_mut().take(clock.now());
    let mut classes = BTreeMap::new();
    for ((_, class), cell) in &snapshot.cells {
        *classes.entry(class.to_string()).or_default() += cell.count;
    }
    assert_eq!(snapshot.in_flight, 0, "every request that was sent has ended");
    assert_eq!(shared.shard.borrow().open_requests(), 0, "and every asset");
    let answered: u64 = classes.values().sum();
    assert_eq!(
        snapshot.sent.values().sum::<i64>(),
        i64::try_from(answered).unwrap()
    );
    let samples = std::mem::take(&mut shared.samples.borrow_mut().fresh);
    let heard = heard.borrow().clone();
    Seen {
        heard,
        classes,
        why: samples.into_iter().filter_map(|sample| sample.error).collect(),
        visits: snapshot.visits,
        visits_hit: snapshot.visits_hit,
        took,
        steps: snapshot
            .steps
            .iter()
            .filter(|((_, class), _)| class.is_success())
            .fold(BTreeMap::new(), |mut steps, ((step, _), cell)| {
                *steps.entry(*step).or_default() += cell.count;
                steps
            }),
        redirects: snapshot.redirects,
        bytes: snapshot.cells.values().map(|cell| cell.bytes).sum(),
        assets: snapshot.assets,
    }
}
