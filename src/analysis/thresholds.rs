//! What had to hold, and whether it did: passed, failed, or not known with a reason. Never a guess.

use std::collections::BTreeMap;
use std::time::Duration;

use super::failure::failure_family;
use super::question::asked_loads;
use super::tally::{Tally, by_due};
use super::trials::{TrialView, share_interval};
use crate::record::{RunRecord, SparseHistogram};
use crate::search::{Finding, Kind};
use crate::units::{Quantile, Share, Span, WrittenRate};

/// Whether a threshold held.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ThresholdVerdict {
    /// It held, beyond the uncertainty of what was measured.
    Pass,
    /// It did not hold, beyond the uncertainty of what was measured.
    Fail,
    /// What was measured does not decide it.
    NotKnown,
}

/// A threshold and what became of it.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
pub struct Judged {
    /// The threshold as it was written.
    pub text: String,
    /// Whether it held.
    pub verdict: ThresholdVerdict,
    /// Why, in words.
    pub why: String,
}

/// A threshold, read.
enum Threshold {
    /// `tipping_point >= 25pages/s`, in pages per second.
    TippingPoint(f64),
    /// `p95 < 800ms`, in microseconds.
    Latency(Quantile, u64),
    /// `failures < 1%`, over the whole load or over each stretch of so many seconds.
    Failures(Share, Option<u32>),
}

/// What a number may lose on its way through a record.
const ROUNDING: f64 = 1e-9;

type Verdict = (ThresholdVerdict, String);

fn not_known(why: impl Into<String>) -> Verdict {
    (ThresholdVerdict::NotKnown, why.into())
}

/// Whether an interval from `low` to `high`, open where `high` is not known, lies below `limit`.
fn below(low: f64, high: Option<f64>, limit: f64, why: String) -> Verdict {
    let verdict = match high {
        Some(high) if high < limit => ThresholdVerdict::Pass,
        _ if low >= limit => ThresholdVerdict::Fail,
        _ => ThresholdVerdict::NotKnown,
    };
    (verdict, why)
}

/// Every threshold of `record`, judged by its `finding` and `trials`. Of a search, latency and failures are judged at
/// the verified load, because a search breaks the site on purpose; of a run, over all its load.
pub fn judge(record: &RunRecord, finding: Option<&Finding>, trials: &[TrialView]) -> Vec<Judged> {
    let evidence = Evidence {
        record,
        finding,
        trials,
    };
    let judged = |text: &String| {
        let (verdict, why) = match parse(text, record.header.journey.pages_per_visit) {
            Ok(threshold) => evidence.judge(&threshold),
            Err(why) => not_known(why),
        };
        Judged {
            text: text.clone(),
            verdict,
            why,
        }
    };
    record.header.thresholds.iter().map(judged).collect()
}

fn parse(text: &str, pages_per_visit: f64) -> Result<Threshold, String> {
    let unknown = || format!("`{text}` is not judged by this version");
    if text.contains(" at ") || text.contains('(') {
        return Err(unknown());
    }
    let at = text.find(['<', '>']).ok_or_else(unknown)?;
    let (what, rest) = (text[..at].trim(), &text[at..]);
    let value = rest.trim_start_matches(['<', '>', '=']).trim();
    let is_upper = rest.starts_with('<');
    if what == "tipping_point" && !is_upper {
        let written: WrittenRate = value.parse().map_err(|_| unknown())?;
        let rate = written
            .pages_per_second(pages_per_visit)
            .map_err(|error| error.to_string())?;
        return Ok(Threshold::TippingPoint(rate.get()));
    }
    if what == "failures" && is_upper {
        let (share, length) = match value.split_once(" for ") {
            Some((share, length)) => (share, Some(length.trim())),
            None => (value, None),
        };
        let share: Share = share.trim().parse().map_err(|_| unknown())?;
        let length = length.map(seconds_of).transpose().map_err(|()| unknown())?;
        return Ok(Threshold::Failures(share, length));
    }
    if is_upper && let Ok(quantile) = what.parse::<Quantile>() {
        let limit: Duration = value.parse::<Span>().map_err(|_| unknown())?.duration();
        return Ok(Threshold::Latency(
            quantile,
            u64::try_from(limit.as_micros()).unwrap_or(u64::MAX),
        ));
    }
    Err(unknown())
}

fn seconds_of(text: &str) -> Result<u32, ()> {
    let length: Duration = text.parse::<Span>().map_err(|_| ())?.duration();
    u32::try_from(length.as_secs())
        .ok()
        .filter(|seconds| *seconds > 0)
        .ok_or(())
}

struct Evidence<'a> {
    record: &'a RunRecord,
    finding: Option<&'a Finding>,
    trials: &'a [TrialView],
}

