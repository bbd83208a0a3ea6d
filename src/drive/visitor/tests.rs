//! Whole visits over the real HTTP client, against a shop in memory, in virtual time.

mod assets;
mod packed;
mod site;

use std::path::Path;
use std::time::Duration;

use tokio::task::LocalSet;

use super::super::script::Script;
use crate::scenario::Overrides;
use site::{Heard, Reply, page, visits, walk, with};

#[test]
fn a_form_is_sent_back_with_its_token_and_the_session_of_its_visitor() {
    let journey = r#"
journey:
  - get: /cart
    expect: { status: 200, body_contains: Your cart, header: { content-type: TEXT/html } }
    capture: { csrf: { css: "form#buy input[name=csrf]", attribute: value } }
  - post: /cart
    form: { sku: "a&b", csrf: "{{csrf}}" }
    expect: { status: 200, json: { $.items: 1 } }
"#;
    let seen = walk(journey, 2, |heard| match heard.method.as_str() {
        "GET" => {
            let page = page("<h1>Your cart</h1><form id=buy><input name=csrf value='t/&quot;1'></form>");
            with(
                page,
                200,
                &[
                    ("content-type", "text/html"),
                    ("set-cookie", "session=s1; Path=/; HttpOnly"),
                ],
            )
        }
        _ => page("{\"items\": 1.0}"),
    });
    assert_eq!(
        seen.paths(),
        ["GET /cart", "POST /cart", "GET /cart", "POST /cart"]
    );
    assert_eq!(seen.heard[1].body, "sku=a%26b&csrf=t%2F%221");
    assert_eq!(seen.heard[1].header("cookie"), "session=s1");
    assert_eq!(
        seen.heard[2].header("cookie"),
        "",
        "the next visitor is somebody else"
    );
    assert_eq!(
        (seen.classes(), seen.visits, seen.visits_hit),
        (vec![("200", 4)], 2, 0)
    );
    assert!(seen.why.is_empty());
}

#[test]
fn redirects_are_followed_with_the_cookies_that_they_set_and_every_hop_is_counted() {
    let journey =
        "journey: [ { post: /login, form: { a: b }, expect: { body_contains: welcome } }, { get: /home } ]";
    let seen = walk(journey, 1, |heard| match heard.path.as_str() {
        "/login" => with(
            page(""),
            302,
            &[("location", "/step?x=1"), ("set-cookie", "s=1; Path=/")],
        ),
        "/step?x=1" => with(
            page(""),
            307,
            &[
                ("location", "http://localhost:8080/done"),
                ("set-cookie", "s=2; Path=/"),
            ],
        ),
        _ => page("welcome"),
    });
    assert_eq!(
        seen.paths(),
        ["POST /login", "GET /step?x=1", "GET /done", "GET /home"]
    );
    let cookies: Vec<&str> = seen.heard.iter().map(|heard| heard.header("cookie")).collect();
    assert_eq!(cookies, ["", "s=1", "s=2", "s=2"]);
    assert_eq!(seen.classes(), [("200", 2), ("302", 1), ("307", 1)]);
    assert_eq!((seen.redirects, &seen.steps), (2, &[(0, 3), (1, 1)].into()));
    assert_eq!(seen.took, Duration::from_millis(40));
}

#[test]
fn a_redirect_loop_and_an_endless_chain_end_with_their_names() {
    let seen = walk("journey: [ { get: /a }, { get: /b } ]", 1, |heard| {
        let number: u32 = heard.path.rsplit('/').next().unwrap().parse().unwrap_or(0);
        let next = match heard.path.as_str() {
            "/a" => "/c".to_owned(),
            "/c" => "/a".to_owned(),
            _ => format!("/n/{}", number + 1),
        };
        with(page(""), 302, &[("location", &next)])
    });
    assert_eq!(seen.paths()[..3], ["GET /a", "GET /c", "GET /b"]);
    assert_eq!(seen.heard.len(), 2 + 11);
    assert_eq!(seen.classes(), [("302", 11), ("failed_check", 2)]);
    assert_eq!(seen.redirects, 11, "one that is not followed is none");
    assert_eq!(
        seen.why,
        [
            "a redirect loop: it leads back to where it came from",
            "more than 10 redirects"
        ]
    );
    // A page that sets a cookie and sends back to itself is no loop.
    let seen = walk("journey: [ { get: /a } ]", 1, |heard| {
        match heard.header("cookie") {
            "" => with(page(""), 302, &[("location", "/a"), ("set-cookie", "seen=1")]),
            _ => page("ok"),
        }
    });
    assert_eq!(seen.classes(), [("200", 1), ("302", 1)]);
}

