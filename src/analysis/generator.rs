//! This machine under suspicion: was it the bottleneck of its own measurement?

use std::collections::BTreeMap;

use crate::record::{RunRecord, Second, SparseHistogram, Unsent};

/// More than this part of the seconds disturbed, and the machine limited the run.
const DISTURBED_TOO_MUCH: f64 = 0.1;

/// As much of a second on a core as makes a worker its own bottleneck, in microseconds.
const BUSY_MICROS: u64 = 850_000;
/// As long without the core that it was ready for, in microseconds of a second, and other programs made a worker late.
const WAITED_MICROS: u64 = 100_000;
/// Of the seconds at a load or above it, this part disturbed: the machine is at its end from that load on.
const AT_ITS_END: f64 = 0.5;
/// Fewer disturbed seconds than this are an accident.
const FEWEST: usize = 3;

/// How this machine did.
#[derive(Debug, Clone, PartialEq)]
pub struct GeneratorHealth {
    /// Whether it was too slow for what was asked of it.
    pub is_limited: bool,
    /// The load from which on it was disturbed most of the time, in pages per second; where its disturbances are
    /// scattered, the lowest load that met one. Nothing unless it limited the run.
    pub limited_from: Option<f64>,
    /// What it ran out of: `cpu`, `late` (it was late, and not for want of a core), `in_flight_cap`, `files`, `ports`,
    /// `memory`; nothing unless it limited the run.
    pub limited_by: Option<String>,
    /// 99th percentile of sent − due over all requests, in milliseconds; of a record without the histogram of its
    /// seconds, an upper bound.
    pub p99_lateness_ms: f64,
    /// Largest sent − due, in milliseconds.
    pub max_lateness_ms: f64,
    /// Seconds that could not be judged because of it.
    pub disturbed_seconds: u32,
    /// Arrivals that it gave up; those of a run that was stopped are not among them.
    pub unsent: u64,
    /// Processor time in the busiest second, as a share of one core per worker; nothing where it was not read.
    pub cpu_share: Option<f64>,
    /// Most open files in one second; nothing where it was not read.
    pub open_files: Option<u64>,
    /// Largest resident memory, in bytes; nothing where it was not read.
    pub peak_memory_bytes: Option<u64>,
}

/// How this machine did in `record`; `was_the_limit` where the search found so.
pub fn generator_health(record: &RunRecord, was_the_limit: bool) -> GeneratorHealth {
    let seconds = &record.seconds;
    let disturbed: Vec<&Second> = seconds.iter().filter(|second| second.disturbed).collect();
    let unsent = unsent_of_ours(seconds);
    let share = disturbed.len() as f64 / seconds.len().max(1) as f64;
    let from = limited_from(seconds);
    // A search voids what was disturbed and tries again; its own finding says when that did not help.
    let ended_there = record.header.search.is_none() && from.is_some() && disturbed.len() >= FEWEST;
    let is_limited = was_the_limit || share > DISTURBED_TOO_MUCH || ended_there;
    let peak = |of: fn(&Second) -> u64| seconds.iter().map(of).max().filter(|peak| *peak > 0);
    let core_micros = f64::from(record.header.workers.max(1)) * 1e6;
    GeneratorHealth {
        is_limited,
        limited_from: from
            .or_else(|| {
                let loads = disturbed.iter().map(|second| second.offered);
                loads.filter(|offered| *offered > 0.0).min_by(f64::total_cmp)
            })
            .filter(|_| is_limited),
        limited_by: is_limited.then(|| limited_by(&unsent, &disturbed)),
        p99_lateness_ms: p99_lateness(seconds) / 1e3,
        max_lateness_ms: peak(|second| second.lateness_max_us).unwrap_or(0) as f64 / 1e3,
        disturbed_seconds: u32::try_from(disturbed.len()).unwrap_or(u32::MAX),
        unsent: unsent.values().sum(),
        cpu_share: peak(|second| second.generator.cpu_us).map(|micros| micros as f64 / core_micros),
        open_files: peak(|second| second.generator.open_files),
        peak_memory_bytes: peak(|second| second.generator.memory_bytes),
    }
}

/// What this machine ran out of: the reason why most arrivals were given up. Where they were late, it is looked why.
fn limited_by(unsent: &BTreeMap<Unsent, u64>, disturbed: &[&Second]) -> String {
    // `max_by_key` keeps the last of equals: reversed, the reason that is listed first.
    let most = unsent.iter().rev().max_by_key(|(_, count)| **count);
    let reason = most.map_or(Unsent::Late, |(reason, _)| *reason);
    if reason != Unsent::Late {
        return reason.to_string();
    }
    let lacked_a_core = |second: &&&Second| {
        let most = |micros: &[u64]| micros.iter().max().copied().unwrap_or(0);
        most(&second.generator.threads_us) >= BUSY_MICROS
            || most(&second.generator.waited_us) >= WAITED_MICROS
    };
    let lacking = disturbed.iter().filter(lacked_a_core).count();
    if lacking > 0 && 2 * lacking >= disturbed.len() {
        "cpu".to_owned()
    } else {
        reason.to_string()
    }
}

/// The lowest load that was disturbed and from which on, over all higher loads, most seconds were disturbed.
fn limited_from(seconds: &[Second]) -> Option<f64> {
    let mut loaded: Vec<&Second> = seconds.iter().filter(|second| second.offered > 0.0).collect();
    loaded.sort_by(|a, b| b.offered.total_cmp(&a.offered));
    let (mut all, mut disturbed) = (0_u32, 0_u32);
    let mut from = None;
    for same in loaded.chunk_by(|a, b| a.offered == b.offered) {
        let here = same.iter().filter(|second| second.disturbed).count() as u32;
        all += same.len() as u32;
        disturbed += here;
        if here > 0 && f64::from(disturbed) >= AT_ITS_END * f64::from(all) {
            from = same.first().map(|second| second.offered);
        }
    }
    from
}

