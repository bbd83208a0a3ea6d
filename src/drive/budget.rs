//! What a load needs of this machine against what the machine allows, before the load starts. A pure comparison: each
//! shortage names the ways out.

use std::fmt;

use super::limits::{Limits, REUSED_AFTER, Reuse, TIME_WAIT};
use crate::scenario::Connections;
use crate::words::Language;

/// File descriptors that are kept for anything but requests.
const SPARE_FILES: u64 = 64;
/// Requests in flight, however many files are allowed.
const MOST_IN_FLIGHT: u64 = 50_000;
/// Requests in flight, however few files and however little memory are allowed. The spare files are counted generously,
/// so that these find room in them; with fewer in flight a load would say nothing about the site. Where they find none
/// after all, arrivals are `unsent` for want of files or memory, which is ours and said.
const LEAST_IN_FLIGHT: u64 = 16;
/// What a visitor takes while it waits for an answer, in bytes: its task, the buffers of HTTP/2 and the TLS session. Measured
/// by `tipover check --machine`, and rounded up.
pub const BYTES_PER_VISITOR: u64 = 64 << 10;
/// Requests in a second that one core makes at most, by a wide margin: on kept connections, with a TCP handshake for
/// each, with a full TLS handshake for each.
const PER_CORE: [f64; 3] = [50_000.0, 15_000.0, 2_000.0];
/// Answers that take longer than this are to fit below the cap of requests in flight, in seconds.
const SLOW_ANSWER: f64 = 1.0;

/// What a load needs.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Needs {
    /// When a connection is opened.
    pub connections: Connections,
    /// The highest number of visits per second; nothing in a closed model, where the site decides.
    pub visits_per_second: Option<f64>,
    /// Visitors at the same time; nothing in an open model.
    pub visitors: Option<u64>,
    /// Requests of a visit, as far as they are known before it.
    pub requests_per_visit: f64,
    /// Connections that a visitor opens to the site: more than one where it fetches the assets of pages.
    pub connections_per_visit: u64,
    /// How long the load lasts, in seconds, where that is known.
    pub seconds: Option<f64>,
    /// Whether connections are made with TLS.
    pub has_tls: bool,
    /// Addresses of the site.
    pub targets: u64,
    /// Whether all of them are on this machine.
    pub on_loopback: bool,
    /// Local addresses to send from: one where the system chooses.
    pub sources: u64,
}

/// Something that this machine has too little of.
#[derive(Debug, Clone, PartialEq)]
pub struct Shortage {
    /// What it is: a word of `limited_by`.
    pub of: &'static str,
    /// What is short, and the ways out: lines of at most 74 columns.
    pub lines: Vec<String>,
}

/// Requests that may be in flight at the same time: each needs a file descriptor and memory.
pub fn in_flight_cap(limits: &Limits) -> u64 {
    let files = limits.files.saturating_sub(SPARE_FILES);
    let memory = limits.memory.map_or(u64::MAX, |bytes| bytes / BYTES_PER_VISITOR);
    files.min(memory).clamp(LEAST_IN_FLIGHT, MOST_IN_FLIGHT)
}

/// Everything that `limits` leave too little of for `needs`.
pub fn shortages(needs: &Needs, limits: &Limits) -> Vec<Shortage> {
    let all = [
        ports(needs, limits),
        in_flight(needs, limits),
        processors(needs, limits),
    ];
    all.into_iter().flatten().collect()
}

/// A closed connection keeps its port for a minute.
fn ports(needs: &Needs, limits: &Limits) -> Option<Shortage> {
    let (each, per_visit) = match needs.connections {
        Connections::PerVisitor => ("visit", needs.connections_per_visit.max(1) as f64),
        Connections::PerRequest => ("request", needs.requests_per_visit),
        Connections::Pooled => return None,
    };
    let wanted = needs.visits_per_second? * per_visit;
    // What is over before the first port comes back may use all of them.
    let part = needs
        .seconds
        .map_or(1.0, |seconds| (seconds / TIME_WAIT).min(1.0));
    let several = match needs.connections {
        Connections::PerVisitor if needs.connections_per_visit > 1 => needs.connections_per_visit.to_string(),
        _ => "one".to_owned(),
    };
    let pairs = needs.sources.max(1) * needs.targets.max(1);
    let ports = f64::from(limits.ports?) * pairs as f64;
    if wanted * part <= ports / TIME_WAIT {
        return None;
    }
    let mut lines = vec![
        format!(
            "{} local ports ÷ {TIME_WAIT} s: this machine can open about {} connections/s",
            grouped(ports),
            grouped(ports / TIME_WAIT)
        ),
        if pairs == 1 {
            format!("to one address, {several} for each {each}; `connections: pooled` needs fewer,")
        } else {
            format!("to that site, {several} for each {each}; `connections: pooled` needs fewer,")
        },
        "more `source_addresses` bring more".to_owned(),
    ];
    let is_reused = limits.reuse == Reuse::Always || (limits.reuse == Reuse::Loopback && needs.on_loopback);
    if is_reused {
        lines.push(format!(
            "(here up to {}/s: this kernel uses a port again after {REUSED_AFTER} s, tcp_tw_reuse)",
            grouped(ports / REUSED_AFTER)
        ));
    }
    Some(Shortage { of: "ports", lines })
}

