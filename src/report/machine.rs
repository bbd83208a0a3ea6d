//! What a report says of this machine where it limited a run.

use super::summary::{GeneratorSummary, GeneratorVerdict};
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
