//! The measurements: workers as in a run, one runtime per core, each with visitors that ask again at once.

use std::cell::{Cell, RefCell};
use std::io;
use std::net::SocketAddr;
use std::rc::Rc;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use bytes::Bytes;
use hyper::http::uri::PathAndQuery;
use hyper::{HeaderMap, Method};
use tokio::task::LocalSet;
use tokio::time::Instant;

use super::server::Server;
use crate::drive::{Machine, Pacer, PreciseTimer};
use crate::record::{Outcome, Shard};
use crate::scenario::{Connections, SourceAddresses, TlsPlan};
use crate::transport::{
    Ended, HttpSettings, HttpTransport, Origin, Pinned, Request, RunClock, SourcedTcp, Transport,
    check_sources, tls,
};
use crate::units::Offset;

/// Visitors at the same time, over all workers.
const VISITORS: u32 = 64;
/// Visitors who open connections at the same time.
const OPENERS: u64 = 64;
/// Wake-ups in the second for which the timer is watched.
const WAKE_UPS: u32 = 1_000;

/// Requests in a second, over all `cores`.
///
/// # Errors
/// A thread or a runtime cannot be had, or no request succeeded.
pub(super) fn rate(
    server: &Server,
    cores: u32,
    (connections, has_tls): (Connections, bool),
    length: Duration,
) -> io::Result<f64> {
    let place = if has_tls { server.secure } else { server.plain };
    let settings = settings(place, connections, has_tls)?;
    let each = VISITORS.div_ceil(cores.max(1));
    let workers: Vec<_> = (0..cores.max(1))
        .map(|_| {
            let settings = settings.clone();
            thread::spawn(move || inside(ask_for(settings, (place, has_tls), each, length)))
        })
        .collect();
    let mut answered = 0;
    for worker in workers {
        answered += worker
            .join()
            .map_err(|_| io::Error::other("a worker panicked"))??;
    }
    if answered == 0 {
        return Err(io::Error::other("no request was answered"));
    }
    Ok(answered as f64 / length.as_secs_f64())
}

/// Requests that `visitors` had answered in `length`; they are counted as in a run.
async fn ask_for(
    settings: HttpSettings,
    (place, has_tls): (SocketAddr, bool),
    visitors: u32,
    length: Duration,
) -> u64 {
    let clock = RunClock::starting_at(Instant::now());
    let transport = Rc::new(HttpTransport::over(
        SourcedTcp::new(sources(), 0),
        settings,
        clock,
    ));
    let shard = Rc::new(RefCell::new(Shard::new()));
    let answered = Rc::new(Cell::new(0_u64));
    let request = Rc::new(request(place, has_tls));
    let end = Offset::ZERO + length;
    let walking: Vec<_> = (0..visitors)
        .map(|_| {
            let (transport, shard) = (Rc::clone(&transport), Rc::clone(&shard));
            let (answered, request) = (Rc::clone(&answered), Rc::clone(&request));
            tokio::task::spawn_local(async move {
                loop {
                    let due = clock.now();
                    if due >= end {
                        return;
                    }
                    shard.borrow_mut().sent(due, due);
                    let mut visitor = transport.visitor();
                    let answer = transport.play(&mut visitor, &request).await;
                    if let Ended::Site(class) = answer.ended {
                        shard.borrow_mut().ended(&Outcome {
                            seq: 0,
                            step: 0,
                            due,
                            sent: answer.sent,
                            first_byte: answer.first_byte,
                            done: answer.done,
                            class,
                            bytes: answer.bytes,
                            fresh_connection: answer.fresh_connection,
                        });
                        if class.is_success() && answer.done <= end {
                            answered.set(answered.get() + 1);
                        }
                    }
                    tokio::task::yield_now().await;
                }
            })
        })
        .collect();
    for visitor in walking {
        drop(visitor.await);
    }
    answered.get()
}

/// How many connections could be opened and held, at most `most`, and the memory that each of them took.
///
/// # Errors
/// A runtime cannot be had.
pub(super) fn held(server: &Server, most: u64, length: Duration) -> io::Result<(u64, Option<u64>)> {
    let place = server.plain;
    let settings = settings(place, Connections::PerVisitor, false)?;
    let before = Machine::new().used().memory_bytes;
    inside(async move {
        let clock = RunClock::starting_at(Instant::now());
        let transport = Rc::new(HttpTransport::new(settings, clock));
        let kept = Rc::new(RefCell::new(Vec::new()));
        let request = Rc::new(request(place, false));
        let end = Offset::ZERO + length;
        let opening: Vec<_> = (0..OPENERS.min(most))
            .map(|opener| {
                let (transport, kept) = (Rc::clone(&transport), Rc::clone(&kept));
                let request = Rc::clone(&request);
                tokio::task::spawn_local(async move {
                    for _ in (opener..most).step_by(OPENERS as usize) {
                        let mut visitor = transport.visitor();
                        let answer = transport.play(&mut visitor, &request).await;
                        if !matches!(answer.ended, Ended::Site(class) if class.is_success()) {
                            return;
                        }
                        kept.borrow_mut().push(visitor);
                        if clock.now() >= end {
                            return;
                        }
                    }
                })
            })
            .collect();
        for opener in opening {
            drop(opener.await);
        }
        let count = kept.borrow().len() as u64;
        let grown = Machine::new().used().memory_bytes.saturating_sub(before);
        (count, grown.checked_div(count).filter(|bytes| *bytes > 0))
    })
}

/// How late a worker's timer is, wake-up by wake-up, over a second.
///
/// # Errors
/// A runtime or a timer cannot be had.
pub(super) fn lateness() -> io::Result<Vec<Duration>> {
    inside(async {
        let clock = RunClock::starting_at(Instant::now());
        let timer = PreciseTimer::new(clock)?;
        let mut late = Vec::with_capacity(WAKE_UPS as usize);
        for wake_up in 1..=WAKE_UPS {
            let due = Offset::ZERO + Duration::from_secs(1) * wake_up / WAKE_UPS;
            timer.until(due).await;
            late.push(clock.now().since(due));
        }
        Ok(late)
    })?
}

/// All of loopback where the system has it: ports are then no limit of a short measurement.
fn sources() -> Arc<SourceAddresses> {
    let all = "127.0.0.0/8".parse().map(|range| SourceAddresses::new([range]));
    Arc::new(
        all.ok()
            .filter(|all| check_sources(all).is_ok())
            .unwrap_or_default(),
    )
}

fn inside<T>(work: impl Future<Output = T>) -> io::Result<T> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    Ok(LocalSet::new().block_on(&runtime, work))
}

fn settings(place: SocketAddr, connections: Connections, has_tls: bool) -> io::Result<HttpSettings> {
    let plan = TlsPlan {
        insecure: true,
        ..TlsPlan::default()
    };
    let tls = if has_tls {
        Some(tls::client_config(&plan).map_err(io::Error::other)?.0)
    } else {
        None
    };
    Ok(HttpSettings {
        connections,
        pinned: Arc::new(Pinned::new(place.port()).with(&place.ip().to_string(), [place.ip()])),
        tls,
        ..HttpSettings::default()
    })
}

fn request(place: SocketAddr, has_tls: bool) -> Request {
    Request {
        step: 0,
        method: Method::GET,
        origin: Origin {
            tls: has_tls,
            host: place.ip().to_string(),
            port: place.port(),
        },
        path: PathAndQuery::from_static("/"),
        headers: HeaderMap::new(),
        body: Bytes::new(),
        look: crate::transport::Look::Nothing,
    }
}
