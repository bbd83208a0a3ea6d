//! A threshold, read: `subject operator limit [for time] [at load]`. Here is its grammar, and how many requests it takes
//! to decide it; what became of it is judged elsewhere.

use std::fmt;
use std::time::Duration;

use crate::units::{Quantile, Rate, Share, Span, UnitError, WrittenRate};

const FORMS: &str = "write `tipping_point >= 25pages/s`, `p95 < 800ms`, `failures < 1% for 30s`, `checks > 99%` or `headroom(newsletter) >= 1.5`";
/// The square of 1.96, the normal quantile of a two-sided 95 % interval.
const Z_SQUARED: f64 = 3.841_458_8;

/// What is compared with a limit.
#[derive(Debug, Clone, PartialEq)]
pub enum Subject {
    /// Where the site tips; the limit is in pages per second.
    TippingPoint,
    /// How often the peak of the campaign of this name fits into the tipping point; the limit is a factor.
    Headroom(String),
    /// A quantile of the latency of successes; the limit is in seconds.
    Latency(Quantile),
    /// The share of requests that failed; the limit is 0 to 1.
    Failures,
    /// The share of requests that were answered as the journey expects; the limit is 0 to 1.
    Checks,
}

/// How it is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Comparison {
    /// `<`
    Below,
    /// `<=`
    AtMost,
    /// `>`
    Above,
    /// `>=`
    AtLeast,
}

impl Comparison {
    /// Whether `value` keeps to `limit`.
    pub fn holds(self, value: f64, limit: f64) -> bool {
        match self {
            Comparison::Below => value < limit,
            Comparison::AtMost => value <= limit,
            Comparison::Above => value > limit,
            Comparison::AtLeast => value >= limit,
        }
    }

    /// Whether more is better.
    pub const fn asks_for_more(self) -> bool {
        matches!(self, Comparison::Above | Comparison::AtLeast)
    }
}

/// The load at which it is judged.
#[derive(Debug, Clone, PartialEq)]
pub enum AtLoad {
    /// This one, in pages per second.
    Rate(Rate),
    /// That of the campaign of this name at its peak, with all that the site carries then.
    Peak(String),
}

/// A threshold.
#[derive(Debug, Clone, PartialEq)]
pub struct Threshold {
    /// What is compared.
    pub subject: Subject,
    /// How.
    pub comparison: Comparison,
    /// With what, in the unit of the subject.
    pub limit: f64,
    /// Over each stretch of so long; over all that is judged where nothing is said.
    pub over: Option<Duration>,
    /// At which load.
    pub at: Option<AtLoad>,
}

impl fmt::Display for Comparison {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Comparison::Below => "<",
            Comparison::AtMost => "<=",
            Comparison::Above => ">",
            Comparison::AtLeast => ">=",
        })
    }
}

impl Threshold {
    /// Reads `text`, where a visit has `pages_per_visit` pages.
    ///
    /// # Errors
    /// It is no threshold; the error says what to write.
    pub fn parse(text: &str, pages_per_visit: f64) -> Result<Self, UnitError> {
        let words: Vec<&str> = text.split_whitespace().collect();
        let [subject, comparison, rest @ ..] = words.as_slice() else {
            return Err(incomplete(&words));
        };
        let subject = subject_of(subject)?;
        let comparison = comparison_of(comparison)?;
        let end = rest
            .iter()
            .position(|word| matches!(*word, "for" | "at"))
            .unwrap_or(rest.len());
        let (value, conditions) = rest.split_at(end);
        if value.is_empty() {
            return Err(incomplete(&words));
        }
        let limit = limit_of(&subject, &value.join(" "), pages_per_visit)?;
        let (over, at) = conditions_of(conditions, pages_per_visit)?;
        let is_of_all = matches!(subject, Subject::TippingPoint | Subject::Headroom(_));
        if is_of_all && !conditions.is_empty() {
            let subject = words.first().unwrap_or(&"");
            return Err(UnitError::new(format!(
                "`{subject}` holds for the whole site, not `{}`",
                conditions.join(" ")
            ))
            .hint(format!("write `{}`", words[..2 + end].join(" "))));
        }
        Ok(Self {
            subject,
            comparison,
            limit,
            over,
            at,
        })
    }

