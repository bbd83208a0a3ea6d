//! What applications and their servers write: gunicorn, uvicorn, node, PHP, databases, and the kernel below them.

use super::super::cause::Cause;
use super::super::product::Product;
use super::stamp::Stamp;
use super::{Outcome, access, after, has, has_any};

/// A database, or what keeps connections to one, turned away.
const DATABASE: [&str; 12] = [
    "Too many connections",
    "too many connections",
    "too many clients",
    "connection slots are reserved",
    "ER_CON_COUNT_ERROR",
    "QueuePool limit",
    "max_user_connections",
    "max number of clients reached",
    "Connection is not available, request timed out",
    "Timed out fetching a new connection from the connection pool",
    "pool timeout: failed to retrieve a connection",
    "could not obtain a database connection within",
];

/// Words of the kernel, of memory and of processes.
const KERNEL: [(&str, Cause); 6] = [
    ("Out of memory: Kill", Cause::WorkerKilled),
    ("oom-kill:", Cause::WorkerKilled),
    ("JavaScript heap out of memory", Cause::WorkerKilled),
    ("Possible SYN flooding on port", Cause::QueueFull),
    ("table full, dropping packet", Cause::GatewayExhausted),
    ("does not have any active Endpoint", Cause::NoLiveBackend),
];

/// What a line of no gateway's shape says.
pub(super) fn read(line: &[u8], at: Option<Stamp>) -> Outcome {
    if has_any(line, &DATABASE) {
        return Outcome::why(Product::Application, Cause::DatabaseLimit, at);
    }
    if let Some((_, cause)) = KERNEL.iter().find(|(words, _)| has(line, words)) {
        let product = match cause {
            _ if has(line, "JavaScript") => Product::Node,
            Cause::NoLiveBackend => Product::IngressNginx,
            _ => Product::Unknown,
        };
        return Outcome::why(product, *cause, at);
    }
    uvicorn(line, at)
        .or_else(|| node(line, at))
        .unwrap_or(Outcome::Foreign)
}

fn uvicorn(line: &[u8], at: Option<Stamp>) -> Option<Outcome> {
    let why = |cause| Some(Outcome::why(Product::Uvicorn, cause, at));
    if has(line, "Exceeded concurrency limit") {
        return why(Cause::QueueFull);
    }
    if has(line, "Exception in ASGI application") {
        return why(Cause::ApplicationError);
    }
    let access = line
        .starts_with(b"INFO:")
        .then(|| after(line, " - \""))
        .flatten()?;
    let (status, _) = access::status_of(access)?;
    Some(access::of_status(Product::Uvicorn, status, at))
}

/// An error that nothing caught: `TypeError: …` at the beginning of a line.
fn node(line: &[u8], at: Option<Stamp>) -> Option<Outcome> {
    let kind = super::before(&line[..line.len().min(60)], ":");
    let kind = kind.strip_prefix(b"Uncaught ").unwrap_or(kind);
    let named = kind.ends_with(b"Error") && kind.len() < 40 && kind.iter().all(u8::is_ascii_alphanumeric);
    (named && kind.len() < line.len()).then(|| Outcome::why(Product::Node, Cause::ApplicationError, at))
}

/// What gunicorn says after its time: `[pid] [LEVEL] …`.
pub(super) fn gunicorn(rest: &[u8], at: Option<Stamp>) -> Outcome {
    let why = |cause| Outcome::why(Product::Gunicorn, cause, at);
    if has_any(
        rest,
        &[
            "WORKER TIMEOUT",
            "was sent SIG",
            "Perhaps out of memory",
            "was terminated due to signal",
        ],
    ) {
        why(Cause::WorkerKilled)
    } else if has_any(rest, &DATABASE) {
        why(Cause::DatabaseLimit)
    } else if has_any(
        rest,
        &[
            "Error handling request",
            "Exception in worker",
            "Unhandled exception",
        ],
    ) {
        why(Cause::ApplicationError)
    } else {
        Outcome::Silent
    }
}

/// What a message of PHP says, wherever it was logged; nothing where it is a warning.
pub(super) fn php(text: &[u8]) -> Option<Cause> {
    if has_any(text, &DATABASE) {
        Some(Cause::DatabaseLimit)
    } else if has_any(
        text,
        &[
            "PHP Fatal error",
            "PHP Parse error",
            "Uncaught ",
            "Allowed memory size",
            "Maximum execution time",
        ],
    ) {
        Some(Cause::ApplicationError)
    } else if has(text, "Primary script unknown") {
        Some(Cause::ClientError)
    } else {
        None
    }
}
