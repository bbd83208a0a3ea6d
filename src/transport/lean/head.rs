//! The head of an answer: how long it is, what follows it, and whether the connection outlives it.
//! RFC 9112, 4, 6.3 and 9.3. It reads bytes that are there, and knows no wire.

use std::mem::MaybeUninit;

use httparse::{Header, ParserConfig, Response, Status};
use hyper::HeaderMap;
use hyper::header::{HeaderName, HeaderValue};

use super::body::Body;

/// Headers that are read without memory of their own; where more are allowed, it is taken.
const USUAL_HEADERS: usize = 100;

/// A whole head.
#[derive(Debug)]
pub(super) struct Head {
    pub(super) status: u16,
    /// Bytes that it takes.
    pub(super) length: usize,
    pub(super) body: Body,
    /// Whether the connection goes on after the answer.
    pub(super) is_kept: bool,
    /// Its headers, where somebody wants them.
    pub(super) headers: Option<HeaderMap>,
}

/// What is known of a head before its headers are copied.
#[derive(Debug, Clone, Copy)]
pub(super) struct Glance {
    pub(super) status: u16,
    pub(super) sets_cookie: bool,
    /// Whether the site asks for the end of the run.
    pub(super) asks_to_stop: bool,
}

/// Why there is no head.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum HeadError {
    TooManyHeaders,
    /// In words.
    Nonsense(String),
}

/// How a head is read.
pub(super) struct Reading<'a> {
    /// The most headers that it may have.
    pub(super) most_headers: usize,
    /// Whether the request was HEAD, whose answer has no body.
    pub(super) is_head: bool,
    /// Whether its headers are wanted.
    pub(super) wants: &'a dyn Fn(Glance) -> bool,
}

impl Reading<'_> {
    /// The head that `bytes` begin with; nothing where it is not whole.
    pub(super) fn read(&self, bytes: &[u8]) -> Result<Option<Head>, HeadError> {
        if self.most_headers <= USUAL_HEADERS {
            let mut room = [const { MaybeUninit::uninit() }; USUAL_HEADERS];
            self.read_into(bytes, &mut room[..self.most_headers])
        } else {
            let mut room = vec![MaybeUninit::uninit(); self.most_headers];
            self.read_into(bytes, &mut room)
        }
    }

    fn read_into<'b>(
        &self,
        bytes: &'b [u8],
        room: &mut [MaybeUninit<Header<'b>>],
    ) -> Result<Option<Head>, HeadError> {
        let mut response = Response::new(&mut []);
        let read = ParserConfig::default().parse_response_with_uninit_headers(&mut response, bytes, room);
        let length = match read {
            Ok(Status::Complete(length)) => length,
            Ok(Status::Partial) => return Ok(None),
            Err(httparse::Error::TooManyHeaders) => return Err(HeadError::TooManyHeaders),
            Err(error) => return Err(HeadError::Nonsense(error.to_string())),
        };
        let status = response.code.unwrap_or_default();
        let is_current = response.version == Some(1);
        if status < 100 {
            return Err(HeadError::Nonsense(format!("{status} is no status")));
        }
        let fields = Fields::of(response.headers, is_current);
        let (body, is_upgrade) = self.body(status, &fields, is_current)?;
        let glance = Glance {
            status,
            sets_cookie: fields.sets_cookie,
            asks_to_stop: fields.asks_to_stop,
        };
        let headers = if is_interim(status) || !(self.wants)(glance) {
            None
        } else {
            Some(map(response.headers)?)
        };
        Ok(Some(Head {
            status,
            length,
            is_kept: fields.is_kept && !is_upgrade && body != Body::UntilClosed,
            body,
            headers,
        }))
    }

    /// What follows the head, and whether it is another protocol.
    fn body(&self, status: u16, fields: &Fields, is_current: bool) -> Result<(Body, bool), HeadError> {
        let nonsense = |why: &str| Err(HeadError::Nonsense(why.to_owned()));
        match status {
            101 => return Ok((Body::Length(0), true)),
            100..200 | 204 | 304 => return Ok((Body::Length(0), false)),
            _ if self.is_head => return Ok((Body::Length(0), false)),
            _ => {}
        }
        let body = match (fields.coding, fields.length) {
            (Coding::None, Length::None) => Body::UntilClosed,
            (Coding::None, Length::Of(length)) => Body::Length(length),
            (Coding::None, Length::Wrong) => return nonsense("a Content-Length that is no number, or two"),
            (_, _) if !is_current => return nonsense("Transfer-Encoding in HTTP/1.0"),
            (Coding::Chunked, _) => Body::chunked(),
            (Coding::Other, _) => Body::UntilClosed,
        };
        Ok((body, false))
    }
}

