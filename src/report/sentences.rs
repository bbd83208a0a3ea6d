//! The headline of a summary, its decision line, and the title of its chart: one set for each of the six findings and
//! one for a run.

use super::summary::{FindingSummary, Summary, TrialSummary};
use super::{machine, multiples, proof};
use crate::record::Class;
use crate::search::{Kind, Limit};
use crate::words::{Language, Phrase, class_name};

/// Loads that differ by less than this part count as the same.
const SAME_LOAD: f64 = 0.005;

/// The headline sentence and, on a line of its own, what it means for a decision.
pub fn sentence(summary: &Summary, language: Language) -> String {
    format!("{}\n{}", headline(summary, language), decision(summary, language))
}

/// What was found, in one sentence.
pub fn headline(summary: &Summary, language: Language) -> String {
    let Some(finding) = &summary.finding else {
        let shown = shown_by_run(summary, language);
        return machine::and_its_limit(shown, &summary.generator, language);
    };
    let class = named_class(finding, language);
    if let Some(text) = proof::headline(summary, finding, &class, language) {
        return text;
    }
    let text = found(summary, finding, &class, language);
    match multiples::headline(finding, language) {
        Some(multiples) => format!("{multiples} {text}"),
        None => text,
    }
}

fn found(summary: &Summary, finding: &FindingSummary, class: &str, language: Language) -> String {
    match finding.kind {
        Kind::Tipped => tipped(finding, class, summary.converged, language),
        Kind::NotReached => {
            let Some(up_to) = finding.up_to else {
                return Phrase::NothingJudged.text(language).to_owned();
            };
            let rate = language.quantity(up_to);
            let text = match share_below(summary, up_to) {
                Some(share) => {
                    let share = language.percent(rounded_up(share));
                    Phrase::NotReached.fill(language, &[("rate", &rate), ("share", &share)])
                }
                None => Phrase::NotReachedUnknown.fill(language, &[("rate", &rate)]),
            };
            let more = [
                failures_above(summary, up_to, language),
                proof::open_question(summary, language),
            ];
            more.into_iter()
                .flatten()
                .fold(text, |text, more| format!("{text} {more}"))
        }
        Kind::AlreadyFailing => already_failing(summary, finding, class, language),
        Kind::Blocked => match finding.at {
            Some(at) => Phrase::Blocked.fill(language, &[("rate", &language.quantity(at)), ("class", class)]),
            None => Phrase::BlockedUnseen.fill(language, &[("class", class)]),
        },
        Kind::Unsteady => Phrase::Unsteady.fill(language, &[]),
        Kind::OurLimit => match finding.up_to {
            Some(up_to) => Phrase::OurLimit.fill(language, &[("rate", &language.quantity(up_to))]),
            None => Phrase::OurLimitUnknown.fill(language, &[]),
        },
    }
}

fn named_class(finding: &FindingSummary, language: Language) -> String {
    let class = finding
        .class
        .as_deref()
        .and_then(|class| class.parse::<Class>().ok());
    class.map_or_else(|| "–".to_owned(), |class| class_name(class, language))
}

/// What is known of failures above the load `up_to` that was carried.
pub(super) fn failures_above(summary: &Summary, up_to: f64, language: Language) -> Option<String> {
    let seen = summary.first_failure.as_ref()?;
    let places = [
        ("class", seen.class.as_str()),
        ("rate", &language.quantity(seen.rate)),
    ];
    (seen.rate > (1.0 + SAME_LOAD) * up_to).then(|| Phrase::FailuresAbove.fill(language, &places))
}

fn tipped(finding: &FindingSummary, class: &str, converged: Option<bool>, language: Language) -> String {
    let phrase = match finding.limit {
        Some(Limit::Policy) => Phrase::TippedByPolicy,
        Some(Limit::Overload) | None => Phrase::Tipped,
    };
    let [rate, low, high] = interval(finding, language);
    let places = [
        ("rate", rate.as_str()),
        ("low", &low),
        ("high", &high),
        ("class", class),
    ];
    let mut text = phrase.fill(language, &places);
    if finding.searches > 1 {
        let count = finding.searches.to_string();
        text.push(' ');
        text.push_str(&Phrase::OverSearches.fill(language, &[("count", &count)]));
    }
    if converged == Some(false) {
        text.push(' ');
        text.push_str(Phrase::TippedUnconverged.text(language));
    }
    text
}

