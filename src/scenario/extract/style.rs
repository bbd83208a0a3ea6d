//! What a style sheet names: `url()` in its rules, `@import`, and of each font the one file that a browser takes. It is
//! read once, rule by rule; selectors are not matched against a page, so that a picture counts whether or not an element
//! shows it.

use url::Url;

use super::assets::{Asset, Found};
use super::srcset::shows;

/// Kinds of font files, best first: browsers take the first that they know.
const FONTS: [&str; 4] = [".woff2", ".woff", ".ttf", ".otf"];
/// Blocks within each other that are told apart.
const DEEPEST: usize = 64;

/// The assets that the style sheet `text`, which came from `address`, names.
pub fn assets_of_style(text: &str, address: &Url) -> Vec<Asset> {
    let mut found = Found::at(address);
    read(text, &mut found);
    found.list
}

/// A block of rules: whether a screen shows it, and of a font its files so far.
struct Block {
    is_shown: bool,
    font: Option<Font>,
}

#[derive(Default)]
struct Font {
    files: Vec<String>,
    is_foreign: bool,
}

/// Adds to `found` what `text` names.
pub(super) fn read(text: &str, found: &mut Found) {
    let mut scanner = Scanner { text, at: 0 };
    let mut blocks: Vec<Block> = Vec::new();
    let mut deeper = 0_usize;
    while let Some(letter) = scanner.peek() {
        if found.is_full() {
            return;
        }
        let is_shown = blocks.last().is_none_or(|block| block.is_shown);
        match letter {
            b'@' => {
                let (name, prelude, opens) = scanner.rule();
                match name.as_str() {
                    "import" if is_shown && blocks.is_empty() => import(prelude, found),
                    _ if !opens => {}
                    _ if blocks.len() >= DEEPEST => deeper += 1,
                    "media" => blocks.push(Block {
                        is_shown: is_shown && shows(prelude),
                        font: None,
                    }),
                    "font-face" => blocks.push(Block {
                        is_shown,
                        font: is_shown.then(Font::default),
                    }),
                    _ => blocks.push(Block { is_shown, font: None }),
                }
            }
            b'{' if blocks.len() >= DEEPEST => {
                deeper += 1;
                scanner.at += 1;
            }
            b'{' => {
                blocks.push(Block { is_shown, font: None });
                scanner.at += 1;
            }
            b'}' => {
                scanner.at += 1;
                if deeper > 0 {
                    deeper -= 1;
                } else if let Some(Block { font: Some(font), .. }) = blocks.pop() {
                    font.choose(found);
                }
            }
            _ => {
                if let Some(range) = scanner.unicode_range() {
                    if let Some(font) = blocks.last_mut().and_then(|block| block.font.as_mut()) {
                        font.is_foreign = !holds_latin(&range);
                    }
                } else if let Some(link) = scanner.link() {
                    match blocks.last_mut().map(|block| &mut block.font) {
                        Some(Some(font)) => font.files.push(link),
                        _ if is_shown => found.add(&link, false),
                        _ => {}
                    }
                }
            }
        }
    }
}

/// `@import "a.css" screen;`
fn import(prelude: &str, found: &mut Found) {
    let mut scanner = Scanner { text: prelude, at: 0 };
    scanner.skip_space();
    let link = match scanner.peek() {
        Some(b'"' | b'\'') => Some(scanner.string()),
        _ => scanner.link(),
    };
    let media = prelude.get(scanner.at..).unwrap_or_default().trim();
    // Layers and conditions of features are taken to hold.
    let has_media = !media.starts_with("layer") && !media.starts_with("supports");
    if let Some(link) = link.filter(|_| !has_media || shows(media)) {
        found.add(&link, true);
    }
}

