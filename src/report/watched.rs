//! What the servers showed while the load was played: which resource was full first, at which load, and what their logs
//! named. No cause is claimed that nothing showed.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::view::View;
use crate::analysis::TrialView;
use crate::diagnosis::{Gauge, Moment, Product, fullest};
use crate::record::{GaugeLine, RunRecord, SourceLine};
use crate::words::{Language, Phrase, printable};

/// Resources that are drawn: the fullest.
const MOST_DRAWN: usize = 5;

/// Loads that differ by less than this share become one dot.
const SAME_DOT: f64 = 0.03;

/// A resource that was full in at least two seconds that count.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ResourceSummary {
    /// Its name, such as `php-fpm workers`.
    pub name: String,
    /// Whose it is: a product's word, or `unknown`.
    pub product: String,
    /// The lowest load at which it was full, in pages per second.
    pub from_rate: f64,
    /// The most that was in use; of a counter, how often it had happened.
    pub used: f64,
    /// How much there is; null where the page does not say.
    pub limit: Option<f64>,
    /// The most that waited for it; null where the page does not say.
    pub waiting: Option<f64>,
    /// Whether it was full at the lowest load already: then it is not this load that filled it.
    pub full_anyway: bool,
}

/// A cause that the followed logs named.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct CauseSummary {
    /// Whose log it is.
    pub gateway: String,
    /// The cause, in the words of `tipover explain`.
    pub cause: String,
    /// Lines that say so.
    pub count: u64,
    /// The load at which the first of them came, in pages per second.
    pub from_rate: f64,
    /// One of them; client addresses and the values of queries left out.
    pub example: String,
}

/// How full a resource was, over the load.
#[derive(Debug, Clone, PartialEq)]
pub struct Filling {
    /// Its name.
    pub name: String,
    /// Pairs of load, in pages per second, and the mean share in use, 0 to 1 and more; by load.
    pub points: Vec<(f64, f64)>,
}

/// The gauges of each second that counts, with the load of its trial.
fn moments<'a>(record: &RunRecord, trials: impl Iterator<Item = &'a TrialView>) -> Vec<Moment> {
    let mut pages = record.sources.iter().filter(|line| !line.gauges.is_empty());
    let first = pages.next().map(|line| &line.source);
    let many = pages.any(|line| Some(&line.source) != first);
    let offered: BTreeMap<u32, f64> = record
        .seconds
        .iter()
        .map(|second| (second.second, second.offered))
        .collect();
    let mut by_second: BTreeMap<u32, Vec<Gauge>> = BTreeMap::new();
    for SourceLine {
        second,
        source,
        gauges,
        ..
    } in &record.sources
    {
        let named = gauges.iter().map(|line| gauge(line, source, many));
        by_second.entry(*second).or_default().extend(named);
    }
    let mut all = Vec::new();
    for trial in trials.filter(|trial| !trial.is_recovery()) {
        for (second, gauges) in by_second.range(trial.judged_from..trial.until.max(trial.judged_from)) {
            // A load as written may move within a stretch; a trial holds its own.
            let own = offered.get(second).filter(|_| trial.phase.is_none());
            all.push(Moment {
                offered: own.map_or(trial.rate, |own| rounded(*own)),
                gauges: gauges.clone(),
            });
        }
    }
    all
}

/// To a thousandth, so that what was meant to be the same load is.
fn rounded(load: f64) -> f64 {
    (load * 1e3).round() / 1e3
}

fn gauge(line: &GaugeLine, source: &str, many: bool) -> Gauge {
    let product = Product::ALL.iter().find(|product| product.word() == line.product);
    let resource = printable(&line.resource);
    Gauge {
        product: product.copied().unwrap_or(Product::Unknown),
        resource: if many {
            format!("{resource} ({})", printable(source))
        } else {
            resource
        },
        used: line.used,
        limit: line.limit,
        waiting: line.waiting,
        is_counter: line.is_counter,
    }
}

/// Every resource that was full, the first one first.
pub(super) fn resources(record: &RunRecord, trials: &[TrialView]) -> Vec<ResourceSummary> {
    let full = fullest(&moments(record, trials.iter()));
    full.into_iter()
        .map(|full| ResourceSummary {
            name: full.name,
            product: full.product,
            from_rate: full.from,
            used: full.used,
            limit: full.limit,
            waiting: full.waiting,
            full_anyway: full.is_full_anyway,
        })
        .collect()
}

/// What the followed logs named, most frequent first; good answers left out.
pub(super) fn causes(record: &RunRecord) -> Vec<CauseSummary> {
    let mut all: BTreeMap<(&str, &str), CauseSummary> = BTreeMap::new();
    let offered: BTreeMap<u32, f64> = record
        .seconds
        .iter()
        .map(|second| (second.second, second.offered))
        .collect();
    for line in &record.sources {
        let offered = offered.get(&line.second).copied().unwrap_or(0.0);
        for cause in line.causes.iter().filter(|cause| cause.cause != "ok") {
            let known = all
                .entry((&cause.gateway, &cause.cause))
                .or_insert_with(|| CauseSummary {
                    gateway: cause.gateway.clone(),
                    cause: cause.cause.clone(),
                    count: 0,
                    from_rate: offered,
                    example: cause.example.clone(),
                });
            known.count += cause.count;
        }
    }
    let mut all: Vec<CauseSummary> = all.into_values().collect();
    all.sort_by_key(|cause| std::cmp::Reverse(cause.count));
    all
}

