//! Splits "20pages/s" into a number and a unit, and says what is wrong with what cannot be split.
//! It knows no unit: each type brings its own.

use std::fmt;

/// Why a quantity could not be read, with the fix where one is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnitError {
    message: String,
    hint: Option<String>,
}

impl UnitError {
    /// An error that says what is wrong.
    pub fn new(message: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            hint: None,
        }
    }

    /// Adds the fix.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// What is wrong, as a lowercase fragment.
    pub fn message(&self) -> &str {
        &self.message
    }

    /// What to write instead, where that is known.
    pub fn fix(&self) -> Option<&str> {
        self.hint.as_deref()
    }
}

impl fmt::Display for UnitError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.message)?;
        if let Some(hint) = &self.hint {
            write!(formatter, " (hint: {hint})")?;
        }
        Ok(())
    }
}

impl std::error::Error for UnitError {}

/// The number at the head of `text` and the unit behind it, both trimmed. The number is finite.
pub(super) fn split(text: &str) -> Result<(f64, &str), UnitError> {
    let text = text.trim();
    let is_number = |c: char| c.is_ascii_digit() || matches!(c, '.' | '-' | '+' | '_');
    let end = text.find(|c: char| !is_number(c)).unwrap_or(text.len());
    let digits: String = text[..end].chars().filter(|c| *c != '_').collect();
    let number: f64 = digits
        .parse()
        .map_err(|_| UnitError::new(format!("`{text}` does not start with a number")))?;
    if !number.is_finite() {
        return Err(UnitError::new(format!("`{text}` is not a finite number")));
    }
    Ok((number, text[end..].trim()))
}

/// `value` with up to `decimals` decimals, without zeros at its end.
pub(super) fn trimmed(value: f64, decimals: usize) -> String {
    let text = format!("{value:.decimals$}");
    if text.contains('.') {
        text.trim_end_matches('0').trim_end_matches('.').to_owned()
    } else {
        text
    }
}
