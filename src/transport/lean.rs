//! HTTP/1.1 on a connection of our own: a request is written once, its answer is read into one buffer that all
//! connections of a worker share, and what nobody asked for is forgotten there. Nothing is taken from the heap for a
//! request whose answer nobody looks into, and a connection that waits holds no buffer.

mod body;
mod head;
mod request;

use std::cell::RefCell;
use std::fmt;
use std::future::poll_fn;
use std::io;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker, ready};

use bytes::{Buf, Bytes};
use hyper::Method;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Sleep, sleep_until};

use super::converse::{Seen, Setback, Terms, Trouble, too_late};
use super::exchange::{Ended, Request};
use super::failure::{self, Failure};
use super::meter::{Meter, Metered};
use crate::record::Class;
use body::{Body, BodyError};
use head::{Glance, HeadError, Reading, is_interim, may_be_whole};
pub(super) use request::Way;

/// Bytes that are read at once.
const AT_ONCE: usize = 64 << 10;
/// A cap on heads below this is no cap on sane ones.
const LEAST_HEAD: usize = 8_192;
/// A body up to this size is written together with its head.
const SMALL_BODY: usize = 16 << 10;

/// What bytes come and go on.
trait Stream: AsyncRead + AsyncWrite + Unpin {}

impl<S: AsyncRead + AsyncWrite + Unpin> Stream for S {}

/// Room that all connections of a worker write from and read into, one at a time.
pub(super) struct Scratch {
    write: RefCell<Vec<u8>>,
    read: RefCell<Box<[u8]>>,
}

impl Default for Scratch {
    fn default() -> Self {
        Self {
            write: RefCell::default(),
            read: RefCell::new(vec![0; AT_ONCE].into_boxed_slice()),
        }
    }
}

impl fmt::Debug for Scratch {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Scratch")
    }
}

/// An open connection.
pub(super) struct Wire {
    stream: Box<dyn Stream>,
    /// Rings when an answer has taken too long. Made once and set anew for each: setting it later costs next to nothing.
    patience: Option<Pin<Box<Sleep>>>,
    is_new: bool,
    is_open: bool,
}

impl fmt::Debug for Wire {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Wire")
            .field("is_open", &self.is_open)
            .finish()
    }
}

impl Wire {
    /// HTTP/1.1 on an open stream. Nothing is sent yet.
    pub(super) fn on<S>(stream: S, meter: &Rc<Meter>) -> Self
    where
        S: AsyncRead + AsyncWrite + Unpin + 'static,
    {
        Self {
            stream: Box::new(Metered::new(stream, Rc::clone(meter))),
            patience: None,
            is_new: true,
            is_open: true,
        }
    }

    pub(super) const fn is_open(&self) -> bool {
        self.is_open
    }

    /// Whether it is open and silent, as far as is known without waiting. What comes unasked is no answer.
    pub(super) fn is_idle(&mut self) -> bool {
        if self.is_open {
            let mut byte = [0; 1];
            let mut room = ReadBuf::new(&mut byte);
            let mut nobody = Context::from_waker(Waker::noop());
            self.is_open = Pin::new(&mut self.stream)
                .poll_read(&mut nobody, &mut room)
                .is_pending();
        }
        self.is_open
    }

    /// Plays `request`, and keeps in `seen` what of its answer is asked for.
    pub(super) async fn play(
        &mut self,
        meter: &Meter,
        request: &Request,
        way: Way<'_>,
        terms: &Terms<'_>,
        seen: &mut Seen,
    ) -> Result<Ended, Trouble> {
        if self.is_new && !self.is_idle() {
            return Err(Trouble::Setback(Setback::NotSent));
        }
        self.is_new = false;
        // Until the whole answer is there.
        self.is_open = false;
        match &mut self.patience {
            Some(patience) => patience.as_mut().reset(terms.deadline),
            None => self.patience = Some(Box::pin(sleep_until(terms.deadline))),
        }
        let mut talk = Talk {
            wire: self,
            meter,
            terms,
            seen,
            is_head: request.method == Method::HEAD,
            out: Outgoing::default(),
            answer: Incoming::Head(Vec::new()),
            received: 0,
        };
        let mut is_begun = false;
        poll_fn(|context| {
            if !is_begun {
                is_begun = true;
                talk.begin(context, request, way);
            }
            talk.go_on(context)
        })
        .await
    }
}

