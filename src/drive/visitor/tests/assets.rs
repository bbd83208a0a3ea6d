//! Pages with what belongs to them: fetched as a browser would, kept as a browser would, learned once.

use std::cell::Cell;
use std::time::Duration;

use super::site::{Heard, Reply, page, walk, walk_over_two, with};

const ONE_PAGE: &str = "journey: [ { get: /sale, assets: same_origin } ]";

fn html(body: &str) -> Reply {
    with(
        page(body.to_owned()),
        200,
        &[("content-type", "text/html"), ("etag", "\"1\"")],
    )
}

fn kept(body: &str, control: &str) -> Reply {
    with(
        page(body.to_owned()),
        200,
        &[("cache-control", control), ("etag", "\"e\"")],
    )
}

/// A page with eight pictures and a style sheet that names a font and another style sheet.
fn shop(heard: &Heard) -> Reply {
    match heard.path.as_str() {
        "/sale" => {
            let pictures: String = (0..8).map(|number| format!("<img src={number}.png>")).collect();
            html(&format!(
                "<link rel=stylesheet href=/main.css>{pictures}<img src=http://cdn.example/x.png>"
            ))
        }
        "/main.css" => {
            page("@import 'base.css'; @font-face { src: url(/a.woff2) } a { background: url(0.png) }")
        }
        "/base.css" => page("b { background: url(deep.png) }"),
        _ => page("picture"),
    }
}

#[test]
fn assets_are_fetched_over_six_connections_and_style_sheets_bring_their_own() {
    let seen = walk(ONE_PAGE, 2, shop);
    let first: Vec<&Heard> = seen.heard.iter().take(13).collect();
    let paths: Vec<&str> = first.iter().map(|heard| heard.path.as_str()).collect();
    assert_eq!(paths[..2], ["/sale", "/main.css"]);
    let mut sorted = paths.clone();
    sorted.sort_unstable();
    assert_eq!(
        sorted,
        [
            "/0.png",
            "/1.png",
            "/2.png",
            "/3.png",
            "/4.png",
            "/5.png",
            "/6.png",
            "/7.png",
            "/a.woff2",
            "/base.css",
            "/deep.png",
            "/main.css",
            "/sale"
        ]
    );
    assert!(first.iter().all(|heard| (1..=6).contains(&heard.connection)));
    let at_ten = first.iter().filter(|heard| heard.at == Duration::from_millis(10));
    assert_eq!(at_ten.count(), 6, "six at a time, each after 10 ms");
    let at = |path: &str| {
        first
            .iter()
            .find(|heard| heard.path == path)
            .unwrap()
            .at
            .as_millis()
    };
    assert!(at("/base.css") >= 20 && at("/a.woff2") >= 20 && at("/deep.png") >= at("/base.css") + 10);
    // The load is two pages; what belongs to them is counted apart.
    assert_eq!((seen.classes(), seen.visits_hit), (vec![("200", 2)], 0));
    let assets = &seen.assets;
    assert_eq!(
        (assets.pages, assets.requests(), assets.fresh, assets.cached),
        (2, 24, 10, 0)
    );
    assert_eq!(
        (assets.pages_failed, assets.left_out, assets.whole_page.len()),
        (0, 0, 2)
    );
    assert_eq!(
        seen.heard.len(),
        26,
        "the second visitor has nothing of the first"
    );
    let each = seen.took / 2;
    assert_eq!(
        each,
        Duration::from_millis(40),
        "page, six, six, and what the second style sheet names"
    );
}

#[test]
fn over_http_2_everything_goes_over_the_connection_of_the_page_at_once() {
    let seen = walk_over_two(ONE_PAGE, 2, |heard| {
        shop(&Heard {
            // A whole address comes over HTTP/2.
            path: heard.path.trim_start_matches("http://localhost:8080").to_owned(),
            ..heard.clone()
        })
    });
    assert_eq!((seen.heard.len(), seen.classes()), (26, vec![("200", 2)]));
    let connections: Vec<usize> = seen.heard.iter().map(|heard| heard.connection).collect();
    assert_eq!(
        (&connections[..13], &connections[13..]),
        (&[1; 13][..], &[2; 13][..])
    );
    let at_ten = seen
        .heard
        .iter()
        .filter(|heard| heard.at == Duration::from_millis(10));
    assert_eq!(at_ten.count(), 9, "all that the page names");
    assert_eq!((seen.assets.fresh, seen.assets.pages), (0, 2));
}

