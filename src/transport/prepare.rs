//! The steps of a journey as requests: everything that is the same each time is made here, once.

use std::fmt;

use bytes::Bytes;
use hyper::header::{
    ACCEPT, ACCEPT_ENCODING, AUTHORIZATION, CONNECTION, CONTENT_LENGTH, CONTENT_TYPE, COOKIE, HeaderName,
    HeaderValue, TE, TRANSFER_ENCODING, USER_AGENT,
};
use hyper::http::uri::PathAndQuery;
use hyper::{HeaderMap, Method};
use sha2::{Digest, Sha256};
use url::{Host, Url};

use super::decode::ACCEPTED;
use super::exchange::{Look, Origin, Request};
use crate::scenario::{self, Body, Escape, Scenario, Secret, Step, Template, Value};

/// What a request calls itself unless the scenario says otherwise.
const AGENT: &str = concat!("tipover/", env!("CARGO_PKG_VERSION"));

/// Why a step cannot be sent. A checked scenario has no such step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PrepareError {
    /// Which step, from 0.
    pub step: u16,
    /// What is wrong with it.
    pub why: String,
}

impl fmt::Display for PrepareError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            formatter,
            "prepare step {}: {}",
            u32::from(self.step) + 1,
            self.why
        )
    }
}

impl std::error::Error for PrepareError {}

impl PrepareError {
    /// What to do about it.
    pub const fn hint(&self) -> &'static str {
        "write the step's address and headers without spaces, line breaks and control characters"
    }
}

/// A step as a request: made once, and filled in for each visitor where they differ.
#[derive(Debug, Clone)]
pub struct Prepared {
    request: Request,
    path: Option<Template>,
    headers: Vec<(HeaderName, Template)>,
    body: Option<Template>,
}

/// Why a request cannot be filled in for a visitor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FillError {
    /// This placeholder has no value.
    Missing(String),
    /// The values make no request; why, without the values.
    NoRequest(String),
}

impl From<&str> for FillError {
    fn from(placeholder: &str) -> Self {
        FillError::Missing(placeholder.to_owned())
    }
}

impl From<Request> for Prepared {
    fn from(request: Request) -> Self {
        Self {
            request,
            path: None,
            headers: Vec::new(),
            body: None,
        }
    }
}

impl Prepared {
    /// The request, where it is the same for every visitor; otherwise without what is filled in.
    pub const fn request(&self) -> &Request {
        &self.request
    }

    /// The same, looking at its answers in another way.
    #[must_use]
    pub fn looking(mut self, look: Look) -> Self {
        self.request.look = look;
        self
    }

    /// Whether it is the same for every visitor.
    pub fn is_fixed(&self) -> bool {
        self.path.is_none() && self.headers.is_empty() && self.body.is_none()
    }

    /// The request of one visitor; `fill` adds the value of a placeholder to the text that it is given. Control
    /// characters in a value are left out of headers.
    ///
    /// # Errors
    /// A placeholder without a value, or values that make no request to this site.
    pub fn filled(
        &self,
        fill: &mut dyn FnMut(Value, &mut String) -> Option<()>,
    ) -> Result<Request, FillError> {
        let mut request = self.request.clone();
        if let Some(path) = &self.path {
            let text = path.filled(fill)?;
            if path.escape() == Escape::Plain {
                follow(&mut request, &text)?;
            } else {
                let error = |_| FillError::NoRequest("an address that HTTP does not allow".to_owned());
                request.path = PathAndQuery::try_from(text).map_err(error)?;
            }
        }
        for (name, template) in &self.headers {
            let text: String = template
                .filled(fill)?
                .chars()
                .filter(|c| !c.is_control())
                .collect();
            let error = |_| FillError::NoRequest(format!("a value of `{name}` that HTTP does not allow"));
            let mut value = HeaderValue::from_bytes(text.as_bytes()).map_err(error)?;
            value.set_sensitive(name == AUTHORIZATION || name == COOKIE);
            request.headers.insert(name.clone(), value);
        }
        if let Some(body) = &self.body {
            request.body = Bytes::from(body.filled(fill)?);
        }
        Ok(request)
    }
}