#[test]
fn other_hosts_are_not_contacted_and_an_expected_redirect_is_not_followed() {
    let away = |_: &Heard| with(page(""), 302, &[("location", "http://elsewhere.example/")]);
    assert_eq!(walk("journey: [ { get: /a } ]", 1, away).classes(), [("302", 1)]);
    let here = |_: &Heard| with(page(""), 302, &[("location", "/b")]);
    let journey = "journey: [ { get: /a, expect: { status: 302 }, capture: { to: { header: location } } }, { get: \"{{to}}\", expect: { status: 3xx } } ]";
    let seen = walk(journey, 1, here);
    assert_eq!(seen.paths(), ["GET /a", "GET /b"]);
    let journey = "journey: [ { get: /a, capture: { to: { json: $.to } } }, { get: \"{{to}}\" } ]";
    let seen = walk(journey, 1, |_| page("{\"to\":\"http://elsewhere.example/\"}"));
    assert_eq!(seen.classes(), [("200", 1), ("failed_check", 1)]);
    assert_eq!(
        seen.why,
        ["not sent: a link to another host, which is not contacted"]
    );
}

#[test]
fn every_expectation_fails_by_its_own_name() {
    for (expect, why) in [
        ("status: 201", "the status is 200, which is not expected"),
        ("status: [3xx, 404]", "the status is 200, which is not expected"),
        ("header: { x-none: a }", "the header `x-none` is missing"),
        ("header: { x-some: b }", "the header `x-some` is not as expected"),
        (
            "body_contains: [yes, no such]",
            "the body does not contain what is expected",
        ),
        ("body_matches: 'a+b'", "the body does not match `a+b`"),
        ("json: { $.a: 2 }", "the value at `$.a` is not as expected"),
        ("json: { $.b: 2 }", "nothing at `$.b`"),
        ("max_latency: 9ms", "it took longer than 9ms"),
    ] {
        let journey = format!("journey: [ {{ get: /, expect: {{ {expect} }} }}, {{ get: /next }} ]");
        let reply = |_: &Heard| with(page("{ \"a\": 1, \"yes\": null }"), 200, &[("x-some", "a")]);
        let seen = walk(&journey, 1, reply);
        assert_eq!(seen.classes(), [("200", 1), ("failed_check", 1)], "{expect}");
        assert_eq!(seen.why, [why]);
        assert_eq!((seen.visits, seen.visits_hit), (1, 1));
    }
    // What fails by itself keeps its name; what is expected to fail is no failure.
    let broken = |_: &Heard| with(page("oh"), 502, &[]);
    let seen = walk("journey: [ { get: /, expect: { body_contains: a } } ]", 1, broken);
    assert_eq!((seen.classes(), seen.visits_hit), (vec![("502", 1)], 1));
    let gone = |_: &Heard| with(page("oh"), 404, &[]);
    let seen = walk("journey: [ { get: /, expect: { status: 404 } } ]", 1, gone);
    assert_eq!((seen.classes(), seen.visits_hit), (vec![("404", 1)], 0));
}

