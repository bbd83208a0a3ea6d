//! A request as it goes over a connection: what HTTP/1.1, HTTP/2 and a proxy each want to be told.

use bytes::Bytes;
use http_body_util::Full;
use hyper::header::{CONTENT_LENGTH, HOST, HeaderValue, PROXY_AUTHORIZATION};
use hyper::http::uri::{Authority, PathAndQuery, Scheme};
use hyper::{Method, Uri};

use super::exchange::Request;
use super::place::Place;

pub(super) type Message = hyper::Request<Full<Bytes>>;

/// In which form a connection takes its requests.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// HTTP/1.1 to the site: the path, and a `Host` header.
    Path,
    /// HTTP/1.1 to a proxy that is not tunnelled through: the whole address (RFC 9112, 3.2.2).
    Whole,
    /// HTTP/2: the whole address, and no `Host` (RFC 9113, 8.3.1).
    Streams,
}

/// `request` to `place`, as a connection of `form` takes it; `login` is for a proxy.
pub(super) fn message(request: &Request, place: &Place, form: Form, login: Option<&HeaderValue>) -> Message {
    let mut message = hyper::Request::new(Full::new(request.body.clone()));
    *message.method_mut() = request.method.clone();
    *message.uri_mut() = match form {
        Form::Path => Uri::from(request.path.clone()),
        Form::Whole | Form::Streams => whole(place, &request.path, request.headers.get(HOST)),
    };
    let headers = message.headers_mut();
    headers.reserve(request.headers.len() + 2);
    if form != Form::Streams && !request.headers.contains_key(HOST) {
        headers.insert(HOST, place.host.clone());
    }
    let sent = request.headers.iter();
    headers.extend(
        sent.filter(|(name, _)| form != Form::Streams || *name != HOST)
            .map(|(name, value)| (name.clone(), value.clone())),
    );
    if let Some(login) = login.filter(|_| form == Form::Whole) {
        headers.insert(PROXY_AUTHORIZATION, login.clone());
    }
    if request.body.is_empty() && [Method::POST, Method::PUT, Method::PATCH].contains(&request.method) {
        headers.insert(CONTENT_LENGTH, HeaderValue::from_static("0"));
    }
    message
}

/// The whole address of `path`: under the name that a `Host` header gives, where one was written.
pub(super) fn whole(place: &Place, path: &PathAndQuery, host: Option<&HeaderValue>) -> Uri {
    let written = host.and_then(|host| Authority::try_from(host.as_bytes()).ok());
    let mut parts = hyper::http::uri::Parts::default();
    parts.scheme = Some(if place.origin.tls {
        Scheme::HTTPS
    } else {
        Scheme::HTTP
    });
    parts.authority = written.or_else(|| place.authority.clone());
    parts.path_and_query = Some(path.clone());
    Uri::from_parts(parts).unwrap_or_else(|_| Uri::from(path.clone()))
}

#[cfg(test)]
mod tests {
    use super::super::Pinned;
    use super::super::exchange::Origin;
    use super::*;

    fn request(host: Option<&str>) -> Request {
        let mut headers = hyper::HeaderMap::new();
        headers.insert("x-one", HeaderValue::from_static("1"));
        if let Some(host) = host {
            headers.insert(HOST, HeaderValue::try_from(host).unwrap());
        }
        Request {
            step: 0,
            method: Method::GET,
            origin: Origin {
                tls: true,
                host: "shop.example".to_owned(),
                port: 8443,
            },
            path: "/sale?a=1".parse().unwrap(),
            headers,
            body: Bytes::new(),
            look: crate::transport::Look::Nothing,
        }
    }

    #[test]
    fn each_form_names_the_host_once() {
        let login = HeaderValue::from_static("Basic abc");
        for (form, host, uri, host_header) in [
            (Form::Path, None, "/sale?a=1", Some("shop.example:8443")),
            (
                Form::Path,
                Some("other.example"),
                "/sale?a=1",
                Some("other.example"),
            ),
            (
                Form::Whole,
                None,
                "https://shop.example:8443/sale?a=1",
                Some("shop.example:8443"),
            ),
            (Form::Streams, None, "https://shop.example:8443/sale?a=1", None),
            (
                Form::Streams,
                Some("other.example"),
                "https://other.example/sale?a=1",
                None,
            ),
        ] {
            let request = request(host);
            let place = Place::new(&request.origin, &Pinned::new(0));
            let message = message(&request, &place, form, Some(&login));
            assert_eq!(message.uri().to_string(), uri);
            let said = message.headers().get(HOST).map(|host| host.to_str().unwrap());
            assert_eq!(said, host_header, "{form:?}");
            assert_eq!(
                message.headers().contains_key(PROXY_AUTHORIZATION),
                form == Form::Whole
            );
            assert_eq!(message.headers()["x-one"], "1");
        }
    }
}
