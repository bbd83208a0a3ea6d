//! What a browser fetches besides a page: style sheets, scripts, images, fonts. Found in the page's tags as a screen of
//! 1280 × 720 would choose them; nothing is laid out and no script runs, so what scripts fetch is not seen.

use std::collections::{BTreeMap, HashSet};

use html5gum::{DefaultEmitter, HtmlString, Spanned, Token, Tokenizer};
use url::Url;

use super::srcset;
use super::style;

/// Assets of one page that are found; what comes after them is left out.
pub const MOST_ASSETS: usize = 250;
/// The longest address of an asset, in bytes.
const LONGEST_ADDRESS: usize = 4 << 10;
/// Bytes of a page's own style sheets that are read.
const LONGEST_STYLE: usize = 256 << 10;

/// Words of `rel` that let a browser fetch the link at once.
const FETCHED: [&str; 4] = ["icon", "preload", "modulepreload", "manifest"];
/// What `preload` may be for.
const PRELOADED: [&str; 4] = ["style", "script", "font", "image"];

type Attributes = BTreeMap<HtmlString, Spanned<HtmlString, ()>>;

/// An asset: where it is, and whether it may name others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asset {
    /// Its address, without a fragment.
    pub url: Url,
    /// Whether it is a style sheet that is used: it is looked into.
    pub is_style: bool,
}

/// Assets in the order in which they were found, each once.
pub(super) struct Found {
    base: Url,
    seen: HashSet<Url>,
    pub(super) list: Vec<Asset>,
}

impl Found {
    pub(super) fn at(base: &Url) -> Self {
        Self {
            base: base.clone(),
            seen: HashSet::new(),
            list: Vec::new(),
        }
    }

    /// Takes in `link`, unless it is no address, known, or one too many.
    pub(super) fn add(&mut self, link: &str, is_style: bool) {
        let link = link.trim();
        let is_data = link
            .get(..5)
            .is_some_and(|head| head.eq_ignore_ascii_case("data:"));
        if link.is_empty() || link.starts_with('#') || is_data || link.len() > LONGEST_ADDRESS {
            return;
        }
        let Ok(mut url) = self.base.join(link) else { return };
        url.set_fragment(None);
        if self.is_full() || !matches!(url.scheme(), "http" | "https") || !self.seen.insert(url.clone()) {
            return;
        }
        self.list.push(Asset { url, is_style });
    }

    pub(super) fn is_full(&self) -> bool {
        self.list.len() >= MOST_ASSETS
    }
}

/// The assets of `page`, which came from `address`: at most [`MOST_ASSETS`]. Links beyond what was kept of the page are
/// not found.
pub fn assets_of_page(page: &[u8], address: &Url) -> Vec<Asset> {
    let mut emitter = DefaultEmitter::default();
    // A page's `<noscript>`, too, is then text: a browser does not fetch what stands in it.
    emitter.naively_switch_states(true);
    let mut reader = Reader {
        found: Found::at(address),
        has_base: false,
        templates: 0,
        style: None,
        picture: None,
    };
    for token in Tokenizer::new_with_emitter(page, emitter) {
        let Ok(token) = token;
        match token {
            Token::StartTag(tag) => reader.begins(&tag.name, &tag.attributes),
            Token::EndTag(tag) => reader.ends(&tag.name),
            Token::String(text) => reader.reads(&text),
            _ => {}
        }
        if reader.found.is_full() {
            break;
        }
    }
    reader.found.list
}

/// A page, read tag by tag.
struct Reader {
    found: Found,
    has_base: bool,
    /// Templates within each other: their content is not shown.
    templates: u32,
    /// The style sheet that is being read.
    style: Option<String>,
    /// Inside of a `<picture>`: whether one of its sources was chosen.
    picture: Option<bool>,
}

