//! What the classes of answers are called.

use super::{Language, texts};
use crate::record::Class;

texts! {
    /// How a request ended below HTTP, as a noun.
    Ended {
        Refused: "refused connections", "abgelehnten Verbindungen";
        Reset: "reset connections", "zurückgesetzten Verbindungen";
        Closed: "connections closed early", "vorzeitig geschlossenen Verbindungen";
        Empty: "empty replies", "leeren Antworten";
        Cut: "answers cut short", "abgebrochenen Antworten";
        ConnectTimeout: "connections that timed out", "Zeitüberschreitungen beim Verbinden";
        AnswerTimeout: "answers that timed out", "Zeitüberschreitungen beim Antworten";
        Tls: "failed TLS handshakes", "gescheiterten TLS-Handshakes";
        Dns: "names without an address", "Namen ohne Adresse";
        BadAnswer: "answers that are no HTTP", "Antworten, die kein HTTP sind";
        TooLarge: "answers above the size cap", "zu großen Antworten";
        FailedCheck: "answers that failed a check", "Antworten, die eine Prüfung nicht bestanden";
    }
}

/// The reason phrases that visitors get to see (RFC 9110, section 15; Cloudflare's 52x).
const fn reason(status: u16) -> &'static str {
    match status {
        200 => "OK",
        401 => "Unauthorized",
        403 => "Forbidden",
        404 => "Not Found",
        429 => "Too Many Requests",
        500 => "Internal Server Error",
        502 => "Bad Gateway",
        503 => "Service Unavailable",
        504 => "Gateway Timeout",
        520 => "Unknown Error",
        521 => "Web Server Is Down",
        522 => "Connection Timed Out",
        523 => "Origin Is Unreachable",
        524 => "A Timeout Occurred",
        _ => "",
    }
}

/// The name of a class as it stands after “with”: `502 Bad Gateway`, `refused connections`.
pub fn class_name(class: Class, language: Language) -> String {
    let ended = match class {
        Class::Status(status) => return format!("{status:03} {}", reason(status)).trim_end().to_owned(),
        Class::Refused => Ended::Refused,
        Class::Reset => Ended::Reset,
        Class::Closed => Ended::Closed,
        Class::Empty => Ended::Empty,
        Class::Cut => Ended::Cut,
        Class::ConnectTimeout => Ended::ConnectTimeout,
        Class::AnswerTimeout => Ended::AnswerTimeout,
        Class::Tls => Ended::Tls,
        Class::Dns => Ended::Dns,
        Class::BadAnswer => Ended::BadAnswer,
        Class::TooLarge => Ended::TooLarge,
        Class::FailedCheck => Ended::FailedCheck,
    };
    ended.text(language).to_owned()
}
