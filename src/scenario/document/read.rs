//! Text to a located tree: bounded in size, nodes and depth, and refusing what YAML allows but nobody should need.

use std::collections::HashMap;
use std::rc::Rc;

use saphyr_parser::{Event, Marker, Parser, ScalarStyle, ScanError, Span, Tag};

use super::tree::{Entry, Kind, Node, Place, SourceId};
use crate::scenario::problem::Remark;

/// The longest text that is read.
pub(in crate::scenario) const MAX_BYTES: usize = 1024 * 1024;
/// The most nodes that a document may have once its aliases are followed.
const MAX_NODES: usize = 100_000;
/// The most bytes that its texts may have once its aliases are followed.
const MAX_TEXT: usize = 8 * MAX_BYTES;
/// The deepest nesting.
const MAX_DEPTH: usize = 64;

/// The tree of `text`, and what is wrong with it. No tree where the text is no YAML at all.
pub(in crate::scenario) fn parse(text: &str, source: SourceId) -> (Option<Node>, Vec<Remark>) {
    let mut reader = Reader::new(text, source);
    let tabs = indenting_tabs(text);
    match reader.read() {
        Ok(root) => {
            for tab in tabs {
                let is_content = reader
                    .long_scalars
                    .iter()
                    .any(|(start, end)| (*start..*end).contains(&tab));
                if !is_content {
                    reader.remarks.push(tab_remark(tab, source));
                }
            }
            (root, reader.remarks)
        }
        Err(stop) => {
            // The parser stops before the line that it cannot read.
            let rest = text.get(stop.place.end..).unwrap_or("");
            let next_line_end = rest
                .match_indices('\n')
                .nth(1)
                .map_or(text.len(), |(at, _)| stop.place.end + at);
            match tabs.first() {
                Some(tab) if *tab <= next_line_end => reader.remarks.push(tab_remark(*tab, source)),
                _ => reader.remarks.push(stop),
            }
            (None, reader.remarks)
        }
    }
}

fn tab_remark(at: usize, source: SourceId) -> Remark {
    Remark::error(Place::new(source, at..at + 1), "a tab indents this line").hint("indent with spaces")
}

/// The first tab in the white space at the head of every line that has one.
fn indenting_tabs(text: &str) -> Vec<usize> {
    let mut tabs = Vec::new();
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        let content = line.trim_start_matches([' ', '\t']);
        let head = &line[..line.len() - content.len()];
        if let Some(tab) = head.find('\t')
            && !content.trim().is_empty()
            && !content.starts_with('#')
        {
            tabs.push(start + tab);
        }
        start += line.len();
    }
    tabs
}

/// A list or map that is still open.
struct Open {
    node: Node,
    anchor: usize,
    /// The key whose value comes next, in a map.
    key: Option<(String, Place)>,
    /// Where each key of a map was first written.
    seen: HashMap<String, Place>,
}

struct Reader<'t> {
    text: &'t str,
    source: SourceId,
    /// The byte at which each character starts, and the end of the text.
    bytes: Vec<u32>,
    remarks: Vec<Remark>,
    anchors: HashMap<usize, Node>,
    open: Vec<Open>,
    nodes: usize,
    text_bytes: usize,
    long_scalars: Vec<(usize, usize)>,
    root: Option<Node>,
}

impl<'t> Reader<'t> {
    fn new(text: &'t str, source: SourceId) -> Self {
        let mut bytes: Vec<u32> = text.char_indices().map(|(at, _)| at as u32).collect();
        bytes.push(text.len() as u32);
        Self {
            text,
            source,
            bytes,
            remarks: Vec::new(),
            anchors: HashMap::new(),
            open: Vec::new(),
            nodes: 0,
            text_bytes: 0,
            long_scalars: Vec::new(),
            root: None,
        }
    }

    fn byte(&self, marker: &Marker) -> usize {
        self.bytes
            .get(marker.index())
            .copied()
            .unwrap_or(self.text.len() as u32) as usize
    }

    fn place(&self, span: &Span) -> Place {
        let start = self.byte(&span.start);
        let written = &self.text[start..self.byte(&span.end).max(start)];
        Place::new(self.source, start..start + written.trim_end().len())
    }

    fn read(&mut self) -> Result<Option<Node>, Remark> {
        let mut documents = 0;
        for event in Parser::new_from_str(self.text) {
            let (event, span) = event.map_err(|error| self.syntax(&error))?;
            let place = self.place(&span);
            match event {
                Event::DocumentStart(_) => {
                    documents += 1;
                    if documents > 1 {
                        return Err(Remark::error(place, "a second document starts here")
                            .hint("a file holds one scenario; put the other one into a file of its own"));
                    }
                }
                Event::Alias(anchor) => self.alias(anchor, place)?,
                Event::Scalar(text, style, anchor, tag) => {
                    self.refuse_tag(tag.as_deref(), place);
                    if place.end > place.start && self.text[place.start..place.end].contains('\n') {
                        self.long_scalars.push((place.start, place.end));
                    }
                    let node = Node {
                        place,
                        kind: Kind::Scalar {
                            text: Rc::from(&*text),
                            quoted: style != ScalarStyle::Plain,
                        },
                    };
                    self.close(node, anchor)?;
                }
                Event::SequenceStart(anchor, tag) => {
                    self.refuse_tag(tag.as_deref(), place);
                    self.open(Kind::List(Vec::new()), anchor, place)?;
                }
                Event::MappingStart(anchor, tag) => {
                    self.refuse_tag(tag.as_deref(), place);
                    self.open(Kind::Map(Vec::new()), anchor, place)?;
                }
                Event::SequenceEnd | Event::MappingEnd => {
                    if let Some(mut open) = self.open.pop() {
                        // A flow list ends with its own bracket, a block where the next thing begins.
                        let is_flow = self.text[open.node.place.start..].starts_with(['[', '{']);
                        let bracket = if is_flow && self.text[place.start..].starts_with([']', '}']) {
                            1
                        } else {
                            0
                        };
                        open.node.place.end = open.node.place.end.max(place.start + bracket);
                        self.close(open.node, open.anchor)?;
                    }
                }
                Event::Nothing | Event::StreamStart | Event::StreamEnd | Event::DocumentEnd => {}
            }
        }
        Ok(self.root.take())
    }

