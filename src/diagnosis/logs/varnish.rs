//! varnishlog: transactions of many lines, of which `FetchError` says why a backend failed and `Timestamp` when.

use super::super::cause::{Cause, CauseSet};
use super::super::product::Product;
use super::access;
use super::stamp::Stamp;
use super::{Outcome, Says, after, has, has_any, leading_number, of_connect};

/// The tag of a line: after dashes (`--  FetchError`) or the number of a transaction.
fn tag(line: &[u8]) -> Option<(&[u8], &[u8])> {
    let lead = line
        .iter()
        .take_while(|byte| matches!(byte, b'-' | b'*' | b' ' | b'0'..=b'9'))
        .count();
    let rest = &line[lead..];
    let end = rest.iter().position(|byte| *byte == b' ').unwrap_or(rest.len());
    (lead > 0).then(|| (&rest[..end], rest[end..].trim_ascii_start()))
}

/// Whether it is a line of varnishlog.
pub(super) fn is_one(line: &[u8]) -> bool {
    let known = |name: &[u8]| {
        name.len() > 2
            && name[0].is_ascii_uppercase()
            && name
                .iter()
                .all(|byte| byte.is_ascii_alphanumeric() || *byte == b'_')
    };
    line.starts_with(b"*   <<") || tag(line).is_some_and(|(name, _)| name == b"<<" || known(name))
}

/// What a line says; `last` is the time of the transaction that is being read.
pub(super) fn read(line: &[u8], last: &mut Option<Stamp>) -> Outcome {
    let Some((name, text)) = tag(line) else {
        return Outcome::Foreign;
    };
    let said = |cause, says| Outcome::said(Product::Varnish, cause, says, *last);
    match name {
        b"Timestamp" => {
            let seconds = after(text, ": ").map(|text| super::before(text, " "));
            let seconds = seconds.and_then(|text| std::str::from_utf8(text).ok()?.parse().ok());
            *last = seconds.and_then(Stamp::of_epoch).or(*last);
            Outcome::Silent
        }
        b"FetchError" => {
            let (cause, says) = why(text);
            said(cause, says)
        }
        // What a backend said; Varnish writes its own 503 here too, after the line that says why.
        b"BerespStatus" if leading_number(text).is_some_and(|status| status >= 500) => {
            said(Cause::ApplicationError, Says::Hint(CauseSet::FAILURES))
        }
        b"RespStatus" => access::extended(access::of_status(
            Product::Varnish,
            leading_number(text).unwrap_or(0),
            *last,
        )),
        _ => Outcome::Silent,
    }
}

fn why(text: &[u8]) -> (Cause, Says) {
    let is = |words: &[&str]| has_any(text, words);
    let cause = if let Some(errno) = after(text, "fail errno ").and_then(leading_number) {
        of_connect(errno)
    } else if has(text, "unhealthy") {
        Cause::NoLiveBackend
    } else if has(text, "busy") {
        Cause::QueueFull
    } else if has(text, "first byte timeout") {
        Cause::BackendSlow
    } else if is(&["between bytes timeout", "insufficient bytes", "fetch failed"]) {
        Cause::AnswerCut
    } else if is(&["Connection reset by peer", "temporarily unavailable"]) {
        // What ended the body; the line after it says that it is cut.
        return (Cause::AnswerCut, Says::Hint(CauseSet::of(&[Cause::AnswerCut])));
    } else if is(&["overflow"]) {
        Cause::HeaderTooBig
    } else if is(&[
        "http format error",
        "non-hex",
        "chunked",
        "gunzip",
        "too many headers",
    ]) {
        Cause::BadAnswer
    } else if is(&["HTC ", "eof", "no response", "closed"]) {
        Cause::BackendClosed
    } else if is(&["storage", "workspace"]) {
        Cause::GatewayExhausted
    } else if is(&["no backend connection"]) {
        Cause::BackendRefused
    } else {
        Cause::Unknown
    };
    (cause, Says::Why)
}
