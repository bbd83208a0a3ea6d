//! From what is proven and refuted to a finding, in words. It may be asked at any moment.

use super::super::finding::{Estimate, Finding, Kind, Limit, Recovery, Shape};
use super::super::settings::Settings;
use super::super::tally::Tally;
use super::super::trial::Plan;
use super::Ending;
use super::case::{Aim, Case};
use super::seen::Seen;
use crate::analysis::statistics::{Z_95, rule_of_three, wilson};
use crate::record::Class;
use crate::units::Rate;

/// How far from the load of a hold that came to no clear end the tipping point may lie.
const CLOSE: f64 = 1.07;

/// The part of a load that passed for some seconds only which the site is believed to carry: a backlog or a burst hides
/// as much for that long.
const SHORT: f64 = 0.7;

/// The finding as of now; `ending` is nothing while the search goes on.
pub(super) fn finding(
    settings: &Settings,
    case: &Case,
    tally: &Tally,
    recovery: Option<Recovery>,
    ending: Option<&Ending>,
) -> Finding {
    let mut finding = Finding {
        kind: Kind::NotReached,
        rate: None,
        up_to: None,
        at: None,
        confidence: 0.95,
        horizon_seconds: settings.hold,
        class: tally.class(),
        limit: None,
        shape: None,
        why: String::new(),
        evidence: evidence(settings, case, tally, recovery),
        verified: case.held.map(|held| rate(held.rate)),
        failing: case.standing.map(|standing| rate(standing.rate)),
        first_failure: tally.first_failure,
        first_502: tally.first_502,
        recovery,
        converged: matches!(
            ending,
            Some(Ending::Decided | Ending::AlreadyFailing | Ending::Blocked { .. })
        ) || ending.is_some() && case.target().is_none(),
    };
    match ending {
        Some(Ending::AlreadyFailing) => already_failing(&mut finding, case),
        Some(Ending::Blocked { rate: at }) => blocked(&mut finding, case, tally, *at),
        Some(Ending::Unsteady(seen)) => {
            finding.kind = Kind::Unsteady;
            finding.why = format!("The site changed under test: {seen}.");
        }
        Some(Ending::OurLimit) => our_limit(&mut finding, case),
        _ if case.standing.is_some() || !case.close.is_empty() => tipped(&mut finding, settings, case),
        _ => not_reached(&mut finding, settings, case),
    }
    if let Some(unfinished) = unfinished(ending, case) {
        finding.evidence.push(format!(
            "Not every load that was asked for is decided: {unfinished}."
        ));
    }
    finding
}

fn rate(rate: f64) -> Rate {
    Rate::per_second(rate)
}

/// Between what passed for some time and the lowest load whose failure stands. The middle is what was still answered
/// well under overload, where that lies between them, and else their geometric mean: nothing in between was tried.
fn tipped(finding: &mut Finding, settings: &Settings, case: &Case) {
    let standing = case.standing.map(|standing| standing.rate);
    let close = case.close.iter().map(|close| close.rate);
    let high = close
        .clone()
        .map(|rate| rate * CLOSE)
        .chain(standing)
        .fold(f64::INFINITY, f64::min);
    let passed = [case.held, case.firm].into_iter().flatten().map(|seen| seen.rate);
    let sure = passed.filter(|rate| *rate < high).fold(0.0, f64::max);
    let near = close.map(|rate| rate / CLOSE).fold(f64::INFINITY, f64::min);
    let brief = (SHORT * case.best_rate()).max(settings.from);
    let low = if sure > 0.0 { sure } else { brief }.min(near).min(high);
    let read = case.failures.last().map_or(0.0, |seen| seen.goodput);
    let mid = if low < read && read < high {
        read
    } else {
        (low * high).sqrt()
    };
    finding.kind = Kind::Tipped;
    finding.rate = Some(Estimate { low, mid, high });
    let (limit, shape) = manner(case, finding.class, mid);
    finding.limit = Some(limit);
    finding.shape = Some(shape);
    let class = finding
        .class
        .map_or_else(String::new, |class| format!(", most of them {class}"));
    finding.why = match standing {
        Some(load) => format!(
            "At {} pages/s more than {} of the requests fail{class}, and again after the site had time to recover and \
             to grow.",
            rate(load),
            percent(settings.share)
        ),
        None => format!(
            "At {} pages/s the share of failures is too close to {} to tell.",
            rate(case.close.first().map_or(high, |close| close.rate)),
            percent(settings.share)
        ),
    };
}

