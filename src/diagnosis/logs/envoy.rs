//! Envoy's access log: `[TIME] "REQUEST" STATUS FLAGS …`, and more where the details are logged.

use super::super::cause::{Cause, CauseSet};
use super::super::product::Product;
use super::access;
use super::stamp::Stamp;
use super::{Outcome, Says, after, before, has, has_any, tls};

/// What each flag says. `UF` and `UPE` need a second look.
const FLAGS: [(&str, Cause); 24] = [
    ("UH", Cause::NoLiveBackend),
    ("LH", Cause::NoLiveBackend),
    ("UO", Cause::QueueFull),
    ("OM", Cause::GatewayExhausted),
    ("NR", Cause::NoRoute),
    ("NC", Cause::NoRoute),
    ("DF", Cause::Dns),
    ("UT", Cause::BackendSlow),
    ("UMSDR", Cause::BackendSlow),
    ("DT", Cause::BackendSlow),
    ("SI", Cause::AnswerCut),
    ("UC", Cause::BackendClosed),
    ("UR", Cause::BackendClosed),
    ("LR", Cause::BackendClosed),
    ("UPE", Cause::BadAnswer),
    ("RL", Cause::RateLimited),
    ("RLSE", Cause::RateLimited),
    ("UAEX", Cause::Denied),
    ("DC", Cause::ClientGone),
    ("DR", Cause::ClientGone),
    ("DPE", Cause::ClientError),
    ("IH", Cause::ClientError),
    ("FI", Cause::Denied),
    ("UF", Cause::BackendRefused),
];

/// What `UF` can stand for.
const CONNECTING: CauseSet = CauseSet::of(&[
    Cause::BackendRefused,
    Cause::BackendUnreachable,
    Cause::ConnectTimeout,
    Cause::QueueFull,
    Cause::TlsName,
    Cause::TlsExpired,
    Cause::TlsUntrusted,
    Cause::TlsVersion,
    Cause::TlsClientCertificate,
    Cause::TlsPlainPort,
    Cause::TlsHandshake,
]);
/// Milliseconds from which a failed connection was waited for.
const WAITED: u64 = 250;

/// What a line of the access log says.
pub(super) fn access(line: &[u8], at: Option<Stamp>) -> Outcome {
    let Some((status, rest)) = access::status_of(line) else {
        return Outcome::Foreign;
    };
    let rest = rest.trim_ascii_start();
    let flags = before(rest, " ");
    of_flags(status, flags, rest, at)
}

/// What `status` and `flags` say, with the details that stand in `rest`.
pub(super) fn of_flags(status: u32, flags: &[u8], rest: &[u8], at: Option<Stamp>) -> Outcome {
    let said = |cause, says| Outcome::said(Product::Envoy, cause, says, at);
    if flags == b"-" {
        return said(access::of_passed_on(status), Says::Why);
    }
    if flags.is_empty()
        || !flags
            .iter()
            .all(|byte| byte.is_ascii_uppercase() || *byte == b',')
    {
        return Outcome::Foreign;
    }
    // `URX` says that all tries are used up, the flag beside it why.
    let known = flags.split(|byte| *byte == b',').find_map(|flag| {
        FLAGS
            .iter()
            .find(|(name, _)| name.as_bytes() == flag)
            .map(|(_, cause)| *cause)
    });
    match known {
        Some(Cause::BackendRefused) => connecting(rest, at),
        Some(Cause::BadAnswer) if status < 400 || has(rest, "after_response_started") => {
            said(Cause::AnswerCut, Says::Why)
        }
        Some(cause) => said(cause, Says::Why),
        None => access::of_status(Product::Envoy, status, at),
    }
}

fn connecting(rest: &[u8], at: Option<Stamp>) -> Outcome {
    let why = |cause| Outcome::why(Product::Envoy, cause, at);
    let is = |words: &[&str]| has_any(rest, words);
    if is(&["TLS_error", "TLS error", "CERTIFICATE_VERIFY"]) {
        why(tls::why(rest))
    } else if is(&[
        "onnection_refused",
        "onnection refused",
        "connect_error:_111",
        "immediate_connect_error:_2",
    ]) {
        why(Cause::BackendRefused)
    } else if is(&[
        "No_route_to_host",
        "No route to host",
        "is_unreachable",
        "connect_error:_113",
        "connect_error:_101",
    ]) {
        why(Cause::BackendUnreachable)
    } else if is(&["connection_timeout", "connection timeout"]) {
        why(Cause::ConnectTimeout)
    } else if is(&["Cannot_assign_requested", "Too_many_open_files"]) {
        why(Cause::GatewayExhausted)
    } else if has(rest, "{remote_connection_failure}") {
        // A refusal would name its error: the connection stood, and ended within the handshake.
        why(Cause::TlsHandshake)
    } else {
        let cause = match milliseconds(rest) {
            Some(waited) if waited >= WAITED => Cause::ConnectTimeout,
            _ => Cause::BackendRefused,
        };
        Outcome::said(Product::Envoy, cause, Says::Hint(CONNECTING), at)
    }
}

/// The duration of the default format: `FLAGS received sent DURATION …`.
fn milliseconds(rest: &[u8]) -> Option<u64> {
    let mut words = after(rest, " ")?.split(|byte| *byte == b' ');
    let numbers: Vec<u64> = words
        .by_ref()
        .map_while(|word| std::str::from_utf8(word).ok()?.parse().ok())
        .take(3)
        .collect();
    numbers.get(2).copied()
}
