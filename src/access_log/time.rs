//! The times that access logs write: `20/Nov/2026:09:00:00 +0100`, RFC 3339, seconds or milliseconds since 1970.

/// A moment, and the zone that it was written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Moment {
    /// Milliseconds since 1970 in UTC.
    pub millis: i64,
    /// Seconds east of UTC of the zone that was written; nothing where there was none, and UTC is taken.
    pub zone_seconds: Option<i32>,
}

impl Moment {
    /// Reads any of the forms; RFC 3339 may lack its seconds.
    pub fn read(text: &[u8]) -> Option<Self> {
        let text = text.trim_ascii();
        of_value(text).or_else(|| {
            // `2026-11-20T09:00` with a zone or without, 22 bytes at most.
            let mut whole = [b' '; 25];
            let (minutes, zone) = text.split_at_checked(16).filter(|_| text.len() <= 22)?;
            whole[..16].copy_from_slice(minutes);
            whole[16..19].copy_from_slice(b":00");
            whole[19..19 + zone.len()].copy_from_slice(zone);
            iso(whole.trim_ascii())
        })
    }

    /// Seconds since 1970 in UTC.
    pub fn seconds(self) -> f64 {
        self.millis as f64 / 1e3
    }
}

const MONTHS: [&[u8]; 12] = [
    b"Jan", b"Feb", b"Mar", b"Apr", b"May", b"Jun", b"Jul", b"Aug", b"Sep", b"Oct", b"Nov", b"Dec",
];

