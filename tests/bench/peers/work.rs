//! What is compared: each work, the server it is done against, and the figures that tell of it.

use std::fmt;

use super::run::Spent;
use super::server::{Habits, Seen};
use super::shop::{SHOP, STREAMS};

/// A kind of work.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Work {
    /// A closed model on so many kept connections.
    Closed(u32),
    /// An open model at an even rate.
    Open(u32),
    /// An open model against a server that stands still for two seconds.
    Stall,
    /// So many connections that wait a second for each answer.
    Held(u32),
    /// A new connection for each request.
    Churn,
    /// An open model against a server that hangs.
    Hang,
    /// A visitor with a connection, a TLS handshake and cookies of its own, who walks three steps.
    Visitor,
    /// HTTP/2 on one connection.
    Streams,
    /// A long closed model: does memory grow with the requests?
    Growth(u32),
}

pub(crate) const ALL: [Work; 12] = [
    Work::Closed(64),
    Work::Closed(1_000),
    Work::Open(1_000),
    Work::Open(5_000),
    Work::Open(20_000),
    Work::Stall,
    Work::Held(10_000),
    Work::Churn,
    Work::Hang,
    Work::Visitor,
    Work::Streams,
    Work::Growth(64),
];

/// A figure: its name, and its value in one run.
pub(crate) type Figure = (&'static str, f64);

impl fmt::Display for Work {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Work::Closed(connections) => write!(formatter, "Closed model, {connections} kept connections"),
            Work::Open(rate) => write!(formatter, "Open model, {rate} requests a second, evenly"),
            Work::Stall => formatter.write_str(
                "The server stands still for 2.000 s at 1,000/s (true of 10 s: p90 1.000, p95 1.500, p99 1.900, max 2.000 s)",
            ),
            Work::Held(connections) => {
                write!(formatter, "{connections} connections, answers after a second")
            }
            Work::Churn => formatter.write_str("A new connection for each request, 64 at a time"),
            Work::Hang => formatter.write_str("The server hangs after its first answer, 100/s for 2 s"),
            Work::Visitor => formatter.write_str(
                "The default visitor: own connection, TLS 1.3 handshake, three steps, cookies, a capture; 64 at a time",
            ),
            Work::Streams => formatter.write_str("HTTP/2, one connection, 64 requests at a time"),
            Work::Growth(connections) => write!(
                formatter,
                "Memory of a long run, {connections} kept connections: after a tenth of it, and at its end"
            ),
        }
    }
}

impl Work {
    /// How it is named on the command line.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Work::Closed(_) => "closed",
            Work::Open(_) => "open",
            Work::Stall => "stall",
            Work::Held(_) => "held",
            Work::Churn => "churn",
            Work::Hang => "hang",
            Work::Visitor => "visitor",
            Work::Streams => "streams",
            Work::Growth(_) => "growth",
        }
    }

    /// The words that start its server.
    pub(crate) fn server(self) -> Vec<String> {
        match self {
            Work::Visitor => vec![SHOP.to_owned()],
            Work::Streams => vec![STREAMS.to_owned()],
            _ => self.habits().words(),
        }
    }

    const fn habits(self) -> Habits {
        let mut habits = Habits {
            delay: 0,
            stall: (0, 0),
            answers: 0,
        };
        match self {
            Work::Held(_) => habits.delay = 1_000,
            Work::Stall => habits.stall = (4_000, 2_000),
            Work::Hang => habits.answers = 1,
            _ => {}
        }
        habits
    }

    /// The rate whose schedule the server judges by; zero for none.
    pub(crate) const fn rate(self) -> u32 {
        match self {
            Work::Open(rate) => rate,
            _ => 0,
        }
    }

    /// Seconds of one run, and rounds; a quick look, or a whole one.
    pub(crate) const fn extent(self, is_quick: bool) -> (u32, u32) {
        match (self, is_quick) {
            (Work::Closed(_) | Work::Churn | Work::Streams, true) => (2, 3),
            (Work::Closed(_) | Work::Churn | Work::Streams, false) => (3, 7),
            (Work::Open(_), true) => (4, 2),
            (Work::Open(_), false) => (10, 5),
            (Work::Stall, true) => (10, 1),
            (Work::Stall, false) => (10, 3),
            (Work::Held(_), true) => (6, 1),
            (Work::Held(_), false) => (8, 3),
            (Work::Hang, true) => (2, 1),
            (Work::Hang, false) => (2, 3),
            (Work::Visitor, true) => (4, 2),
            (Work::Visitor, false) => (8, 5),
            (Work::Growth(_), true) => (15, 1),
            (Work::Growth(_), false) => (120, 1),
        }
    }

    /// The figures of one run, the one that tools are ranked by first.
    pub(crate) fn figures(self, seen: &Seen, spent: &Spent, seconds: u32) -> Vec<Figure> {
        let requests = seen.requests.max(1) as f64;
        let cpu = ("CPU s/M", spent.cpu / spent.requests.unwrap_or(requests) * 1e6);
        let span = if seen.span > 0.0 {
            seen.span
        } else {
            f64::from(seconds)
        };
        let thousands = ("thousand req/s", requests / span / 1e3);
        let memory = ("MiB", spent.memory as f64 / f64::from(1 << 20));
        match self {
            Work::Closed(_) | Work::Churn | Work::Streams => vec![cpu, thousands, memory],
            Work::Open(_) => vec![
                ("deviation p99 ms", seen.deviation_p99),
                ("p50 ms", seen.deviation_p50),
                ("max ms", seen.deviation_max),
                ("CV of 100 ms", seen.variation),
                ("req/s", requests / span),
                cpu,
            ],
            Work::Stall => {
                let mut all = vec![("requests", requests)];
                all.extend(spent.latencies.iter().copied());
                all
            }
            Work::Held(connections) => vec![
                (
                    "KiB per connection",
                    spent.memory as f64 / 1_024.0 / f64::from(connections),
                ),
                memory,
                ("open at once", seen.most_open as f64),
                ("requests", requests),
                cpu,
            ],
            Work::Hang => vec![("requests sent", seen.requests as f64)],
            Work::Visitor => vec![
                ("CPU ms per visit", spent.cpu / requests * 1e3),
                ("visits/s", requests / span),
                memory,
            ],
            Work::Growth(_) => vec![
                (
                    "end : tenth",
                    spent.memory as f64 / spent.memory_early.max(1) as f64,
                ),
                (
                    "MiB after a tenth",
                    spent.memory_early as f64 / f64::from(1 << 20),
                ),
                ("MiB at the end", spent.memory as f64 / f64::from(1 << 20)),
                ("million requests", requests / 1e6),
            ],
        }
    }

    /// The tool that the others are held against.
    pub(crate) const fn measure(self) -> &'static str {
        match self {
            Work::Streams | Work::Stall | Work::Hang | Work::Open(_) => "oha",
            Work::Visitor => "locust",
            _ => "wrk",
        }
    }
}
