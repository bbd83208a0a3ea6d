//! The first element of a page that a CSS selector names: type, `#id`, `.class`, `[attribute]` with its operators,
//! joined by a space or `>`, several by commas. The page is read once, as a stream of tags: no tree is built, and
//! forgotten end tags are only repaired where browsers expect them to be forgotten.

use std::collections::BTreeMap;

use html5gum::{DefaultEmitter, HtmlString, Spanned, Token, Tokenizer};

/// Elements that never have an end tag.
const VOID: [&str; 14] = [
    "area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source", "track",
    "wbr",
];
/// Elements whose end tag is often left out: one of them ends the one before.
const ENDED_BY_ITS_LIKE: [&str; 8] = ["li", "option", "tr", "td", "th", "dt", "dd", "p"];
/// Elements within each other that are remembered; deeper ones count as children of the last.
const DEEPEST: usize = 512;
/// Compounds in a row: bits of a mask.
const MOST_COMPOUNDS: usize = 32;
/// Bytes of the text of an element that are kept.
const LONGEST_TEXT: usize = 64 << 10;

type Attributes = BTreeMap<HtmlString, Spanned<HtmlString, ()>>;

/// A CSS selector.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Selector {
    chains: Vec<Vec<Compound>>,
}

/// `input.big[name=csrf]`, and how it is joined to the one before.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
struct Compound {
    is_child: bool,
    element: Option<String>,
    conditions: Vec<Condition>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Condition {
    attribute: String,
    test: Test,
    value: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Test {
    /// `[a]`
    Exists,
    /// `[a=b]`
    Equals,
    /// `[a~=b]` and `.b`
    HasWord,
    /// `[a^=b]`
    Begins,
    /// `[a$=b]`
    Ends,
    /// `[a*=b]`
    Contains,
    /// `[a|=b]`
    Dashed,
}

/// An open element: which compounds of each chain it is the end of, and the same of all that it stands in.
struct Open {
    name: Vec<u8>,
    here: Vec<u32>,
    above: Vec<u32>,
}

impl Selector {
    /// The selector that `text` describes.
    ///
    /// # Errors
    /// What of it cannot be read.
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut reader = Reader { rest: text };
        let mut chains = Vec::new();
        loop {
            chains.push(reader.chain()?);
            reader.space();
            if reader.rest.is_empty() {
                return Ok(Self { chains });
            }
            if !reader.take(',') {
                return Err(format!("`{}` is not understood", reader.rest));
            }
        }
    }

    /// The value of `attribute` of the first element that is meant and has it; without an attribute the text in the
    /// first element that is meant, its white space at both ends left out.
    pub fn find(&self, page: &[u8], attribute: Option<&str>) -> Option<String> {
        let mut emitter = DefaultEmitter::default();
        emitter.naively_switch_states(true);
        let mut open: Vec<Open> = Vec::new();
        // The text of the element at this depth is being gathered.
        let mut gathered: Option<(usize, String)> = None;
        for token in Tokenizer::new_with_emitter(page, emitter) {
            let Ok(token) = token;
            match token {
                Token::StartTag(tag) => {
                    end_its_like(&mut open, &tag.name);
                    if gathered.as_ref().is_some_and(|(depth, _)| open.len() < *depth) {
                        break;
                    }
                    let element = self.open(&tag.name, &tag.attributes, open.last());
                    if gathered.is_none() && self.is_meant(&element) {
                        match attribute {
                            Some(name) => {
                                if let Some(value) = tag.attributes.get(name.as_bytes()) {
                                    return Some(lossy(value));
                                }
                            }
                            None => gathered = Some((open.len() + 1, String::new())),
                        }
                    }
                    if VOID.iter().any(|void| void.as_bytes() == &**tag.name) {
                        if gathered.as_ref().is_some_and(|(depth, _)| open.len() < *depth) {
                            break;
                        }
                    } else if open.len() < DEEPEST {
                        open.push(element);
                    }
                }
                Token::EndTag(tag) => {
                    if let Some(at) = open.iter().rposition(|element| element.name == **tag.name) {
                        open.truncate(at);
                    }
                    if gathered.as_ref().is_some_and(|(depth, _)| open.len() < *depth) {
                        break;
                    }
                }
                Token::String(text) => {
                    if let Some((_, kept)) = &mut gathered
                        && kept.len() + text.len() <= LONGEST_TEXT
                    {
                        kept.push_str(&lossy(&text));
                    }
                }
                _ => {}
            }
        }
        gathered.map(|(_, text)| text.trim().to_owned())
    }

    fn open(&self, name: &[u8], attributes: &Attributes, parent: Option<&Open>) -> Open {
        let mut here = Vec::with_capacity(self.chains.len());
        for (number, chain) in self.chains.iter().enumerate() {
            let mask_of = |masks: fn(&Open) -> &Vec<u32>| parent.map_or(0, |parent| masks(parent)[number]);
            let (parents, ancestors) = (mask_of(|open| &open.here), mask_of(|open| &open.above));
            let mut mask = 0;
            for (at, compound) in chain.iter().enumerate() {
                let before = if compound.is_child {
                    parents
                } else {
                    parents | ancestors
                };
                let follows = at == 0 || before & (1 << (at - 1)) != 0;
                if follows && compound.fits(name, attributes) {
                    mask |= 1 << at;
                }
            }
            here.push(mask);
        }
        let above = parent.map_or_else(
            || vec![0; self.chains.len()],
            |parent| {
                parent
                    .here
                    .iter()
                    .zip(&parent.above)
                    .map(|(here, above)| here | above)
                    .collect()
            },
        );
        Open {
            name: name.to_vec(),
            here,
            above,
        }
    }

    fn is_meant(&self, element: &Open) -> bool {
        let mut chains = self.chains.iter().zip(&element.here);
        chains.any(|(chain, mask)| mask & (1 << (chain.len() - 1)) != 0)
    }
}

impl Compound {
    fn fits(&self, name: &[u8], attributes: &Attributes) -> bool {
        self.element
            .as_ref()
            .is_none_or(|element| element.as_bytes() == name)
            && self.conditions.iter().all(|condition| {
                attributes
                    .get(condition.attribute.as_bytes())
                    .is_some_and(|value| condition.holds(&lossy(value)))
            })
    }
}

impl Condition {
    fn holds(&self, value: &str) -> bool {
        let wanted = self.value.as_str();
        match self.test {
            Test::Exists => true,
            Test::Equals => value == wanted,
            Test::HasWord => value.split_ascii_whitespace().any(|word| word == wanted),
            Test::Begins => !wanted.is_empty() && value.starts_with(wanted),
            Test::Ends => !wanted.is_empty() && value.ends_with(wanted),
            Test::Contains => !wanted.is_empty() && value.contains(wanted),
            Test::Dashed => value
                .strip_prefix(wanted)
                .is_some_and(|rest| rest.is_empty() || rest.starts_with('-')),
        }
    }
}

/// Ends the innermost element where `name` is one that ends its like.
fn end_its_like(open: &mut Vec<Open>, name: &[u8]) {
    let ends = ENDED_BY_ITS_LIKE.iter().any(|like| like.as_bytes() == name);
    if ends && open.last().is_some_and(|last| last.name == name) {
        open.pop();
    }
}

fn lossy(text: &[u8]) -> String {
    String::from_utf8_lossy(text).into_owned()
}

struct Reader<'t> {
    rest: &'t str,
}

