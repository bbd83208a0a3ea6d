//! Which class a failure belongs to: from what the system, TLS and hyper said, and from what the wire showed.

pub(super) mod streams;

use std::error::Error;
use std::io;

use rustix::io::Errno;
use tokio_rustls::rustls::{self, CertificateError};

use super::exchange::Ended;
use super::meter::{Meter, WireEnd};
use crate::record::{Class, Unsent};

/// Why a request failed, and whose doing that is.
#[derive(Debug)]
pub(super) struct Failure {
    pub(super) ended: Ended,
    /// In words, for the evidence.
    pub(super) error: String,
}

impl Failure {
    pub(super) fn site(class: Class, error: impl Into<String>) -> Self {
        Self {
            ended: Ended::Site(class),
            error: error.into(),
        }
    }
}

/// A stream that could not be opened.
pub(super) fn not_connected(error: &io::Error) -> Failure {
    let ended = match error.raw_os_error().map(Errno::from_raw_os_error) {
        Some(Errno::MFILE | Errno::NFILE) => Ended::Ours(Unsent::Files),
        // AGAIN: no port is free (connect(2)); it is no other kind of waiting, which tokio does itself.
        Some(Errno::ADDRNOTAVAIL | Errno::ADDRINUSE | Errno::AGAIN) => Ended::Ours(Unsent::Ports),
        // NOSPC: no room to watch another socket (epoll_ctl(2)).
        Some(Errno::NOBUFS | Errno::NOMEM | Errno::NOSPC) => Ended::Ours(Unsent::Memory),
        Some(Errno::CONNRESET) => Ended::Site(Class::Reset),
        Some(Errno::TIMEDOUT) => Ended::Site(Class::ConnectTimeout),
        _ => match error.kind() {
            io::ErrorKind::ConnectionReset => Ended::Site(Class::Reset),
            io::ErrorKind::TimedOut => Ended::Site(Class::ConnectTimeout),
            io::ErrorKind::AddrNotAvailable | io::ErrorKind::AddrInUse => Ended::Ours(Unsent::Ports),
            io::ErrorKind::OutOfMemory => Ended::Ours(Unsent::Memory),
            _ => Ended::Site(Class::Refused),
        },
    };
    Failure {
        ended,
        error: in_words(error),
    }
}

/// A TLS handshake that failed. A reset in it is a reset: an overloaded server breaks connections off at any point.
pub(super) fn no_handshake(error: &io::Error) -> Failure {
    let class = match error.kind() {
        io::ErrorKind::ConnectionReset => Class::Reset,
        io::ErrorKind::TimedOut => Class::ConnectTimeout,
        _ => Class::Tls,
    };
    let mut words = format!("in the TLS handshake: {}", in_words(error));
    if let Some(meaning) = certificate_trouble(error) {
        words = format!("{words}: {meaning}");
    }
    Failure::site(class, words)
}

/// What a rejected certificate means, where the words of the library leave it open.
fn certificate_trouble(error: &io::Error) -> Option<&'static str> {
    let inner = error.get_ref()?.downcast_ref::<rustls::Error>()?;
    let rustls::Error::InvalidCertificate(trouble) = inner else {
        return None;
    };
    match trouble {
        CertificateError::UnknownIssuer => {
            Some("nobody that is trusted here signed it; name its authority in `tls.ca`")
        }
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => Some("it has expired"),
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
            Some("it is for another name")
        }
        CertificateError::Other(_) if format!("{trouble:?}").contains("CaUsedAsEndEntity") => Some(
            "the site shows a certificate authority's own certificate; give the site one of its own \
             (`basicConstraints=CA:FALSE`), or trust any with `tls.insecure`",
        ),
        _ => None,
    }
}

/// A connection that ended before the head of an answer was whole.
pub(super) fn no_head(error: &hyper::Error, meter: &Meter) -> Failure {
    if let Some(ended) = lacking(error) {
        return Failure {
            ended,
            error: in_words(error),
        };
    }
    let class = if error.is_parse_too_large() {
        Class::TooLarge
    } else if error.is_parse() {
        Class::BadAnswer
    } else {
        ended_within_the_head(meter)
    };
    Failure::site(class, in_words(error))
}

fn ended_within_the_head(meter: &Meter) -> Class {
    match meter.end() {
        Some(WireEnd::Reset) => Class::Reset,
        Some(WireEnd::TimedOut) => Class::AnswerTimeout,
        Some(WireEnd::BadTls) => Class::Tls,
        Some(WireEnd::Closed) | None if meter.received() == 0 => Class::Empty,
        Some(WireEnd::Closed) | None => Class::Closed,
    }
}

/// As [`no_head`], on a connection of our own; without an error where the site closed it in good order.
pub(super) fn broken_head(error: Option<&io::Error>, meter: &Meter) -> Failure {
    broken(
        error,
        ended_within_the_head(meter),
        "closed before the head of an answer was whole",
    )
}