/// A limiter refuses at once, at flat latency, and with an answer of its own. A cliff where half of the requests or
/// more failed for a second, and clearly more than must.
fn manner(case: &Case, class: Option<Class>, tipping: f64) -> (Limit, Shape) {
    let by_choice = matches!(class, Some(Class::Status(status)) if !matches!(status, 502 | 504 | 520..=529));
    let flat = case.failures.iter().filter(|seen| seen.refused_flat).count();
    let limit = if by_choice && 2 * flat > case.failures.len() {
        Limit::Policy
    } else {
        Limit::Overload
    };
    let falls = |seen: &Seen| {
        let unavoidable = (1.0 - tipping / seen.rate).max(0.0);
        seen.worst_share >= 0.5 && seen.worst_share > unavoidable + 0.2
    };
    let shape = if case.failures.iter().any(falls) {
        Shape::Cliff
    } else {
        Shape::Slope
    };
    (limit, shape)
}

fn not_reached(finding: &mut Finding, settings: &Settings, case: &Case) {
    let best = case.held.or(case.firm).or(case.best);
    finding.up_to = best.map(|seen| rate(seen.rate));
    finding.why = match best {
        None => "The search ended before anything was known.".to_owned(),
        Some(best) => {
            let all = settings.enough.iter().all(|load| case.is_proven(*load));
            format!(
                "Up to {} pages/s{} the site did not tip over: {}.",
                rate(best.rate),
                if all { ", as much as was asked for," } else { "" },
                fewer_than(&best)
            )
        }
    };
}

/// "Fewer than x %", never "none": the rule of three where nothing failed, the upper end of Wilson's interval else.
fn fewer_than(seen: &Seen) -> String {
    let (answers, failed) = (seen.answers as u64, seen.failed as u64);
    let bound = if failed == 0 {
        rule_of_three(answers)
    } else {
        wilson(failed, answers, Z_95).high
    };
    format!(
        "fewer than {} of the requests fail there ({failed} of {answers} did)",
        percent(bound)
    )
}

fn already_failing(finding: &mut Finding, case: &Case) {
    finding.kind = Kind::AlreadyFailing;
    let by_rate = |a: &&Seen, b: &&Seen| a.rate.total_cmp(&b.rate);
    let Some(lowest) = case.baselines.iter().map(|(seen, _)| seen).min_by(by_rate) else {
        return;
    };
    finding.at = Some(rate(lowest.rate));
    finding.why = if lowest.answers == 0.0 {
        format!(
            "At the lowest load, {} pages/s, no request was answered.",
            rate(lowest.rate)
        )
    } else if lowest.failed == 0.0 {
        format!(
            "At the lowest load, {} pages/s, no answer was a success, though none is a failure of the gateway.",
            rate(lowest.rate)
        )
    } else {
        format!(
            "At the lowest load, {} pages/s, {} of the requests fail already.",
            rate(lowest.rate),
            percent(lowest.failed / lowest.answers)
        )
    };
}

fn blocked(finding: &mut Finding, case: &Case, tally: &Tally, at: f64) {
    finding.kind = Kind::Blocked;
    finding.at = Some(rate(at));
    finding.up_to = case.best.map(|best| rate(best.rate));
    finding.class = tally.refusal();
    let class = finding
        .class
        .map_or_else(|| "a refusal".to_owned(), |class| class.to_string());
    finding.why = format!(
        "At {} pages/s something in front of the site refused us with {class}: the site itself was not measured.",
        rate(at)
    );
}

