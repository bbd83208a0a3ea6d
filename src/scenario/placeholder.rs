//! `{{row.sku}}`, `{{csrf}}`, `{{unique}}` … inside a text: taken apart once, filled in for each visitor. Who a visitor
//! is, and what was captured, is the business of whoever fills it in.

use url::form_urlencoded;

use super::types::Secret;

/// What a placeholder stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Value {
    /// `{{csrf}}`: what an earlier step captured into this slot.
    Captured(usize),
    /// `{{row.sku}}`: this column of the visitor's row.
    Row(usize),
    /// `{{unique}}`: a text that no other request has, in this run or another.
    Unique,
    /// `{{uuid}}`: a random UUID, version 4.
    Uuid,
    /// `{{random(1, 6)}}`: a whole number, both ends included.
    Random(i64, i64),
    /// `{{visitor}}`: the number of the visitor, from 1.
    Visitor,
    /// `{{time}}`: now, RFC 3339 in UTC.
    Time,
    /// `{{unix}}`: now, in seconds since 1970.
    Unix,
    /// `{{unix_ms}}`: now, in milliseconds since 1970.
    UnixMillis,
}

impl Value {
    /// The words that stand for themselves.
    pub(super) const WORDS: [(&'static str, Value); 6] = [
        ("unique", Value::Unique),
        ("uuid", Value::Uuid),
        ("visitor", Value::Visitor),
        ("time", Value::Time),
        ("unix", Value::Unix),
        ("unix_ms", Value::UnixMillis),
    ];
}

/// What becomes of a value on its way into a text, so that it can never change the structure of what it stands in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Escape {
    /// As it is.
    Plain,
    /// Percent-encoded: in a path or a query.
    Address,
    /// As a field of a form.
    Form,
    /// Inside the quotes of a JSON text.
    Json,
}

impl Escape {
    /// Adds `text` to `out`.
    fn add(self, text: &str, out: &mut String) {
        match self {
            Escape::Plain => out.push_str(text),
            Escape::Form => out.extend(form_urlencoded::byte_serialize(text.as_bytes())),
            Escape::Address => {
                for byte in text.bytes() {
                    if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
                        out.push(char::from(byte));
                    } else {
                        out.push_str(&format!("%{byte:02X}"));
                    }
                }
            }
            Escape::Json => {
                let quoted = serde_json::Value::from(text).to_string();
                out.push_str(quoted.get(1..quoted.len() - 1).unwrap_or_default());
            }
        }
    }
}

/// A piece of a template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Piece {
    /// The same for everybody, and perhaps secret.
    Text(Secret),
    /// Filled in, with the placeholder as it was written.
    Value(Value, String),
}

/// A text with placeholders, or without any.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Template {
    pieces: Vec<Piece>,
    escape: Escape,
}

impl Template {
    /// A text that is the same for everybody.
    pub fn of(text: impl Into<String>) -> Self {
        Self {
            pieces: vec![Piece::Text(Secret::new(text))],
            escape: Escape::Plain,
        }
    }

    pub(super) const fn new(pieces: Vec<Piece>, escape: Escape) -> Self {
        Self { pieces, escape }
    }

    pub(super) fn into_pieces(self) -> Vec<Piece> {
        self.pieces
    }

    /// How its values are written.
    pub const fn escape(&self) -> Escape {
        self.escape
    }

    /// The text, where it is the same for everybody; for the wire only.
    pub fn fixed(&self) -> Option<&str> {
        match &self.pieces[..] {
            [] => Some(""),
            [Piece::Text(text)] => Some(text.reveal()),
            _ => None,
        }
    }

    /// As it was written; for texts without secrets only.
    pub(super) fn shown(&self) -> String {
        let shown = |piece: &Piece| match piece {
            Piece::Text(text) => text.reveal().to_owned(),
            Piece::Value(_, written) => format!("{{{{{written}}}}}"),
        };
        self.pieces.iter().map(shown).collect()
    }

    /// The text with every placeholder filled in by `fill`, which adds the value to the text that it is given.
    ///
    /// # Errors
    /// The placeholder, as it was written, for which `fill` has no value.
    pub fn filled(&self, fill: &mut dyn FnMut(Value, &mut String) -> Option<()>) -> Result<String, &str> {
        let mut whole = String::new();
        let mut value = String::new();
        for piece in &self.pieces {
            match piece {
                Piece::Text(text) => whole.push_str(text.reveal()),
                Piece::Value(what, written) => {
                    value.clear();
                    fill(*what, &mut value).ok_or(written.as_str())?;
                    self.escape.add(&value, &mut whole);
                }
            }
        }
        Ok(whole)
    }
}

