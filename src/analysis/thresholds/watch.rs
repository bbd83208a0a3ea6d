//! Thresholds whose failure ends a run, judged once a second while it goes on: over all that was seen, or over the latest
//! stretch of their time.

use std::collections::BTreeMap;

use super::measure::of_all;
use super::{Reason, ThresholdVerdict, Value};
use crate::analysis::tally::{Tally, add_second};
use crate::record::Second;
use crate::scenario::{AbortRule, AtLoad, FailureSet};
use crate::words::{Language, ReasonText};

/// A second counts for a load where it was offered at least this part of it, and no more than as much above it.
const NEAR: f64 = 0.05;

/// Watches a run for thresholds that fail.
#[derive(Debug, Clone)]
pub struct ThresholdWatch {
    rules: Vec<AbortRule>,
    failure: FailureSet,
    /// Requests by the second in which they were due, as far back as any threshold looks.
    recent: BTreeMap<u32, Tally>,
    /// What was offered in each of them, in pages per second.
    offered: BTreeMap<u32, f64>,
    /// All seconds that each rule counts, where it has no time of its own.
    sums: Vec<Tally>,
}

impl ThresholdWatch {
    /// Watches for `rules`; `failure` says what counts as a failure of the site.
    pub fn new(rules: Vec<AbortRule>, failure: FailureSet) -> Self {
        Self {
            sums: vec![Tally::default(); rules.len()],
            rules,
            failure,
            recent: BTreeMap::new(),
            offered: BTreeMap::new(),
        }
    }

    /// Looks at one more second; the threshold that has failed by now, and why, in a sentence.
    pub fn observe(&mut self, second: &Second) -> Option<String> {
        if self.rules.is_empty() {
            return None;
        }
        let mut news = BTreeMap::new();
        add_second(&mut news, second, &self.failure);
        self.offered.insert(second.second, second.offered);
        for (due, tally) in &news {
            let offered = self.offered.get(due).copied().unwrap_or(second.offered);
            for (rule, sum) in self.rules.iter().zip(&mut self.sums) {
                if rule.threshold.over.is_none() && counts(rule, offered) {
                    sum.merge(tally);
                }
            }
            self.recent.entry(*due).or_default().merge(tally);
        }
        let longest = self.rules.iter().map(length).max().unwrap_or(0);
        let oldest = (second.second + 1).saturating_sub(longest.max(60));
        self.recent = self.recent.split_off(&oldest);
        self.offered = self.offered.split_off(&oldest);
        self.failed(second.second + 1)
    }

    /// The first rule that has failed `passed` seconds into the run.
    fn failed(&self, passed: u32) -> Option<String> {
        let failed = |(rule, sum): (&AbortRule, &Tally)| {
            if f64::from(passed) < rule.delay.as_secs_f64() {
                return None;
            }
            let (verdict, reason) = match rule.threshold.over {
                None => of_all(&rule.threshold, sum),
                Some(_) => {
                    let from = passed.checked_sub(length(rule))?;
                    let mut latest = Tally::default();
                    let counted = |second: &u32| {
                        self.offered
                            .get(second)
                            .is_some_and(|offered| counts(rule, *offered))
                    };
                    if !(from..passed).all(|second| counted(&second)) {
                        return None;
                    }
                    self.recent
                        .range(from..passed)
                        .for_each(|(_, tally)| latest.merge(tally));
                    let (verdict, reason) = of_all(&rule.threshold, &latest);
                    let over = Reason::of(ReasonText::OverStretch)
                        .with("seconds", Value::Seconds(f64::from(passed - from)))
                        .with("from", Value::Count(u64::from(from)));
                    (verdict, reason.and(over))
                }
            };
            (verdict == ThresholdVerdict::Fail).then(|| {
                format!(
                    "threshold failed: {} ({})",
                    rule.text,
                    reason.in_words(Language::English)
                )
            })
        };
        self.rules.iter().zip(&self.sums).find_map(failed)
    }
}

/// How many seconds it looks back; none where it counts all.
fn length(rule: &AbortRule) -> u32 {
    let over = rule.threshold.over.map_or(0.0, |over| over.as_secs_f64().ceil());
    over as u32
}

/// Whether a second in which `offered` pages per second were asked for counts for `rule`.
fn counts(rule: &AbortRule, offered: f64) -> bool {
    match &rule.threshold.at {
        None => true,
        Some(AtLoad::Rate(rate)) => (offered / rate.get() - 1.0).abs() <= NEAR,
        // A peak that nobody has put into numbers is never there.
        Some(AtLoad::Peak(_)) => false,
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::record::{CellLine, Class, SparseHistogram};
    use crate::scenario::Threshold;

    fn rule(text: &str, delay: u64) -> AbortRule {
        AbortRule {
            text: text.to_owned(),
            threshold: Threshold::parse(text, 1.0).unwrap(),
            delay: Duration::from_secs(delay),
        }
    }

    fn second(second: u32, bad: u64) -> Second {
        let cell = |class, count| CellLine {
            due: second,
            class,
            count,
            bytes: 0,
            fresh: 0,
            from_due: SparseHistogram::new(),
            from_sent: SparseHistogram::new(),
        };
        Second {
            second,
            offered: 100.0,
            sent: vec![(second, 100)],
            cells: vec![cell(Class::Status(200), 100 - bad), cell(Class::Status(502), bad)],
            ..Second::default()
        }
    }

    /// The second after which a run ends, where each second fails as `bad` says.
    fn ends(rule: AbortRule, bad: impl Fn(u32) -> u64) -> Option<u32> {
        let mut watch = ThresholdWatch::new(vec![rule], FailureSet::Gateway);
        (0..60).find(|at| watch.observe(&second(*at, bad(*at))).is_some())
    }

    #[test]
    fn a_run_ends_when_a_threshold_has_failed_and_not_before_its_delay() {
        assert_eq!(ends(rule("failures < 5%", 0), |_| 0), None);
        assert_eq!(ends(rule("failures < 5%", 0), |_| 20), Some(0));
        assert_eq!(ends(rule("failures < 5%", 10), |_| 20), Some(9));
        assert_eq!(
            ends(rule("failures < 5% for 10s", 0), |at| if at == 20 {
                50
            } else {
                0
            }),
            None,
            "5 % of that stretch are not more than 5 %"
        );
        assert_eq!(
            ends(rule("failures < 5% for 10s", 0), |at| if at >= 20 {
                30
            } else {
                0
            }),
            Some(22)
        );
    }

    #[test]
    fn only_seconds_at_the_load_it_names_count() {
        assert_eq!(ends(rule("failures < 5% at 200pages/s", 0), |_| 90), None);
        assert_eq!(ends(rule("failures < 5% at 100pages/s", 0), |_| 90), Some(0));
    }

    #[test]
    fn the_reason_names_the_threshold_and_the_numbers() {
        let mut watch = ThresholdWatch::new(vec![rule("failures < 5%", 0)], FailureSet::Gateway);
        let why = watch.observe(&second(0, 20)).unwrap();
        assert!(
            why.starts_with("threshold failed: failures < 5% (20 of 100 requests failed"),
            "{why}"
        );
    }
}
