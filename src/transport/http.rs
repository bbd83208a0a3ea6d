//! Requests over HTTP/1.1 connections of our own. One per worker: connections are opened when the scenario says that a
//! visitor opens one, never ahead, never raced, and never beside.

use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::client::conn::http1::{Builder, SendRequest};
use hyper::header::{CONTENT_LENGTH, HOST, HeaderValue};
use hyper::{Method, Response, Uri};
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::time::{Instant, timeout_at};
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::pki_types::ServerName;

use super::evidence;
use super::exchange::{Answer, Ended, Evidence, Inside, Look, Origin, Request, Transport};
use super::failure::{self, Failure};
use super::meter::{Meter, Metered};
use super::place::Place;
use super::settings::HttpSettings;
use super::{Connect, RunClock, Tcp};
use crate::record::Class;
use crate::scenario::Connections;
use crate::units::Offset;

type Message = hyper::Request<Full<Bytes>>;

/// Plays requests over HTTP/1.1. Its connections are tasks of the [`tokio::task::LocalSet`] that it is used in.
#[derive(Debug)]
pub struct HttpTransport<C = Tcp> {
    settings: HttpSettings,
    clock: RunClock,
    connector: C,
    builder: Builder,
    all_evidence: bool,
    places: RefCell<Vec<Rc<Place>>>,
    shared: RefCell<Vec<Connection>>,
}

/// What a visitor keeps between its requests.
#[derive(Debug, Default)]
pub struct Visitor {
    kept: Vec<Connection>,
}

/// An open connection.
#[derive(Debug)]
struct Connection {
    place: Rc<Place>,
    sender: SendRequest<Full<Bytes>>,
    meter: Rc<Meter>,
}

/// How one request on one connection went.
struct Exchange {
    ended: Ended,
    evidence: Option<Box<Evidence>>,
    inside: Option<Box<Inside>>,
}

/// What was seen of an answer so far.
#[derive(Default)]
struct Seen {
    evidence: Option<Box<Evidence>>,
    body: Vec<u8>,
    look: Look,
    inside: Option<Box<Inside>>,
}

impl Seen {
    fn exchange(self, ended: Ended) -> Exchange {
        let mut evidence = self.evidence;
        if let Some(evidence) = &mut evidence {
            evidence.body = self.body.into();
        }
        Exchange {
            ended,
            evidence,
            inside: self.inside,
        }
    }

    fn failed(mut self, failure: Failure) -> Exchange {
        self.evidence.get_or_insert_default().error = Some(failure.error);
        self.inside = None;
        self.exchange(failure.ended)
    }
}

impl HttpTransport<Tcp> {
    /// A transport over TCP whose times count from the start of `clock`.
    pub fn new(settings: HttpSettings, clock: RunClock) -> Self {
        Self::over(Tcp, settings, clock)
    }
}

impl<C: Connect> HttpTransport<C> {
    /// A transport over streams that `connector` opens.
    pub fn over(connector: C, settings: HttpSettings, clock: RunClock) -> Self {
        let mut builder = Builder::new();
        builder
            .max_buf_size(settings.caps.head.max(8_192))
            .max_headers(settings.caps.headers);
        Self {
            settings,
            clock,
            connector,
            builder,
            all_evidence: false,
            places: RefCell::default(),
            shared: RefCell::default(),
        }
    }

    /// Keeps evidence of successes too: for looking at a site, not for a load.
    #[must_use]
    pub fn with_all_evidence(mut self) -> Self {
        self.all_evidence = true;
        self
    }

    fn place(&self, origin: &Origin) -> Rc<Place> {
        let mut places = self.places.borrow_mut();
        if let Some(place) = places.iter().find(|place| place.origin == *origin) {
            return Rc::clone(place);
        }
        let place = Rc::new(Place::new(origin, &self.settings.pinned));
        places.push(Rc::clone(&place));
        place
    }

    /// A connection to `place` that is open as far as we know: the one that was used last.
    async fn kept(&self, visitor: &mut Visitor, place: &Rc<Place>) -> Option<Connection> {
        loop {
            let take = |kept: &mut Vec<Connection>| {
                let index = kept.iter().rposition(|one| Rc::ptr_eq(&one.place, place))?;
                Some(kept.remove(index))
            };
            let connection = match self.settings.connections {
                Connections::PerVisitor => take(&mut visitor.kept)?,
                Connections::Pooled => take(&mut self.shared.borrow_mut())?,
                Connections::PerRequest => return None,
            };
            if !connection.sender.is_ready() && !connection.sender.is_closed() {
                // Its task may not have had its turn since the last answer.
                tokio::task::yield_now().await;
            }
            if connection.sender.is_ready() {
                return Some(connection);
            }
        }
    }

