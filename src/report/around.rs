//! The words around the charts of a run.

use super::charts::{Around, goodput_points};
use super::sentences::{headline, title};
use super::view::View;
use super::watched::full_in_words;
use crate::analysis::{Tally, TrialView, by_due, failure_family};
use crate::words::{ChartText, Label, Language, Phrase, printable};

/// The word for how visits arrive; an unknown process keeps its own.
pub(super) fn arrivals_name(process: &str, language: Language) -> String {
    match process {
        "poisson" => Label::ArrivalsPoisson.text(language).to_owned(),
        "even" => Label::ArrivalsEven.text(language).to_owned(),
        "closed" => Label::ArrivalsClosed.text(language).to_owned(),
        other => printable(other),
    }
}

/// The site as it is shown: without its scheme and the slash at its end.
pub(super) fn site_name(target: &str) -> String {
    let target = printable(target);
    let short = target.split_once("://").map_or(target.as_str(), |(_, rest)| rest);
    short.trim_end_matches('/').to_owned()
}

fn subtitle(view: &View<'_>, language: Language) -> String {
    let scenario = &view.summary.scenario;
    let mut parts = vec![printable(&scenario.name)];
    let site = site_name(&scenario.target);
    if site != scenario.name {
        parts.push(site);
    }
    parts.push(arrivals_name(&view.summary.arrivals.process, language));
    if let Some(finding) = view
        .summary
        .finding
        .as_ref()
        .filter(|finding| finding.rate.is_some())
    {
        let seconds = language.seconds(f64::from(finding.horizon_seconds));
        parts.push(Phrase::Horizon.fill(language, &[("seconds", &seconds)]));
    }
    parts.join(" · ")
}

fn source(view: &View<'_>) -> String {
    let summary = &view.summary;
    let day = summary.started_at.get(..10).unwrap_or_default();
    format!(
        "tipover {} · {} · {}",
        printable(&summary.tool_version),
        printable(day),
        printable(&summary.run_id)
    )
}

fn note(view: &View<'_>, language: Language) -> String {
    if view.measured().any(TrialView::is_void) {
        Label::SignVoid.text(language).to_owned()
    } else {
        String::new()
    }
}

/// The words around C1.
pub(super) fn around_tipping(view: &View<'_>, language: Language) -> Around {
    Around {
        title: title(&view.summary, language),
        subtitle: subtitle(view, language),
        note: note(view, language),
        source: source(view),
        description: headline(&view.summary, language),
    }
}

/// The words around C2.
pub(super) fn around_latency(view: &View<'_>, language: Language) -> Around {
    let p95 = |trial: &TrialView| {
        trial
            .tally
            .successes
            .from_due
            .at_quantile(0.95)
            .map(|micros| (trial.rate, micros as f64 / 1e3))
    };
    let carried = view.latency_rate();
    let mut seen: Vec<(f64, f64)> = view
        .measured()
        .filter(|trial| !trial.is_void())
        .filter_map(p95)
        .collect();
    seen.sort_by(|a, b| a.0.total_cmp(&b.0));
    let lowest = seen.first().copied();
    let highest = seen
        .iter()
        .rev()
        .find(|(rate, _)| carried.is_none_or(|carried| *rate <= carried * 1.005))
        .or(seen.last());
    let title = match (lowest, highest.copied()) {
        (Some((low_rate, low)), Some((rate, high))) if low_rate < rate => Phrase::TitleLatency.fill(
            language,
            &[
                ("low", &language.milliseconds(low)),
                ("from", &language.quantity(low_rate)),
                ("high", &language.milliseconds(high)),
                ("rate", &language.quantity(rate)),
            ],
        ),
        (_, Some((rate, high))) => Phrase::TitleLatencyOnce.fill(
            language,
            &[
                ("high", &language.milliseconds(high)),
                ("rate", &language.quantity(rate)),
            ],
        ),
        _ => Phrase::TitleLatencyEmpty.text(language).to_owned(),
    };
    Around {
        description: Phrase::DescribeLatency.fill(language, &[("title", &title)]),
        title,
        subtitle: subtitle(view, language),
        note: String::new(),
        source: source(view),
    }
}

/// The words around C3.
pub(super) fn around_goodput(view: &View<'_>, language: Language) -> Around {
    let points = goodput_points(view);
    let best = points.iter().map(|point| point.good).reduce(f64::max);
    let title = match (best, points.last()) {
        (Some(best), Some(last)) if last.good < 0.95 * best => ChartText::GoodputFalls.fill(
            language,
            &[
                ("best", &language.quantity(best)),
                ("rate", &language.quantity(last.rate)),
                ("last", &language.quantity(last.good)),
            ],
        ),
        (Some(_), Some(last)) if points.iter().all(|point| !point.fails) => {
            ChartText::GoodputHolds.fill(language, &[("rate", &language.quantity(last.rate))])
        }
        (Some(best), _) => ChartText::GoodputBest.fill(language, &[("best", &language.quantity(best))]),
        (None, _) => ChartText::GoodputEmpty.text(language).to_owned(),
    };
    Around {
        description: ChartText::GoodputDescribe.fill(language, &[("title", &title)]),
        title,
        subtitle: subtitle(view, language),
        note: String::new(),
        source: source(view),
    }
}

/// The words around C5.
pub(super) fn around_timeline(view: &View<'_>, language: Language) -> Around {
    let family = failure_family(&view.record.header);
    let mut all = Tally::default();
    for tally in by_due(view.record, &family).values() {
        all.merge(tally);
    }
    let time = language.seconds(view.record.seconds.len() as f64);
    let count = language.count(all.completed());
    let first = view.summary.first_failure.as_ref();
    let title = match first.filter(|_| all.failed > 0) {
        Some(first) => ChartText::TimelineFailed.fill(
            language,
            &[
                ("failed", &language.count(all.failed)),
                ("count", &count),
                ("time", &time),
                ("at", &language.seconds(f64::from(first.at_seconds))),
            ],
        ),
        None => ChartText::TimelineClean.fill(language, &[("count", &count), ("time", &time)]),
    };
    Around {
        description: ChartText::TimelineDescribe.fill(language, &[("title", &title)]),
        title,
        subtitle: subtitle(view, language),
        note: String::new(),
        source: source(view),
    }
}

/// The words around the chart of what was watched.
pub(super) fn around_filling(view: &View<'_>, language: Language) -> Around {
    let first = view.summary.resources.first();
    let title = first.map_or_else(
        || Label::NothingFull.text(language).to_owned(),
        |full| full_in_words(full, language),
    );
    let title = title.trim_end_matches('.').to_owned();
    Around {
        description: Phrase::DescribeFilling.fill(language, &[("title", &title)]),
        title,
        subtitle: subtitle(view, language),
        note: String::new(),
        source: source(view),
    }
}