/// Median and ends of the interval, as written.
fn interval(finding: &FindingSummary, language: Language) -> [String; 3] {
    finding.rate.map_or_else(
        || ["–", "–", "–"].map(str::to_owned),
        |rate| [rate.mid, rate.low, rate.high].map(|value| language.quantity(value)),
    )
}

fn already_failing(summary: &Summary, finding: &FindingSummary, class: &str, language: Language) -> String {
    let Some(at) = finding.at.filter(|_| !summary.trials.is_empty()) else {
        return Phrase::AlreadyFailingUnseen.fill(language, &[("class", class)]);
    };
    let rate = language.quantity(at);
    if let Some(parts) = constant_part(&summary.trials) {
        let parts = parts.to_string();
        return Phrase::AlreadyFailingShare
            .fill(language, &[("rate", &rate), ("parts", &parts), ("class", class)]);
    }
    let there = summary
        .trials
        .iter()
        .filter(|trial| (trial.offered_rate - at).abs() <= SAME_LOAD * at);
    let share = seen_share(there).or_else(|| seen_share(summary.trials.iter()));
    let share = share.map_or(0.0, |(share, _)| share);
    let share = language.percent(share);
    Phrase::AlreadyFailing.fill(language, &[("rate", &rate), ("share", &share), ("class", class)])
}

/// `n` where about one request in `n` (2 to 10) fails at two loads or more that differ by at least a factor of 2.
fn constant_part(trials: &[TrialSummary]) -> Option<u32> {
    let shares = || {
        trials
            .iter()
            .filter_map(|trial| Some((trial.offered_rate, trial.failed_share?)))
    };
    let lowest = shares().map(|(rate, _)| rate).min_by(f64::total_cmp)?;
    let highest = shares().map(|(rate, _)| rate).max_by(f64::total_cmp)?;
    if highest < 2.0 * lowest {
        return None;
    }
    (2..=10_u32).find(|parts| {
        let part = 1.0 / f64::from(*parts);
        shares().all(|(_, share)| share.low <= part && part <= share.high && share.mid > 0.0)
    })
}

/// Whether the search was cut off before it held any load.
pub(super) fn is_unfinished(summary: &Summary) -> bool {
    summary.converged == Some(false) && summary.verified_rate.is_none()
}

/// Whether more of the requests failed at the highest load than at the lowest, beyond chance.
pub(super) fn grows_with_load(summary: &Summary) -> bool {
    let loads = || summary.trials.iter().filter(|trial| trial.failed_share.is_some());
    let by_load = |a: &&TrialSummary, b: &&TrialSummary| a.offered_rate.total_cmp(&b.offered_rate);
    let share = |trial: Option<&TrialSummary>| trial.and_then(|trial| trial.failed_share);
    match (share(loads().min_by(by_load)), share(loads().max_by(by_load))) {
        (Some(lowest), Some(highest)) => lowest.high < highest.low,
        _ => false,
    }
}

fn completed(trial: &TrialSummary) -> u64 {
    trial.by_class.values().sum()
}

/// Failed ÷ completed over `trials`, and the completed.
fn seen_share<'a>(trials: impl Iterator<Item = &'a TrialSummary>) -> Option<(f64, u64)> {
    let (mut failed, mut all) = (0.0, 0);
    for trial in trials {
        failed += trial.failed_share.map_or(0.0, |share| share.mid) * completed(trial) as f64;
        all += completed(trial);
    }
    (all > 0).then(|| (failed / all as f64, all))
}

/// The share that failures stay below at load `rate`, at 95 % confidence: 3 ÷ n where none was seen (the rule of
/// three: J. A. Hanley and A. Lippman-Hand, JAMA 249, 1983), the upper end of the interval elsewhere.
pub(super) fn share_below(summary: &Summary, rate: f64) -> Option<f64> {
    let there = || {
        summary.trials.iter().filter(|trial| {
            (trial.offered_rate - rate).abs() <= SAME_LOAD * rate && trial.verdict.as_deref() != Some("void")
        })
    };
    let (share, all) = seen_share(there())?;
    if share == 0.0 {
        return Some((3.0 / all as f64).min(1.0));
    }
    there()
        .filter_map(|trial| Some(trial.failed_share?.high))
        .max_by(f64::total_cmp)
}