#[test]
fn a_capture_that_finds_nothing_ends_the_visit_where_its_value_is_needed() {
    let steps = "[ { get: /a, capture: { t: { regex: 't=(\\d+)' } } }, { get: /b }, { get: \"/c/{{t}}\" }, { get: /d } ]";
    let seen = walk(&format!("journey: {steps}"), 3, |_| page("no token"));
    assert_eq!(seen.classes(), [("200", 3), ("failed_check", 3)]);
    assert_eq!(seen.why[0], "the capture `t` found nothing");
    assert_eq!(seen.paths()[..3], ["GET /a", "GET /b", "GET /a"]);
    let stopping = format!("journeys: [ {{ on_failure: stop, steps: {steps} }} ]");
    let seen = walk(&stopping, 3, |_| page("no token"));
    assert_eq!(seen.paths(), ["GET /a", "GET /a", "GET /a"]);
    assert_eq!((seen.visits, seen.visits_hit), (3, 3));
    let seen = walk(&stopping, 1, |_| page("t=42"));
    assert_eq!(seen.paths(), ["GET /a", "GET /b", "GET /c/42", "GET /d"]);
}

#[test]
fn only_the_beginning_of_a_large_body_is_looked_at_and_all_of_it_is_read() {
    let large = || {
        let mut body = vec![b'.'; 3 << 20];
        body.extend_from_slice(b"the end");
        body
    };
    let seen = walk(
        "journey: [ { get: /, expect: { body_contains: the end } }, { get: /b } ]",
        1,
        move |_| page(large()),
    );
    assert_eq!(seen.classes(), [("200", 1), ("failed_check", 1)]);
    assert_eq!(
        seen.why,
        [
            "the body does not contain what is expected (in its first 1048576 bytes, which are all that is looked at)"
        ]
    );
}

#[test]
fn placeholders_are_filled_in_for_each_visitor_and_by_the_seed() {
    let journey = r#"
journeys:
  - data: { csv: skus.csv }
    steps:
      - post: "/p/{{row.sku}}?u={{unique}}&v={{visitor}}"
        headers: { X-Number: "{{random(1, 6)}}", Authorization: "Bearer {{uuid}}" }
        json: { name: "{{row.name}}", at: "{{unix}}", plain: 1 }
      - think: { median: 5s, sigma: 0.5 }
      - get: "/{{unique}}"
"#;
    let seen = walk(journey, 3, |_| page("ok"));
    let again = walk(journey, 3, |_| page("ok"));
    assert_eq!(seen.took, again.took, "think times follow the seed");
    assert!(seen.took > Duration::from_secs(3));
    assert_eq!(seen.heard[0].path, "/p/tee%2F01?u=0123456789ab-0-1&v=1");
    assert_eq!(seen.heard[1].path, "/0123456789ab-0-2");
    assert_eq!(seen.heard[2].path, "/p/mug%20%26%20co?u=0123456789ab-1-1&v=2");
    let body: serde_json::Value = serde_json::from_str(&seen.heard[0].body).unwrap();
    assert_eq!(
        (&body["name"], &body["plain"]),
        (&"Tee \"Summer\"".into(), &1.into())
    );
    let identifiers: Vec<&str> = seen
        .heard
        .iter()
        .step_by(2)
        .map(|heard| heard.header("authorization"))
        .collect();
    assert!(identifiers.iter().all(|text| text.len() == "Bearer ".len() + 36));
    assert!(identifiers[0] != identifiers[1] && identifiers[1] != identifiers[2]);
    for (heard, same) in seen.heard.iter().zip(&again.heard) {
        assert_eq!(heard.header("x-number"), same.header("x-number"));
        if heard.method == "POST" {
            assert!((1..=6).contains(&heard.header("x-number").parse::<u32>().unwrap()));
        }
    }
}

#[test]
fn a_hostile_page_costs_a_bounded_time() {
    let journey = "journey: [ { get: /, capture: { a: { css: \"div div div > p[x]\" }, b: { json: \"$.a\" }, c: { regex: \"(a+)+$\" } } } ]";
    for body in [
        "<div ".repeat(150_000),
        "[".repeat(900_000),
        "a".repeat(900_000) + "!",
        "<div>".repeat(200_000),
    ] {
        let seen = walk(journey, 1, move |_| page(body.clone()));
        assert_eq!(seen.classes(), [("failed_check", 1)]);
    }
}

