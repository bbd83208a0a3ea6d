//! The head of a request as it goes over a connection of HTTP/1.1. RFC 9112, 3.

use std::io::Write;

use hyper::Method;
use hyper::header::{CONTENT_LENGTH, HOST, HeaderValue, PROXY_AUTHORIZATION};

use crate::transport::exchange::Request;
use crate::transport::message::{Form, whole};
use crate::transport::place::Place;

/// Where a request goes, and what is said of the connection.
#[derive(Clone, Copy)]
pub(in crate::transport) struct Way<'a> {
    pub(in crate::transport) place: &'a Place,
    pub(in crate::transport) form: Form,
    /// For a proxy.
    pub(in crate::transport) login: Option<&'a HeaderValue>,
    /// Whether no request follows this one (RFC 9112, 9.3).
    pub(in crate::transport) is_last: bool,
}

/// Adds the head of `request` to `out`.
pub(super) fn write(request: &Request, way: Way<'_>, out: &mut Vec<u8>) {
    let Way { place, form, .. } = way;
    out.extend_from_slice(request.method.as_str().as_bytes());
    out.push(b' ');
    let host = request.headers.get(HOST);
    let path = request.path.as_str();
    if form == Form::Whole {
        // Writing to a vector does not fail.
        let _ = write!(out, "{}", whole(place, &request.path, host));
    } else {
        if !path.starts_with(['/', '*']) {
            out.push(b'/');
        }
        out.extend_from_slice(path.as_bytes());
    }
    out.extend_from_slice(b" HTTP/1.1\r\n");
    if host.is_none() {
        field(out, HOST.as_str(), &place.host);
    }
    for (name, value) in &request.headers {
        field(out, name.as_str(), value);
    }
    if let Some(login) = way.login.filter(|_| form == Form::Whole) {
        field(out, PROXY_AUTHORIZATION.as_str(), login);
    }
    if way.is_last {
        out.extend_from_slice(b"connection: close\r\n");
    }
    let has_body = !request.body.is_empty();
    let says_so = has_body || [Method::POST, Method::PUT, Method::PATCH].contains(&request.method);
    if says_so && !request.headers.contains_key(CONTENT_LENGTH) {
        let _ = write!(out, "content-length: {}\r\n", request.body.len());
    }
    out.extend_from_slice(b"\r\n");
}

fn field(out: &mut Vec<u8>, name: &str, value: &HeaderValue) {
    out.extend_from_slice(name.as_bytes());
    out.extend_from_slice(b": ");
    out.extend_from_slice(value.as_bytes());
    out.extend_from_slice(b"\r\n");
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::*;
    use crate::transport::exchange::{Look, Origin};
    use crate::transport::pinned::Pinned;

    fn written(method: Method, path: &str, host: Option<&str>, body: &'static str, form: Form) -> String {
        let mut headers = hyper::HeaderMap::new();
        headers.insert("x-one", HeaderValue::from_static("1"));
        if let Some(host) = host {
            headers.insert(HOST, HeaderValue::try_from(host).unwrap());
        }
        let request = Request {
            step: 0,
            method,
            origin: Origin {
                tls: false,
                host: "shop.example".to_owned(),
                port: 8080,
            },
            path: path.parse().unwrap(),
            headers,
            body: Bytes::from_static(body.as_bytes()),
            look: Look::Nothing,
        };
        let place = Place::new(&request.origin, &Pinned::new(0));
        let login = HeaderValue::from_static("Basic abc");
        let way = Way {
            place: &place,
            form,
            login: Some(&login),
            is_last: request.method == Method::DELETE,
        };
        let mut out = Vec::new();
        write(&request, way, &mut out);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn each_form_names_the_host_once_and_a_length_where_there_may_be_a_body() {
        for (method, path, host, body, form, wanted) in [
            (
                Method::GET,
                "/a?b=1",
                None,
                "",
                Form::Path,
                "GET /a?b=1 HTTP/1.1\r\nhost: shop.example:8080\r\nx-one: 1\r\n\r\n",
            ),
            (
                Method::GET,
                "?b=1",
                Some("other.example"),
                "",
                Form::Path,
                "GET /?b=1 HTTP/1.1\r\nx-one: 1\r\nhost: other.example\r\n\r\n",
            ),
            (
                Method::POST,
                "/",
                None,
                "",
                Form::Path,
                "POST / HTTP/1.1\r\nhost: shop.example:8080\r\nx-one: 1\r\ncontent-length: 0\r\n\r\n",
            ),
            (
                Method::DELETE,
                "/",
                None,
                "abc",
                Form::Path,
                "DELETE / HTTP/1.1\r\nhost: shop.example:8080\r\nx-one: 1\r\nconnection: close\r\ncontent-length: 3\r\n\r\n",
            ),
            (
                Method::GET,
                "/a",
                None,
                "",
                Form::Whole,
                "GET http://shop.example:8080/a HTTP/1.1\r\nhost: shop.example:8080\r\nx-one: 1\r\nproxy-authorization: Basic abc\r\n\r\n",
            ),
        ] {
            assert_eq!(written(method, path, host, body, form), wanted);
        }
    }
}
