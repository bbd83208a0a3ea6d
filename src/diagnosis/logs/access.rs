//! Access logs with the time in brackets: the common and combined formats of nginx, Apache, Varnish and others, with
//! nginx's upstream fields where they are there.

use super::super::cause::{Cause, CauseSet};
use super::super::product::Product;
use super::stamp::Stamp;
use super::{Outcome, Reading, Says, after, has_any, leading_number};

/// What stands after the bracket of `[22/Nov/2026:…`, near the beginning of a line.
pub(super) fn date_of(line: &[u8]) -> Option<&[u8]> {
    let head = &line[..line.len().min(512)];
    memchr::memchr_iter(b'[', head)
        .map(|at| &line[at + 1..])
        .find(|date| date.len() > 21 && date[2] == b'/' && date[6] == b'/' && date[11] == b':')
}

/// What a line says of which `date` is all from its time on.
pub(super) fn read(date: &[u8], at: Option<Stamp>) -> Outcome {
    let Some((status, rest)) = status_of(date) else {
        return Outcome::Foreign;
    };
    match upstream(rest) {
        Some(upstream) => of_upstream(status, &upstream, at),
        None if is_ingress(rest) => of_ingress(status, rest, at),
        None if (500..=599).contains(&status) && has_any(rest, &NO_ERROR_LINE) => {
            let says = Says::Hint(CauseSet::FAILURES);
            Outcome::said(Product::Apache, Cause::ApplicationError, says, at)
        }
        // The combined format ends with the quoted name of the client.
        None if !rest.ends_with(b"\"") && rest.len() > 16 => {
            extended(of_status(Product::Unknown, status, at))
        }
        None => of_status(Product::Unknown, status, at),
    }
}

/// `outcome` of a line that has more fields than a plain access log.
pub(super) fn extended(outcome: Outcome) -> Outcome {
    match outcome {
        Outcome::Read(reading) => match reading.says {
            Says::Status(could_be) => Outcome::Read(Reading {
                says: Says::Extended(could_be),
                ..reading
            }),
            _ => outcome,
        },
        _ => outcome,
    }
}

/// Apache's `%L`, the name of the line in its error log, under names in use: without one, Apache saw no error.
const NO_ERROR_LINE: [&str; 3] = [" lid=-", " log_id=-", " error_id=-"];

/// The status, and what stands after it. The request is in quotes and may hold more of them.
pub(super) fn status_of(text: &[u8]) -> Option<(u32, &[u8])> {
    memchr::memmem::find_iter(text, b"\" ").take(8).find_map(|at| {
        let rest = &text[at + 2..];
        let ends = matches!(rest.get(3), None | Some(b' '));
        let digits = rest.len() >= 3 && rest[..3].iter().all(u8::is_ascii_digit);
        (digits && ends).then(|| (leading_number(&rest[..3]).unwrap_or(0), &rest[3..]))
    })
}

/// What a status alone says.
pub(super) fn of_status(product: Product, status: u32, at: Option<Stamp>) -> Outcome {
    let (cause, says) = match status {
        429 => (
            Cause::RateLimited,
            Says::Hint(CauseSet::of(&[Cause::RateLimited])),
        ),
        401 | 403 | 407 | 451 => (Cause::Denied, Says::Hint(CauseSet::of(&[Cause::Denied]))),
        408 | 460 | 499 => (Cause::ClientGone, Says::Hint(CauseSet::of(&[Cause::ClientGone]))),
        400..=498 => (
            Cause::ClientError,
            Says::Hint(CauseSet::of(&[Cause::ClientError])),
        ),
        500..=599 => (Cause::Unknown, Says::Status(CauseSet::FAILURES)),
        100..=399 => (Cause::Ok, Says::Why),
        // nginx writes 009 for what it passed on as HTTP/0.9.
        _ => (Cause::BadAnswer, Says::Hint(CauseSet::of(&[Cause::BadAnswer]))),
    };
    Outcome::said(product, cause, says, at)
}

/// What a status says of an answer that a backend gave.
pub(super) fn of_passed_on(status: u32) -> Cause {
    match status {
        429 => Cause::RateLimited,
        401 | 403 => Cause::Denied,
        400..=499 => Cause::ClientError,
        500..=599 => Cause::ApplicationError,
        _ => Cause::Ok,
    }
}

/// nginx's upstream fields, of the last attempt.
struct Upstream<'a> {
    status: &'a [u8],
    connect: Option<&'a [u8]>,
    header: Option<&'a [u8]>,
}

