//! What goes over a transport and what comes back.

use std::future::Future;

use bytes::Bytes;
use hyper::header::{CONTENT_ENCODING, SET_COOKIE};
use hyper::http::uri::PathAndQuery;
use hyper::{HeaderMap, Method};

use super::decode;
use crate::record::{Class, Phases, Unsent};
use crate::units::Offset;

/// Bytes that a packed body is unpacked to, where a step looks inside.
const MOST_UNPACKED: usize = 1 << 20;

/// Connections to one host that a browser opens under HTTP/1.1, each for one request at a time.
pub(super) const MOST_CONNECTIONS: usize = 6;

/// A request, prepared once and played many times.
#[derive(Debug, Clone)]
pub struct Request {
    /// Which step of the journey, from 0.
    pub step: u16,
    /// The method.
    pub method: Method,
    /// `http` or `https` with host and port: where to connect, and the `Host` header.
    pub origin: Origin,
    /// Path and query.
    pub path: PathAndQuery,
    /// Every header but `Host`, `Content-Length` and `Connection`.
    pub headers: HeaderMap,
    /// The body; empty where there is none.
    pub body: Bytes,
    /// What of its answer is handed back.
    pub look: Look,
}

/// What of an answer is handed back. Whatever is not is read to its end and forgotten.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Look {
    /// Nothing.
    #[default]
    Nothing,
    /// The head of a redirect.
    Redirect,
    /// The head of a redirect, and one that sets a cookie.
    Move,
    /// The head.
    Head,
    /// The head, and at most so many bytes of the body.
    Body(usize),
}

impl Look {
    /// Whether the head of an answer with this status and these headers is handed back.
    pub fn wants(self, status: u16, headers: &HeaderMap) -> bool {
        self.wants_head(status, headers.contains_key(SET_COOKIE))
    }

    /// Whether the head of an answer with this status is handed back, where it sets a cookie or does not.
    pub(super) fn wants_head(self, status: u16, sets_cookie: bool) -> bool {
        match self {
            Look::Nothing => false,
            Look::Redirect => (300..400).contains(&status),
            Look::Move => (300..400).contains(&status) || sets_cookie,
            Look::Head | Look::Body(_) => true,
        }
    }

    /// How many bytes of the body are handed back.
    pub const fn body(self) -> usize {
        match self {
            Look::Body(most) => most,
            _ => 0,
        }
    }
}

/// What was handed back of an answer.
#[derive(Debug, Clone, Default)]
pub struct Inside {
    /// The status.
    pub status: u16,
    /// Every header.
    pub headers: HeaderMap,
    /// The beginning of the body, unpacked; empty where nobody asked for it.
    pub body: Vec<u8>,
    /// Whether there is more of the body than that.
    pub is_cut: bool,
}

impl Inside {
    /// Unpacks the body, as far as it was kept; what cannot be unpacked stays as it came.
    pub(super) fn unpack(&mut self) {
        if self.body.is_empty() {
            return;
        }
        let codings = self.headers.get_all(CONTENT_ENCODING).iter();
        let codings: Vec<&str> = codings.filter_map(|value| value.to_str().ok()).collect();
        if codings.is_empty() {
            return;
        }
        if let Some(text) = decode::beginning(&codings.join(","), &self.body, MOST_UNPACKED) {
            self.is_cut |= text.len() >= MOST_UNPACKED;
            self.body = text;
        }
    }

    /// Adds what of `data` still fits into `most` bytes of the body.
    pub(super) fn keep(&mut self, data: &[u8], most: usize) {
        let room = most.saturating_sub(self.body.len());
        self.is_cut |= data.len() > room;
        self.body.extend_from_slice(&data[..data.len().min(room)]);
    }
}

/// Scheme, host and port of a request.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Origin {
    /// Whether TLS is used.
    pub tls: bool,
    /// The host name or address literal, in lower case, IPv6 without brackets.
    pub host: String,
    /// The port.
    pub port: u16,
}

/// What came back.
#[derive(Debug, Clone)]
pub struct Answer {
    /// When sending began (connecting, where a connection was needed).
    pub sent: Offset,
    /// When the first byte of an answer came, where one did.
    pub first_byte: Option<Offset>,
    /// When it ended.
    pub done: Offset,
    /// How it ended.
    pub ended: Ended,
    /// Bytes received.
    pub bytes: u64,
    /// Whether a connection was opened for it.
    pub fresh_connection: bool,
    /// How long its parts took.
    pub phases: Phases,
    /// How often it was sent a second time, because the site had not taken it.
    pub retries: u8,
    /// What was seen of an answer that was no success, for the record's samples.
    pub evidence: Option<Box<Evidence>>,
    /// What the request's [`Look`] asked for, where a whole answer came.
    pub inside: Option<Box<Inside>>,
}

/// How a request ended: with the site, or with us.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ended {
    /// The site's doing.
    Site(Class),
    /// It could not be made, for a reason of ours.
    Ours(Unsent),
}

/// What was seen of a failed answer: bounded.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Evidence {
    /// Header names and values, as text.
    pub headers: Vec<(String, String)>,
    /// The first bytes of the body.
    pub body: Bytes,
    /// What went wrong below HTTP, in words.
    pub error: Option<String>,
    /// Whether the site asked us to stop (`X-Tipover-Stop`).
    pub stop: bool,
}

/// Plays requests. One per worker; not shared between threads.
pub trait Transport: 'static {
    /// What a visitor keeps between its requests: its connections.
    type Visitor: 'static;

    /// A new visitor.
    fn visitor(&self) -> Self::Visitor;

    /// The same visitor as `visitor`, for a request beside those under way; one of its own unless said otherwise.
    fn beside(&self, _visitor: &Self::Visitor) -> Self::Visitor {
        self.visitor()
    }

    /// How many requests to `origin` a browser in the place of `visitor` would make at once; at least one.
    fn at_once(&self, _visitor: &Self::Visitor, _origin: &Origin) -> usize {
        MOST_CONNECTIONS
    }

    /// Plays one request for `visitor` and waits for the whole answer. It never fails: every way to end is a class.
    fn play(&self, visitor: &mut Self::Visitor, request: &Request) -> impl Future<Output = Answer>;
}
