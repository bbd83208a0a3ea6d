//! The plan for machines: every key is always there, and what is not known is null.

use serde::Serialize;

use super::PlanView;
use super::sentences::{conditions, rounded_down};
use crate::campaign::{Answer, Interval, Verdict};
use crate::words::Language;

#[derive(Serialize)]
struct Plan<'a> {
    campaigns: Vec<Campaign<'a>>,
    tipping_point: Option<Ends>,
}

#[derive(Serialize)]
struct Campaign<'a> {
    name: &'a str,
    kind: &'static str,
    peak: Peak,
    headroom: Option<Ends>,
    verdict: Option<&'static str>,
    condition: Option<String>,
    break_even_scanner_share: Option<f64>,
    largest_send: Option<u64>,
    throttle_per_minute: Option<f64>,
    throttle_per_hour: Option<f64>,
    batches: Option<Batches>,
    shortest_send_seconds: Option<f64>,
    scanner_range: Vec<AtShare>,
    assumptions: Vec<Assumption<'a>>,
}

#[derive(Serialize)]
struct Peak {
    at_seconds: f64,
    visits_per_second: f64,
    page_views_per_second: f64,
    requests_per_second: f64,
    visitors: f64,
}

#[derive(Serialize)]
struct Ends {
    low: f64,
    mid: Option<f64>,
    high: Option<f64>,
}

#[derive(Serialize)]
struct Batches {
    size: u64,
    every_seconds: f64,
}

#[derive(Serialize)]
struct AtShare {
    share: f64,
    largest_send: u64,
    headroom: f64,
}

#[derive(Serialize)]
struct Assumption<'a> {
    name: &'a str,
    value: &'a str,
    source: &'static str,
    given: bool,
}

/// The word of a verdict.
pub(in crate::report) const fn word(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Go => "go",
        Verdict::Throttle => "throttle",
        Verdict::NoGo => "no_go",
        Verdict::Conditional => "conditional",
    }
}

/// The plan as JSON, with a line end.
pub fn plan_json(view: &PlanView<'_>) -> String {
    let plan = Plan {
        campaigns: view.answers.iter().map(campaign).collect(),
        tipping_point: view.measured.map(|measured| Ends {
            low: measured.tipping_point.low,
            mid: measured.tipping_point.mid,
            high: measured.tipping_point.high,
        }),
    };
    // Names and numbers only: a number that JSON has no word for becomes null.
    let text = serde_json::to_string_pretty(&plan).unwrap_or_default();
    format!("{text}\n")
}

fn ends(interval: Interval) -> Ends {
    Ends {
        low: interval.low,
        mid: interval.mid,
        high: interval.high,
    }
}

fn campaign(answer: &Answer) -> Campaign<'_> {
    let (planned, peak) = (&answer.campaign, answer.peak);
    let decision = answer.decision.as_ref();
    let said: Vec<String> =
        decision.map_or_else(Vec::new, |decision| conditions(decision, Language::English));
    let each = planned.assumptions.iter().map(|one| Assumption {
        name: one.name,
        value: &one.value,
        source: one.source.text(Language::English),
        given: one.origin == crate::campaign::Origin::Given,
    });
    let range = decision.map_or(&[][..], |decision| &decision.scanner_range);
    let per_minute = decision.and_then(|decision| decision.per_minute);
    Campaign {
        name: &planned.name,
        kind: planned.kind.as_str(),
        peak: Peak {
            at_seconds: planned.starts + peak.at,
            visits_per_second: peak.visits,
            page_views_per_second: peak.page_views,
            requests_per_second: peak.requests,
            visitors: peak.visitors,
        },
        headroom: decision.map(|decision| ends(decision.headroom)),
        verdict: decision.map(|decision| word(decision.verdict)),
        condition: (!said.is_empty()).then(|| said.join(" ")),
        break_even_scanner_share: decision.and_then(|decision| decision.break_even),
        largest_send: decision.map(|decision| decision.largest as u64),
        throttle_per_minute: per_minute.map(rounded_down),
        throttle_per_hour: per_minute.map(|rate| rounded_down(60.0 * rate)),
        batches: decision
            .and_then(|decision| decision.batches)
            .map(|batches| Batches {
                size: batches.size as u64,
                every_seconds: batches.every,
            }),
        shortest_send_seconds: decision.and_then(|decision| decision.shortest),
        scanner_range: range
            .iter()
            .map(|at| AtShare {
                share: at.share,
                largest_send: at.largest as u64,
                headroom: at.headroom,
            })
            .collect(),
        assumptions: each.collect(),
    }
}
