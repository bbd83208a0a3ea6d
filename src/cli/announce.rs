//! What is said on stderr before a load starts: what will be played, and what bounds it.

mod time;

use std::net::IpAddr;
use std::time::Duration;

use super::dry::LISTED;
use super::plays::Plays;
use super::session::Session;
use crate::drive::{Limits, Needs, in_flight_cap, shortages};
use crate::record::CampaignLine;
use crate::scenario::{HttpVersion, Scenario, SearchPlan};
use crate::transport::Pinned;
use crate::units::Rate;
use crate::words::Language;

/// The words on a terminal are English, whatever language the report has.
const WORDS: Language = Language::English;

/// What will be played, and the bounds of it, and what this machine has too little of: a few lines.
pub(super) fn announcement(session: &Session<'_>, pinned: &Pinned, limits: &Limits) -> String {
    let scenario = &session.scenario;
    let cap = in_flight_cap(limits);
    let mut text = if session.command == "find" {
        search(scenario, cap)
    } else {
        load(session, cap)
    };
    if scenario.journeys.have_assets() {
        text.push_str(
            "note: assets are fetched besides: loads stay in pages/s, and a page whose asset\n      \
             fails (no connection, 5xx, 429) is a failed page\n",
        );
    }
    for shortage in shortages(&needs(session, pinned), limits) {
        text.push_str(&shortage.to_string());
    }
    text
}

/// What the load needs of this machine.
fn needs(session: &Session<'_>, pinned: &Pinned) -> Needs {
    let scenario = &session.scenario;
    let addresses: Vec<IpAddr> = pinned.hosts().flat_map(|(_, found)| found).copied().collect();
    let from_own = |target: &IpAddr| scenario.source_addresses.count_for(*target).max(1);
    let crowd = Some(scenario.load.crowd.peak()).filter(|visitors| *visitors > 0 && session.command == "run");
    Needs {
        connections: scenario.target.connections,
        visits_per_second: crowd
            .is_none()
            .then(|| highest_visits(session) + highest_singles(session)),
        visitors: crowd,
        requests_per_visit: scenario.journeys.requests_per_visit(),
        connections_per_visit: connections_per_visit(scenario),
        seconds: (session.command == "run").then(|| match &session.plays {
            Plays::Log(replay) => replay.tape.length().as_secs_f64(),
            _ => scenario.load.length().as_secs_f64(),
        }),
        has_tls: scenario.target.url.scheme() == "https",
        targets: addresses.len() as u64,
        on_loopback: addresses.iter().all(IpAddr::is_loopback),
        sources: addresses.iter().map(from_own).min().unwrap_or(1),
    }
}

/// Six where assets are fetched, as browsers do, unless HTTP/2 carries all of them on one.
fn connections_per_visit(scenario: &Scenario) -> u64 {
    let target = &scenario.target;
    let is_one = match target.http {
        HttpVersion::One => false,
        HttpVersion::Two => true,
        HttpVersion::Auto => target.url.scheme() == "https",
    };
    if is_one || !scenario.journeys.have_assets() {
        1
    } else {
        6
    }
}

fn search(scenario: &Scenario, in_flight_cap: u64) -> String {
    let search = &scenario.search;
    format!(
        "{} {}: {}, limit {} failed, profile {}\n{}\n\
         {}: {}, {} requests, {} failed, {} s above the verified load\n{}",
        if search.enough.is_some() {
            "proving"
        } else {
            "searching"
        },
        scenario.target.url,
        loads(search),
        WORDS.percent(search.share.get()),
        search.profile,
        visitors(scenario, in_flight_cap),
        match search.repeat {
            0 | 1 => "bounds".to_owned(),
            many => format!("{many} searches, each with bounds"),
        },
        length(search.budget),
        WORDS.count(search.caps.requests),
        WORDS.count(search.caps.failed),
        search.caps.seconds_above,
        time::how_long(search),
    )
}

/// The loads of a search, or those that are to be proven, which it does not go above by more than 2 %.
fn loads(search: &SearchPlan) -> String {
    let Some(enough) = &search.enough else {
        return format!("{} to {} pages/s", rate(search.from), rate(search.to));
    };
    let each: Vec<String> = enough.loads.iter().map(|load| rate(*load)).collect();
    format!("{} pages/s and no more", each.join(", "))
}

/// What a run plays, as `--dry-run` says it.
pub(super) fn load_alone(session: &Session<'_>) -> String {
    load(session, in_flight_cap(&Limits::read()))
}

