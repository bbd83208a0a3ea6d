//! The cookies of one visitor: RFC 6265, for the one host that a visitor contacts. Bounded, whatever the site sets;
//! lifetimes run on the clock of the run.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use cookie::Cookie;
use hyper::HeaderMap;
use hyper::header::{COOKIE, HeaderValue, SET_COOKIE};

use super::exchange::Request;
use crate::units::Offset;

/// Cookies that a visitor keeps: as many as RFC 6265 asks of a browser for one host.
const MOST: usize = 50;
/// The longest cookie, name and value.
const LONGEST: usize = 4_096;

/// The cookies of one visitor. Empty, it holds no memory.
#[derive(Debug, Default)]
pub struct Cookies {
    list: Vec<Kept>,
    /// Counts what changed, so that a redirect loop is told from one that a cookie ends.
    changes: u32,
}

struct Kept {
    name: String,
    value: String,
    path: String,
    secure: bool,
    until: Option<Offset>,
}

/// Whoever prints it must not print what identifies a visitor.
impl std::fmt::Debug for Kept {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(&self.name)
    }
}

impl Cookies {
    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// How often a cookie was set to something new, or removed.
    pub const fn changes(&self) -> u32 {
        self.changes
    }

    /// The value of the cookie `name`.
    pub fn value(&self, name: &str) -> Option<&str> {
        let mut list = self.list.iter();
        list.find(|kept| kept.name == name)
            .map(|kept| kept.value.as_str())
    }

    /// Keeps what the answer to `request` sets, as of `now`.
    pub fn take_from(&mut self, headers: &HeaderMap, request: &Request, now: Offset) {
        for line in headers.get_all(SET_COOKIE) {
            let line = std::str::from_utf8(line.as_bytes()).unwrap_or_default();
            if let Ok(cookie) = Cookie::parse(line) {
                self.set(&cookie, request, now);
            }
        }
    }

    fn set(&mut self, cookie: &Cookie<'_>, request: &Request, now: Offset) {
        let (name, value) = cookie.name_value_trimmed();
        let is_foreign = cookie
            .domain()
            .is_some_and(|domain| !matches_domain(&request.origin.host, domain));
        if name.is_empty() || is_foreign || name.len() + value.len() > LONGEST {
            return;
        }
        if cookie.secure() == Some(true) && !request.origin.tls {
            return;
        }
        let path = match cookie.path().filter(|path| path.starts_with('/')) {
            Some(path) => path.to_owned(),
            None => default_path(request.path.path()),
        };
        if path.len() > LONGEST {
            return;
        }
        let before = self
            .list
            .iter()
            .position(|kept| kept.name == name && kept.path == path);
        let lifetime = lifetime(cookie);
        if lifetime == Some(Duration::ZERO) {
            if let Some(at) = before {
                self.list.remove(at);
                self.changes += 1;
            }
            return;
        }
        let kept = Kept {
            name: name.to_owned(),
            value: value.to_owned(),
            path,
            secure: cookie.secure() == Some(true),
            until: lifetime.map(|lifetime| now + lifetime),
        };
        match before {
            Some(at) => {
                self.changes += u32::from(self.list[at].value != kept.value);
                self.list[at] = kept;
            }
            None => {
                if self.list.len() >= MOST {
                    self.list.remove(0);
                }
                self.changes += 1;
                self.list.push(kept);
            }
        }
    }

    /// Adds to `request` the cookies that belong to it, behind those that the scenario writes itself; false where there
    /// are none.
    pub fn add_to(&self, request: &mut Request, now: Offset) -> bool {
        let Some(own) = self.header(request, now) else {
            return false;
        };
        let written = request.headers.get(COOKIE);
        let written = written.and_then(|value| std::str::from_utf8(value.as_bytes()).ok());
        let whole = match written {
            Some(written) => format!("{written}; {own}"),
            None => own,
        };
        match HeaderValue::from_bytes(whole.as_bytes()) {
            Ok(mut value) => {
                value.set_sensitive(true);
                request.headers.insert(COOKIE, value);
                true
            }
            Err(_) => false,
        }
    }

    /// Whether [`Cookies::add_to`] would add one.
    pub fn has_for(&self, request: &Request, now: Offset) -> bool {
        self.list.iter().any(|kept| kept.belongs_to(request, now))
    }

    /// Longer paths first, as RFC 6265 says; otherwise in the order in which they were set.
    fn header(&self, request: &Request, now: Offset) -> Option<String> {
        let mut fitting: Vec<&Kept> = self
            .list
            .iter()
            .filter(|kept| kept.belongs_to(request, now))
            .collect();
        fitting.sort_by_key(|kept| std::cmp::Reverse(kept.path.len()));
        let pairs: Vec<String> = fitting
            .iter()
            .map(|kept| format!("{}={}", kept.name, kept.value))
            .collect();
        (!pairs.is_empty()).then(|| pairs.join("; "))
    }
}

impl Kept {
    fn belongs_to(&self, request: &Request, now: Offset) -> bool {
        let path = request.path.path();
        let in_path = path
            .strip_prefix(self.path.as_str())
            .is_some_and(|rest| rest.is_empty() || self.path.ends_with('/') || rest.starts_with('/'));
        let alive = self.until.is_none_or(|until| now < until);
        in_path && alive && (request.origin.tls || !self.secure)
    }
}

/// How long a cookie lives from now on: nothing until the visitor is gone, zero where it is to be removed.
fn lifetime(cookie: &Cookie<'_>) -> Option<Duration> {
    if let Some(age) = cookie.max_age() {
        return Some(Duration::try_from(age).unwrap_or(Duration::ZERO));
    }
    let ends = cookie.expires_datetime()?.unix_timestamp();
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let left = u64::try_from(ends).unwrap_or(0).saturating_sub(now.as_secs());
    Some(Duration::from_secs(left))
}

