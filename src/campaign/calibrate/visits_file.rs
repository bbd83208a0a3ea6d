//! Visits per minute out of an analytics tool, as CSV: a column of times and one of counts, as Google Analytics 4 exports
//! them (`dateHourMinute,sessions`), or `time,visits`. It calibrates the curve alone.

use std::fmt;

use super::answer::{Baseline, Calibration, FittedOn, curve_of, series_of, share_of};
use super::counts::{AFTER, BEFORE, Bin, Counts};
use super::day::Day;
use super::gather::Question;
use crate::access_log::Moment;

/// Names of columns of times, written small and without signs.
const TIMES: [&str; 9] = [
    "datehourminute",
    "datehourandminute",
    "datehour",
    "dateandhour",
    "time",
    "minute",
    "timestamp",
    "datetime",
    "date",
];
/// Names of columns of counts.
const COUNTS: [&str; 10] = [
    "sessions",
    "visits",
    "visitsperminute",
    "activeusers",
    "users",
    "totalusers",
    "count",
    "sitzungen",
    "besuche",
    "aktivenutzer",
];

/// Why a file holds no visits over time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum VisitsFileError {
    /// No line names a column of times and one of counts.
    NoColumns,
    /// No row has a time and a count.
    NoRows,
    /// Rows of a day or more: the curve of a send needs minutes, or hours.
    TooCoarse,
}

impl fmt::Display for VisitsFileError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            VisitsFileError::NoColumns => "no line names a column of times and one of visits",
            VisitsFileError::NoRows => "no row has a time and a count",
            VisitsFileError::TooCoarse => "its rows are a day or more apart",
        })
    }
}

impl std::error::Error for VisitsFileError {}

/// Visits over time.
#[derive(Debug, Clone, PartialEq)]
pub struct VisitsFile {
    /// Seconds since 1970 and visits, in the order of time.
    rows: Vec<(f64, f64)>,
    /// The width of a row, in seconds.
    width: f64,
    /// Rows that could not be read.
    pub broken: u64,
}

impl VisitsFile {
    /// Reads a file; times without a zone are `zone_seconds` east of UTC.
    ///
    /// # Errors
    /// It has no such columns, no rows, or rows as long as days.
    pub fn read(text: &[u8], zone_seconds: i32) -> Result<Self, VisitsFileError> {
        let text = text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text);
        let mut reader = csv::ReaderBuilder::new()
            .delimiter(delimiter_of(text))
            .has_headers(false)
            .flexible(true)
            .comment(Some(b'#'))
            .trim(csv::Trim::All)
            .from_reader(text);
        let mut records = reader.byte_records().flatten();
        let (time, count) = records
            .find_map(|record| columns_of(&record))
            .ok_or(VisitsFileError::NoColumns)?;
        let (mut rows, mut broken) = (Vec::new(), 0);
        for record in records {
            let seconds = record.get(time).and_then(|field| seconds_of(field, zone_seconds));
            match seconds.zip(record.get(count).and_then(count_of)) {
                Some(row) => rows.push(row),
                None => broken += 1,
            }
        }
        rows.sort_by(|a: &(f64, f64), b| a.0.total_cmp(&b.0));
        let gaps = rows.windows(2).map(|pair| pair[1].0 - pair[0].0);
        let width = gaps.filter(|gap| *gap > 0.0).fold(f64::INFINITY, f64::min);
        match width {
            _ if rows.len() < 2 || !width.is_finite() => Err(VisitsFileError::NoRows),
            width if width >= 86_400.0 => Err(VisitsFileError::TooCoarse),
            width => Ok(Self { rows, width, broken }),
        }
    }

    /// Fits the curve of clicks.
    pub fn calibrate(&self, question: &Question) -> Calibration {
        let mut warnings = Vec::new();
        let mut bins = self.bins(question.sent_at);
        let mut counts = Counts::new();
        for (at, count) in &self.rows {
            counts.add_many(at - question.sent_at + self.width / 2.0, *count as u32);
        }
        let from = bins.first().map_or(0.0, |bin| bin.from);
        let day = Day::of(&counts, from);
        day.expose(&mut bins);
        let found = curve_of(&bins, question, &mut warnings);
        if self.width > 600.0 && question.send.is_none() {
            warnings.push(
                "rows this far apart cannot tell how long the send took: give `--send-duration`".to_owned(),
            );
        }
        Calibration {
            recipients: question.recipients,
            click_rate: found
                .as_ref()
                .map(|(fit, _)| share_of(fit.clicks, question.recipients)),
            series: found
                .as_ref()
                .map_or_else(Vec::new, |(fit, _)| series_of(&bins, fit, |_, _| 0.0)),
            baseline: found.as_ref().map(|(fit, _)| Baseline {
                pages_per_second: None,
                visits_per_second: fit.baseline.mid,
                measured_seconds: (-from).max(0.0),
            }),
            curve: found.map(|(_, curve)| curve),
            pages_per_visit: None,
            requests_per_page: None,
            visit_seconds: None,
            scanners: None,
            fitted_on: FittedOn::AllVisits,
            warnings,
            notes: None,
        }
    }

    /// Bins around the send: a row each at first, then growing by 3 % of the time since it. A time without a row had no
    /// visits: tools leave such rows out.
    fn bins(&self, sent_at: f64) -> Vec<Bin> {
        let mut bins: Vec<Bin> = Vec::new();
        let (mut at, mut next) = (f64::NEG_INFINITY, 0);
        let last = self.rows.last().map_or(0.0, |row| row.0 - sent_at);
        while next < self.rows.len() && self.rows[next].0 - sent_at < -BEFORE {
            next += 1;
        }
        if let Some(row) = self.rows.get(next) {
            at = row.0 - sent_at;
        }
        while at.is_finite() && at <= last && at < AFTER {
            let wide = if at < 0.0 { 600.0_f64.min(-at) } else { at * 0.03 };
            let rows = (wide / self.width).round().max(1.0);
            let to = at + rows * self.width;
            let mut count = 0.0;
            while let Some(row) = self
                .rows
                .get(next)
                .filter(|row| row.0 - sent_at < to - self.width / 2.0)
            {
                count += row.1;
                next += 1;
            }
            bins.push(Bin {
                from: at,
                to,
                count,
                exposure: to - at,
            });
            at = to;
        }
        bins
    }
}

