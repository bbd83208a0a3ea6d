//! When a run ends before its plan: the scenario's stop rules, judged once a second.

use std::collections::VecDeque;
use std::path::PathBuf;

use crate::analysis::ThresholdWatch;
use crate::record::Second;
use crate::scenario::{FailureSet, StopRules};

/// Watches the seconds of a run for a reason to stop.
#[derive(Debug)]
pub struct StopWatch {
    rules: StopRules,
    failure: FailureSet,
    recent: VecDeque<(u64, u64)>,
    sent: u64,
    seconds: u32,
    thresholds: ThresholdWatch,
}

/// Why a run was stopped.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stopped {
    /// Which rule: `failures`, `requests`, `duration`, `file`, `threshold`, `site`.
    pub rule: &'static str,
    /// What happened, in a sentence.
    pub why: String,
}

impl StopWatch {
    /// Watches for `rules`; `failure` says what counts as a failure of the site.
    pub fn new(rules: StopRules, failure: FailureSet) -> Self {
        Self {
            thresholds: ThresholdWatch::new(rules.thresholds.clone(), failure.clone()),
            rules,
            failure,
            recent: VecDeque::new(),
            sent: 0,
            seconds: 0,
        }
    }

    /// Looks at one more second.
    pub fn observe(&mut self, second: &Second) -> Option<Stopped> {
        self.seconds += 1;
        self.sent = self.sent.saturating_add_signed(second.sent_in_all());
        self.sent = self.sent.saturating_add(second.assets.requests());
        let ended = second.cells.iter().map(|cell| cell.count).sum();
        let failed = second
            .cells
            .iter()
            .filter(|cell| self.failure.contains(cell.class))
            .map(|cell| cell.count)
            .sum();
        self.recent.push_back((ended, failed));
        let threshold = self.thresholds.observe(second).map(|why| Stopped {
            rule: "threshold",
            why,
        });
        self.failures()
            .or(threshold)
            .or_else(|| self.totals())
            .or_else(|| self.file())
    }

    fn failures(&mut self) -> Option<Stopped> {
        let rule = self.rules.failures?;
        let length = (rule.length.as_secs_f64().ceil() as usize).max(1);
        while self.recent.len() > length {
            self.recent.pop_front();
        }
        let over =
            |(ended, failed): &(u64, u64)| *ended > 0 && *failed as f64 > rule.share.get() * *ended as f64;
        (self.recent.len() == length && self.recent.iter().all(over)).then(|| Stopped {
            rule: "failures",
            why: format!("more than {} of the answers failed for {length} s", rule.share),
        })
    }

    fn totals(&self) -> Option<Stopped> {
        if let Some(most) = self.rules.requests.filter(|most| self.sent >= *most) {
            return Some(Stopped {
                rule: "requests",
                why: format!("{most} requests were sent"),
            });
        }
        let most = self
            .rules
            .duration
            .filter(|most| f64::from(self.seconds) >= most.as_secs_f64())?;
        Some(Stopped {
            rule: "duration",
            why: format!("{} s have passed", most.as_secs_f64()),
        })
    }

    fn file(&self) -> Option<Stopped> {
        let file: &PathBuf = self.rules.file.as_ref().filter(|file| file.exists())?;
        Some(Stopped {
            rule: "file",
            why: format!("the stop file {} exists", file.display()),
        })
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::record::{CellLine, Class, SparseHistogram};
    use crate::scenario::StopRule;
    use crate::units::Share;

    fn second(good: u64, bad: u64) -> Second {
        let cell = |class, count| CellLine {
            due: 0,
            class,
            count,
            bytes: 0,
            fresh: 0,
            from_due: SparseHistogram::new(),
            from_sent: SparseHistogram::new(),
        };
        let cells = vec![cell(Class::Status(200), good), cell(Class::Status(502), bad)];
        Second {
            sent: vec![(0, (good + bad).cast_signed())],
            cells,
            ..Second::default()
        }
    }

    #[test]
    fn failures_stop_a_run_only_when_they_last() {
        let rule = StopRule {
            share: Share::new(0.5),
            length: Duration::from_secs(3),
        };
        let mut watch = StopWatch::new(
            StopRules {
                failures: Some(rule),
                ..StopRules::default()
            },
            FailureSet::Gateway,
        );
        for (bad, stops) in [
            (90, false),
            (90, false),
            (10, false),
            (90, false),
            (90, false),
            (90, true),
        ] {
            assert_eq!(watch.observe(&second(100 - bad, bad)).is_some(), stops);
        }
    }

    #[test]
    fn a_run_stops_at_its_number_of_requests_and_at_its_duration() {
        let mut requests = StopWatch::new(
            StopRules {
                requests: Some(250),
                ..StopRules::default()
            },
            FailureSet::Gateway,
        );
        let stops: Vec<bool> = (0..3)
            .map(|_| requests.observe(&second(100, 0)).is_some())
            .collect();
        assert_eq!(stops, [false, false, true]);
        let rules = StopRules {
            requests: Some(250),
            ..StopRules::default()
        };
        let mut with_assets = second(100, 0);
        with_assets.assets.by_class.insert(Class::Status(200), 150);
        let mut requests = StopWatch::new(rules, FailureSet::Gateway);
        assert!(
            requests.observe(&with_assets).is_some(),
            "assets are requests too"
        );
        let rules = StopRules {
            duration: Some(Duration::from_secs(2)),
            ..StopRules::default()
        };
        let mut duration = StopWatch::new(rules, FailureSet::Gateway);
        assert!(duration.observe(&second(1, 0)).is_none());
        assert_eq!(
            duration.observe(&second(1, 0)).map(|stopped| stopped.rule),
            Some("duration")
        );
    }

    #[test]
    fn a_stop_file_stops_a_run() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("stop");
        let mut watch = StopWatch::new(
            StopRules {
                file: Some(file.clone()),
                ..StopRules::default()
            },
            FailureSet::Gateway,
        );
        assert!(watch.observe(&second(1, 0)).is_none());
        std::fs::write(&file, "").unwrap();
        assert!(watch.observe(&second(1, 0)).is_some());
    }
}
