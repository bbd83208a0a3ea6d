//! Reading keys, texts, words and quantities out of a tree, each with its own error. It knows no key by name.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use super::secrets::Declared;
use crate::scenario::document::{Entry, Kind, Node, Place};
use crate::scenario::overrides::Sources;
use crate::scenario::problem::{Remark, Severity};
use crate::scenario::template::{self, Otherwise, Part};
use crate::scenario::types::Secret;
use crate::units::UnitError;

/// The checks of one scenario, and what they found so far.
pub(in crate::scenario) struct Check<'a> {
    pub(in crate::scenario) remarks: Vec<Remark>,
    pub(in crate::scenario) sources: Sources,
    pub(super) environment: &'a dyn Fn(&str) -> Option<String>,
    /// Where relative files start.
    pub(super) folder: &'a Path,
    pub(super) declared: BTreeMap<String, Declared>,
    /// Values that must never be written.
    pub(super) kept: Vec<Secret>,
}

/// The keys of a map.
pub(super) struct Keys {
    pub(super) known: &'static [&'static str],
    /// Keys that the design names and a later version brings.
    pub(super) later: &'static [&'static str],
}

/// A map whose keys are checked.
pub(super) struct Fields<'n> {
    entries: &'n [Entry],
    pub(super) place: Place,
}

impl<'n> Fields<'n> {
    /// The value of `key`.
    pub(super) fn get(&self, key: &str) -> Option<&'n Node> {
        self.entries
            .iter()
            .find(|entry| entry.key == key)
            .map(|entry| &entry.value)
    }

    /// Whether a key was probably meant to be one of `words`: it has been named with that hint.
    pub(super) fn misspells(&self, words: &[&'static str]) -> bool {
        self.entries
            .iter()
            .any(|entry| !words.contains(&entry.key.as_str()) && nearest(&entry.key, words).is_some())
    }

    /// The value of `key`, which must be there.
    pub(super) fn require(&self, check: &mut Check<'_>, key: &'static str, hint: &str) -> Option<&'n Node> {
        let found = self.get(key);
        if found.is_none() && !self.misspells(&[key]) {
            let first = self.entries.first().map_or(self.place, |entry| entry.key_place);
            check
                .remarks
                .push(Remark::error(first, format!("`{key}` is missing")).hint(hint));
        }
        found
    }

    /// The entries that are checked by name.
    pub(super) fn entries(&self) -> &'n [Entry] {
        self.entries
    }
}

/// A text that may hold secrets.
#[derive(Clone)]
pub(super) struct Text {
    /// For the wire.
    pub(super) value: String,
    /// For people: each secret as `<secret:name>`.
    pub(super) shown: String,
    pub(super) is_secret: bool,
}

impl<'a> Check<'a> {
    pub(in crate::scenario) fn new(
        sources: Sources,
        environment: &'a dyn Fn(&str) -> Option<String>,
        folder: &'a Path,
    ) -> Self {
        Self {
            remarks: Vec::new(),
            sources,
            environment,
            folder,
            declared: BTreeMap::new(),
            kept: Vec::new(),
        }
    }

    pub(in crate::scenario) fn has_errors(&self) -> bool {
        self.remarks
            .iter()
            .any(|remark| remark.severity == Severity::Error)
    }

    pub(super) fn error(&mut self, place: Place, message: impl Into<String>, hint: impl Into<String>) {
        self.remarks.push(Remark::error(place, message).hint(hint));
    }

    pub(super) fn warn(&mut self, place: Place, message: impl Into<String>, hint: impl Into<String>) {
        self.remarks.push(Remark::warning(place, message).hint(hint));
    }

    /// What stands at `place` is shown as asterisks in frames.
    pub(super) fn conceal(&mut self, place: Place) {
        if let Some(source) = self.sources.list.get_mut(place.source.0) {
            source.concealed.push(place.start..place.end);
        }
    }

