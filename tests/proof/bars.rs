//! The bars that the search is to clear. Each is the share of searches that are good enough: half of them for a
//! median, nine tenths for a 90 % quantile. A bar is missed when the upper end of the share's Wilson interval lies
//! below it: when no luck explains the gap.

use std::fmt::Write as _;

use tipover::analysis::statistics::{Z_95, wilson};

use super::numbers::{number, quantile, sorted};
use super::options::Careful;
use super::outcome::Outcome;
use super::table::classes;

/// The longest that a decision may take, in microseconds.
const DECISION_US: f64 = 1_000.0;
/// In so many of the searches.
const DECISION_PART: f64 = 0.999;
/// So many seeds of every class are to be searched in so many minutes on so many cores.
const SEEDS: f64 = 30.0;
const MINUTES: f64 = 5.0;
const CORES: f64 = 2.0;

/// The bars of a profile.
struct Demands {
    /// Absolute error of the median and of the 90 % quantile.
    error: (f64, Option<f64>),
    /// Share of intervals that hold the truth: over all, and in each class.
    coverage: (f64, Option<f64>),
    /// Relative width of the interval: median and 90 % quantile.
    width: Option<(f64, f64)>,
    /// Seconds in the median at about 400 pages per second, and at about 20.
    seconds: (Option<f64>, Option<f64>),
    /// Requests above the tipping point, and failed ones, in the median.
    damage: Option<(f64, f64)>,
}

fn demands(profile: Careful, share: f64) -> Option<Demands> {
    let nothing = Demands {
        error: (f64::INFINITY, None),
        coverage: (0.0, None),
        width: None,
        seconds: (None, None),
        damage: None,
    };
    match profile {
        Careful::Standard if share < 0.005 => Some(Demands {
            coverage: (0.88, None),
            ..nothing
        }),
        Careful::Standard => Some(Demands {
            error: (0.014, Some(0.05)),
            coverage: (0.93, Some(0.85)),
            width: Some((0.10, 0.20)),
            seconds: (Some(190.0), Some(600.0)),
            damage: Some((17_000.0, 1_000.0)),
        }),
        Careful::Quick => Some(Demands {
            error: (0.02, None),
            coverage: (0.90, None),
            seconds: (Some(100.0), None),
            ..nothing
        }),
        Careful::Long => None,
    }
}

/// A share of searches against what it is to be.
struct Bar {
    text: String,
    measured: String,
    good: u64,
    all: u64,
    share: f64,
}

impl Bar {
    /// `part` of `values` are to be at most `most`; `unit` turns a value into what is printed.
    fn at_most(name: &str, values: &[f64], part: f64, most: f64, unit: (f64, usize, &str)) -> Self {
        let (factor, decimals, unit) = unit;
        let what = if part == 0.5 { "median" } else { "p90" };
        Self {
            text: format!("{name}: {what} ≤ {:.decimals$}{unit}", most * factor),
            measured: format!("{}{unit}", number(quantile(values, part) * factor, decimals)),
            good: values.iter().filter(|value| **value <= most).count() as u64,
            all: values.len() as u64,
            share: part,
        }
    }

    fn covers(name: &str, outcomes: &[&Outcome], share: f64) -> Self {
        let good = outcomes
            .iter()
            .filter(|outcome| outcome.covers(outcome.truth))
            .count() as u64;
        Self {
            text: format!("{name}: the interval holds the truth in ≥ {:.0} %", 1e2 * share),
            measured: format!("{:.1} %", 1e2 * good as f64 / outcomes.len() as f64),
            good,
            all: outcomes.len() as u64,
            share,
        }
    }

    fn is_cleared(&self) -> bool {
        wilson(self.good, self.all, Z_95).high >= self.share
    }
}

/// The bars of `profile` against what was measured, as Markdown.
pub(crate) fn judge(profile: Careful, share: f64, outcomes: &[Outcome]) -> String {
    let tipping: Vec<&Outcome> = outcomes
        .iter()
        .filter(|outcome| outcome.truth.is_some())
        .collect();
    let mut bars = Vec::new();
    if let Some(demands) = demands(profile, share)
        && !tipping.is_empty()
    {
        precision(&mut bars, &demands, &tipping, outcomes);
        cost(&mut bars, &demands, &tipping);
    }
    for (class, name) in classes(outcomes) {
        let of_class: Vec<&Outcome> = outcomes
            .iter()
            .filter(|outcome| outcome.class == class && outcome.truth.is_none())
            .collect();
        if !of_class.is_empty() {
            let good = of_class.iter().filter(|outcome| outcome.right).count() as u64;
            bars.push(Bar {
                text: format!("{class} {name}: the right finding in ≥ 95 %"),
                measured: format!("{:.1} %", 1e2 * good as f64 / of_class.len() as f64),
                good,
                all: of_class.len() as u64,
                share: 0.95,
            });
        }
    }
    written(&bars, outcomes)
}

