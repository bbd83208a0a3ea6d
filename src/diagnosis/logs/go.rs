//! What servers written in Go say when a backend fails: Caddy, Traefik and their kin share the library's words.

use super::super::cause::Cause;
use super::{has, has_any, tls};

/// The cause that `text` names, where it names one.
pub(super) fn why(text: &[u8]) -> Option<Cause> {
    let text = &text[..text.len().min(4096)];
    let is = |words: &[&str]| has_any(text, words);
    Some(
        if is(&[
            "too many open files",
            "cannot assign requested address",
            "no buffer space",
        ]) {
            Cause::GatewayExhausted
        } else if has(text, "lookup ")
            && is(&[
                "no such host",
                "server misbehaving",
                "i/o timeout",
                "no answer",
                "failure in name",
            ])
        {
            Cause::Dns
        } else if is(&["x509: ", "tls: ", "TLS handshake", "HTTP response to HTTPS"]) {
            tls::why(text)
        } else if has(text, "dial ") {
            dialling(text)
        } else if is(&["context canceled", "client disconnected", "request canceled"]) {
            Cause::ClientGone
        } else if is(&[
            "no upstreams available",
            "no available server",
            "no servers available",
        ]) {
            Cause::NoLiveBackend
        } else if is(&[
            "response headers exceeded",
            "header too large",
            "headers too large",
            "header list too",
        ]) {
            Cause::HeaderTooBig
        } else if is(&[
            "timeout awaiting response headers",
            "deadline exceeded",
            "i/o timeout",
            "timed out",
        ]) {
            Cause::BackendSlow
        } else if is(&[
            "malformed",
            "invalid header",
            "invalid byte in chunk",
            "unsolicited response",
        ]) {
            Cause::BadAnswer
        } else if is(&[
            "connection reset by peer",
            "broken pipe",
            "EOF",
            "server closed idle connection",
            "connection closed",
        ]) {
            Cause::BackendClosed
        } else if has(text, "transport connection broken") {
            Cause::BadAnswer
        } else if has(text, "connection refused") {
            Cause::BackendRefused
        } else {
            return None;
        },
    )
}

fn dialling(text: &[u8]) -> Cause {
    let is = |words: &[&str]| has_any(text, words);
    if is(&["connection refused", "no such file", "permission denied"]) {
        Cause::BackendRefused
    } else if is(&["no route to host", "is unreachable", "host is down"]) {
        Cause::BackendUnreachable
    } else if is(&["i/o timeout", "timed out", "deadline exceeded"]) {
        Cause::ConnectTimeout
    } else if has(text, "temporarily unavailable") {
        Cause::QueueFull
    } else if has(text, "operation was canceled") {
        Cause::ClientGone
    } else {
        Cause::Unknown
    }
}
