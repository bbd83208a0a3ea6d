//! Requests over connections of our own, HTTP/1.1 and HTTP/2. One per worker: connections are opened when the scenario
//! says that a visitor opens one, never ahead, never raced, and never beside.

mod open;
mod pool;

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::sync::Arc;

use hyper::Method;
use tokio::time::Instant;
use tokio_rustls::rustls::ClientConfig;

use super::connection::{Builders, Connection};
use super::converse::{Exchange, Setback, Terms, converse};
use super::exchange::{Answer, Ended, MOST_CONNECTIONS, Origin, Request, Transport};
use super::failure::{self, Failure};
use super::lean::Scratch;
use super::place::Place;
use super::settings::HttpSettings;
use super::{Connect, RunClock, Tcp, tls};
use crate::record::{Class, Phases, Took};
use crate::scenario::{Connections, HttpVersion};
use crate::units::Offset;

const TIMEOUT: Ended = Ended::Site(Class::AnswerTimeout);

/// Plays requests over HTTP. Its connections are tasks of the [`tokio::task::LocalSet`] that it is used in.
#[derive(Debug)]
pub struct HttpTransport<C = Tcp> {
    settings: HttpSettings,
    /// The settings of TLS, with the versions of HTTP that are offered in it.
    tls: Option<Arc<ClientConfig>>,
    /// The same, for sites that ask for HTTP/1.1 after all.
    tls_one: Option<Arc<ClientConfig>>,
    clock: RunClock,
    connector: C,
    builders: Builders,
    scratch: Scratch,
    all_evidence: bool,
    places: RefCell<Vec<Rc<Place>>>,
    shared: RefCell<Vec<Connection>>,
    proxy_turn: Cell<usize>,
}

/// What a visitor keeps between its requests.
#[derive(Debug, Default)]
pub struct Visitor {
    kept: Vec<Connection>,
}

impl Visitor {
    /// The same visitor, for a request beside those under way: it shares the connections that carry several requests at
    /// once, and opens its own where they carry one.
    #[must_use]
    pub fn beside(&self) -> Self {
        Self {
            kept: self.kept.iter().filter_map(Connection::again).collect(),
        }
    }
}

/// How long opening a connection took.
#[derive(Debug, Clone, Copy, Default)]
struct Opening {
    connect: Option<Took>,
    tls: Option<Took>,
}

/// What is known of a request besides its exchange.
#[derive(Debug, Clone, Copy)]
struct Course {
    /// When sending began.
    sent: Offset,
    /// When the connection was open.
    ready: Offset,
    opening: Option<Opening>,
    retries: u8,
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
        let offered = settings.tls.as_ref();
        Self {
            builders: Builders::new(&settings.caps),
            scratch: Scratch::default(),
            tls: offered.map(|config| tls::offering(config, settings.http)),
            tls_one: offered.map(|config| tls::offering(config, HttpVersion::One)),
            settings,
            clock,
            connector,
            all_evidence: false,
            places: RefCell::default(),
            shared: RefCell::default(),
            proxy_turn: Cell::new(0),
        }
    }

    /// Keeps evidence of successes too: for looking at a site, not for a load.
    #[must_use]
    pub fn with_all_evidence(mut self) -> Self {
        self.all_evidence = true;
        self
    }

    /// Lets hyper speak HTTP/1.1 too, as it speaks HTTP/2: slower, and what our own way of speaking it is held to.
    #[must_use]
    pub fn by_hyper(mut self) -> Self {
        self.builders.by_hyper = true;
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

    /// One request and its whole answer, begun at `begun` and no longer than `until`.
    async fn exchange(
        &self,
        connection: &mut Connection,
        request: &Request,
        begun: Offset,
        until: Option<Instant>,
    ) -> Result<Exchange, Setback> {
        let login = self.settings.proxy.as_ref().and_then(|proxy| proxy.login());
        let answered = self.clock.instant(begun) + self.settings.timeouts.answer;
        let terms = Terms {
            caps: &self.settings.caps,
            all_evidence: self.all_evidence,
            look: request.look,
            deadline: earlier(answered, until),
            scratch: &self.scratch,
            is_last: self.settings.connections == Connections::PerRequest,
        };
        converse(connection, request, login, &terms).await
    }

    fn unconnected(&self, failure: Failure, course: &Course) -> Answer {
        let exchange = Exchange::failed(failure);
        Answer {
            sent: course.sent,
            first_byte: None,
            done: self.clock.now(),
            ended: exchange.ended,
            bytes: 0,
            fresh_connection: true,
            phases: Phases::default(),
            retries: course.retries,
            evidence: exchange.evidence,
            inside: None,
        }
    }

    fn answer(
        &self,
        visitor: &mut Visitor,
        connection: Connection,
        exchange: Exchange,
        course: &Course,
    ) -> Answer {
        let whole = matches!(exchange.ended, Ended::Site(Class::Status(_)));
        let marks = exchange.marks;
        // A whole answer ended when its last byte came, not when we got to look at it.
        let seen = marks.last_byte.filter(|_| whole);
        let done = seen.unwrap_or_else(|| self.clock.now());
        let opening = course.opening.unwrap_or_default();
        let first_byte = marks.first_byte.filter(|first| *first >= course.ready);
        let written = marks.written.map(|written| written.max(course.ready));
        let answer = Answer {
            sent: course.sent,
            first_byte,
            done,
            ended: exchange.ended,
            bytes: marks.bytes,
            fresh_connection: course.opening.is_some(),
            phases: Phases {
                connect: opening.connect,
                tls: opening.tls,
                send: written.map(|written| written.since(course.ready).into()),
                first_byte: first_byte
                    .zip(written)
                    .map(|(first, written)| first.since(written).into()),
                receive: first_byte.filter(|_| whole).map(|first| done.since(first).into()),
            },
            retries: course.retries,
            evidence: exchange.evidence,
            inside: exchange.inside,
        };
        if whole {
            self.keep(visitor, connection);
        }
        answer
    }
}

