//! What is said on stderr before a load starts: what will be played, and what bounds it.

mod time;

use std::time::Duration;

use super::session::Session;
use crate::scenario::{Connections, Scenario, SearchPlan};
use crate::units::Rate;
use crate::words::Language;

/// How long Linux keeps the port of a closed connection: `TCP_TIMEWAIT_LEN`, in seconds.
const TIME_WAIT: f64 = 60.0;
/// The words on a terminal are English, whatever language the report has.
const WORDS: Language = Language::English;

/// What will be played, and the bounds of it: a few lines.
pub(super) fn announcement(session: &Session<'_>, in_flight_cap: u64) -> String {
    let scenario = &session.scenario;
    let mut text = if session.command == "find" {
        search(scenario, in_flight_cap)
    } else {
        load(scenario, in_flight_cap)
    };
    let highest = highest_visits(session);
    // What is over before the first port comes back may use all of them.
    let minutes = match session.command {
        "run" => scenario.load.curve.length().as_secs_f64() / TIME_WAIT,
        _ => 1.0,
    };
    if let Some(ports) = ports()
        && let Some(warning) = too_few_ports(scenario, highest * minutes.min(1.0), ports)
    {
        text.push_str(&warning);
    }
    text
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

fn load(scenario: &Scenario, in_flight_cap: u64) -> String {
    format!(
        "playing {}: {}, up to {} visits/s\n{}\n",
        scenario.target.url,
        length(scenario.load.curve.length()),
        rate(highest_of_stages(scenario)),
        visitors(scenario, in_flight_cap),
    )
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

/// How many ports this machine hands out to connections that it opens.
fn ports() -> Option<u32> {
    let text = std::fs::read_to_string("/proc/sys/net/ipv4/ip_local_port_range").ok()?;
    let mut ends = text.split_whitespace().map(str::parse::<u32>);
    let (Some(Ok(low)), Some(Ok(high))) = (ends.next(), ends.next()) else {
        return None;
    };
    Some(high.saturating_sub(low) + 1)
}

/// A limit of this machine that the load would meet: a closed connection keeps its port for a minute.
fn too_few_ports(scenario: &Scenario, visits: f64, ports: u32) -> Option<String> {
    let (each, connections) = match scenario.target.connections {
        Connections::PerVisitor => ("visit", visits),
        Connections::PerRequest => ("request", visits * scenario.journeys.requests_per_visit()),
        Connections::Pooled => return None,
    };
    let most = f64::from(ports) / TIME_WAIT;
    if connections <= most {
        return None;
    }
    Some(format!(
        "note: {} local ports ÷ 60 s: this machine can open about {} connections/s\n      to one address, one for each \
         {each}; `connections: pooled` needs fewer\n",
        WORDS.count(u64::from(ports)),
        WORDS.number(most.floor(), 0),
    ))
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
    fn a_load_that_needs_more_ports_than_there_are_is_named_with_the_ways_out() {
        let warned = |connections, visits| too_few_ports(&scenario(connections), visits, 28_232).is_some();
        assert!(!warned("per_visitor", 470.0));
        assert!(warned("per_visitor", 471.0));
        assert!(warned("per_request", 240.0), "two requests a visit");
        assert!(!warned("pooled", 10_000.0));
        let text = too_few_ports(&scenario("per_visitor"), 1e4, 28_232).unwrap();
        assert!(
            text.contains("470") && text.contains("connections: pooled"),
            "{text}"
        );
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
