//! `secrets`: values that come from the environment or a file and go nowhere but over the wire.

use std::fs::File;
use std::io::Read;

use super::fields::{Check, Keys};
use crate::scenario::document::{Node, Place};
use crate::scenario::template::is_secret_name;
use crate::scenario::types::Secret;
use crate::scenario::written::{Pairs, WrittenSecret};

/// The longest secret that is read from a file.
const MAX_SECRET: u64 = 64 * 1024;

const SECRET: Keys = Keys {
    known: &["env", "file"],
    later: &["command"],
};

/// A secret that the scenario declares.
pub(in crate::scenario) struct Declared {
    place: Place,
    /// Nothing where it could not be read, which has been said already.
    value: Option<Secret>,
    is_used: bool,
}

impl Check<'_> {
    /// Reads what `secrets` declares.
    pub(super) fn secrets(&mut self, node: Option<&Node>) -> Option<Pairs<WrittenSecret>> {
        let node = node?;
        if node.entries().is_none() {
            // It may be the secret itself.
            self.conceal(node.place);
        }
        let fields = self.any_fields(node, "`secrets`", "preview_token")?;
        let mut written = Vec::new();
        for entry in fields.entries() {
            let (name, place) = (&entry.key, entry.key_place);
            if !is_secret_name(name) {
                self.error(
                    place,
                    format!("`{name}` is no name of a secret"),
                    "use letters, digits, `_` and `-`",
                );
                continue;
            }
            let value = if entry.value.is_nothing() {
                None
            } else {
                self.declared_secret(name, &entry.value, &mut written)
            };
            if let Some(value) = &value {
                self.keep(value.clone());
            }
            let declared = Declared {
                place,
                value,
                is_used: false,
            };
            self.declared.insert(name.clone(), declared);
        }
        Some(Pairs(written))
    }

    fn declared_secret(
        &mut self,
        name: &str,
        node: &Node,
        written: &mut Vec<(String, WrittenSecret)>,
    ) -> Option<Secret> {
        let what = format!("`secrets.{name}`");
        if node.entries().is_none() {
            self.error(
                node.place,
                format!("{what} must say where its value comes from"),
                format!("write `{name}: {{ env: PREVIEW_TOKEN }}` or `{name}: {{ file: .secrets/{name} }}`"),
            );
            // It may be the secret itself.
            self.conceal(node.place);
            return None;
        }
        let fields = self.fields(node, &what, &SECRET)?;
        let (value, line) = match (fields.get("env"), fields.get("file")) {
            (Some(node), None) => self.secret_of_variable(node, &what)?,
            (None, Some(node)) => self.secret_of_file(node, &what)?,
            _ => {
                let message = format!("{what} needs either `env` or `file`");
                self.error(fields.place, message, "write one of them");
                return None;
            }
        };
        written.push((name.to_owned(), line));
        value
    }

    fn secret_of_variable(&mut self, node: &Node, what: &str) -> Option<(Option<Secret>, WrittenSecret)> {
        let variable = self.text(node, what)?;
        let value = (self.environment)(&variable).filter(|value| !value.is_empty());
        if value.is_none() {
            self.error(
                node.place,
                format!("the variable `{variable}` of {what} is not set"),
                format!("set it before the run: `export {variable}=…`"),
            );
        }
        let line = WrittenSecret {
            env: Some(variable),
            file: None,
        };
        Some((value.map(Secret::new), line))
    }

    fn secret_of_file(&mut self, node: &Node, what: &str) -> Option<(Option<Secret>, WrittenSecret)> {
        let (path, text) = self.path(node, what)?;
        let value = read_secret(&path);
        if let Err(why) = &value {
            self.error(
                node.place,
                format!("the file of {what} cannot be read: {why}"),
                format!("it is looked for at `{}`", path.display()),
            );
        }
        let line = WrittenSecret {
            env: None,
            file: Some(text),
        };
        Some((value.ok().map(Secret::new), line))
    }

    /// The value of the secret `name`, used at `place`.
    pub(super) fn secret(&mut self, name: &str, place: Place) -> Option<Secret> {
        if let Some(declared) = self.declared.get_mut(name) {
            declared.is_used = true;
            return declared.value.clone();
        }
        self.error(
            place,
            format!("the secret `{name}` is not declared"),
            format!(
                "add `secrets: {{ {name}: {{ env: {} }} }}`",
                name.to_uppercase().replace('-', "_")
            ),
        );
        None
    }

    /// Remembers a value that must never be written.
    pub(super) fn keep(&mut self, secret: Secret) {
        if !secret.reveal().is_empty() && !self.kept.contains(&secret) {
            self.kept.push(secret);
        }
    }

    pub(super) fn warn_of_unused_secrets(&mut self) {
        let unused: Vec<(String, Place)> = self
            .declared
            .iter()
            .filter(|(_, declared)| !declared.is_used && declared.value.is_some())
            .map(|(name, declared)| (name.clone(), declared.place))
            .collect();
        for (name, place) in unused {
            self.warn(
                place,
                format!("the secret `{name}` is never used"),
                format!("use it as `${{secret:{name}}}` in a header, a password or a body"),
            );
        }
    }
}

fn read_secret(path: &std::path::Path) -> Result<String, String> {
    let file = File::open(path).map_err(|error| error.to_string())?;
    let mut value = String::new();
    file.take(MAX_SECRET + 1)
        .read_to_string(&mut value)
        .map_err(|error| error.to_string())?;
    if value.len() as u64 > MAX_SECRET {
        return Err("it is longer than 64 KiB".to_owned());
    }
    // Editors and `echo` end a file with a line break that is no part of the secret.
    let value = value.trim_end_matches(['\r', '\n']);
    if value.is_empty() {
        return Err("it is empty".to_owned());
    }
    Ok(value.to_owned())
}