/// Lets `request` go to `link`, which came from a page or a table.
fn follow(request: &mut Request, link: &str) -> Result<(), FillError> {
    let why = match request.origin.resolve(&request.path, link) {
        Some(url) if request.origin.allows(&url) => match path(&url) {
            Ok(path) => {
                request.origin = origin(&url);
                request.path = path;
                return Ok(());
            }
            Err(why) => why,
        },
        Some(_) => "a link to another host, which is not contacted".to_owned(),
        None => "a link that is no address".to_owned(),
    };
    Err(FillError::NoRequest(why))
}

/// The steps of `scenario` as requests, those of all journeys in order. Each says who it is: `User-Agent`,
/// `X-Tipover-Run` and a `traceparent` that is the same for every request of a step, so that a site's logs can be
/// searched for the run.
///
/// # Errors
/// An address or a header that HTTP does not allow.
pub fn prepare(scenario: &Scenario, run_id: &str) -> Result<Vec<Prepared>, PrepareError> {
    let steps = scenario.journeys.steps().map(|(_, step)| step);
    steps
        .enumerate()
        .map(|(index, step)| {
            let number = u16::try_from(index).unwrap_or(u16::MAX);
            prepared(scenario, step, run_id, number).map_err(|why| PrepareError { step: number, why })
        })
        .collect()
}

/// The steps of `scenario` as [`prepare`] makes them, without what is filled in for a visitor.
///
/// # Errors
/// As [`prepare`].
pub fn requests(scenario: &Scenario, run_id: &str) -> Result<Vec<Request>, PrepareError> {
    let prepared = prepare(scenario, run_id)?;
    Ok(prepared.into_iter().map(|prepared| prepared.request).collect())
}

/// What requests for the assets of the step `number` have in common: the headers of the target, not those of the step.
///
/// # Errors
/// As [`prepare`].
pub fn for_assets(
    scenario: &Scenario,
    step: &Step,
    run_id: &str,
    number: u16,
) -> Result<Request, PrepareError> {
    let plain = Step::new(scenario::Method::Get, step.url.clone());
    let prepared = prepared(scenario, &plain, run_id, number);
    prepared
        .map(|prepared| prepared.request)
        .map_err(|why| PrepareError { step: number, why })
}

fn prepared(scenario: &Scenario, step: &Step, run_id: &str, number: u16) -> Result<Prepared, String> {
    let named = |(name, template): &(String, Template)| {
        let name = HeaderName::from_bytes(name.as_bytes()).map_err(|error| error.to_string())?;
        Ok((name, template.clone()))
    };
    let filled_headers = step
        .filled_headers
        .iter()
        .map(named)
        .collect::<Result<_, String>>()?;
    Ok(Prepared {
        request: Request {
            step: number,
            method: method(step.method),
            origin: origin(&step.url),
            path: path(&step.url)?,
            headers: headers(scenario, step, run_id, number)?,
            body: Bytes::copy_from_slice(fixed(&step.body).unwrap_or_default().as_bytes()),
            look: Look::Nothing,
        },
        path: step.path.clone(),
        headers: filled_headers,
        body: match &step.body {
            Body::Text(text) | Body::Json(text) | Body::Form(text) if text.fixed().is_none() => {
                Some(text.clone())
            }
            _ => None,
        },
    })
}

fn method(method: scenario::Method) -> Method {
    match method {
        scenario::Method::Get => Method::GET,
        scenario::Method::Head => Method::HEAD,
        scenario::Method::Post => Method::POST,
        scenario::Method::Put => Method::PUT,
        scenario::Method::Patch => Method::PATCH,
        scenario::Method::Delete => Method::DELETE,
    }
}

