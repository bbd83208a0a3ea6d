//! What is fetched with a page: the request for it, and how long a visitor may keep what came, as a browser keeps it for
//! one person (RFC 9111).

use std::time::Duration;

use hyper::header::{
    AGE, CACHE_CONTROL, DATE, ETAG, EXPIRES, HeaderName, HeaderValue, IF_MODIFIED_SINCE, IF_NONE_MATCH,
    LAST_MODIFIED, VARY,
};
use hyper::http::uri::PathAndQuery;
use hyper::{HeaderMap, Method};
use jiff::fmt::rfc2822::DateTimeParser;
use url::Url;

use super::exchange::{Look, Origin, Request};
use super::prepare;
use crate::scenario::Assets;
use crate::units::Offset;

/// The longest that anything is kept: longer than any run.
const LONGEST: Duration = Duration::from_secs(366 * 86_400);
/// The part of its age that something is kept for where nobody said how long (RFC 9111, 4.2.2).
const HEURISTIC: u32 = 10;

impl Request {
    /// The address of its page.
    pub fn address(&self) -> Option<Url> {
        self.origin.resolve(&self.path, "")
    }

    /// A request like this one for the asset at `url`; nothing where `assets` leaves it out, or where HTTP does not allow
    /// such an address.
    pub fn of_asset(&self, page: &Origin, url: &Url, assets: Assets) -> Option<Request> {
        let origin = prepare::origin(url);
        if assets == Assets::None || origin != *page {
            return None;
        }
        Some(Request {
            step: self.step,
            method: Method::GET,
            origin,
            path: PathAndQuery::try_from(&url[url::Position::BeforePath..url::Position::AfterQuery]).ok()?,
            headers: self.headers.clone(),
            body: bytes::Bytes::new(),
            look: Look::Nothing,
        })
    }
}

/// What a visitor keeps of an asset that it has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept {
    /// Until when it is used without asking.
    fresh_until: Offset,
    etag: Option<HeaderValue>,
    modified: Option<HeaderValue>,
}

impl Kept {
    /// What may be kept of an answer with `headers` that came at `now`; nothing where it may not be kept, or would have to
    /// be fetched again in any case.
    pub fn of(headers: &HeaderMap, now: Offset) -> Option<Self> {
        let control = Control::of(headers);
        if control.no_store || headers.get(VARY).is_some_and(|vary| vary == "*") {
            return None;
        }
        let kept = Self {
            fresh_until: now + control.lifetime(headers),
            etag: copied(headers, ETAG),
            modified: copied(headers, LAST_MODIFIED),
        };
        let is_of_use = kept.is_fresh(now) || kept.etag.is_some() || kept.modified.is_some();
        is_of_use.then_some(kept)
    }

    /// Whether it is used at `now` without asking.
    pub fn is_fresh(&self, now: Offset) -> bool {
        now < self.fresh_until
    }

    /// Lets `request` ask whether it has changed.
    pub fn ask(&self, request: &mut Request) {
        for (name, value) in [(IF_NONE_MATCH, &self.etag), (IF_MODIFIED_SINCE, &self.modified)] {
            if let Some(value) = value {
                request.headers.insert(name, value.clone());
            }
        }
    }

    /// It has not changed, says an answer (304) with `headers` that came at `now`.
    pub fn renew(&mut self, headers: &HeaderMap, now: Offset) {
        self.fresh_until = now + Control::of(headers).lifetime(headers);
        if let Some(etag) = copied(headers, ETAG) {
            self.etag = Some(etag);
        }
    }
}

/// What `Cache-Control` says to a browser.
#[derive(Debug, Default)]
struct Control {
    no_store: bool,
    no_cache: bool,
    max_age: Option<Duration>,
}

impl Control {
    fn of(headers: &HeaderMap) -> Self {
        let mut control = Self::default();
        let lines = headers.get_all(CACHE_CONTROL).iter();
        for word in lines
            .filter_map(|line| line.to_str().ok())
            .flat_map(|line| line.split(','))
        {
            let (name, value) = word.split_once('=').unwrap_or((word, ""));
            match name.trim().to_ascii_lowercase().as_str() {
                "no-store" => control.no_store = true,
                "no-cache" => control.no_cache = true,
                "max-age" => {
                    let seconds = value.trim().trim_matches('"').parse().unwrap_or(0);
                    control.max_age = Some(Duration::from_secs(seconds));
                }
                _ => {}
            }
        }
        control
    }

    /// For how long an answer is fresh from now on. What is `immutable` needs no word of its own: nothing is asked about
    /// while it is fresh.
    fn lifetime(&self, headers: &HeaderMap) -> Duration {
        if self.no_cache {
            return Duration::ZERO;
        }
        let date = moment(headers, DATE).unwrap_or_else(|| jiff::Timestamp::now().as_second());
        let between =
            |from: i64, to: i64| Duration::from_secs(u64::try_from(to.saturating_sub(from)).unwrap_or(0));
        let whole = if let Some(age) = self.max_age {
            age
        } else if headers.contains_key(EXPIRES) {
            // A date that is none is in the past.
            moment(headers, EXPIRES).map_or(Duration::ZERO, |expires| between(date, expires))
        } else {
            let modified = moment(headers, LAST_MODIFIED);
            modified.map_or(Duration::ZERO, |modified| between(modified, date) / HEURISTIC)
        };
        let age = headers
            .get(AGE)
            .and_then(|age| age.to_str().ok()?.trim().parse().ok());
        whole
            .min(LONGEST)
            .saturating_sub(Duration::from_secs(age.unwrap_or(0)))
    }
}

