//! One answer as it came over the wire, read with patience: what is cut, mixed up or no HTTP at all is still looked at.

use std::fmt;
use std::io::Read;

/// Header lines that are looked at; what comes after is dropped.
const MOST_HEADERS: usize = 256;
/// Bytes of the body that are looked at.
const LONGEST_BODY: usize = 64 << 10;

/// An answer, or what came of it.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Answer {
    /// The status, 100 to 999.
    pub status: u16,
    /// What stands after the status; empty over HTTP/2.
    pub reason: String,
    /// Names as they came, and values, in order.
    pub headers: Vec<(String, String)>,
    /// The beginning of the body, as text.
    pub body: String,
    /// Seconds until the first byte, where they were measured.
    pub seconds: Option<f64>,
    /// Whether the body ended before its announced end.
    pub cut: bool,
}

/// Why bytes are no answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AnswerError {
    /// Nothing at all.
    Empty,
    /// No status line is in it.
    NoStatus,
}

impl fmt::Display for AnswerError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Empty => "it is empty: nothing came, or nothing was saved",
            Self::NoStatus => "it does not begin with a status line such as `HTTP/1.1 502 Bad Gateway`",
        })
    }
}

impl std::error::Error for AnswerError {}

impl Answer {
    /// Reads what `curl -i` saves. Heads before the last one (redirects followed, `100 Continue`, the answer of a
    /// proxy to `CONNECT`) are passed over.
    ///
    /// # Errors
    /// Where the bytes hold no status line.
    pub fn parse(bytes: &[u8]) -> Result<Self, AnswerError> {
        let start = bytes
            .iter()
            .position(|byte| !byte.is_ascii_whitespace())
            .ok_or(AnswerError::Empty)?;
        let (mut answer, mut rest) = head(&bytes[start..]).ok_or(AnswerError::NoStatus)?;
        while let Some((next, after)) = head(rest) {
            (answer, rest) = (next, after);
        }
        answer.take_body(rest);
        Ok(answer)
    }

    /// The values of every header called `name`, whatever its case.
    pub fn values(&self, name: &str) -> impl Iterator<Item = &str> {
        self.headers
            .iter()
            .filter(move |(found, _)| found.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_str())
    }

    /// The first value of `name`.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.values(name).next()
    }

    fn take_body(&mut self, rest: &[u8]) {
        let chunked = self
            .header("transfer-encoding")
            .is_some_and(|coding| coding.to_ascii_lowercase().contains("chunked"));
        // curl has put the chunks together already; what a wire log holds has not.
        let whole = if chunked { unchunked(rest) } else { None };
        let body = whole.as_deref().unwrap_or(rest);
        let announced = self
            .header("content-length")
            .and_then(|length| length.trim().parse::<usize>().ok());
        self.cut = announced.is_some_and(|announced| body.len() < announced);
        let plain = body.starts_with(&[0x1f, 0x8b]).then(|| inflated(body));
        let body = plain.as_deref().unwrap_or(body);
        self.body = String::from_utf8_lossy(&body[..body.len().min(LONGEST_BODY)]).into_owned();
    }
}

/// A head and what comes after it.
fn head(bytes: &[u8]) -> Option<(Answer, &[u8])> {
    let (first, mut rest) = line(bytes);
    let first = String::from_utf8_lossy(first);
    let after = first.trim_start().strip_prefix("HTTP/")?;
    let (version, after) = after.split_once(' ')?;
    if version.is_empty() || !version.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.') {
        return None;
    }
    let after = after.trim();
    let (status, reason) = after.split_once(' ').unwrap_or((after, ""));
    let status = status
        .parse()
        .ok()
        .filter(|status| (100..=999).contains(status))?;
    let mut answer = Answer {
        status,
        reason: reason.trim().to_owned(),
        ..Answer::default()
    };
    loop {
        let (found, after) = line(rest);
        if found.is_empty() {
            return Some((answer, after));
        }
        rest = after;
        let found = String::from_utf8_lossy(found);
        if let Some((name, value)) = found
            .split_once(':')
            .filter(|_| answer.headers.len() < MOST_HEADERS)
        {
            let value = value.trim().to_owned();
            answer.headers.push((name.trim().to_owned(), value));
        }
    }
}

/// The first line without its end, and the rest.
fn line(bytes: &[u8]) -> (&[u8], &[u8]) {
    let end = memchr::memchr(b'\n', bytes).unwrap_or(bytes.len());
    let rest = bytes.get(end + 1..).unwrap_or_default();
    let found = &bytes[..end];
    (found.strip_suffix(b"\r").unwrap_or(found), rest)
}

/// The body without its chunk sizes; nothing where it does not begin with one.
fn unchunked(mut bytes: &[u8]) -> Option<Vec<u8>> {
    let mut body = Vec::new();
    loop {
        let (size, rest) = line(bytes);
        let size = std::str::from_utf8(size).ok()?.split(';').next()?.trim();
        let known = (!size.is_empty() && size.len() <= 8)
            .then(|| usize::from_str_radix(size, 16).ok())
            .flatten();
        let Some(size) = known else {
            return (!body.is_empty()).then_some(body);
        };
        if size == 0 || rest.is_empty() || body.len() > LONGEST_BODY {
            return Some(body);
        }
        let taken = size.min(rest.len());
        body.extend_from_slice(&rest[..taken]);
        bytes = &rest[taken..];
        let (end, after) = line(bytes);
        if end.is_empty() {
            bytes = after;
        }
    }
}

/// The beginning of a compressed body; as much of it as is whole.
fn inflated(bytes: &[u8]) -> Vec<u8> {
    let mut plain = Vec::new();
    let mut decoder = flate2::read::GzDecoder::new(bytes).take(LONGEST_BODY as u64);
    // What was read before an error stands.
    drop(decoder.read_to_end(&mut plain));
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_head_counts_and_both_line_ends_are_read() {
        let text = "HTTP/1.1 100 Continue\r\n\r\nHTTP/2 502 \r\nServer: a\r\nserver: b\r\n\r\nbody\r\n";
        for text in [text.to_owned(), text.replace('\r', "")] {
            let answer = Answer::parse(text.as_bytes()).unwrap();
            assert_eq!((answer.status, answer.reason.as_str()), (502, ""));
            assert_eq!(answer.values("SERVER").collect::<Vec<_>>(), ["a", "b"]);
            assert_eq!(answer.body.trim(), "body");
        }
    }

    #[test]
    fn chunks_are_put_together_where_they_are_still_there() {
        let head = "HTTP/1.1 502 x\nTransfer-Encoding: chunked\n\n";
        for (body, whole) in [
            ("3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n", "abcde"),
            ("<html>", "<html>"),
            ("0\n\n", ""),
        ] {
            let answer = Answer::parse(format!("{head}{body}").as_bytes()).unwrap();
            assert_eq!(answer.body, whole);
        }
    }

    #[test]
    fn what_is_no_answer_is_an_error() {
        assert_eq!(Answer::parse(b" \n"), Err(AnswerError::Empty));
        for text in [
            "hello",
            "HTTP/1.1 abc OK\n\n",
            "HTTP/1.1 99 x\n\n",
            "<html>HTTP/1.1 502",
        ] {
            assert_eq!(
                Answer::parse(text.as_bytes()),
                Err(AnswerError::NoStatus),
                "{text}"
            );
        }
    }
}
