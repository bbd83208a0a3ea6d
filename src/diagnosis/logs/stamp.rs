//! When a line was written: the time stamps of all formats, read without a calendar of the operating system.

use std::fmt;

/// A moment as a log gives it: with an offset from UTC, or in a local time that is not said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Stamp {
    /// Seconds since 1970 on the clock that the log shows.
    shown: i64,
    /// Minutes that this clock is ahead of UTC; nothing where the log does not say.
    ahead: Option<i16>,
}

const MONTHS: [&[u8; 3]; 12] = [
    b"Jan", b"Feb", b"Mar", b"Apr", b"May", b"Jun", b"Jul", b"Aug", b"Sep", b"Oct", b"Nov", b"Dec",
];

impl Stamp {
    /// A moment given as seconds since 1970 in UTC.
    pub(super) fn of_epoch(seconds: f64) -> Option<Self> {
        let sensible = (0.0..253_402_300_800.0).contains(&seconds);
        sensible.then_some(Self {
            shown: seconds as i64,
            ahead: Some(0),
        })
    }

    /// `2026/11/22 10:44:41`, as nginx writes; also with `-` or `T`, a fraction, and an offset.
    pub(super) fn of_iso(text: &[u8]) -> Option<Self> {
        let shown = seconds(
            (number(text, 0, 4)?, number(text, 5, 2)?, number(text, 8, 2)?),
            text.get(11..19)?,
        )?;
        let rest = &text[19..];
        let fraction = match rest.first() {
            Some(b'.' | b',') => 1 + rest[1..].iter().take_while(|byte| byte.is_ascii_digit()).count(),
            _ => 0,
        };
        Some(Self {
            shown,
            ahead: offset(&rest[fraction..]),
        })
    }

    /// `22/Nov/2026:10:44:41 +0000`, as access logs write; HAProxy leaves the offset out.
    pub(super) fn of_access(text: &[u8]) -> Option<Self> {
        let shown = seconds(
            (number(text, 7, 4)?, month(text.get(3..6)?)?, number(text, 0, 2)?),
            text.get(12..20)?,
        )?;
        Some(Self {
            shown,
            ahead: offset(&text[20..]),
        })
    }

    /// `Sun Nov 22 10:38:22.521038 2026`, as Apache writes.
    pub(super) fn of_apache(text: &[u8]) -> Option<Self> {
        let end = memchr::memchr(b']', text).unwrap_or(text.len());
        let year = number(text, end.checked_sub(4)?, 4)?;
        let shown = seconds(
            (year, month(text.get(4..7)?)?, number(text, 8, 2)?),
            text.get(11..19)?,
        )?;
        Some(Self { shown, ahead: None })
    }

    /// `22-Nov-2026 10:45:26`, as PHP writes, and `UTC` where it says so.
    pub(super) fn of_php(text: &[u8]) -> Option<Self> {
        let shown = seconds(
            (number(text, 7, 4)?, month(text.get(3..6)?)?, number(text, 0, 2)?),
            text.get(12..20)?,
        )?;
        Some(Self {
            shown,
            ahead: text[20..].starts_with(b" UTC").then_some(0),
        })
    }

    /// What moments are compared by: seconds in UTC; a clock that is not said is taken as it is shown.
    pub(super) fn order(self) -> i64 {
        self.shown - i64::from(self.ahead.unwrap_or(0)) * 60
    }
}

impl fmt::Display for Stamp {
    /// RFC 3339; without an offset where the log says none.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (days, second) = (self.shown.div_euclid(86_400), self.shown.rem_euclid(86_400));
        let (year, month, day) = civil(days);
        let (hour, minute, second) = (second / 3600, second / 60 % 60, second % 60);
        write!(
            formatter,
            "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}"
        )?;
        match self.ahead {
            None => Ok(()),
            Some(0) => formatter.write_str("Z"),
            Some(ahead) => {
                let sign = if ahead < 0 { '-' } else { '+' };
                write!(formatter, "{sign}{:02}:{:02}", ahead.abs() / 60, ahead.abs() % 60)
            }
        }
    }
}

fn number(text: &[u8], from: usize, digits: usize) -> Option<i64> {
    let mut value = 0;
    for byte in text.get(from..from + digits)? {
        match byte {
            b'0'..=b'9' => value = value * 10 + i64::from(byte - b'0'),
            // Days below ten may be padded with a space.
            b' ' if value == 0 => {}
            _ => return None,
        }
    }
    Some(value)
}

