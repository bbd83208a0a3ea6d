//! What is seen on the wire while an answer arrives: its bytes, its first and last byte, and how the wire ended.
//! It knows no HTTP. Over TLS it sits above it, so that a handshake or a session ticket is no answer.

use std::cell::Cell;
use std::io;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};

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

/// Counts what one connection receives for the answer that is under way.
#[derive(Debug)]
pub(super) struct Meter {
    clock: RunClock,
    received: Cell<u64>,
    first_byte: Cell<Option<Offset>>,
    last_byte: Cell<Option<Offset>>,
    end: Cell<Option<WireEnd>>,
}

impl Meter {
    pub(super) const fn new(clock: RunClock) -> Self {
        Self {
            clock,
            received: Cell::new(0),
            first_byte: Cell::new(None),
            last_byte: Cell::new(None),
            end: Cell::new(None),
        }
    }

    /// Starts to count for a new answer.
    pub(super) fn begin(&self) {
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

    pub(super) const fn end(&self) -> Option<WireEnd> {
        self.end.get()
    }

    fn read(&self, bytes: usize) {
        let now = self.clock.now();
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
        self.noted(result)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }
}