/// Seconds since 1970 of a date in a header.
fn moment(headers: &HeaderMap, name: HeaderName) -> Option<i64> {
    let text = headers.get(name)?.to_str().ok()?;
    let parser = DateTimeParser::new().relaxed_weekday(true);
    Some(parser.parse_timestamp(text).ok()?.as_second())
}

/// A value of its own, so that it does not hold on to the bytes of the whole head.
fn copied(headers: &HeaderMap, name: HeaderName) -> Option<HeaderValue> {
    HeaderValue::from_bytes(headers.get(name)?.as_bytes()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Offset = Offset::from_secs(100);

    fn headers(lines: &[(&'static str, &str)]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for (name, value) in lines {
            headers.append(*name, value.parse().unwrap());
        }
        headers
    }

    /// For how many seconds an answer is used without asking; nothing where it is not kept.
    fn fresh_for(lines: &[(&'static str, &str)]) -> Option<u64> {
        let kept = Kept::of(&headers(lines), NOW)?;
        Some(kept.fresh_until.since(NOW).as_secs())
    }

    const DATED: (&str, &str) = ("date", "Tue, 24 Nov 2026 10:00:00 GMT");

    #[test]
    fn an_answer_is_kept_for_as_long_as_it_says() {
        for (lines, seconds) in [
            (
                &[("cache-control", "public, Max-Age=60, immutable")][..],
                Some(60),
            ),
            (&[("cache-control", "max-age=\"60\""), ("age", "20")], Some(40)),
            (
                &[("cache-control", "max-age=60"), ("age", "70"), ("etag", "\"a\"")],
                Some(0),
            ),
            (&[("cache-control", "max-age=60, no-store")], None),
            (
                &[("cache-control", "max-age=60"), ("cache-control", "no-store")],
                None,
            ),
            (&[("cache-control", "no-cache"), ("etag", "\"a\"")], Some(0)),
            (&[("cache-control", "s-maxage=60")], None),
            (&[("cache-control", "max-age=60"), ("vary", "*")], None),
            (
                &[("cache-control", "max-age=60"), ("vary", "accept-encoding")],
                Some(60),
            ),
            (&[DATED, ("expires", "Tue, 24 Nov 2026 10:05:00 GMT")], Some(300)),
            (&[DATED, ("expires", "0"), ("etag", "W/\"a\"")], Some(0)),
            (&[DATED, ("expires", "0")], None),
            (
                &[
                    ("cache-control", "max-age=1"),
                    DATED,
                    ("expires", "Tue, 24 Nov 2026 10:05:00 GMT"),
                ],
                Some(1),
            ),
            (
                &[DATED, ("last-modified", "Tue, 24 Nov 2026 09:50:00 GMT")],
                Some(60),
            ),
            (
                &[DATED, ("last-modified", "Tue, 24 Nov 2026 10:50:00 GMT")],
                Some(0),
            ),
            (&[("cache-control", "max-age=99999999999999999999999")], None),
            (
                &[("cache-control", "max-age=999999999999")],
                Some(LONGEST.as_secs()),
            ),
            (&[], None),
        ] {
            assert_eq!(fresh_for(lines), seconds, "{lines:?}");
        }
    }

    #[test]
    fn what_is_no_longer_fresh_is_asked_about_and_fresh_again_after_a_304() {
        let answer = headers(&[
            ("cache-control", "max-age=10"),
            ("etag", "\"a\""),
            ("last-modified", "x"),
        ]);
        let mut kept = Kept::of(&answer, NOW).unwrap();
        assert!(kept.is_fresh(Offset::from_secs(109)) && !kept.is_fresh(Offset::from_secs(110)));
        let scenario = crate::transport::example::scenario(
            crate::scenario::Method::Get,
            "http://shop.example/a.css",
            crate::scenario::Body::None,
        );
        let mut request = crate::transport::requests(&scenario, "r-1").unwrap().remove(0);
        kept.ask(&mut request);
        assert_eq!(request.headers["if-none-match"], "\"a\"");
        assert_eq!(request.headers["if-modified-since"], "x");
        kept.renew(
            &headers(&[("cache-control", "max-age=5"), ("etag", "\"b\"")]),
            Offset::from_secs(200),
        );
        assert!(kept.is_fresh(Offset::from_secs(204)) && !kept.is_fresh(Offset::from_secs(205)));
        kept.ask(&mut request);
        assert_eq!(request.headers["if-none-match"], "\"b\"");
    }
}
