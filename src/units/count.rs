//! How many: bare, or with k or M.

use std::fmt;
use std::str::FromStr;

use super::quantity::{UnitError, split};

/// A whole number of things, up to 10¹⁵: `500`, `180k`, `1.5M`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Count(u64);

impl Count {
    /// `number` things.
    pub const fn new(number: u64) -> Self {
        Self(number)
    }

    /// How many.
    pub const fn get(self) -> u64 {
        self.0
    }
}

impl FromStr for Count {
    type Err = UnitError;

    fn from_str(text: &str) -> Result<Self, UnitError> {
        let (number, unit) = split(text)?;
        let factor = match unit {
            "" => 1.0,
            "k" => 1e3,
            "M" => 1e6,
            other => {
                return Err(UnitError::new(format!("`{other}` is no unit of a count"))
                    .hint("write `180000`, `180k` or `1.5M`"));
            }
        };
        let value = number * factor;
        if !(0.0..=1e15).contains(&value) || (value - value.round()).abs() > 1e-6 + 4.0 * f64::EPSILON * value
        {
            return Err(UnitError::new(format!("`{text}` is no whole number of things")));
        }
        Ok(Self(value.round() as u64))
    }
}

impl fmt::Display for Count {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            n if n >= 1_000_000 && n.is_multiple_of(100_000) => write!(formatter, "{}M", n as f64 / 1e6),
            n if n >= 1_000 && n.is_multiple_of(100) => write!(formatter, "{}k", n as f64 / 1e3),
            n => write!(formatter, "{n}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn counts_are_whole() {
        assert_eq!("180k".parse::<Count>().unwrap().get(), 180_000);
        assert_eq!("537725201.2k".parse::<Count>().unwrap().get(), 537_725_201_200);
        assert_eq!("1.5M".parse::<Count>().unwrap().get(), 1_500_000);
        for bad in ["1.5", "-3", "3 dozen", "1e30"] {
            assert!(bad.parse::<Count>().is_err(), "{bad}");
        }
    }

    proptest! {
        #[test]
        fn a_printed_count_reads_back_as_itself(number in 0_u64..1_000_000_000_000) {
            prop_assert_eq!(Count::new(number).to_string().parse::<Count>().unwrap(), Count::new(number));
        }
    }
}
