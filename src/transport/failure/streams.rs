//! What an error of HTTP/2 means: a request that the site did not take, an answer that it broke off, or nonsense.
//! RFC 9113, 5.4, 6.8, 7 and 8.7.

use h2::Reason;

use super::{Failure, chain, in_words};
use crate::record::Class;
use crate::transport::meter::{Meter, WireEnd};

/// Whether the site has said that it did not take the request: then it may be sent again, whatever it is.
pub(in crate::transport) fn is_unprocessed(error: &hyper::Error) -> bool {
    // A stream hears of a GOAWAY only where its number is above the last one that the site took.
    of_streams(error).is_some_and(|error| {
        error.is_remote() && (error.is_go_away() || error.reason() == Some(Reason::REFUSED_STREAM))
    })
}

/// Whether the site has said that it takes such requests over HTTP/1.1 only.
pub(in crate::transport) fn wants_one(error: &hyper::Error) -> bool {
    of_streams(error)
        .is_some_and(|error| error.is_remote() && error.reason() == Some(Reason::HTTP_1_1_REQUIRED))
}

/// A request that ended before the head of an answer was whole; `most` bytes of a head are taken.
pub(in crate::transport) fn no_head(error: &hyper::Error, meter: &Meter, most: usize) -> Failure {
    let class = match of_streams(error) {
        Some(found) if found.is_library() && is_large(found, meter, most) => Class::TooLarge,
        Some(found) if found.is_library() => Class::BadAnswer,
        Some(found) if found.is_go_away() => Class::Closed,
        Some(found) if found.is_reset() => Class::Reset,
        _ => match meter.end() {
            Some(WireEnd::Reset) => Class::Reset,
            Some(WireEnd::TimedOut) => Class::AnswerTimeout,
            Some(WireEnd::BadTls) => Class::Tls,
            Some(WireEnd::Closed) => Class::Empty,
            None => Class::BadAnswer,
        },
    };
    Failure::site(class, in_words(error))
}

/// A body that did not come whole.
pub(in crate::transport) fn no_body(error: &hyper::Error, meter: &Meter) -> Failure {
    let class = match of_streams(error) {
        _ if meter.end() == Some(WireEnd::BadTls) => Class::Tls,
        // More or less than was announced, a frame too large, a window overrun: against the rules, not broken off.
        Some(found) if found.is_library() => Class::BadAnswer,
        _ => Class::Cut,
    };
    Failure::site(class, in_words(error))
}

/// An answer's head that is larger than the library takes ends as a plain protocol error; that so much was received
/// tells it apart. So does the library's patience with frames that carry a head on and on.
fn is_large(error: &h2::Error, meter: &Meter, most: usize) -> bool {
    error.reason() == Some(Reason::ENHANCE_YOUR_CALM)
        || (error.is_reset() && meter.received() > u64::try_from(most).unwrap_or(u64::MAX))
}

fn of_streams(error: &hyper::Error) -> Option<&h2::Error> {
    chain(error).find_map(|error| error.downcast_ref::<h2::Error>())
}
