//! Whose line it is, by its shape.

use super::super::product::Product;
use super::stamp::Stamp;
use super::{
    Outcome, access, after, alb, apache, applications, caddy, envoy, go, haproxy, has, json, nginx, php,
    varnish,
};

/// `line` without its end, and without what shippers put before it: syslog, the container runtime, docker compose.
pub(super) fn bare(line: &[u8]) -> &[u8] {
    let line = line.trim_ascii_end();
    let line = line.strip_prefix("\u{feff}".as_bytes()).unwrap_or(line);
    let line = match line.first() {
        Some(b'<') => after_priority(line),
        _ => line,
    };
    without_syslog(line)
        .or_else(|| without_container(line))
        .or_else(|| without_compose(line))
        .unwrap_or(line)
}

/// `<134>` at the beginning of a syslog line.
fn after_priority(line: &[u8]) -> &[u8] {
    match memchr::memchr(b'>', &line[..line.len().min(6)]) {
        Some(end) if line[1..end].iter().all(u8::is_ascii_digit) => &line[end + 1..],
        _ => line,
    }
}

/// `Nov 22 10:45:45 host haproxy[123]: …` and `2026-11-22T10:45:45+00:00 host haproxy[123]: …`.
fn without_syslog(line: &[u8]) -> Option<&[u8]> {
    let is_old = line.len() > 20
        && line[..3].iter().all(u8::is_ascii_alphabetic)
        && line[3] == b' '
        && line[9] == b':'
        && line[12] == b':';
    let is_new = is_iso(line) && line.get(10) == Some(&b'T');
    if !is_old && !is_new {
        return None;
    }
    // The name of the program ends with a colon, within a word that has no quote or bracket before its number.
    let head = &line[..line.len().min(160)];
    let from = if is_old { 16 } else { 20 };
    let colon = from + memchr::memmem::find(head.get(from..)?, b": ")?;
    let words = head[from..colon].split(|byte| *byte == b' ').count();
    let odd = memchr::memchr3(b'"', b'=', b'(', &head[from..colon]).is_some();
    (words <= 3 && !odd).then(|| &line[colon + 2..])
}

/// `2026-11-22T10:43:56.141Z stdout F …`.
fn without_container(line: &[u8]) -> Option<&[u8]> {
    if !is_iso(line) {
        return None;
    }
    let head = &line[..line.len().min(60)];
    let at = [" stdout F ", " stderr F ", " stdout P ", " stderr P "]
        .iter()
        .find_map(|mark| memchr::memmem::find(head, mark.as_bytes()))?;
    Some(&line[at + 10..])
}

/// `nginx-1  | …`.
fn without_compose(line: &[u8]) -> Option<&[u8]> {
    let at = memchr::memmem::find(&line[..line.len().min(48)], b" | ")?;
    let is_name = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
    let name = line[..at].trim_ascii_end();
    (!name.is_empty() && name.iter().all(is_name)).then(|| &line[at + 3..])
}

/// `2026-11-22T…` or `2026/11/22 …`.
fn is_iso(line: &[u8]) -> bool {
    line.len() > 19
        && line[..4].iter().all(u8::is_ascii_digit)
        && matches!(line[4], b'-' | b'/')
        && line[7] == line[4]
        && matches!(line[10], b' ' | b'T')
        && line[13] == b':'
}

/// What `line` says. `varnish` is the last time in a varnishlog.
pub(super) fn read(line: &[u8], varnish: &mut Option<Stamp>) -> Outcome {
    match line[0] {
        b'[' => bracketed(line),
        b'{' => json::read(line),
        b'-' | b'*' if varnish::is_one(line) => varnish::read(line, varnish),
        b'0'..=b'9' if is_iso(line) => dated(line),
        _ if alb::is_one(line) => alb::read(line),
        _ => other(line, varnish),
    }
}

fn dated(line: &[u8]) -> Outcome {
    let at = Stamp::of_iso(line);
    if line[4] == b'/' && line.get(20) == Some(&b'[') {
        return nginx::error(line, at);
    }
    if has(line, "\t") && line[4] == b'/' {
        return caddy::console(line, at);
    }
    if has(line, "\" ") {
        let envoy = envoy::access(line, at);
        if envoy != Outcome::Foreign {
            return envoy;
        }
    }
    if line[4] == b'/' {
        // The logger of Go: the message begins after the time.
        if let Some(cause) = go::why(&line[20..]) {
            return Outcome::why(Product::Unknown, cause, at);
        }
    }
    applications::read(line, at)
}

fn bracketed(line: &[u8]) -> Outcome {
    let inner = &line[1..];
    if inner.len() < 24 {
        return Outcome::Foreign;
    }
    if inner[2] == b'-' && inner[6] == b'-' {
        return php::read(line, Stamp::of_php(inner));
    }
    if inner[3] == b' ' && inner[7] == b' ' {
        return apache::error(line, Stamp::of_apache(inner));
    }
    if is_iso(inner) {
        let at = Stamp::of_iso(inner);
        return match after(line, "] ") {
            Some(rest) if rest.starts_with(b"\"") => envoy::access(line, at),
            Some(rest) if rest.starts_with(b"[") => applications::gunicorn(rest, at),
            _ => applications::read(line, at),
        };
    }
    applications::read(line, None)
}

fn other(line: &[u8], varnish: &mut Option<Stamp>) -> Outcome {
    if let Some(date) = access::date_of(line) {
        let at = Stamp::of_access(date);
        return if at.is_some() && date.get(20) == Some(&b'.') {
            haproxy::traffic(line, date, at)
        } else {
            access::read(date, at)
        };
    }
    if varnish::is_one(line) {
        return varnish::read(line, varnish);
    }
    match haproxy::message(line) {
        Outcome::Foreign => applications::read(line, None),
        known => known,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_shippers_put_before_a_line_is_taken_off() {
        for (line, rest) in [
            (
                "<134>Nov 22 10:45:45 web1 haproxy[123]: Connect() failed\r\n",
                "Connect() failed",
            ),
            (
                "2026-11-22T10:45:45.123+00:00 web1 haproxy[123]: backend be has",
                "backend be has",
            ),
            (
                "2026-11-22T10:43:56.141Z stdout F 2026/11/22 10:43:56 [error]",
                "2026/11/22 10:43:56 [error]",
            ),
            (
                "nginx-1  | 2026/11/22 10:43:56 [error] x",
                "2026/11/22 10:43:56 [error] x",
            ),
            (
                "2026/11/22 10:44:41 [error] 1#1: *4 a | b: c",
                "2026/11/22 10:44:41 [error] 1#1: *4 a | b: c",
            ),
        ] {
            assert_eq!(String::from_utf8_lossy(bare(line.as_bytes())), rest);
        }
    }
}
