//! Which resource was full first, at which load, and what shows it. Nothing is claimed that no status page showed.

use std::collections::BTreeMap;

use super::Gauge;

/// A resource is full in a second in which this share of it is in use.
const FULL: f64 = 0.995;
/// One second may be a burst: at one load it is full for so many seconds at least …
const SECONDS: usize = 2;
/// … and in this part of the seconds at that load.
const PART: f64 = 0.5;
/// Loads that differ by less than this factor count as one.
const SAME_LOAD: f64 = 1.1;

/// The gauges of one second of a run.
#[derive(Debug, Clone, PartialEq)]
pub struct Moment {
    /// The load then, in pages per second.
    pub offered: f64,
    /// What the status pages showed.
    pub gauges: Vec<Gauge>,
}

/// A resource that was full.
#[derive(Debug, Clone, PartialEq)]
pub struct Filled {
    /// Its name: `php-fpm workers`.
    pub name: String,
    /// Its product's word.
    pub product: String,
    /// The lowest load at which it was full, in pages per second.
    pub from: f64,
    /// The most that was in use.
    pub used: f64,
    /// How much there is.
    pub limit: Option<f64>,
    /// The most that waited for it.
    pub waiting: Option<f64>,
    /// The number of seconds in which it was full.
    pub seconds: usize,
    /// Whether it was full at the lowest load already: then it is not this load that filled it.
    pub is_full_anyway: bool,
}

/// Every resource that was full, the one that was full at the lowest load first, those that were full anyway last;
/// `moments` in the order of time.
pub fn fullest(moments: &[Moment]) -> Vec<Filled> {
    let mut names: Vec<String> = Vec::new();
    for gauge in moments.iter().flat_map(|moment| &moment.gauges) {
        let name = gauge.name();
        if !names.contains(&name) {
            names.push(name);
        }
    }
    let mut all: Vec<Filled> = names.iter().filter_map(|name| filled(name, moments)).collect();
    all.sort_by(|one, other| {
        let anyway = one.is_full_anyway.cmp(&other.is_full_anyway);
        anyway.then(one.from.total_cmp(&other.from))
    });
    all
}

/// The seconds at about the same load.
#[derive(Default)]
struct AtLoad {
    lowest: f64,
    seconds: usize,
    full: usize,
}

fn filled(name: &str, moments: &[Moment]) -> Option<Filled> {
    let mut found: Option<Filled> = None;
    let mut before: Option<f64> = None;
    let mut loads: BTreeMap<i32, AtLoad> = BTreeMap::new();
    for moment in moments.iter().filter(|moment| moment.offered > 0.0) {
        let Some(gauge) = moment.gauges.iter().find(|gauge| gauge.name() == name) else {
            continue;
        };
        let has_grown = before.is_some_and(|before| gauge.used > before);
        before = Some(gauge.used);
        let is_full = if gauge.is_counter {
            has_grown
        } else {
            is_full(gauge)
        };
        let step = (moment.offered.ln() / SAME_LOAD.ln()).round() as i32;
        let load = loads.entry(step).or_insert_with(|| AtLoad {
            lowest: moment.offered,
            ..AtLoad::default()
        });
        load.seconds += 1;
        if !is_full {
            continue;
        }
        load.full += 1;
        load.lowest = load.lowest.min(moment.offered);
        let whole = found.get_or_insert_with(|| Filled {
            name: name.to_owned(),
            product: gauge.product.to_string(),
            from: moment.offered,
            used: gauge.used,
            limit: gauge.limit,
            waiting: gauge.waiting,
            seconds: 0,
            is_full_anyway: false,
        });
        whole.seconds += 1;
        whole.used = whole.used.max(gauge.used);
        whole.limit = gauge.limit.or(whole.limit);
        whole.waiting = match (whole.waiting, gauge.waiting) {
            (Some(one), Some(other)) => Some(one.max(other)),
            (one, other) => one.or(other),
        };
    }
    let lasting = |load: &&AtLoad| load.full >= SECONDS && load.full as f64 >= PART * load.seconds as f64;
    let from = loads.values().find(lasting)?.lowest;
    // Of one load alone nothing can be said.
    let is_full_anyway = loads.len() > 1 && loads.values().next().as_ref().is_some_and(lasting);
    found.map(|found| Filled {
        from,
        is_full_anyway,
        ..found
    })
}