/// The sign that separates fields: the most frequent in the first line that is no comment.
fn delimiter_of(text: &[u8]) -> u8 {
    let lines = text.split(|byte| *byte == b'\n');
    let first = lines
        .map(<[u8]>::trim_ascii)
        .find(|line| !line.is_empty() && line[0] != b'#')
        .unwrap_or_default();
    let count = |sign: u8| first.iter().filter(|byte| **byte == sign).count();
    [b';', b'\t', b',']
        .into_iter()
        .max_by_key(|sign| count(*sign))
        .unwrap_or(b',')
}

/// Which columns hold times and counts, where `record` names them.
fn columns_of(record: &csv::ByteRecord) -> Option<(usize, usize)> {
    let names: Vec<String> = record
        .iter()
        .map(|field| {
            let name = String::from_utf8_lossy(field).to_lowercase();
            let name = name.split('(').next().unwrap_or_default().to_owned();
            name.chars().filter(|letter| letter.is_alphanumeric()).collect()
        })
        .collect();
    let column = |known: &[&str]| {
        let named = known
            .iter()
            .find_map(|known| names.iter().position(|name| name == known));
        named.filter(|_| names.len() >= 2)
    };
    column(&TIMES).zip(column(&COUNTS))
}

/// Seconds since 1970 of a time: `202611200900`, `2026112009`, or any that a log writes.
fn seconds_of(field: &[u8], zone_seconds: i32) -> Option<f64> {
    let is_digits = field.iter().all(u8::is_ascii_digit);
    let compact = |minute: &[u8]| {
        let mut whole = *b"0000-00-00T00:00";
        whole[..4].copy_from_slice(&field[..4]);
        whole[5..7].copy_from_slice(&field[4..6]);
        whole[8..10].copy_from_slice(&field[6..8]);
        whole[11..13].copy_from_slice(&field[8..10]);
        whole[14..16].copy_from_slice(minute);
        Moment::read(&whole)
    };
    let (moment, is_count) = match field.len() {
        12 if is_digits => (compact(&field[10..])?, false),
        10 if is_digits && field.starts_with(b"20") => (compact(b"00")?, false),
        _ => (Moment::read(field)?, is_digits),
    };
    let is_local = moment.zone_seconds.is_none() && !is_count;
    Some(moment.seconds() - if is_local { f64::from(zone_seconds) } else { 0.0 })
}