#[test]
fn a_visitor_keeps_what_it_may_and_asks_about_the_rest() {
    let journey = "journey: [ { get: /sale, assets: same_origin }, { get: /sale, assets: same_origin } ]";
    let seen = walk(journey, 1, |heard| match heard.path.as_str() {
        "/sale" => html("<img src=long><img src=ask><img src=never><link rel=stylesheet href=style>"),
        "/long" => kept("a", "public, max-age=600, immutable"),
        "/ask" if heard.header("if-none-match") == "\"e\"" => with(page(""), 304, &[("etag", "\"e\"")]),
        "/ask" => kept("a", "no-cache"),
        "/never" => kept("a", "no-store"),
        "/style" => kept("a { background: url(/deep) }", "max-age=600"),
        _ => kept("a", "max-age=600"),
    });
    let again: Vec<String> = seen.paths().into_iter().skip(6).collect();
    assert_eq!(again[0], "GET /sale");
    let mut again = again[1..].to_vec();
    again.sort();
    assert_eq!(again, ["GET /ask", "GET /never"]);
    assert_eq!((seen.assets.cached, seen.assets.requests()), (3, 7));
    assert_eq!(seen.assets.by_class[&crate::record::Class::Status(304)], 1);
    let connections = seen.heard.iter().map(|heard| heard.connection).max();
    assert!(
        connections <= Some(5),
        "connections are kept too: {connections:?}"
    );
}

#[test]
fn a_page_is_read_again_only_when_its_head_says_that_it_changed() {
    let visits = Cell::new(0);
    let journey =
        "journeys: [ { steps: [ { get: /sale, assets: same_origin }, { think: 2s }, { get: /end } ] } ]";
    let seen = walk(journey, 5, move |heard| {
        if heard.path != "/sale" {
            return page("ok");
        }
        visits.set(visits.get() + 1);
        // The text changes each time, the tag once: from the third visit on.
        let tag = if visits.get() < 3 { "\"1\"" } else { "\"2\"" };
        let text = format!("<img src=/{}.png>", visits.get());
        with(page(text), 200, &[("etag", tag), ("content-type", "text/html")])
    });
    let pictures: Vec<String> = seen
        .paths()
        .into_iter()
        .filter(|path| path.ends_with(".png"))
        .collect();
    // The third visitor's answer shows the change; the fourth one's is looked into.
    assert_eq!(
        pictures,
        [
            "GET /1.png",
            "GET /1.png",
            "GET /1.png",
            "GET /4.png",
            "GET /4.png"
        ]
    );
}

#[test]
fn a_page_that_does_not_say_when_it_changes_is_read_once_a_second() {
    let visits = Cell::new(0);
    let seen = walk(ONE_PAGE, 200, move |heard| {
        if heard.path == "/sale" {
            visits.set(visits.get() + 1);
            page(format!("<img src=/{}.png>", visits.get()))
        } else {
            page("")
        }
    });
    let mut pictures: Vec<String> = seen
        .paths()
        .into_iter()
        .filter(|path| path.ends_with(".png"))
        .collect();
    pictures.dedup();
    // 200 visits of 20 ms each: four seconds.
    assert!((3..=5).contains(&pictures.len()), "{pictures:?}");
}

#[test]
fn an_asset_that_does_not_come_breaks_its_page_unless_the_link_is_dead() {
    let with_status = |status: u16| {
        walk(ONE_PAGE, 3, move |heard| match heard.path.as_str() {
            "/sale" => html("<link rel=stylesheet href=/main.css?user=1><img src=/b.png>"),
            "/main.css?user=1" => with(page("oh"), status, &[]),
            _ => page("ok"),
        })
    };
    for status in [404, 403, 410] {
        let seen = with_status(status);
        assert_eq!(
            (seen.classes(), seen.visits_hit),
            (vec![("200", 3)], 0),
            "{status}"
        );
        assert_eq!(seen.assets.by_class[&crate::record::Class::Status(status)], 3);
    }
    for (status, class) in [(502, "502"), (500, "500"), (429, "429")] {
        let seen = with_status(status);
        assert_eq!((seen.classes(), seen.visits_hit), (vec![(class, 3)], 3));
        assert_eq!((seen.assets.pages, seen.assets.pages_failed), (3, 3));
        assert_eq!(seen.assets.requests(), 6, "the others are fetched all the same");
        assert_eq!(seen.why[0], "its asset `/main.css`");
    }
}

