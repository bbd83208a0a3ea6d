//! The access logs of web servers, a line at a time: the common and combined formats of nginx and Apache, with or
//! without a virtual host in front, and JSON lines. An entry borrows from its line; nothing is allocated for it.
//!
//! It reads bytes and knows no file. A line that cannot be read is named by its fault, and never stops a reader.

mod agent;
mod common;
mod json;
mod kind;
pub mod replay;
mod time;

pub use agent::{Agent, agent_of};
pub use kind::{Kind, kind_of};
pub use time::Moment;

use std::fmt;

/// What one line says. Texts are bytes of the line as they stand there, escapes included.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Entry<'a> {
    /// The client's address, or its name; empty where the line has none. It is for telling clients apart: never store
    /// or print it.
    pub client: &'a [u8],
    /// When.
    pub moment: Moment,
    /// The method, as in `GET`.
    pub method: &'a [u8],
    /// What was asked for: path and query.
    pub target: &'a [u8],
    /// The status that was answered; 0 where the line has none.
    pub status: u16,
    /// The page that led here; empty where there is none.
    pub referrer: &'a [u8],
    /// What the client says it is; empty where it says nothing.
    pub agent: &'a [u8],
}

impl<'a> Entry<'a> {
    /// The path: what was asked for without scheme, host and query.
    pub fn path(&self) -> &'a [u8] {
        split_target(self.target).0
    }

    /// The query without its question mark; empty where there is none. Its values are nobody's business.
    pub fn query(&self) -> &'a [u8] {
        split_target(self.target).1
    }
}

/// Path and query of a request target in its origin or absolute form.
fn split_target(target: &[u8]) -> (&[u8], &[u8]) {
    let scheme = [&b"https://"[..], b"http://"]
        .into_iter()
        .find(|scheme| target.starts_with(scheme));
    let target = match scheme {
        Some(scheme) => {
            let rest = &target[scheme.len()..];
            let host = rest.iter().position(|byte| matches!(byte, b'/' | b'?'));
            host.map_or(&b"/"[..], |end| &rest[end..])
        }
        None => target,
    };
    let target = target.split(|byte| *byte == b'#').next().unwrap_or(target);
    match target.iter().position(|byte| *byte == b'?') {
        Some(at) => (&target[..at], &target[at + 1..]),
        None => (target, b""),
    }
}

/// Why a line is no entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Broken {
    /// It is in none of the formats, or was cut off.
    Form,
    /// Its time cannot be read.
    Time,
    /// Its request is none: bytes that were never HTTP, or nothing.
    Request,
}

impl fmt::Display for Broken {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Broken::Form => "no known format",
            Broken::Time => "no time",
            Broken::Request => "no request",
        })
    }
}

impl std::error::Error for Broken {}

/// Reads one line, with or without its line end.
///
/// # Errors
/// The line is broken: which of its parts could not be read.
pub fn parse(line: &[u8]) -> Result<Entry<'_>, Broken> {
    let line = line.trim_ascii();
    if line.first() == Some(&b'{') {
        json::parse(line)
    } else {
        common::parse(line)
    }
}

/// `-` and nothing mean the same in a log.
fn present(field: &[u8]) -> &[u8] {
    if field == b"-" { b"" } else { field }
}

/// Method and target of a request line such as `GET /sale HTTP/1.1`; without a version too (HTTP/0.9).
fn request_of(line: &[u8]) -> Result<(&[u8], &[u8]), Broken> {
    let mut words = line.split(|byte| *byte == b' ').filter(|word| !word.is_empty());
    let (Some(method), Some(target)) = (words.next(), words.next()) else {
        return Err(Broken::Request);
    };
    is_method(method)
        .then_some((method, target))
        .ok_or(Broken::Request)
}

/// Capital letters, a few of them: what every method in use is made of.
fn is_method(word: &[u8]) -> bool {
    (2..=20).contains(&word.len())
        && word
            .iter()
            .all(|byte| byte.is_ascii_uppercase() || matches!(byte, b'-' | b'_'))
}

/// A status of three digits; 0 where there is none.
fn status_of(field: &[u8]) -> u16 {
    match field {
        [hundreds @ b'1'..=b'9', tens @ b'0'..=b'9', ones @ b'0'..=b'9'] => {
            u16::from(hundreds - b'0') * 100 + u16::from(tens - b'0') * 10 + u16::from(ones - b'0')
        }
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_target_is_split_into_path_and_query_in_every_form() {
        for (target, path, query) in [
            ("/sale?a=1", "/sale", "a=1"),
            ("/sale", "/sale", ""),
            ("https://shop.example/sale?a=1#top", "/sale", "a=1"),
            ("http://shop.example", "/", ""),
            ("http://shop.example?a", "", "a"),
            ("*", "*", ""),
        ] {
            let found = split_target(target.as_bytes());
            assert_eq!(found, (path.as_bytes(), query.as_bytes()), "{target}");
        }
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_or_refused_and_never_a_panic(line in prop::collection::vec(any::<u8>(), 0..300)) {
            let read = parse(&line);
            prop_assert!(read.is_ok() || matches!(read, Err(Broken::Form | Broken::Time | Broken::Request)));
        }

        #[test]
        fn a_good_line_with_any_part_overwritten_or_cut_is_never_a_panic(at in 0_usize..200, with in prop::collection::vec(any::<u8>(), 0..6), cut in 0_usize..200, json in any::<bool>()) {
            let good: &[u8] = if json {
                br#"{"time":"2026-11-20T09:00:00.5+01:00","request":{"remote_ip":"192.0.2.1","method":"GET","uri":"/sale?a=\"1\"","headers":{"User-Agent":["Mozilla"]}},"status":200}"#
            } else {
                br#"shop.example:443 192.0.2.1 - - [20/Nov/2026:09:00:00 +0100] "GET /sale?a=1 HTTP/1.1" 200 512 "-" "Mozilla \"5\"" 0.012"#
            };
            let mut line = good.to_vec();
            let at = at.min(line.len());
            let end = (at + with.len()).min(line.len());
            line.splice(at..end, with);
            line.truncate(line.len().saturating_sub(cut / 4));
            if let Ok(entry) = parse(&line) {
                prop_assert!(entry.path().len() + entry.query().len() <= entry.target.len() + 1);
                prop_assert!(agent_of(entry.agent) == agent_of(entry.agent) && kind_of(&entry) == kind_of(&entry));
            }
        }
    }
}
