//! What a comparison says.

use super::{Beside, CompareView, ComparedRun};
use crate::analysis::compare::{Causes, Change, Difference, Factor, LatencyChange, RecoveryChange};
use crate::search::Limit;
use crate::words::{CompareText, Language, printable};

/// A factor as a change in percent, with its sign: −10%, +3.2%.
pub(super) fn signed(factor: f64, language: Language) -> String {
    let share = factor - 1.0;
    let percent = if share.abs() < 0.000_5 {
        language.percent(0.0)
    } else {
        language.percent((share.abs() * 1_000.0).round() / 1_000.0)
    };
    match share {
        share if share >= 0.000_5 => format!("+{percent}"),
        share if share <= -0.000_5 => format!("\u{2212}{percent}"),
        _ => percent,
    }
}

fn ends(factor: &Factor, language: Language) -> [String; 3] {
    [factor.low, factor.mid, factor.high].map(|end| end.map_or_else(String::new, |end| signed(end, language)))
}

/// The tipping point of `run` in words: its middle with the interval, or its bound.
pub(super) fn rate_of(run: &ComparedRun<'_>, language: Language) -> String {
    let number = |value: f64| language.quantity(value);
    match run.bounds() {
        None => CompareText::NoRate.text(language).to_owned(),
        Some(bounds) => match (bounds.mid, bounds.high) {
            (Some(mid), Some(high)) => {
                format!("{} ({}–{})", number(mid), number(bounds.low), number(high))
            }
            (_, Some(high)) => CompareText::AtMost.fill(language, &[("rate", &number(high))]),
            _ => CompareText::AtLeast.fill(language, &[("rate", &number(bounds.low))]),
        },
    }
}

/// The finding of the comparison with `beside`, without a stop at its end.
pub(super) fn headline(view: &CompareView<'_>, beside: &Beside<'_>, language: Language) -> String {
    let change = &beside.comparison.tipping_point;
    let [low, mid, high] = ends(&change.factor, language);
    let (base, new) = (view.base.bounds(), beside.run.bounds());
    let text = match (change.change, change.factor.mid.is_some()) {
        _ if beside.comparison.recovery.change == Change::Worse => CompareText::NoReturn,
        (Change::Worse, true) => CompareText::Less,
        (Change::Better, true) => CompareText::More,
        (Change::NoDifferenceShown, _) => CompareText::Same,
        (Change::Worse, false) => CompareText::LessBound,
        (Change::Better, false) => CompareText::MoreBound,
        (Change::NotKnown, _) => CompareText::Unknown,
    };
    let number = |value: Option<f64>| value.map_or_else(String::new, |value| language.quantity(value));
    let (base, new) = match text {
        CompareText::LessBound => (base.map(|base| base.low), new.and_then(|new| new.high)),
        CompareText::MoreBound => (base.and_then(|base| base.high), new.map(|new| new.low)),
        _ => (base.and_then(|base| base.mid), new.and_then(|new| new.mid)),
    };
    let (base, new) = (number(base), number(new));
    text.fill(
        language,
        &[
            ("base", &base),
            ("new", &new),
            ("low", &low),
            ("mid", &mid),
            ("high", &high),
        ],
    )
}

/// What follows from it: whether it is tolerated, how small a change could have been seen, or why nothing is known.
pub(super) fn decision(view: &CompareView<'_>, beside: &Beside<'_>, language: Language) -> String {
    let comparison = &beside.comparison;
    let tolerance = language.percent(view.tolerance);
    match comparison.change {
        Change::Worse if comparison.is_regression => {
            CompareText::Regression.fill(language, &[("tolerance", &tolerance)])
        }
        Change::Worse => CompareText::Accepted.fill(language, &[("tolerance", &tolerance)]),
        Change::Better => String::new(),
        Change::NoDifferenceShown => {
            let factor = comparison.tipping_point.factor;
            let half = factor.high.zip(factor.low).map_or(0.0, |(high, low)| {
                let half = (high / low).ln() / 2.0;
                1.0 - (-half).exp()
            });
            CompareText::Smallest.fill(
                language,
                &[("share", &language.percent((half * 100.0).ceil() / 100.0))],
            )
        }
        Change::NotKnown => {
            let why = |run: &ComparedRun<'_>| {
                let said = run.finding.map(|finding| printable(&finding.why));
                said.unwrap_or_else(|| CompareText::NoRate.text(language).to_owned())
            };
            let (base, new) = (why(&view.base), why(&beside.run));
            CompareText::WhyUnknown.fill(language, &[("base", &base), ("new", &new)])
        }
    }
}

/// What changed beside the tipping point, a sentence each.
pub(super) fn beside_tipping(beside: &Beside<'_>, language: Language) -> Vec<String> {
    let comparison = &beside.comparison;
    let mut said = vec![
        comparison.latency.as_ref().map_or_else(
            || CompareText::LatencyNone.text(language).to_owned(),
            |change| latency(change, language),
        ),
        recovery(&comparison.recovery, language),
    ];
    said.extend(causes(&comparison.causes, language));
    said
}

