//! From what is known to a finding, in words. It may be asked at any moment: a search that is cut off says what it
//! knows by then.

use super::course::{Course, Descent};
use super::finding::{Estimate, Finding, Kind, Limit, Recovery, Shape};
use super::known::{Judged, Known};
use super::posterior::TAIL;
use super::settings::Settings;
use super::step::{Phase, Verdict};
use super::tally::Tally;
use super::tipping::Ending;
use super::trial::{Cause, Outcome, Plan};
use crate::analysis::statistics::{Z_95, rule_of_three, wilson};
use crate::record::Class;
use crate::units::Rate;

/// From this multiple of what is normal on, latency at the verified load leaves no margin.
const NO_MARGIN: f64 = 5.0;

/// The finding as of now; `ending` is nothing while the search goes on.
pub(super) fn finding(
    settings: &Settings,
    known: &Known,
    tally: &Tally,
    course: &Course,
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
        evidence: evidence(settings, known, tally, recovery),
        verified: known.held.map(Rate::per_second),
        failing: known.failing().map(Rate::per_second),
        first_failure: tally.first_failure,
        first_502: tally.first_502,
        recovery,
        converged: matches!(
            ending,
            Some(Ending::Found | Ending::Top | Ending::AlreadyFailing | Ending::Blocked { .. })
        ),
    };
    finding.evidence.extend(warnings(settings, known, course, ending));
    match ending {
        Some(Ending::AlreadyFailing) => already_failing(&mut finding, settings, known),
        Some(Ending::Blocked { rate }) => blocked(&mut finding, known, tally, *rate),
        Some(Ending::Unsteady(seen)) => {
            finding.kind = Kind::Unsteady;
            finding.why = format!("The site changed under test: {seen}.");
        }
        Some(Ending::OurLimit) => our_limit(&mut finding, known),
        _ if known.upper().is_finite() => tipped(&mut finding, settings, known, ending),
        _ => not_reached(&mut finding, settings, known, ending),
    }
    finding
}

fn tipped(finding: &mut Finding, settings: &Settings, known: &Known, ending: Option<&Ending>) {
    let posterior = known.posterior(settings);
    let rate = Estimate {
        low: posterior.quantile(TAIL),
        mid: posterior.quantile(0.5),
        high: posterior.quantile(1.0 - TAIL),
    };
    finding.kind = Kind::Tipped;
    finding.rate = Some(rate);
    finding.limit = Some(limit(known, finding.class));
    finding.shape = Some(shape(known, rate.mid));
    let share = percent(settings.share);
    let class = finding
        .class
        .map_or_else(String::new, |class| format!(", most of them {class}"));
    finding.why = format!(
        "Above about {} pages/s more than {share} of the requests fail{class}.",
        Rate::per_second(rate.mid)
    );
    if let Some(unfinished) = unfinished(ending) {
        finding.evidence.push(format!(
            "The search is not as precise as asked for: {unfinished}."
        ));
    }
}

fn not_reached(finding: &mut Finding, settings: &Settings, known: &Known, ending: Option<&Ending>) {
    let best = known
        .best_passed()
        .or(known.normal.is_some().then_some(settings.from));
    finding.up_to = best.map(Rate::per_second);
    let (answers, failed) = if known.held.is_some() {
        known.held_seen
    } else {
        known
            .passed()
            .last()
            .or(known.baselines.last())
            .map_or((0.0, 0.0), |trial| trial.seen)
    };
    finding.why = match best {
        None => "The search ended before anything was known.".to_owned(),
        Some(best) => format!(
            "Up to {} pages/s the site did not tip over: {}.",
            Rate::per_second(best),
            fewer_than(answers, failed)
        ),
    };
    if let Some(unfinished) = unfinished(ending) {
        finding.evidence.push(format!(
            "The search did not reach the load it was to reach: {unfinished}."
        ));
    }
}