/// RFC 6265, 5.1.3.
fn matches_domain(host: &str, domain: &str) -> bool {
    let domain = domain.trim_start_matches('.').to_ascii_lowercase();
    let is_address = host.parse::<std::net::IpAddr>().is_ok();
    let below = host
        .strip_suffix(domain.as_str())
        .is_some_and(|rest| rest.ends_with('.'));
    host == domain || (below && !is_address)
}

/// RFC 6265, 5.1.4.
fn default_path(path: &str) -> String {
    match path.rfind('/') {
        Some(0) | None => "/".to_owned(),
        Some(end) => path[..end].to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::{Body, Method};
    use crate::transport::example::scenario;
    use crate::transport::requests;

    fn request(url: &str) -> Request {
        requests(&scenario(Method::Get, url, Body::None), "r-1")
            .unwrap()
            .remove(0)
    }

    fn set(cookies: &mut Cookies, url: &str, line: &str, now: Offset) {
        let mut headers = HeaderMap::new();
        headers.append(SET_COOKIE, HeaderValue::from_bytes(line.as_bytes()).unwrap());
        cookies.take_from(&headers, &request(url), now);
    }

    fn sent(cookies: &Cookies, url: &str, now: Offset) -> String {
        cookies.header(&request(url), now).unwrap_or_default()
    }

    const SHOP: &str = "https://www.shop.example/a/b";

    #[test]
    fn a_cookie_goes_back_to_the_paths_that_it_is_for() {
        let mut cookies = Cookies::default();
        set(&mut cookies, SHOP, "root=1; Path=/", Offset::ZERO);
        set(&mut cookies, SHOP, "deep=2", Offset::ZERO);
        set(&mut cookies, SHOP, "other=3; Path=/other", Offset::ZERO);
        for (path, expected) in [
            ("/a/b", "deep=2; root=1"),
            ("/a", "deep=2; root=1"),
            ("/ab", "root=1"),
            ("/", "root=1"),
            ("/other/x", "other=3; root=1"),
        ] {
            assert_eq!(
                sent(&cookies, &format!("https://www.shop.example{path}"), Offset::ZERO),
                expected
            );
        }
        let mut written = request(SHOP);
        written.headers.insert(COOKIE, HeaderValue::from_static("mine=0"));
        assert!(cookies.add_to(&mut written, Offset::ZERO));
        assert_eq!(written.headers[COOKIE], "mine=0; deep=2; root=1");
    }

    #[test]
    fn a_cookie_ends_when_it_is_told_to_on_the_clock_of_the_run() {
        let mut cookies = Cookies::default();
        set(&mut cookies, SHOP, "a=1; Path=/; Max-Age=10", Offset::ZERO);
        set(
            &mut cookies,
            SHOP,
            "b=2; Path=/; Expires=Wed, 21 Oct 2099 07:28:00 GMT",
            Offset::ZERO,
        );
        assert_eq!(sent(&cookies, SHOP, Offset::from_millis(9_999)), "a=1; b=2");
        assert_eq!(sent(&cookies, SHOP, Offset::from_secs(10)), "b=2");
        assert_eq!(cookies.changes(), 2);
        set(&mut cookies, SHOP, "b=2; Path=/", Offset::ZERO);
        assert_eq!(cookies.changes(), 2, "the same value is no change");
        set(
            &mut cookies,
            SHOP,
            "b=; Path=/; Expires=Thu, 01 Jan 1970 00:00:00 GMT",
            Offset::ZERO,
        );
        set(&mut cookies, SHOP, "a=; Path=/; Max-Age=0", Offset::ZERO);
        assert_eq!(
            (sent(&cookies, SHOP, Offset::ZERO).as_str(), cookies.changes()),
            ("", 4)
        );
    }

    #[test]
    fn a_secure_cookie_and_a_foreign_one_stay_where_they_belong() {
        let mut cookies = Cookies::default();
        set(&mut cookies, SHOP, "s=1; Path=/; Secure", Offset::ZERO);
        set(
            &mut cookies,
            SHOP,
            "d=1; Path=/; Domain=.SHOP.example",
            Offset::ZERO,
        );
        set(
            &mut cookies,
            SHOP,
            "x=1; Path=/; Domain=evil.example",
            Offset::ZERO,
        );
        set(
            &mut cookies,
            SHOP,
            "y=1; Path=/; Domain=hop.example",
            Offset::ZERO,
        );
        set(
            &mut cookies,
            "http://www.shop.example/",
            "t=1; Path=/; Secure",
            Offset::ZERO,
        );
        assert_eq!(sent(&cookies, SHOP, Offset::ZERO), "s=1; d=1");
        assert_eq!(sent(&cookies, "http://www.shop.example/", Offset::ZERO), "d=1");
    }

    #[test]
    fn a_site_cannot_fill_the_memory_of_a_visitor() {
        let mut cookies = Cookies::default();
        for number in 0..10_000 {
            set(&mut cookies, SHOP, &format!("c{number}=v; Path=/"), Offset::ZERO);
            let long = format!("long{number}={}", "v".repeat(5_000));
            set(&mut cookies, SHOP, &long, Offset::ZERO);
        }
        assert_eq!(cookies.list.len(), MOST);
        assert_eq!(cookies.value("c9999"), Some("v"));
        assert_eq!(cookies.value("c0"), None);
    }
}
