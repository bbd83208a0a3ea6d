//! One request on one connection, and its whole answer.

use std::rc::Rc;

use http_body_util::BodyExt;
use hyper::body::Incoming;
use hyper::client::conn::{http1, http2};
use hyper::header::{CONNECTION, HeaderValue};
use hyper::{HeaderMap, Response};
use tokio::time::{Instant, timeout_at};

use super::connection::{Connection, Sender};
use super::evidence;
use super::exchange::{Ended, Evidence, Inside, Look, Request};
use super::failure::{self, Failure};
use super::lean::{Scratch, Way};
use super::message::{Message, message};
use super::meter::Meter;
use super::settings::AnswerCaps;
use super::streams::Streams;
use crate::record::Class;
use crate::units::Offset;

/// Bytes of a frame besides its content (RFC 9113, 4.1).
const FRAME_HEAD: u64 = 9;
/// What a header counts besides its name and its value (RFC 9113, 6.5.2).
const HEADER_OVERHEAD: usize = 32;

type Body = http_body_util::Full<bytes::Bytes>;

/// How one request on one connection went.
pub(super) struct Exchange {
    pub(super) ended: Ended,
    pub(super) evidence: Option<Box<Evidence>>,
    pub(super) inside: Option<Box<Inside>>,
    pub(super) marks: Marks,
}

/// What the wire showed of a request and its answer.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Marks {
    /// When the request had been handed to the system.
    pub(super) written: Option<Offset>,
    pub(super) first_byte: Option<Offset>,
    pub(super) last_byte: Option<Offset>,
    pub(super) bytes: u64,
}

impl Marks {
    /// Of the one answer that `meter` counted.
    fn of(meter: &Meter) -> Self {
        Self {
            written: meter.written(),
            first_byte: meter.first_byte(),
            last_byte: meter.last_byte(),
            bytes: meter.received(),
        }
    }
}

/// Why an exchange did not happen. Whether it may be tried again depends on the request.
pub(super) enum Setback {
    /// The connection had ended before the request was sent.
    NotSent,
    /// The site said that it did not take the request.
    Unprocessed(Failure),
    /// The site said that it takes the request over HTTP/1.1 only.
    Elsewise(Failure),
    /// The connection ended before a single byte of an answer: perhaps it was closed while the request was under way.
    Unanswered(Failure),
}

/// What is taken of an answer, and until when.
pub(super) struct Terms<'a> {
    pub(super) caps: &'a AnswerCaps,
    /// Evidence of successes is kept too.
    pub(super) all_evidence: bool,
    /// What of the answer is handed back.
    pub(super) look: Look,
    pub(super) deadline: Instant,
    pub(super) scratch: &'a Scratch,
    /// Whether no further request goes over the connection.
    pub(super) is_last: bool,
}

/// What was seen of an answer so far.
#[derive(Default)]
pub(super) struct Seen {
    evidence: Option<Box<Evidence>>,
    body: Vec<u8>,
    inside: Option<Box<Inside>>,
}

/// Why there is no whole answer.
pub(super) enum Trouble {
    Setback(Setback),
    Failed(Failure),
}

impl Exchange {
    /// An exchange that failed before anything of it was on the wire.
    pub(super) fn failed(failure: Failure) -> Self {
        Seen::default().failed(failure, Marks::default())
    }
}

impl Seen {
    fn exchange(self, ended: Ended, marks: Marks) -> Exchange {
        let mut evidence = self.evidence;
        if let Some(evidence) = &mut evidence {
            evidence.body = evidence::readable(evidence, self.body);
        }
        let mut inside = self.inside;
        if let Some(inside) = &mut inside {
            inside.unpack();
        }
        Exchange {
            ended,
            evidence,
            inside,
            marks,
        }
    }

    fn failed(mut self, failure: Failure, marks: Marks) -> Exchange {
        self.evidence.get_or_insert_default().error = Some(failure.error);
        self.inside = None;
        self.exchange(failure.ended, marks)
    }

    fn concluded(self, how: Result<Ended, Trouble>, marks: Marks) -> Result<Exchange, Setback> {
        match how {
            Ok(ended) => Ok(self.exchange(ended, marks)),
            Err(Trouble::Failed(failure)) => Ok(self.failed(failure, marks)),
            Err(Trouble::Setback(setback)) => Err(setback),
        }
    }
}

pub(super) fn too_late() -> Trouble {
    Trouble::Failed(Failure::site(Class::AnswerTimeout, "no whole answer in time"))
}

/// Plays `request` on `connection`; `login` is for a proxy.
pub(super) async fn converse(
    connection: &mut Connection,
    request: &Request,
    login: Option<&HeaderValue>,
    terms: &Terms<'_>,
) -> Result<Exchange, Setback> {
    let (meter, place, form) = (&connection.meter, &connection.place, connection.form);
    match &mut connection.sender {
        Sender::Lean(wire) => {
            meter.begin();
            let mut seen = Seen::default();
            let way = Way {
                place,
                form,
                login,
                is_last: terms.is_last,
            };
            let how = wire.play(meter, request, way, terms, &mut seen).await;
            seen.concluded(how, Marks::of(meter))
        }
        Sender::One(sender) => {
            meter.begin();
            let mut seen = Seen::default();
            let mut message = message(request, place, form, login);
            if terms.is_last {
                let close = HeaderValue::from_static("close");
                message.headers_mut().insert(CONNECTION, close);
            }
            let talk = over_one(sender, meter, message, terms, &mut seen);
            let how = timeout_at(terms.deadline, talk).await;
            seen.concluded(how.unwrap_or_else(|_| Err(too_late())), Marks::of(meter))
        }
        Sender::Two(sender, streams) => {
            let message = message(request, place, form, login);
            let (mut seen, mut marks) = (Seen::default(), Marks::default());
            let parcel = meter.hand_over();
            let talk = over_two(sender, (streams, meter), message, terms, (&mut seen, &mut marks));
            let how = timeout_at(terms.deadline, talk).await;
            marks.written = meter.collect(parcel);
            seen.concluded(how.unwrap_or_else(|_| Err(too_late())), marks)
        }
    }
}

