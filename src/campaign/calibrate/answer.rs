//! What a log says about a send: the numbers, how sure they are, and what a reader must know beside them.

use serde::Serialize;

use super::counts::Bin;
use super::fit::{Fit, Interval, fit};
use super::gather::{Notes, Question};

/// The numbers of a campaign, as far as they could be read.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Calibration {
    /// How many mails.
    pub recipients: u64,
    /// The curve of clicks; nothing where too few came.
    pub curve: Option<Curve>,
    /// Clicks per mail, 0 to 1, the whole tail of the curve included.
    pub click_rate: Option<Interval>,
    /// Page views per visit.
    pub pages_per_visit: Option<f64>,
    /// Requests per page view, the page itself included.
    pub requests_per_page: Option<f64>,
    /// How long a visit lasts from its first to its last request, in seconds.
    pub visit_seconds: Option<Length>,
    /// Who opened links without being a person; nothing where that cannot be told.
    pub scanners: Option<Scanners>,
    /// What the site carries anyway.
    pub baseline: Option<Baseline>,
    /// Which visits were fitted.
    pub fitted_on: FittedOn,
    /// What a reader must know.
    pub warnings: Vec<String>,
    /// What was counted and what was fitted, over time.
    pub series: Vec<Point>,
    /// About the log itself; nothing where visits were given.
    pub notes: Option<Notes>,
}

/// When people clicked.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Curve {
    /// The median delay between a mail and its click, in seconds.
    pub median_seconds: Interval,
    /// The spread of the logarithm of the delay.
    pub sigma: Interval,
    /// How long the send took, in seconds.
    pub send_seconds: Interval,
    /// Whether that was given.
    pub send_is_given: bool,
    /// Clicks of the whole send.
    pub clicks: Interval,
    /// The share of them before the end of the log.
    pub within_log: f64,
    /// The largest distance between the counted and the fitted share of clicks at any time.
    pub largest_gap: f64,
}

/// A length of time.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Length {
    /// The mean.
    pub mean: f64,
    /// The median.
    pub median: f64,
}

/// Link scanners.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Scanners {
    /// Page requests.
    pub pages: f64,
    /// Those of agents that say what they are.
    pub known_pages: u64,
    /// Links in a mail.
    pub links: u32,
    /// Where that number comes from.
    pub links_source: LinksSource,
    /// The share of mails that are scanned, 0 to 1.
    pub share: f64,
}

/// Where the number of links comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum LinksSource {
    /// Asked for with it.
    Given,
    /// Paths that scanners opened.
    Seen,
    /// Neither: eight, as everywhere.
    Default,
}

/// What comes without a campaign.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Baseline {
    /// Page views per second, of everybody; nothing where only visits are known.
    pub pages_per_second: Option<f64>,
    /// Visits of people per second, of the kind that was fitted.
    pub visits_per_second: f64,
    /// How many seconds before the send were looked at; 0 where it was taken from after it.
    pub measured_seconds: f64,
}

/// Which visits were fitted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum FittedOn {
    /// Those that came by a link with a tracking parameter.
    TrackedVisits,
    /// All, with what comes anyway under them.
    AllVisits,
}

/// A stretch of time.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Point {
    /// Its start, in seconds after the send.
    pub from_seconds: f64,
    /// Its end.
    pub to_seconds: f64,
    /// Visits per second that were counted.
    pub visits: f64,
    /// Visits per second that were fitted, baseline included.
    pub fitted: f64,
    /// The baseline in it.
    pub baseline: f64,
    /// Page requests of scanners per second.
    pub scanner_pages: f64,
}

/// Fewer clicks than this are none.
const FEWEST: f64 = 20.0;
/// Fewer clicks than this give numbers too rough to plan with.
const FEW: f64 = 400.0;
/// A distance between data and fit from which the curve is another one.
const ANOTHER_CURVE: f64 = 0.05;

