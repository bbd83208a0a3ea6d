//! `tipover check --machine`: what this machine can do at most, measured on loopback in a few seconds. The site of it is
//! ours and runs on the same cores, so the figures are from below.

mod measure;
mod server;

use std::fmt;
use std::io;
use std::time::{Duration, Instant};

use serde::Serialize;

use super::super::arguments::Voice;
use super::super::exit::Exit;
use super::super::failure::Failure;
use super::super::write;
use crate::drive::{Limits, in_flight_cap, raise_file_limit};
use crate::scenario::Connections;
use crate::words::Language;

/// The words on a terminal are English.
const WORDS: Language = Language::English;
/// How long each rate is measured.
const EACH: Duration = Duration::from_millis(900);
/// How long connections are opened.
const OPENING: Duration = Duration::from_millis(1_500);
/// Connections that are opened at most.
const MOST_OPEN: u64 = 10_000;
/// How long a closed connection keeps its port, in seconds.
const TIME_WAIT: f64 = 60.0;

/// What this machine can do, as measured. The field names are those of the JSON.
#[derive(Debug, Clone, PartialEq, Serialize)]
struct Ceiling {
    /// Cores that took part.
    cores: u32,
    /// Requests in a second on 64 kept connections.
    requests_per_second: f64,
    /// Connections opened in a second, each with one request.
    new_connections_per_second: f64,
    /// The same with a full TLS handshake each.
    tls_handshakes_per_second: f64,
    /// Connections open at the same time, each of which had an answer; no more than 10,000 are tried.
    concurrent_connections: u64,
    /// Memory that each of them took, both its ends, in bytes; null where it cannot be told.
    memory_per_connection_bytes: Option<u64>,
    /// Requests that a run may have in flight.
    in_flight_cap: u64,
    /// How late a timer wakes a worker, 1,000 times in a second.
    timer_lateness_ms: Lateness,
    /// Open files allowed.
    file_limit: u64,
    /// Local ports of one address; null where the system does not tell.
    local_ports: Option<u32>,
    /// How long it took.
    seconds: f64,
}

/// How late, in milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
struct Lateness {
    p50: f64,
    p99: f64,
    max: f64,
}

/// Measures, and prints what was found.
pub(in crate::cli) fn machine(voice: &Voice) -> Result<Exit, Failure> {
    let ceiling = measured().map_err(|error| {
        Failure::internal(format!("measure this machine: {error}"))
            .hint("it needs a free port of 127.0.0.1, and some open files (`ulimit -n`)")
    })?;
    let text = if voice.json {
        let json = serde_json::to_string_pretty(&ceiling).map_err(Failure::internal)?;
        format!("{json}\n")
    } else {
        ceiling.to_string()
    };
    write::print(text.as_bytes())?;
    Ok(Exit::Success)
}

fn measured() -> io::Result<Ceiling> {
    let started = Instant::now();
    raise_file_limit();
    let limits = Limits::read();
    let site = server::Server::start()?;
    let rate = |connections, has_tls| measure::rate(&site, limits.cores, (connections, has_tls), EACH);
    let requests_per_second = rate(Connections::Pooled, false)?;
    let new_connections_per_second = rate(Connections::PerRequest, false)?;
    let tls_handshakes_per_second = rate(Connections::PerRequest, true)?;
    // Both ends of each connection are in this process.
    let most = (in_flight_cap(&limits) / 2).min(MOST_OPEN);
    let (concurrent_connections, memory_per_connection_bytes) = measure::held(&site, most, OPENING)?;
    let mut late = measure::lateness()?;
    late.sort_unstable();
    let at = |part: f64| late[((late.len().max(1) - 1) as f64 * part) as usize].as_secs_f64() * 1e3;
    Ok(Ceiling {
        cores: limits.cores,
        requests_per_second,
        new_connections_per_second,
        tls_handshakes_per_second,
        concurrent_connections,
        memory_per_connection_bytes,
        in_flight_cap: in_flight_cap(&limits),
        timer_lateness_ms: Lateness {
            p50: at(0.5),
            p99: at(0.99),
            max: at(1.0),
        },
        file_limit: limits.files,
        local_ports: limits.ports,
        seconds: started.elapsed().as_secs_f64(),
    })
}

impl fmt::Display for Ceiling {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let count = |number: f64| WORDS.count(number.max(0.0) as u64);
        let mut row =
            |name: &str, value: String, note: &str| writeln!(formatter, "  {name:<22}{value:>10}  {note}");
        let memory = self
            .memory_per_connection_bytes
            .map_or_else(String::new, |bytes| {
                format!(", {} KiB each with both ends", count(bytes as f64 / 1_024.0))
            });
        row(
            "requests/s",
            count(self.requests_per_second),
            "on 64 kept connections",
        )?;
        row(
            "new connections/s",
            count(self.new_connections_per_second),
            "one request each",
        )?;
        row(
            "TLS handshakes/s",
            count(self.tls_handshakes_per_second),
            "full ones, one request each",
        )?;
        row(
            "connections at once",
            WORDS.count(self.concurrent_connections),
            &format!("opened and held{memory}"),
        )?;
        row(
            "in flight at most",
            WORDS.count(self.in_flight_cap),
            &format!("by {} open files and the memory", WORDS.count(self.file_limit)),
        )?;
        let Lateness { p50, p99, max } = self.timer_lateness_ms;
        row(
            "timer late by",
            format!("{p99:.3} ms"),
            &format!("p99; p50 {p50:.3}, at most {max:.3}; above 25 a second is not judged"),
        )?;
        if let Some(ports) = self.local_ports {
            row(
                "local ports",
                WORDS.count(ports.into()),
                &format!(
                    "about {} new connections/s to one address, for long",
                    count(f64::from(ports) / TIME_WAIT)
                ),
            )?;
        }
        writeln!(
            formatter,
            "measured in {:.1} s on loopback: the server had a part of the same {} core{}",
            self.seconds,
            self.cores,
            if self.cores == 1 { "" } else { "s" }
        )
    }
}
