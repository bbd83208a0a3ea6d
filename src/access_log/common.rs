//! The common and the combined format: `client ident user [time] "request" status bytes "referrer" "agent" …`, a virtual
//! host in front or not. What follows after the agent (times, upstreams) is left alone.

use super::{Broken, Entry, present, request_of, status_of, time};

/// The bytes of a line that are not read yet.
struct Rest<'a>(&'a [u8]);

impl<'a> Rest<'a> {
    /// The next word.
    fn word(&mut self) -> Option<&'a [u8]> {
        self.0 = self.0.trim_ascii_start();
        let end = self
            .0
            .iter()
            .position(|byte| *byte == b' ')
            .unwrap_or(self.0.len());
        let (word, rest) = self.0.split_at(end);
        self.0 = rest;
        (!word.is_empty()).then_some(word)
    }

    /// What stands between the next brackets, and everything before them.
    fn bracketed(&mut self) -> Option<(&'a [u8], &'a [u8])> {
        let open = self.0.iter().position(|byte| *byte == b'[')?;
        let close = open + self.0[open..].iter().position(|byte| *byte == b']')?;
        let found = (&self.0[..open], &self.0[open + 1..close]);
        self.0 = &self.0[close + 1..];
        Some(found)
    }

    /// What stands between the next quotes; a quote behind a backslash is part of it.
    fn quoted(&mut self) -> Option<&'a [u8]> {
        let text = self.0.trim_ascii_start();
        if text.first() != Some(&b'"') {
            return None;
        }
        let mut at = 1;
        while let Some(byte) = text.get(at) {
            match byte {
                b'"' => {
                    self.0 = &text[at + 1..];
                    return Some(&text[1..at]);
                }
                b'\\' => at += 2,
                _ => at += 1,
            }
        }
        None
    }
}

/// The client of what stands before the time: `client ident user`, or `host:port client ident user`. A user's name may
/// hold spaces, so it is counted from the front; a virtual host is the first of two words that could be a client, where
/// the second one looks like an address.
fn client_of(head: &[u8]) -> Option<&[u8]> {
    let mut words = head.split(|byte| *byte == b' ').filter(|word| !word.is_empty());
    let first = words.next()?;
    match words.next() {
        Some(second) if is_address(second) && (!is_address(first) || words.clone().count() >= 2) => {
            Some(second)
        }
        _ => Some(first),
    }
}

/// Whether `word` reads as an IPv4 or IPv6 address. A user called `1.2` is none.
fn is_address(word: &[u8]) -> bool {
    let dots = word.iter().filter(|byte| **byte == b'.').count();
    let colons = word.iter().filter(|byte| **byte == b':').count();
    let is_version_4 = dots == 3 && word.iter().all(|byte| byte.is_ascii_digit() || *byte == b'.');
    let is_version_6 = colons >= 2
        && word
            .iter()
            .all(|byte| byte.is_ascii_hexdigit() || matches!(byte, b':' | b'.'));
    is_version_4 || is_version_6
}

pub(super) fn parse(line: &[u8]) -> Result<Entry<'_>, Broken> {
    let mut rest = Rest(line);
    let (head, written) = rest.bracketed().ok_or(Broken::Form)?;
    let client = client_of(head).ok_or(Broken::Form)?;
    let moment = time::bracketed(written).ok_or(Broken::Time)?;
    let request = rest.quoted().ok_or(Broken::Form)?;
    let status = status_of(rest.word().ok_or(Broken::Form)?);
    let (method, target) = request_of(request)?;
    // Cut off after the status, a line still says what counts.
    rest.word();
    let referrer = rest.quoted().unwrap_or_default();
    let agent = rest.quoted().unwrap_or_default();
    Ok(Entry {
        client: present(client),
        moment,
        method,
        target,
        status,
        referrer: present(referrer),
        agent: present(agent),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(bytes: &[u8]) -> &str {
        std::str::from_utf8(bytes).unwrap()
    }

    #[test]
    fn common_combined_and_virtual_host_lines_are_read() {
        let tail = r#"[20/Nov/2026:09:00:00 +0100] "GET /sale?utm_id=7 HTTP/1.1" 200 512"#;
        for head in [
            "192.0.2.1 - -",
            "192.0.2.1 - anna maria",
            "shop.example:443 192.0.2.1 - -",
            "shop.example 192.0.2.1 - anna",
            "203.0.113.9:443 192.0.2.1 - -",
        ] {
            for end in [
                "",
                r#" "https://mail.example/" "Mozilla \"5\"" 0.012 "x""#,
                r#" "-" "-""#,
            ] {
                let line = format!("{head} {tail}{end}");
                let entry = parse(line.as_bytes()).unwrap();
                assert_eq!(text(entry.client), "192.0.2.1", "{line}");
                assert_eq!(
                    (text(entry.method), text(entry.target), entry.status),
                    ("GET", "/sale?utm_id=7", 200)
                );
                assert_eq!(entry.moment.millis, 1_795_161_600_000);
                assert_eq!(entry.moment.zone_seconds, Some(3_600));
                let is_full = end.contains("Mozilla");
                assert_eq!(
                    text(entry.referrer),
                    if is_full { "https://mail.example/" } else { "" }
                );
                assert_eq!(text(entry.agent), if is_full { r#"Mozilla \"5\""# } else { "" });
            }
        }
    }

    #[test]
    fn addresses_of_version_6_and_names_are_clients_too() {
        for (head, client) in [
            ("2001:db8::1 - -", "2001:db8::1"),
            ("shop.example:80 2001:db8::1 - -", "2001:db8::1"),
            ("host.example - -", "host.example"),
            ("192.0.2.1 - 192.0.2.7", "192.0.2.1"),
        ] {
            let line = format!(r#"{head} [20/Nov/2026:09:00:00 +0100] "GET / HTTP/1.1" 200 1"#);
            assert_eq!(text(parse(line.as_bytes()).unwrap().client), client);
        }
    }

    #[test]
    fn a_broken_line_says_what_is_broken() {
        for (line, broken) in [
            ("", Broken::Form),
            ("# a comment", Broken::Form),
            (
                r#"192.0.2.1 - - [20/Nov/2026:09:00:00 +0100] "GET /sa"#,
                Broken::Form,
            ),
            (
                r#"192.0.2.1 - - [20/Nov/2026:09:00:00 +0100] "GET / HTTP/1.1""#,
                Broken::Form,
            ),
            (
                r#"192.0.2.1 - - [20/Nov/20 +0100] "GET / HTTP/1.1" 200 1"#,
                Broken::Time,
            ),
            (
                r#"192.0.2.1 - - [20/Nov/2026:09:00:00 +0100] "-" 400 0"#,
                Broken::Request,
            ),
            (
                r#"192.0.2.1 - - [20/Nov/2026:09:00:00 +0100] "\x16\x03\x01" 400 0"#,
                Broken::Request,
            ),
        ] {
            assert_eq!(parse(line.as_bytes()), Err(broken), "{line}");
        }
    }
}
