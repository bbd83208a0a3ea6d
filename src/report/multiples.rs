//! The words of a search that counted its loads in a planned campaign: "tips at 1.3 × your newsletter".

use super::summary::FindingSummary;
use crate::search::{Estimate, Kind};
use crate::words::{Language, Phrase, printable};

fn with_rate(phrase: Phrase, rate: Estimate, name: &str, language: Language) -> String {
    let [mid, low, high] = [rate.mid, rate.low, rate.high].map(|value| language.quantity(value));
    let name = printable(name);
    let places = [
        ("rate", mid.as_str()),
        ("low", &low),
        ("high", &high),
        ("name", &name),
    ];
    phrase.fill(language, &places)
}

/// The sentence before the headline; nothing where the search counted in pages, or named no load.
pub(super) fn headline(finding: &FindingSummary, language: Language) -> Option<String> {
    let counted = finding.multiples.as_ref()?;
    match (finding.kind, counted.rate, counted.up_to) {
        (Kind::Tipped, Some(rate), _) => {
            let phrase = Phrase::TippedInMultiples;
            Some(with_rate(phrase, rate, &counted.campaign, language))
        }
        (Kind::NotReached | Kind::OurLimit, _, Some(up_to)) => {
            let (rate, name) = (language.quantity(up_to), printable(&counted.campaign));
            Some(Phrase::CarriedInMultiples.fill(language, &[("rate", &rate), ("name", &name)]))
        }
        _ => None,
    }
}

/// The title of the chart of a site that tipped.
pub(super) fn title(finding: &FindingSummary, language: Language) -> Option<String> {
    let counted = finding.multiples.as_ref()?;
    let phrase = Phrase::TitleTippedInMultiples;
    Some(with_rate(phrase, counted.rate?, &counted.campaign, language))
}