/// Days since 1970-01-01 of a day of the Gregorian calendar (H. Hinnant, "chrono-compatible low-level date
/// algorithms").
const fn days(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let of_era = year.rem_euclid(400);
    let of_year = (153 * (month + if month > 2 { -3 } else { 9 }) + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

/// The number that `digits` are; nothing where they are none, or more than 12.
fn number(digits: &[u8]) -> Option<i64> {
    if digits.is_empty() || digits.len() > 12 {
        return None;
    }
    digits.iter().try_fold(0_i64, |sum, digit| {
        digit.is_ascii_digit().then(|| sum * 10 + i64::from(digit - b'0'))
    })
}

/// A day and a time of day, each number in its range.
fn moment(date: [i64; 3], clock: [i64; 3], millis: i64, zone: i32) -> Option<Moment> {
    let ([year, month, day], [hour, minute, second]) = (date, clock);
    let is_right = (1970..=9999).contains(&year)
        && (1..=12).contains(&month)
        && (1..=31).contains(&day)
        && (0..24).contains(&hour)
        && (0..60).contains(&minute)
        && (0..=60).contains(&second);
    is_right.then(|| Moment {
        millis: (days(year, month, day) * 86_400 + hour * 3_600 + minute * 60 + second - i64::from(zone))
            * 1_000
            + millis,
        zone_seconds: Some(zone),
    })
}

/// `+0100`, `+01:00` or `Z`, in seconds east of UTC.
fn zone(text: &[u8]) -> Option<i32> {
    let (sign, hours, minutes) = match text {
        b"Z" | b"z" => return Some(0),
        [sign, h1, h2, b':', m1, m2] | [sign, h1, h2, m1, m2] => (sign, [*h1, *h2], [*m1, *m2]),
        [sign, h1, h2] => (sign, [*h1, *h2], *b"00"),
        _ => return None,
    };
    let (hours, minutes) = (number(&hours)?, number(&minutes)?);
    let east = i32::try_from(hours * 3_600 + minutes * 60).ok()?;
    let is_right = hours < 24 && minutes < 60;
    match sign {
        b'+' if is_right => Some(east),
        b'-' if is_right => Some(-east),
        _ => None,
    }
}

/// What stands between the brackets of the common format: `20/Nov/2026:09:00:00 +0100`.
pub(super) fn bracketed(text: &[u8]) -> Option<Moment> {
    if text.len() < 26 || text[2] != b'/' || text[6] != b'/' || text[11] != b':' {
        return iso(text);
    }
    let month = MONTHS.iter().position(|name| *name == &text[3..6])?;
    let date = [number(&text[7..11])?, month as i64 + 1, number(&text[..2])?];
    let clock = [
        number(&text[12..14])?,
        number(&text[15..17])?,
        number(&text[18..20])?,
    ];
    moment(date, clock, 0, zone(text[20..].trim_ascii())?)
}

/// RFC 3339, with a space instead of the T too; without a zone it is UTC.
pub(super) fn iso(text: &[u8]) -> Option<Moment> {
    if text.len() < 19 || text[4] != b'-' || text[7] != b'-' || !matches!(text[10], b'T' | b't' | b' ') {
        return None;
    }
    let date = [number(&text[..4])?, number(&text[5..7])?, number(&text[8..10])?];
    let clock = [
        number(&text[11..13])?,
        number(&text[14..16])?,
        number(&text[17..19])?,
    ];
    let rest = &text[19..];
    let (millis, rest) = match rest.first() {
        Some(b'.' | b',') => {
            let digits = rest[1..].iter().take_while(|byte| byte.is_ascii_digit()).count();
            let mut three = *b"000";
            for (place, digit) in three.iter_mut().zip(&rest[1..=digits]) {
                *place = *digit;
            }
            (number(&three)?, &rest[1 + digits..])
        }
        _ => (0, rest),
    };
    let rest = rest.trim_ascii();
    let written = if rest.is_empty() { None } else { Some(zone(rest)?) };
    let found = moment(date, clock, millis, written.unwrap_or(0))?;
    Some(Moment {
        zone_seconds: written,
        ..found
    })
}

/// A time of any of the forms, out of a JSON value: a text, or seconds, milliseconds, micro- or nanoseconds since 1970,
/// told apart by their size.
pub(super) fn of_value(text: &[u8]) -> Option<Moment> {
    let whole = text.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let fraction = match &text[whole..] {
        [] => &b""[..],
        [b'.', digits @ ..] if digits.iter().all(u8::is_ascii_digit) => digits,
        _ => return bracketed(text),
    };
    if whole == 0 || whole > 19 {
        return None;
    }
    let number = text[..whole].iter().try_fold(0_i64, |sum, digit| {
        sum.checked_mul(10)?.checked_add(i64::from(digit - b'0'))
    })?;
    let millis = match number {
        // Seconds, until the year 5138.
        0..=99_999_999_999 => {
            let mut three = [0_i64; 3];
            for (place, digit) in three.iter_mut().zip(fraction) {
                *place = i64::from(digit - b'0');
            }
            number * 1_000 + three[0] * 100 + three[1] * 10 + three[2]
        }
        100_000_000_000..=99_999_999_999_999 => number,
        100_000_000_000_000..=99_999_999_999_999_999 => number / 1_000,
        _ => number / 1_000_000,
    };
    Some(Moment {
        millis,
        zone_seconds: None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn every_way_to_write_a_moment_is_the_same_moment() {
        let millis = 1_795_161_600_000;
        for text in [
            "20/Nov/2026:09:00:00 +0100",
            "20/Nov/2026:08:00:00 +0000",
            "20/Nov/2026:02:30:00 -0530",
            "2026-11-20T09:00:00+01:00",
            "2026-11-20T08:00:00Z",
            "2026-11-20 08:00:00.000",
            "1795161600",
            "1795161600.000",
            "1795161600000",
            "1795161600000000",
            "1795161600000000000",
        ] {
            assert_eq!(
                of_value(text.as_bytes()).map(|moment| moment.millis),
                Some(millis),
                "{text}"
            );
        }
        assert_eq!(
            of_value(b"1795161600.25").map(|moment| moment.millis),
            Some(millis + 250)
        );
        assert_eq!(
            of_value(b"2026-11-20T08:00:00.5Z").map(|moment| moment.millis),
            Some(millis + 500)
        );
    }

    #[test]
    fn seconds_may_be_left_out_where_a_person_writes() {
        for (text, zone) in [
            ("2026-11-20T09:00+01:00", Some(3_600)),
            ("2026-11-20 08:00Z", Some(0)),
            ("2026-11-20 08:00", None),
            (" 2026-11-20T08:00:00 ", None),
        ] {
            let moment = Moment::read(text.as_bytes()).unwrap();
            assert_eq!(
                (moment.millis, moment.zone_seconds),
                (1_795_161_600_000, zone),
                "{text}"
            );
        }
        for text in ["2026-11-20", "09:00", "2026-11-20T09:00+01:00[Europe/Berlin]"] {
            assert_eq!(Moment::read(text.as_bytes()), None, "{text}");
        }
    }

    #[test]
    fn what_is_no_moment_is_refused() {
        for text in [
            "",
            "-",
            "yesterday",
            "32/Nov/2026:09:00:00 +0100",
            "20/Nvo/2026:09:00:00 +0100",
            "20/Nov/2026:29:00:00 +0100",
            "20/Nov/2026:09:00:00 0100x",
            "2026-11-20T09:00:00+1",
            "2026-13-20T09:00:00Z",
            "99999999999999999999",
        ] {
            assert_eq!(of_value(text.as_bytes()), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn moments_agree_with_a_calendar(seconds in 0_i64..4_000_000_000) {
            let written = jiff::Timestamp::from_second(seconds).unwrap().to_string();
            prop_assert_eq!(of_value(written.as_bytes()).unwrap().millis, seconds * 1_000);
        }
    }
}
