//! What a run watches beside its load: its commands are printed before they are started, and the guard decides about the
//! addresses of status pages as it does about the site's.

use std::sync::Arc;

use tokio_rustls::rustls::ClientConfig;
use url::Url;

use super::consent;
use super::exit::Exit;
use super::failure::{Failure, say};
use super::session::Session;
use crate::drive::StatusPage;
use crate::scenario::{Connections, Feed, Journey, Journeys, Method, Step, Watched};
use crate::transport::{HttpSettings, Pinned, requests};

/// A status page, and how to ask for it where it has an address.
pub(super) type Page = (Watched, Option<StatusPage>);

/// The status pages of the scenario, allowed and ready to be asked for; and a word about every command.
pub(super) async fn prepare(
    session: &Session<'_>,
    run_id: &str,
    tls: &Arc<ClientConfig>,
) -> Result<Vec<Page>, Failure> {
    let scenario = &session.scenario;
    if !session.voice.quiet {
        for watched in scenario.logs.iter().chain(&scenario.status) {
            if watched.feed.is_command() {
                say(format!("while it runs, this is run too: {}", watched.feed));
            }
        }
    }
    let mut pages = Vec::new();
    for watched in &scenario.status {
        let page = match &watched.feed {
            Feed::Url(url) => Some(page(session, run_id, url, tls).await?),
            _ => None,
        };
        pages.push((watched.clone(), page));
    }
    Ok(pages)
}

async fn page(
    session: &Session<'_>,
    run_id: &str,
    url: &Url,
    tls: &Arc<ClientConfig>,
) -> Result<StatusPage, Failure> {
    let mut site = session.scenario.clone();
    if site.target.url.host() != url.host() {
        // What the site is told, a password among it, is nobody else's business.
        site.target.headers.clear();
    }
    site.target.url = url.clone();
    site.target.connections = Connections::Pooled;
    site.journeys = Journeys::new(vec![Journey::only(vec![Step::new(Method::Get, url.clone())])]);
    let pinned = Pinned::resolve(&site.target)
        .await
        .map_err(|error| Failure::new(Exit::Usage, format!("watch {url}: {error}")).hint(error.hint()))?;
    consent::ask(session, &pinned, false)?;
    let request = requests(&site, run_id)
        .ok()
        .and_then(|requests| requests.into_iter().next())
        .ok_or_else(|| Failure::new(Exit::Usage, format!("watch {url}: no address of a page")))?;
    let settings = HttpSettings::of(&site.target, pinned, Some(Arc::clone(tls)), None);
    Ok(StatusPage { request, settings })
}
