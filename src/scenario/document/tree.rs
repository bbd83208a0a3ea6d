//! A document as a tree in which every node knows where it was written.

use std::ops::Range;
use std::rc::Rc;

/// Which text a place lies in: an index into the sources of one check.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub(in crate::scenario) struct SourceId(pub(in crate::scenario) usize);

/// Where something was written: bytes `start..end` of a source.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub(in crate::scenario) struct Place {
    pub(in crate::scenario) source: SourceId,
    pub(in crate::scenario) start: usize,
    pub(in crate::scenario) end: usize,
}

impl Place {
    pub(in crate::scenario) fn new(source: SourceId, bytes: Range<usize>) -> Self {
        Self {
            source,
            start: bytes.start,
            end: bytes.end,
        }
    }
}

/// A value of the document.
#[derive(Debug, Clone)]
pub(in crate::scenario) struct Node {
    pub(in crate::scenario) place: Place,
    pub(in crate::scenario) kind: Kind,
}

/// What a value is.
#[derive(Debug, Clone)]
pub(in crate::scenario) enum Kind {
    /// A text, a number, a word: typed by whoever reads it. Shared, so that aliases cost nothing.
    Scalar { text: Rc<str>, quoted: bool },
    /// `- a list`
    List(Vec<Node>),
    /// `a: map`, in the order of the text, every key once.
    Map(Vec<Entry>),
}

/// A key and its value.
#[derive(Debug, Clone)]
pub(in crate::scenario) struct Entry {
    pub(in crate::scenario) key: String,
    pub(in crate::scenario) key_place: Place,
    pub(in crate::scenario) value: Node,
}

impl Node {
    /// A text as if it had been quoted.
    pub(in crate::scenario) fn text(text: &str, place: Place) -> Self {
        Self {
            place,
            kind: Kind::Scalar {
                text: text.into(),
                quoted: true,
            },
        }
    }

    /// A map with these entries, all of them from `place`.
    pub(in crate::scenario) fn map<'k>(
        place: Place,
        entries: impl IntoIterator<Item = (&'k str, Node)>,
    ) -> Self {
        let entries = entries.into_iter().map(|(key, value)| Entry {
            key: key.to_owned(),
            key_place: place,
            value,
        });
        Self {
            place,
            kind: Kind::Map(entries.collect()),
        }
    }

    /// Whether nothing was written, or a null.
    pub(in crate::scenario) fn is_nothing(&self) -> bool {
        matches!(&self.kind, Kind::Scalar { text, quoted: false } if matches!(&**text, "" | "~" | "null" | "Null" | "NULL"))
    }

    /// How an error names what was found.
    pub(in crate::scenario) fn description(&self) -> &'static str {
        match &self.kind {
            Kind::Scalar { .. } if self.is_nothing() => "nothing",
            Kind::Scalar { .. } => "a single value",
            Kind::List(_) => "a list",
            Kind::Map(_) => "a map of keys",
        }
    }

    /// The entries, where it is a map.
    pub(in crate::scenario) fn entries(&self) -> Option<&[Entry]> {
        match &self.kind {
            Kind::Map(entries) => Some(entries),
            _ => None,
        }
    }

    /// Itself and everything below it, and the bytes of all its texts.
    pub(super) fn size(&self) -> (usize, usize) {
        let children: (usize, usize) = match &self.kind {
            Kind::Scalar { text, .. } => (0, text.len()),
            Kind::List(items) => sum(items.iter().map(Node::size)),
            Kind::Map(entries) => sum(entries.iter().map(|entry| {
                let (nodes, bytes) = entry.value.size();
                (nodes + 1, bytes + entry.key.len())
            })),
        };
        (children.0 + 1, children.1)
    }

    /// Levels below and including it: 1 for a scalar.
    pub(super) fn depth(&self) -> usize {
        1 + match &self.kind {
            Kind::Scalar { .. } => 0,
            Kind::List(items) => items.iter().map(Node::depth).max().unwrap_or(0),
            Kind::Map(entries) => entries.iter().map(|entry| entry.value.depth()).max().unwrap_or(0),
        }
    }
}

fn sum(sizes: impl Iterator<Item = (usize, usize)>) -> (usize, usize) {
    sizes.fold((0, 0), |sum, size| (sum.0 + size.0, sum.1 + size.1))
}