/// A shop that refuses whoever has no session or not its token.
fn strict_shop(heard: &Heard) -> Reply {
    let path = heard.path.split('?').next().unwrap_or_default();
    let html = |text: String| with(page(text), 200, &[("content-type", "text/html; charset=utf-8")]);
    let session = heard.header("cookie").strip_prefix("session=").map(str::to_owned);
    match (heard.method.as_str(), path) {
        ("GET", "/sale") => {
            let id = heard.path.rsplit('=').next().unwrap();
            let cookie = format!("session={id}; Path=/; HttpOnly; SameSite=Lax");
            with(html("Sale".to_owned()), 200, &[("set-cookie", &cookie)])
        }
        ("GET", path) if path.starts_with("/product/") => html(format!(
            "<form id=search><input name=csrf value=wrong></form>\
             <form id=buy action=/cart><input type=hidden name=csrf value='of {}'><button>Add to cart</button></form>",
            session.unwrap_or_default()
        )),
        ("POST", "/cart") => {
            let token = format!("&csrf=of+{}", session.unwrap_or_default());
            if heard.body.ends_with(&token) {
                with(page(""), 303, &[("location", "/cart")])
            } else {
                with(page("no token"), 403, &[])
            }
        }
        ("GET", "/cart") => html("<h1>Cart (1)</h1>".to_owned()),
        ("POST", "/api/checkout") => with(page("{\"state\":\"accepted\"}"), 201, &[]),
        _ => with(page("not here"), 404, &[]),
    }
}

#[test]
fn the_published_shop_is_walked_to_its_end_by_everybody() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios/shop.yaml");
    let loaded = crate::scenario::load(&path, &Overrides::default(), &|_| {
        Some("http://localhost:8080".to_owned())
    });
    let scenario = loaded
        .unwrap_or_else(|problems| unreachable!("{problems}"))
        .scenario;
    let script = Script::new(&scenario, "0123456789ab", false).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .unwrap();
    let seen = LocalSet::new().block_on(&runtime, visits(script, 200, strict_shop));
    assert!(seen.why.is_empty(), "{:?}", seen.why);
    assert_eq!((seen.visits, seen.visits_hit), (200, 0));
    let orders = seen
        .paths()
        .iter()
        .filter(|path| *path == "POST /api/checkout")
        .count();
    assert!((40..80).contains(&orders), "30 in 100 buy: {orders}");
    let lookers = seen
        .paths()
        .iter()
        .filter(|path| *path == "GET /sale?page=2")
        .count();
    assert_eq!(orders + lookers, 200);
    assert_eq!(seen.classes["303"], orders as u64);
    // Without think times: 10 ms a request, five for a buyer with a redirect among them, two for a looker.
    let requests = seen.heard.len() as u64;
    assert_eq!(requests, (orders * 5 + lookers * 2) as u64);
    assert_eq!(seen.took, Duration::from_millis(10 * requests));
}

#[test]
fn a_shop_that_forgets_its_token_is_told_from_one_that_is_overloaded() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios/shop.yaml");
    let loaded = crate::scenario::load(&path, &Overrides::default(), &|_| {
        Some("http://localhost:8080".to_owned())
    });
    let scenario = loaded
        .unwrap_or_else(|problems| unreachable!("{problems}"))
        .scenario;
    let script = Script::new(&scenario, "0123456789ab", false).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .unwrap();
    let forgetful = |heard: &Heard| {
        if heard.path.starts_with("/product/") {
            return with(page("Add to cart"), 200, &[]);
        }
        strict_shop(heard)
    };
    let seen = LocalSet::new().block_on(&runtime, visits(script, 50, forgetful));
    assert!(
        seen.paths().iter().all(|path| path.starts_with("GET ")),
        "nobody goes on without a token"
    );
    assert_eq!(seen.classes["failed_check"], seen.visits_hit);
    assert!(
        seen.why
            .iter()
            .all(|why| why == "the capture `csrf` found nothing")
    );
    assert!(!seen.why.is_empty() && seen.classes.len() == 2);
}
