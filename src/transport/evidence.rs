//! What is kept of an answer that was no success: little, and nothing that identifies a visitor.

use bytes::Bytes;
use hyper::HeaderMap;
use hyper::header::{CONTENT_ENCODING, HeaderName, HeaderValue, SET_COOKIE};

use super::decode;
use super::exchange::{Evidence, Inside};
use crate::record::Class;

const MOST_HEADERS: usize = 64;
const LONGEST_VALUE: usize = 512;
const LONGEST_BODY: usize = 2 << 10;

/// The header by which a site asks for the end of the run.
const STOP: HeaderName = HeaderName::from_static("x-tipover-stop");

/// Evidence of an answer with this head; nothing for a success that asks for nothing, unless `all` is kept.
pub(super) fn of_head(class: Class, headers: &HeaderMap, all: bool) -> Option<Box<Evidence>> {
    let stop = headers.contains_key(STOP);
    if class.is_success() && !stop && !all {
        return None;
    }
    Some(Box::new(Evidence {
        headers: headers
            .iter()
            .take(MOST_HEADERS)
            .map(|(name, value)| (name.as_str().to_owned(), shown(name, value)))
            .collect(),
        body: Bytes::new(),
        error: None,
        stop,
    }))
}

/// A cookie's name tells which balancer or framework set it; its value is the visitor's.
fn shown(name: &HeaderName, value: &HeaderValue) -> String {
    let bytes = value.as_bytes();
    let until = if name == SET_COOKIE {
        bytes.iter().position(|byte| *byte == b'=').unwrap_or(0)
    } else {
        bytes.len()
    };
    String::from_utf8_lossy(&bytes[..until.min(LONGEST_VALUE)]).into_owned()
}

impl Evidence {
    /// Evidence of a whole answer that failed for the reason `why`.
    pub fn of_check(inside: Option<&Inside>, why: String) -> Box<Self> {
        let mut evidence = inside
            .and_then(|inside| of_head(Class::FailedCheck, &inside.headers, true))
            .unwrap_or_default();
        let body = inside.map_or(&[][..], |inside| &inside.body);
        evidence.body = Bytes::copy_from_slice(&body[..body.len().min(LONGEST_BODY)]);
        evidence.error = Some(why);
        evidence
    }
}

/// The kept bytes of a body as a person reads them: unpacked as far as they go.
pub(super) fn readable(evidence: &Evidence, kept: Vec<u8>) -> Bytes {
    let mut headers = evidence.headers.iter();
    let encoding = headers.find(|(name, _)| name == CONTENT_ENCODING.as_str());
    let unpacked = encoding.and_then(|(_, encoding)| decode::beginning(encoding, &kept, LONGEST_BODY));
    unpacked.unwrap_or(kept).into()
}

/// Adds to `kept` what still fits.
pub(super) fn keep(kept: &mut Vec<u8>, data: &[u8]) {
    let room = LONGEST_BODY.saturating_sub(kept.len());
    kept.extend_from_slice(&data[..data.len().min(room)]);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_success_leaves_no_evidence_unless_it_asks_us_to_stop() {
        let mut headers = HeaderMap::new();
        assert_eq!(of_head(Class::Status(200), &headers, false), None);
        assert!(of_head(Class::Status(200), &headers, true).is_some());
        headers.insert(STOP, HeaderValue::from_static("please"));
        assert!(of_head(Class::Status(200), &headers, false).unwrap().stop);
    }

    #[test]
    fn evidence_is_bounded_and_holds_no_cookies() {
        let mut headers = HeaderMap::new();
        for number in 0..100 {
            let name = HeaderName::try_from(format!("x-{number}")).unwrap();
            headers.insert(name, HeaderValue::try_from("v".repeat(1_000)).unwrap());
        }
        let evidence = of_head(Class::Status(502), &headers, false).unwrap();
        assert_eq!(evidence.headers.len(), MOST_HEADERS);
        assert!(
            evidence
                .headers
                .iter()
                .all(|(_, value)| value.len() <= LONGEST_VALUE)
        );
        let cookie = HeaderValue::from_static("session=secret; Path=/");
        assert_eq!(shown(&SET_COOKIE, &cookie), "session");
        let mut kept = Vec::new();
        keep(&mut kept, &[b'x'; 1_500]);
        keep(&mut kept, &[b'x'; 1_500]);
        assert_eq!(kept.len(), LONGEST_BODY);
    }
}
