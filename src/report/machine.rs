//! What a report says of this machine where it limited a run.

use super::summary::{GeneratorSummary, GeneratorVerdict, TrialSummary};
use crate::record::{JourneyShape, Unsent};
use crate::words::{Label, Language, Phrase, printable};

/// What a run showed, and from which load on that is this machine's doing.
pub(super) fn and_its_limit(shown: String, generator: &GeneratorSummary, language: Language) -> String {
    let (GeneratorVerdict::Limited, Some(from)) = (generator.verdict, generator.limited_from) else {
        return shown;
    };
    let rate = language.quantity(from);
    let reason = limit_name(generator.limited_by.as_deref(), language);
    let limited = Phrase::RunLimited.fill(language, &[("rate", &rate), ("reason", &reason)]);
    format!("{shown} {limited}")
}

/// What this machine ran out of, in words; an unknown word keeps its own.
pub(super) fn limit_name(by: Option<&str>, language: Language) -> String {
    let label = match by {
        Some("cpu") => Label::ByCpu,
        Some("late") => Label::ByLateness,
        Some("in_flight_cap") => Label::ByInFlight,
        Some("files") => Label::ByFiles,
        Some("ports") => Label::ByPorts,
        Some("memory") => Label::ByMemory,
        other => return printable(other.unwrap_or("–")),
    };
    label.text(language).to_owned()
}

/// The load of a trial less the part that this machine left out, in pages per second.
pub(super) fn sent_rate(trial: &TrialSummary, journey: &JourneyShape) -> f64 {
    let stopped = trial.unsent_by_reason.get(&Unsent::Stopped.to_string());
    let visits = trial.unsent.saturating_sub(stopped.copied().unwrap_or(0));
    let left_out = visits as f64 * journey.requests_per_visit;
    let sent = trial.sent as f64;
    if left_out > 0.0 {
        trial.offered_rate * sent / (sent + left_out)
    } else {
        trial.offered_rate
    }
}
