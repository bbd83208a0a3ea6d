//! The long look: names by several resolvers, and every address from TCP to a page, with what is wrong and what mends
//! it. A handful of requests to each address, and no load.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use hyper::header::{HOST, HeaderValue};
use serde::Serialize;
use tokio::time::{Instant, timeout};
use tokio_rustls::rustls::ClientConfig;

use super::address::in_millis;
use super::finding::{Area, Finding, Weight};
use super::handshake::{self, Handshake, Manner};
use super::names::{self, NameAnswer};
use super::page::{self, Page};
use super::{compare, request};
use crate::scenario::{Connections, Expect, Scenario};
use crate::transport::{Connect, HttpSettings, HttpTransport, Pinned, PrepareError, Request, RunClock, Tcp};

/// Addresses of one name that are looked at.
const MOST_ADDRESSES: usize = 8;

/// What to look at.
#[derive(Debug, Clone)]
pub struct Asked<'a> {
    /// The site, and what its visitors do.
    pub scenario: &'a Scenario,
    /// Its addresses: the only ones that are contacted, but for `origin`.
    pub pinned: &'a Pinned,
    /// Whom to trust.
    pub tls: Arc<ClientConfig>,
    /// Resolvers to ask for the name, and whether this machine uses them by itself.
    pub resolvers: &'a [(SocketAddr, bool)],
    /// Where the origin is, to be compared with what is in front of it.
    pub origin: Option<SocketAddr>,
}

/// What was seen at one address.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Place {
    /// The address.
    pub address: SocketAddr,
    /// How long TCP took to connect; null where it did not.
    pub connect_milliseconds: Option<f64>,
    /// Why it did not connect.
    pub connect_error: Option<String>,
    /// TLS, where it is spoken.
    pub tls: Option<Handshake>,
    /// What it answers.
    pub http: Option<Page>,
}

/// Everything that was seen.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Examined {
    /// What each resolver said.
    pub names: Vec<NameAnswer>,
    /// Each address of the site.
    pub places: Vec<Place>,
    /// The origin, where it was asked for.
    pub origin: Option<Place>,
    /// What it means, in the order in which a visitor meets it.
    pub findings: Vec<Finding>,
}

/// Looks at everything that `asked` names. Has to run in a [`tokio::task::LocalSet`], as a transport does.
///
/// # Errors
/// A step of the journey that HTTP does not allow.
pub async fn examine(asked: &Asked<'_>) -> Result<Examined, PrepareError> {
    let (request, expect) = request(asked.scenario)?;
    let host = request.origin.host.clone();
    let addresses = asked.pinned.addresses(&host);
    let took = asked.pinned.lookups().find(|(name, _)| *name == host);
    let took = took.map(|(_, took)| took);
    let mut answers = Vec::new();
    if host.parse::<IpAddr>().is_err() {
        for (resolver, is_system) in asked.resolvers {
            // Where the scenario names the address, this machine's resolver was not asked.
            if *is_system && took.is_none() {
                continue;
            }
            let mut answer = names::ask(*resolver, &host).await;
            answer.is_system = *is_system;
            answers.push(answer);
        }
    }
    let mut findings = names::judged(&host, addresses, took, &answers);
    let mut places = Vec::new();
    for address in addresses.iter().take(MOST_ADDRESSES) {
        places.push(look(asked, *address, &request).await);
    }
    let is_last_way = |place: &Place| {
        places
            .iter()
            .all(|other| other.address == place.address || other.connect_milliseconds.is_none())
    };
    for place in &places {
        let last = is_last_way(place);
        findings.extend(place.findings(&request, &expect, asked.scenario, last));
    }
    if addresses.len() > MOST_ADDRESSES {
        let more = addresses.len() - MOST_ADDRESSES;
        findings.push(Finding::ok(
            Area::Tcp,
            format!("{more} more addresses were not looked at"),
        ));
    }
    findings.extend(compare::addresses(&places));
    let mut origin = None;
    if let Some(place) = asked.origin {
        let seen = look_at_origin(asked, place, &request).await;
        let own = seen.findings(&request, &expect, asked.scenario, true);
        findings.extend(own.into_iter().map(|finding| Finding {
            area: Area::Origin,
            ..finding
        }));
        findings.extend(compare::edge_and_origin(&host, &places, &seen));
        origin = Some(seen);
    }
    Ok(Examined {
        names: answers,
        places,
        origin,
        findings,
    })
}

