//! What is seen on the wire while an answer arrives: its bytes, its first and last byte, and how the wire ended.
//! It knows no HTTP. Over TLS it sits above it, so that a handshake or a session ticket is no answer.

use std::cell::{Cell, RefCell};
use std::io;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::RunClock;
use crate::units::Offset;

/// How a wire ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum WireEnd {
    /// The other side said that no more will come.
    Closed,
    /// The other side, or the network, broke it off.
    Reset,
    /// The network gave up on it.
    TimedOut,
    /// What came is no valid TLS, or an alert.
    BadTls,
}

impl WireEnd {
    fn of(error: &io::Error) -> Self {
        match error.kind() {
            // TLS without its closing message; or a write to what the other side has closed already.
            io::ErrorKind::UnexpectedEof | io::ErrorKind::BrokenPipe => WireEnd::Closed,
            io::ErrorKind::TimedOut => WireEnd::TimedOut,
            io::ErrorKind::InvalidData => WireEnd::BadTls,
            _ => WireEnd::Reset,
        }
    }
}

/// Counts what one connection sends and receives for the answer that is under way. Where several are at once, times of
/// the requests are kept apart; what is received is not.
#[derive(Debug)]
pub(super) struct Meter {
    clock: RunClock,
    /// When the request was last written on, before its answer began; the end of time while nothing was.
    written: Cell<Offset>,
    outgoing: Option<Box<RefCell<Outgoing>>>,
    received: Cell<u64>,
    first_byte: Cell<Option<Offset>>,
    last_byte: Cell<Option<Offset>>,
    end: Cell<Option<WireEnd>>,
}

impl Meter {
    pub(super) const fn new(clock: RunClock) -> Self {
        Self {
            clock,
            written: Cell::new(Offset::MAX),
            outgoing: None,
            received: Cell::new(0),
            first_byte: Cell::new(None),
            last_byte: Cell::new(None),
            end: Cell::new(None),
        }
    }

    /// A meter of a connection that carries several requests at once.
    pub(super) fn shared(clock: RunClock) -> Self {
        Self {
            outgoing: Some(Box::default()),
            ..Self::new(clock)
        }
    }

    /// Starts to count for a new answer.
    pub(super) fn begin(&self) {
        self.written.set(Offset::MAX);
        self.received.set(0);
        self.first_byte.set(None);
        self.last_byte.set(None);
    }

    pub(super) const fn received(&self) -> u64 {
        self.received.get()
    }

    pub(super) const fn first_byte(&self) -> Option<Offset> {
        self.first_byte.get()
    }

    /// When the last byte came, or the end of the wire where that came later.
    pub(super) const fn last_byte(&self) -> Option<Offset> {
        self.last_byte.get()
    }

    /// When the request that is under way was last written on.
    pub(super) fn written(&self) -> Option<Offset> {
        Some(self.written.get()).filter(|written| *written < Offset::MAX)
    }

    /// A request among several was handed to the connection: it is written when the next write is done.
    pub(super) fn hand_over(&self) -> Parcel {
        let outgoing = self.outgoing.as_ref();
        Parcel(outgoing.map_or(0, |outgoing| outgoing.borrow_mut().add()))
    }

    /// When that request was written, where it was; its parcel is then forgotten.
    pub(super) fn collect(&self, parcel: Parcel) -> Option<Offset> {
        self.outgoing.as_ref()?.borrow_mut().take(parcel.0)
    }

    /// Whether the wire ended before a single byte of the answer came.
    pub(super) const fn is_silent(&self) -> bool {
        self.received.get() == 0 && matches!(self.end.get(), Some(WireEnd::Closed | WireEnd::Reset))
    }

    /// Wakes `waker` when the next byte of a connection that carries several requests comes, or its end.
    pub(super) fn listen(&self, waker: &Waker) {
        if let Some(outgoing) = &self.outgoing {
            outgoing.borrow_mut().listener = Some(waker.clone());
        }
    }

    fn wake(&self) {
        let listener = self
            .outgoing
            .as_ref()
            .and_then(|outgoing| outgoing.borrow_mut().listener.take());
        if let Some(listener) = listener {
            listener.wake();
        }
    }

    fn wrote(&self) {
        if let Some(outgoing) = &self.outgoing {
            outgoing.borrow_mut().written(self.clock);
        } else if self.first_byte.get().is_none() {
            self.written.set(self.clock.now());
        }
    }

    pub(super) const fn end(&self) -> Option<WireEnd> {
        self.end.get()
    }

    fn read(&self, bytes: usize) {
        let now = self.clock.now();
        self.wake();
        self.last_byte.set(Some(now));
        if bytes == 0 {
            self.ended(WireEnd::Closed);
            return;
        }
        self.received.set(self.received.get() + bytes as u64);
        if self.first_byte.get().is_none() {
            self.first_byte.set(Some(now));
        }
    }

    /// The first end counts: what follows on a broken wire is its echo. Only a reset seen after a failed write says
    /// more than the write did.
    fn ended(&self, end: WireEnd) {
        if self.end.get().is_none() || end == WireEnd::Reset {
            self.end.set(Some(end));
        }
    }
}

/// A request on its way out, among others.
#[derive(Debug)]
pub(super) struct Parcel(usize);

/// Requests on their way out, each at its place: places are used again, so that steady traffic needs no memory.
#[derive(Debug, Default)]
struct Outgoing {
    places: Vec<Option<Offset>>,
    waiting: Vec<usize>,
    free: Vec<usize>,
    /// Who waits for the first byte of the connection.
    listener: Option<Waker>,
}

impl Outgoing {
    fn add(&mut self) -> usize {
        let place = self.free.pop().unwrap_or_else(|| {
            self.places.push(None);
            self.places.len() - 1
        });
        self.waiting.push(place);
        place
    }

    fn take(&mut self, place: usize) -> Option<Offset> {
        self.waiting.retain(|waiting| *waiting != place);
        self.free.push(place);
        self.places[place].take()
    }

    fn written(&mut self, clock: RunClock) {
        if !self.waiting.is_empty() {
            let now = clock.now();
            for place in self.waiting.drain(..) {
                self.places[place] = Some(now);
            }
        }
    }
}

/// A stream whose received bytes are counted.
#[derive(Debug)]
pub(super) struct Metered<S> {
    stream: S,
    meter: Rc<Meter>,
}

impl<S> Metered<S> {
    pub(super) const fn new(stream: S, meter: Rc<Meter>) -> Self {
        Self { stream, meter }
    }

    fn noted<T>(&self, result: Poll<io::Result<T>>) -> Poll<io::Result<T>> {
        if let Poll::Ready(Err(error)) = &result {
            self.meter.ended(WireEnd::of(error));
            self.meter.wake();
        }
        result
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Metered<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let room = buffer.remaining();
        let result = Pin::new(&mut self.stream).poll_read(context, buffer);
        if let Poll::Ready(Ok(())) = &result
            && room > 0
        {
            self.meter.read(buffer.filled().len() - before);
        }
        self.noted(result)
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Metered<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let result = Pin::new(&mut self.stream).poll_write(context, bytes);
        if matches!(result, Poll::Ready(Ok(1..))) {
            self.meter.wrote();
        }
        self.noted(result)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let result = Pin::new(&mut self.stream).poll_flush(context);
        self.noted(result)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let result = Pin::new(&mut self.stream).poll_write_vectored(context, slices);
        if matches!(result, Poll::Ready(Ok(1..))) {
            self.meter.wrote();
        }
        self.noted(result)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }
}
