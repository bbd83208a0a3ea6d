//! The two languages, and how each writes numbers.

use std::fmt;
use std::str::FromStr;

/// A language of a report.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Language {
    /// English: 1,234.5 and 3.5%.
    #[default]
    English,
    /// German: 1.234,5 and 3,5 %.
    German,
}

/// Keeps a number and its unit on one line.
const NO_BREAK: &str = "\u{a0}";

impl Language {
    /// Both.
    pub const ALL: [Language; 2] = [Language::English, Language::German];

    /// The tag of BCP 47: `en` or `de`.
    pub const fn tag(self) -> &'static str {
        match self {
            Language::English => "en",
            Language::German => "de",
        }
    }

    /// Its own name for itself.
    pub const fn name(self) -> &'static str {
        match self {
            Language::English => "English",
            Language::German => "Deutsch",
        }
    }

    /// A number with exactly `decimals` decimals and its thousands apart.
    pub fn number(self, value: f64, decimals: usize) -> String {
        let (point, comma) = match self {
            Language::English => ('.', ','),
            Language::German => (',', '.'),
        };
        let text = format!("{:.decimals$}", value.abs());
        let (whole, part) = text.split_once('.').unwrap_or((&text, ""));
        let mut written = String::new();
        let is_zero = text.bytes().all(|b| matches!(b, b'0' | b'.'));
        if value < 0.0 && !is_zero {
            written.push('\u{2212}');
        }
        for (at, digit) in whole.chars().enumerate() {
            if at > 0 && (whole.len() - at) % 3 == 0 {
                written.push(comma);
            }
            written.push(digit);
        }
        if !part.is_empty() {
            written.push(point);
            written.push_str(part);
        }
        written
    }

    /// A count.
    pub fn count(self, count: u64) -> String {
        self.number(count as f64, 0)
    }

    /// A quantity with about three digits that count: 0.43, 5.2, 17.4, 174, 1,740; zeros at the end left out.
    pub fn quantity(self, value: f64) -> String {
        let decimals = match value.abs() {
            size if size >= 99.95 => 0,
            size if size >= 9.995 => 1,
            _ => 2,
        };
        self.trimmed(value, decimals)
    }

    fn trimmed(self, value: f64, decimals: usize) -> String {
        let scale = 10_f64.powi(i32::try_from(decimals).unwrap_or(0));
        let rounded = (value * scale).round() / scale;
        let needed = (0..decimals)
            .find(|fewer| {
                let scale = 10_f64.powi(i32::try_from(*fewer).unwrap_or(0));
                ((rounded * scale).round() / scale - rounded).abs() < 1e-9
            })
            .unwrap_or(decimals);
        self.number(rounded, needed)
    }

    /// A share as a percentage: 0.05%, 1.2%, 25%; what is more than nothing never reads as nothing.
    pub fn percent(self, share: f64) -> String {
        let percent = share * 100.0;
        let number = match percent {
            p if p > 0.0 && p < 0.01 => format!("<{NO_BREAK}{}", self.number(0.01, 2)),
            p if p < 1.0 => self.trimmed(p, 2),
            p if p < 10.0 => self.trimmed(p, 1),
            p if p > 99.0 && p < 100.0 => self.trimmed((p * 10.0).floor() / 10.0, 1),
            p => self.trimmed(p, 0),
        };
        match self {
            Language::English => format!("{number}%"),
            Language::German => format!("{number}{NO_BREAK}%"),
        }
    }

    /// Milliseconds, as seconds from ten thousand on.
    pub fn milliseconds(self, value: f64) -> String {
        if value >= 9_999.5 {
            format!("{}{NO_BREAK}s", self.quantity(value / 1e3))
        } else {
            format!("{}{NO_BREAK}ms", self.quantity(value))
        }
    }

    /// Seconds, as minutes from two minutes on.
    pub fn seconds(self, value: f64) -> String {
        if value >= 120.0 {
            format!("{}{NO_BREAK}min", self.trimmed(value / 60.0, 1))
        } else {
            format!("{}{NO_BREAK}s", self.quantity(value))
        }
    }

    /// Bytes, in MiB.
    pub fn mebibytes(self, bytes: u64) -> String {
        format!(
            "{}{NO_BREAK}MiB",
            self.quantity(bytes as f64 / f64::from(1_u32 << 20))
        )
    }
}

impl fmt::Display for Language {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.tag())
    }
}

/// A text that names no language of a report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LanguageError(String);

impl LanguageError {
    /// What to write instead.
    pub const fn hint(&self) -> &'static str {
        "the languages of a report are `en` and `de`"
    }
}

impl fmt::Display for LanguageError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "`{}` is no language of a report", self.0)
    }
}

impl std::error::Error for LanguageError {}

impl FromStr for Language {
    type Err = LanguageError;

    fn from_str(text: &str) -> Result<Self, LanguageError> {
        Language::ALL
            .into_iter()
            .find(|language| language.tag() == text)
            .ok_or_else(|| LanguageError(text.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_language_writes_numbers_its_own_way() {
        let (english, german) = (Language::English, Language::German);
        assert_eq!(english.number(1_234_567.891, 1), "1,234,567.9");
        assert_eq!(german.number(1_234_567.891, 1), "1.234.567,9");
        assert_eq!(german.percent(0.0125), "1,3\u{a0}%");
        assert_eq!(english.percent(0.25), "25%");
        assert_eq!(english.number(-0.001, 1), "0.0");
    }

    #[test]
    fn a_quantity_has_about_three_digits_and_no_zeros_at_its_end() {
        for (value, text) in [
            (0.4321, "0.43"),
            (1.0, "1"),
            (17.35, "17.4"),
            (99.99, "100"),
            (174.4, "174"),
            (0.0, "0"),
            (8.5, "8.5"),
        ] {
            assert_eq!(Language::English.quantity(value), text, "{value}");
        }
    }

    #[test]
    fn a_share_near_an_end_is_never_written_as_that_end() {
        assert_eq!(Language::English.percent(0.000_01), "<\u{a0}0.01%");
        assert_eq!(Language::English.percent(0.999_99), "99.9%");
        assert_eq!(Language::English.percent(1.0), "100%");
        assert_eq!(Language::English.percent(0.0), "0%");
    }

    #[test]
    fn a_language_prints_as_it_is_read() {
        for language in Language::ALL {
            assert_eq!(language.to_string().parse::<Language>().unwrap(), language);
        }
        assert!("fr".parse::<Language>().is_err());
    }
}
