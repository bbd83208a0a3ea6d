//! Time without a clock: a point on a run's own time line, and a length of time that people write.

use std::fmt;
use std::ops::{Add, AddAssign, Sub};
use std::str::FromStr;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::quantity::{UnitError, split, trimmed};

/// A point on the time line of a run: whole nanoseconds since its start. Range 0 to about 584 years.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Offset(u64);

impl Offset {
    /// The start of the run.
    pub const ZERO: Offset = Offset(0);
    /// Later than any run.
    pub const MAX: Offset = Offset(u64::MAX);

    /// `nanos` nanoseconds after the start.
    pub const fn from_nanos(nanos: u64) -> Self {
        Self(nanos)
    }

    /// `micros` microseconds after the start.
    pub const fn from_micros(micros: u64) -> Self {
        Self(micros.saturating_mul(1_000))
    }

    /// `millis` milliseconds after the start.
    pub const fn from_millis(millis: u64) -> Self {
        Self(millis.saturating_mul(1_000_000))
    }

    /// `seconds` whole seconds after the start.
    pub const fn from_secs(seconds: u64) -> Self {
        Self(seconds.saturating_mul(1_000_000_000))
    }

    /// `seconds` after the start; negative and not-a-number count as zero.
    pub fn from_secs_f64(seconds: f64) -> Self {
        Self((seconds.max(0.0) * 1e9).round() as u64)
    }

    /// Nanoseconds since the start.
    pub const fn as_nanos(self) -> u64 {
        self.0
    }

    /// Whole microseconds since the start.
    pub const fn as_micros(self) -> u64 {
        self.0 / 1_000
    }

    /// Seconds since the start.
    pub fn as_secs_f64(self) -> f64 {
        self.0 as f64 / 1e9
    }

    /// The second of the run in which this point lies: 0 for the first.
    pub const fn second(self) -> u32 {
        let second = self.0 / 1_000_000_000;
        if second > u32::MAX as u64 {
            u32::MAX
        } else {
            second as u32
        }
    }

    /// How long after `earlier` this is; zero where it is before it.
    pub const fn since(self, earlier: Offset) -> Duration {
        Duration::from_nanos(self.0.saturating_sub(earlier.0))
    }
}

impl Add<Duration> for Offset {
    type Output = Offset;
    fn add(self, length: Duration) -> Offset {
        Offset(
            self.0
                .saturating_add(u64::try_from(length.as_nanos()).unwrap_or(u64::MAX)),
        )
    }
}

impl AddAssign<Duration> for Offset {
    fn add_assign(&mut self, length: Duration) {
        *self = *self + length;
    }
}

impl Sub<Duration> for Offset {
    type Output = Offset;
    fn sub(self, length: Duration) -> Offset {
        Offset(
            self.0
                .saturating_sub(u64::try_from(length.as_nanos()).unwrap_or(u64::MAX)),
        )
    }
}

impl fmt::Display for Offset {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} s", trimmed(self.as_secs_f64(), 3))
    }
}

/// A length of time as people write it: `250ms`, `90s`, `10m`, `1.5h`, `2d`. Whole microseconds, never negative, at
/// most 366 days.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span(Duration);

impl Span {
    /// The longest span that can be written.
    pub const MAX: Span = Span(Duration::from_secs(366 * 86_400));

    /// A span of `duration`.
    pub const fn new(duration: Duration) -> Self {
        Self(duration)
    }

    /// A span of `seconds` whole seconds.
    pub const fn from_secs(seconds: u64) -> Self {
        Self(Duration::from_secs(seconds))
    }

    /// The span as the standard library's type.
    pub const fn duration(self) -> Duration {
        self.0
    }

    /// The span in seconds.
    pub fn as_secs_f64(self) -> f64 {
        self.0.as_secs_f64()
    }
}

impl FromStr for Span {
    type Err = UnitError;

    fn from_str(text: &str) -> Result<Self, UnitError> {
        let (number, unit) = split(text)?;
        let written = trimmed(number, 9);
        let factor = match unit {
            "ms" => 1e-3,
            "s" | "sec" => 1.0,
            "m" | "min" => 60.0,
            "h" => 3_600.0,
            "d" => 86_400.0,
            "" => {
                return Err(
                    UnitError::new(format!("`{text}` has no unit of time")).hint(format!(
                        "write `{written}s`, `{written}ms`, `{written}m` or `{written}h`"
                    )),
                );
            }
            other => {
                return Err(UnitError::new(format!("`{other}` is no unit of time"))
                    .hint("use `ms`, `s`, `m`, `h` or `d`, as in `90s`"));
            }
        };
        if number < 0.0 {
            return Err(UnitError::new(format!("`{text}` is negative")).hint("a time is zero or longer"));
        }
        let seconds = number * factor;
        if seconds > Self::MAX.as_secs_f64() {
            return Err(UnitError::new(format!("`{text}` is longer than a year")));
        }
        Ok(Self(Duration::from_micros((seconds * 1e6).round() as u64)))
    }
}

impl fmt::Display for Span {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let nanos = self.0.as_nanos();
        for (unit, size) in [
            ("h", 3_600_000_000_000_u128),
            ("m", 60_000_000_000),
            ("s", 1_000_000_000),
        ] {
            if nanos >= size && nanos.is_multiple_of(size) {
                return write!(formatter, "{}{unit}", nanos / size);
            }
        }
        if nanos >= 1_000_000_000 {
            return write!(formatter, "{}s", trimmed(self.0.as_secs_f64(), 9));
        }
        if nanos == 0 {
            return formatter.write_str("0s");
        }
        write!(formatter, "{}ms", trimmed(self.0.as_secs_f64() * 1e3, 6))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn spans_are_read_in_every_unit_and_refused_without_one() {
        for (text, millis) in [
            ("250ms", 250),
            ("90s", 90_000),
            ("10m", 600_000),
            ("1.5h", 5_400_000),
            ("2d", 172_800_000),
        ] {
            assert_eq!(
                text.parse::<Span>().unwrap().duration(),
                Duration::from_millis(millis),
                "{text}"
            );
        }
        assert!("30".parse::<Span>().unwrap_err().fix().unwrap().contains("`30s`"));
        for bad in ["", "s", "-1s", "1e9d", "400d", "3 fortnights", "NaN", "infs"] {
            assert!(bad.parse::<Span>().is_err(), "{bad}");
        }
    }

    #[test]
    fn an_offset_knows_its_second_and_never_wraps() {
        assert_eq!(Offset::from_millis(1_999).second(), 1);
        assert_eq!(Offset::MAX + Duration::from_secs(1), Offset::MAX);
        assert_eq!(Offset::ZERO - Duration::from_secs(1), Offset::ZERO);
        assert_eq!(Offset::ZERO.since(Offset::from_secs(1)), Duration::ZERO);
    }

    proptest! {
        #[test]
        fn a_printed_span_reads_back_as_itself(nanos in 0_u64..31_000_000_000_000_000) {
            let span = Span::new(Duration::from_micros(nanos / 1_000));
            prop_assert_eq!(span.to_string().parse::<Span>().unwrap(), span);
        }
    }
}