fn month(name: &[u8]) -> Option<i64> {
    (1..)
        .zip(MONTHS)
        .find(|(_, known)| known.as_slice() == name)
        .map(|(at, _)| at)
}

/// Seconds since 1970 of a date and `hh:mm:ss`.
fn seconds((year, month, day): (i64, i64, i64), clock: &[u8]) -> Option<i64> {
    let apart = clock.get(2) == Some(&b':') && clock.get(5) == Some(&b':');
    let (hour, minute, second) = (number(clock, 0, 2)?, number(clock, 3, 2)?, number(clock, 6, 2)?);
    let sensible = apart && (1..=12).contains(&month) && (1..=31).contains(&day) && year >= 1970;
    (sensible && hour < 24 && minute < 60 && second <= 60)
        .then(|| days(year, month, day) * 86_400 + hour * 3600 + minute * 60 + second)
}

/// `Z`, ` +0100` or `+01:00`, in minutes.
fn offset(text: &[u8]) -> Option<i16> {
    let text = text.strip_prefix(b" ").unwrap_or(text);
    let sign = match text.first()? {
        b'Z' => return Some(0),
        b'+' => 1,
        b'-' => -1,
        _ => return None,
    };
    let minutes = if text.get(3) == Some(&b':') { 4 } else { 3 };
    let ahead = number(text, 1, 2)? * 60 + number(text, minutes, 2)?;
    i16::try_from(sign * ahead)
        .ok()
        .filter(|ahead| ahead.abs() <= 18 * 60)
}

/// Days since 1970 of a date of the Gregorian calendar (H. Hinnant, “chrono-compatible low-level date algorithms”).
fn days(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let of_era = year.rem_euclid(400);
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

/// The date that is `days` after 1970, by the same source.
fn civil(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let (era, of_era) = (days.div_euclid(146_097), days.rem_euclid(146_097));
    let year = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let shifted = (5 * of_year + 2) / 153;
    let day = of_year - (153 * shifted + 2) / 5 + 1;
    let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
    (year + era * 400 + i64::from(month <= 2), month, day)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn each_format_is_read_as_the_same_moment() {
        let shown = |stamp: Option<Stamp>| stamp.map(|stamp| stamp.to_string());
        let local = Some("2026-11-22T10:44:41".to_owned());
        let utc = Some("2026-11-22T10:44:41Z".to_owned());
        assert_eq!(shown(Stamp::of_iso(b"2026/11/22 10:44:41 [error]")), local);
        assert_eq!(shown(Stamp::of_iso(b"2026-11-22T10:44:41.371Z x")), utc);
        assert_eq!(shown(Stamp::of_iso(b"2026-11-22 10:44:41 +0000] x")), utc);
        assert_eq!(shown(Stamp::of_access(b"22/Nov/2026:10:44:41 +0000] \"GET")), utc);
        assert_eq!(shown(Stamp::of_access(b"22/Nov/2026:10:44:41.236] fe")), local);
        assert_eq!(
            shown(Stamp::of_apache(b"Sun Nov 22 10:44:41.521038 2026] [p")),
            local
        );
        assert_eq!(shown(Stamp::of_php(b"22-Nov-2026 10:44:41] W")), local);
        assert_eq!(shown(Stamp::of_php(b"22-Nov-2026 10:44:41 UTC] W")), utc);
        assert_eq!(shown(Stamp::of_epoch(1_795_344_281.5)), utc);
        let east = Stamp::of_access(b"22/Nov/2026:11:44:41 +0100] ").unwrap();
        assert_eq!(east.to_string(), "2026-11-22T11:44:41+01:00");
        assert_eq!(east.order(), 1_795_344_281);
    }

    proptest! {
        #[test]
        fn a_date_is_the_inverse_of_its_days(day in -1_000_000_i64..3_000_000) {
            let (year, month, of_month) = civil(day);
            prop_assert_eq!(days(year, month, of_month), day);
        }

        #[test]
        fn no_bytes_are_too_odd(bytes in proptest::collection::vec(any::<u8>(), 0..40)) {
            for stamp in [Stamp::of_iso(&bytes), Stamp::of_access(&bytes), Stamp::of_apache(&bytes), Stamp::of_php(&bytes)] {
                drop(stamp.map(|stamp| stamp.to_string()));
            }
        }
    }
}
