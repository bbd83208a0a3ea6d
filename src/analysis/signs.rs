//! The signs that a site is about to tip, or does, read from one request a second. Each is raised once and cleared once
//! it has passed, so that a person is told of changes alone.

use std::collections::VecDeque;
use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::record::Class;

/// Answers that are looked back at for their latency. Where the site is at a load at which one answer in twenty is slower
/// than the limit, half of ten are so by chance once in 16,000 windows.
const LATENCIES: usize = 10;
/// So many slow ones among them are a sign …
const SLOW: usize = 5;
/// … and so few that it has passed.
const FAST_AGAIN: usize = 1;
/// Answers that are looked back at for failures.
const OUTCOMES: usize = 30;
/// So many failures among them, one in ten, are a sign; none, that it has passed.
const FAILING: usize = 3;
/// Without a limit of latency, so many answers say what is usual …
const USUAL: usize = 30;
/// … and a slow one takes more than so many times the median of them, and at least so much longer, in milliseconds.
const TIMES_USUAL: f64 = 2.0;
const LEAST_LONGER: f64 = 50.0;

/// A sign that a site tips.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Sign {
    /// Answers take longer than they do below the tipping point.
    Slow,
    /// A first failure came.
    FirstFailure,
    /// One request in ten fails.
    Failing,
}

impl fmt::Display for Sign {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Sign::Slow => "slow",
            Sign::FirstFailure => "first_failure",
            Sign::Failing => "failing",
        })
    }
}

/// A sign that came or went.
#[derive(Debug, Clone, PartialEq)]
pub struct SignChange {
    /// Which.
    pub sign: Sign,
    /// Whether it came; otherwise it has passed.
    pub is_raised: bool,
    /// What was seen, in a sentence.
    pub why: String,
}

/// Watches for signs, one answer after the other.
#[derive(Debug, Clone)]
pub struct SignWatch {
    slow_above: Option<f64>,
    /// Whether a run or a person gave the limit.
    is_given: bool,
    usual: Vec<f64>,
    latencies: VecDeque<bool>,
    outcomes: VecDeque<bool>,
    raised: Vec<Sign>,
    /// Every sign that was ever raised.
    seen: Vec<Sign>,
}

impl SignWatch {
    /// Watches for answers that take longer than `slow_above` milliseconds; where that is not known, for those that take
    /// more than twice as long as the first thirty.
    pub fn new(slow_above: Option<f64>) -> Self {
        Self {
            slow_above,
            is_given: slow_above.is_some(),
            usual: Vec::new(),
            latencies: VecDeque::new(),
            outcomes: VecDeque::new(),
            raised: Vec::new(),
            seen: Vec::new(),
        }
    }

    /// The signs that were raised until now, in the order in which they came first.
    pub fn seen(&self) -> &[Sign] {
        &self.seen
    }

    /// Above how many milliseconds an answer is slow; nothing as long as that is not known.
    pub const fn slow_above(&self) -> Option<f64> {
        self.slow_above
    }

    /// One more answer, of `class` after `millis`; what changed by it.
    pub fn see(&mut self, class: Class, millis: f64) -> Vec<SignChange> {
        let is_failure = class.is_transport() || matches!(class, Class::Status(500..=599));
        let mut changes = Vec::new();
        if is_failure && !self.seen.contains(&Sign::FirstFailure) {
            changes.extend(self.raise(Sign::FirstFailure, format!("the first failure: {class}")));
        }
        push(&mut self.outcomes, is_failure, OUTCOMES);
        let failed = self.outcomes.iter().filter(|failed| **failed).count();
        let all = self.outcomes.len();
        if failed >= FAILING {
            changes.extend(self.raise(
                Sign::Failing,
                format!("{failed} of the last {all} requests failed"),
            ));
        } else if failed == 0 {
            changes.extend(self.clear(Sign::Failing, format!("none of the last {all} requests failed")));
        }
        if class.is_success() {
            changes.extend(self.latency(millis));
        }
        changes
    }

    fn latency(&mut self, millis: f64) -> Option<SignChange> {
        let Some(limit) = self.slow_above else {
            self.usual.push(millis);
            if self.usual.len() >= USUAL {
                self.usual.sort_by(f64::total_cmp);
                let median = self.usual[self.usual.len() / 2];
                self.slow_above = Some((TIMES_USUAL * median).max(median + LEAST_LONGER));
            }
            return None;
        };
        push(&mut self.latencies, millis > limit, LATENCIES);
        let slow = self.latencies.iter().filter(|slow| **slow).count();
        let all = self.latencies.len();
        let than = if self.is_given {
            ""
        } else {
            ", more than twice the usual time"
        };
        if slow >= SLOW {
            self.raise(
                Sign::Slow,
                format!("{slow} of the last {all} answers took longer than {limit:.0} ms{than}"),
            )
        } else if slow <= FAST_AGAIN && all == LATENCIES {
            self.clear(
                Sign::Slow,
                format!(
                    "{} of the last {all} answers took at most {limit:.0} ms",
                    all - slow
                ),
            )
        } else {
            None
        }
    }

