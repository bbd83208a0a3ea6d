//! Load: how many a second, and of what.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::quantity::{UnitError, split, trimmed};

/// Events per second: finite and not negative, at most 10 million.
#[derive(Debug, Clone, Copy, Default, PartialEq, PartialOrd, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Rate(f64);

impl Rate {
    /// No load.
    pub const ZERO: Rate = Rate(0.0);
    /// The highest rate that can be named: 10 million a second.
    pub const MAX: Rate = Rate(1e7);

    /// `per_second` events a second, brought into the range 0 to [`Rate::MAX`]; not-a-number counts as zero.
    pub fn per_second(per_second: f64) -> Self {
        if per_second.is_nan() {
            Self::ZERO
        } else {
            Self(per_second.clamp(0.0, Self::MAX.0))
        }
    }

    /// Events a second.
    pub const fn get(self) -> f64 {
        self.0
    }

    /// This rate times `factor`.
    #[must_use]
    pub fn times(self, factor: f64) -> Self {
        Self::per_second(self.0 * factor)
    }
}

impl fmt::Display for Rate {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let decimals = if self.0 >= 100.0 {
            0
        } else if self.0 >= 10.0 {
            1
        } else {
            2
        };
        formatter.write_str(&trimmed(self.0, decimals))
    }
}

/// What a rate counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum LoadUnit {
    /// Page views: steps of the journey, assets not counted.
    Pages,
    /// Visits: each walks the whole journey.
    Visits,
    /// Not said: allowed where a visit has one page, because both readings agree.
    Bare,
}

/// A rate as somebody wrote it: `20pages/s`, `50visits/s`, `200/s`, `300pages/min`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct WrittenRate {
    /// How many a second.
    pub rate: Rate,
    /// Of what.
    pub unit: LoadUnit,
}

impl WrittenRate {
    /// The rate in visits per second, where a visit has `pages_per_visit` pages.
    ///
    /// # Errors
    /// A bare rate is ambiguous where a visit has more than one page: both readings stand in the hint.
    pub fn visits_per_second(self, pages_per_visit: f64) -> Result<Rate, UnitError> {
        Ok(self
            .pages_per_second(pages_per_visit)?
            .times(1.0 / pages_per_visit))
    }

    /// The rate in pages per second, where a visit has `pages_per_visit` pages.
    ///
    /// # Errors
    /// A bare rate is ambiguous where a visit has more than one page: both readings stand in the hint.
    pub fn pages_per_second(self, pages_per_visit: f64) -> Result<Rate, UnitError> {
        let rate = self.rate;
        match self.unit {
            LoadUnit::Pages => Ok(rate),
            LoadUnit::Visits => Ok(rate.times(pages_per_visit)),
            LoadUnit::Bare if pages_per_visit == 1.0 => Ok(rate),
            LoadUnit::Bare => Err(UnitError::new(format!(
                "`{rate}/s` does not say of what, and a visit has {pages_per_visit} pages"
            ))
            .hint(format!(
                "write `{rate}pages/s` (= {}visits/s) or `{rate}visits/s` (= {}pages/s)",
                rate.times(1.0 / pages_per_visit),
                rate.times(pages_per_visit)
            ))),
        }
    }
}

impl FromStr for WrittenRate {
    type Err = UnitError;

    fn from_str(text: &str) -> Result<Self, UnitError> {
        let (number, unit) = split(text)?;
        let written = trimmed(number, 6);
        let fix = || {
            format!(
                "write `{written}pages/s`, `{written}visits/s` or, for a journey of one page, `{written}/s`"
            )
        };
        let Some((what, per)) = unit.split_once('/') else {
            return Err(UnitError::new(format!("`{text}` is no rate")).hint(fix()));
        };
        let seconds = match per.trim() {
            "s" | "sec" => 1.0,
            "m" | "min" => 60.0,
            "h" => 3_600.0,
            other => {
                return Err(UnitError::new(format!("`{other}` is no unit of time for a rate"))
                    .hint("use `/s`, `/min` or `/h`"));
            }
        };
        let unit = match what.trim() {
            "" => LoadUnit::Bare,
            "pages" | "page" => LoadUnit::Pages,
            "visits" | "visit" => LoadUnit::Visits,
            other => return Err(UnitError::new(format!("`{other}` is no unit of load")).hint(fix())),
        };
        if number < 0.0 {
            return Err(UnitError::new(format!("`{text}` is negative")).hint("a rate is zero or more"));
        }
        let rate = number / seconds;
        if rate > Rate::MAX.get() {
            return Err(
                UnitError::new(format!("`{text}` is more than any machine can offer"))
                    .hint("the highest rate is `10000000/s`"),
            );
        }
        Ok(Self {
            rate: Rate::per_second(rate),
            unit,
        })
    }
}

impl fmt::Display for WrittenRate {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let unit = match self.unit {
            LoadUnit::Pages => "pages",
            LoadUnit::Visits => "visits",
            LoadUnit::Bare => "",
        };
        write!(formatter, "{}{unit}/s", trimmed(self.rate.get(), 9))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn rates_are_read_in_every_unit() {
        for (text, rate, unit) in [
            ("200/s", 200.0, LoadUnit::Bare),
            ("20pages/s", 20.0, LoadUnit::Pages),
            ("50 visits/s", 50.0, LoadUnit::Visits),
            ("300pages/min", 5.0, LoadUnit::Pages),
        ] {
            assert_eq!(
                text.parse::<WrittenRate>().unwrap(),
                WrittenRate {
                    rate: Rate::per_second(rate),
                    unit
                },
                "{text}"
            );
        }
        for bad in [
            "20",
            "20/parsec",
            "20users/s",
            "-1/s",
            "99999999999/s",
            "/s",
            "many pages/s",
        ] {
            assert!(bad.parse::<WrittenRate>().is_err(), "{bad}");
        }
    }

    #[test]
    fn a_bare_rate_is_refused_where_a_visit_has_several_pages() {
        let bare: WrittenRate = "30/s".parse().unwrap();
        assert_eq!(bare.pages_per_second(1.0).unwrap().get(), 30.0);
        let error = bare.pages_per_second(3.0).unwrap_err();
        assert!(error.fix().unwrap().contains("90pages/s"), "{error}");
        let visits: WrittenRate = "30visits/s".parse().unwrap();
        assert_eq!(visits.pages_per_second(3.0).unwrap().get(), 90.0);
    }

    proptest! {
        #[test]
        fn a_printed_rate_reads_back_as_itself(thousandths in 0_u64..10_000_000_000) {
            let rate = WrittenRate { rate: Rate::per_second(thousandths as f64 / 1e3), unit: LoadUnit::Pages };
            let back: WrittenRate = rate.to_string().parse().unwrap();
            prop_assert!((back.rate.get() - rate.rate.get()).abs() < 1e-6);
        }
    }
}
