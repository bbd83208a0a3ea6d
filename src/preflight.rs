//! DNS, TCP, TLS and HTTP looked at by hand, before any load: a handful of requests that tell a site that is broken
//! already from one that a load would break.

mod address;
mod certificate;
mod compare;
mod examine;
mod finding;
mod handshake;
mod names;
mod page;

use std::net::SocketAddr;
use std::sync::Arc;

use tokio_rustls::rustls::ClientConfig;

pub use self::certificate::Certificate;
pub use self::examine::{Asked, Examined, Place, examine};
pub use self::finding::{Area, Finding, Weight};
pub use self::handshake::{Handshake, Problem};
pub use self::names::{NameAnswer, NameRecord, nameservers};
pub use self::page::Page;

use self::address::{Look, look_at};
use crate::record::Class;
use crate::scenario::{Connections, Expect, Journey, Journeys, Method, Scenario, Step};
use crate::transport::{HttpSettings, Pinned, PrepareError, Proxy, Request, ResolveError, requests};

/// One thing that was looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    /// Whether it is as it should be.
    pub ok: bool,
    /// What was seen, in words, without control characters.
    pub text: String,
}

impl Note {
    fn good(text: impl Into<String>) -> Self {
        Self::new(true, text)
    }

    fn bad(text: impl Into<String>) -> Self {
        Self::new(false, text)
    }

    /// What a site says about itself goes to a terminal: without the characters that move its cursor.
    fn new(ok: bool, text: impl Into<String>) -> Self {
        let text = text
            .into()
            .chars()
            .filter(|letter| !letter.is_control())
            .collect();
        Self { ok, text }
    }
}

/// What was seen of a site before any load.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Preflight {
    notes: Vec<Note>,
    broken: Option<(Class, String)>,
    reachable: Pinned,
    http: Option<&'static str>,
}

impl Preflight {
    /// What is to be said where the name has no address at all.
    pub fn unresolved(error: &ResolveError) -> Self {
        Self {
            notes: vec![Note::bad(error.to_string())],
            broken: Some((Class::Dns, error.to_string())),
            reachable: Pinned::default(),
            http: None,
        }
    }

    /// The version of HTTP that the site spoke, `1.1` or `2`; nothing where it spoke none.
    pub const fn http(&self) -> Option<&'static str> {
        self.http
    }

    /// Everything that was looked at, in order.
    pub fn notes(&self) -> &[Note] {
        &self.notes
    }

    /// Why the site is broken before any load: on each of its addresses; how it fails on the first, in words.
    pub fn broken(&self) -> Option<(Class, &str)> {
        self.broken
            .as_ref()
            .map(|(class, words)| (*class, words.as_str()))
    }

    /// The addresses to play against. One where nobody listens is left out as long as others remain: a browser goes
    /// on to the next one too.
    pub const fn reachable(&self) -> &Pinned {
        &self.reachable
    }
}