pub(super) fn origin(url: &Url) -> Origin {
    let tls = url.scheme() == "https";
    let host = match url.host() {
        Some(Host::Domain(name)) => name.to_ascii_lowercase(),
        Some(Host::Ipv4(address)) => address.to_string(),
        Some(Host::Ipv6(address)) => address.to_string(),
        None => String::new(),
    };
    Origin {
        tls,
        host,
        port: url.port().unwrap_or(if tls { 443 } else { 80 }),
    }
}

pub(super) fn path(url: &Url) -> Result<PathAndQuery, String> {
    let text = match url.query() {
        Some(query) => format!("{}?{query}", url.path()),
        None => url.path().to_owned(),
    };
    PathAndQuery::try_from(text).map_err(|error| error.to_string())
}

fn fixed(body: &Body) -> Option<&str> {
    match body {
        Body::None => None,
        Body::Text(text) | Body::Json(text) | Body::Form(text) => text.fixed(),
    }
}

const fn content_type(body: &Body) -> Option<&'static str> {
    match body {
        Body::None => None,
        Body::Text(_) => Some("text/plain; charset=utf-8"),
        Body::Json(_) => Some("application/json"),
        Body::Form(_) => Some("application/x-www-form-urlencoded"),
    }
}

fn headers(scenario: &Scenario, step: &Step, run_id: &str, number: u16) -> Result<HeaderMap, String> {
    let mut headers = HeaderMap::new();
    headers.insert(USER_AGENT, HeaderValue::from_static(AGENT));
    headers.insert(ACCEPT, HeaderValue::from_static("*/*"));
    headers.insert(ACCEPT_ENCODING, HeaderValue::from_static(ACCEPTED));
    if let Some(kind) = content_type(&step.body) {
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    }
    // What a step says replaces what the target says, and both replace what is said by default; a name written twice
    // in one place is sent twice.
    for written in [&scenario.target.headers, &step.headers] {
        let mut replaced = Vec::new();
        for header in written {
            let name = HeaderName::from_bytes(header.name.as_bytes()).map_err(|error| error.to_string())?;
            if is_set_by_the_connection(&name) {
                continue;
            }
            let value = value_of(&name, &header.value)?;
            if replaced.contains(&name) {
                headers.append(name, value);
            } else {
                replaced.push(name.clone());
                headers.insert(name, value);
            }
        }
    }
    let run = HeaderValue::from_str(run_id).map_err(|error| error.to_string())?;
    headers.insert(HeaderName::from_static("x-tipover-run"), run);
    let trace = HeaderValue::from_str(&traceparent(run_id, number)).map_err(|error| error.to_string())?;
    headers.insert(HeaderName::from_static("traceparent"), trace);
    Ok(headers)
}

fn value_of(name: &HeaderName, value: &Secret) -> Result<HeaderValue, String> {
    let mut value = HeaderValue::from_bytes(value.reveal().as_bytes())
        .map_err(|_| format!("the value of the header `{name}` is not allowed in HTTP"))?;
    value.set_sensitive(name == AUTHORIZATION || name == COOKIE);
    Ok(value)
}

/// Headers that follow from the body and the connection: a written one could only contradict them.
fn is_set_by_the_connection(name: &HeaderName) -> bool {
    [CONTENT_LENGTH, TRANSFER_ENCODING, CONNECTION, TE].contains(name)
}

/// The `traceparent` of every request of a step: W3C Trace Context, version 00, a trace for the run, a span for the step,
/// sampled.
pub fn traceparent(run_id: &str, step: u16) -> String {
    let trace = Sha256::digest(run_id.as_bytes());
    let span = Sha256::digest(format!("{run_id}/{step}").as_bytes());
    let hex = |bytes: &[u8]| bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    format!("00-{}-{}-01", hex(&trace[..16]), hex(&span[..8]))
}

#[cfg(test)]
mod tests;