fn precision(bars: &mut Vec<Bar>, demands: &Demands, tipping: &[&Outcome], outcomes: &[Outcome]) {
    const PERCENT: (f64, usize, &str) = (1e2, 1, " %");
    let errors = sorted(tipping.iter().map(|outcome| outcome.error().abs()));
    if demands.error.0.is_finite() {
        bars.push(Bar::at_most(
            "absolute error",
            &errors,
            0.5,
            demands.error.0,
            PERCENT,
        ));
    }
    if let Some(most) = demands.error.1 {
        bars.push(Bar::at_most("absolute error", &errors, 0.9, most, PERCENT));
    }
    bars.push(Bar::covers("all classes", tipping, demands.coverage.0));
    if let Some(share) = demands.coverage.1 {
        for (class, name) in classes(outcomes) {
            let of_class: Vec<&Outcome> = tipping
                .iter()
                .copied()
                .filter(|outcome| outcome.class == class)
                .collect();
            if !of_class.is_empty() {
                bars.push(Bar::covers(&format!("{class} {name}"), &of_class, share));
            }
        }
    }
    if let Some((median, p90)) = demands.width {
        let widths = sorted(tipping.iter().map(|outcome| outcome.width()));
        bars.push(Bar::at_most("interval width", &widths, 0.5, median, PERCENT));
        bars.push(Bar::at_most("interval width", &widths, 0.9, p90, PERCENT));
    }
}

fn cost(bars: &mut Vec<Bar>, demands: &Demands, tipping: &[&Outcome]) {
    let seconds = |from: f64, to: f64| {
        sorted(
            tipping
                .iter()
                .filter(|outcome| outcome.truth.is_some_and(|truth| from <= truth && truth < to))
                .map(|outcome| f64::from(outcome.seconds)),
        )
    };
    let usual = seconds(150.0, 1_500.0);
    if let Some(most) = demands.seconds.0.filter(|_| !usual.is_empty()) {
        bars.push(Bar::at_most(
            "time at about 400/s",
            &usual,
            0.5,
            most,
            (1.0, 0, " s"),
        ));
    }
    let low = seconds(0.0, 40.0);
    if let Some(most) = demands.seconds.1.filter(|_| !low.is_empty()) {
        bars.push(Bar::at_most(
            "time at about 20/s",
            &low,
            0.5,
            most,
            (1.0, 0, " s"),
        ));
    }
    if let Some((above, failed)) = demands.damage {
        let of = |value: fn(&Outcome) -> u64| sorted(tipping.iter().map(|outcome| value(outcome) as f64));
        let (thousand, few) = ((1e-3, 1, " k"), (1e-3, 2, " k"));
        let sent = of(|outcome| outcome.above);
        bars.push(Bar::at_most(
            "requests above the tipping point",
            &sent,
            0.5,
            above,
            thousand,
        ));
        let fails = of(|outcome| outcome.failed);
        bars.push(Bar::at_most("failed requests", &fails, 0.5, failed, few));
    }
}

fn written(bars: &[Bar], outcomes: &[Outcome]) -> String {
    let mut text =
        "| | bar | measured | searches | Wilson 95 % upper bound |\n|---|---|---|---|---|\n".to_owned();
    for bar in bars {
        let _ = writeln!(
            text,
            "| {} | {} | {} | {} of {} | {:.1} % |",
            mark(bar.is_cleared()),
            bar.text,
            bar.measured,
            bar.good,
            bar.all,
            1e2 * wilson(bar.good, bar.all, Z_95).high
        );
    }
    speed(&mut text, outcomes);
    text
}

/// How quick the search and its proof are, in processor time: the clock on the wall belongs to other programs too.
fn speed(text: &mut String, outcomes: &[Outcome]) {
    let count = outcomes.len().max(1) as f64;
    let mean = outcomes.iter().map(|outcome| outcome.decision_us[0]).sum::<f64>() / count;
    let longest = |which: usize| sorted(outcomes.iter().map(|outcome| outcome.decision_us[which]));
    // A decision that the machine stopped in the middle of, once in a million, says nothing about the search: the same
    // seed has it nowhere the next time.
    let (busy, clock) = (longest(2), longest(1));
    let nearly_all = quantile(&busy, DECISION_PART);
    let _ = writeln!(
        text,
        "| {} | the longest decision of a search takes < 1 ms of processor time | {nearly_all:.0} µs in {} % of the searches, {:.0} µs at most | by the clock: mean {mean:.1} µs, longest {:.0} µs | |",
        mark(nearly_all < DECISION_US),
        100.0 * DECISION_PART,
        quantile(&busy, 1.0),
        quantile(&clock, 1.0)
    );
    let number = classes(outcomes).len() as f64;
    let needed = outcomes.iter().map(|outcome| outcome.busy).sum::<f64>() / count * number * SEEDS / CORES;
    let _ = writeln!(
        text,
        "| {} | {SEEDS} seeds of {number} classes take < {MINUTES} min on {CORES} cores | {needed:.0} s | | |",
        mark(needed < MINUTES * 60.0)
    );
}

fn mark(is_cleared: bool) -> &'static str {
    if is_cleared { "✓" } else { "✗" }
}
