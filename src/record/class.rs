//! The one vocabulary for how a request ended.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// How a request ended. Printed and parsed as the three-digit status or the word in the variant's doc.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Class {
    /// A whole answer with this status (100 to 999).
    Status(u16),
    /// `refused`: nobody listens, or the network says so at once.
    Refused,
    /// `reset`: the connection was reset (RST) before the answer was whole.
    Reset,
    /// `closed`: the connection was closed inside the head of the answer.
    Closed,
    /// `empty`: the connection was closed before the first byte of an answer.
    Empty,
    /// `cut`: the body ended before its announced end, whatever the status.
    Cut,
    /// `connect_timeout`: no connection in time.
    ConnectTimeout,
    /// `answer_timeout`: a connection, but no whole answer in time.
    AnswerTimeout,
    /// `tls`: the handshake failed or the certificate is not trusted.
    Tls,
    /// `dns`: the name has no address.
    Dns,
    /// `bad_answer`: bytes that are no HTTP.
    BadAnswer,
    /// `too_large`: head or body above the cap.
    TooLarge,
    /// `failed_check`: a whole answer that failed the scenario's own check.
    FailedCheck,
}

const WORDS: [(&str, Class); 12] = [
    ("refused", Class::Refused),
    ("reset", Class::Reset),
    ("closed", Class::Closed),
    ("empty", Class::Empty),
    ("cut", Class::Cut),
    ("connect_timeout", Class::ConnectTimeout),
    ("answer_timeout", Class::AnswerTimeout),
    ("tls", Class::Tls),
    ("dns", Class::Dns),
    ("bad_answer", Class::BadAnswer),
    ("too_large", Class::TooLarge),
    ("failed_check", Class::FailedCheck),
];

impl Class {
    /// The words of all classes that are no status.
    pub fn words() -> impl Iterator<Item = &'static str> {
        WORDS.iter().map(|(word, _)| *word)
    }

    /// Whether this is a whole answer below 400 that passed its checks.
    pub fn is_success(self) -> bool {
        matches!(self, Class::Status(status) if status < 400)
    }

    /// Whether something refused *us*: 401, 403 or 429. Neither good nor bad for the site.
    pub fn is_refusal_of_us(self) -> bool {
        matches!(self, Class::Status(401 | 403 | 429))
    }

    /// Whether no whole HTTP answer arrived at all.
    pub fn is_transport(self) -> bool {
        !matches!(self, Class::Status(_) | Class::FailedCheck)
    }
}

impl fmt::Display for Class {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Class::Status(status) = self {
            return write!(formatter, "{status:03}");
        }
        let word = WORDS
            .iter()
            .find(|(_, class)| class == self)
            .map_or("", |(word, _)| word);
        formatter.write_str(word)
    }
}

/// A text that names no class.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClassError(String);

impl fmt::Display for ClassError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            formatter,
            "`{}` is neither a status nor one of {}",
            self.0,
            Class::words().collect::<Vec<_>>().join(", ")
        )
    }
}

impl std::error::Error for ClassError {}

impl FromStr for Class {
    type Err = ClassError;

    fn from_str(text: &str) -> Result<Self, ClassError> {
        if let Some((_, class)) = WORDS.iter().find(|(word, _)| *word == text) {
            return Ok(*class);
        }
        match text.parse::<u16>() {
            Ok(status @ 100..=999) if text.len() == 3 => Ok(Class::Status(status)),
            _ => Err(ClassError(text.to_owned())),
        }
    }
}

impl Serialize for Class {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Class {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<str>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

impl schemars::JsonSchema for Class {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Class".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        let pattern = format!(
            "^([1-9][0-9]{{2}}|{})$",
            Class::words().collect::<Vec<_>>().join("|")
        );
        schemars::json_schema!({
            "type": "string",
            "description": "How a request ended: a three-digit status or a word",
            "pattern": pattern,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_class_prints_as_it_parses() {
        let statuses = [200, 404, 502, 599, 999].map(Class::Status);
        for class in WORDS.iter().map(|(_, class)| *class).chain(statuses) {
            assert_eq!(class.to_string().parse::<Class>().unwrap(), class);
        }
        for bad in ["99", "1000", "5o2", "", "Refused"] {
            assert!(bad.parse::<Class>().is_err(), "{bad}");
        }
    }
}