fn load(session: &Session<'_>, in_flight_cap: u64) -> String {
    let scenario = &session.scenario;
    let url = &scenario.target.url;
    match &session.plays {
        Plays::Campaign(played) => {
            return campaign(scenario, &played.line, played.scanners.peak(), in_flight_cap);
        }
        Plays::Log(replay) => return format!("playing {url} again\n{}", replay.listing(LISTED)),
        Plays::Load => {}
    }
    let length = length(scenario.load.length());
    if !scenario.load.crowd.is_empty() {
        return format!(
            "playing {url}: {length}, up to {} visitors at a time, connections {}\n\
             note: a closed model: each visitor waits for its answer before it asks again,\n      \
             so waiting hides itself (coordinated omission); `--rate` shows it\n",
            WORDS.count(scenario.load.crowd.peak()),
            scenario.target.connections,
        );
    }
    format!(
        "playing {url}: {length}, up to {} visits/s\n{}\n",
        rate(highest_of_stages(scenario)),
        visitors(scenario, in_flight_cap),
    )
}

/// A campaign: from when until when, how many people and link scanners, and what they do.
fn campaign(scenario: &Scenario, line: &CampaignLine, scans: Rate, in_flight_cap: u64) -> String {
    let seconds = |seconds: f64| WORDS.seconds(seconds);
    let mut text = format!(
        "playing {}: {}, from {} until {} after its start, up to {} visits/s, {} visits in all\n",
        scenario.target.url,
        line.name,
        seconds(line.begins_at),
        seconds(line.ends_at),
        rate(highest_of_stages(scenario)),
        WORDS.count(line.visits.round() as u64),
    );
    if line.scans > 0.0 {
        text.push_str(&format!(
            "link scanners beside them: up to {} requests/s, {} in all, without cookies\n",
            rate(scans),
            WORDS.count(line.scans.round() as u64),
        ));
    }
    if line.tracking_params != "none" {
        text.push_str(&format!(
            "links carry `utm_id`, {}; `tracking_params: none` leaves it out\n",
            if line.tracking_params == "unique" {
                "another one each"
            } else {
                "the same for all"
            }
        ));
    }
    text.push_str(&match line.reloads {
        Some(reloads) => format!(
            "{} of those who meet a failure reload the page after about {}, at most {} times; `reloads: none` lets them leave\n",
            WORDS.percent(reloads.share),
            seconds(reloads.after_seconds),
            reloads.most
        ),
        None => "nobody reloads a page that failed\n".to_owned(),
    });
    text + &visitors(scenario, in_flight_cap) + "\n"
}

fn visitors(scenario: &Scenario, in_flight_cap: u64) -> String {
    format!(
        "{} arrivals, seed {}, connections {}, at most {} in flight",
        scenario.load.arrivals,
        scenario.search.seed,
        scenario.target.connections,
        WORDS.count(in_flight_cap)
    )
}

fn highest_of_stages(scenario: &Scenario) -> Rate {
    let rates = scenario.load.stages.iter().map(|stage| stage.target.get());
    Rate::per_second(rates.fold(0.0, f64::max))
}

/// Requests per second, at most, of those who walk no journey, link scanners and lines of a log: each opens as many
/// connections as a visit.
fn highest_singles(session: &Session<'_>) -> f64 {
    match &session.plays {
        Plays::Load => 0.0,
        Plays::Campaign(played) => played.scanners.peak().get(),
        Plays::Log(replay) => replay.tape.busiest_second() as f64,
    }
}

/// The highest load that may be offered, in visits per second.
fn highest_visits(session: &Session<'_>) -> f64 {
    let scenario = &session.scenario;
    if session.command == "run" {
        highest_of_stages(scenario).get()
    } else {
        let proof = scenario.search.enough.as_ref();
        let loads = proof.map(|enough| enough.loads.iter().map(|load| load.get()).fold(0.0, f64::max));
        loads.unwrap_or(scenario.search.to.get()) / scenario.journeys.pages_per_visit()
    }
}

fn rate(rate: Rate) -> String {
    WORDS.quantity(rate.get())
}

/// A length in the largest unit that it fills evenly.
fn length(length: Duration) -> String {
    match length.as_secs() {
        seconds if seconds >= 3_600 && seconds.is_multiple_of(3_600) => format!("{} h", seconds / 3_600),
        seconds if seconds >= 60 && seconds.is_multiple_of(60) => format!("{} min", seconds / 60),
        _ => format!("{} s", WORDS.quantity(length.as_secs_f64())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::{Overrides, from_text};

    fn scenario(connections: &str) -> Scenario {
        let text = format!(
            "version: 1\ntarget: {{ url: http://127.0.0.1, connections: {connections} }}\njourney:\n  - get: /\n  - get: /b\n"
        );
        let folder = std::path::Path::new("");
        from_text(&text, "a.yaml", folder, &Overrides::default(), &|_| None)
            .unwrap()
            .scenario
    }

    #[test]
    fn what_bounds_a_search_is_said_before_it_starts() {
        let text = search(&scenario("pooled"), 20_000);
        for bound in [
            "1 to 10,000 pages/s",
            "15 min",
            "1,000,000 requests",
            "20,000 failed",
            "120 s above",
            "poisson",
            "pooled",
            "20,000 in flight",
        ] {
            assert!(text.contains(bound), "{bound} is not in {text}");
        }
    }
}