/// A count; signs between thousands are left out.
fn count_of(field: &[u8]) -> Option<f64> {
    let text = std::str::from_utf8(field).ok()?;
    let digits: String = text
        .chars()
        .filter(|letter| !matches!(letter, ',' | '\u{a0}' | ' '))
        .collect();
    let count: f64 = digits.parse().ok()?;
    (count.is_finite() && (0.0..=1e9).contains(&count)).then_some(count)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::campaign::shape::Sending;
    use proptest::prelude::*;

    const SENT: f64 = 1_795_161_600.0;

    /// Visits per minute that a curve expects, without chance, written as `row` writes a minute.
    fn written(curve: Sending, row: impl Fn(jiff::Timestamp, u64) -> String) -> String {
        let rows = (-720..2_880_i64).map(|minute| {
            let (from, to) = (minute as f64 * 60.0, (minute + 1) as f64 * 60.0);
            let count = 60_000.0 * (curve.share_by(to) - curve.share_by(from)) + 6.0;
            row(
                jiff::Timestamp::from_second(SENT as i64 + minute * 60).unwrap(),
                count.round() as u64,
            )
        });
        rows.collect()
    }

    #[test]
    fn exports_of_several_tools_give_their_curve_back() {
        let curve = Sending::new(7_200.0, 1.8, 900.0);
        let google = "# ----\n# Free form\n\nDate + hour and minute (YYYYMMDDHHmm),Sessions,Views\n"
            .to_owned()
            + &written(curve, |at, count| {
                format!("{},{count},1\n", at.strftime("%Y%m%d%H%M"))
            })
            + ",,Grand total\n";
        let plain = "time;visits\n".to_owned() + &written(curve, |at, count| format!("{at};{count}\n"));
        for (text, broken) in [(google, 1), (plain, 0)] {
            let file = VisitsFile::read(text.as_bytes(), 0).unwrap();
            assert_eq!(file.broken, broken);
            let question = Question {
                sent_at: SENT,
                recipients: 1_000_000,
                send: None,
                links: None,
            };
            let found = file.calibrate(&question);
            let fitted = found.curve.unwrap();
            for (found, truth) in [
                (fitted.median_seconds.mid, 7_200.0),
                (fitted.sigma.mid, 1.8),
                (fitted.send_seconds.mid, 900.0),
                (found.click_rate.unwrap().mid, 0.06),
                (found.baseline.unwrap().visits_per_second, 0.1),
            ] {
                assert!((found / truth - 1.0).abs() < 0.05, "{found} against {truth}");
            }
        }
    }

    #[test]
    fn times_without_a_zone_are_in_that_of_the_send() {
        assert_eq!(seconds_of(b"202611200900", 3_600), Some(SENT));
        assert_eq!(seconds_of(b"2026112009", 3_600), Some(SENT));
        assert_eq!(seconds_of(b"2026-11-20 09:00", 3_600), Some(SENT));
        assert_eq!(seconds_of(b"2026-11-20T08:00:00Z", 3_600), Some(SENT));
        assert_eq!(seconds_of(b"1795161600", 3_600), Some(SENT));
    }

    #[test]
    fn what_holds_no_visits_says_so() {
        for (text, error) in [
            ("", VisitsFileError::NoColumns),
            ("a,b\n1,2\n", VisitsFileError::NoColumns),
            ("time,visits\n", VisitsFileError::NoRows),
            ("time,visits\nx,y\nz,1\n", VisitsFileError::NoRows),
            (
                "date,sessions\n2026-11-19 00:00,5\n2026-11-20 00:00,6\n",
                VisitsFileError::TooCoarse,
            ),
        ] {
            assert_eq!(VisitsFile::read(text.as_bytes(), 0), Err(error), "{text}");
        }
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..200), rows in prop::collection::vec((any::<u32>(), any::<u32>()), 0..40)) {
            let mut text = b"time,visits\n".to_vec();
            rows.iter().for_each(|(time, visits)| text.extend(format!("{time},{visits}\n").bytes()));
            text.extend(&bytes);
            for text in [&text, &bytes] {
                if let Ok(file) = VisitsFile::read(text, 0) {
                    let question = Question { sent_at: 1e9, recipients: 1, send: None, links: None };
                    let found = file.calibrate(&question);
                    prop_assert!(found.series.len() < 20_000);
                }
            }
        }
    }
}