/// "Fewer than x %", never "none": the rule of three where nothing failed, the upper end of Wilson's interval else.
fn fewer_than(answers: f64, failed: f64) -> String {
    let (answers, failed) = (answers as u64, failed as u64);
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

fn already_failing(finding: &mut Finding, settings: &Settings, known: &Known) {
    finding.kind = Kind::AlreadyFailing;
    finding.at = Some(Rate::per_second(settings.from));
    let Some(first) = known.baselines.first() else {
        return;
    };
    let (answers, failed) = first.seen;
    let lowest = Rate::per_second(settings.from);
    if answers == 0.0 {
        finding.why = format!("At the lowest load, {lowest} pages/s, no request was answered.");
    } else if failed == 0.0 {
        finding.why = format!(
            "At the lowest load, {lowest} pages/s, no answer was a success, though none is a failure of the gateway."
        );
    } else {
        finding.why = format!(
            "At the lowest load, {lowest} pages/s, {} of the requests fail already.",
            percent(failed / answers)
        );
    }
    if let Some(second) = known.baselines.get(1).filter(|second| same_share(first, second)) {
        let share = (failed + second.seen.1) / (answers + second.seen.0);
        finding.why = format!(
            "About {} of the requests fails whatever the load: {} at {lowest} pages/s and {} at {} pages/s. Is it one \
             backend of several?",
            one_in(share),
            percent(failed / answers),
            percent(second.seen.1 / second.seen.0),
            Rate::per_second(second.rate)
        );
    }
}

fn same_share(first: &Judged, second: &Judged) -> bool {
    let interval = |trial: &Judged| wilson(trial.seen.1 as u64, trial.seen.0 as u64, Z_95);
    let (first, second) = (interval(first), interval(second));
    second.mid > 0.0 && first.low <= second.high && second.low <= first.high
}

fn one_in(share: f64) -> String {
    match (1.0 / share.max(1e-9)).round() as u64 {
        0 | 1 => "every one".to_owned(),
        2 => "one in two".to_owned(),
        3 => "one in three".to_owned(),
        4 => "one in four".to_owned(),
        5 => "one in five".to_owned(),
        many => format!("one in {many}"),
    }
}

fn blocked(finding: &mut Finding, known: &Known, tally: &Tally, rate: f64) {
    finding.kind = Kind::Blocked;
    finding.at = Some(Rate::per_second(rate));
    finding.up_to = known.best_passed().map(Rate::per_second);
    finding.class = tally.refusal();
    let class = finding
        .class
        .map_or_else(|| "a refusal".to_owned(), |class| class.to_string());
    finding.why = format!(
        "At {} pages/s something in front of the site refused us with {class}: the site itself was not measured.",
        Rate::per_second(rate)
    );
}

fn our_limit(finding: &mut Finding, known: &Known) {
    finding.kind = Kind::OurLimit;
    finding.up_to = known.best_passed().map(Rate::per_second);
    finding.why = match finding.up_to {
        Some(load) => {
            format!("This machine could not keep up with the load: the site carries at least {load} pages/s.")
        }
        None => "This machine could not keep up with even the lowest load.".to_owned(),
    };
}

/// A limiter refuses at once: latency stays flat and nothing piles up. A gateway that says 502 or 504, or a
/// connection that fails, is no limiter.
fn limit(known: &Known, class: Option<Class>) -> Limit {
    let failed = known.failed().count();
    let flat = known.failed().filter(|trial| trial.refused_flat).count();
    let by_choice = matches!(class, Some(Class::Status(status)) if !matches!(status, 502 | 504 | 520..=529));
    if by_choice && failed > 0 && 2 * flat > failed {
        Limit::Policy
    } else {
        Limit::Overload
    }
}

/// A site that serves what it can fails a share of 1 − tipping point ÷ load. A cliff where half of the requests or
/// more failed for a second, and clearly more than that.
fn shape(known: &Known, tipping: f64) -> Shape {
    let falls = known.failed().any(|trial| {
        let unavoidable = (1.0 - tipping / trial.rate).max(0.0);
        trial.worst_share >= 0.5 && trial.worst_share > unavoidable + 0.2
    });
    if falls { Shape::Cliff } else { Shape::Slope }
}

fn unfinished(ending: Option<&Ending>) -> Option<String> {
    match ending {
        Some(Ending::Found | Ending::Top) => None,
        Some(Ending::OutOfTime) => Some("its time was up".to_owned()),
        Some(Ending::Capped(cap)) => Some(cap.clone()),
        Some(Ending::Stuck) => Some("the site did not recover, so it was left alone".to_owned()),
        _ => Some("it was cut off".to_owned()),
    }
}

fn evidence(settings: &Settings, known: &Known, tally: &Tally, recovery: Option<Recovery>) -> Vec<String> {
    let mut sentences = Vec::new();
    if let Some(normal) = known.normal {
        sentences.push(format!(
            "At {} pages/s the median latency is {} ms.",
            Rate::per_second(settings.from),
            trimmed(normal.latency_us / 1e3)
        ));
    }
    let best = known.passed().max_by(|a, b| a.rate.total_cmp(&b.rate));
    sentences.extend(best.map(|trial| trial_sentence(trial, "passed")));
    let worst = known.failed().min_by(|a, b| a.rate.total_cmp(&b.rate));
    sentences.extend(worst.map(|trial| trial_sentence(trial, "failed")));
    if let Some(reading) = known.reading {
        sentences.push(format!(
            "Under overload {} pages/s were still answered well.",
            Rate::per_second(reading.rate)
        ));
    }
    match recovery {
        Some(Recovery {
            rate: Some(rate),
            seconds: Some(seconds),
        }) => sentences.push(format!(
            "After the last failure it worked again at {} pages/s, within {} s.",
            Rate::per_second(rate),
            trimmed(seconds.max(1.0))
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

/// What the reader must know beside the number.
fn warnings(settings: &Settings, known: &Known, course: &Course, ending: Option<&Ending>) -> Vec<String> {
    let mut sentences = Vec::new();
    match course.moved {
        0 => {}
        1 => sentences.push(
            "The upper end moved once: a load that had failed was carried later. The site scaled out, or warmed up."
                .to_owned(),
        ),
        times => sentences.push(format!(
            "The upper end moved {times} times: loads that had failed were carried later. The site scaled out, or \
             warmed up; what was found is for the scale that it reached."
        )),
    }
    if let Some(slower) = known.held_slower.filter(|slower| *slower > NO_MARGIN) {
        sentences.push(format!(
            "Latency at the verified load is {} times what it was at first: there is no margin left.",
            trimmed(slower)
        ));
    }
    if let Descent::Over(again, from) = course.descent
        && again < 0.9 * from
    {
        sentences.push(if again > 0.0 {
            format!(
                "Once it has tipped, less load does not help at once: going down from {} pages/s it worked again only \
                 at {} pages/s.",
                Rate::per_second(from),
                Rate::per_second(again)
            )
        } else {
            "Once it has tipped, it works again only after a pause.".to_owned()
        });
    }
    let found = matches!(ending, Some(Ending::Found));
    if let Some(allowed) = known.allowed_precision(settings).filter(|_| found) {
        sentences.push(format!(
            "A site of so few pages a second shows its limit to about {} only within holds of {} s; a longer profile \
             is more precise.",
            percent((allowed * 100.0).round() / 100.0),
            settings.hold
        ));
    }
    sentences
}

fn trial_sentence(trial: &Judged, how: &str) -> String {
    let held = if trial.phase == Phase::Hold { ", held" } else { "" };
    format!(
        "{} pages/s {how}: {} of {} requests failed in {} s{held}.",
        Rate::per_second(trial.rate),
        trial.seen.1,
        trial.seen.0,
        trial.evidence.seconds
    )
}

/// Why a trial got its verdict.
pub(super) fn verdict_in_words(plan: &Plan, outcome: &Outcome, settings: &Settings) -> String {
    let answers: f64 = outcome.slices.iter().map(|slice| slice.answers).sum();
    let failed: f64 = outcome.slices.iter().map(|slice| slice.failed).sum();
    let counted = format!("{failed} of {answers} requests failed in {} s", outcome.seconds);
    let limit = percent(settings.share);
    match outcome.cause {
        Cause::Drift => format!("requests pile up: {} are in flight", outcome.in_flight.round()),
        Cause::Hard => format!("{} of the last answers failed", percent(outcome.share)),
        Cause::Above => format!("{counted}: the share stands above {limit}"),
        Cause::Below => format!("{counted}: the share stands below {limit}"),
        Cause::Refused => "something in front refused us".to_owned(),
        Cause::Disturbed => "this machine was late or left arrivals out".to_owned(),
        Cause::Clean => format!("as at first, for {} s", settings.clean),
        Cause::Stuck => format!("not as at first within {} s", settings.give_up),
        Cause::Time if plan.phase == Phase::Recover => {
            "the search was over before it was well again".to_owned()
        }
        Cause::Time => match outcome.verdict {
            Verdict::Near => format!("{counted}: too close to {limit} to tell"),
            _ => format!("{counted} when its time was up"),
        },
    }
}

/// What a trial does, for the person who waits.
pub(super) fn doing_in_words(plan: &Plan) -> String {
    let rate = Rate::per_second(plan.rate);
    match plan.phase {
        Phase::Baseline => format!("learning what is normal at {rate} pages/s"),
        Phase::Coarse => format!("climbing: {rate} pages/s"),
        Phase::Refine => format!("narrowing down: {rate} pages/s"),
        Phase::Hold => format!("holding {rate} pages/s"),
        Phase::Challenge => format!("trying {rate} pages/s again"),
        Phase::Limiter => format!("looking at a limiter: {rate} pages/s"),
        Phase::Descend => format!("going down until it works again: {rate} pages/s"),
        Phase::Recover => format!("waiting for the site to recover, at {rate} pages/s"),
    }
}

/// A length that nobody knows exactly.
pub(super) fn about(length: std::time::Duration) -> String {
    match length.as_secs() {
        seconds if seconds < 90 => format!("about {} s", seconds.div_ceil(10) * 10),
        seconds => format!("about {} min", seconds.div_ceil(60)),
    }
}

fn percent(share: f64) -> String {
    format!("{} %", trimmed(share * 100.0))
}

/// A number with two significant decimals at most.
fn trimmed(value: f64) -> String {
    let decimals = if value.abs() >= 10.0 {
        0
    } else if value.abs() >= 1.0 {
        1
    } else {
        3
    };
    let text = format!("{value:.decimals$}");
    if text.contains('.') {
        text.trim_end_matches('0').trim_end_matches('.').to_owned()
    } else {
        text
    }
}
