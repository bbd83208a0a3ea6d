//! What the long look found: each thing with its weight, where, and what mends it. It knows nothing of how it was found.

use std::net::IpAddr;

use serde::Serialize;

use crate::words::printable;

/// How much a finding weighs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Weight {
    /// As it should be.
    Ok,
    /// A load can be played; this will matter in it, or for visitors.
    Warning,
    /// The site, or the way to it, is broken before any load.
    Error,
}

/// What a finding is about, in the order in which a connection meets it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Area {
    /// Names and their addresses.
    Dns,
    /// Whether an address takes connections.
    Tcp,
    /// Handshakes and certificates.
    Tls,
    /// Answers.
    Http,
    /// What stands between visitors and the origin.
    Edge,
    /// The origin behind it.
    Origin,
    /// The scenario's own visits.
    Journey,
}

impl Area {
    /// How it is called on a terminal.
    pub const fn title(self) -> &'static str {
        match self {
            Area::Dns => "DNS",
            Area::Tcp => "TCP",
            Area::Tls => "TLS",
            Area::Http => "HTTP",
            Area::Edge => "edge",
            Area::Origin => "origin",
            Area::Journey => "visit",
        }
    }
}

/// One thing that was found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// What it is about.
    pub area: Area,
    /// How much it weighs.
    pub level: Weight,
    /// At which address, where it is about one.
    pub address: Option<IpAddr>,
    /// What was seen, in words, without control characters.
    pub text: String,
    /// What mends it; nothing where all is well.
    pub remedy: Option<String>,
}

impl Finding {
    /// All is well.
    pub fn ok(area: Area, text: impl AsRef<str>) -> Self {
        Self::new(area, Weight::Ok, text.as_ref(), None)
    }

    /// Something that will matter, and what mends it.
    pub fn warning(area: Area, text: impl AsRef<str>, remedy: impl Into<String>) -> Self {
        Self::new(area, Weight::Warning, text.as_ref(), Some(remedy.into()))
    }

    /// Something that is broken, and what mends it.
    pub fn error(area: Area, text: impl AsRef<str>, remedy: impl Into<String>) -> Self {
        Self::new(area, Weight::Error, text.as_ref(), Some(remedy.into()))
    }

    /// The same, about one address.
    #[must_use]
    pub fn at(mut self, address: IpAddr) -> Self {
        self.address = Some(address);
        self
    }

    /// What a site says about itself goes to a terminal: without the characters that move its cursor.
    fn new(area: Area, level: Weight, text: &str, remedy: Option<String>) -> Self {
        Self {
            area,
            level,
            address: None,
            text: printable(text),
            remedy: remedy.map(|remedy| printable(&remedy)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_a_site_says_moves_a_cursor() {
        let finding = Finding::warning(Area::Http, "Server: ng\u{1b}[2Jinx", "ask \u{202e}them");
        assert_eq!(finding.text, "Server: ng[2Jinx");
        assert_eq!(finding.remedy.as_deref(), Some("ask them"));
    }

    #[test]
    fn an_error_weighs_more_than_a_warning() {
        assert!(Weight::Error > Weight::Warning && Weight::Warning > Weight::Ok);
    }
}