/// Looks at the target of `scenario` on each of its pinned addresses, or through `proxy`. Has to run in a [`tokio::task::LocalSet`], as a
/// transport does.
///
/// # Errors
/// A step of the journey that HTTP does not allow.
pub async fn look(
    scenario: &Scenario,
    pinned: &Pinned,
    tls: Option<Arc<ClientConfig>>,
    proxy: Option<Arc<Proxy>>,
) -> Result<Preflight, PrepareError> {
    let (request, _) = request(scenario)?;
    let host = request.origin.host.clone();
    if let Some(proxy) = proxy {
        return Ok(look_through(scenario, &request, pinned, tls, proxy).await);
    }
    let addresses = pinned.addresses(&host);
    let listed: Vec<String> = addresses.iter().map(ToString::to_string).collect();
    let mut notes = vec![Note::good(format!("{host} resolves to {}", listed.join(", ")))];
    let mut looks: Vec<Look> = Vec::new();
    for address in addresses {
        let only = pinned.clone().with(&host, [*address]);
        let mut settings = HttpSettings::of(&scenario.target, only, tls.clone(), None);
        settings.connections = Connections::PerRequest;
        let place = SocketAddr::new(*address, request.origin.port);
        let mut look = look_at(place, &settings, &request).await;
        notes.append(&mut look.notes);
        looks.push(look);
    }
    let mut kept: Vec<&Look> = looks.iter().filter(|look| look.is_connected).collect();
    if !kept.is_empty() {
        for look in looks.iter().filter(|look| !look.is_connected) {
            notes.push(Note::bad(format!(
                "{} is left out: it takes no connections",
                look.address
            )));
        }
    } else {
        kept = looks.iter().collect();
    }
    let broken = match kept.first() {
        Some(first) if kept.iter().all(|look| look.broken.is_some()) => first.broken.clone(),
        Some(_) => None,
        None => Some((Class::Dns, format!("{host} has no address"))),
    };
    let http = kept.iter().find_map(|look| look.http);
    let reachable = pinned.clone().with(&host, kept.iter().map(|look| look.address));
    Ok(Preflight {
        notes,
        broken,
        reachable,
        http,
    })
}

/// One look through a proxy: how the site's name resolves is the proxy's business.
async fn look_through(
    scenario: &Scenario,
    request: &Request,
    pinned: &Pinned,
    tls: Option<Arc<ClientConfig>>,
    proxy: Arc<Proxy>,
) -> Preflight {
    let listed: Vec<String> = proxy.addresses().iter().map(ToString::to_string).collect();
    let mut notes = vec![Note::good(format!(
        "{} is reached through the proxy {} ({})",
        request.origin.host,
        proxy.host(),
        listed.join(", ")
    ))];
    let first = proxy.addresses().first().copied();
    let mut settings = HttpSettings::of(&scenario.target, pinned.clone(), tls, Some(proxy));
    settings.connections = Connections::PerRequest;
    let (mut broken, mut http) = (None, None);
    if let Some(place) = first {
        let mut look = look_at(place, &settings, request).await;
        notes.append(&mut look.notes);
        (broken, http) = (look.broken, look.http);
    }
    Preflight {
        notes,
        broken,
        reachable: pinned.clone(),
        http,
    }
}

/// The request that a look makes: the first step that leaves the site as it is and is the same for every visitor; a GET
/// of the target's own address where there is none.
///
/// # Errors
/// A step of the journey that HTTP does not allow.
pub fn looked_at(scenario: &Scenario) -> Result<Request, PrepareError> {
    request(scenario).map(|(request, _)| request)
}

/// The first step that leaves the site as it is and is the same for every visitor, and what is expected of it; a GET of
/// the target's own address where there is none.
fn request(scenario: &Scenario) -> Result<(Request, Expect), PrepareError> {
    let mut steps = scenario.journeys.steps().map(|(_, step)| step).enumerate();
    let safe = steps.find(|(_, step)| step.method.is_safe() && step.is_fixed());
    if let Some((at, step)) = safe
        && let Some(mut request) = requests(scenario, "preflight")?.into_iter().nth(at)
    {
        if !step.expect.is_of_a_redirect() {
            request.look = crate::transport::Look::Redirect;
        }
        return Ok((request, step.expect.clone()));
    }
    let mut other = scenario.clone();
    let url = scenario.journeys.steps().next().map(|(_, step)| step.url.clone());
    let step = Step::new(Method::Get, url.unwrap_or_else(|| scenario.target.url.clone()));
    other.journeys = Journeys::new(vec![Journey::only(vec![step])]);
    let request = requests(&other, "preflight")?.into_iter().next();
    let request = request.ok_or_else(|| PrepareError {
        step: 0,
        why: "the journey has no step".to_owned(),
    })?;
    Ok((request, Expect::default()))
}

#[cfg(test)]
mod tests;