    fn raise(&mut self, sign: Sign, why: String) -> Option<SignChange> {
        if self.raised.contains(&sign) {
            return None;
        }
        self.raised.push(sign);
        if !self.seen.contains(&sign) {
            self.seen.push(sign);
        }
        Some(SignChange {
            sign,
            is_raised: true,
            why,
        })
    }

    fn clear(&mut self, sign: Sign, why: String) -> Option<SignChange> {
        let at = self.raised.iter().position(|raised| *raised == sign)?;
        self.raised.remove(at);
        Some(SignChange {
            sign,
            is_raised: false,
            why,
        })
    }
}

fn push(recent: &mut VecDeque<bool>, one: bool, most: usize) {
    recent.push_back(one);
    if recent.len() > most {
        recent.pop_front();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const GOOD: Class = Class::Status(200);
    const BAD: Class = Class::Status(502);

    fn signs(changes: &[SignChange]) -> Vec<(Sign, bool)> {
        changes
            .iter()
            .map(|change| (change.sign, change.is_raised))
            .collect()
    }

    #[test]
    fn latency_above_the_limit_is_a_sign_only_when_it_lasts() {
        let mut watch = SignWatch::new(Some(200.0));
        let mut changes = Vec::new();
        for second in 0..60 {
            let millis = if second % 10 == 0 || (30..40).contains(&second) {
                300.0
            } else {
                100.0
            };
            for change in watch.see(GOOD, millis) {
                changes.push((second, change.sign, change.is_raised));
            }
        }
        assert_eq!(changes, [(34, Sign::Slow, true), (49, Sign::Slow, false)]);
        assert_eq!(watch.seen(), [Sign::Slow]);
    }

    #[test]
    fn the_first_failure_is_told_at_once_and_one_in_ten_once_it_is_so() {
        let mut watch = SignWatch::new(Some(200.0));
        (0..40).for_each(|_| assert!(watch.see(GOOD, 20.0).is_empty()));
        assert_eq!(signs(&watch.see(BAD, 2.0)), [(Sign::FirstFailure, true)]);
        assert!(watch.see(Class::Refused, 1.0).is_empty());
        assert_eq!(signs(&watch.see(BAD, 2.0)), [(Sign::Failing, true)]);
        let passed: Vec<_> = (0..40).flat_map(|_| signs(&watch.see(GOOD, 20.0))).collect();
        assert_eq!(passed, [(Sign::Failing, false)]);
        // A page that is not there is no sign of tipping.
        assert!(watch.see(Class::Status(404), 20.0).is_empty());
    }

    #[test]
    fn without_a_limit_twice_the_usual_time_is_slow() {
        let mut watch = SignWatch::new(None);
        (0..30).for_each(|_| assert!(watch.see(GOOD, 100.0).is_empty()));
        assert_eq!(watch.slow_above(), Some(200.0));
        let raised: Vec<_> = (0..5).flat_map(|_| watch.see(GOOD, 250.0)).collect();
        assert_eq!(signs(&raised), [(Sign::Slow, true)]);
        assert!(raised[0].why.contains("twice"), "{}", raised[0].why);
        // What takes no time at all may take 50 ms before it is slow.
        let mut quick = SignWatch::new(None);
        (0..30).for_each(|_| assert!(quick.see(GOOD, 1.0).is_empty()));
        assert_eq!(quick.slow_above(), Some(51.0));
    }

    proptest! {
        #[test]
        fn a_sign_comes_and_goes_in_turns(answers in prop::collection::vec((any::<bool>(), 0.0_f64..500.0), 0..300)) {
            let mut watch = SignWatch::new(Some(200.0));
            let mut standing: Vec<Sign> = Vec::new();
            for (is_good, millis) in answers {
                for change in watch.see(if is_good { GOOD } else { BAD }, millis) {
                    prop_assert_eq!(standing.contains(&change.sign), !change.is_raised);
                    standing.retain(|sign| *sign != change.sign);
                    standing.extend(change.is_raised.then_some(change.sign));
                }
            }
        }
    }
}