/// A text taken apart: literal, or what stands between the braces.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Cut {
    Text(String),
    Placeholder(String),
}

/// The pieces of `text`; `{{{{` stands for `{{`. Nothing where a placeholder has no end.
pub(super) fn cut(text: &str) -> Option<Vec<Cut>> {
    let mut cuts = Vec::new();
    let mut plain = String::new();
    let mut rest = text;
    while let Some(at) = rest.find("{{") {
        plain.push_str(&rest[..at]);
        rest = &rest[at + 2..];
        if let Some(after) = rest.strip_prefix("{{") {
            plain.push_str("{{");
            rest = after;
            continue;
        }
        let end = rest.find("}}")?;
        if !plain.is_empty() {
            cuts.push(Cut::Text(std::mem::take(&mut plain)));
        }
        cuts.push(Cut::Placeholder(rest[..end].trim().to_owned()));
        rest = &rest[end + 2..];
    }
    plain.push_str(rest);
    if !plain.is_empty() || cuts.is_empty() {
        cuts.push(Cut::Text(plain));
    }
    Some(cuts)
}

/// `text` so that it stands for itself.
pub(super) fn escaped(text: &str) -> String {
    text.replace("{{", "{{{{")
}

/// The two ends of `random(1, 6)`.
pub(super) fn random_range(inside: &str) -> Option<(i64, i64)> {
    let inside = inside.strip_prefix("random")?.trim();
    let inside = inside.strip_prefix('(')?.strip_suffix(')')?;
    let (low, high) = inside.split_once(',')?;
    let (low, high) = (low.trim().parse::<i64>().ok()?, high.trim().parse::<i64>().ok()?);
    // The width has to fit as well.
    (low <= high && high.checked_sub(low).is_some()).then_some((low, high))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn with(value: &str, escape: Escape) -> String {
        let pieces = vec![
            Piece::Text(Secret::new("<")),
            Piece::Value(Value::Row(0), "row.a".to_owned()),
            Piece::Text(Secret::new(">")),
        ];
        let template = Template::new(pieces, escape);
        let mut fill = |_: Value, out: &mut String| {
            out.push_str(value);
            Some(())
        };
        template.filled(&mut fill).unwrap()
    }

    #[test]
    fn a_value_cannot_leave_the_place_that_it_stands_in() {
        let evil = "a\"b&c=d /\\?#é\n";
        assert_eq!(with(evil, Escape::Plain), format!("<{evil}>"));
        assert_eq!(
            with(evil, Escape::Address),
            "<a%22b%26c%3Dd%20%2F%5C%3F%23%C3%A9%0A>"
        );
        assert_eq!(with(evil, Escape::Form), "<a%22b%26c%3Dd+%2F%5C%3F%23%C3%A9%0A>");
        assert_eq!(with(evil, Escape::Json), "<a\\\"b&c=d /\\\\?#é\\n>");
    }

    #[test]
    fn a_value_that_is_not_there_names_its_placeholder() {
        let template = Template::new(
            vec![Piece::Value(Value::Captured(0), "csrf".to_owned())],
            Escape::Plain,
        );
        assert_eq!(template.filled(&mut |_, _| None), Err("csrf"));
        assert_eq!(template.fixed(), None);
        assert_eq!(Template::of("a").fixed(), Some("a"));
    }

    #[test]
    fn ranges_are_read_with_both_ends() {
        assert_eq!(random_range("random(1, 6)"), Some((1, 6)));
        assert_eq!(random_range("random (-5,-5)"), Some((-5, -5)));
        for bad in [
            "random",
            "random()",
            "random(6,1)",
            "random(1)",
            "random(a,b)",
            "randomly(1,2)",
            "random(-9223372036854775808, 9223372036854775807)",
        ] {
            assert_eq!(random_range(bad), None, "{bad}");
        }
    }

    proptest! {
        #[test]
        fn an_escaped_text_stands_for_itself(text in "[a{}]{0,12}") {
            // `{{{{` is written for `{{`: a text that ends in one brace more than pairs is read from its left.
            let cuts = cut(&escaped(&text)).unwrap();
            prop_assert_eq!(cuts, vec![Cut::Text(text)]);
        }

        #[test]
        fn taking_apart_never_panics(text in "[a{}(),.1]{0,20}") {
            let _ = cut(&text);
            let _ = random_range(&text);
        }
    }
}