/// As [`no_body`], on a connection of our own.
pub(super) fn broken_body(error: Option<&io::Error>, meter: &Meter) -> Failure {
    let class = if meter.end() == Some(WireEnd::BadTls) {
        Class::Tls
    } else {
        Class::Cut
    };
    broken(error, class, "closed before the body of an answer was whole")
}

fn broken(error: Option<&io::Error>, class: Class, in_good_order: &str) -> Failure {
    let ended = error.and_then(|error| lacking(error));
    Failure {
        ended: ended.unwrap_or(Ended::Site(class)),
        error: error.map_or_else(|| in_good_order.to_owned(), |error| in_words(error)),
    }
}

/// A new connection that ended before the request was sent on it.
pub(super) fn not_taken(meter: &Meter) -> Failure {
    let (class, error) = match meter.end() {
        Some(WireEnd::Reset) => (Class::Reset, "reset before the request was sent"),
        Some(WireEnd::BadTls) => (Class::Tls, "broken off by TLS before the request was sent"),
        Some(WireEnd::TimedOut | WireEnd::Closed) | None if meter.received() == 0 => {
            (Class::Empty, "closed before the request was sent")
        }
        Some(WireEnd::TimedOut | WireEnd::Closed) | None => {
            (Class::BadAnswer, "an answer before the request was sent")
        }
    };
    Failure::site(class, error)
}

/// A body that did not come whole.
pub(super) fn no_body(error: &hyper::Error, meter: &Meter) -> Failure {
    if let Some(ended) = lacking(error) {
        return Failure {
            ended,
            error: in_words(error),
        };
    }
    let decoding = io_error_in(error).map(io::Error::kind);
    let class = match (meter.end(), decoding) {
        (Some(WireEnd::BadTls), _) => Class::Tls,
        (_, Some(io::ErrorKind::InvalidData | io::ErrorKind::InvalidInput)) => Class::BadAnswer,
        _ if error.is_parse() => Class::BadAnswer,
        _ => Class::Cut,
    };
    Failure::site(class, in_words(error))
}

/// An error and its causes, outermost first.
fn chain<'a>(error: &'a (dyn Error + 'static)) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    std::iter::successors(Some(error), |error| (*error).source())
}

fn io_error_in<'a>(error: &'a (dyn Error + 'static)) -> Option<&'a io::Error> {
    chain(error).find_map(|error| error.downcast_ref::<io::Error>())
}

/// Memory for sockets that this machine lacks in the middle of an exchange.
fn lacking(error: &(dyn Error + 'static)) -> Option<Ended> {
    let said = io_error_in(error)?.raw_os_error().map(Errno::from_raw_os_error)?;
    matches!(said, Errno::NOBUFS | Errno::NOMEM).then_some(Ended::Ours(Unsent::Memory))
}

/// An error with its causes, each said once.
fn in_words(error: &(dyn Error + 'static)) -> String {
    let mut words = String::new();
    for cause in chain(error).map(|error| error.to_string()) {
        if words.is_empty() {
            words = cause;
        } else if !words.contains(&cause) {
            words = format!("{words}: {cause}");
        }
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ended(errno: Errno) -> Ended {
        not_connected(&io::Error::from_raw_os_error(errno.raw_os_error())).ended
    }

    #[test]
    fn what_this_machine_lacks_is_never_the_sites_failure() {
        assert_eq!(ended(Errno::MFILE), Ended::Ours(Unsent::Files));
        assert_eq!(ended(Errno::NFILE), Ended::Ours(Unsent::Files));
        assert_eq!(ended(Errno::ADDRNOTAVAIL), Ended::Ours(Unsent::Ports));
        assert_eq!(ended(Errno::NOBUFS), Ended::Ours(Unsent::Memory));
        assert_eq!(ended(Errno::NOMEM), Ended::Ours(Unsent::Memory));
        assert_eq!(ended(Errno::NOSPC), Ended::Ours(Unsent::Memory));
        assert_eq!(ended(Errno::ADDRINUSE), Ended::Ours(Unsent::Ports));
        assert_eq!(ended(Errno::AGAIN), Ended::Ours(Unsent::Ports));
    }

    #[test]
    fn what_the_network_says_at_once_is_a_refusal() {
        for errno in [
            Errno::CONNREFUSED,
            Errno::HOSTUNREACH,
            Errno::NETUNREACH,
            Errno::ACCESS,
        ] {
            assert_eq!(ended(errno), Ended::Site(Class::Refused));
        }
        assert_eq!(ended(Errno::TIMEDOUT), Ended::Site(Class::ConnectTimeout));
        assert_eq!(ended(Errno::CONNRESET), Ended::Site(Class::Reset));
    }
}