    /// The campaign that it names.
    pub fn campaign(&self) -> Option<&str> {
        match (&self.subject, &self.at) {
            (Subject::Headroom(name), _) | (_, Some(AtLoad::Peak(name))) => Some(name),
            _ => None,
        }
    }

    /// How many requests decide it at the least, at 95 %, if the site does well: 3 ÷ q without a single failure (the
    /// rule of three), or as many as the upper end of a quantile's interval needs to exist (p + z√(p(1 − p)/n) < 1:
    /// z²p/(1 − p)). Nothing where it is no matter of requests, infinite where no number decides it.
    pub fn requests_needed(&self) -> Option<f64> {
        let share = match self.subject {
            Subject::TippingPoint | Subject::Headroom(_) => return None,
            Subject::Latency(quantile) => {
                let p = quantile.get();
                return Some((Z_SQUARED * p / (1.0 - p).max(1e-9)).floor() + 1.0);
            }
            Subject::Failures if self.comparison.asks_for_more() => 1.0 - self.limit,
            Subject::Failures => self.limit,
            Subject::Checks if self.comparison.asks_for_more() => 1.0 - self.limit,
            Subject::Checks => self.limit,
        };
        // What is left of a share such as 99.9 % is not quite a decimal number.
        Some(if share > 1e-12 {
            (3.0 / share - 1e-6).ceil()
        } else {
            f64::INFINITY
        })
    }
}

fn incomplete(words: &[&str]) -> UnitError {
    UnitError::new(format!("`{}` is incomplete", words.join(" "))).hint(FORMS)
}

fn subject_of(word: &str) -> Result<Subject, UnitError> {
    let unknown = || UnitError::new(format!("`{word}` is nothing that is judged")).hint(FORMS);
    if let Some(rest) = word.strip_prefix("headroom(") {
        let name = rest.strip_suffix(')').filter(|name| !name.is_empty());
        let hint = "name a campaign, as in `headroom(newsletter) >= 1.5`";
        return name
            .map(|name| Subject::Headroom(name.to_owned()))
            .ok_or_else(|| UnitError::new(format!("`{word}` names no campaign")).hint(hint));
    }
    match word {
        "tipping_point" => Ok(Subject::TippingPoint),
        "failures" => Ok(Subject::Failures),
        "checks" => Ok(Subject::Checks),
        "headroom" => Err(UnitError::new("`headroom` names no campaign")
            .hint("name a campaign, as in `headroom(newsletter) >= 1.5`")),
        word => word.parse().map(Subject::Latency).map_err(|_| unknown()),
    }
}

fn comparison_of(word: &str) -> Result<Comparison, UnitError> {
    match word {
        "<" => Ok(Comparison::Below),
        "<=" => Ok(Comparison::AtMost),
        ">" => Ok(Comparison::Above),
        ">=" => Ok(Comparison::AtLeast),
        other => {
            Err(UnitError::new(format!("`{other}` compares nothing")).hint("write `<`, `<=`, `>` or `>=`"))
        }
    }
}

/// The limit in the unit of its subject.
fn limit_of(subject: &Subject, value: &str, pages: f64) -> Result<f64, UnitError> {
    match subject {
        Subject::TippingPoint => Ok(value.parse::<WrittenRate>()?.pages_per_second(pages)?.get()),
        Subject::Headroom(_) => value
            .parse::<f64>()
            .ok()
            .filter(|factor| factor.is_finite() && *factor > 0.0)
            .ok_or_else(|| {
                UnitError::new(format!("`{value}` is no headroom")).hint("write a factor, as in `1.5`")
            }),
        Subject::Latency(_) => Ok(value.parse::<Span>()?.duration().as_secs_f64()),
        Subject::Failures | Subject::Checks => Ok(value.parse::<Share>()?.get()),
    }
}

