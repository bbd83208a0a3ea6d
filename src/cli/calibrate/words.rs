//! What a calibration says to a person: the numbers with their intervals, data beside fit, the lines to paste.

use crate::campaign::calibrate::{Calibration, FittedOn, Interval, LinksSource, Point};
use crate::report::charts::Around;
use crate::words::{Label, Language, Phrase};

/// The widest bar of the sketch, in characters.
const WIDEST: f64 = 48.0;
/// Rows of the sketch.
const ROWS: usize = 16;

/// When the first mail went out, and the zone that people say it in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct SentAt {
    /// Milliseconds since 1970 in UTC.
    pub(super) millis: i64,
    /// Seconds east of UTC.
    pub(super) zone_seconds: i32,
}

impl SentAt {
    /// Day, time and zone, `join` between the first two and `apart` before the last.
    pub(super) fn written(&self, join: &str, apart: &str) -> String {
        let local = self.millis + i64::from(self.zone_seconds) * 1_000;
        let clock = jiff::Timestamp::from_millisecond(local).unwrap_or_default();
        let east = self.zone_seconds.unsigned_abs() / 60;
        let sign = if self.zone_seconds < 0 { '-' } else { '+' };
        format!(
            "{}{join}{}{apart}{sign}{:02}:{:02}",
            clock.strftime("%Y-%m-%d"),
            clock.strftime("%H:%M:%S"),
            east / 60,
            east % 60
        )
    }
}

/// A calibration that is spoken of.
pub(super) struct Spoken<'a> {
    pub(super) found: &'a Calibration,
    pub(super) sent_at: &'a SentAt,
    pub(super) language: Language,
}

/// Everything, for the terminal.
pub(super) fn in_words(spoken: &Spoken<'_>, lines: Option<&str>) -> String {
    let found = spoken.found;
    let mut words = format!("sent at {}\n", spoken.sent_at.written(" ", " "));
    if found.curve.is_some() {
        words.push_str(&format!("{}.\n", headline(found, Language::English)));
    } else {
        words.push_str("No curve: too few visits after the send.\n");
    }
    words.push('\n');
    for (name, value, beside) in rows(found) {
        words.push_str(format!("  {name:<19}{value:<20}{beside}").trim_end());
        words.push('\n');
    }
    words.push_str(&sketch(&found.series));
    if let Some(lines) = lines {
        words.push_str(&format!("\nLines for the scenario:\n\n{lines}"));
    }
    words
}

/// The finding as a sentence.
fn headline(found: &Calibration, language: Language) -> String {
    let (Some(curve), Some(rate)) = (&found.curve, found.click_rate) else {
        return String::new();
    };
    Phrase::ClicksHalf.fill(
        language,
        &[
            ("share", &percent(rate.mid, language)),
            ("time", &length(curve.median_seconds.mid, language)),
        ],
    )
}

/// The words around the chart.
pub(super) fn around(spoken: &Spoken<'_>) -> Around {
    let (found, language) = (spoken.found, spoken.language);
    let title = headline(found, language)
        .replace(" h ", "\u{a0}h\u{a0}")
        .replace(" min", "\u{a0}min");
    let scanners = found.scanners.map_or_else(String::new, |scanners| {
        Phrase::ClicksScanners.fill(
            language,
            &[
                ("share", &percent(scanners.share, language)),
                ("links", &scanners.links.to_string()),
            ],
        )
    });
    let sigma = found.curve.as_ref().map_or(0.0, |curve| curve.sigma.mid);
    let send = found.curve.as_ref().map_or(0.0, |curve| curve.send_seconds.mid);
    Around {
        subtitle: Phrase::ClicksSubtitle.fill(
            language,
            &[
                ("recipients", &language.count(found.recipients)),
                ("send", &length(send, language)),
                ("sigma", &language.quantity(sigma)),
            ],
        ),
        note: scanners,
        source: format!("tipover · {}", spoken.sent_at.written(" ", " ")),
        description: Label::ClicksAbout.text(language).to_owned(),
        title,
    }
}

/// Seconds in words of two units at most: 45 s, 12 min, 2 h 57 min.
fn length(seconds: f64, language: Language) -> String {
    let minutes = (seconds / 60.0).round() as u64;
    match seconds {
        s if s < 120.0 => format!("{} s", language.quantity(s)),
        s if s < 7_200.0 => format!("{minutes} min"),
        _ => format!("{} h {} min", minutes / 60, minutes % 60),
    }
}

/// A share as a percentage with two decimals: a click rate of 3.42% is not one of 3.4%.
fn percent(share: f64, language: Language) -> String {
    let sign = if language == Language::German {
        "\u{a0}%"
    } else {
        "%"
    };
    format!("{}{sign}", language.number(100.0 * share, 2))
}

