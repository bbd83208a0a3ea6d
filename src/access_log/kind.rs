//! Whether a request is a page, a part of one, or something else. A log does not say, so the path does.

use super::Entry;

/// What a request is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// A page view.
    Page,
    /// What a browser loads for a page: style, script, picture, font.
    Asset,
    /// Neither: a form that was sent, an interface that a script asks, a redirect, a question for headers only.
    Other,
}

/// Endings of files that a browser loads for a page.
const ASSETS: [&[u8]; 32] = [
    b"css",
    b"js",
    b"mjs",
    b"map",
    b"png",
    b"jpg",
    b"jpeg",
    b"gif",
    b"webp",
    b"avif",
    b"svg",
    b"ico",
    b"woff",
    b"woff2",
    b"ttf",
    b"otf",
    b"eot",
    b"mp4",
    b"webm",
    b"mp3",
    b"ogg",
    b"json",
    b"webmanifest",
    b"txt",
    b"xml",
    b"pdf",
    b"zip",
    b"bmp",
    b"m4a",
    b"wasm",
    b"gz",
    b"rss",
];
/// Beginnings of paths that scripts ask and people never see.
const INTERFACES: [&[u8]; 8] = [
    b"/api/",
    b"/wp-json",
    b"/wp-admin/admin-ajax",
    b"/wp-cron",
    b"/graphql",
    b"/rest/",
    b"/ajax/",
    b"/.well-known/",
];

/// What `entry` is for. A GET of a path without a file ending that scripts are known to ask is a page, unless it was
/// redirected; one that failed is a page too, because it was load.
pub fn kind_of(entry: &Entry<'_>) -> Kind {
    let path = entry.path();
    if is_asset(path) {
        return Kind::Asset;
    }
    let is_redirect = (300..400).contains(&entry.status) && entry.status != 304;
    let is_interface = INTERFACES.iter().any(|head| path.starts_with(head));
    if entry.method != b"GET" || is_redirect || is_interface {
        Kind::Other
    } else {
        Kind::Page
    }
}

fn is_asset(path: &[u8]) -> bool {
    let name = path.rsplit(|byte| *byte == b'/').next().unwrap_or_default();
    let Some(dot) = name.iter().rposition(|byte| *byte == b'.') else {
        return false;
    };
    let ending = &name[dot + 1..];
    ASSETS.iter().any(|asset| asset.eq_ignore_ascii_case(ending))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_assets_and_the_rest_are_told_apart() {
        let kind = |method: &str, target: &str, status: u16| {
            let line = format!(
                r#"192.0.2.1 - - [20/Nov/2026:09:00:00 +0100] "{method} {target} HTTP/1.1" {status} 1"#
            );
            kind_of(&crate::access_log::parse(line.as_bytes()).unwrap())
        };
        for (method, target, status, expected) in [
            ("GET", "/", 200, Kind::Page),
            ("GET", "/sale?x=a.css", 200, Kind::Page),
            ("GET", "/index.php", 502, Kind::Page),
            ("GET", "/v1.2/notes", 304, Kind::Page),
            ("GET", "/theme/Main.CSS?v=3", 200, Kind::Asset),
            ("GET", "/robots.txt", 200, Kind::Asset),
            ("GET", "/r?to=sale", 302, Kind::Other),
            ("POST", "/cart", 200, Kind::Other),
            ("HEAD", "/", 200, Kind::Other),
            ("GET", "/api/cart", 200, Kind::Other),
        ] {
            assert_eq!(
                kind(method, target, status),
                expected,
                "{method} {target} {status}"
            );
        }
    }
}