/// Each request in flight needs a file descriptor and memory.
fn in_flight(needs: &Needs, limits: &Limits) -> Option<Shortage> {
    let cap = in_flight_cap(limits);
    let is_memory = limits
        .memory
        .is_some_and(|bytes| bytes / BYTES_PER_VISITOR <= cap.min(limits.files.saturating_sub(SPARE_FILES)));
    let (of, why) = if is_memory {
        let free = limits.memory.unwrap_or(0) >> 20;
        ("memory", format!("{} MiB of memory", grouped(free as f64)))
    } else {
        ("files", format!("{} open files", grouped(limits.files as f64)))
    };
    let way_out = match of {
        "memory" => "free some memory, or allow this process more",
        _ => "allow more open files, `ulimit -n`",
    };
    let consequence = if let Some(visitors) = needs.visitors {
        let fitting = cap / needs.connections_per_visit.max(1);
        if visitors <= fitting {
            return None;
        }
        format!(
            "{} visitors are {} too many;",
            grouped(visitors as f64),
            grouped((visitors - fitting) as f64)
        )
    } else {
        let requests = needs.visits_per_second?;
        if cap == MOST_IN_FLIGHT || requests * SLOW_ANSWER <= cap as f64 {
            return None;
        }
        format!(
            "at {} visits/s arrivals are left out once visits take {:.1} s;",
            grouped(requests),
            cap as f64 / requests
        )
    };
    let lines = vec![
        format!("{why}: at most {} requests in flight:", grouped(cap as f64)),
        consequence,
        way_out.to_owned(),
    ];
    Some(Shortage { of, lines })
}

/// More than the cores are known to make.
fn processors(needs: &Needs, limits: &Limits) -> Option<Shortage> {
    let visits = needs.visits_per_second?;
    let requests = visits * needs.requests_per_visit;
    let [kept, opened, secured] = PER_CORE;
    let handshake = 1.0 / if needs.has_tls { secured } else { opened };
    let handshakes = match needs.connections {
        Connections::Pooled => 0.0,
        Connections::PerVisitor => visits,
        Connections::PerRequest => requests,
    };
    let cores = requests / kept + handshakes * handshake;
    if cores <= f64::from(limits.cores) {
        return None;
    }
    let lines = vec![
        format!(
            "{} requests/s{} may be more than {} can make;",
            grouped(requests),
            if handshakes > 0.0 && needs.has_tls {
                ", with a TLS handshake for each visit,"
            } else {
                ""
            },
            match limits.cores {
                1 => "one core".to_owned(),
                cores => format!("{cores} cores"),
            }
        ),
        "`tipover check --machine` measures what this machine can do".to_owned(),
    ];
    Some(Shortage { of: "cpu", lines })
}

impl fmt::Display for Shortage {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, line) in self.lines.iter().enumerate() {
            let indent = if index == 0 { "note: " } else { "      " };
            writeln!(formatter, "{indent}{line}")?;
        }
        Ok(())
    }
}

