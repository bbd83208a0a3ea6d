//! How many bytes: with their unit.

use std::fmt;
use std::str::FromStr;

use super::quantity::{UnitError, split};

/// A number of bytes, up to 1 TiB: `512B`, `64KiB`, `16MiB`, `2MB`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Size(u64);

const UNITS: [(&str, u64); 8] = [
    ("B", 1),
    ("kB", 1_000),
    ("KB", 1_000),
    ("MB", 1_000_000),
    ("GB", 1_000_000_000),
    ("KiB", 1 << 10),
    ("MiB", 1 << 20),
    ("GiB", 1 << 30),
];

impl Size {
    /// `bytes` bytes.
    pub const fn new(bytes: u64) -> Self {
        Self(bytes)
    }

    /// How many bytes.
    pub const fn bytes(self) -> u64 {
        self.0
    }
}

impl FromStr for Size {
    type Err = UnitError;

    fn from_str(text: &str) -> Result<Self, UnitError> {
        let (number, unit) = split(text)?;
        let Some((_, factor)) = UNITS.iter().find(|(known, _)| *known == unit) else {
            let message = match unit {
                "" => format!("`{text}` has no unit"),
                other => format!("`{other}` is no unit of bytes"),
            };
            return Err(UnitError::new(message).hint("write `64KiB`, `16MiB` or `2MB`"));
        };
        let bytes = number * *factor as f64;
        if !(0.0..=(1_u64 << 40) as f64).contains(&bytes) || bytes.fract() != 0.0 {
            return Err(UnitError::new(format!(
                "`{text}` is no whole number of bytes up to 1024GiB"
            )));
        }
        Ok(Self(bytes as u64))
    }
}

impl fmt::Display for Size {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (unit, bytes) in [("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10)] {
            if self.0 > 0 && self.0.is_multiple_of(bytes) {
                return write!(formatter, "{}{unit}", self.0 / bytes);
            }
        }
        write!(formatter, "{}B", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_size_has_its_unit() {
        for (text, bytes) in [
            ("512B", 512),
            ("64KiB", 65_536),
            ("1.5MiB", 1_572_864),
            ("2 MB", 2_000_000),
        ] {
            assert_eq!(text.parse::<Size>().unwrap().bytes(), bytes);
        }
        for bad in ["64", "64k", "-1B", "0.5B", "1e9GiB", "9999GiB", "B"] {
            assert!(bad.parse::<Size>().is_err(), "{bad}");
        }
    }

    proptest! {
        #[test]
        fn a_printed_size_reads_back_as_itself(bytes in 0_u64..=1 << 40) {
            prop_assert_eq!(Size::new(bytes).to_string().parse::<Size>().unwrap(), Size::new(bytes));
        }
    }
}
