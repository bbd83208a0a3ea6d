//! Whether requests that were counted keep to a threshold: all of them, or each stretch of its time.

use std::collections::BTreeMap;

use super::{Reason, ThresholdVerdict, Value, Verdict, not_known};
use crate::analysis::statistics::{Z_95, rule_of_three, wilson};
use crate::analysis::tally::Tally;
use crate::record::SparseHistogram;
use crate::scenario::{Subject, Threshold};
use crate::units::Quantile;
use crate::words::ReasonText;

/// Below so many requests not even a failure is believed.
const FEWEST: u64 = 20;

/// Whether `seconds` keep to `threshold`.
pub(super) fn over_seconds(threshold: &Threshold, seconds: &BTreeMap<u32, Tally>) -> Verdict {
    match threshold.over {
        Some(over) => {
            let length = u32::try_from(over.as_secs_f64().ceil() as u64).unwrap_or(u32::MAX);
            in_every_stretch(threshold, seconds, length)
        }
        None => {
            let mut sum = Tally::default();
            seconds.values().for_each(|tally| sum.merge(tally));
            of_all(threshold, &sum)
        }
    }
}

/// Whether all of `tally` does.
pub(super) fn of_all(threshold: &Threshold, tally: &Tally) -> Verdict {
    let completed = tally.completed();
    match threshold.subject {
        Subject::Latency(quantile) => latency(threshold, quantile, &tally.successes.from_due),
        Subject::Checks => {
            let answered: u64 = tally
                .by_class
                .iter()
                .filter(|(class, _)| class.is_success())
                .map(|(_, count)| count)
                .sum();
            share(threshold, ReasonText::Checks, answered, completed)
        }
        _ => share(threshold, ReasonText::Failures, tally.failed, completed),
    }
}

/// What was seen is too little for a verdict: says how much it takes.
fn too_few(threshold: &Threshold, seen: u64, reason: Reason) -> Reason {
    let needed = threshold.requests_needed().filter(|needed| needed.is_finite());
    let needed = needed.map_or(FEWEST, |needed| (needed as u64).max(FEWEST));
    if seen >= needed {
        return reason;
    }
    reason.and(Reason::of(ReasonText::TooFew).with("needed", Value::Count(needed)))
}

fn decided(threshold: &Threshold, (low, high): (f64, Option<f64>), seen: u64, reason: Reason) -> Verdict {
    let verdict = if seen < FEWEST {
        ThresholdVerdict::NotKnown
    } else {
        ThresholdVerdict::of(threshold.comparison, low, high, threshold.limit)
    };
    match verdict {
        ThresholdVerdict::NotKnown => not_known(too_few(threshold, seen, reason)),
        decided => (decided, reason),
    }
}

/// The interval of a quantile by order statistics: the ranks 1.96 standard deviations of a binomial count around it.
fn latency(threshold: &Threshold, quantile: Quantile, histogram: &SparseHistogram) -> Verdict {
    let count = histogram.len();
    let p = quantile.get();
    let Some(seen) = histogram.at_quantile(p) else {
        return not_known(Reason::of(ReasonText::NoSuccess));
    };
    let spread = Z_95 * (p * (1.0 - p) / count as f64).sqrt();
    let low = histogram.at_quantile((p - spread).max(0.0)).unwrap_or(0);
    let high = (p + spread < 1.0)
        .then(|| histogram.at_quantile(p + spread))
        .flatten();
    let text = if high.is_some() {
        ReasonText::Quantile
    } else {
        ReasonText::QuantileOpen
    };
    let micros = |value: u64| Value::Micros(value as f64);
    let mut reason = Reason::of(text)
        .with("quantile", Value::Text(quantile.to_string()))
        .with("value", micros(seen))
        .with("count", Value::Count(count));
    if let Some(high) = high {
        reason = reason.with("low", micros(low)).with("high", micros(high));
    }
    let seconds = |micros: u64| micros as f64 / 1e6;
    decided(threshold, (seconds(low), high.map(seconds)), count, reason)
}

/// The interval of a share: Wilson's, and the rule of three where there is none, or nothing else.
fn share(threshold: &Threshold, text: ReasonText, part: u64, whole: u64) -> Verdict {
    if whole == 0 {
        return not_known(Reason::of(ReasonText::NoRequest));
    }
    let wilson = wilson(part, whole, Z_95);
    let low = if part == whole {
        1.0 - rule_of_three(whole)
    } else {
        wilson.low
    };
    let high = if part == 0 {
        rule_of_three(whole)
    } else {
        wilson.high
    };
    let reason = Reason::of(text)
        .with("part", Value::Count(part))
        .with("count", Value::Count(whole))
        .with("low", Value::Share(low))
        .with("high", Value::Share(high));
    decided(threshold, (low, Some(high)), whole, reason)
}