/// What of a request is not written yet.
#[derive(Default)]
struct Outgoing {
    rest: Bytes,
    body: Bytes,
    is_flushed: bool,
    /// What the system said instead of writing.
    error: Option<io::Error>,
}

/// What of an answer is being read.
enum Incoming {
    /// The head: what came of it so far.
    Head(Vec<u8>),
    /// The body, of an answer with this status, and whether the connection goes on after it.
    Body(Body, Class, bool),
}

/// One request and its answer.
struct Talk<'a, 't> {
    wire: &'a mut Wire,
    meter: &'a Meter,
    terms: &'a Terms<'t>,
    seen: &'a mut Seen,
    is_head: bool,
    out: Outgoing,
    answer: Incoming,
    /// Bytes of the body so far.
    received: u64,
}

impl Talk<'_, '_> {
    /// Writes the request, as far as it goes at once.
    fn begin(&mut self, context: &mut Context<'_>, request: &Request, way: Way<'_>) {
        let terms = self.terms;
        let mut scratch = terms.scratch.write.borrow_mut();
        scratch.clear();
        request::write(request, way, &mut scratch);
        if request.body.len() <= SMALL_BODY {
            scratch.extend_from_slice(&request.body);
        } else {
            self.out.body = request.body.clone();
        }
        let written = match Pin::new(&mut self.wire.stream).poll_write(context, &scratch) {
            Poll::Ready(Ok(written)) => written,
            Poll::Ready(Err(error)) => return self.out.failed(error),
            Poll::Pending => 0,
        };
        if written < scratch.len() {
            self.out.rest = Bytes::copy_from_slice(&scratch[written..]);
        }
    }

    fn go_on(&mut self, context: &mut Context<'_>) -> Poll<Result<Ended, Trouble>> {
        if let Poll::Ready(how) = self.advance(context) {
            return Poll::Ready(how);
        }
        let patience = self.wire.patience.as_mut();
        patience.map_or(Poll::Pending, |patience| {
            patience.as_mut().poll(context).map(|()| Err(too_late()))
        })
    }

    fn advance(&mut self, context: &mut Context<'_>) -> Poll<Result<Ended, Trouble>> {
        if !self.out.is_flushed {
            self.out.write(&mut self.wire.stream, context);
        }
        let terms = self.terms;
        let mut buffer = terms.scratch.read.borrow_mut();
        loop {
            let mut room = ReadBuf::new(&mut buffer);
            if let Err(error) = ready!(Pin::new(&mut self.wire.stream).poll_read(context, &mut room)) {
                return Poll::Ready(Err(self.broken_off(Some(error))));
            }
            let data = room.filled();
            if data.is_empty() {
                return Poll::Ready(self.closed());
            }
            match self.take(data) {
                Ok(None) => {}
                Ok(Some(ended)) => return Poll::Ready(Ok(ended)),
                Err(trouble) => return Poll::Ready(Err(trouble)),
            }
        }
    }

    /// The next bytes of the answer. How it ended, where they are the last.
    fn take(&mut self, data: &[u8]) -> Result<Option<Ended>, Trouble> {
        let mut rest = data;
        if let Incoming::Head(before) = &mut self.answer {
            let mut partial = std::mem::take(before);
            if partial.is_empty() {
                rest = self.heads(data, 0)?;
            } else {
                let looked_at = partial.len();
                partial.extend_from_slice(data);
                let left = self.heads(&partial, looked_at)?.len();
                rest = &data[data.len() - left.min(data.len())..];
            }
        }
        let Incoming::Body(body, class, is_kept) = &mut self.answer else {
            return Ok(None);
        };
        let (seen, terms, received) = (&mut *self.seen, self.terms, &mut self.received);
        let read = body.read(rest, terms.caps.headers, &mut |content| {
            seen.take(content, received, terms)
        });
        let used = read.map_err(|error| match error {
            BodyError::Taker(trouble) => trouble,
            BodyError::Nonsense(why) => Trouble::Failed(Failure::site(Class::BadAnswer, why)),
        })?;
        if !body.is_whole() {
            return Ok(None);
        }
        // More than was announced is no answer to anything; and a request that the site did not wait for is not over.
        self.wire.is_open = *is_kept && used == rest.len() && self.out.is_flushed;
        Ok(Some(Ended::Site(*class)))
    }