#[test]
fn cookies_and_moves_of_assets_are_those_of_the_visitor() {
    let journey = "journey: [ { get: /sale, assets: same_origin }, { get: /end } ]";
    let seen = walk(journey, 1, |heard| match heard.path.as_str() {
        "/sale" => with(
            html("<img src=/old.png>"),
            200,
            &[("set-cookie", "page=1; Path=/")],
        ),
        "/old.png" => with(page(""), 302, &[("location", "/new.png")]),
        "/new.png" => with(page(""), 200, &[("set-cookie", "picture=2; Path=/")]),
        _ => page("end"),
    });
    let cookies: Vec<&str> = seen.heard.iter().map(|heard| heard.header("cookie")).collect();
    assert_eq!(cookies, ["", "page=1", "page=1", "page=1; picture=2"]);
    assert_eq!(
        (seen.redirects, seen.assets.requests()),
        (0, 2),
        "pages' redirects are told from assets'"
    );
    for heard in &seen.heard[1..3] {
        assert_eq!(heard.header("x-tipover-run"), "0123456789ab");
    }
}

#[test]
fn a_hostile_page_costs_a_bounded_number_of_requests() {
    let seen = walk(ONE_PAGE, 1, |heard| match heard.path.as_str() {
        "/sale" => {
            let style = "<link rel=stylesheet href=/a.css>";
            html(
                &(style.to_owned()
                    + &(0..2_000)
                        .map(|number| format!("<img src=/{number}.png>"))
                        .collect::<String>()),
            )
        }
        path if path.ends_with(".css") => {
            let deeper = format!("@import '{}x.css'; ", path.trim_end_matches(".css"));
            let many: String = (0..2_000)
                .map(|number| format!("a {{ background: url(/css{number}.png) }}"))
                .collect();
            page(deeper + &many)
        }
        // A move that leads back to itself.
        path => with(page(""), 302, &[("location", path)]),
    });
    assert!(seen.heard.len() <= 1 + 250 * 11, "{}", seen.heard.len());
    assert_eq!(seen.assets.left_out, 250);
    assert_eq!(seen.classes(), [("200", 1)]);
}

#[test]
fn only_a_page_brings_assets() {
    let journey = "journey: [ { get: /a, assets: same_origin }, { get: /b, assets: same_origin, expect: { status: 404 } }, { post: /c, assets: same_origin }, { get: /d } ]";
    let seen = walk(journey, 1, |heard| match heard.path.as_str() {
        "/a" => with(
            page("<img src=/json.png>"),
            200,
            &[("content-type", "application/json")],
        ),
        "/b" => with(page("<img src=/gone.png>"), 404, &[("content-type", "text/html")]),
        "/c" => html("<img src=/of-the-form.png>"),
        _ => html("<img src=/not-asked-for.png>"),
    });
    assert_eq!(
        seen.paths(),
        ["GET /a", "GET /b", "POST /c", "GET /of-the-form.png", "GET /d"]
    );
}

#[test]
fn a_page_whose_assets_are_slow_ends_after_a_minute() {
    let seen = walk(ONE_PAGE, 1, |heard| match heard.path.as_str() {
        "/sale" => html(
            &(0..200)
                .map(|number| format!("<img src=/{number}.png>"))
                .collect::<String>(),
        ),
        // Bodies that never come: each asset is a timeout of 30 s.
        _ => with(page(""), 200, &[("x-hang", "1")]),
    });
    assert!(seen.took <= Duration::from_secs(95), "{:?}", seen.took);
    assert_eq!((seen.assets.requests(), seen.assets.left_out), (18, 182));
    assert_eq!(
        (seen.classes(), seen.visits_hit),
        (vec![("answer_timeout", 1)], 1)
    );
}
