//! Caddy: JSON lines, or the same in columns, with the words of Go's library.

use super::super::cause::{Cause, CauseSet};
use super::super::product::Product;
use super::access;
use super::json;
use super::stamp::Stamp;
use super::{Outcome, Says, after, go, has};

/// What a JSON line of Caddy says.
pub(super) fn read(line: &[u8], logger: &[u8]) -> Outcome {
    let at = json::time(line);
    let message = json::text(line, "msg").unwrap_or_default();
    if logger.starts_with(b"http.log.access") || message == b"handled request" {
        return answered(line, at);
    }
    spoken(logger, message, json::text(line, "error").unwrap_or_default(), at)
}

/// `DATE TIME<tab>LEVEL<tab>LOGGER<tab>MESSAGE<tab>{…}`.
pub(super) fn console(line: &[u8], at: Option<Stamp>) -> Outcome {
    let mut columns = line.split(|byte| *byte == b'\t').skip(2);
    let (logger, message) = (
        columns.next().unwrap_or_default(),
        columns.next().unwrap_or_default(),
    );
    let rest = columns.next().unwrap_or_default();
    if message == b"handled request" {
        return answered(rest, at);
    }
    spoken(logger, message, json::text(rest, "error").unwrap_or_default(), at)
}

fn spoken(logger: &[u8], message: &[u8], error: &[u8], at: Option<Stamp>) -> Outcome {
    if message == b"aborting with incomplete response" {
        return Outcome::why(Product::Caddy, Cause::AnswerCut, at);
    }
    if !logger.starts_with(b"http.log.error") {
        return Outcome::Silent;
    }
    let cause = go::why(message)
        .or_else(|| go::why(error))
        .unwrap_or(Cause::Unknown);
    Outcome::why(Product::Caddy, cause, at)
}

fn answered(line: &[u8], at: Option<Stamp>) -> Outcome {
    let Some(status) = json::number(line, "status") else {
        return Outcome::Silent;
    };
    // Caddy's own error has no body, and no second `Server`.
    let has_body = json::number(line, "size").is_some_and(|size| size > 0);
    let passed_on =
        after(line, "\"Server\":[").is_some_and(|servers| has(&servers[..servers.len().min(80)], "\",\""));
    if (500..=599).contains(&status) && (has_body || passed_on) {
        let says = Says::Hint(CauseSet::FAILURES);
        return Outcome::said(Product::Caddy, Cause::ApplicationError, says, at);
    }
    access::of_status(Product::Caddy, status, at)
}