/// Whether a request may be sent again although the site may have taken it (RFC 9110, 9.2.2).
fn is_idempotent(method: &Method) -> bool {
    [
        Method::GET,
        Method::HEAD,
        Method::PUT,
        Method::DELETE,
        Method::OPTIONS,
        Method::TRACE,
    ]
    .contains(method)
}

fn earlier(instant: Instant, bound: Option<Instant>) -> Instant {
    bound.map_or(instant, |bound| bound.min(instant))
}

impl<C: Connect> Transport for HttpTransport<C> {
    type Visitor = Visitor;

    fn visitor(&self) -> Visitor {
        Visitor::default()
    }

    fn beside(&self, visitor: &Visitor) -> Visitor {
        visitor.beside()
    }

    fn at_once(&self, visitor: &Visitor, origin: &Origin) -> usize {
        self.room(visitor, origin).unwrap_or(MOST_CONNECTIONS)
    }

    async fn play(&self, visitor: &mut Visitor, request: &Request) -> Answer {
        let sent = self.clock.now();
        let place = self.place(&request.origin);
        let until = self
            .settings
            .timeouts
            .step
            .map(|step| self.clock.instant(sent) + step);
        let mut course = Course {
            sent,
            ready: sent,
            opening: None,
            retries: 0,
        };
        let mut kept = self.kept(visitor, &place, until).await;
        loop {
            let mut connection = match kept.take() {
                Some(connection) => connection,
                None => match self.open(&place, until).await {
                    Ok((connection, opening)) => {
                        course.opening = Some(opening);
                        course.ready = self.clock.now();
                        connection
                    }
                    Err(failure) => return self.unconnected(failure, &course),
                },
            };
            let is_fresh = course.opening.is_some();
            let heard = connection.meter.received();
            let failure = match self.exchange(&mut connection, request, course.ready, until).await {
                Ok(exchange) => {
                    if exchange.ended == TIMEOUT && connection.meter.received() == heard {
                        self.retire(&connection);
                    }
                    return self.answer(visitor, connection, exchange, &course);
                }
                // The site closed it while it was idle: that is its right, and no failure.
                Err(Setback::NotSent) if !is_fresh => continue,
                Err(Setback::NotSent) => failure::not_taken(&connection.meter),
                Err(Setback::Unprocessed(_)) if course.retries == 0 => {
                    course.retries = 1;
                    continue;
                }
                Err(Setback::Elsewise(_))
                    if course.retries == 0 && self.settings.http == HttpVersion::Auto && place.origin.tls =>
                {
                    place.wants_one.set(true);
                    place.is_serial.set(true);
                    self.retire(&connection);
                    course.retries = 1;
                    continue;
                }
                Err(Setback::Unanswered(_))
                    if course.retries == 0 && !is_fresh && is_idempotent(&request.method) =>
                {
                    course.retries = 1;
                    continue;
                }
                Err(
                    Setback::Unprocessed(failure) | Setback::Unanswered(failure) | Setback::Elsewise(failure),
                ) => failure,
            };
            let mut exchange = Exchange::failed(failure);
            exchange.marks.bytes = connection.meter.received();
            return self.answer(visitor, connection, exchange, &course);
        }
    }
}