fn our_limit(finding: &mut Finding, case: &Case) {
    finding.kind = Kind::OurLimit;
    finding.up_to = case.held.or(case.best).map(|seen| rate(seen.rate));
    finding.why = match finding.up_to {
        Some(load) => {
            format!("This machine could not keep up with the load: the site carries at least {load} pages/s.")
        }
        None => "This machine could not keep up with even the lowest load.".to_owned(),
    };
}

fn unfinished(ending: Option<&Ending>, case: &Case) -> Option<String> {
    if case.normal.is_some() && case.target().is_none() {
        return None;
    }
    match ending {
        Some(Ending::OutOfTime) => Some("the time was up".to_owned()),
        Some(Ending::Capped(cap)) => Some(cap.clone()),
        Some(Ending::Stuck) => Some("the site did not recover, so it was left alone".to_owned()),
        None => Some("the search was cut off".to_owned()),
        _ => None,
    }
}

fn evidence(settings: &Settings, case: &Case, tally: &Tally, recovery: Option<Recovery>) -> Vec<String> {
    let mut sentences: Vec<String> = settings
        .enough
        .iter()
        .map(|load| {
            let known = if case.is_proven(*load) {
                "is carried"
            } else if case.is_refuted(*load) {
                "is not carried"
            } else {
                "is neither proven nor refuted"
            };
            format!("{} pages/s {known}.", rate(*load))
        })
        .collect();
    let passed = case.held.or(case.firm);
    sentences.extend(passed.map(|seen| trial_sentence(&seen, "passed")));
    sentences.extend(case.failures.iter().map(|seen| trial_sentence(seen, "failed")));
    if case.growths > 0 {
        sentences.push(format!(
            "The site grew under test: {} a load that had failed was answered clearly better after some time.",
            times(case.growths)
        ));
    }
    match recovery {
        Some(Recovery {
            rate: Some(at),
            seconds: Some(seconds),
        }) => sentences.push(format!(
            "After the last failure it worked again at {} pages/s, within {} s.",
            rate(at),
            seconds.max(1.0)
        )),
        Some(_) => sentences.push(format!(
            "After the last failure it did not recover within {} s.",
            settings.give_up
        )),
        None => {}
    }
    if tally.disturbed > 0 {
        sentences.push(format!(
            "{} seconds were left out because this machine was disturbed.",
            tally.disturbed
        ));
    }
    sentences
}

fn times(count: u32) -> String {
    match count {
        1 => "once".to_owned(),
        2 => "twice".to_owned(),
        many => format!("{many} times"),
    }
}

fn trial_sentence(seen: &Seen, how: &str) -> String {
    format!(
        "{} pages/s {how}: {} of {} requests failed in {} s.",
        rate(seen.rate),
        seen.failed,
        seen.answers,
        seen.seconds
    )
}

/// What a trial does, for the person who waits; `left` seconds are certain.
pub(super) fn doing_in_words(aim: Aim, plan: &Plan, case: &Case, left: u32) -> String {
    let at = rate(plan.rate);
    let target = rate(case.target().unwrap_or(plan.rate));
    match aim {
        Aim::Normal => format!("learning what is normal at {at} pages/s"),
        Aim::Climb => format!("climbing to {target} pages/s: {at}"),
        Aim::Hold if left > 0 => format!("holding {at} pages/s to prove {target}: {left} s to go"),
        Aim::Hold => format!("holding {at} pages/s to prove {target}: until it is clear"),
        Aim::Wait => {
            let failed = case.doubt.map_or(plan.rate, |doubt| doubt.failed.rate);
            format!(
                "{} pages/s failed: time for the site at {at} pages/s, {left} s to go",
                rate(failed)
            )
        }
        Aim::Again => format!("trying {at} pages/s again"),
        Aim::Recover => format!("waiting for the site to recover, at {at} pages/s"),
    }
}

fn percent(share: f64) -> String {
    let value = share * 100.0;
    let decimals = match value {
        value if value >= 10.0 => 0,
        value if value >= 1.0 => 1,
        _ => 3,
    };
    let text = format!("{value:.decimals$}");
    let text = match text.contains('.') {
        true => text.trim_end_matches('0').trim_end_matches('.'),
        false => &text,
    };
    format!("{text} %")
}
