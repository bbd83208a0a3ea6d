//! The site as `tipover check` looks at it: cleared as before a run, then the long look, then one visit of each journey.

use std::net::SocketAddr;
use std::sync::Arc;

use tokio::time::Instant;

use super::super::arguments::Check;
use super::super::consent;
use super::super::exit::Exit;
use super::super::failure::Failure;
use super::super::session::{Cleared, Session, clear, inside, new_run_id};
use crate::drive::{Rehearsal, rehearse};
use crate::preflight::{Area, Asked, Examined, Finding, Note, Weight, examine, nameservers};
use crate::record::Class;
use crate::scenario::{Journeys, Scenario};
use crate::transport::{HttpSettings, HttpTransport, Pinned, RunClock};

/// Where this machine's resolvers are named.
const RESOLV_CONF: &str = "/etc/resolv.conf";
/// Of this machine's resolvers, those that are asked: the others only stand in for the first.
const OWN_RESOLVERS: usize = 1;

/// What a look at the site showed.
pub(super) struct Looked {
    /// Each host with its addresses.
    pub(super) addresses: std::collections::BTreeMap<String, Vec<String>>,
    /// What the short look saw.
    pub(super) seen: Vec<Note>,
    /// What is broken, where something is.
    pub(super) broken: Option<(Class, String)>,
    /// What mends it, where that is known.
    pub(super) hint: Option<String>,
    /// What the long look saw; nothing through a proxy, and of a name without an address.
    pub(super) examined: Option<Examined>,
    /// The visits.
    pub(super) visits: Vec<Rehearsal>,
    /// What all of it means.
    pub(super) findings: Vec<Finding>,
}

impl Looked {
    /// The heaviest finding.
    pub(super) fn worst(&self) -> Weight {
        let all = self.findings.iter().map(|finding| finding.level);
        all.max().unwrap_or(Weight::Ok)
    }
}

/// Looks at the site of `session`.
pub(super) fn look(session: &Session<'_>, asked: &Check) -> Result<Looked, Failure> {
    inside(async {
        let (tls, _) = session.tls()?;
        let mut cleared = clear(session, &tls).await?;
        let mut looked = Looked {
            addresses: cleared.pinned.recorded(),
            seen: std::mem::take(&mut cleared.seen),
            broken: cleared.broken.take(),
            hint: cleared.hint.take(),
            examined: None,
            visits: Vec::new(),
            findings: Vec::new(),
        };
        let scenario = &session.scenario;
        let is_resolved = cleared.resolved.hosts().next().is_some();
        if cleared.proxy.is_none() && is_resolved {
            let resolvers = resolvers(asked);
            let asked = Asked {
                scenario,
                pinned: &cleared.resolved,
                tls: Arc::clone(&tls),
                resolvers: &resolvers,
                origin: origin(session, asked)?,
            };
            let examined = examine(&asked)
                .await
                .map_err(|error| Failure::new(Exit::Usage, &error).hint(error.hint()))?;
            looked.findings.clone_from(&examined.findings);
            looked.examined = Some(examined);
        }
        if looked.broken.is_none() {
            let (walked, left_out) = walkable(scenario);
            looked.findings.extend(left_out);
            if let Some(walked) = walked {
                looked.visits = visits(&walked, tls, cleared).await?;
                looked
                    .findings
                    .extend(looked.visits.iter().flat_map(|visit| of_visit(&walked, visit)));
            }
        }
        Ok(looked)
    })
}

/// The resolvers to ask: this machine's own, and those that were typed.
fn resolvers(asked: &Check) -> Vec<(SocketAddr, bool)> {
    let own = std::fs::read_to_string(RESOLV_CONF).unwrap_or_default();
    let own = nameservers(&own).into_iter().take(OWN_RESOLVERS);
    let typed = asked.resolver.iter().map(|resolver| (*resolver, false));
    own.map(|resolver| (resolver, true)).chain(typed).collect()
}

/// Where the origin is, if the guard lets us ask it.
fn origin(session: &Session<'_>, asked: &Check) -> Result<Option<SocketAddr>, Failure> {
    let Some((address, port)) = asked.origin else {
        return Ok(None);
    };
    let url = &session.scenario.target.url;
    let port = port.or(url.port_or_known_default()).unwrap_or(80);
    let host = url.host_str().unwrap_or_default().to_ascii_lowercase();
    let pinned = Pinned::new(port).with(host.trim_matches(['[', ']']), [address]);
    consent::ask(session, &pinned, false)?;
    Ok(Some(SocketAddr::new(address, port)))
}

/// The scenario with the journeys that may be walked, and a word about those that may not: one that writes changes the
/// site, even where it is walked once.
fn walkable(scenario: &Scenario) -> (Option<Scenario>, Vec<Finding>) {
    let mut kept = Vec::new();
    let mut left_out = Vec::new();
    for journey in scenario.journeys.iter() {
        let mut steps = journey.steps.iter();
        let writes = steps.find(|step| !step.method.is_safe());
        match writes.filter(|_| !scenario.side_effects) {
            None => kept.push(journey.clone()),
            Some(step) => left_out.push(Finding::ok(
                Area::Journey,
                format!(
                    "{} was not walked: {} may change the site, and `side_effects: allowed` is not written",
                    named(journey.name.as_deref()),
                    step.title()
                ),
            )),
        }
    }
    let walked = (!kept.is_empty()).then(|| Scenario {
        journeys: Journeys::new(kept),
        ..scenario.clone()
    });
    (walked, left_out)
}

async fn visits(
    scenario: &Scenario,
    tls: Arc<tokio_rustls::rustls::ClientConfig>,
    cleared: Cleared,
) -> Result<Vec<Rehearsal>, Failure> {
    let settings = HttpSettings::of(&scenario.target, cleared.pinned, Some(tls), cleared.proxy);
    let clock = RunClock::starting_at(Instant::now());
    let transport = || HttpTransport::new(settings.clone(), clock);
    rehearse(scenario, &new_run_id(), clock, transport)
        .await
        .map_err(|error| Failure::new(Exit::Usage, &error).hint(error.hint()))
}

fn of_visit(scenario: &Scenario, visit: &Rehearsal) -> Vec<Finding> {
    let name = named(visit.journey.as_deref());
    let journey = scenario
        .journeys
        .iter()
        .find(|journey| journey.name == visit.journey);
    if visit.failures.is_empty() {
        let took: f64 = visit
            .requests
            .iter()
            .map(|request| request.took.as_secs_f64())
            .sum();
        let count = match visit.requests.len() {
            1 => "1 request".to_owned(),
            many => format!("{many} requests"),
        };
        let text = format!("{name}: {count} in {:.0} ms, every check holds", took * 1e3);
        return vec![Finding::ok(Area::Journey, text)];
    }
    let of_one = |(number, why): &(u16, String)| {
        let step = journey.and_then(|journey| journey.steps.get(usize::from(*number).saturating_sub(1)));
        let title = step.map_or_else(String::new, |step| format!(" ({})", step.title()));
        Finding::error(
            Area::Journey,
            format!("{name}: step {number}{title}: {why}"),
            "mend the step or the page: in a load each such answer counts as failed",
        )
    };
    visit.failures.iter().map(of_one).collect()
}

fn named(journey: Option<&str>) -> String {
    journey.map_or_else(|| "one visit".to_owned(), |name| format!("one visit of `{name}`"))
}
