//! A reason: pieces with numbers, put into words in whichever language is asked for.

use crate::words::{Language, ReasonText};

/// A number, or a foreign text, in a reason.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// A load or a factor.
    Quantity(f64),
    /// How many.
    Count(u64),
    /// A part of a whole, 0 to 1.
    Share(f64),
    /// A length of time in seconds.
    Seconds(f64),
    /// A latency in microseconds.
    Micros(f64),
    /// A text that is the same in every language.
    Text(String),
}

impl Value {
    fn in_words(&self, language: Language) -> String {
        match self {
            Value::Quantity(value) => language.quantity(*value),
            Value::Count(count) => language.count(*count),
            Value::Share(share) => language.percent(*share),
            Value::Seconds(seconds) => language.seconds(*seconds),
            Value::Micros(micros) => language.milliseconds(micros / 1e3),
            Value::Text(text) => text.clone(),
        }
    }
}

/// One piece of a reason: its text, and the values of its places.
type Piece = (ReasonText, Vec<(&'static str, Value)>);

/// Why something was judged as it was.
#[derive(Debug, Clone, PartialEq)]
pub struct Reason(Vec<Piece>);

impl Reason {
    /// A reason of one piece.
    pub fn of(text: ReasonText) -> Self {
        Self(vec![(text, Vec::new())])
    }

    /// A value for a place of the latest piece.
    #[must_use]
    pub fn with(mut self, place: &'static str, value: Value) -> Self {
        if let Some((_, places)) = self.0.last_mut() {
            places.push((place, value));
        }
        self
    }

    /// The pieces of `other` after those of this one.
    #[must_use]
    pub fn and(mut self, other: Reason) -> Self {
        self.0.extend(other.0);
        self
    }

    /// The reason in words.
    pub fn in_words(&self, language: Language) -> String {
        let piece = |(text, places): &Piece| {
            let places: Vec<(&str, String)> = places
                .iter()
                .map(|(place, value)| (*place, value.in_words(language)))
                .collect();
            let places: Vec<(&str, &str)> = places
                .iter()
                .map(|(place, value)| (*place, value.as_str()))
                .collect();
            text.fill(language, &places)
        };
        self.0.iter().map(piece).collect::<Vec<_>>().join(", ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reason_is_said_in_both_languages_with_their_own_numbers() {
        let reason = Reason::of(ReasonText::Failures)
            .with("part", Value::Count(12))
            .with("count", Value::Count(1_900))
            .with("low", Value::Share(0.0036))
            .with("high", Value::Share(0.011))
            .and(Reason::of(ReasonText::AtLoad).with("rate", Value::Quantity(20.5)));
        assert_eq!(
            reason.in_words(Language::English),
            "12 of 1,900 requests failed (0.36% to 1.1%), at 20.5 pages/s"
        );
        assert_eq!(
            reason.in_words(Language::German),
            "12 von 1.900 Anfragen scheiterten (0,36\u{a0}% bis 1,1\u{a0}%), bei 20,5 Seiten/s"
        );
    }
}