/// How full each resource was over the load; the fullest ones, of those that have an end.
pub(super) fn fillings(record: &RunRecord, trials: &[TrialView]) -> Vec<Filling> {
    /// By load: the sum of the shares, and how many they are.
    type Sums = Vec<(f64, f64, f64)>;
    let mut all: Vec<(String, Sums)> = Vec::new();
    for moment in moments(record, trials.iter()) {
        for gauge in moment.gauges.iter().filter(|gauge| !gauge.is_counter) {
            let Some(limit) = gauge.limit else { continue };
            let name = gauge.name();
            let at = all
                .iter()
                .position(|(known, _)| *known == name)
                .unwrap_or_else(|| {
                    all.push((name, Vec::new()));
                    all.len() - 1
                });
            let sums = &mut all[at].1;
            let share = gauge.used / limit;
            let is_same = |load: f64| (load / moment.offered - 1.0).abs() < SAME_DOT;
            match sums.iter_mut().find(|(load, ..)| is_same(*load)) {
                Some((_, sum, count)) => (*sum, *count) = (*sum + share, *count + 1.0),
                None => sums.push((moment.offered, share, 1.0)),
            }
        }
    }
    let mut all: Vec<Filling> = all
        .into_iter()
        .map(|(name, mut sums)| {
            sums.sort_by(|one, other| one.0.total_cmp(&other.0));
            let points = sums
                .into_iter()
                .map(|(load, sum, count)| (load, sum / count))
                .collect();
            Filling { name, points }
        })
        .collect();
    let highest = |filling: &Filling| filling.points.iter().map(|(_, share)| *share).fold(0.0, f64::max);
    all.sort_by(|one, other| highest(other).total_cmp(&highest(one)));
    all.truncate(MOST_DRAWN);
    all
}

/// `php-fpm workers: full from 212 pages/s on (5 of 5 in use, up to 128 waiting).`
pub(super) fn full_in_words(full: &ResourceSummary, language: Language) -> String {
    let rate = language.quantity(full.from_rate);
    let used = language.quantity(full.used);
    let (name, limit) = (
        full.name.as_str(),
        full.limit.map(|limit| language.quantity(limit)),
    );
    let waiting = full
        .waiting
        .filter(|waiting| *waiting > 0.0)
        .map(|waiting| language.quantity(waiting));
    if full.full_anyway {
        return Phrase::FullAnyway.fill(language, &[("name", name)]);
    }
    match (&limit, &waiting) {
        (Some(limit), Some(waiting)) => Phrase::FullWithQueue.fill(
            language,
            &[
                ("name", name),
                ("rate", &rate),
                ("used", &used),
                ("limit", limit),
                ("waiting", waiting),
            ],
        ),
        (Some(limit), None) => Phrase::Full.fill(
            language,
            &[("name", name), ("rate", &rate), ("used", &used), ("limit", limit)],
        ),
        (None, Some(waiting)) => {
            Phrase::FullQueue.fill(language, &[("name", name), ("rate", &rate), ("waiting", waiting)])
        }
        (None, None) => Phrase::FullCounter.fill(language, &[("name", name), ("rate", &rate)]),
    }
}

/// Workers ÷ service time, where workers were full first: what they can do, and what one more brings. The service time is
/// the median of the lowest load, at which nobody waits.
pub(super) fn workers_in_words(view: &View<'_>, language: Language) -> Option<String> {
    let full = view.summary.resources.iter().find(|full| !full.full_anyway)?;
    let is_workers = ["php-fpm", "apache"].contains(&full.product.as_str()) && full.name.contains(" workers");
    let workers = full.limit.filter(|_| is_workers)?;
    let lowest = view
        .measured()
        .filter(|trial| trial.rate > 0.0 && trial.rate < full.from_rate)
        .min_by(|one, other| one.rate.total_cmp(&other.rate))?;
    let service = lowest.tally.successes.from_sent.at_quantile(0.5)? as f64 / 1e6;
    (service > 0.0).then(|| {
        Phrase::WorkersFormula.fill(
            language,
            &[
                ("workers", &language.quantity(workers)),
                ("service", &language.milliseconds(service * 1e3)),
                ("rate", &language.quantity(workers / service)),
                ("more", &language.quantity(1.0 / service)),
            ],
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_resource_is_told_with_its_load_and_who_waits() {
        let full = ResourceSummary {
            name: "php-fpm workers".to_owned(),
            product: "php-fpm".to_owned(),
            from_rate: 212.0,
            used: 5.0,
            limit: Some(5.0),
            waiting: Some(128.0),
            full_anyway: false,
        };
        assert_eq!(
            full_in_words(&full, Language::English),
            "php-fpm workers: full from 212 pages/s on, 5 of 5 in use, up to 128 waiting."
        );
        let dropped = ResourceSummary {
            name: "nginx dropped connections".to_owned(),
            limit: None,
            waiting: None,
            ..full
        };
        assert_eq!(
            full_in_words(&dropped, Language::German),
            "nginx dropped connections: nahm ab 212 Seiten/s zu."
        );
    }
}