/// Names under which the fields are commonly logged.
const STATUS: [&str; 4] = [" us=", "upstream_status=", "upstream_status\":", " ups_status="];
const CONNECT: [&str; 4] = [
    " uct=",
    "upstream_connect_time=",
    "upstream_connect_time\":",
    " uc=",
];
const HEADER: [&str; 4] = [
    " uht=",
    "upstream_header_time=",
    "upstream_header_time\":",
    " uh=",
];

fn upstream(rest: &[u8]) -> Option<Upstream<'_>> {
    let field = |names: &[&str]| names.iter().find_map(|name| after(rest, name)).map(last_attempt);
    let (connect, header) = (field(&CONNECT), field(&HEADER));
    // Others log microseconds as `us=`: alone it is no status.
    let names = if connect.or(header).is_some() {
        &STATUS[..]
    } else {
        &STATUS[1..]
    };
    Some(Upstream {
        status: field(names)?,
        connect,
        header,
    })
}

/// Whether `text`, a JSON line, has nginx's upstream fields; what they say.
pub(super) fn of_json(text: &[u8], status: u32, at: Option<Stamp>) -> Option<Outcome> {
    upstream(text).map(|upstream| of_upstream(status, &upstream, at))
}

/// The last of `502, 502 : 200`, the value of a field that begins here.
fn last_attempt(text: &[u8]) -> &[u8] {
    let text = text.trim_ascii_start();
    let (quoted, text) = match text.first() {
        Some(b'"') => (true, &text[1..]),
        _ => (false, text),
    };
    let mut last: &[u8] = b"";
    let mut rest = text;
    loop {
        let end = rest
            .iter()
            .position(|byte| matches!(byte, b' ' | b',' | b'"' | b'}'))
            .unwrap_or(rest.len());
        last = if end > 0 { &rest[..end] } else { last };
        let goes_on = rest[end..].starts_with(b", ") || rest[end..].starts_with(b" : ");
        if !goes_on || (!quoted && rest[end..].first() == Some(&b'"')) {
            return last;
        }
        rest = rest[end + 2..].trim_ascii_start();
    }
}

fn of_upstream(status: u32, upstream: &Upstream, at: Option<Stamp>) -> Outcome {
    let hint = |cause| Outcome::said(Product::Nginx, cause, Says::Hint(CauseSet::FAILURES), at);
    if !(500..=599).contains(&status) {
        return of_status(Product::Nginx, status, at);
    }
    let is_missing = |field: Option<&[u8]>| matches!(field, Some(b"-" | b""));
    if is_missing(Some(upstream.status)) {
        // No backend was asked: a limit, or no name for it.
        return match status {
            503 => hint(Cause::RateLimited),
            502 => hint(Cause::Dns),
            _ => of_status(Product::Nginx, status, at),
        };
    }
    match (upstream.connect, upstream.header) {
        (_, Some(header)) if !is_missing(Some(header)) => hint(Cause::ApplicationError),
        (connect, Some(_)) if is_missing(connect) => match status {
            504 => hint(Cause::ConnectTimeout),
            // Refused, unreachable, full, or no handshake: the error log says which.
            _ => of_status(Product::Nginx, status, at),
        },
        (Some(_), Some(_)) if status == 504 => hint(Cause::BackendSlow),
        (Some(_), Some(_)) => hint(Cause::BackendClosed),
        _ => of_status(Product::Nginx, status, at),
    }
}

/// `"agent" 345 0.002 [ns-service-80] [] 10.0.0.1:80 12 0.002 502 0f1e…`, as the ingress controller writes.
fn is_ingress(rest: &[u8]) -> bool {
    if rest.ends_with(b"\"") {
        return false;
    }
    let tail = tail_of_ingress(rest);
    tail.len() > 4 && tail[2].starts_with(b"[") && tail[3].starts_with(b"[")
}

fn tail_of_ingress(rest: &[u8]) -> Vec<&[u8]> {
    let tail = memchr::memrchr(b'"', rest).map_or(rest, |at| &rest[at + 1..]);
    let words = tail.split(|byte| *byte == b' ').filter(|word| !word.is_empty());
    words.take(32).collect()
}

fn of_ingress(status: u32, rest: &[u8], at: Option<Stamp>) -> Outcome {
    let plain = of_status(Product::IngressNginx, status, at);
    if !(500..=599).contains(&status) {
        return plain;
    }
    let tail = tail_of_ingress(rest);
    let hint = |cause| Outcome::said(Product::IngressNginx, cause, Says::Hint(CauseSet::FAILURES), at);
    match (tail.get(4), status) {
        // No address was tried: the service has no endpoint.
        (Some(&b"-"), 503) => hint(Cause::NoLiveBackend),
        _ => plain,
    }
}