fn latency(change: &LatencyChange, language: Language) -> String {
    let [low, mid, high] = ends(&change.factor, language);
    let word = match change.change {
        Change::Worse => CompareText::Slower,
        Change::Better => CompareText::Faster,
        Change::NoDifferenceShown | Change::NotKnown => CompareText::NoChange,
    };
    CompareText::Latency.fill(
        language,
        &[
            ("rate", &language.quantity(change.rate)),
            ("base", &language.milliseconds(change.base_p95_ms)),
            ("new", &language.milliseconds(change.new_p95_ms)),
            ("low", &low),
            ("mid", &mid),
            ("high", &high),
            ("word", word.text(language)),
        ],
    )
}

fn recovery(change: &RecoveryChange, language: Language) -> String {
    let (Some(base), Some(new)) = (change.base, change.new) else {
        return CompareText::RecoveryUnseen.text(language).to_owned();
    };
    // Seconds are whole: what took none took less than one.
    let said =
        |seconds: Option<f64>| seconds.map_or_else(String::new, |seconds| language.seconds(seconds.max(1.0)));
    let text = match (base.seconds, new.seconds) {
        (Some(_), Some(_)) => CompareText::RecoveredBoth,
        (None, Some(_)) => CompareText::RecoveredNow,
        (Some(_), None) => CompareText::RecoveredBefore,
        (None, None) => CompareText::RecoveredNever,
    };
    text.fill(
        language,
        &[("base", &said(base.seconds)), ("new", &said(new.seconds))],
    )
}

fn causes(causes: &Causes, language: Language) -> Vec<String> {
    let (Some(base), Some(new)) = (&causes.base, &causes.new) else {
        return vec![CompareText::CauseNone.text(language).to_owned()];
    };
    let text = if base == new {
        CompareText::CauseSame
    } else {
        CompareText::CauseOther
    };
    let mut said = vec![text.fill(language, &[("base", base), ("new", new)])];
    if let Some((base, new)) = causes
        .base_limit
        .zip(causes.new_limit)
        .filter(|(base, new)| base != new)
    {
        let word = |limit: Limit| match limit {
            Limit::Overload => CompareText::Overload.text(language),
            Limit::Policy => CompareText::Policy.text(language),
        };
        said.push(CompareText::LimitOther.fill(language, &[("base", word(base)), ("new", word(new))]));
    }
    said
}

/// In what the runs are not alike, as one sentence; nothing where they are.
pub(super) fn not_alike(beside: &Beside<'_>, language: Language) -> Option<String> {
    let said: Vec<&str> = beside
        .differences
        .iter()
        .map(|difference| {
            let text = match difference {
                Difference::Target => CompareText::Target,
                Difference::StandsFor => CompareText::StandsFor,
                Difference::Journey => CompareText::Journey,
                Difference::Scenario => CompareText::Scenario,
                Difference::Arrivals => CompareText::Arrivals,
                Difference::Connections => CompareText::Connections,
                Difference::Failure => CompareText::Failure,
            };
            text.text(language)
        })
        .collect();
    (!said.is_empty()).then(|| format!("{}: {}.", CompareText::NotAlike.text(language), said.join(", ")))
}

/// The word of a verdict.
pub(super) const fn verdict(change: Change) -> CompareText {
    match change {
        Change::Worse => CompareText::BadgeWorse,
        Change::Better => CompareText::BadgeBetter,
        Change::NoDifferenceShown => CompareText::BadgeSame,
        Change::NotKnown => CompareText::BadgeUnknown,
    }
}

/// What the base is called.
pub(super) fn base_name(view: &CompareView<'_>, language: Language) -> String {
    match view.base.runs {
        0 | 1 => CompareText::Base.text(language).to_owned(),
        runs => CompareText::BaseOf.fill(language, &[("count", &language.count(runs as u64))]),
    }
}

/// The title of the chart: the finding of the run that decides.
pub(in crate::report) fn chart_title(view: &CompareView<'_>, language: Language) -> String {
    let last = view.last();
    last.map_or_else(String::new, |last| headline(view, last, language))
}

/// What the runs are called in the chart, the base first.
pub(in crate::report) fn chart_words(view: &CompareView<'_>, language: Language) -> Vec<String> {
    let mut words = vec![CompareText::Base.text(language).to_owned()];
    if view.others.len() == 1 {
        words.push(CompareText::New.text(language).to_owned());
    } else {
        words.extend((1..=view.others.len()).map(|number| number.to_string()));
    }
    words
}

/// The comparison for a terminal.
pub fn comparison_text(view: &CompareView<'_>, language: Language) -> String {
    let mut text = String::new();
    let many = view.others.len() > 1;
    for (beside, is_last) in view
        .others
        .iter()
        .zip(1..)
        .map(|(beside, number)| (beside, number == view.others.len()))
    {
        if many {
            text.push_str(&format!("{}: ", printable(beside.run.label)));
        }
        text.push_str(&format!("{}.\n", headline(view, beside, language)));
        if !is_last {
            continue;
        }
        let said = [decision(view, beside, language)].into_iter();
        let said = said
            .chain(not_alike(beside, language))
            .chain(beside_tipping(beside, language));
        for line in said.filter(|line| !line.is_empty()) {
            text.push_str(&format!("  {line}\n"));
        }
    }
    text.replace('\u{a0}', " ")
}
