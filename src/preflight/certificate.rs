//! A certificate as a person asks about it: for whom, by whom, until when. It verifies nothing: rustls does that.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use serde::Serialize;
use sha2::{Digest, Sha256};
use x509_parser::extensions::GeneralName;
use x509_parser::prelude::{FromDer, X509Certificate, X509Name};

use crate::words::printable;

/// Names of one certificate that are kept; the longest ones in use have some hundreds.
const MOST_NAMES: usize = 64;
const SECONDS_PER_DAY: i64 = 86_400;

/// One certificate of a chain.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Certificate {
    /// Whose it is: the common name, or the whole subject.
    pub subject: String,
    /// Who signed it.
    pub issuer: String,
    /// The host names and addresses that it is for.
    pub names: Vec<String>,
    /// From when it holds, in seconds since 1970.
    pub not_before: i64,
    /// Until when, in seconds since 1970.
    pub not_after: i64,
    /// SHA-256 of the whole certificate, in hexadecimal digits.
    pub fingerprint: String,
    /// Whether it signed itself.
    pub is_its_own_issuer: bool,
}

impl Certificate {
    /// Reads a certificate in DER; nothing where it is none.
    pub fn read(der: &[u8]) -> Option<Self> {
        let (_, found) = X509Certificate::from_der(der).ok()?;
        let alternative = found.subject_alternative_name().ok().flatten();
        let names = alternative.map(|extension| {
            let all = extension.value.general_names.iter();
            all.filter_map(name_of).take(MOST_NAMES).collect()
        });
        let digest = Sha256::digest(der);
        Some(Self {
            subject: title(found.subject()),
            issuer: title(found.issuer()),
            names: names.unwrap_or_default(),
            not_before: found.validity().not_before.timestamp(),
            not_after: found.validity().not_after.timestamp(),
            fingerprint: digest.iter().map(|byte| format!("{byte:02x}")).collect(),
            is_its_own_issuer: found.subject().as_raw() == found.issuer().as_raw(),
        })
    }

    /// Whole days until it ends, at the second `now`; below zero where it has ended.
    pub const fn days_left(&self, now: i64) -> i64 {
        (self.not_after.saturating_sub(now)).div_euclid(SECONDS_PER_DAY)
    }

    /// For whom it is, in words.
    pub fn for_whom(&self) -> String {
        match &self.names[..] {
            [] => self.subject.clone(),
            [first, second, third, rest @ ..] if rest.len() > 1 => {
                format!("{first}, {second}, {third} and {} more", rest.len())
            }
            names => names.join(", "),
        }
    }

    /// The day on which it ends, `2026-12-01`.
    pub fn last_day(&self) -> String {
        jiff::Timestamp::from_second(self.not_after)
            .map_or_else(|_| "?".to_owned(), |end| end.strftime("%Y-%m-%d").to_string())
    }
}

fn title(name: &X509Name<'_>) -> String {
    let common = name
        .iter_common_name()
        .next()
        .and_then(|common| common.as_str().ok());
    printable(&common.map_or_else(|| name.to_string(), str::to_owned))
}

fn name_of(name: &GeneralName<'_>) -> Option<String> {
    match name {
        GeneralName::DNSName(name) => Some(printable(name)),
        GeneralName::IPAddress(bytes) => {
            let four = <[u8; 4]>::try_from(*bytes).map(|bytes| IpAddr::from(Ipv4Addr::from(bytes)));
            let any =
                four.or_else(|_| <[u8; 16]>::try_from(*bytes).map(|bytes| Ipv6Addr::from(bytes).into()));
            any.ok().map(|address| address.to_string())
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rcgen::{CertificateParams, DnType, KeyPair, date_time_ymd};

    use super::*;

    #[test]
    fn names_issuer_and_last_day_are_read() {
        let names = vec!["shop.test".to_owned(), "127.0.0.1".to_owned(), "::1".to_owned()];
        let mut params = CertificateParams::new(names).unwrap();
        params
            .distinguished_name
            .push(DnType::CommonName, "the \u{1b}[1mshop");
        params.not_before = date_time_ymd(2026, 1, 1);
        params.not_after = date_time_ymd(2026, 12, 1);
        let made = params.self_signed(&KeyPair::generate().unwrap()).unwrap();
        let read = Certificate::read(made.der()).unwrap();
        assert_eq!(read.names, ["shop.test", "127.0.0.1", "::1"]);
        assert_eq!(
            (read.subject.as_str(), read.last_day().as_str()),
            ("the [1mshop", "2026-12-01")
        );
        assert!(read.is_its_own_issuer && read.fingerprint.len() == 64);
        assert_eq!(read.days_left(read.not_after - 1), 0);
        assert_eq!(read.days_left(read.not_after + 1), -1);
        assert_eq!(read.days_left(read.not_before), 334);
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_or_refused(der in prop::collection::vec(any::<u8>(), 0..400)) {
            if let Some(read) = Certificate::read(&der) {
                prop_assert_eq!(read.fingerprint.len(), 64);
            }
        }
    }
}