    /// Reads the heads that `bytes` begin with, the first `looked_at` of which were not whole, and says what is left.
    /// What is not whole yet is kept.
    fn heads<'b>(&mut self, bytes: &'b [u8], looked_at: usize) -> Result<&'b [u8], Trouble> {
        let mut rest = bytes;
        let mut looked_at = looked_at;
        while !rest.is_empty() {
            let head = if looked_at == 0 || may_be_whole(rest, looked_at) {
                self.head(rest)?
            } else {
                None
            };
            let Some(head) = head else {
                let most = self.terms.caps.head.max(LEAST_HEAD);
                if rest.len() >= most {
                    return Err(too_large(format!("a head of more than {most} bytes")));
                }
                self.answer = Incoming::Head(rest.to_vec());
                return Ok(&[]);
            };
            rest = &rest[head.length..];
            looked_at = 0;
            if is_interim(head.status) {
                continue;
            }
            let class = self.seen.head(head.status, head.headers.as_ref(), self.terms);
            self.answer = Incoming::Body(head.body, class, head.is_kept);
            return Ok(rest);
        }
        Ok(rest)
    }

    fn head(&self, bytes: &[u8]) -> Result<Option<head::Head>, Trouble> {
        let terms = self.terms;
        let reading = Reading {
            most_headers: terms.caps.headers,
            is_head: self.is_head,
            wants: &|glance: Glance| {
                let is_success = Class::Status(glance.status).is_success();
                let is_evidence = terms.all_evidence || !is_success || glance.asks_to_stop;
                is_evidence || terms.look.wants_head(glance.status, glance.sets_cookie)
            },
        };
        reading.read(bytes).map_err(|error| match error {
            HeadError::TooManyHeaders => {
                too_large(format!("a head of more than {} headers", terms.caps.headers))
            }
            HeadError::Nonsense(why) => Trouble::Failed(Failure::site(Class::BadAnswer, why)),
        })
    }

    /// The site said that no more will come.
    fn closed(&mut self) -> Result<Ended, Trouble> {
        match &self.answer {
            Incoming::Body(Body::UntilClosed, class, _) => Ok(Ended::Site(*class)),
            _ => {
                let error = self.out.error.take();
                Err(self.broken_off(error))
            }
        }
    }

    /// The connection ended within the answer, or before it.
    fn broken_off(&mut self, error: Option<io::Error>) -> Trouble {
        let error = self.out.error.take().or(error);
        if matches!(self.answer, Incoming::Body(..)) {
            return Trouble::Failed(failure::broken_body(error.as_ref(), self.meter));
        }
        let failure = failure::broken_head(error.as_ref(), self.meter);
        if self.meter.is_silent() {
            Trouble::Setback(Setback::Unanswered(failure))
        } else {
            Trouble::Failed(failure)
        }
    }
}

fn too_large(error: String) -> Trouble {
    Trouble::Failed(Failure::site(Class::TooLarge, error))
}

impl Outgoing {
    /// Writes on, as far as it goes now.
    fn write(&mut self, stream: &mut Box<dyn Stream>, context: &mut Context<'_>) {
        while self.rest.has_remaining() || self.body.has_remaining() {
            let piece = if self.rest.has_remaining() {
                &mut self.rest
            } else {
                &mut self.body
            };
            match Pin::new(&mut *stream).poll_write(context, piece) {
                Poll::Ready(Ok(written)) if written > 0 => piece.advance(written),
                Poll::Ready(Ok(_)) => return self.failed(io::ErrorKind::WriteZero.into()),
                Poll::Ready(Err(error)) => return self.failed(error),
                Poll::Pending => return,
            }
        }
        match Pin::new(stream).poll_flush(context) {
            Poll::Ready(Ok(())) => self.is_flushed = true,
            Poll::Ready(Err(error)) => self.failed(error),
            Poll::Pending => {}
        }
    }

    /// Writes no more: perhaps the site has answered all the same.
    fn failed(&mut self, error: io::Error) {
        self.rest = Bytes::new();
        self.body = Bytes::new();
        self.is_flushed = true;
        self.error.get_or_insert(error);
    }
}
