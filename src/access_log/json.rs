//! JSON lines: the keys that nginx, Apache, Caddy, Traefik, HAProxy and the clouds use, at any depth up to five. It walks
//! the bytes once and builds nothing.

use super::{Broken, Entry, is_method, present, request_of, status_of, time};

/// How deep objects in objects are looked into: Caddy writes `request.headers.User-Agent[0]`.
const DEPTH: usize = 5;

const CLIENT: [&[u8]; 9] = [
    b"remote_addr",
    b"remote_ip",
    b"client_ip",
    b"clientip",
    b"client",
    b"remoteip",
    b"clienthost",
    b"ip",
    b"remotehost",
];
const TIME: [&[u8]; 10] = [
    b"time",
    b"timestamp",
    b"@timestamp",
    b"ts",
    b"time_iso8601",
    b"time_local",
    b"msec",
    b"datetime",
    b"startutc",
    b"starttime",
];
const METHOD: [&[u8]; 5] = [
    b"method",
    b"request_method",
    b"requestmethod",
    b"verb",
    b"http_method",
];
const TARGET: [&[u8]; 9] = [
    b"uri",
    b"request_uri",
    b"requesturi",
    b"requestpath",
    b"requesturl",
    b"request_path",
    b"url",
    b"path",
    b"target",
];
const REQUEST: [&[u8]; 2] = [b"request", b"request_line"];
const STATUS: [&[u8]; 6] = [
    b"status",
    b"status_code",
    b"statuscode",
    b"downstreamstatus",
    b"response_code",
    b"code",
];
const AGENT: [&[u8]; 6] = [
    b"http_user_agent",
    b"user_agent",
    b"useragent",
    b"user-agent",
    b"request_user-agent",
    b"agent",
];
const REFERRER: [&[u8]; 5] = [
    b"http_referer",
    b"http_referrer",
    b"referer",
    b"referrer",
    b"request_referer",
];

/// What was found so far; the first value of a name counts.
#[derive(Default)]
struct Found<'a> {
    client: Option<&'a [u8]>,
    time: Option<&'a [u8]>,
    method: Option<&'a [u8]>,
    target: Option<&'a [u8]>,
    request: Option<&'a [u8]>,
    status: Option<&'a [u8]>,
    agent: Option<&'a [u8]>,
    referrer: Option<&'a [u8]>,
}

impl<'a> Found<'a> {
    fn note(&mut self, key: &[u8], value: &'a [u8]) {
        let is_one_of = |names: &[&[u8]]| names.iter().any(|name| name.eq_ignore_ascii_case(key));
        let place = match key.len() {
            0..=1 => return,
            _ if is_one_of(&TIME) => &mut self.time,
            _ if is_one_of(&STATUS) => &mut self.status,
            _ if is_one_of(&CLIENT) => &mut self.client,
            _ if is_one_of(&METHOD) => &mut self.method,
            _ if is_one_of(&TARGET) => &mut self.target,
            _ if is_one_of(&REQUEST) => &mut self.request,
            _ if is_one_of(&AGENT) => &mut self.agent,
            _ if is_one_of(&REFERRER) => &mut self.referrer,
            _ => return,
        };
        place.get_or_insert(value);
    }
}

/// Walks over the bytes of a value.
struct Walk<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Walk<'a> {
    fn peek(&mut self) -> Option<u8> {
        while self.bytes.get(self.at).is_some_and(u8::is_ascii_whitespace) {
            self.at += 1;
        }
        self.bytes.get(self.at).copied()
    }

    /// Steps over `byte` where it comes next.
    fn eat(&mut self, byte: u8) -> bool {
        let is_next = self.peek() == Some(byte);
        self.at += usize::from(is_next);
        is_next
    }

    /// A text without its quotes, its escapes as they stand there.
    fn text(&mut self) -> Option<&'a [u8]> {
        if !self.eat(b'"') {
            return None;
        }
        let start = self.at;
        loop {
            match self.bytes.get(self.at)? {
                b'"' => {
                    self.at += 1;
                    return Some(&self.bytes[start..self.at - 1]);
                }
                b'\\' => self.at += 2,
                _ => self.at += 1,
            }
        }
    }

    /// A number, `true`, `false` or `null`.
    fn bare(&mut self) -> Option<&'a [u8]> {
        let start = self.at;
        while self
            .bytes
            .get(self.at)
            .is_some_and(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b'.'))
        {
            self.at += 1;
        }
        (self.at > start).then(|| &self.bytes[start..self.at])
    }

    /// The value of `key`, noted where it is a text or a number.
    fn value(&mut self, key: &'a [u8], depth: usize, found: &mut Found<'a>) -> Option<()> {
        match self.peek()? {
            b'"' => {
                let text = self.text()?;
                found.note(key, text);
            }
            b'{' if depth < DEPTH => self.object(depth + 1, found)?,
            b'[' if depth < DEPTH => {
                self.at += 1;
                while !self.eat(b']') {
                    self.value(key, depth + 1, found)?;
                    if !self.eat(b',') && self.peek() != Some(b']') {
                        return None;
                    }
                }
            }
            b'{' | b'[' => return None,
            _ => {
                let bare = self.bare()?;
                if bare != b"null" {
                    found.note(key, bare);
                }
            }
        }
        Some(())
    }

    fn object(&mut self, depth: usize, found: &mut Found<'a>) -> Option<()> {
        if !self.eat(b'{') {
            return None;
        }
        while !self.eat(b'}') {
            let key = self.text()?;
            if !self.eat(b':') {
                return None;
            }
            self.value(key, depth, found)?;
            if !self.eat(b',') && self.peek() != Some(b'}') {
                return None;
            }
        }
        Some(())
    }
}

