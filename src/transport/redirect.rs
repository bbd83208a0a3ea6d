//! Where an answer sends a visitor next: RFC 9110, section 15.4, as browsers do it. Only hosts that the run contacts
//! anyway are gone to.

use hyper::Method;
use hyper::header::{AUTHORIZATION, CONTENT_ENCODING, CONTENT_LANGUAGE, CONTENT_TYPE, LOCATION};
use hyper::http::uri::PathAndQuery;
use url::Url;

use super::exchange::{Inside, Origin, Request};
use super::prepare;

impl Origin {
    /// `link` as it is meant on the page `path` of this origin.
    pub(super) fn resolve(&self, path: &PathAndQuery, link: &str) -> Option<Url> {
        let scheme = if self.tls { "https" } else { "http" };
        let host = if self.host.contains(':') {
            format!("[{}]", self.host)
        } else {
            self.host.clone()
        };
        let page = Url::parse(&format!("{scheme}://{host}:{}{path}", self.port)).ok()?;
        page.join(link).ok()
    }

    /// Whether `url` may be contacted from here: the same host, at the same port or at a usual one.
    pub(super) fn allows(&self, url: &Url) -> bool {
        if !matches!(url.scheme(), "http" | "https") {
            return false;
        }
        let other = prepare::origin(url);
        let is_usual = other.port == if other.tls { 443 } else { 80 };
        other.host == self.host && (is_usual || (other.port == self.port && other.tls == self.tls))
    }
}

/// The request that an answer to `request` redirects to; nothing where it is no redirect, or leads to a host that is
/// not contacted: such an answer stands for itself.
pub fn redirected(request: &Request, inside: &Inside) -> Option<Request> {
    if !matches!(inside.status, 301 | 302 | 303 | 307 | 308) {
        return None;
    }
    let location = inside.headers.get(LOCATION)?;
    let location = std::str::from_utf8(location.as_bytes()).ok()?;
    let url = request.origin.resolve(&request.path, location)?;
    if !request.origin.allows(&url) {
        return None;
    }
    let mut next = request.clone();
    next.origin = prepare::origin(&url);
    next.path = prepare::path(&url).ok()?;
    if next.origin != request.origin {
        next.headers.remove(AUTHORIZATION);
    }
    let becomes_get = match inside.status {
        303 => request.method != Method::HEAD,
        301 | 302 => request.method == Method::POST,
        _ => false,
    };
    if becomes_get {
        next.method = Method::GET;
        next.body = bytes::Bytes::new();
        for name in [CONTENT_TYPE, CONTENT_ENCODING, CONTENT_LANGUAGE] {
            next.headers.remove(name);
        }
    }
    Some(next)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::{Body, Method as Verb, Template};
    use crate::transport::example::{header, scenario};
    use crate::transport::requests;

    fn request(verb: Verb) -> Request {
        let mut scenario = scenario(
            verb,
            "http://shop.example:8080/a/b?c=1",
            Body::Form(Template::of("x=1")),
        );
        scenario.target.headers = vec![header("Authorization", "Basic abc")];
        requests(&scenario, "r-1").unwrap().remove(0)
    }

    fn after(verb: Verb, status: u16, location: &str) -> Option<Request> {
        let mut inside = Inside {
            status,
            ..Inside::default()
        };
        inside.headers.insert(LOCATION, location.parse().unwrap());
        redirected(&request(verb), &inside)
    }

    #[test]
    fn a_location_is_read_from_the_page_that_sent_it() {
        for (location, address) in [
            ("/x?y=1", "shop.example:8080/x?y=1"),
            ("c#part", "shop.example:8080/a/c"),
            ("?d=2", "shop.example:8080/a/b?d=2"),
            ("https://SHOP.example/s", "shop.example:443/s"),
            ("http://shop.example/s", "shop.example:80/s"),
            ("//shop.example:8080/s", "shop.example:8080/s"),
        ] {
            let next = after(Verb::Get, 302, location).unwrap();
            assert_eq!(
                format!("{}:{}{}", next.origin.host, next.origin.port, next.path),
                address
            );
            let stays = next.origin == request(Verb::Get).origin;
            assert_eq!(
                next.headers.contains_key("authorization"),
                stays,
                "{location}: a password goes to the origin that asked for it only"
            );
        }
        for elsewhere in [
            "https://evil.example/",
            "http://shop.example:9090/",
            "https://shop.example:8080/",
            "javascript:alert(1)",
            "http://[",
            "ftp://shop.example/",
        ] {
            assert!(after(Verb::Get, 302, elsewhere).is_none(), "{elsewhere}");
        }
        assert!(after(Verb::Get, 304, "/x").is_none() && after(Verb::Get, 200, "/x").is_none());
    }

    #[test]
    fn a_form_becomes_a_page_unless_the_answer_keeps_it() {
        for (verb, status, method) in [
            (Verb::Post, 301, Method::GET),
            (Verb::Post, 302, Method::GET),
            (Verb::Post, 303, Method::GET),
            (Verb::Post, 307, Method::POST),
            (Verb::Post, 308, Method::POST),
            (Verb::Put, 302, Method::PUT),
            (Verb::Put, 303, Method::GET),
            (Verb::Head, 303, Method::HEAD),
        ] {
            let next = after(verb, status, "/x").unwrap();
            assert_eq!(next.method, method, "{verb:?} {status}");
            let keeps = next.method == request(verb).method;
            assert_eq!(next.body.is_empty(), !keeps);
            assert_eq!(next.headers.contains_key("content-type"), keeps);
        }
    }
}
