//! HAProxy: a line per request with its two letters of how it ended, and messages about servers.
//!
//! `CLIENT [DATE] FRONTEND BACKEND/SERVER Tq/Tw/Tc/Tr/Tt STATUS BYTES … LETTERS a/b/c/d/RETRIES …`

use super::super::cause::{Cause, CauseSet};
use super::super::product::Product;
use super::access;
use super::stamp::Stamp;
use super::{Outcome, Says, after, has, has_any, leading_number, tls};

/// Milliseconds between two attempts to connect to a server that refuses (`retries`, HAProxy's default pause).
const BETWEEN_ATTEMPTS: i64 = 1000;

/// What is known of a request.
struct Request<'a> {
    backend: &'a [u8],
    total: i64,
    status: u32,
    letters: [u8; 2],
    retries: i64,
}

/// What the line of a request says; `date` begins with its time.
pub(super) fn traffic(line: &[u8], date: &[u8], at: Option<Stamp>) -> Outcome {
    let Some(request) = after(date, "] ").and_then(request) else {
        // `fe/1: SSL handshake failure`: a client that could not speak.
        return if has(line, "handshake") {
            Outcome::why(Product::Haproxy, Cause::ClientGone, at)
        } else {
            Outcome::Foreign
        };
    };
    let cause = why(&request, line);
    // Without the error of the connection, these letters stand for a refusal, and for a handshake that failed.
    let says = match (request.letters, cause) {
        ([b'S', b'C'], Cause::BackendRefused) => Says::Hint(CauseSet::of(&[Cause::GatewayExhausted])),
        _ => Says::Why,
    };
    Outcome::said(Product::Haproxy, cause, says, at)
}

fn request(text: &[u8]) -> Option<Request<'_>> {
    let mut words = text.split(|byte| *byte == b' ').filter(|word| !word.is_empty());
    let mut backend: &[u8] = b"";
    let timers = loop {
        let word = words.next()?;
        if is_slashed(word, 4) || is_slashed(word, 2) {
            break word;
        }
        if word.starts_with(b"\"") {
            return None;
        }
        backend = word;
    };
    let total = signed(timers.rsplit(|byte| *byte == b'/').next()?)?;
    let is_tcp = is_slashed(timers, 2);
    let status = if is_tcp {
        0
    } else {
        leading_number(words.next()?).unwrap_or(0)
    };
    let letters = loop {
        let word = words.next()?;
        if is_letters(word) {
            break [word[0], word[1]];
        }
        if word.starts_with(b"\"") {
            return None;
        }
    };
    let retries = words
        .next()
        .and_then(|word| word.rsplit(|byte| *byte == b'/').next())
        .and_then(signed)
        .unwrap_or(0);
    Some(Request {
        backend,
        total,
        status,
        letters,
        retries,
    })
}

/// Whether `word` is numbers with this many slashes between them.
fn is_slashed(word: &[u8], slashes: usize) -> bool {
    word.iter().filter(|byte| **byte == b'/').count() == slashes
        && word
            .iter()
            .all(|byte| byte.is_ascii_digit() || matches!(byte, b'/' | b'-' | b'+'))
}

fn signed(word: &[u8]) -> Option<i64> {
    std::str::from_utf8(word)
        .ok()?
        .trim_start_matches('+')
        .parse()
        .ok()
}

/// Whether `word` is the termination state: four letters over HTTP, two over TCP.
fn is_letters(word: &[u8]) -> bool {
    matches!(word.len(), 2 | 4) && b"CSPLRIDUKcs-".contains(&word[0]) && b"RQCHDLT-".contains(&word[1])
}

fn why(request: &Request, line: &[u8]) -> Cause {
    match request.letters {
        [b'-', _] => access::of_passed_on(request.status),
        [b'S' | b's', b'Q'] => Cause::QueueFull,
        [b'S' | b's', b'C'] => connecting(request, line),
        [b'S', b'H'] => Cause::BackendClosed,
        [b's', b'H'] => Cause::BackendSlow,
        [b'S' | b's', b'D' | b'L'] => Cause::AnswerCut,
        [b'S' | b's', _] => Cause::BackendClosed,
        [b'C' | b'c', _] => Cause::ClientGone,
        [b'P', b'H'] => Cause::BadAnswer,
        [b'P', b'D'] => Cause::AnswerCut,
        [b'P', b'T'] => Cause::RateLimited,
        [b'P', b'C'] | [b'R', _] => Cause::GatewayExhausted,
        [b'P' | b'L', _] => match request.status {
            429 => Cause::RateLimited,
            401 | 403 => Cause::Denied,
            400..=499 => Cause::ClientError,
            500..=599 => Cause::Denied,
            _ => Cause::Ok,
        },
        [b'D', _] => Cause::NoLiveBackend,
        _ => Cause::Unknown,
    }
}

fn connecting(request: &Request, line: &[u8]) -> Cause {
    if has(line, "different from the expected one") {
        return Cause::TlsName;
    }
    if has(line, "SSL handshake failure") {
        return tls::why(after(line, "SSL handshake failure\"").unwrap_or_default());
    }
    if request.backend.ends_with(b"<NOSRV>") {
        return Cause::NoLiveBackend;
    }
    if request.letters[0] == b's' {
        return Cause::ConnectTimeout;
    }
    // A refusal takes no time: what is left beyond the pauses was spent waiting for the network.
    if request.total > (request.retries + 1) * BETWEEN_ATTEMPTS {
        return Cause::BackendUnreachable;
    }
    Cause::BackendRefused
}

/// HAProxy itself ran out of something.
const EXHAUSTED: [&str; 7] = [
    "no free ports",
    "reached process FD limit",
    "reached system memory limit",
    "reached process memory limit",
    "reached its maxconn",
    "maxconn limit reached",
    "Proxy reached",
];

/// What a message says: of a server, a backend or the process.
pub(super) fn message(line: &[u8]) -> Outcome {
    let why = |cause| Outcome::why(Product::Haproxy, cause, None);
    let is = |words: &[&str]| has_any(line, words);
    if is(&EXHAUSTED) {
        why(Cause::GatewayExhausted)
    } else if has(line, "has no server available!") {
        why(Cause::NoLiveBackend)
    } else if (line.starts_with(b"Server ") || line.starts_with(b"Health check for server"))
        && is(&[" is DOWN", " failed"])
    {
        why(checked(line))
    } else if line.starts_with(b"Server ") && is(&[" is UP", " is going DOWN"]) {
        Outcome::Silent
    } else {
        Outcome::Foreign
    }
}

/// Why a health check failed.
fn checked(line: &[u8]) -> Cause {
    let is = |words: &str| has(line, words);
    if is("Layer4 timeout") {
        Cause::ConnectTimeout
    } else if is("Layer4") {
        Cause::BackendRefused
    } else if is("Layer6") {
        tls::why(line)
    } else if is("Layer7 timeout") {
        Cause::BackendSlow
    } else if is("Layer7 wrong status") {
        Cause::ApplicationError
    } else {
        Cause::NoLiveBackend
    }
}
