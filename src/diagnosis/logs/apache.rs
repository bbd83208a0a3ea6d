//! The error log of Apache: `[DATE] [module:level] [pid …] (errno)TEXT: [client …] AHnnnnn: MESSAGE`.

use super::super::cause::{Cause, CauseSet};
use super::super::product::Product;
use super::stamp::Stamp;
use super::{Outcome, Says, after, applications, has, has_any, leading_number, of_connect, tls};

/// What a numbered message says.
enum Meaning {
    /// This, whatever else stands there.
    Is(Cause),
    /// A connection could not be made: the error number says why.
    Connecting,
    /// Reading the head of the answer failed.
    Reading,
    /// It follows a line that said why.
    Follows,
    /// The text after the number says it.
    Text,
}

use Meaning::{Connecting, Follows, Is, Reading, Text};

/// Numbers of messages (`AHnnnnn`), and what they say.
const MESSAGES: [(u32, Meaning); 38] = [
    (957, Connecting),
    (2454, Connecting),
    (1114, Follows),
    (1079, Follows),
    (959, Is(Cause::NoLiveBackend)),
    (940, Is(Cause::NoLiveBackend)),
    (1170, Is(Cause::NoLiveBackend)),
    (1167, Is(Cause::NoLiveBackend)),
    (941, Is(Cause::QueueFull)),
    (1102, Reading),
    (1075, Reading),
    (1030, Reading),
    (992, Reading),
    (878, Reading),
    (1110, Is(Cause::AnswerCut)),
    (10404, Follows),
    (1106, Is(Cause::BadAnswer)),
    (2429, Is(Cause::BadAnswer)),
    (1068, Is(Cause::BadAnswer)),
    (10124, Is(Cause::HeaderTooBig)),
    // Apache parses a script's header in a buffer of 8 kB: what is larger it cannot parse.
    (1070, Is(Cause::HeaderTooBig)),
    (1067, Follows),
    (1084, Follows),
    (1097, Follows),
    (893, Follows),
    (898, Text),
    (1071, Text),
    (1215, Text),
    (2039, Text),
    (2003, Text),
    (2411, Is(Cause::TlsName)),
    (2268, Is(Cause::TlsClientCertificate)),
    (484, Is(Cause::GatewayExhausted)),
    (10159, Is(Cause::GatewayExhausted)),
    (485, Is(Cause::GatewayExhausted)),
    (1630, Is(Cause::Denied)),
    (1797, Is(Cause::Denied)),
    (52, Is(Cause::WorkerKilled)),
];

/// What a line of the error log says.
pub(super) fn error(line: &[u8], at: Option<Stamp>) -> Outcome {
    let Some(module) = after(line, "] [") else {
        return Outcome::Foreign;
    };
    let why = |cause| Outcome::why(Product::Apache, cause, at);
    let Some(text) = after(module, "] ") else {
        return Outcome::Foreign;
    };
    if has_any(
        text,
        &[
            "(24)Too many open files",
            "(99)Cannot assign",
            "(12)Cannot allocate",
        ],
    ) {
        return why(Cause::GatewayExhausted);
    }
    let errno = errno(text);
    let Some(number) = number(text) else {
        return unnumbered(text, at);
    };
    match MESSAGES
        .iter()
        .find(|(known, _)| *known == number)
        .map(|(_, meaning)| meaning)
    {
        Some(Is(cause)) => why(*cause),
        Some(Follows) => Outcome::Silent,
        Some(Connecting) => why(match errno {
            Some(70007) => Cause::ConnectTimeout,
            Some(errno) => of_connect(errno),
            None => Cause::Unknown,
        }),
        // An invalid argument is the header that AH01070 could not parse.
        Some(Reading) if errno == Some(22) => Outcome::Silent,
        Some(Reading) => why(match errno {
            Some(70007 | 110 | 11) => Cause::BackendSlow,
            _ if has(text, "(polling)") => Cause::BackendSlow,
            _ => Cause::BackendClosed,
        }),
        Some(Text) => spoken(number, text, at),
        None => {
            let failed = module.starts_with(b"proxy") && has(&module[..module.len().min(30)], ":error]");
            if failed {
                why(Cause::Unknown)
            } else {
                Outcome::Silent
            }
        }
    }
}

/// Messages whose number leaves the reason to their text.
fn spoken(number: u32, text: &[u8], at: Option<Stamp>) -> Outcome {
    let why = |cause| Outcome::why(Product::Apache, cause, at);
    match number {
        898 if has(text, "DNS lookup failure") => why(Cause::Dns),
        // A line of mod_ssl before it may say why.
        898 if has(text, "SSL Handshake") => Outcome::said(
            Product::Apache,
            Cause::TlsHandshake,
            Says::Hint(CauseSet::TLS),
            at,
        ),
        898 if has_any(text, &["Error reading from remote server", "Timeout"]) => Outcome::Silent,
        898 if has_any(text, &["status line", "Bad Gateway", "Invalid", "Corrupt"]) => why(Cause::BadAnswer),
        898 => why(Cause::Unknown),
        2039 => why(tls::why(text)),
        2003 => Outcome::said(Product::Apache, tls::why(text), Says::Hint(CauseSet::TLS), at),
        _ => applications::php(text).map_or(Outcome::Silent, why),
    }
}

fn unnumbered(text: &[u8], at: Option<Stamp>) -> Outcome {
    let why = |cause| Outcome::why(Product::Apache, cause, at);
    if has(text, "ModSecurity: Access denied") {
        why(Cause::Denied)
    } else if has(text, "mod_qos") && has(text, "access denied") || has(text, "client denied by mod_evasive")
    {
        why(Cause::RateLimited)
    } else if has(text, "SSL Library Error") {
        Outcome::said(Product::Apache, tls::why(text), Says::Hint(CauseSet::TLS), at)
    } else if has(text, "exit signal") {
        why(Cause::WorkerKilled)
    } else {
        Outcome::Silent
    }
}

/// The number in `(111)Connection refused: …`, where the text after the process begins so.
fn errno(text: &[u8]) -> Option<u32> {
    let text = match text.strip_prefix(b"[pid") {
        Some(process) => after(process, "] ")?,
        None => text,
    };
    leading_number(text.strip_prefix(b"(")?)
}

/// The number of the first `AHnnnnn:`.
fn number(text: &[u8]) -> Option<u32> {
    memchr::memmem::find_iter(text, b"AH").find_map(|at| {
        let digits = text.get(at + 2..at + 7)?;
        let known = digits.iter().all(u8::is_ascii_digit) && text.get(at + 7) == Some(&b':');
        known.then(|| leading_number(digits)).flatten()
    })
}