async fn over_one(
    sender: &mut http1::SendRequest<Body>,
    meter: &Meter,
    message: Message,
    terms: &Terms<'_>,
    seen: &mut Seen,
) -> Result<Ended, Trouble> {
    let response = sender.try_send_request(message).await.map_err(|mut error| {
        if error.take_message().is_some() {
            return Trouble::Setback(Setback::NotSent);
        }
        let failure = failure::no_head(error.error(), meter);
        if meter.is_silent() {
            Trouble::Setback(Setback::Unanswered(failure))
        } else {
            Trouble::Failed(failure)
        }
    })?;
    let class = seen.head(response.status().as_u16(), Some(response.headers()), terms);
    let mut body = response.into_body();
    let mut received: u64 = 0;
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|error| Trouble::Failed(failure::no_body(&error, meter)))?;
        let Some(data) = frame.data_ref() else { continue };
        seen.take(data, &mut received, terms)?;
    }
    Ok(Ended::Site(class))
}

async fn over_two(
    sender: &mut http2::SendRequest<Body>,
    (streams, meter): (&Rc<Streams>, &Meter),
    message: Message,
    terms: &Terms<'_>,
    (seen, marks): (&mut Seen, &mut Marks),
) -> Result<Ended, Trouble> {
    let stream = streams.begin();
    let before = meter.received();
    let response = sender.try_send_request(message).await.map_err(|mut error| {
        if error.take_message().is_some() {
            return Trouble::Setback(Setback::NotSent);
        }
        let failure = failure::streams::no_head(error.error(), meter, terms.caps.head);
        if failure::streams::wants_one(error.error()) {
            Trouble::Setback(Setback::Elsewise(failure))
        } else if failure::streams::is_unprocessed(error.error()) {
            Trouble::Setback(Setback::Unprocessed(failure))
        } else if meter.end().is_some() && stream.is_alone() && meter.received() == before {
            Trouble::Setback(Setback::Unanswered(failure))
        } else {
            Trouble::Failed(failure)
        }
    })?;
    // The read that brought the head was the connection's last one, or a little before it.
    marks.first_byte = meter.last_byte();
    fits(&response, terms.caps).map_err(Trouble::Failed)?;
    let class = seen.head(response.status().as_u16(), Some(response.headers()), terms);
    let mut body = response.into_body();
    let mut received: u64 = 0;
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|error| Trouble::Failed(failure::streams::no_body(&error, meter)))?;
        if let Some(data) = frame.data_ref() {
            marks.bytes += data.len() as u64 + FRAME_HEAD;
            seen.take(data, &mut received, terms)?;
        }
    }
    marks.last_byte = meter.last_byte();
    if stream.is_alone() {
        // Its head counts too, as it was packed; among others nobody can tell.
        marks.bytes = meter.received() - before;
    }
    Ok(Ended::Site(class))
}

/// The caps on a head, where the library's own are wider.
fn fits(response: &Response<Incoming>, caps: &AnswerCaps) -> Result<(), Failure> {
    let headers = response.headers();
    let sizes = headers
        .iter()
        .map(|(name, value)| name.as_str().len() + value.len() + HEADER_OVERHEAD);
    if headers.len() > caps.headers {
        let error = format!("a head of more than {} headers", caps.headers);
        return Err(Failure::site(Class::TooLarge, error));
    }
    if sizes.sum::<usize>() > caps.head {
        let error = format!("a head of more than {} bytes", caps.head);
        return Err(Failure::site(Class::TooLarge, error));
    }
    Ok(())
}

impl Seen {
    /// Keeps of the head what is asked for; `headers` may be left out where nobody asks for them.
    pub(super) fn head(&mut self, status: u16, headers: Option<&HeaderMap>, terms: &Terms<'_>) -> Class {
        let class = Class::Status(status);
        let Some(headers) = headers else { return class };
        self.evidence = evidence::of_head(class, headers, terms.all_evidence);
        if terms.look.wants(status, headers) {
            self.inside = Some(Box::new(Inside {
                status,
                headers: headers.clone(),
                ..Inside::default()
            }));
        }
        class
    }

    /// Forgets `data` of a body, but for its first bytes where evidence is kept.
    pub(super) fn take(&mut self, data: &[u8], received: &mut u64, terms: &Terms<'_>) -> Result<(), Trouble> {
        if self.evidence.is_some() {
            evidence::keep(&mut self.body, data);
        }
        if let Some(inside) = &mut self.inside {
            inside.keep(data, terms.look.body());
        }
        *received += data.len() as u64;
        if *received > terms.caps.body {
            let error = format!("a body of more than {} bytes", terms.caps.body);
            return Err(Trouble::Failed(Failure::site(Class::TooLarge, error)));
        }
        Ok(())
    }
}
