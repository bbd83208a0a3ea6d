//! A log line fit to be shown: without client addresses, users, and the values of queries; cut, and all on one line.

use std::net::{Ipv4Addr, Ipv6Addr};

use crate::words::printable;

/// Letters of an example.
const LONGEST: usize = 400;
/// What may stand before an address of a backend, which is kept.
const BEFORE_BACKENDS: [&str; 13] = [
    "://",
    "->",
    "connect to ",
    "remote server ",
    "dial tcp ",
    "dial udp ",
    "ua=",
    "up=",
    "upstream_addr=",
    " on ",
    "backend: ",
    "failed to ",
    "@",
];

/// `line` as it may be shown.
pub(super) fn redacted(line: &[u8]) -> String {
    let text = printable(&String::from_utf8_lossy(&line[..line.len().min(4 * LONGEST)]));
    let text = without_headers(&text);
    let text = without_user(&text);
    let text = without_addresses(&text);
    let text = without_values(&text);
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}

/// Caddy logs the headers of a request: cookies and tokens may be among them.
fn without_headers(text: &str) -> String {
    let Some(at) = text.find("\"headers\":{") else {
        return text.to_owned();
    };
    let rest = &text[at + 10..];
    let mut depth = 0_u32;
    for (end, letter) in rest.char_indices() {
        match letter {
            '{' => depth += 1,
            '}' if depth <= 1 => return format!("{}{{}}{}", &text[..at + 10], &rest[end + 1..]),
            '}' => depth -= 1,
            _ => {}
        }
    }
    format!("{}{{…", &text[..at + 10])
}

/// The two words before the time of an access log: a name may be among them.
fn without_user(text: &str) -> String {
    let Some((before, after)) = text.split_once(" [") else {
        return text.to_owned();
    };
    let mut words = before.split(' ');
    match (words.next(), words.next(), words.next()) {
        (Some(client), Some(_), Some(_)) if before.len() < 200 && after.as_bytes().get(2) == Some(&b'/') => {
            format!("{client} - - [{after}")
        }
        _ => text.to_owned(),
    }
}

/// Addresses, but for those of backends, become `-`.
fn without_addresses(text: &str) -> String {
    let mut kept = String::with_capacity(text.len());
    let mut rest = text;
    let is_part = |letter: char| letter.is_ascii_hexdigit() || matches!(letter, '.' | ':');
    while let Some(start) = rest.find(is_part) {
        let (before, from) = rest.split_at(start);
        kept.push_str(before);
        let end = from.find(|letter| !is_part(letter)).unwrap_or(from.len());
        let (run, after) = from.split_at(end);
        let in_a_word = kept.ends_with(|letter: char| letter.is_ascii_alphanumeric());
        let is_backend = BEFORE_BACKENDS.iter().any(|mark| kept.ends_with(mark));
        if !in_a_word && !is_backend && is_address(run) {
            kept.push('-');
        } else {
            kept.push_str(run);
        }
        rest = after;
    }
    kept.push_str(rest);
    kept
}

fn is_address(run: &str) -> bool {
    let run = run.trim_end_matches(':');
    let host = match run.split_once(':') {
        Some((host, port)) if host.contains('.') && port.bytes().all(|byte| byte.is_ascii_digit()) => host,
        _ => run,
    };
    host.parse::<Ipv4Addr>().is_ok() || host.parse::<Ipv6Addr>().is_ok()
}

/// `?a=b&c=d` becomes `?a=…&c=…`.
fn without_values(text: &str) -> String {
    let mut kept = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('?') {
        kept.push_str(&rest[..=at]);
        rest = &rest[at + 1..];
        let end = rest
            .find(|letter: char| {
                letter.is_whitespace() || matches!(letter, '"' | '\'' | '<' | '>' | ')' | ']')
            })
            .unwrap_or(rest.len());
        let (query, after) = rest.split_at(end);
        for (place, pair) in query.split('&').enumerate() {
            kept.push_str(if place > 0 { "&" } else { "" });
            match pair.split_once('=') {
                Some((name, _)) => kept.extend([name, "=…"]),
                None if pair.is_empty() => {}
                None => kept.push('…'),
            }
        }
        rest = after;
    }
    kept.push_str(rest);
    kept
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_tells_of_a_visitor_is_gone_and_the_backend_stays() {
        for (line, shown) in [
            (
                "*1 connect() failed while connecting to upstream, client: 203.0.113.9, request: \"GET /a?mail=x@y.de&b HTTP/1.1\", upstream: \"http://127.0.0.1:9030/a?mail=x@y.de\"",
                "*1 connect() failed while connecting to upstream, client: -, request: \"GET /a?mail=…&… HTTP/1.1\", upstream: \"http://127.0.0.1:9030/a?mail=…\"",
            ),
            (
                "2001:db8::7 - anna [22/Nov/2026:10:44:41 +0000] \"GET / HTTP/1.1\" 502",
                "- - - [22/Nov/2026:10:44:41 +0000] \"GET / HTTP/1.1\" 502",
            ),
            (
                "[client 192.0.2.7:57964] AH01114: HTTP: nginx/1.22.1 at 10:44:41",
                "[client -] AH01114: HTTP: nginx/1.22.1 at 10:44:41",
            ),
            (
                "{\"remote_ip\":\"192.0.2.7\",\"headers\":{\"Cookie\":[\"s=1\"],\"A\":{}}},\"status\":502}",
                "{\"remote_ip\":\"-\",\"headers\":{}},\"status\":502}",
            ),
            ("a\u{1b}[31mb", "a[31mb"),
        ] {
            assert_eq!(redacted(line.as_bytes()), shown);
        }
    }

    proptest! {
        #[test]
        fn no_value_of_a_query_and_no_address_survives(value in "[a-z]{12}", a in 1_u8..255, b in 0_u8..255) {
            let line = format!("{a}.{b}.7.9 - - [22/Nov/2026:10:44:41 +0000] \"GET /p?token={value} HTTP/1.1\" 502 \"http://x/?q={value}\"");
            let shown = redacted(line.as_bytes());
            prop_assert!(!shown.contains(&value));
            let address = format!("{a}.{b}.7.9");
            prop_assert!(!shown.contains(&address));
        }

        #[test]
        fn any_bytes_are_shown_in_bounds(bytes in proptest::collection::vec(any::<u8>(), 0..3000)) {
            prop_assert!(redacted(&bytes).chars().count() <= 2 * LONGEST);
        }
    }
}