impl Font {
    /// Only the file of the best kind is fetched, and none where the font is for another script.
    fn choose(self, found: &mut Found) {
        if self.is_foreign {
            return;
        }
        let is_kind = |file: &&String, kind: &str| {
            let path = file.split(['?', '#']).next().unwrap_or_default();
            path.to_ascii_lowercase().ends_with(kind)
        };
        let is_inside = self.files.iter().any(|file| file.starts_with("data:"));
        let best = FONTS
            .iter()
            .find_map(|kind| self.files.iter().find(|file| is_kind(file, kind)));
        if let Some(file) = best.or(self.files.first()).filter(|_| !is_inside) {
            found.add(file, false);
        }
    }
}

/// Whether a `unicode-range` has Latin letters in it.
fn holds_latin(range: &str) -> bool {
    range.to_ascii_lowercase().split(',').any(|part| {
        let part = part.trim().trim_start_matches("u+");
        let first = part.split('-').next().unwrap_or_default().replace('?', "0");
        u32::from_str_radix(&first, 16).is_ok_and(|first| first <= 0x61)
    })
}

struct Scanner<'t> {
    text: &'t str,
    at: usize,
}

impl<'t> Scanner<'t> {
    fn bytes(&self) -> &'t [u8] {
        self.text.as_bytes()
    }

    /// The next letter that is no comment.
    fn peek(&mut self) -> Option<u8> {
        while self.bytes().get(self.at..)?.starts_with(b"/*") {
            let end = self.text.get(self.at + 2..).and_then(|rest| rest.find("*/"));
            self.at = end.map_or(self.text.len(), |end| self.at + end + 4);
        }
        self.bytes().get(self.at).copied()
    }

    fn skip_space(&mut self) {
        while self.peek().is_some_and(|letter| letter.is_ascii_whitespace()) {
            self.at += 1;
        }
    }

    /// What stands between quotes; up to the end of the text where the second one is missing.
    fn string(&mut self) -> String {
        let quote = self.bytes().get(self.at).copied();
        self.at += 1;
        self.until(|letter| Some(letter) == quote)
    }

    /// Text up to a letter that `ends` it, backslashes taken out.
    fn until(&mut self, ends: impl Fn(u8) -> bool) -> String {
        let mut text = Vec::new();
        while let Some(letter) = self.bytes().get(self.at).copied() {
            self.at += 1;
            if letter == b'\\' {
                text.extend(self.bytes().get(self.at).copied().filter(|next| *next != b'\n'));
                self.at += 1;
            } else if ends(letter) {
                break;
            } else {
                text.push(letter);
            }
        }
        self.at = self.at.min(self.text.len());
        String::from_utf8_lossy(&text).into_owned()
    }

    /// `@name prelude {` or `@name prelude;`: the name, the prelude, and whether a block opens.
    fn rule(&mut self) -> (String, &'t str, bool) {
        self.at += 1;
        let begin = self.at;
        let is_name = |letter: &u8| letter.is_ascii_alphanumeric() || *letter == b'-';
        while self.bytes().get(self.at).is_some_and(is_name) {
            self.at += 1;
        }
        let name = self.text[begin..self.at].to_ascii_lowercase();
        let begin = self.at;
        while let Some(letter) = self.peek() {
            match letter {
                b';' | b'{' | b'}' => {
                    let prelude = self.text.get(begin..self.at).unwrap_or_default();
                    // A closing brace belongs to the block around.
                    self.at += usize::from(letter != b'}');
                    return (name, prelude, letter == b'{');
                }
                b'"' | b'\'' => drop(self.string()),
                _ => _ = self.link(),
            }
        }
        self.at = self.at.min(self.text.len());
        (name, self.text.get(begin..self.at).unwrap_or_default(), false)
    }

    /// The range of a `unicode-range:` that begins here.
    fn unicode_range(&mut self) -> Option<String> {
        const WORD: &[u8] = b"unicode-range";
        let head = self.bytes().get(self.at..self.at + WORD.len())?;
        if !head.eq_ignore_ascii_case(WORD) {
            return None;
        }
        let rest = &self.bytes()[self.at + WORD.len()..];
        let length = rest
            .iter()
            .position(|letter| matches!(letter, b';' | b'}'))
            .unwrap_or(rest.len());
        let range = String::from_utf8_lossy(&rest[..length]).into_owned();
        self.at += WORD.len() + length;
        Some(range.trim_start_matches([' ', ':', '\t', '\n', '\r']).to_owned())
    }

    /// The address of a `url()` that begins here; otherwise goes on by a word, a string or a letter.
    fn link(&mut self) -> Option<String> {
        match self.peek()? {
            b'"' | b'\'' => {
                drop(self.string());
                return None;
            }
            letter if letter.is_ascii_alphanumeric() || matches!(letter, b'-' | b'_') => {}
            _ => {
                self.at += 1;
                return None;
            }
        }
        let begin = self.at;
        let is_word = |letter: &u8| letter.is_ascii_alphanumeric() || matches!(letter, b'-' | b'_');
        while self.bytes().get(self.at).is_some_and(is_word) {
            self.at += 1;
        }
        let is_url = self.bytes()[begin..self.at].eq_ignore_ascii_case(b"url");
        if !is_url || self.bytes().get(self.at) != Some(&b'(') {
            return None;
        }
        self.at += 1;
        while self.bytes().get(self.at).is_some_and(u8::is_ascii_whitespace) {
            self.at += 1;
        }
        match self.bytes().get(self.at)? {
            b'"' | b'\'' => {
                let link = self.string();
                drop(self.until(|letter| letter == b')'));
                Some(link)
            }
            _ => Some(self.until(|letter| letter == b')').trim().to_owned()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Vec<String> {
        let address = Url::parse("http://shop.example/theme/main.css").unwrap();
        let name = |asset: &Asset| {
            let kind = if asset.is_style { "style " } else { "" };
            format!("{kind}{}", asset.url.path())
        };
        assets_of_style(text, &address).iter().map(name).collect()
    }

    #[test]
    fn what_rules_name_is_found_from_where_the_style_sheet_is() {
        let text = r#"@charset "utf-8"; @import "base.css"; @import url('more.css') print; @import url(two.css) screen;
            /* url(comment.png) */ a { background: URL( "a b.png" ) , url(../up.png#part); content: "url(text.png)" }
            .b{background:url(data:image/png;base64,AAAA)} @media print { .c { background: url(print.png) } }
            @media (min-width: 800px) { @supports (display: grid) { .d { background: url(d\(1\).png) } } } .e{src:myurl(no.png)}"#;
        assert_eq!(
            found(text),
            [
                "style /theme/base.css",
                "style /theme/two.css",
                "/theme/a%20b.png",
                "/up.png",
                "/theme/d(1).png"
            ]
        );
    }

    #[test]
    fn a_font_is_fetched_once_in_its_best_kind_and_only_for_its_script() {
        let text = "@font-face { font-family: A; src: url(a.eot); src: url(a.eot?#iefix) format('x'), url(a.woff) format('woff'), url(a.woff2?v=1) format('woff2') }
            @font-face { src: url(cyrillic.woff2); unicode-range: U+0301, U+0400-045F }
            @font-face { src: url(latin.woff2); unicode-range: U+0000-00FF, U+0131; }
            @font-face { src: url(data:font/woff2;base64,AA) format('woff2'), url(b.woff) }";
        assert_eq!(found(text), ["/theme/a.woff2", "/theme/latin.woff2"]);
    }

    #[test]
    fn broken_and_hostile_style_sheets_end() {
        for text in [
            "url(",
            "url('",
            "@",
            "@import",
            "@media {",
            "}}}}",
            "/*",
            "a{b:url(x.png",
            "\\",
            "@font-face{src:url(x.woff",
            "ü url(ü.png) ü@ü{ü",
        ] {
            let _ = found(text);
        }
        for part in [
            "{",
            "}",
            "@media x{",
            "/*",
            "url(",
            "\"",
            "@font-face{",
            "url(x.png)",
            "unicode-range:",
            "@a ",
        ] {
            assert!(found(&part.repeat(100_000)).len() <= 250);
        }
        let many: String = (0..1_000)
            .map(|number| format!(".a{{background:url({number}.png)}}"))
            .collect();
        assert_eq!(found(&many).len(), 250);
    }
}