    fn syntax(&self, error: &ScanError) -> Remark {
        let start = self.byte(error.marker()).min(self.text.len());
        let width = self.text[start..].chars().next().map_or(0, char::len_utf8);
        let info = error.info();
        let remark = Remark::error(
            Place::new(self.source, start..start + width),
            format!("this is no YAML: {info}"),
        );
        if info.contains("unknown anchor") {
            return remark.hint("an alias `*name` repeats a value that was marked `&name` above it");
        }
        remark
            .hint("check the indentation, and quote texts that hold `:`, `#`, `{`, `[`, `*`, `&`, `%` or `@`")
    }

    fn refuse_tag(&mut self, tag: Option<&Tag>, place: Place) {
        if let Some(tag) = tag {
            self.remarks.push(
                Remark::error(place, format!("the tag `{tag}` has no meaning here"))
                    .hint("remove it; a value that must stay a text can be quoted"),
            );
        }
    }

    fn open(&mut self, kind: Kind, anchor: usize, place: Place) -> Result<(), Remark> {
        if self.open.len() >= MAX_DEPTH {
            return Err(Remark::error(
                place,
                format!("this is nested more than {MAX_DEPTH} levels deep"),
            ));
        }
        self.expect_scalar_key(place)?;
        self.open.push(Open {
            node: Node { place, kind },
            anchor,
            key: None,
            seen: HashMap::new(),
        });
        Ok(())
    }

    fn expect_scalar_key(&self, place: Place) -> Result<(), Remark> {
        match self.open.last() {
            Some(Open {
                node: Node {
                    kind: Kind::Map(_), ..
                },
                key: None,
                ..
            }) => Err(Remark::error(place, "a key must be a single word")
                .hint("quote a text that starts with `{` or `[`, as in `\"{{…}}\"`")),
            _ => Ok(()),
        }
    }

    fn alias(&mut self, anchor: usize, place: Place) -> Result<(), Remark> {
        let Some(node) = self.anchors.get(&anchor).cloned() else {
            return Err(
                Remark::error(place, "this alias repeats a value that is not complete yet")
                    .hint("a value cannot hold itself"),
            );
        };
        let (nodes, bytes) = node.size();
        self.count(nodes, bytes, place)?;
        if self.open.len() + node.depth() > MAX_DEPTH {
            return Err(Remark::error(
                place,
                format!("this is nested more than {MAX_DEPTH} levels deep"),
            ));
        }
        self.attach(node)
    }

    fn count(&mut self, nodes: usize, bytes: usize, place: Place) -> Result<(), Remark> {
        self.nodes += nodes;
        self.text_bytes += bytes;
        if self.nodes > MAX_NODES || self.text_bytes > MAX_TEXT {
            return Err(
                Remark::error(place, format!("the document has more than {MAX_NODES} values"))
                    .hint("aliases count as often as they are used"),
            );
        }
        Ok(())
    }

    /// A node that was written out is complete.
    fn close(&mut self, node: Node, anchor: usize) -> Result<(), Remark> {
        let bytes = match &node.kind {
            Kind::Scalar { text, .. } => text.len(),
            _ => 0,
        };
        self.count(1, bytes, node.place)?;
        if anchor > 0 {
            self.anchors.insert(anchor, node.clone());
        }
        self.attach(node)
    }

    fn attach(&mut self, node: Node) -> Result<(), Remark> {
        let Some(parent) = self.open.last_mut() else {
            self.root = Some(node);
            return Ok(());
        };
        match &mut parent.node.kind {
            Kind::Scalar { .. } => {}
            Kind::List(items) => items.push(node),
            Kind::Map(entries) => match parent.key.take() {
                None => {
                    let Kind::Scalar { text, quoted } = &node.kind else {
                        return self.expect_scalar_key(node.place);
                    };
                    if !quoted && &**text == "<<" {
                        self.remarks.push(
                            Remark::error(node.place, "merge keys are not supported")
                                .hint("write the keys out, or repeat a whole value by an alias"),
                        );
                    }
                    parent.key = Some((text.to_string(), node.place));
                }
                Some((key, key_place)) => {
                    let merge = key == "<<";
                    if parent.seen.insert(key.clone(), key_place).is_some() {
                        self.remarks.push(
                            Remark::error(key_place, format!("the key `{key}` is written twice"))
                                .hint("keep one of them"),
                        );
                    } else if !merge {
                        entries.push(Entry {
                            key,
                            key_place,
                            value: node,
                        });
                    }
                }
            },
        }
        Ok(())
    }
}