fn unsent_of_ours(seconds: &[Second]) -> BTreeMap<Unsent, u64> {
    let mut unsent = BTreeMap::new();
    for line in seconds.iter().flat_map(|second| &second.unsent) {
        if line.reason != Unsent::Stopped {
            *unsent.entry(line.reason).or_default() += line.count;
        }
    }
    unsent
}

/// In microseconds.
fn p99_lateness(seconds: &[Second]) -> f64 {
    let is_lacking = |second: &Second| second.lateness.is_empty() && !second.sent.is_empty();
    if seconds.iter().any(is_lacking) {
        return p99_lateness_bound(seconds);
    }
    let mut all = SparseHistogram::new();
    for second in seconds {
        all.merge(&second.lateness);
    }
    all.at_quantile(0.99).unwrap_or(0) as f64
}

/// The same from above: each request counts with the 99th percentile of its second.
fn p99_lateness_bound(seconds: &[Second]) -> f64 {
    let mut weighted: Vec<(u64, u64)> = seconds
        .iter()
        .map(|second| {
            (
                second.lateness_p99_us,
                second.sent_in_all().try_into().unwrap_or(0),
            )
        })
        .collect();
    weighted.sort_unstable();
    let all: u64 = weighted.iter().map(|(_, sent)| sent).sum();
    let mut seen = 0;
    for (lateness, sent) in weighted {
        seen += sent;
        if seen as f64 >= all as f64 * 0.99 && sent > 0 {
            return lateness as f64;
        }
    }
    0.0
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::UnsentLine;

    fn record(disturbed: u32) -> RunRecord {
        let mut record = RunRecord::new(super::super::tests::header());
        for second in 0..20 {
            let is_late = second >= 20 - disturbed;
            record.seconds.push(Second {
                second,
                offered: f64::from(second) * 10.0,
                sent: vec![(second, 100)],
                disturbed: is_late,
                lateness_p99_us: if is_late { 40_000 } else { 200 },
                lateness_max_us: if is_late { 90_000 } else { 800 },
                unsent: vec![UnsentLine {
                    due: second,
                    reason: if is_late { Unsent::Ports } else { Unsent::Stopped },
                    count: 3,
                }],
                ..Second::default()
            });
        }
        record
    }

    #[test]
    fn a_machine_that_was_late_too_often_limited_its_run() {
        let health = generator_health(&record(4), false);
        assert!(health.is_limited);
        assert_eq!(
            (health.limited_from, health.limited_by.as_deref()),
            (Some(160.0), Some("ports"))
        );
        assert_eq!((health.disturbed_seconds, health.unsent), (4, 12));
        assert_eq!((health.p99_lateness_ms, health.max_lateness_ms), (40.0, 90.0));
    }

    #[test]
    fn lateness_is_that_of_all_requests_not_of_the_worst_of_each_second() {
        let mut record = record(0);
        for second in &mut record.seconds {
            for request in 0..100 {
                second.lateness.record(if request < 98 { 100 } else { 200 });
            }
            second.sent = vec![(second.second, 100)];
        }
        for _ in 0..2_000 {
            record.seconds[0].lateness.record(100);
        }
        assert_eq!(generator_health(&record, false).p99_lateness_ms, 0.1);
        record.seconds[3].lateness = SparseHistogram::new();
        assert_eq!(generator_health(&record, false).p99_lateness_ms, 0.2);
    }

    #[test]
    fn a_machine_is_limited_from_the_load_on_which_it_no_longer_makes() {
        let mut accident = record(3);
        accident.seconds[2].disturbed = true;
        let health = generator_health(&accident, false);
        assert_eq!(
            health.limited_from,
            Some(170.0),
            "one bad second at 20 pages/s is an accident"
        );
        let mut long = record(0);
        for second in 20..100 {
            long.seconds.push(Second {
                second,
                offered: 50.0,
                ..Second::default()
            });
        }
        for second in &mut long.seconds[17..20] {
            second.disturbed = true;
        }
        let health = generator_health(&long, false);
        assert!(
            health.is_limited,
            "few seconds of a run, but all of its highest loads"
        );
        assert_eq!(health.limited_from, Some(170.0));
        long.seconds[17].disturbed = false;
        assert!(
            !generator_health(&long, false).is_limited,
            "two seconds are an accident"
        );
    }

    #[test]
    fn lateness_for_want_of_a_core_is_told_from_other_lateness() {
        let mut late = record(4);
        for second in &mut late.seconds {
            second
                .unsent
                .iter_mut()
                .for_each(|line| line.reason = Unsent::Late);
        }
        let by = |record: &RunRecord| generator_health(record, false).limited_by;
        assert_eq!(by(&late).as_deref(), Some("late"));
        let mut busy = late.clone();
        for second in &mut busy.seconds[16..] {
            second.generator.threads_us = vec![100_000, 900_000];
        }
        assert_eq!(by(&busy).as_deref(), Some("cpu"), "its own work");
        for second in &mut late.seconds[16..] {
            second.generator.waited_us = vec![400_000];
        }
        assert_eq!(by(&late).as_deref(), Some("cpu"), "the work of others");
    }

    #[test]
    fn arrivals_of_a_stopped_run_are_nobodys_fault() {
        let health = generator_health(&record(0), false);
        assert!(!health.is_limited);
        assert_eq!((health.limited_from, health.limited_by), (None, None));
        assert_eq!(
            (health.unsent, health.cpu_share, health.open_files),
            (0, None, None)
        );
    }
}
