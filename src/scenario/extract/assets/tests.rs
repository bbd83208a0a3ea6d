use proptest::prelude::*;

use super::*;

fn found(page: &str) -> Vec<String> {
    let address = Url::parse("http://shop.example/sale/").unwrap();
    let name = |asset: &Asset| {
        let kind = if asset.is_style { "style " } else { "" };
        format!(
            "{kind}{}",
            asset.url.as_str().trim_start_matches("http://shop.example")
        )
    };
    assets_of_page(page.as_bytes(), &address)
        .iter()
        .map(name)
        .collect()
}

#[test]
fn a_page_names_what_a_browser_fetches_with_it() {
    let page = r##"<!doctype html><html><head>
        <link rel=stylesheet href=/main.css><link rel="Stylesheet" media=print href=print.css>
        <link rel="alternate stylesheet" href=other.css><link rel=canonical href=/canonical><link rel=prefetch href=/later.js>
        <link rel="shortcut icon" href=/favicon.ico><link rel=preload as=font href=/f.woff2><link rel=preload as=fetch href=/api>
        <link rel=modulepreload href=/m.js><script src=/a.js?v=1 async></script><script type=module src=b.js></script>
        <script src=/old.js nomodule></script><script type=text/template src=/t.html></script>
        <script>var x = "<img src=/no.png>";</script><style>body { background: url(/bg.png) } @import "imported.css";</style></head>
        <body style="background: url('inline.png')"><!-- <img src=/comment.png> --><noscript><img src=/noscript.png></noscript>
        <template><img src=/template.png></template>
        <img src=one.png alt=""><img src=/main.css><img src="one.png#again"><img src=data:image/png;base64,AA><img src="">
        <input type=image src=/button.png><video poster=/poster.jpg src=/film.mp4></video><iframe src=/frame.html></iframe>
        <svg><use href="/icons.svg#cart"></use><use href="#here"></use></svg><a href=/page>x</a><img src=mailto:a@b>"##;
    assert_eq!(
        found(page),
        [
            "style /main.css",
            "/sale/print.css",
            "/favicon.ico",
            "/f.woff2",
            "/m.js",
            "/a.js?v=1",
            "/sale/b.js",
            "/bg.png",
            "style /sale/imported.css",
            "/sale/inline.png",
            "/sale/one.png",
            "/button.png",
            "/poster.jpg",
            "/icons.svg",
        ]
    );
}

#[test]
fn one_image_of_a_picture_or_a_set_is_fetched() {
    let page = r#"<img srcset="s.png 640w, m.png 1280w" src=x.png>
        <picture><source media="(max-width: 600px)" srcset=phone.png><source type=image/jxl srcset=a.jxl>
        <source type=image/webp srcset="a.webp, a2.webp 2x"><source srcset=b.png><img src=a.png></picture>
        <picture><source media=print srcset=print.png><img src=fallback.png></picture><img src=after.png loading=lazy>"#;
    assert_eq!(
        found(page),
        [
            "/sale/m.png",
            "/sale/a.webp",
            "/sale/fallback.png",
            "/sale/after.png"
        ]
    );
}

#[test]
fn links_start_at_the_base_that_the_page_names() {
    let page = "<base href=/base/><base href=/second/><img src=a.png><img src=//cdn.example/b.png>";
    assert_eq!(found(page), ["/base/a.png", "http://cdn.example/b.png"]);
}

#[test]
fn a_hostile_page_names_a_bounded_number_in_bounded_time() {
    let many: String = (0..5_000)
        .map(|number| format!("<img src={number}.png>"))
        .collect();
    assert_eq!(found(&many).len(), MOST_ASSETS);
    for part in [
        "<template>",
        "<style>url(",
        "<picture><source srcset=",
        "<img srcset=\",,,,\">",
        "<base href=//[>",
        "<",
    ] {
        assert!(found(&part.repeat(50_000)).len() <= MOST_ASSETS);
    }
    assert!(found(&format!("<img src=/{}>", "a".repeat(100_000))).is_empty());
}

proptest! {
    #[test]
    fn no_page_and_no_style_sheet_brings_it_down(parts in prop::collection::vec(prop::sample::select(vec![
        "<link rel=stylesheet href=", "<style>", "</style>", "<picture>", "<source srcset='", "<img srcset='", "'", "\"", ">", " 2x,",
        " 640w", "@import ", "url(", ")", "{", "}", "@media print", "@font-face", "unicode-range:", ";", "/*", "*/", "\\", "\u{e4}",
        "\u{1F600}", "a.png", "//[", "http://", "<base href=", "#", " ", "\0", "<template>", "U+0-FF",
    ]), 0..60)) {
        let text = parts.concat();
        let address = Url::parse("http://shop.example/a/").unwrap();
        let mut all = assets_of_page(text.as_bytes(), &address);
        all.extend(crate::scenario::assets_of_style(&text, &address));
        for asset in all {
            prop_assert!(asset.url.fragment().is_none() && matches!(asset.url.scheme(), "http" | "https"));
        }
    }
}