/// The origin, asked under the site's own name.
async fn look_at_origin(asked: &Asked<'_>, place: SocketAddr, request: &Request) -> Place {
    let mut request = request.clone();
    if place.port() != request.origin.port && !request.headers.contains_key(HOST) {
        let is_usual = request.origin.port == if request.origin.tls { 443 } else { 80 };
        let name = if is_usual {
            request.origin.host.clone()
        } else {
            format!("{}:{}", request.origin.host, request.origin.port)
        };
        if let Ok(name) = HeaderValue::try_from(name) {
            request.headers.insert(HOST, name);
        }
    }
    request.origin.port = place.port();
    look(asked, place.ip(), &request).await
}

async fn look(asked: &Asked<'_>, address: IpAddr, request: &Request) -> Place {
    let target = &asked.scenario.target;
    let address = SocketAddr::new(address, request.origin.port);
    let mut place = Place {
        address,
        connect_milliseconds: None,
        connect_error: None,
        tls: None,
        http: None,
    };
    let begun = Instant::now();
    match timeout(target.timeouts.connect, Tcp.connect(address)).await {
        Ok(Ok(_)) => place.connect_milliseconds = Some(begun.elapsed().as_secs_f64() * 1e3),
        Ok(Err(error)) => place.connect_error = Some(error.to_string()),
        Err(_) => place.connect_error = Some(format!("no answer in {:?}", target.timeouts.connect)),
    }
    if place.connect_milliseconds.is_none() {
        return place;
    }
    if request.origin.tls {
        let name = target.tls.server_name.clone();
        let manner = Manner {
            plan: &target.tls,
            config: Arc::clone(&asked.tls),
            name: name.unwrap_or_else(|| request.origin.host.clone()),
            http: target.http,
            wait: target.timeouts.connect,
        };
        place.tls = Some(handshake::shake(address, &manner).await);
    }
    let only = asked.pinned.clone().with(&request.origin.host, [address.ip()]);
    let mut settings = HttpSettings::of(target, only, Some(Arc::clone(&asked.tls)), None);
    settings.connections = Connections::PerVisitor;
    let clock = RunClock::starting_at(Instant::now());
    let transport = HttpTransport::new(settings, clock).with_all_evidence();
    place.http = Some(page::asked(&transport, request).await);
    place
}

impl Place {
    /// What to say about it; `is_last` where no other address takes connections.
    fn findings(
        &self,
        request: &Request,
        expect: &Expect,
        scenario: &Scenario,
        is_last: bool,
    ) -> Vec<Finding> {
        let at = |finding: Finding| finding.at(self.address.ip());
        let Some(took) = self.connect_milliseconds else {
            return vec![at(self.dead(is_last))];
        };
        let took = in_millis(Duration::from_secs_f64(took / 1e3));
        let mut all = vec![at(Finding::ok(
            Area::Tcp,
            format!("{} connected in {took}", self.address),
        ))];
        if let Some(tls) = &self.tls {
            let plan = &scenario.target.tls;
            let name = plan.server_name.as_deref().unwrap_or(&request.origin.host);
            let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
            let now = now.map_or(0, |now| i64::try_from(now.as_secs()).unwrap_or(i64::MAX));
            all.extend(tls.findings(name, plan.insecure, now).into_iter().map(at));
        }
        let has_handshake = self.tls.as_ref().is_none_or(|tls| tls.problem.is_none());
        if let Some(page) = self.http.as_ref().filter(|_| has_handshake) {
            let expected = |status| expect.names(status);
            all.extend(
                page.findings(request, expected, request.origin.tls)
                    .into_iter()
                    .map(at),
            );
        }
        all
    }

    fn dead(&self, is_last: bool) -> Finding {
        let why = self.connect_error.as_deref().unwrap_or("?");
        let text = format!("{} takes no connections: {why}", self.address);
        if is_last {
            return Finding::error(
                Area::Tcp,
                text,
                "start the server, or check its port and the firewall before it",
            );
        }
        if why.starts_with("no answer") {
            return Finding::error(
                Area::Tcp,
                text,
                "take the address out of DNS, or mend its machine: visitors wait for seconds before they try the next one",
            );
        }
        Finding::warning(
            Area::Tcp,
            text,
            "take the address out of DNS, or start the server: the others carry its part of the load",
        )
    }

    /// Whether a visitor gets no page here.
    pub fn is_broken(&self) -> bool {
        self.connect_milliseconds.is_none()
            || self.tls.as_ref().is_some_and(|tls| tls.problem.is_some())
            || self.http.as_ref().is_some_and(Page::is_broken)
    }
}

impl Examined {
    /// The heaviest finding.
    pub fn worst(&self) -> Weight {
        let all = self.findings.iter().map(|finding| finding.level);
        all.max().unwrap_or(Weight::Ok)
    }
}
