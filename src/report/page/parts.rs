//! Thresholds, advice, who answered, and recovery.

use std::collections::BTreeMap;

use maud::{Markup, html};

use crate::analysis::{ThresholdVerdict, failure_family};
use crate::record::{Class, Sample};
use crate::report::advice::advice;
use crate::report::answered::sentence;
use crate::report::met::campaign_sentences;
use crate::report::sentences::failures_above;
use crate::report::view::View;
use crate::search::Kind;
use crate::transport::traceparent;
use crate::words::{Label, Language, Phrase, PlayedText, class_name, printable};

/// Headers of a failed answer that tell who made it; others are left out.
const TELLING_HEADERS: [&str; 7] = [
    "server",
    "via",
    "x-cache",
    "retry-after",
    "content-type",
    "cf-ray",
    "x-served-by",
];
/// How much of a body is shown, in characters.
const SHOWN_BODY: usize = 240;
/// How many examples are shown.
const SHOWN_SAMPLES: usize = 3;

/// What became of a threshold, in words and as a class of the style.
pub(in crate::report) const fn threshold_name(verdict: ThresholdVerdict) -> (Label, &'static str) {
    match verdict {
        ThresholdVerdict::Pass => (Label::Passed, "good-text"),
        ThresholdVerdict::Fail => (Label::Failed, "bad-text"),
        ThresholdVerdict::NotKnown => (Label::NotKnown, "plain"),
    }
}

/// What the campaign that was played met; nothing where none was.
pub(super) fn campaign(view: &View<'_>, language: Language) -> Markup {
    let said = campaign_sentences(&view.summary, language);
    html! {
        @if !said.is_empty() {
            section {
                h2 { (PlayedText::Heading.text(language)) }
                ul { @for sentence in &said { li { (sentence) } } }
            }
        }
    }
}

/// The thresholds and what became of them; nothing where there are none.
pub(super) fn thresholds(view: &View<'_>, language: Language) -> Markup {
    let text = |label: Label| label.text(language);
    html! {
        @if !view.summary.thresholds.is_empty() {
            section {
                h2 { (text(Label::Thresholds)) }
                div.scroll tabindex="0" role="region" aria-label=(text(Label::Thresholds)) {
                    table {
                        thead { tr {
                            th.text scope="col" { (text(Label::ColumnThreshold)) }
                            th.text scope="col" { (text(Label::ColumnVerdict)) }
                            th.text scope="col" { (text(Label::ColumnWhy)) }
                        } }
                        tbody { @for judged in &view.judged {
                            @let (name, class) = threshold_name(judged.verdict);
                            tr {
                                th.text scope="row" { code { (printable(&judged.text)) } }
                                td class={ "text " (class) } { (text(name)) }
                                td.text.wrap { (printable(&judged.reason.in_words(language))) }
                            }
                        } }
                    }
                }
            }
        }
    }
}

/// What to do next, and what the search itself says.
pub(super) fn next(view: &View<'_>, language: Language) -> Markup {
    let finding = view.summary.finding.as_ref();
    html! {
        section {
            h2 { (Label::Next.text(language)) }
            ul { @for piece in advice(&view.summary) { li { (with_code(piece.text(language))) } } }
            @if let Some(finding) = finding.filter(|finding| !finding.why.is_empty() || !finding.evidence.is_empty()) {
                details {
                    summary { (Label::SearchSays.text(language)) }
                    div lang="en" {
                        p { (printable(&finding.why)) }
                        ul { @for sentence in &finding.evidence { li { (printable(sentence)) } } }
                    }
                }
            }
        }
    }
}

/// A text of ours whose backticks mark code.
pub(super) fn with_code(text: &str) -> Markup {
    html! {
        @for (at, part) in text.split('`').enumerate() {
            @if at % 2 == 1 { code { (part) } } @else { (part) }
        }
    }
}

/// How often each class came, over all seconds.
fn all_answers(view: &View<'_>) -> BTreeMap<Class, u64> {
    let mut all = BTreeMap::new();
    for cell in view.record.seconds.iter().flat_map(|second| &second.cells) {
        *all.entry(cell.class).or_default() += cell.count;
    }
    all
}

/// What came first, all classes of answers, and an example of each failure.
pub(super) fn who(view: &View<'_>, language: Language) -> Markup {
    let answers = all_answers(view);
    let first = view.summary.first_failure.as_ref().and_then(|seen| {
        let class = class_name(seen.class.parse().ok()?, language);
        let (rate, seconds) = (
            language.quantity(seen.rate),
            language.seconds(f64::from(seen.at_seconds)),
        );
        Some(Phrase::FirstSeen.fill(
            language,
            &[("class", &class), ("rate", &rate), ("seconds", &seconds)],
        ))
    });
    let refused = answers
        .iter()
        .filter(|(class, count)| class.is_refusal_of_us() && **count > 0);
    let first = first.or_else(|| unloaded(view, language));
    html! {
        section {
            h2 { (Label::Who.text(language)) }
            dl.pairs {
                dt { (Label::FirstFailure.text(language)) }
                dd { (first.as_deref().unwrap_or(Label::NoneSeen.text(language))) }
            }
            @for (class, count) in refused {
                p { (Phrase::RefusedUs.fill(language, &[("count", &language.count(*count)), ("class", &class_name(*class, language))])) }
            }
            @for found in &view.summary.answered_by {
                p { (sentence(found, language)) }
                // What shows it is kept in English, as the answers mostly are.
                @if language == Language::English {
                    ul { @for words in &found.evidence { li { (printable(words)) } } }
                }
            }
            @if !answers.is_empty() { (classes(view, &answers, language)) }
            (samples(view, language))
        }
    }
}