/// Name, value and what stands beside it.
fn rows(found: &Calibration) -> Vec<(&'static str, String, String)> {
    let english = Language::English;
    let between = |interval: Interval, write: &dyn Fn(f64) -> String| {
        format!("95% interval {} to {}", write(interval.low), write(interval.high))
    };
    let time = |seconds: f64| length(seconds, english);
    let mut rows = Vec::new();
    if let Some(rate) = found.click_rate {
        rows.push((
            "click rate",
            percent(rate.mid, english),
            between(rate, &|share| percent(share, english)),
        ));
    }
    if let Some(curve) = &found.curve {
        let is_open = curve.send_seconds.high > 20.0 * curve.send_seconds.low;
        let send = if curve.send_is_given {
            "given".to_owned()
        } else if is_open {
            "a guess: the clicks do not show it".to_owned()
        } else {
            between(curve.send_seconds, &time)
        };
        rows.push(("send duration", time(curve.send_seconds.mid), send));
        rows.push((
            "median delay",
            time(curve.median_seconds.mid),
            between(curve.median_seconds, &time),
        ));
        let sigma = |value: f64| format!("{value:.2}");
        rows.push(("sigma", sigma(curve.sigma.mid), between(curve.sigma, &sigma)));
        let gap = format!(
            "off the data by at most {} of the clicks",
            english.percent(curve.largest_gap)
        );
        let seen = format!("{} of the clicks", english.percent(curve.within_log));
        rows.push(("in the log", seen, gap));
    }
    if let Some(pages) = found.pages_per_visit {
        let fitted = match found.fitted_on {
            FittedOn::TrackedVisits => "of the visits by tracked links",
            FittedOn::AllVisits => "of all visits, less what comes anyway",
        };
        rows.push(("pages per visit", format!("{pages:.2}"), fitted.to_owned()));
    }
    if let Some(requests) = found.requests_per_page {
        rows.push(("requests per page", format!("{requests:.1}"), String::new()));
    }
    if let Some(visit) = found.visit_seconds {
        let median = format!(
            "median {}, from the first to the last request",
            time(visit.median)
        );
        rows.push(("visit length", time(visit.mean), median));
    }
    if let Some(scanners) = found.scanners {
        let source = match scanners.links_source {
            LinksSource::Given => "given",
            LinksSource::Seen => "seen",
            LinksSource::Default => "the default",
        };
        let beside = format!(
            "of the mails; {} requests, {} links a mail ({source})",
            english.count(scanners.pages.round() as u64),
            scanners.links
        );
        rows.push(("link scanners", percent(scanners.share, english), beside));
    }
    if let Some((pages, baseline)) = found
        .baseline
        .and_then(|b| b.pages_per_second.map(|pages| (pages, b)))
    {
        let beside = if baseline.measured_seconds > 0.0 {
            format!("in {} before the send", time(baseline.measured_seconds))
        } else {
            "from the end of the log".to_owned()
        };
        rows.push(("baseline", format!("{} pages/s", english.quantity(pages)), beside));
    }
    rows
}

/// Data as bars and the fit as a mark on each, a row per stretch of time.
fn sketch(series: &[Point]) -> String {
    let highest = series
        .iter()
        .map(|point| point.visits.max(point.fitted))
        .fold(0.0, f64::max);
    if highest <= 0.0 {
        return String::new();
    }
    let step = series.len().div_ceil(ROWS).max(1);
    let mut text = "\n  visits per minute   # counted   | fitted\n".to_owned();
    for group in series.chunks(step) {
        let (Some(first), Some(last)) = (group.first(), group.last()) else {
            continue;
        };
        let mean = |of: fn(&Point) -> f64| {
            let sum: f64 = group
                .iter()
                .map(|p| of(p) * (p.to_seconds - p.from_seconds))
                .sum();
            sum / (last.to_seconds - first.from_seconds)
        };
        let (visits, fitted) = (mean(|p| p.visits), mean(|p| p.fitted));
        let place = |value: f64| (value / highest * WIDEST).round() as usize;
        let mut bar: Vec<char> = "#".repeat(place(visits)).chars().collect();
        bar.resize(bar.len().max(place(fitted) + 1), ' ');
        bar[place(fitted)] = '|';
        let bar: String = bar.into_iter().collect();
        let until = length(last.to_seconds, Language::English);
        text.push_str(
            format!(
                "  until {until:>12} {:>8} {bar}",
                Language::English.quantity(visits * 60.0)
            )
            .trim_end(),
        );
        text.push('\n');
    }
    text
}