/// Holds where it holds in every stretch of `length` seconds; the first that fails, or else one that is not known,
/// decides.
fn in_every_stretch(threshold: &Threshold, seconds: &BTreeMap<u32, Tally>, length: u32) -> Verdict {
    let time = || Value::Seconds(f64::from(length));
    let (mut passed, mut open) = (0_u64, None);
    for from in seconds.keys() {
        let until = from.saturating_add(length);
        let stretch = seconds.range(from..&until);
        if stretch.clone().count() < length as usize {
            continue;
        }
        let mut sum = Tally::default();
        stretch.for_each(|(_, tally)| sum.merge(tally));
        let (verdict, reason) = of_all(threshold, &sum);
        let reason = reason.and(
            Reason::of(ReasonText::OverStretch)
                .with("seconds", time())
                .with("from", Value::Count(u64::from(*from))),
        );
        match verdict {
            ThresholdVerdict::Fail => return (verdict, reason),
            ThresholdVerdict::NotKnown => open = open.or(Some(not_known(reason))),
            ThresholdVerdict::Pass => passed += 1,
        }
    }
    let all = || {
        Reason::of(ReasonText::InEvery)
            .with("count", Value::Count(passed))
            .with("seconds", time())
    };
    match open {
        Some(open) => open,
        None if passed > 0 => (ThresholdVerdict::Pass, all()),
        None => not_known(Reason::of(ReasonText::TooShort).with("seconds", time())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::Class;
    use crate::words::Language;

    fn tally(good: u64, bad: u64, micros: u64) -> Tally {
        let mut tally = Tally {
            failed: bad,
            ..Tally::default()
        };
        tally.by_class.insert(Class::Status(200), good);
        tally.by_class.insert(Class::Status(502), bad);
        for _ in 0..good {
            tally.successes.from_due.record(micros);
        }
        tally
    }

    fn verdict(text: &str, seconds: &[(u64, u64)]) -> ThresholdVerdict {
        let threshold = Threshold::parse(text, 1.0).unwrap();
        let seconds = (0..)
            .zip(seconds)
            .map(|(second, (good, bad))| (second, tally(*good, *bad, 500_000)));
        over_seconds(&threshold, &seconds.collect()).0
    }

    #[test]
    fn as_many_requests_as_it_needs_decide_it_and_one_fewer_does_not() {
        for text in ["failures < 1%", "checks > 99%", "p99 < 600ms", "p95 < 600ms"] {
            let needed = Threshold::parse(text, 1.0).unwrap().requests_needed().unwrap() as u64;
            assert_eq!(verdict(text, &[(needed, 0)]), ThresholdVerdict::Pass, "{text}");
            assert_eq!(
                verdict(text, &[(needed - 2, 0)]),
                ThresholdVerdict::NotKnown,
                "{text}"
            );
        }
    }

    #[test]
    fn what_fails_clearly_fails_and_a_handful_of_requests_says_nothing() {
        assert_eq!(verdict("failures < 1%", &[(950, 50)]), ThresholdVerdict::Fail);
        assert_eq!(verdict("failures < 1%", &[(0, 19)]), ThresholdVerdict::NotKnown);
        assert_eq!(verdict("checks > 99%", &[(950, 50)]), ThresholdVerdict::Fail);
        assert_eq!(verdict("checks > 99%", &[(995, 5)]), ThresholdVerdict::NotKnown);
        assert_eq!(verdict("p50 < 400ms", &[(100, 0)]), ThresholdVerdict::Fail);
        assert_eq!(verdict("p50 < 400ms", &[(0, 100)]), ThresholdVerdict::NotKnown);
    }

    #[test]
    fn every_stretch_must_hold() {
        let calm = vec![(200, 0); 30];
        assert_eq!(verdict("failures < 1% for 10s", &calm), ThresholdVerdict::Pass);
        let mut burst = calm.clone();
        burst[12] = (100, 100);
        assert_eq!(verdict("failures < 1% for 10s", &burst), ThresholdVerdict::Fail);
        assert_eq!(
            verdict("failures < 20% for 10s", &burst),
            ThresholdVerdict::Pass,
            "5 % in the worst of them"
        );
        assert_eq!(
            verdict("failures < 1% for 40s", &calm),
            ThresholdVerdict::NotKnown
        );
        assert_eq!(
            verdict("failures < 1% for 10s", &[(20, 0); 30]),
            ThresholdVerdict::NotKnown,
            "200 requests are too few"
        );
    }

    #[test]
    fn a_reason_names_what_is_missing() {
        let threshold = Threshold::parse("failures < 1%", 1.0).unwrap();
        let (_, reason) = of_all(&threshold, &tally(120, 0, 1));
        let english = reason.in_words(Language::English);
        assert!(
            english.ends_with("too few to tell: it takes 300 requests"),
            "{english}"
        );
        assert!(
            reason
                .in_words(Language::German)
                .contains("Nötig sind 300 Anfragen")
        );
    }
}
