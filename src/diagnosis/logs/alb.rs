//! Access logs of AWS's application load balancer:
//! `TYPE TIME ELB CLIENT TARGET REQUEST_TIME TARGET_TIME RESPONSE_TIME ELB_STATUS TARGET_STATUS …`.

use super::super::cause::Cause;
use super::super::product::Product;
use super::access;
use super::stamp::Stamp;
use super::{Outcome, leading_number};

/// Whether it is a line of one.
pub(super) fn is_one(line: &[u8]) -> bool {
    let mut words = line.splitn(3, |byte| *byte == b' ');
    let known = matches!(
        words.next(),
        Some(b"http" | b"https" | b"h2" | b"grpcs" | b"ws" | b"wss")
    );
    known && words.next().is_some_and(|time| Stamp::of_iso(time).is_some())
}

/// What a line says.
pub(super) fn read(line: &[u8]) -> Outcome {
    let words: Vec<&[u8]> = line.split(|byte| *byte == b' ').take(11).collect();
    let [
        _,
        time,
        _,
        _,
        target,
        sent,
        answered,
        _,
        status,
        target_status,
        ..,
    ] = words[..]
    else {
        return Outcome::Foreign;
    };
    let at = Stamp::of_iso(time);
    let why = |cause| Outcome::why(Product::AwsAlb, cause, at);
    let Some(status) = leading_number(status) else {
        return Outcome::Foreign;
    };
    if let Some(said) = leading_number(target_status).filter(|said| *said >= 500) {
        return why(access::of_passed_on(said));
    }
    match status {
        460 => why(Cause::ClientGone),
        463 => why(Cause::ClientError),
        503 if target == b"-" => why(Cause::NoLiveBackend),
        504 if sent == b"-1" => why(Cause::ConnectTimeout),
        504 => why(Cause::BackendSlow),
        // The load balancer could not hand the request over.
        502 if sent == b"-1" => why(Cause::BackendRefused),
        502 if answered == b"-1" => why(Cause::BackendClosed),
        502 => why(Cause::BadAnswer),
        561 => why(Cause::Denied),
        _ => access::of_status(Product::AwsAlb, status, at),
    }
}