/// A bound as it is written, never below itself.
pub(super) fn rounded_up(share: f64) -> f64 {
    let steps = match share {
        share if share < 0.01 => 1e4,
        share if share < 0.1 => 1e3,
        _ => 1e2,
    };
    ((share * steps - 1e-9).ceil() / steps).min(1.0)
}

/// The highest load that was really sent: what this machine left out was not offered.
fn highest_load(summary: &Summary) -> f64 {
    let loads = summary
        .trials
        .iter()
        .map(|trial| machine::sent_rate(trial, &summary.journey));
    loads.max_by(f64::total_cmp).unwrap_or(0.0)
}

fn shown_by_run(summary: &Summary, language: Language) -> String {
    let Some((share, all)) = seen_share(summary.trials.iter()) else {
        return match broken_class(summary) {
            Some(class) => Phrase::RunBroken.fill(language, &[("class", &class_name(class, language))]),
            None => Phrase::RunEmpty.text(language).to_owned(),
        };
    };
    let rate = language.quantity(highest_load(summary));
    let count = language.count(all);
    if share == 0.0 {
        let share = language.percent(rounded_up((3.0 / all as f64).min(1.0)));
        return Phrase::RunClean.fill(language, &[("count", &count), ("rate", &rate), ("share", &share)]);
    }
    let failed = language.count((share * all as f64).round() as u64);
    let class = summary
        .first_failure
        .as_ref()
        .and_then(|seen| seen.class.parse::<Class>().ok());
    let class = main_failure(summary).or(class);
    let class = class.map_or_else(|| "–".to_owned(), |class| class_name(class, language));
    let share = language.percent(share);
    Phrase::RunFailed.fill(
        language,
        &[
            ("failed", &failed),
            ("count", &count),
            ("share", &share),
            ("rate", &rate),
            ("class", &class),
        ],
    )
}

/// How the site failed where nothing was played because of it.
fn broken_class(summary: &Summary) -> Option<Class> {
    let first = summary
        .first_failure
        .as_ref()
        .filter(|_| summary.trials.is_empty())?;
    first.class.parse().ok()
}

/// The most frequent class that is neither a success nor a 4xx.
fn main_failure(summary: &Summary) -> Option<Class> {
    let mut counts = std::collections::BTreeMap::new();
    for (class, count) in summary.trials.iter().flat_map(|trial| &trial.by_class) {
        match class.parse::<Class>() {
            Ok(Class::Status(..=499)) | Err(_) => {}
            Ok(class) => *counts.entry(class).or_insert(0) += count,
        }
    }
    counts
        .into_iter()
        .max_by_key(|(_, count)| *count)
        .map(|(class, _)| class)
}

/// What the finding means for somebody who has to decide.
pub fn decision(summary: &Summary, language: Language) -> String {
    let mut text = match &summary.finding {
        Some(finding) => finding_decision(summary, finding, language),
        None => run_decision(summary, language),
    };
    let stands_for = match summary.scenario.stands_for.as_deref() {
        Some("staging") => Some(Phrase::StandsForStaging),
        Some("copy") => Some(Phrase::StandsForCopy),
        _ => None,
    };
    if let Some(phrase) = stands_for {
        text.push(' ');
        text.push_str(phrase.text(language));
    }
    text
}