/// How a site failed that never saw any load.
fn unloaded(view: &View<'_>, language: Language) -> Option<String> {
    let finding = view.summary.finding.as_ref()?;
    let class = finding.class.as_ref()?.parse().ok()?;
    let is_unloaded = finding.kind == Kind::AlreadyFailing && view.record.seconds.is_empty();
    is_unloaded.then(|| Phrase::FirstUnloaded.fill(language, &[("class", &class_name(class, language))]))
}

fn classes(view: &View<'_>, answers: &BTreeMap<Class, u64>, language: Language) -> Markup {
    let family = failure_family(&view.record.header);
    let all: u64 = answers.values().sum();
    let text = |label: Label| label.text(language);
    let is_failure = |class: &Class| {
        if family.contains(*class) {
            Label::Yes
        } else {
            Label::No
        }
    };
    html! {
        div.scroll tabindex="0" role="region" aria-label=(text(Label::AllAnswers)) {
            table {
                thead { tr {
                    th.text scope="col" { (text(Label::ColumnClass)) }
                    th scope="col" { (text(Label::ColumnCount)) }
                    th scope="col" { (text(Label::ColumnShare)) }
                    th.text scope="col" { (text(Label::CountsAsFailure)) }
                } }
                tbody { @for (class, count) in answers {
                    tr {
                        th.text scope="row" { (class_name(*class, language)) }
                        td { (language.count(*count)) }
                        td { (language.percent(*count as f64 / all.max(1) as f64)) }
                        td.text { (text(is_failure(class))) }
                    }
                } }
            }
        }
    }
}

fn samples(view: &View<'_>, language: Language) -> Markup {
    let mut shown: Vec<&Sample> = Vec::new();
    for sample in &view.record.samples {
        if shown.len() < SHOWN_SAMPLES && !shown.iter().any(|other| other.class == sample.class) {
            shown.push(sample);
        }
    }
    html! {
        @if !shown.is_empty() {
            details {
                summary { (Label::Examples.text(language)) }
                @for sample in shown { (example(sample, &view.record.header.run_id, language)) }
            }
        }
    }
}

fn example(sample: &Sample, run_id: &str, language: Language) -> Markup {
    let rate = language.quantity(sample.offered);
    let step = (u32::from(sample.step) + 1).to_string();
    let class = class_name(sample.class, language);
    let heading =
        Phrase::SampleHeading.fill(language, &[("class", &class), ("step", &step), ("rate", &rate)]);
    let telling = sample
        .headers
        .iter()
        .filter(|(name, _)| TELLING_HEADERS.contains(&name.to_lowercase().as_str()));
    let body: String = sample.body.chars().take(SHOWN_BODY).collect();
    html! {
        h3 { (heading) }
        pre {
            @for (name, value) in telling { (printable(name)) ": " (printable(value)) "\n" }
            @if let Some(error) = &sample.error { (printable(error)) "\n" }
            // By this the site's own tracing finds the request.
            "traceparent: " (traceparent(run_id, sample.step)) "\n"
            (printable(&body))
        }
    }
}

/// How the site came back.
pub(super) fn recovery(view: &View<'_>, language: Language) -> Markup {
    let summary = &view.summary;
    let is_failing = summary.failing_rate.is_some()
        || summary.finding.as_ref().is_some_and(|finding| {
            finding.kind == Kind::AlreadyFailing
                || finding
                    .up_to
                    .is_some_and(|up_to| failures_above(summary, up_to, language).is_some())
        });
    let text = match summary.recovery {
        None if is_failing => Phrase::RecoveryOpen.text(language).to_owned(),
        None => Phrase::RecoveryUnseen.text(language).to_owned(),
        Some(recovery) => match (recovery.rate, recovery.seconds) {
            (Some(rate), Some(seconds)) => Phrase::Recovered.fill(
                language,
                &[
                    ("rate", &language.quantity(rate)),
                    // Seconds are whole: what took none took less than one.
                    ("seconds", &language.seconds(seconds.max(1.0))),
                ],
            ),
            _ => Phrase::RecoveredNot.text(language).to_owned(),
        },
    };
    html! {
        @if summary.finding.is_some() && view.has_answers() {
            section {
                h2 { (Label::RecoveryHeading.text(language)) }
                p { (text) }
            }
        }
    }
}