    fn keep(&self, visitor: &mut Visitor, connection: Connection) {
        if connection.sender.is_closed() {
            return;
        }
        match self.settings.connections {
            Connections::PerVisitor => visitor.kept.push(connection),
            Connections::Pooled => self.shared.borrow_mut().push(connection),
            Connections::PerRequest => {}
        }
    }

    /// TCP, and TLS where the origin wants it, in the time that connecting has.
    async fn connect(&self, place: &Rc<Place>) -> Result<Connection, Failure> {
        let Some(address) = place.next_address() else {
            let error = format!("`{}` was not resolved before the run", place.origin.host);
            return Err(Failure::site(Class::Dns, error));
        };
        let deadline = Instant::now() + self.settings.timeouts.connect;
        let opened = timeout_at(deadline, async {
            let stream = self
                .connector
                .connect(address)
                .await
                .map_err(|error| failure::not_connected(&error))?;
            if place.origin.tls {
                // Boxed: a handshake is large, and a visitor waits in it only once.
                Box::pin(self.secure(stream, place)).await
            } else {
                self.open(stream, place).await
            }
        });
        opened.await.unwrap_or_else(|_| {
            let error = format!(
                "no connection to {address} in {:?}",
                self.settings.timeouts.connect
            );
            Err(Failure::site(Class::ConnectTimeout, error))
        })
    }

    async fn secure(&self, stream: C::Stream, place: &Rc<Place>) -> Result<Connection, Failure> {
        let Some(config) = &self.settings.tls else {
            return Err(Failure::site(Class::Tls, "no TLS was set up for this run"));
        };
        let name = ServerName::try_from(place.origin.host.clone())
            .map_err(|error| Failure::site(Class::Tls, error.to_string()))?;
        let stream = TlsConnector::from(Arc::clone(config))
            .connect(name, stream)
            .await
            .map_err(|error| failure::no_handshake(&error))?;
        self.open(stream, place).await
    }

    /// HTTP on an open stream. Nothing is sent yet.
    async fn open<S>(&self, stream: S, place: &Rc<Place>) -> Result<Connection, Failure>
    where
        S: AsyncRead + AsyncWrite + Unpin + 'static,
    {
        let meter = Rc::new(Meter::new(self.clock));
        let stream = TokioIo::new(Metered::new(stream, Rc::clone(&meter)));
        let (sender, connection) = self
            .builder
            .handshake(stream)
            .await
            .map_err(|error| failure::no_head(&error, &meter))?;
        // How the connection ends is told by the requests on it and by its meter.
        tokio::task::spawn_local(async move { drop(connection.await) });
        Ok(Connection {
            place: Rc::clone(place),
            sender,
            meter,
        })
    }

    /// One request and its whole answer; gives the message back where the connection had ended before it was sent.
    async fn exchange(
        &self,
        connection: &mut Connection,
        message: Message,
        look: Look,
    ) -> Result<Exchange, Message> {
        connection.meter.begin();
        let deadline = Instant::now() + self.settings.timeouts.answer;
        let mut seen = Seen {
            look,
            ..Seen::default()
        };
        let conversation = self.converse(connection, message, &mut seen);
        match timeout_at(deadline, conversation).await {
            Ok(Ok(ended)) => Ok(seen.exchange(ended)),
            Ok(Err(Trouble::NotSent(message))) => Err(*message),
            Ok(Err(Trouble::Failed(failure))) => Ok(seen.failed(failure)),
            Err(_) => {
                let error = format!("no whole answer in {:?}", self.settings.timeouts.answer);
                Ok(seen.failed(Failure::site(Class::AnswerTimeout, error)))
            }
        }
    }

    async fn converse(
        &self,
        connection: &mut Connection,
        message: Message,
        seen: &mut Seen,
    ) -> Result<Ended, Trouble> {
        let response = match connection.sender.try_send_request(message).await {
            Ok(response) => response,
            Err(mut error) => {
                return Err(match error.take_message() {
                    Some(message) => Trouble::NotSent(Box::new(message)),
                    None => Trouble::Failed(failure::no_head(error.error(), &connection.meter)),
                });
            }
        };
        let class = Class::Status(response.status().as_u16());
        seen.evidence = evidence::of_head(class, response.headers(), self.all_evidence);
        if seen.look.wants(response.status().as_u16(), response.headers()) {
            seen.inside = Some(Box::new(Inside {
                status: response.status().as_u16(),
                headers: response.headers().clone(),
                ..Inside::default()
            }));
        }
        self.drain(response, &connection.meter, seen)
            .await
            .map_err(Trouble::Failed)?;
        Ok(Ended::Site(class))
    }