impl<'t> Reader<'t> {
    fn space(&mut self) -> bool {
        let trimmed = self.rest.trim_start();
        let had_some = trimmed.len() < self.rest.len();
        self.rest = trimmed;
        had_some
    }

    fn take(&mut self, letter: char) -> bool {
        match self.rest.strip_prefix(letter) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }

    fn word(&mut self) -> Result<&'t str, String> {
        let is_word = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_');
        let end = self.rest.find(|c| !is_word(c)).unwrap_or(self.rest.len());
        let (word, rest) = self.rest.split_at(end);
        if word.is_empty() {
            return Err(match rest.chars().next() {
                Some(':') => "pseudo-classes such as `:first-child` are not known".to_owned(),
                Some(letter @ ('+' | '~')) => format!("siblings (`{letter}`) are not known"),
                Some(_) => format!("a name is missing before `{rest}`"),
                None => "a name is missing at the end".to_owned(),
            });
        }
        self.rest = rest;
        Ok(word)
    }

    fn chain(&mut self) -> Result<Vec<Compound>, String> {
        let mut chain = Vec::new();
        self.space();
        let mut is_child = false;
        loop {
            chain.push(Compound {
                is_child,
                ..self.compound()?
            });
            let had_space = self.space();
            is_child = self.take('>');
            if is_child {
                self.space();
            } else if !had_space || self.rest.is_empty() || self.rest.starts_with(',') {
                break;
            }
        }
        if chain.len() > MOST_COMPOUNDS {
            return Err(format!("at most {MOST_COMPOUNDS} elements in a row"));
        }
        Ok(chain)
    }

    fn compound(&mut self) -> Result<Compound, String> {
        let mut compound = Compound::default();
        if !self.take('*') && !self.rest.starts_with(['#', '.', '[']) {
            compound.element = Some(self.word()?.to_ascii_lowercase());
        }
        loop {
            let (attribute, test) = if self.take('#') {
                ("id", Test::Equals)
            } else if self.take('.') {
                ("class", Test::HasWord)
            } else if self.take('[') {
                compound.conditions.push(self.condition()?);
                continue;
            } else if self.rest.starts_with(':') {
                return Err("pseudo-classes such as `:first-child` are not known".to_owned());
            } else {
                return Ok(compound);
            };
            compound.conditions.push(Condition {
                attribute: attribute.to_owned(),
                test,
                value: self.word()?.to_owned(),
            });
        }
    }

    /// What stands after `[`, up to and with its `]`.
    fn condition(&mut self) -> Result<Condition, String> {
        self.space();
        let attribute = self.word()?.to_ascii_lowercase();
        self.space();
        let tests = [
            ("=", Test::Equals),
            ("~=", Test::HasWord),
            ("^=", Test::Begins),
            ("$=", Test::Ends),
            ("*=", Test::Contains),
            ("|=", Test::Dashed),
        ];
        let found = tests.iter().find(|(sign, _)| self.rest.starts_with(sign));
        let mut condition = Condition {
            attribute,
            test: Test::Exists,
            value: String::new(),
        };
        if let Some((sign, test)) = found {
            self.rest = &self.rest[sign.len()..];
            self.space();
            condition.test = *test;
            condition.value = self.value()?;
            self.space();
        }
        if self.take(']') {
            return Ok(condition);
        }
        Err("a `[` without its `]`".to_owned())
    }

    fn value(&mut self) -> Result<String, String> {
        for quote in ['"', '\''] {
            if self.take(quote) {
                let end = self.rest.find(quote).ok_or("a quote without its end")?;
                let value = self.rest[..end].to_owned();
                self.rest = &self.rest[end + 1..];
                return Ok(value);
            }
        }
        Ok(self.word()?.to_owned())
    }
}

#[cfg(test)]
mod tests;
