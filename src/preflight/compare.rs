//! Addresses laid beside each other, and the edge beside the origin.

use std::collections::BTreeMap;

use super::examine::Place;
use super::finding::{Area, Finding};
use super::handshake::Problem;

/// Where the addresses of one name do not agree.
pub(super) fn addresses(places: &[Place]) -> Vec<Finding> {
    let mut all = Vec::new();
    let certificate = |place: &Place| {
        let own = place.tls.as_ref()?.own()?;
        let title = format!(
            "{} until {}, {}…",
            own.for_whom(),
            own.last_day(),
            &own.fingerprint[..8]
        );
        Some((own.fingerprint.clone(), title))
    };
    if let Some(text) = differing(places, certificate) {
        all.push(Finding::warning(
            Area::Tls,
            format!("the addresses show different certificates: {text}"),
            "put the same, newest certificate on every server: a visitor meets any of them",
        ));
    }
    let answer = |place: &Place| {
        let page = place.http.as_ref()?;
        Some((page.class.to_string(), page.class.to_string()))
    };
    if let Some(text) = differing(places, answer) {
        all.push(Finding::warning(
            Area::Http,
            format!("the addresses answer differently: {text}"),
            "look at the server that differs: a share of the visitors meets it, whatever the load",
        ));
    }
    let server = |place: &Place| {
        let page = place.http.as_ref().filter(|page| !page.class.is_transport())?;
        let server = page.server.clone().unwrap_or_else(|| "no name".to_owned());
        Some((server.clone(), server))
    };
    if let Some(text) = differing(places, server) {
        all.push(Finding::warning(
            Area::Http,
            format!("the addresses call themselves differently: {text}"),
            "see whether one of them was left out of an update",
        ));
    }
    all
}

/// `127.0.0.1: this; 127.0.0.2: that` where the keys differ; nothing where they agree.
fn differing(places: &[Place], of: impl Fn(&Place) -> Option<(String, String)>) -> Option<String> {
    let mut groups: BTreeMap<String, (String, Vec<String>)> = BTreeMap::new();
    for place in places {
        if let Some((key, title)) = of(place) {
            let group = groups.entry(key).or_insert_with(|| (title, Vec::new()));
            group.1.push(place.address.ip().to_string());
        }
    }
    if groups.len() < 2 {
        return None;
    }
    let words = groups
        .values()
        .map(|(title, addresses)| format!("{}: {title}", addresses.join(", ")));
    Some(words.collect::<Vec<_>>().join("; "))
}

/// What lies between the addresses of `host` and the origin behind them.
pub(super) fn edge_and_origin(host: &str, places: &[Place], origin: &Place) -> Vec<Finding> {
    let mut all = Vec::new();
    let Some(edge) = places.iter().find(|place| place.http.is_some()) else {
        return all;
    };
    if edge.address == origin.address {
        return vec![Finding::warning(
            Area::Origin,
            format!(
                "{} is an address of {host} itself: nothing to compare",
                origin.address
            ),
            "name the address behind the edge: `--origin ADDRESS`",
        )];
    }
    all.extend(certificates(host, edge, origin));
    let (Some(front), Some(back)) = (&edge.http, &origin.http) else {
        return all;
    };
    let (front_class, back_class) = (front.class, back.class);
    all.push(match (edge.is_broken(), origin.is_broken()) {
        (true, false) => Finding::error(
            Area::Edge,
            format!("the edge answers {front_class}, the origin {back_class}: what is between them fails"),
            "look at the way from the edge to the origin: its address there, its firewall, its certificate, its time-outs",
        ),
        (true, true) => Finding::error(
            Area::Edge,
            format!("the edge answers {front_class}, the origin {back_class}: the origin itself fails"),
            "mend the origin first: the edge only passes it on",
        ),
        (false, true) => Finding::warning(
            Area::Edge,
            format!("the edge answers {front_class}, the origin {back_class}: visitors live on what the edge keeps"),
            "mend the origin: pages that the edge does not keep fail already",
        ),
        (false, false) if front_class != back_class => Finding::warning(
            Area::Edge,
            format!("the edge answers {front_class}, the origin {back_class}"),
            "see which rule of the edge changes the answer, before its numbers are taken for the origin’s",
        ),
        (false, false) => Finding::ok(
            Area::Edge,
            format!("edge and origin both answer {front_class}{}", said(front.title.as_deref(), back.title.as_deref())),
        ),
    });
    if front.cache_hit == Some(true) && !origin.is_broken() {
        all.push(Finding::ok(
            Area::Edge,
            "the edge answers from its cache, the origin does not: measure both, the origin by `--resolve`",
        ));
    }
    all
}

fn said(front: Option<&str>, back: Option<&str>) -> String {
    match (front, back) {
        (Some(front), Some(back)) if front != back => format!(", but “{front}” and “{back}”"),
        (Some(front), Some(_)) => format!(", “{front}”"),
        _ => String::new(),
    }
}

/// Whether an edge that verifies the origin's certificate would take it.
fn certificates(host: &str, edge: &Place, origin: &Place) -> Option<Finding> {
    let back = origin.tls.as_ref()?;
    let own = back.own();
    match back.problem {
        Some(problem @ (Problem::TlsName | Problem::TlsExpired | Problem::TlsUntrusted)) => {
            let what = match (problem, own) {
                (Problem::TlsName, Some(own)) => format!("is for {}, not for {host}", own.for_whom()),
                (Problem::TlsExpired, Some(own)) => format!("ended on {}", own.last_day()),
                _ => "is signed by nobody who is trusted".to_owned(),
            };
            Some(Finding::error(
                Area::Origin,
                format!("the origin’s certificate {what}: an edge that verifies it answers 502, or 526"),
                "put a certificate for this name on the origin (an origin certificate of the edge’s own authority will \
                 do, if only the edge comes), or tell the edge which name to ask for",
            ))
        }
        Some(_) => Some(Finding::error(
            Area::Origin,
            "no TLS handshake with the origin: an edge that speaks TLS to it answers 502, or 525",
            "let the origin speak TLS at this port, in a version that the edge knows, or let the edge speak HTTP to it",
        )),
        None => {
            let front = edge.tls.as_ref().and_then(|tls| tls.own())?;
            let is_same = own.is_some_and(|own| own.fingerprint == front.fingerprint);
            Some(Finding::ok(
                Area::Origin,
                if is_same {
                    "edge and origin show the same certificate"
                } else {
                    "edge and origin show certificates of their own, both for this name"
                },
            ))
        }
    }
}