    /// Reads the body to its end and forgets it, but for the first bytes where evidence is kept.
    async fn drain(
        &self,
        response: Response<Incoming>,
        meter: &Meter,
        seen: &mut Seen,
    ) -> Result<(), Failure> {
        let mut body = response.into_body();
        let mut received: u64 = 0;
        while let Some(frame) = body.frame().await {
            let frame = frame.map_err(|error| failure::no_body(&error, meter))?;
            let Some(data) = frame.data_ref() else { continue };
            if seen.evidence.is_some() {
                evidence::keep(&mut seen.body, data);
            }
            if let Some(inside) = &mut seen.inside {
                inside.keep(data, seen.look.body());
            }
            received += data.len() as u64;
            if received > self.settings.caps.body {
                let error = format!("a body of more than {} bytes", self.settings.caps.body);
                return Err(Failure::site(Class::TooLarge, error));
            }
        }
        Ok(())
    }

    /// Opens a connection and plays `message` on it.
    async fn play_afresh(
        &self,
        visitor: &mut Visitor,
        place: &Rc<Place>,
        (message, look): (Message, Look),
        sent: Offset,
    ) -> Answer {
        let mut connection = match self.connect(place).await {
            Ok(connection) => connection,
            Err(failure) => return self.unconnected(failure, sent),
        };
        let exchange = match self.exchange(&mut connection, message, look).await {
            Ok(exchange) => exchange,
            Err(_) => Seen::default().failed(failure::not_taken(&connection.meter)),
        };
        self.answer(visitor, connection, exchange, sent, true)
    }

    fn unconnected(&self, failure: Failure, sent: Offset) -> Answer {
        let exchange = Seen::default().failed(failure);
        Answer {
            sent,
            first_byte: None,
            done: self.clock.now(),
            ended: exchange.ended,
            bytes: 0,
            fresh_connection: true,
            evidence: exchange.evidence,
            inside: None,
        }
    }

    fn answer(
        &self,
        visitor: &mut Visitor,
        connection: Connection,
        exchange: Exchange,
        sent: Offset,
        fresh_connection: bool,
    ) -> Answer {
        let whole = matches!(exchange.ended, Ended::Site(Class::Status(_)));
        let meter = &connection.meter;
        // A whole answer ended when its last byte came, not when we got to look at it.
        let seen = meter.last_byte().filter(|_| whole);
        let answer = Answer {
            sent,
            first_byte: meter.first_byte(),
            done: seen.unwrap_or_else(|| self.clock.now()),
            ended: exchange.ended,
            bytes: meter.received(),
            fresh_connection,
            evidence: exchange.evidence,
            inside: exchange.inside,
        };
        if whole {
            self.keep(visitor, connection);
        }
        answer
    }
}

/// Why a conversation came to no good end.
enum Trouble {
    /// The connection had ended before the message was sent.
    NotSent(Box<Message>),
    Failed(Failure),
}

fn message(request: &Request, place: &Place) -> Message {
    let mut message = hyper::Request::new(Full::new(request.body.clone()));
    *message.method_mut() = request.method.clone();
    *message.uri_mut() = Uri::from(request.path.clone());
    let headers = message.headers_mut();
    headers.reserve(request.headers.len() + 2);
    if !request.headers.contains_key(HOST) {
        headers.insert(HOST, place.host.clone());
    }
    headers.extend(
        request
            .headers
            .iter()
            .map(|(name, value)| (name.clone(), value.clone())),
    );
    if request.body.is_empty() && [Method::POST, Method::PUT, Method::PATCH].contains(&request.method) {
        headers.insert(CONTENT_LENGTH, HeaderValue::from_static("0"));
    }
    message
}

impl<C: Connect> Transport for HttpTransport<C> {
    type Visitor = Visitor;

    fn visitor(&self) -> Visitor {
        Visitor::default()
    }

    async fn play(&self, visitor: &mut Visitor, request: &Request) -> Answer {
        let sent = self.clock.now();
        let place = self.place(&request.origin);
        let mut message = message(request, &place);
        if let Some(mut connection) = self.kept(visitor, &place).await {
            match self.exchange(&mut connection, message, request.look).await {
                Ok(exchange) => return self.answer(visitor, connection, exchange, sent, false),
                // The site closed it while it was idle: that is its right, and no failure.
                Err(unsent) => message = unsent,
            }
        }
        self.play_afresh(visitor, &place, (message, request.look), sent)
            .await
    }
}
