//! What goes over the wire of a step.

use super::*;
use crate::scenario::Method as Verb;
use crate::transport::example::{header, scenario};

fn prepared(scenario: &Scenario) -> Request {
    requests(scenario, "r-1").unwrap().remove(0)
}

fn first(scenario: &mut Scenario) -> &mut Step {
    scenario.journeys.first_step_mut().unwrap()
}

fn said<'a>(request: &'a Request, name: &str) -> Vec<&'a str> {
    let values = request.headers.get_all(name);
    values.into_iter().map(|value| value.to_str().unwrap()).collect()
}

#[test]
fn a_request_says_who_it_is() {
    let request = prepared(&scenario(
        Verb::Get,
        "https://shop.example/sale?a=1&b=%20",
        Body::None,
    ));
    assert_eq!(request.method, Method::GET);
    assert_eq!(request.path.as_str(), "/sale?a=1&b=%20");
    assert_eq!(said(&request, "user-agent"), [AGENT]);
    assert_eq!(said(&request, "accept"), ["*/*"]);
    assert_eq!(said(&request, "accept-encoding"), ["gzip, br, deflate, zstd"]);
    assert_eq!(said(&request, "x-tipover-run"), ["r-1"]);
    let trace = said(&request, "traceparent")[0];
    let parts: Vec<usize> = trace.split('-').map(str::len).collect();
    assert_eq!(parts, [2, 32, 16, 2], "{trace}");
    assert!(request.headers.get("content-type").is_none() && request.body.is_empty());
}

#[test]
fn origins_are_named_as_they_are_connected_to() {
    for (url, tls, host, port) in [
        ("http://Shop.Example/", false, "shop.example", 80),
        ("https://shop.example/", true, "shop.example", 443),
        ("http://127.0.0.1:8080/", false, "127.0.0.1", 8080),
        ("https://[::1]:8443/", true, "::1", 8443),
    ] {
        let host = host.to_owned();
        assert_eq!(
            prepared(&scenario(Verb::Get, url, Body::None)).origin,
            Origin { tls, host, port }
        );
    }
}

#[test]
fn each_kind_of_body_has_its_type_unless_a_header_says_otherwise() {
    for (body, kind) in [
        (Body::Text(Template::of("a=1")), "text/plain; charset=utf-8"),
        (Body::Json(Template::of("a=1")), "application/json"),
        (
            Body::Form(Template::of("a=1")),
            "application/x-www-form-urlencoded",
        ),
    ] {
        let mut scenario = scenario(Verb::Post, "http://shop.example/cart", body);
        let request = prepared(&scenario);
        assert_eq!(said(&request, "content-type"), [kind]);
        assert_eq!(request.body, "a=1");
        first(&mut scenario).headers = vec![header("Content-Type", "text/csv")];
        assert_eq!(said(&prepared(&scenario), "content-type"), ["text/csv"]);
    }
}

#[test]
fn a_steps_headers_replace_the_targets_and_both_the_usual_ones() {
    let mut scenario = scenario(Verb::Get, "http://shop.example/", Body::None);
    scenario.target.headers = vec![
        header("User-Agent", "target"),
        header("Accept", "text/html"),
        header("X-Twice", "1"),
        header("X-Twice", "2"),
        header("Connection", "close"),
        header("Content-Length", "7"),
        header("Authorization", "Basic abc"),
        header("Host", "origin.example"),
    ];
    first(&mut scenario).headers = vec![header("user-agent", "step"), header("X-Tipover-Run", "forged")];
    let request = prepared(&scenario);
    assert_eq!(said(&request, "user-agent"), ["step"]);
    assert_eq!(said(&request, "accept"), ["text/html"]);
    assert_eq!(said(&request, "x-twice"), ["1", "2"]);
    assert_eq!(said(&request, "x-tipover-run"), ["r-1"]);
    assert_eq!(said(&request, "host"), ["origin.example"]);
    assert!(request.headers.get("connection").is_none() && request.headers.get("content-length").is_none());
    assert!(request.headers["authorization"].is_sensitive());
}

#[test]
fn a_header_that_http_forbids_is_an_error_without_its_value() {
    let mut scenario = scenario(Verb::Get, "http://shop.example/", Body::None);
    scenario.target.headers = vec![header("X-Secret", "s3cret\r\nX-Injected: 1")];
    let error = requests(&scenario, "r-1").unwrap_err().to_string();
    assert_eq!(
        error,
        "prepare step 1: the value of the header `x-secret` is not allowed in HTTP"
    );
}