fn grouped(number: f64) -> String {
    Language::English.count(number.max(0.0) as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn limits() -> Limits {
        Limits {
            files: 20_000,
            ports: Some(28_232),
            reuse: Reuse::Loopback,
            memory: Some(8 << 30),
            cores: 2,
        }
    }

    fn needs(connections: Connections, visits: f64) -> Needs {
        Needs {
            connections,
            visits_per_second: Some(visits),
            visitors: None,
            requests_per_visit: 2.0,
            connections_per_visit: 1,
            seconds: None,
            has_tls: false,
            targets: 1,
            on_loopback: false,
            sources: 1,
        }
    }

    fn short_of(needs: &Needs, limits: &Limits) -> Vec<&'static str> {
        shortages(needs, limits)
            .iter()
            .map(|shortage| shortage.of)
            .collect()
    }

    #[test]
    fn a_load_that_needs_more_ports_than_there_are_is_named_with_the_ways_out() {
        let short = |connections, visits| short_of(&needs(connections, visits), &limits()).contains(&"ports");
        assert!(!short(Connections::PerVisitor, 470.0));
        assert!(short(Connections::PerVisitor, 471.0));
        assert!(short(Connections::PerRequest, 240.0), "two requests a visit");
        assert!(!short(Connections::Pooled, 10_000.0));
        let text = shortages(&needs(Connections::PerVisitor, 1e3), &limits())[0].to_string();
        for words in ["470 connections/s", "connections: pooled", "source_addresses"] {
            assert!(text.contains(words), "{words} is not in {text}");
        }
        assert!(text.lines().all(|line| line.chars().count() <= 80), "{text}");
    }

    #[test]
    fn visitors_who_fetch_assets_need_a_port_and_a_file_for_each_of_their_connections() {
        let each = |visits| Needs {
            connections_per_visit: 6,
            ..needs(Connections::PerVisitor, visits)
        };
        assert!(short_of(&each(78.0), &limits()).is_empty());
        assert_eq!(short_of(&each(79.0), &limits()), ["ports"]);
        let text = shortages(&each(79.0), &limits())[0].to_string();
        assert!(text.contains("6 for each visit"), "{text}");
        let crowd = |visitors| Needs {
            visits_per_second: None,
            visitors: Some(visitors),
            ..each(0.0)
        };
        assert!(short_of(&crowd(3_322), &limits()).is_empty());
        assert_eq!(short_of(&crowd(3_323), &limits()), ["files"]);
    }

    #[test]
    fn a_few_requests_may_be_in_flight_whatever_is_allowed() {
        for (files, memory) in [(0, Some(0)), (64, None), (70, Some(8 << 30)), (80, None)] {
            let few = Limits {
                files,
                memory,
                ..limits()
            };
            assert_eq!(in_flight_cap(&few), 16, "{files} files");
        }
        let one_more = Limits {
            files: 81,
            ..limits()
        };
        assert_eq!(in_flight_cap(&one_more), 17);
    }

    #[test]
    fn more_addresses_on_either_side_bring_more_ports() {
        let wanted = needs(Connections::PerVisitor, 900.0);
        for (sources, targets) in [(2, 1), (1, 2)] {
            let enough = Needs {
                sources,
                targets,
                ..wanted
            };
            assert!(short_of(&enough, &limits()).is_empty());
        }
        let short_run = Needs {
            seconds: Some(20.0),
            ..wanted
        };
        assert!(
            short_of(&short_run, &limits()).is_empty(),
            "it is over before ports run out"
        );
    }

    #[test]
    fn a_kernel_that_uses_ports_again_early_is_named() {
        let here = Needs {
            on_loopback: true,
            ..needs(Connections::PerVisitor, 1e3)
        };
        assert!(
            shortages(&here, &limits())[0]
                .to_string()
                .contains("tcp_tw_reuse")
        );
        let elsewhere = Needs {
            on_loopback: false,
            ..here
        };
        assert!(
            !shortages(&elsewhere, &limits())[0]
                .to_string()
                .contains("tcp_tw_reuse")
        );
    }

    #[test]
    fn too_few_files_or_too_little_memory_bound_what_is_in_flight() {
        let crowd = Needs {
            visits_per_second: None,
            visitors: Some(2_000),
            ..needs(Connections::Pooled, 0.0)
        };
        assert!(short_of(&crowd, &limits()).is_empty());
        let few_files = Limits {
            files: 1_024,
            ..limits()
        };
        assert_eq!(
            (in_flight_cap(&few_files), short_of(&crowd, &few_files)),
            (960, vec!["files"])
        );
        let little_memory = Limits {
            memory: Some(64 << 20),
            ..limits()
        };
        assert_eq!(
            (in_flight_cap(&little_memory), short_of(&crowd, &little_memory)),
            (1_024, vec!["memory"])
        );
        let fast = needs(Connections::Pooled, 961.0);
        assert_eq!(short_of(&fast, &few_files), ["files"]);
        assert!(shortages(&fast, &few_files)[0].to_string().contains("ulimit -n"));
    }

    #[test]
    fn more_than_the_cores_can_make_is_said() {
        assert_eq!(
            short_of(&needs(Connections::Pooled, 60_000.0), &limits()),
            ["files", "cpu"]
        );
        let secured = Needs {
            has_tls: true,
            sources: 100,
            ..needs(Connections::PerVisitor, 4_500.0)
        };
        assert_eq!(short_of(&secured, &limits()), ["cpu"]);
    }
}
