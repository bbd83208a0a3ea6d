//! What a search that only had to prove or refute some loads says: it never claims to know where the site tips over.

use super::sentences::{rounded_up, share_below};
use super::summary::{FindingSummary, Summary};
use crate::search::{Kind, Limit};
use crate::words::{Language, Phrase};

/// How the question ended.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Answer {
    /// All is carried; the highest load that was asked for.
    Proven(f64),
    /// The lowest load that is not carried.
    Refuted(f64),
    /// The lowest load that is too close to the limit to tell.
    TooClose(f64),
    /// The lowest load that was not decided.
    Open(f64),
}

/// The answer of `summary`; nothing where the tipping point itself was searched for, or where the site was not measured.
pub(super) fn answer(summary: &Summary) -> Option<Answer> {
    let finding = summary.finding.as_ref()?;
    let asked = finding.asked.as_ref()?;
    let verified = summary.verified_rate.unwrap_or(0.0);
    let open = asked.iter().find(|load| **load > verified).copied();
    let refuted = summary.failing_rate.and_then(|failing| {
        let not_carried = |load: &&f64| **load * (1.0 + 1e-9) >= failing;
        asked.iter().find(not_carried).copied()
    });
    match (finding.kind, refuted, open) {
        (Kind::Tipped, Some(load), _) => Some(Answer::Refuted(load)),
        (Kind::Tipped, None, Some(load)) => Some(Answer::TooClose(load)),
        (Kind::NotReached, _, None) => asked.last().copied().map(Answer::Proven),
        (Kind::NotReached, _, Some(load)) => Some(Answer::Open(load)),
        _ => None,
    }
}

/// The headline of the answer; nothing where the usual one says it.
pub(super) fn headline(
    summary: &Summary,
    finding: &FindingSummary,
    class: &str,
    language: Language,
) -> Option<String> {
    let with_ends = |phrase: Phrase, load: f64| {
        let rate = language.quantity(load);
        let [low, high] = finding.rate.map_or_else(
            || ["–", "–"].map(str::to_owned),
            |rate| [rate.low, rate.high].map(|end| language.quantity(end)),
        );
        phrase.fill(
            language,
            &[("rate", &rate), ("low", &low), ("high", &high), ("class", class)],
        )
    };
    match answer(summary)? {
        Answer::Proven(load) => {
            let share = share_below(summary, finding.up_to?)?;
            let share = language.percent(rounded_up(share));
            Some(Phrase::Proven.fill(language, &[("rate", &language.quantity(load)), ("share", &share)]))
        }
        Answer::Refuted(load) if finding.limit == Some(Limit::Policy) => {
            Some(with_ends(Phrase::RefutedByPolicy, load))
        }
        Answer::Refuted(load) => Some(with_ends(Phrase::Refuted, load)),
        Answer::TooClose(load) => Some(with_ends(Phrase::TooClose, load)),
        Answer::Open(_) => None,
    }
}

/// What the headline of a search that was cut off leaves open.
pub(super) fn open_question(summary: &Summary, language: Language) -> Option<String> {
    match answer(summary)? {
        Answer::Open(load) => Some(Phrase::Undecided.fill(language, &[("rate", &language.quantity(load))])),
        _ => None,
    }
}

/// The title of the answer's chart; nothing where the usual one says it.
pub(super) fn title(summary: &Summary, language: Language) -> Option<String> {
    let (phrase, load) = match answer(summary)? {
        Answer::Proven(load) => (Phrase::TitleProven, load),
        Answer::Refuted(load) => (Phrase::TitleRefuted, load),
        Answer::TooClose(load) => (Phrase::TitleTooClose, load),
        Answer::Open(_) => return None,
    };
    Some(phrase.fill(language, &[("rate", &language.quantity(load))]))
}