impl Reader {
    fn begins(&mut self, name: &[u8], attributes: &Attributes) {
        if name == b"template" {
            self.templates += 1;
        }
        if self.templates > 0 {
            return;
        }
        let of = |name: &str| {
            let value = attributes.get(name.as_bytes());
            value.map(|value| String::from_utf8_lossy(value).into_owned())
        };
        match name {
            b"base" if !self.has_base => {
                if let Some(base) = of("href").and_then(|link| self.found.base.join(&link).ok()) {
                    self.has_base = true;
                    self.found.base = base;
                }
            }
            b"link" => self.link(&of),
            b"script" => self.script(&of),
            b"style" => {
                self.style = of("media")
                    .is_none_or(|media| srcset::shows(&media))
                    .then(String::new)
            }
            b"picture" => self.picture = Some(false),
            b"source" if self.picture == Some(false) => self.source(&of),
            b"img" if self.picture != Some(true) => {
                let chosen = of("srcset").and_then(|set| {
                    srcset::chosen(&set, of("sizes").as_deref(), of("src").as_deref()).map(str::to_owned)
                });
                self.add(chosen.or(of("src")));
            }
            b"input" if of("type").is_some_and(|kind| kind.eq_ignore_ascii_case("image")) => {
                self.add(of("src"));
            }
            b"video" => self.add(of("poster")),
            b"image" | b"use" => self.add(of("href").or(of("xlink:href"))),
            _ => {}
        }
        if let Some(style) = of("style") {
            style::read(&style, &mut self.found);
        }
    }

    fn add(&mut self, link: Option<String>) {
        if let Some(link) = link {
            self.found.add(&link, false);
        }
    }

    fn link(&mut self, of: &dyn Fn(&str) -> Option<String>) {
        let (Some(link), Some(rel)) = (of("href"), of("rel")) else {
            return;
        };
        let rel = rel.to_ascii_lowercase();
        let words: Vec<&str> = rel.split_ascii_whitespace().collect();
        if words.contains(&"stylesheet") {
            if words.contains(&"alternate") || of("disabled").is_some() {
                return;
            }
            // Fetched in any case; what it names only where it is meant for a screen.
            let is_used = of("media").is_none_or(|media| srcset::shows(&media));
            self.found.add(&link, is_used);
            return;
        }
        let of_kind = of("as").unwrap_or_default().to_ascii_lowercase();
        let is_wanted = words.iter().any(|word| FETCHED.contains(word));
        if is_wanted && (!words.contains(&"preload") || PRELOADED.contains(&of_kind.as_str())) {
            self.found.add(&link, false);
        }
    }

    fn script(&mut self, of: &dyn Fn(&str) -> Option<String>) {
        let kind = of("type").unwrap_or_default().to_ascii_lowercase();
        let is_script = kind.is_empty() || kind == "module" || kind.contains("javascript");
        if is_script && of("nomodule").is_none() {
            self.add(of("src"));
        }
    }

    /// The first source of a `<picture>` that fits is taken instead of its image.
    fn source(&mut self, of: &dyn Fn(&str) -> Option<String>) {
        let is_known = of("type").is_none_or(|kind| kind.starts_with("image/") && !kind.contains("jxl"));
        if !is_known || !of("media").is_none_or(|media| srcset::shows(&media)) {
            return;
        }
        let chosen = of("srcset");
        let chosen = chosen
            .as_deref()
            .and_then(|set| srcset::chosen(set, of("sizes").as_deref(), None));
        if let Some(link) = chosen {
            self.found.add(link, false);
            self.picture = Some(true);
        }
    }

    fn ends(&mut self, name: &[u8]) {
        match name {
            b"template" => self.templates = self.templates.saturating_sub(1),
            b"picture" => self.picture = None,
            b"style" => {
                if let Some(text) = self.style.take() {
                    style::read(&text, &mut self.found);
                }
            }
            _ => {}
        }
    }

    fn reads(&mut self, text: &[u8]) {
        if let Some(style) = &mut self.style
            && style.len() + text.len() <= LONGEST_STYLE
        {
            style.push_str(&String::from_utf8_lossy(text));
        }
    }
}

#[cfg(test)]
mod tests;