pub(super) fn parse(line: &[u8]) -> Result<Entry<'_>, Broken> {
    let mut found = Found::default();
    let mut walk = Walk { bytes: line, at: 0 };
    walk.object(0, &mut found).ok_or(Broken::Form)?;
    let moment = found.time.and_then(time::of_value).ok_or(Broken::Time)?;
    let (method, target) = match (found.method, found.target, found.request) {
        (Some(method), Some(target), _) if is_method(method) => (method, target),
        (_, _, Some(request)) => request_of(request)?,
        _ => return Err(Broken::Request),
    };
    Ok(Entry {
        client: present(without_port(found.client.unwrap_or_default())),
        moment,
        method,
        target,
        status: found.status.map_or(0, status_of),
        referrer: present(found.referrer.unwrap_or_default()),
        agent: present(found.agent.unwrap_or_default()),
    })
}

/// An address without the port that some servers write behind it, which differs from connection to connection.
fn without_port(client: &[u8]) -> &[u8] {
    let mut parts = client.rsplitn(2, |byte| *byte == b':');
    match (parts.next(), parts.next()) {
        (Some(port), Some(host))
            if port.iter().all(u8::is_ascii_digit)
                && (host.last() == Some(&b']') || host.iter().filter(|byte| **byte == b'.').count() == 3) =>
        {
            host
        }
        _ => client,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lines_of_usual_servers_are_read() {
        let lines = [
            r#"{"time_iso8601":"2026-11-20T09:00:00+01:00","remote_addr":"192.0.2.1","request":"GET /sale?a=1 HTTP/1.1","status":"200","body_bytes_sent":"512","http_referer":"-","http_user_agent":"Mozilla"}"#,
            r#"{"level":"info","ts":1795161600.0,"logger":"http.log.access","msg":"handled request","request":{"remote_ip":"192.0.2.1","remote_port":"5","proto":"HTTP/2.0","method":"GET","host":"shop.example","uri":"/sale?a=1","headers":{"User-Agent":["Mozilla"],"Accept":["*/*","x"]}},"duration":0.01,"status":200,"size":512}"#,
            r#"{"ClientHost":"192.0.2.1","RequestMethod":"GET","RequestPath":"/sale?a=1","DownstreamStatus":200,"StartUTC":"2026-11-20T08:00:00Z","request_User-Agent":"Mozilla","x":null,"y":[],"z":{}}"#,
            r#"{"@timestamp":"2026-11-20T08:00:00Z","client":"192.0.2.1:4711","method":"GET","url":"/sale?a=1","status":200,"user_agent":"Mozilla"}"#,
        ];
        for line in lines {
            let entry = parse(line.as_bytes()).unwrap();
            assert_eq!(entry.client, b"192.0.2.1", "{line}");
            assert_eq!(
                (entry.method, entry.target, entry.status),
                (&b"GET"[..], &b"/sale?a=1"[..], 200)
            );
            assert_eq!(entry.moment.millis, 1_795_161_600_000, "{line}");
            assert_eq!((entry.agent, entry.referrer), (&b"Mozilla"[..], &b""[..]));
        }
    }

    #[test]
    fn a_broken_line_says_what_is_broken() {
        let deep = format!("{{\"a\":{}1{}}}", "[".repeat(90), "]".repeat(90));
        for (line, broken) in [
            ("{", Broken::Form),
            (r#"{"time":"#, Broken::Form),
            (r#"{"time" 1}"#, Broken::Form),
            (r#"{"a":1 "b":2}"#, Broken::Form),
            (&deep, Broken::Form),
            (r#"{"uri":"/","method":"GET"}"#, Broken::Time),
            (r#"{"time":"2026-11-20T08:00:00Z","uri":"/"}"#, Broken::Request),
        ] {
            assert_eq!(parse(line.as_bytes()), Err(broken), "{line}");
        }
    }

    #[test]
    fn a_port_is_no_part_of_a_client() {
        for (client, expected) in [
            ("192.0.2.1:80", "192.0.2.1"),
            ("[2001:db8::1]:80", "[2001:db8::1]"),
            ("2001:db8::1", "2001:db8::1"),
            ("", ""),
        ] {
            assert_eq!(without_port(client.as_bytes()), expected.as_bytes());
        }
    }
}
