//! Parts of a whole: a share of requests, and a quantile of a distribution.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::quantity::{UnitError, split, trimmed};

/// A part of a whole, 0 to 1.
#[derive(Debug, Clone, Copy, Default, PartialEq, PartialOrd, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Share(f64);

impl Share {
    /// Nothing of it.
    pub const ZERO: Share = Share(0.0);

    /// The share `fraction`, brought into 0 to 1; not-a-number counts as zero.
    pub fn new(fraction: f64) -> Self {
        if fraction.is_nan() {
            Self::ZERO
        } else {
            Self(fraction.clamp(0.0, 1.0))
        }
    }

    /// `part` of `whole`; zero where the whole is empty.
    pub fn of(part: u64, whole: u64) -> Self {
        if whole == 0 {
            Self::ZERO
        } else {
            Self::new(part as f64 / whole as f64)
        }
    }

    /// The share as a fraction, 0 to 1.
    pub const fn get(self) -> f64 {
        self.0
    }
}

impl FromStr for Share {
    type Err = UnitError;

    fn from_str(text: &str) -> Result<Self, UnitError> {
        let (number, unit) = split(text)?;
        match unit {
            "%" if (0.0..=100.0).contains(&number) => Ok(Self(number / 100.0)),
            "%" => Err(UnitError::new(format!("`{text}` is not between 0 % and 100 %"))),
            "" => Err(UnitError::new(format!("`{text}` has no unit")).hint(format!(
                "write `{}%`",
                trimmed(
                    if number.abs() < 1.0 {
                        number * 100.0
                    } else {
                        number
                    },
                    6
                )
            ))),
            other => Err(UnitError::new(format!("`{other}` is no unit of a share"))
                .hint("write a percentage, as in `1%`")),
        }
    }
}

impl fmt::Display for Share {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}%", trimmed(self.0 * 100.0, 9))
    }
}

/// A quantile of a distribution, 0 to 1: `p95` is 0.95, `p999` is 0.999.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd)]
pub struct Quantile(f64);

impl Quantile {
    /// The median.
    pub const MEDIAN: Quantile = Quantile(0.5);

    /// The quantile at `fraction`, brought into 0 to 1.
    pub fn new(fraction: f64) -> Self {
        Self(Share::new(fraction).get())
    }

    /// The quantile as a fraction.
    pub const fn get(self) -> f64 {
        self.0
    }
}

impl FromStr for Quantile {
    type Err = UnitError;

    fn from_str(text: &str) -> Result<Self, UnitError> {
        let wrong =
            || UnitError::new(format!("`{text}` is no quantile")).hint("write `p50`, `p95`, `p99` or `p999`");
        let digits = text.strip_prefix('p').ok_or_else(wrong)?;
        if digits.is_empty() || digits.len() > 6 || !digits.bytes().all(|b| b.is_ascii_digit()) {
            return Err(wrong());
        }
        format!("0.{digits}").parse().map(Self).map_err(|_| wrong())
    }
}

impl fmt::Display for Quantile {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digits = trimmed(self.0, 6);
        let digits = digits.trim_start_matches("0.");
        write!(formatter, "p{digits:0<2}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_share_needs_its_percent_sign() {
        assert_eq!("3.5%".parse::<Share>().unwrap(), Share::new(0.035));
        assert!(
            "0.01"
                .parse::<Share>()
                .unwrap_err()
                .fix()
                .unwrap()
                .contains("`1%`")
        );
        for bad in ["101%", "-1%", "1‰", ""] {
            assert!(bad.parse::<Share>().is_err(), "{bad}");
        }
    }

    #[test]
    fn quantiles_print_as_they_are_written() {
        for text in ["p50", "p90", "p95", "p99", "p999"] {
            assert_eq!(text.parse::<Quantile>().unwrap().to_string(), text);
        }
        assert!("95".parse::<Quantile>().is_err());
        assert!("p".parse::<Quantile>().is_err());
    }

    proptest! {
        #[test]
        fn a_printed_share_reads_back_as_itself(millionths in 0_u32..=1_000_000) {
            let share = Share::new(f64::from(millionths) / 1e6);
            prop_assert!((share.to_string().parse::<Share>().unwrap().get() - share.get()).abs() < 1e-12);
        }
    }
}