    /// The map `node`, every key of it known and with a value.
    pub(super) fn fields<'n>(&mut self, node: &'n Node, what: &str, keys: &Keys) -> Option<Fields<'n>> {
        let fields = self.any_fields(node, what, keys.known.first().copied().unwrap_or("key"))?;
        for entry in fields.entries {
            if keys.known.contains(&entry.key.as_str()) {
                continue;
            }
            if keys.later.contains(&entry.key.as_str()) {
                self.later(entry.key_place, &entry.key);
                continue;
            }
            let remark = Remark::error(entry.key_place, format!("unknown key `{}` in {what}", entry.key));
            self.remarks.push(match nearest(&entry.key, keys.known) {
                Some(known) => remark.hint(format!("did you mean `{known}`?")),
                None => remark.hint(format!("the keys of {what} are {}", listed(keys.known, "and"))),
            });
        }
        Some(fields)
    }

    /// The map `node` whatever its keys are.
    pub(super) fn any_fields<'n>(&mut self, node: &'n Node, what: &str, example: &str) -> Option<Fields<'n>> {
        if node.is_nothing() {
            return None;
        }
        let Some(entries) = node.entries() else {
            self.error(
                node.place,
                format!("{what} must be a map of keys, and is {}", node.description()),
                format!("write keys below it, indented, as in `{example}: …`"),
            );
            return None;
        };
        for entry in entries.iter().filter(|entry| entry.value.is_nothing()) {
            self.error(
                entry.key_place,
                format!("`{}` has no value", entry.key),
                "give it a value or remove the line",
            );
        }
        Some(Fields {
            entries,
            place: node.place,
        })
    }

    /// A key or word that a later version brings.
    pub(super) fn later(&mut self, place: Place, what: &str) {
        self.error(
            place,
            format!("`{what}` comes in a later version"),
            "remove it for now",
        );
    }

    /// The items of a list, at least one.
    pub(super) fn list<'n>(&mut self, node: &'n Node, what: &str, example: &str) -> &'n [Node] {
        match &node.kind {
            Kind::List(items) if !items.is_empty() => {
                for item in items.iter().filter(|item| item.is_nothing()) {
                    self.error(
                        item.place,
                        format!("an item of {what} is empty"),
                        "write it, or remove the `-`",
                    );
                }
                return items;
            }
            Kind::List(_) => self.error(node.place, format!("{what} is empty"), example),
            // Named by the map that holds it.
            _ if node.is_nothing() => {}
            _ => self.error(
                node.place,
                format!("{what} must be a list, and is {}", node.description()),
                format!("begin each item with `- `, {example}"),
            ),
        }
        &[]
    }

    /// The text of a scalar, its variables filled in; no secrets.
    pub(super) fn text(&mut self, node: &Node, what: &str) -> Option<String> {
        let text = self.secret_text(node, what)?;
        if text.is_secret {
            self.error(
                node.place,
                format!("{what} cannot hold a secret, because it is printed"),
                "secrets are for headers, passwords and bodies",
            );
            return None;
        }
        Some(text.value)
    }

    /// The text of a scalar, its variables and secrets filled in.
    pub(super) fn secret_text(&mut self, node: &Node, what: &str) -> Option<Text> {
        let Kind::Scalar { text, .. } = &node.kind else {
            self.error(
                node.place,
                format!("{what} must be a single value, and is {}", node.description()),
                "quote it if it is meant as a text",
            );
            return None;
        };
        if node.is_nothing() {
            return None;
        }
        self.expand(text, node.place)
    }

    /// `text` with its variables and secrets filled in.
    pub(super) fn expand(&mut self, text: &str, place: Place) -> Option<Text> {
        let parts = match template::parts(text) {
            Ok(parts) => parts,
            Err((message, hint)) => {
                self.error(place, message, hint);
                return None;
            }
        };
        let mut whole = Text {
            value: String::new(),
            shown: String::new(),
            is_secret: false,
        };
        for part in parts {
            let text = self.part(part, place)?;
            whole.value.push_str(&text.value);
            whole.shown.push_str(&text.shown);
            whole.is_secret |= text.is_secret;
        }
        Some(whole)
    }

    /// What one part of a text stands for.
    pub(super) fn part(&mut self, part: Part, place: Place) -> Option<Text> {
        let plain = |value: String| Text {
            shown: value.clone(),
            value,
            is_secret: false,
        };
        match part {
            Part::Text(text) => Some(plain(text)),
            Part::Variable { name, otherwise } => self.variable(&name, otherwise, place).map(plain),
            Part::Secret(name) => Some(Text {
                value: self.secret(&name, place)?.reveal().to_owned(),
                shown: format!("<secret:{name}>"),
                is_secret: true,
            }),
        }
    }

    fn variable(&mut self, name: &str, otherwise: Otherwise, place: Place) -> Option<String> {
        let value = (self.environment)(name);
        match (value, otherwise) {
            (Some(value), Otherwise::Missing) => Some(value),
            (Some(value), _) if !value.is_empty() => Some(value),
            (_, Otherwise::Default(default)) => Some(default),
            (_, Otherwise::Message(message)) => {
                self.error(
                    place,
                    format!("`${{{name}}}` is not set: {message}"),
                    format!("set it before the run, as in `{name}=… tipover …`"),
                );
                None
            }
            (None, Otherwise::Missing) => {
                self.error(
                    place,
                    format!("`${{{name}}}` is not set"),
                    format!("set it, or give a default, as in `${{{name}:-…}}`"),
                );
                None
            }
        }
    }

    /// A quantity with its unit.
    pub(super) fn quantity<T: FromStr<Err = UnitError>>(&mut self, node: &Node, what: &str) -> Option<T> {
        let text = self.text(node, what)?;
        match text.parse() {
            Ok(value) => Some(value),
            Err(error) => {
                self.unit_error(node.place, what, &error);
                None
            }
        }
    }

    pub(super) fn unit_error(&mut self, place: Place, what: &str, error: &UnitError) {
        let mut remark = Remark::error(place, format!("{what}: {}", error.message()));
        remark.hint = error.fix().map(str::to_owned);
        self.remarks.push(remark);
    }

    /// One of a closed set of words.
    pub(super) fn choice<T: Copy>(
        &mut self,
        node: &Node,
        what: &str,
        words: &[(&'static str, T)],
    ) -> Option<T> {
        let text = self.text(node, what)?;
        if let Some((_, value)) = words.iter().find(|(word, _)| *word == text) {
            return Some(*value);
        }
        let known: Vec<&'static str> = words.iter().map(|(word, _)| *word).collect();
        let hint = match nearest(&text, &known) {
            Some(word) => format!("did you mean `{word}`?"),
            None => format!("write {}", listed(&known, "or")),
        };
        self.error(node.place, format!("`{text}` is no value of {what}"), hint);
        None
    }

    /// `true` or `false`; `yes` and `no` are read as people mean them.
    pub(super) fn truth(&mut self, node: &Node, what: &str) -> Option<bool> {
        self.choice(
            node,
            what,
            &[("true", true), ("false", false), ("yes", true), ("no", false)],
        )
    }

    /// A path, relative to the folder of the scenario.
    pub(super) fn path(&mut self, node: &Node, what: &str) -> Option<(PathBuf, String)> {
        let text = self.text(node, what)?;
        if text.is_empty() || text.contains('\0') {
            self.error(
                node.place,
                format!("{what} names no file"),
                "write the path of a file",
            );
            return None;
        }
        Some((self.folder.join(&text), text))
    }
}

/// `a`, `b` and `c`, where `join` is "and"
pub(super) fn listed(words: &[&str], join: &str) -> String {
    let quoted: Vec<String> = words.iter().map(|word| format!("`{word}`")).collect();
    match quoted.split_last() {
        Some((last, [])) => last.clone(),
        Some((last, rest)) => format!("{} {join} {last}", rest.join(", ")),
        None => String::new(),
    }
}

/// The word that was probably meant: at most a third of its letters away.
pub(super) fn nearest<'w>(text: &str, words: &[&'w str]) -> Option<&'w str> {
    if text.chars().count() > 64 {
        return None;
    }
    let text = text.to_lowercase().replace('-', "_");
    let distance = |word: &str| strsim::damerau_levenshtein(&text, word);
    words
        .iter()
        .copied()
        .map(|word| (distance(word), word))
        .filter(|(distance, word)| *distance <= (word.len().max(3)) / 3)
        .min()
        .map(|(_, word)| word)
}