/// Where all of it is in use, or somebody waits for what has no known end.
fn is_full(gauge: &Gauge) -> bool {
    match (gauge.limit, gauge.waiting) {
        (Some(limit), _) => gauge.used >= limit * FULL,
        (None, Some(waiting)) => waiting > 0.0,
        (None, None) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::product::Product;
    use super::*;

    fn first_full(moments: &[Moment]) -> Option<Filled> {
        fullest(moments).into_iter().next()
    }

    fn moment(offered: f64, gauges: Vec<Gauge>) -> Moment {
        Moment { offered, gauges }
    }

    fn workers(used: f64, waiting: f64) -> Gauge {
        Gauge::of(Product::PhpFpm, "workers", used)
            .limited(Some(5.0))
            .waiting(Some(waiting))
    }

    #[test]
    fn the_resource_that_was_full_at_the_lowest_load_comes_first() {
        let connections = |used| Gauge::of(Product::Nginx, "connections", used).limited(Some(100.0));
        let moments = [
            moment(100.0, vec![workers(3.0, 0.0), connections(10.0)]),
            moment(212.0, vec![workers(5.0, 128.0), connections(60.0)]),
            moment(212.0, vec![workers(4.0, 0.0), connections(40.0)]),
            moment(212.0, vec![workers(5.0, 40.0), connections(40.0)]),
            moment(400.0, vec![workers(5.0, 128.0), connections(100.0)]),
            moment(405.0, vec![workers(5.0, 128.0), connections(100.0)]),
        ];
        let first = first_full(&moments).unwrap();
        assert_eq!(
            (first.name.as_str(), first.used, first.limit),
            ("php-fpm workers", 5.0, Some(5.0))
        );
        assert_eq!(
            (first.from, first.waiting, first.seconds),
            (212.0, Some(128.0), 4)
        );
        assert_eq!(fullest(&moments)[1].name, "nginx connections");
        assert_eq!(fullest(&moments)[1].from, 400.0);
    }

    #[test]
    fn what_was_full_at_the_lowest_load_already_comes_last() {
        let host = || Gauge::of(Product::Unknown, "load of the host", 9.0).limited(Some(2.0));
        let at = |offered: f64, used: f64| moment(offered, vec![host(), workers(used, 0.0)]);
        let moments = [at(40.0, 1.0), at(40.0, 1.0), at(200.0, 5.0), at(200.0, 5.0)];
        let all = fullest(&moments);
        assert_eq!(
            (all[0].name.as_str(), all[0].is_full_anyway),
            ("php-fpm workers", false)
        );
        assert_eq!(
            (all[1].name.as_str(), all[1].is_full_anyway),
            ("load of the host", true)
        );
    }

    #[test]
    fn one_second_is_a_burst_and_no_load_is_no_cause() {
        let moments = [
            moment(100.0, vec![workers(5.0, 1.0)]),
            moment(100.0, vec![workers(2.0, 0.0)]),
            moment(100.0, vec![workers(2.0, 0.0)]),
            moment(100.0, vec![workers(5.0, 0.0)]),
            moment(100.0, vec![workers(2.0, 0.0)]),
            moment(0.0, vec![workers(5.0, 0.0)]),
            moment(0.0, vec![workers(5.0, 0.0)]),
        ];
        assert_eq!(first_full(&moments), None);
    }

    #[test]
    fn a_counter_says_something_where_it_grows_and_not_by_its_height() {
        let overflows = |count| Gauge::of(Product::Unknown, "overflows of listen queues", count).counter();
        let quiet: Vec<Moment> = (0..9).map(|_| moment(50.0, vec![overflows(7_000.0)])).collect();
        assert_eq!(first_full(&quiet), None);
        let grows: Vec<Moment> = (0..4)
            .map(|at| moment(50.0, vec![overflows(f64::from(at))]))
            .collect();
        assert_eq!(first_full(&grows).unwrap().seconds, 3);
    }
}
