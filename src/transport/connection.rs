//! An open connection: HTTP/1.1, one request after the other, or HTTP/2, several at once.

use std::pin::pin;
use std::rc::Rc;

use bytes::Bytes;
use http_body_util::Full;
use hyper::client::conn::{http1, http2};
use hyper::rt::Executor;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite};

use super::RunClock;
use super::failure::{self, Failure};
use super::lean::Wire;
use super::message::Form;
use super::meter::{Meter, Metered};
use super::place::Place;
use super::settings::AnswerCaps;
use super::streams::Streams;

/// Bytes that a site may send of one answer, and of all on a connection, before they are taken: as browsers have them, so
/// that no answer waits for our word.
const WINDOW: u32 = 6 << 20;

/// An open connection.
#[derive(Debug)]
pub(super) struct Connection {
    pub(super) place: Rc<Place>,
    pub(super) sender: Sender,
    pub(super) meter: Rc<Meter>,
    pub(super) form: Form,
}

/// Where requests are put in.
#[derive(Debug)]
pub(super) enum Sender {
    /// HTTP/1.1, spoken by ourselves.
    Lean(Box<Wire>),
    /// HTTP/1.1, spoken by hyper.
    One(http1::SendRequest<Full<Bytes>>),
    Two(http2::SendRequest<Full<Bytes>>, Rc<Streams>),
}

/// How connections speak HTTP.
#[derive(Debug)]
pub(super) struct Builders {
    /// Whether hyper speaks HTTP/1.1 too.
    pub(super) by_hyper: bool,
    one: http1::Builder,
    two: http2::Builder<Local>,
}

/// Runs the tasks of a connection where the connection lives.
#[derive(Debug, Clone, Copy)]
pub(super) struct Local;

impl<F: Future + 'static> Executor<F> for Local {
    fn execute(&self, task: F) {
        drop(tokio::task::spawn_local(async move {
            task.await;
        }));
    }
}

impl Builders {
    pub(super) fn new(caps: &AnswerCaps) -> Self {
        let mut one = http1::Builder::new();
        one.max_buf_size(caps.head.max(8_192)).max_headers(caps.headers);
        let mut two = http2::Builder::new(Local);
        // A little above the cap: what lies between is told from nonsense by its size.
        let head = u32::try_from(caps.head.saturating_mul(2)).unwrap_or(u32::MAX);
        two.max_header_list_size(head)
            .initial_stream_window_size(WINDOW)
            .initial_connection_window_size(WINDOW);
        Self {
            by_hyper: false,
            one,
            two,
        }
    }

    /// HTTP/1.1 on an open stream. Nothing is sent yet.
    pub(super) async fn one<S>(
        &self,
        stream: S,
        place: &Rc<Place>,
        form: Form,
        clock: RunClock,
    ) -> Result<Connection, Failure>
    where
        S: AsyncRead + AsyncWrite + Unpin + 'static,
    {
        let meter = Rc::new(Meter::new(clock));
        if !self.by_hyper {
            return Ok(Connection {
                place: Rc::clone(place),
                sender: Sender::Lean(Box::new(Wire::on(stream, &meter))),
                meter,
                form,
            });
        }
        let stream = TokioIo::new(Metered::new(stream, Rc::clone(&meter)));
        let (sender, connection) = self
            .one
            .handshake(stream)
            .await
            .map_err(|error| failure::no_head(&error, &meter))?;
        // How the connection ends is told by the requests on it and by its meter.
        tokio::task::spawn_local(async move { drop(connection.await) });
        Ok(Connection {
            place: Rc::clone(place),
            sender: Sender::One(sender),
            meter,
            form,
        })
    }

    /// HTTP/2 on an open stream. The preface is sent, no request yet.
    pub(super) async fn two<S>(
        &self,
        stream: S,
        place: &Rc<Place>,
        clock: RunClock,
    ) -> Result<Connection, Failure>
    where
        S: AsyncRead + AsyncWrite + Unpin + 'static,
    {
        let meter = Rc::new(Meter::shared(clock));
        let stream = TokioIo::new(Metered::new(stream, Rc::clone(&meter)));
        let (sender, connection) = self
            .two
            .handshake(stream)
            .await
            .map_err(|error| failure::no_head(&error, &meter))?;
        let streams = Rc::new(Streams::default());
        let (allowed, heard) = (Rc::clone(&streams), Rc::clone(&meter));
        tokio::task::spawn_local(async move {
            let mut connection = pin!(connection);
            let ended = std::future::poll_fn(|context| {
                // The site's settings come first, and say how many requests it takes at once.
                let is_heard = heard.received() > 0 || heard.end().is_some();
                if !is_heard {
                    heard.listen(context.waker());
                }
                let ended = connection.as_mut().poll(context);
                allowed.allow(connection.current_max_send_streams());
                if is_heard {
                    allowed.settle();
                }
                ended
            });
            drop(ended.await);
            allowed.settle();
        });
        Ok(Connection {
            place: Rc::clone(place),
            sender: Sender::Two(sender, streams),
            meter,
            form: Form::Streams,
        })
    }
}

impl Connection {
    pub(super) fn is_ready(&mut self) -> bool {
        match &mut self.sender {
            Sender::Lean(wire) => wire.is_idle(),
            Sender::One(sender) => sender.is_ready(),
            Sender::Two(sender, streams) => sender.is_ready() && streams.has_room(),
        }
    }

    pub(super) fn is_closed(&self) -> bool {
        match &self.sender {
            Sender::Lean(wire) => !wire.is_open(),
            Sender::One(sender) => sender.is_closed(),
            Sender::Two(sender, _) => sender.is_closed() || self.meter.end().is_some(),
        }
    }

    /// How many more requests it takes at once; nothing where it carries one at a time.
    pub(super) fn room(&self) -> Option<usize> {
        match &self.sender {
            Sender::Lean(_) | Sender::One(_) => None,
            Sender::Two(_, streams) => Some(streams.room()),
        }
    }

    /// The same connection for one more request; nothing where it carries one at a time.
    pub(super) fn again(&self) -> Option<Self> {
        let Sender::Two(sender, streams) = &self.sender else {
            return None;
        };
        Some(Self {
            place: Rc::clone(&self.place),
            sender: Sender::Two(sender.clone(), Rc::clone(streams)),
            meter: Rc::clone(&self.meter),
            form: self.form,
        })
    }

    /// Waits for the first word of the site, which is how many requests it takes at once; or for its end.
    pub(super) async fn settled(&self) {
        if let Sender::Two(_, streams) = &self.sender {
            streams.settled().await;
        }
    }
}
