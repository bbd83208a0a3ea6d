//! The error log of nginx: `DATE [level] PID#TID: *CONN MESSAGE while PHASE, client: …`.

use super::super::cause::Cause;
use super::super::product::Product;
use super::stamp::Stamp;
use super::{Outcome, after, applications, before, has, has_any, leading_number, of_connect, tls};

/// Beginnings of messages that need no further look.
const BEGINNINGS: [(&str, Cause); 17] = [
    ("upstream sent too big header", Cause::HeaderTooBig),
    ("upstream sent ", Cause::BadAnswer),
    ("no live upstreams", Cause::NoLiveBackend),
    ("no resolver defined", Cause::Dns),
    ("host not found in upstream", Cause::Dns),
    ("upstream SSL certificate does not match", Cause::TlsName),
    ("limiting requests", Cause::RateLimited),
    ("limiting connections", Cause::RateLimited),
    ("delaying request", Cause::RateLimited),
    ("access forbidden by rule", Cause::Denied),
    ("directory index of", Cause::Denied),
    ("user \"", Cause::Denied),
    ("no user/password", Cause::Denied),
    ("client ", Cause::ClientError),
    ("open() \"", Cause::ClientError),
    ("invalid host", Cause::ClientError),
    ("ModSecurity: Access denied", Cause::Denied),
];

/// What a line of the error log says.
pub(super) fn error(line: &[u8], at: Option<Stamp>) -> Outcome {
    let Some(rest) = after(&line[20..], "] ") else {
        return Outcome::Foreign;
    };
    let level = before(&line[21..], "]");
    if matches!(level, b"notice" | b"info" | b"debug") {
        return noticed(rest, level, at);
    }
    let Some(message) =
        after(&rest[..rest.len().min(64)], ": ").map(|tail| &rest[rest.len().min(64) - tail.len()..])
    else {
        return Outcome::Silent;
    };
    let message = match message.strip_prefix(b"*") {
        Some(numbered) => after(numbered, " ").unwrap_or(numbered),
        None => message,
    };
    why(before(message, ", client: "), level)
        .map_or(Outcome::Silent, |cause| Outcome::why(Product::Nginx, cause, at))
}

/// A notice that tells of a death or a client's departure.
fn noticed(rest: &[u8], level: &[u8], at: Option<Stamp>) -> Outcome {
    if level == b"info"
        && has_any(
            rest,
            &[
                "client prematurely closed",
                "client timed out",
                "client closed connection while",
            ],
        )
    {
        let kept_alive = has_any(rest, &["while waiting for request", "keepalive"]);
        return if kept_alive {
            Outcome::Silent
        } else {
            Outcome::why(Product::Nginx, Cause::ClientGone, at)
        };
    }
    Outcome::Silent
}

/// The cause of a message without what stands after the phase.
fn why(message: &[u8], level: &[u8]) -> Option<Cause> {
    if message.starts_with(b"connect() ") {
        return Some(of_connect(errno(message)?));
    }
    if message.starts_with(b"upstream timed out") {
        return Some(timed_out(message));
    }
    if message.starts_with(b"upstream prematurely closed") {
        return Some(closed(message));
    }
    if has_any(
        message,
        &[
            "Too many open files",
            "worker_connections are not enough",
            "Cannot assign requested address",
            "Cannot allocate memory",
            "No space left",
        ],
    ) {
        return Some(Cause::GatewayExhausted);
    }
    if message.starts_with(b"upstream SSL certificate verify error") {
        return Some(tls::why(message));
    }
    if level == b"warn" && message.starts_with(b"upstream s") {
        // `upstream server temporarily disabled` follows the line that says why.
        return None;
    }
    if let Some((_, cause)) = BEGINNINGS
        .iter()
        .find(|(words, _)| message.starts_with(words.as_bytes()))
    {
        return Some(match cause {
            Cause::ClientError if has_any(message, &["prematurely closed", "timed out"]) => Cause::ClientGone,
            cause => *cause,
        });
    }
    if has(message, "could not be resolved") {
        return Some(Cause::Dns);
    }
    if message.starts_with(b"SSL_do_handshake() failed")
        || message.starts_with(b"peer closed connection in SSL handshake")
    {
        return Some(if has(message, "upstream") {
            tls::why(message)
        } else {
            Cause::ClientGone
        });
    }
    if message.starts_with(b"FastCGI sent in stderr") {
        return applications::php(message);
    }
    if has_any(
        message,
        &[
            "recv() failed",
            "readv() failed",
            "send() failed",
            "writev() failed",
            "sendfile() failed",
            "SSL_read() failed",
            "SSL_write() failed",
        ],
    ) {
        return Some(closed(message));
    }
    if has(message, "exited on signal") {
        return Some(Cause::WorkerKilled);
    }
    (level != b"warn" && has(message, "upstream")).then_some(Cause::Unknown)
}

fn timed_out(message: &[u8]) -> Cause {
    if has(message, "while connecting to upstream") {
        Cause::ConnectTimeout
    } else if has(message, "while SSL handshaking") {
        Cause::TlsHandshake
    } else if has(message, "while reading upstream") {
        Cause::AnswerCut
    } else {
        Cause::BackendSlow
    }
}

fn closed(message: &[u8]) -> Cause {
    if has(message, "while reading upstream") {
        Cause::AnswerCut
    } else if has_any(message, &["to client", "client request", "keepalive"]) {
        Cause::ClientGone
    } else {
        Cause::BackendClosed
    }
}

/// The number in `failed (111: Connection refused)`.
fn errno(message: &[u8]) -> Option<u32> {
    leading_number(after(message, "failed (")?)
}
