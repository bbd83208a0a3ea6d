//! The plan for machines: every key is always there, and what is not known is null.

use schemars::JsonSchema;
use serde::Serialize;

use super::PlanView;
use super::sentences::{conditions, rounded_down};
use crate::campaign::{Answer, Interval, Verdict};
use crate::report::summary::schema_of;
use crate::words::Language;

/// What campaigns bring, and whether they may go out.
#[derive(Serialize, JsonSchema)]
#[schemars(title = "tipover plan")]
struct Plan<'a> {
    /// Each campaign of the scenario, in its order.
    campaigns: Vec<Campaign<'a>>,
    /// Where the site tips, in pages per second; null where nothing says so.
    tipping_point: Option<Ends>,
}

/// One campaign. What needs a tipping point is null where none is given.
#[derive(Serialize, JsonSchema)]
struct Campaign<'a> {
    /// Its name in the scenario.
    name: &'a str,
    /// `newsletter`, `push`, `tv_spot`, `viral`, `breaking_news`, `flash_sale` or `csv`.
    kind: &'static str,
    /// Its busiest moment.
    peak: Peak,
    /// Tipping point ÷ the load of the busiest moment, with everything else that comes then.
    headroom: Option<Ends>,
    /// `go`, `throttle`, `no_go` or `conditional`.
    verdict: Option<&'static str>,
    /// On which condition the verdict holds, in English; null where it holds without one.
    condition: Option<String>,
    /// The share of recipients behind link scanners, 0 to 1, at which the headroom is just what is asked for.
    break_even_scanner_share: Option<f64>,
    /// The largest audience that is safe in the planned time.
    largest_send: Option<u64>,
    /// Mails per minute of the fastest safe send.
    throttle_per_minute: Option<f64>,
    /// Mails per hour of the fastest safe send.
    throttle_per_hour: Option<f64>,
    /// The same in batches.
    batches: Option<Batches>,
    /// How long the fastest safe send takes; null where no allowed one is slow enough.
    shortest_send_seconds: Option<f64>,
    /// What it would be if more or fewer recipients sat behind link scanners.
    scanner_range: Vec<AtShare>,
    /// What all this rests on.
    assumptions: Vec<Assumption<'a>>,
}

/// The busiest moment of a campaign.
#[derive(Serialize, JsonSchema)]
struct Peak {
    /// Seconds after the start of the first campaign.
    at_seconds: f64,
    /// Visits that start in a second.
    visits_per_second: f64,
    /// Page views of people in a second.
    page_views_per_second: f64,
    /// Requests in a second, those of link scanners included.
    requests_per_second: f64,
    /// Visitors on the site at once.
    visitors: f64,
}

/// An interval; its middle and its high end are null where only "at least" is known.
#[derive(Serialize, JsonSchema)]
struct Ends {
    /// The low end: what promises are made from.
    low: f64,
    /// The middle.
    mid: Option<f64>,
    /// The high end.
    high: Option<f64>,
}

/// A send in batches.
#[derive(Serialize, JsonSchema)]
struct Batches {
    /// Mails in a batch.
    size: u64,
    /// Seconds from batch to batch.
    every_seconds: f64,
}

/// What holds for one share of scanned recipients.
#[derive(Serialize, JsonSchema)]
struct AtShare {
    /// The share of recipients behind link scanners, 0 to 1.
    share: f64,
    /// The largest audience that is safe in the planned time.
    largest_send: u64,
    /// The headroom, from the low end of the tipping point.
    headroom: f64,
}

/// A number that the plan rests on.
#[derive(Serialize, JsonSchema)]
struct Assumption<'a> {
    /// Its key in a scenario.
    name: &'a str,
    /// As a scenario writes it.
    value: &'a str,
    /// Where it comes from, in English.
    source: &'static str,
    /// Whether the scenario gives it.
    given: bool,
}

/// The JSON Schema of the plan, draft-07.
pub fn plan_schema() -> schemars::Schema {
    schema_of::<Plan<'_>>()
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