/// The fitted curve of `bins`, with what must be said about it.
pub(super) fn curve_of(
    bins: &[Bin],
    question: &Question,
    warnings: &mut Vec<String>,
) -> Option<(Fit, Curve)> {
    let Some(found) = fit(bins, question.send) else {
        warnings.push(
            "too few visits after the send for a curve: check `--sent-at`, and that the log covers the days after it"
                .to_owned(),
        );
        return None;
    };
    let end = bins.last().map_or(0.0, |bin| bin.to);
    if found.clicks_between(0.0, end) < FEWEST {
        warnings.push(
            "no clicks stand out from what comes anyway: check `--sent-at`, and that the log covers the days around it"
                .to_owned(),
        );
        return None;
    }
    let curve = Curve {
        median_seconds: found.median,
        sigma: found.sigma,
        send_seconds: found.send,
        send_is_given: question.send.is_some(),
        clicks: found.clicks,
        within_log: found.curve().share_by(end),
        largest_gap: largest_gap(bins, &found),
    };
    warn_of_curve(&curve, question, warnings);
    if bins.first().is_some_and(|bin| bin.from > 0.0) {
        warnings.push(
            "the log begins after the send: the first clicks are missing, and what came anyway is taken from after it"
                .to_owned(),
        );
    } else if bins.first().is_some_and(|bin| bin.from > -3_600.0) {
        warnings.push(
            "the log holds less than an hour before the send: what came anyway is taken from after it"
                .to_owned(),
        );
    }
    Some((found, curve))
}

fn warn_of_curve(curve: &Curve, question: &Question, warnings: &mut Vec<String>) {
    if curve.clicks.mid * curve.within_log < FEW {
        warnings.push(format!(
            "only about {:.0} clicks are in the log: the intervals are wide",
            curve.clicks.mid * curve.within_log
        ));
    }
    if curve.within_log < 0.6 {
        warnings.push(format!(
            "the log ends before {:.0} % of the clicks had come: the rest is extrapolated; give a longer log",
            100.0 * (1.0 - curve.within_log)
        ));
    }
    if curve.largest_gap > ANOTHER_CURVE {
        warnings.push(format!(
            "the clicks do not follow a log-normal curve: up to {:.0} % of them came earlier or later than fitted; check `--sent-at`, or replay the log instead",
            100.0 * curve.largest_gap
        ));
    }
    if curve.clicks.mid > question.recipients as f64 {
        warnings.push("more clicks than recipients: check `--recipients` and `--sent-at`".to_owned());
    }
}

/// The largest distance between the counted and the fitted share of clicks at any time after the send (A. Kolmogorov's
/// distance).
fn largest_gap(bins: &[Bin], found: &Fit) -> f64 {
    let (mut counted, mut fitted, mut gap) = (0.0_f64, 0.0, 0.0_f64);
    for bin in bins.iter().filter(|bin| bin.from >= 0.0) {
        counted += bin.count - found.baseline.mid * bin.exposure;
        fitted += found.clicks_between(bin.from, bin.to);
        gap = gap.max((counted - fitted).abs());
    }
    if fitted > 0.0 { gap / fitted } else { 0.0 }
}

/// Data and fit after the send, in stretches that are wide enough for the eye.
pub(super) fn series_of(bins: &[Bin], found: &Fit, scanned: impl Fn(f64, f64) -> f64) -> Vec<Point> {
    let mut points = Vec::new();
    let mut open: Option<Bin> = None;
    let after: Vec<&Bin> = bins.iter().filter(|bin| bin.from >= 0.0).collect();
    for (at, bin) in after.iter().enumerate() {
        let wide = match open.take() {
            Some(wide) => Bin {
                to: bin.to,
                count: wide.count + bin.count,
                exposure: wide.exposure + bin.exposure,
                ..wide
            },
            None => **bin,
        };
        if wide.to - wide.from >= (wide.from * 0.1).max(30.0) || at + 1 == after.len() {
            let seconds = wide.to - wide.from;
            let baseline = found.baseline.mid * wide.exposure / seconds;
            points.push(Point {
                from_seconds: wide.from,
                to_seconds: wide.to,
                visits: wide.count / seconds,
                fitted: baseline + found.clicks_between(wide.from, wide.to) / seconds,
                baseline,
                scanner_pages: scanned(wide.from, wide.to) / seconds,
            });
        } else {
            open = Some(wide);
        }
    }
    points
}

/// An interval of counts as one of shares of `whole`.
pub(super) fn share_of(interval: Interval, whole: u64) -> Interval {
    let share = |count: f64| (count / whole.max(1) as f64).min(1.0);
    Interval {
        low: share(interval.low),
        mid: share(interval.mid),
        high: share(interval.high),
    }
}
