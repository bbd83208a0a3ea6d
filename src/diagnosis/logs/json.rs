//! Lines that are JSON objects: fields found by name, without reading the whole object.

use super::super::cause::Cause;
use super::super::product::Product;
use super::stamp::Stamp;
use super::{Outcome, access, after, applications, caddy, envoy, leading_number};

/// What a JSON line says.
pub(super) fn read(line: &[u8]) -> Outcome {
    if let Some(logger) = text(line, "logger").filter(|logger| logger.starts_with(b"http")) {
        return caddy::read(line, logger);
    }
    let at = time(line);
    if let Some(flags) = text(line, "response_flags") {
        let status = number(line, "response_code").unwrap_or(0);
        return envoy::of_flags(status, flags, line, at);
    }
    if let Some(status) = number(line, "DownstreamStatus") {
        return traefik(line, status, at);
    }
    if let Some(status) = number(line, "status").filter(|status| (100..=599).contains(status)) {
        return access::of_json(line, status, at)
            .unwrap_or_else(|| access::of_status(Product::Unknown, status, at));
    }
    match applications::read(line, at) {
        Outcome::Foreign if at.is_some() => Outcome::Silent,
        known => known,
    }
}

/// Traefik's access log: an origin that was asked and gave another status than the client saw.
fn traefik(line: &[u8], status: u32, at: Option<Stamp>) -> Outcome {
    let failed = (500..=599).contains(&status);
    match number(line, "OriginContentSize") {
        Some(size) if failed && size > 30 => Outcome::why(Product::Traefik, Cause::ApplicationError, at),
        _ => access::of_status(Product::Traefik, status, at),
    }
}

/// The value of the text field `name`, as it is written.
pub(super) fn text<'a>(line: &'a [u8], name: &str) -> Option<&'a [u8]> {
    let value = value(line, name)?.strip_prefix(b"\"")?;
    let mut from = 0;
    loop {
        let end = from + memchr::memchr(b'"', &value[from..])?;
        let slashes = value[..end]
            .iter()
            .rev()
            .take_while(|byte| **byte == b'\\')
            .count();
        if slashes % 2 == 0 {
            return Some(&value[..end]);
        }
        from = end + 1;
    }
}

/// The value of the number field `name`; a number in quotes is one too.
pub(super) fn number(line: &[u8], name: &str) -> Option<u32> {
    let value = value(line, name)?;
    leading_number(value.strip_prefix(b"\"").unwrap_or(value))
}

fn value<'a>(line: &'a [u8], name: &str) -> Option<&'a [u8]> {
    let rest = after(line, &format!("\"{name}\":"))?;
    Some(rest.trim_ascii_start())
}

/// The time under one of its usual names: seconds since 1970, or a text.
pub(super) fn time(line: &[u8]) -> Option<Stamp> {
    [
        "ts",
        "time",
        "timestamp",
        "start_time",
        "@timestamp",
        "time_iso8601",
        "StartUTC",
        "time_local",
    ]
    .iter()
    .find_map(|name| value(line, name).and_then(moment))
}

fn moment(value: &[u8]) -> Option<Stamp> {
    let value = value.strip_prefix(b"\"").unwrap_or(value);
    if let Some(stamp) = Stamp::of_iso(value).or_else(|| Stamp::of_access(value)) {
        return Some(stamp);
    }
    let digits = value
        .iter()
        .take(20)
        .take_while(|byte| byte.is_ascii_digit() || **byte == b'.')
        .count();
    Stamp::of_epoch(std::str::from_utf8(&value[..digits]).ok()?.parse().ok()?)
}