fn finding_decision(summary: &Summary, finding: &FindingSummary, language: Language) -> String {
    let at = |rate: f64| language.quantity(rate);
    match finding.kind {
        Kind::Tipped if finding.limit == Some(Limit::Policy) => Phrase::DecidePolicy.fill(language, &[]),
        Kind::Tipped => match summary.verified_rate {
            Some(verified) => Phrase::DecideVerified.fill(language, &[("rate", &at(verified))]),
            None => {
                let low = finding.rate.map_or(0.0, |rate| rate.low);
                Phrase::DecideUnverified.fill(language, &[("rate", &at(low))])
            }
        },
        Kind::NotReached => match finding.up_to {
            Some(up_to) => {
                let phrase = match is_unfinished(summary) {
                    true => Phrase::DecideUnfinished,
                    false => Phrase::DecideNotReached,
                };
                phrase.fill(language, &[("rate", &at(up_to))])
            }
            None => Phrase::DecideNothingJudged.fill(language, &[]),
        },
        Kind::AlreadyFailing if grows_with_load(summary) => Phrase::DecideStartLower.fill(language, &[]),
        Kind::AlreadyFailing => Phrase::DecideAlreadyFailing.fill(language, &[]),
        Kind::Blocked => Phrase::DecideBlocked.fill(language, &[]),
        Kind::Unsteady => Phrase::DecideUnsteady.fill(language, &[]),
        Kind::OurLimit => match finding.up_to {
            Some(up_to) => Phrase::DecideOurLimit.fill(language, &[("rate", &at(up_to))]),
            None => Phrase::DecideOurLimitUnknown.fill(language, &[]),
        },
    }
}

fn run_decision(summary: &Summary, language: Language) -> String {
    use crate::analysis::ThresholdVerdict::{Fail, NotKnown};
    let of = |verdict| {
        summary
            .thresholds
            .iter()
            .filter(|judged| judged.verdict == verdict)
            .count()
            .to_string()
    };
    let (failed, unknown) = (of(Fail), of(NotKnown));
    let count = summary.thresholds.len().to_string();
    let phrase = match (failed.as_str(), unknown.as_str()) {
        _ if broken_class(summary).is_some() => Phrase::DecideAlreadyFailing,
        _ if summary.thresholds.is_empty() => Phrase::DecideNothing,
        ("0", "0") => Phrase::DecideThresholdsPassed,
        ("0", _) => Phrase::DecideThresholdsUnknown,
        _ => Phrase::DecideThresholdsFailed,
    };
    phrase.fill(
        language,
        &[("failed", &failed), ("unknown", &unknown), ("count", &count)],
    )
}

/// The finding as the title of its chart.
pub fn title(summary: &Summary, language: Language) -> String {
    let with_rate = |phrase: Phrase, rate: Option<f64>| {
        let rate = rate.map_or_else(|| "–".to_owned(), |rate| language.quantity(rate));
        phrase.fill(language, &[("rate", &rate)])
    };
    let Some(finding) = &summary.finding else {
        return match seen_share(summary.trials.iter()) {
            None => Phrase::TitleEmpty.text(language).to_owned(),
            Some((0.0, _)) => with_rate(Phrase::TitleRunClean, Some(highest_load(summary))),
            Some((share, _)) => Phrase::TitleRunFailed.fill(language, &[("share", &language.percent(share))]),
        };
    };
    if let Some(title) = proof::title(summary, language) {
        return title;
    }
    match finding.kind {
        Kind::Tipped => {
            let [rate, low, high] = interval(finding, language);
            let phrase = match finding.limit {
                Some(Limit::Policy) => Phrase::TitlePolicy,
                _ => Phrase::TitleTipped,
            };
            if let Some(title) = multiples::title(finding, language) {
                return title;
            }
            phrase.fill(language, &[("rate", &rate), ("low", &low), ("high", &high)])
        }
        Kind::NotReached if finding.up_to.is_none() => Phrase::TitleNothingJudged.text(language).to_owned(),
        Kind::NotReached => with_rate(Phrase::TitleNotReached, finding.up_to),
        Kind::AlreadyFailing if summary.trials.is_empty() => {
            Phrase::TitleAlreadyFailingUnseen.text(language).to_owned()
        }
        Kind::AlreadyFailing => with_rate(Phrase::TitleAlreadyFailing, finding.at),
        Kind::Blocked => with_rate(Phrase::TitleBlocked, finding.at),
        Kind::Unsteady => Phrase::TitleUnsteady.text(language).to_owned(),
        Kind::OurLimit => with_rate(Phrase::TitleOurLimit, finding.up_to),
    }
}