/// `for 30s`, `at 20pages/s` or `at newsletter.peak`, each once, in any order.
fn conditions_of(words: &[&str], pages: f64) -> Result<(Option<Duration>, Option<AtLoad>), UnitError> {
    let wrong = || {
        UnitError::new(format!("`{}` is incomplete", words.join(" ")))
            .hint("write `for 30s`, `at 20pages/s` or `at newsletter.peak`")
    };
    let (mut over, mut at) = (None, None);
    let mut rest = words;
    while let [keyword, tail @ ..] = rest {
        let end = tail
            .iter()
            .position(|word| matches!(*word, "for" | "at"))
            .unwrap_or(tail.len());
        let (value, after) = tail.split_at(end);
        let value = value.join(" ");
        if value.is_empty() {
            return Err(wrong());
        }
        match *keyword {
            "for" if over.is_none() => {
                let span = value.parse::<Span>()?.duration();
                if span < Duration::from_secs(1) {
                    return Err(
                        UnitError::new(format!("`for {value}`: it is judged by whole seconds"))
                            .hint("write `for 30s`"),
                    );
                }
                over = Some(span);
            }
            "at" if at.is_none() => at = Some(load_of(&value, pages)?),
            _ => return Err(wrong()),
        }
        rest = after;
    }
    Ok((over, at))
}

fn load_of(value: &str, pages: f64) -> Result<AtLoad, UnitError> {
    if let Some(name) = value.strip_suffix(".peak").filter(|name| !name.is_empty()) {
        return Ok(AtLoad::Peak(name.to_owned()));
    }
    let rate = value.parse::<WrittenRate>()?.pages_per_second(pages)?;
    if rate == Rate::ZERO {
        return Err(UnitError::new("without load nothing is judged").hint("write `at 20pages/s`"));
    }
    Ok(AtLoad::Rate(rate))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn read(text: &str) -> Threshold {
        Threshold::parse(text, 1.0).unwrap()
    }

    #[test]
    fn each_form_is_read() {
        assert_eq!(read("tipping_point >= 25/s").limit, 25.0);
        let visits = Threshold::parse("tipping_point >= 25visits/s", 3.0).unwrap();
        assert_eq!(visits.limit, 75.0);
        assert_eq!(
            read("headroom(newsletter) >= 1.5").subject,
            Subject::Headroom("newsletter".to_owned())
        );
        let peak = read("p95 < 800ms at newsletter.peak");
        assert_eq!((peak.limit, peak.campaign()), (0.8, Some("newsletter")));
        let both = read("failures < 1% for 30s at 20 pages/s");
        assert_eq!(both.over, Some(Duration::from_secs(30)));
        assert_eq!(both.at, Some(AtLoad::Rate(Rate::per_second(20.0))));
        assert_eq!(both, read("failures < 1% at 20pages/s for 30s"));
        let checks = read("checks > 99%");
        assert!(checks.subject == Subject::Checks && checks.comparison.asks_for_more());
    }

    #[test]
    fn what_is_no_threshold_is_refused_with_a_fix() {
        for bad in [
            "",
            "p95",
            "p95 <",
            "p95 < 800",
            "p95 = 800ms",
            "love > 5s",
            "headroom >= 1.5",
            "headroom() >= 1.5",
            "headroom(newsletter) >= -1",
            "tipping_point >= 25/s for 30s",
            "failures < 1% for 0s",
            "failures < 1% for 30s for 20s",
            "p95 < 1s at 0pages/s",
            "p95 < 1s at",
            "checks > 0.99",
        ] {
            let error = Threshold::parse(bad, 1.0).unwrap_err();
            assert!(
                !error.message().is_empty() && error.fix().is_some(),
                "{bad}: {error}"
            );
        }
        assert!(Threshold::parse("p95 < 1s at 20/s", 3.0).is_err(), "ambiguous");
    }

    #[test]
    fn a_threshold_says_how_many_requests_decide_it() {
        assert_eq!(read("failures < 1%").requests_needed(), Some(300.0));
        assert_eq!(read("checks > 99%").requests_needed(), Some(300.0));
        assert_eq!(read("checks > 99.9%").requests_needed(), Some(3_000.0));
        assert_eq!(read("p99 < 2s").requests_needed(), Some(381.0));
        assert_eq!(read("p50 < 2s").requests_needed(), Some(4.0));
        assert_eq!(read("failures < 0%").requests_needed(), Some(f64::INFINITY));
        assert_eq!(read("tipping_point >= 25/s").requests_needed(), None);
    }

    proptest! {
        #[test]
        fn no_text_is_too_much_for_it(text in "\\PC{0,60}") {
            let _ = Threshold::parse(&text, 2.0);
        }
    }
}