/// Whether another head follows this one (RFC 9110, 15.2). After 101 another protocol does.
pub(super) const fn is_interim(status: u16) -> bool {
    status < 200 && status != 101
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Coding {
    None,
    Chunked,
    Other,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Length {
    None,
    Of(u64),
    Wrong,
}

/// The headers that say how an answer is read.
struct Fields {
    coding: Coding,
    length: Length,
    is_kept: bool,
    sets_cookie: bool,
    asks_to_stop: bool,
}

impl Fields {
    fn of(headers: &[Header<'_>], is_current: bool) -> Self {
        let mut fields = Self {
            coding: Coding::None,
            length: Length::None,
            is_kept: is_current,
            sets_cookie: false,
            asks_to_stop: false,
        };
        let mut closes = false;
        for header in headers {
            // By length first: of most headers no letter is looked at.
            let is = |name: &str| header.name.eq_ignore_ascii_case(name);
            match header.name.len() {
                10 if is("connection") => {
                    closes |= lists(header.value, "close");
                    fields.is_kept = !closes && (fields.is_kept || lists(header.value, "keep-alive"));
                }
                10 if is("set-cookie") => fields.sets_cookie = true,
                14 if is("content-length") => fields.length = fields.length.and(header.value),
                14 if is("x-tipover-stop") => fields.asks_to_stop = true,
                // Of several the last counts: it names the coding that was applied last.
                17 if is("transfer-encoding") => fields.coding = coding(header.value),
                _ => {}
            }
        }
        fields
    }
}

impl Length {
    /// One more header of the kind: the same length may be said more than once (RFC 9110, 8.6).
    fn and(self, value: &[u8]) -> Self {
        let mut all = self;
        let Some(text) = text(value) else {
            return Length::Wrong;
        };
        for part in text.split(',') {
            all = match (all, number(part.trim())) {
                (Length::None, Some(length)) => Length::Of(length),
                (Length::Of(before), Some(length)) if before == length => all,
                _ => return Length::Wrong,
            };
        }
        all
    }
}

fn number(digits: &str) -> Option<u64> {
    // `parse` would take a sign.
    let is_digits = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    digits.parse().ok().filter(|_| is_digits)
}

fn coding(value: &[u8]) -> Coding {
    let last = text(value).and_then(|text| text.rsplit(',').next());
    match last {
        Some(last) if last.trim().eq_ignore_ascii_case("chunked") => Coding::Chunked,
        _ => Coding::Other,
    }
}

fn lists(value: &[u8], word: &str) -> bool {
    text(value).is_some_and(|text| text.split(',').any(|part| part.trim().eq_ignore_ascii_case(word)))
}

fn text(value: &[u8]) -> Option<&str> {
    std::str::from_utf8(value).ok().filter(|text| text.is_ascii())
}

fn map(headers: &[Header<'_>]) -> Result<HeaderMap, HeadError> {
    let mut map = HeaderMap::with_capacity(headers.len());
    for header in headers {
        let name = HeaderName::from_bytes(header.name.as_bytes());
        let value = HeaderValue::from_bytes(header.value);
        let (Ok(name), Ok(value)) = (name, value) else {
            return Err(HeadError::Nonsense(
                "a header that HTTP does not allow".to_owned(),
            ));
        };
        map.append(name, value);
    }
    Ok(map)
}

/// Whether a head may be whole: whether an empty line ends in what follows the first `before` bytes, which were looked
/// at already. Without this a site that drips its head would cost its length squared.
pub(super) fn may_be_whole(bytes: &[u8], before: usize) -> bool {
    let new = &bytes[before.saturating_sub(3)..];
    memchr::memchr_iter(b'\n', new).any(|at| {
        let rest = &new[at + 1..];
        rest.starts_with(b"\n") || rest.starts_with(b"\r\n")
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read(bytes: &[u8]) -> Result<Option<Head>, HeadError> {
        let reading = Reading {
            most_headers: 100,
            is_head: false,
            wants: &|_| true,
        };
        reading.read(bytes)
    }

    fn head(fields: &str) -> Head {
        read(format!("HTTP/1.1 200 OK\r\n{fields}\r\n").as_bytes())
            .unwrap()
            .unwrap()
    }

    #[test]
    fn what_follows_a_head_is_what_its_fields_say() {
        for (fields, body) in [
            ("Content-Length: 5\r\n", Body::Length(5)),
            ("content-length: 5, 5\r\nContent-Length: 5\r\n", Body::Length(5)),
            (
                "Transfer-Encoding: gzip, Chunked\r\nContent-Length: 5\r\n",
                Body::chunked(),
            ),
            ("Transfer-Encoding: chunked, gzip\r\n", Body::UntilClosed),
            ("", Body::UntilClosed),
        ] {
            assert_eq!(head(fields).body, body, "{fields}");
        }
        for wrong in ["+5", "5, 6", "", "5,", "18446744073709551616", "5\u{e4}"] {
            let text = format!("HTTP/1.1 200 OK\r\nContent-Length: {wrong}\r\n\r\n");
            assert!(
                matches!(read(text.as_bytes()), Err(HeadError::Nonsense(_))),
                "{wrong}"
            );
        }
    }

    #[test]
    fn a_connection_is_kept_unless_either_side_said_otherwise() {
        let kept = |text: &str| read(text.as_bytes()).unwrap().unwrap().is_kept;
        let length = "Content-Length: 0\r\n";
        for (line, fields, is_kept) in [
            ("HTTP/1.1 200 OK", "", true),
            ("HTTP/1.1 200 OK", "Connection: TE, Close\r\n", false),
            (
                "HTTP/1.1 200 OK",
                "Connection: close\r\nConnection: keep-alive\r\n",
                false,
            ),
            ("HTTP/1.0 200 OK", "", false),
            ("HTTP/1.0 200 OK", "Connection: Keep-Alive\r\n", true),
            ("HTTP/1.1 101 Switching Protocols", "", false),
        ] {
            assert_eq!(
                kept(&format!("{line}\r\n{length}{fields}\r\n")),
                is_kept,
                "{line} {fields}"
            );
        }
        assert!(!head("").is_kept);
    }

    #[test]
    fn headers_are_copied_only_where_they_are_wanted() {
        let text = b"HTTP/1.1 200 OK\r\nSet-Cookie: a=1\r\nX-Tipover-Stop: 1\r\n\r\n";
        let reading = Reading {
            most_headers: 2,
            is_head: true,
            wants: &|glance| {
                assert!(glance.sets_cookie && glance.asks_to_stop && glance.status == 200);
                false
            },
        };
        let head = reading.read(text).unwrap().unwrap();
        assert!(head.headers.is_none() && head.length == text.len());
        assert_eq!(head.body, Body::Length(0));
        let reading = Reading {
            most_headers: 1,
            ..reading
        };
        assert_eq!(reading.read(text).unwrap_err(), HeadError::TooManyHeaders);
    }

    proptest! {
        #[test]
        fn a_head_that_is_whole_is_never_taken_for_a_part(fields in prop::collection::vec("[a-z]{1,5}: [ -~]{0,9}", 0..5), bare: bool, cut in 0_usize..80) {
            let end = if bare { "\n" } else { "\r\n" };
            let text = format!("HTTP/1.1 200 OK{end}{}{end}", fields.iter().map(|field| format!("{field}{end}")).collect::<String>());
            let bytes = text.as_bytes();
            prop_assert!(read(bytes).unwrap().is_some());
            prop_assert!(may_be_whole(bytes, cut.min(bytes.len() - 1)));
            prop_assert!(!may_be_whole(&bytes[..bytes.len() - 1], 0));
        }

        #[test]
        fn no_bytes_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..200), most_headers in 0_usize..200) {
            let reading = Reading { most_headers, is_head: false, wants: &|_| true };
            let line = [b"HTTP/1.1 200 OK\r\n", bytes.as_slice(), b"\r\n\r\n"].concat();
            drop((reading.read(&bytes), reading.read(&line)));
        }
    }
}
