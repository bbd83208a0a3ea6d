//! Pages and what selectors find in them.

use proptest::prelude::*;

use super::*;

const PAGE: &str = r#"<!doctype html><html><head><title>Sale &amp; more</title>
<script>if (a < b) { document.write("<input name=csrf value=wrong>") }</script></head>
<body><!-- <input name="csrf" value="comment"> -->
<form id=search><input name=q value="x"></form>
<form id="cart" class="big form"><input type="hidden" NAME="csrf" value="a&quot;b&amp;c"><p>One<p>Two <b>bold</b> end</form>
<ul><li>1<li class=chosen>2<li>3</ul><a href="/next?p=2" data-role="next-page">Next</a></body>"#;

fn find(selector: &str, attribute: Option<&str>) -> Option<String> {
    Selector::parse(selector)
        .unwrap()
        .find(PAGE.as_bytes(), attribute)
}

#[test]
fn the_first_element_that_is_meant_is_found() {
    for (selector, attribute, found) in [
        ("input[name=csrf]", Some("value"), Some("a\"b&c")),
        ("#cart input", Some("type"), Some("hidden")),
        ("form > input[type='hidden']", Some("value"), Some("a\"b&c")),
        ("body > input", Some("value"), None),
        ("form.form.big input", Some("name"), Some("csrf")),
        ("form.bi input", Some("name"), None),
        ("input", Some("value"), Some("x")),
        ("input", Some("type"), Some("hidden")),
        ("title", None, Some("Sale & more")),
        ("li.chosen", None, Some("2")),
        ("ul > li", None, Some("1")),
        ("li > li", None, None),
        ("p > b", None, Some("bold")),
        ("#cart p", None, Some("One")),
        (
            "a[href^='/next'][href$='=2'][href*=p]",
            Some("href"),
            Some("/next?p=2"),
        ),
        ("[data-role|=next]", None, Some("Next")),
        ("[class~=form]", Some("id"), Some("cart")),
        ("h1, title", None, Some("Sale & more")),
        ("nothing", None, None),
    ] {
        assert_eq!(find(selector, attribute).as_deref(), found, "{selector}");
    }
}

#[test]
fn an_element_without_an_end_or_a_text_has_what_there_is() {
    let at = |page: &str| Selector::parse("b").unwrap().find(page.as_bytes(), None);
    assert_eq!(at("<b>cut of"), Some("cut of".to_owned()));
    assert_eq!(at("<b></b>later"), Some(String::new()));
    assert_eq!(at("<i><b>in</i>side"), Some("in".to_owned()));
    assert_eq!(
        Selector::parse("img").unwrap().find(b"<img>after", None),
        Some(String::new())
    );
}

#[test]
fn what_is_no_selector_is_named() {
    for bad in [
        "",
        "a >",
        "> a",
        "a,",
        "a:first-child",
        "a + b",
        "a ~ b",
        "[a",
        "[a=]",
        "#",
        ".",
        "a['b']",
        "a!b",
    ] {
        assert!(Selector::parse(bad).is_err(), "{bad}");
    }
    assert!(Selector::parse(&"a ".repeat(33)).is_err());
}

/// Whether `path`, the names of nested elements, ends in something that `chain` means: tried slowly, every way.
fn means(chain: &[(bool, &str)], path: &[String]) -> bool {
    let Some(((is_child, name), before)) = chain.split_last() else {
        return true;
    };
    let Some((last, above)) = path.split_last() else {
        return false;
    };
    if last != name {
        return false;
    }
    match before {
        [] => true,
        _ if *is_child => means(before, above),
        _ => (1..=above.len()).any(|end| means(before, &above[..end])),
    }
}

proptest! {
    #[test]
    fn nesting_is_read_as_by_trying_every_way(
        path in prop::collection::vec("[xyz]", 1..8),
        chain in prop::collection::vec((any::<bool>(), "[xyz]"), 1..5),
    ) {
        let mut page = String::new();
        for (depth, name) in path.iter().enumerate() {
            page.push_str(&format!("<{name} depth={depth}>"));
        }
        let mut text = String::new();
        for (at, (is_child, name)) in chain.iter().enumerate() {
            if at > 0 {
                text.push_str(if *is_child { ">" } else { " " });
            }
            text.push_str(name);
        }
        let chain: Vec<(bool, &str)> = chain.iter().map(|(is_child, name)| (*is_child, name.as_str())).collect();
        let expected = (1..=path.len()).find(|end| means(&chain, &path[..*end])).map(|end| (end - 1).to_string());
        prop_assert_eq!(Selector::parse(&text).unwrap().find(page.as_bytes(), Some("depth")), expected);
    }

    #[test]
    fn no_page_and_no_selector_brings_it_down(page in prop::collection::vec(any::<u8>(), 0..400), text in "[a-c#.>, \\[\\]='\"*:é]{0,12}") {
        if let Ok(selector) = Selector::parse(&text) {
            selector.find(&page, None);
            selector.find(&page, Some("a"));
        }
    }
}