impl Evidence<'_> {
    fn judge(&self, threshold: &Threshold) -> Verdict {
        match threshold {
            Threshold::TippingPoint(wanted) => self.tipping_point(*wanted),
            Threshold::Latency(quantile, limit) => match self.judged_load() {
                Ok((tally, _)) => latency(&tally.successes.from_due, *quantile, *limit),
                Err(why) => not_known(why),
            },
            Threshold::Failures(limit, length) => match (self.judged_load(), length) {
                (Err(why), _) => not_known(why),
                (Ok((tally, _)), None) => failures(&tally, limit.get()),
                (Ok((_, seconds)), Some(length)) => failures_for(&seconds, limit.get(), *length),
            },
        }
    }

    fn tipping_point(&self, wanted: f64) -> Verdict {
        let Some(finding) = self.finding else {
            return not_known("only a search finds a tipping point");
        };
        if asked_loads(&self.record.header).is_some()
            && matches!(finding.kind, Kind::Tipped | Kind::NotReached)
        {
            return proof(finding, wanted);
        }
        let carried = finding.up_to.map(crate::units::Rate::get);
        match (finding.kind, finding.rate, carried) {
            (Kind::Tipped, Some(rate), _) => {
                let why = format!("the 95% interval is {:.2} to {:.2} pages/s", rate.low, rate.high);
                if rate.low >= wanted {
                    (ThresholdVerdict::Pass, why)
                } else if rate.high < wanted {
                    (ThresholdVerdict::Fail, why)
                } else {
                    not_known(why)
                }
            }
            (Kind::NotReached | Kind::OurLimit, _, Some(up_to)) => {
                let why = format!("carried at least {up_to:.2} pages/s");
                if up_to >= wanted {
                    (ThresholdVerdict::Pass, why)
                } else {
                    not_known(why)
                }
            }
            (Kind::AlreadyFailing, ..) => {
                let at = finding.at.map_or(0.0, crate::units::Rate::get);
                if at <= wanted {
                    (
                        ThresholdVerdict::Fail,
                        format!("it already fails at {at:.2} pages/s"),
                    )
                } else {
                    not_known(format!("it fails at {at:.2} pages/s, and less was not offered"))
                }
            }
            _ => not_known("the search named no tipping point"),
        }
    }

    /// The requests that latency and failures are judged by, in one sum and by second.
    fn judged_load(&self) -> Result<(Tally, BTreeMap<u32, Tally>), String> {
        let mut seconds = by_due(self.record, &failure_family(&self.record.header));
        if self.record.header.search.is_some() {
            let verified = self.finding.and_then(|finding| finding.verified);
            let Some(verified) = verified else {
                return Err(
                    "no load was verified, and a search breaks the site on purpose above it".to_owned(),
                );
            };
            let held: Vec<&TrialView> = self
                .trials
                .iter()
                .filter(|trial| (trial.rate - verified.get()).abs() <= 0.005 * verified.get())
                .filter(|trial| !trial.is_void() && trial.verdict.as_deref() != Some("bad"))
                .collect();
            seconds.retain(|second, _| {
                held.iter()
                    .any(|trial| (trial.judged_from..trial.until).contains(second))
            });
        }
        let mut sum = Tally::default();
        for tally in seconds.values() {
            sum.merge(tally);
        }
        Ok((sum, seconds))
    }
}

/// A proof decides a load by what was held and what failed for good, by nothing that passed for a moment. The bounds of
/// a record may differ from what is written by the last digit.
fn proof(finding: &Finding, wanted: f64) -> Verdict {
    let rate = |rate: Option<crate::units::Rate>| rate.map(crate::units::Rate::get);
    match (rate(finding.verified), rate(finding.failing)) {
        (Some(held), _) if held >= wanted * (1.0 - ROUNDING) => (
            ThresholdVerdict::Pass,
            format!("{held:.2} pages/s were held for {} s", finding.horizon_seconds),
        ),
        (_, Some(failing)) if failing <= wanted * (1.0 + ROUNDING) => (
            ThresholdVerdict::Fail,
            format!("{failing:.2} pages/s failed, and failed again after some time"),
        ),
        (Some(held), _) => not_known(format!(
            "held at {held:.2} pages/s, and no higher load was decided"
        )),
        _ => not_known("no load was held, and none failed for good"),
    }
}

/// The interval of a quantile by order statistics: the ranks 1.96 standard deviations of a binomial count around it.
fn latency(histogram: &SparseHistogram, quantile: Quantile, limit: u64) -> Verdict {
    let count = histogram.len();
    let p = quantile.get();
    let Some(seen) = histogram.at_quantile(p) else {
        return not_known("no request succeeded");
    };
    let spread = 1.96 * (p * (1.0 - p) / count as f64).sqrt();
    let low = histogram.at_quantile((p - spread).max(0.0)).unwrap_or(0);
    let high = (p + spread < 1.0)
        .then(|| histogram.at_quantile(p + spread))
        .flatten();
    let why = format!(
        "{quantile} was {:.1} ms over {count} successes",
        seen as f64 / 1e3
    );
    below(low as f64, high.map(|high| high as f64), limit as f64, why)
}

fn failures(tally: &Tally, limit: f64) -> Verdict {
    match share_interval(tally.failed, tally.completed()) {
        None => not_known("no request was completed"),
        Some(share) => {
            let why = format!("{} of {} requests failed", tally.failed, tally.completed());
            below(share.low, Some(share.high), limit, why)
        }
    }
}

/// Holds where no stretch of `length` seconds had too many failures.
fn failures_for(seconds: &BTreeMap<u32, Tally>, limit: f64, length: u32) -> Verdict {
    let mut worst: Option<Verdict> = None;
    for from in seconds.keys() {
        let until = from.saturating_add(length);
        let stretch: Vec<&Tally> = seconds.range(from..&until).map(|(_, tally)| tally).collect();
        if stretch.len() < length as usize {
            continue;
        }
        let mut sum = Tally::default();
        for tally in stretch {
            sum.failed += tally.failed;
            for (class, count) in &tally.by_class {
                *sum.by_class.entry(*class).or_default() += count;
            }
        }
        let (verdict, why) = failures(&sum, limit);
        let why = format!("{why} from second {from}");
        match verdict {
            ThresholdVerdict::Fail => return (verdict, why),
            ThresholdVerdict::NotKnown => worst = Some((verdict, why)),
            ThresholdVerdict::Pass => {
                worst = worst.or_else(|| Some((verdict, format!("in every {length} s"))))
            }
        }
    }
    worst.unwrap_or_else(|| not_known(format!("the load did not last {length} s")))
}
