//! Why a handshake with a backend failed, from the words of OpenSSL, BoringSSL and Go.

use super::super::cause::Cause;

/// Words, lower case and with spaces, and what they stand for; the first that is found counts.
const WORDS: [(Cause, &[&str]); 6] = [
    (
        Cause::TlsName,
        &[
            "does not match",
            "san matcher",
            "different from the expected",
            "unrecognized name",
            "hostname mismatch",
            "certificate is valid for",
            "not valid for any names",
            "cannot validate certificate",
            "name mismatch",
        ],
    ),
    (
        Cause::TlsExpired,
        &["has expired", "not yet valid", "certificate expired"],
    ),
    (
        Cause::TlsPlainPort,
        &[
            "wrong version number",
            "does not look like a tls handshake",
            "gave http response to https",
            "http request",
        ],
    ),
    (
        Cause::TlsVersion,
        &[
            "protocol version",
            "unsupported protocol",
            "no protocols available",
            "version too low",
        ],
    ),
    (
        Cause::TlsClientCertificate,
        &[
            "certificate required",
            "bad certificate",
            "handshake failure",
            "no client certificate",
        ],
    ),
    (
        Cause::TlsUntrusted,
        &[
            "self-signed",
            "self signed",
            "unable to get",
            "unknown ca",
            "unknown authority",
            "not trusted",
            "unable to verify",
            "verify failed",
            "verify error",
            "verification error",
            "certificate unknown",
        ],
    ),
];

/// The cause that `text` names; a failed handshake where it names none.
pub(super) fn why(text: &[u8]) -> Cause {
    let plain: Vec<u8> = text
        .iter()
        .take(4096)
        .map(|byte| {
            if *byte == b'_' {
                b' '
            } else {
                byte.to_ascii_lowercase()
            }
        })
        .collect();
    WORDS
        .iter()
        .find(|(_, words)| super::has_any(&plain, words))
        .map_or(Cause::TlsHandshake, |(cause, _)| *cause)
}
