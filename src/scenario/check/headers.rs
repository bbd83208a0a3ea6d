//! `headers` and `auth`: what every request says, and what of it must not be shown.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;

use super::fields::{Check, Keys, Text};
use super::journey::Names;
use crate::scenario::document::{Entry, Kind, Node};
use crate::scenario::placeholder::{Escape, Template};
use crate::scenario::written::{WrittenAuth, WrittenBasic};
use crate::scenario::{Header, Secret};

const AUTH: Keys = Keys {
    known: &["basic", "bearer"],
    later: &["digest"],
};
const BASIC: Keys = Keys {
    known: &["user", "password"],
    later: &[],
};
/// Headers that say how a message is framed: the transport's own.
const FRAMING: [&str; 6] = [
    "connection",
    "content-length",
    "keep-alive",
    "te",
    "transfer-encoding",
    "upgrade",
];

/// The headers of a map.
#[derive(Default)]
pub(super) struct Headers {
    /// The same for every visitor.
    pub(super) fixed: Vec<Header>,
    /// Filled in for each.
    pub(super) filled: Vec<(String, Template)>,
    /// How they are shown.
    pub(super) shown: Vec<(String, String)>,
}

impl Check<'_> {
    /// Headers; those of a step may hold placeholders, whose `names` are known.
    pub(super) fn headers(&mut self, node: &Node, names: Option<&Names>) -> Headers {
        let mut headers = Headers::default();
        let Some(fields) = self.any_fields(node, "`headers`", "X-Preview") else {
            return headers;
        };
        for entry in fields.entries() {
            let Some((text, template)) = self.header(entry, names) else {
                continue;
            };
            if headers
                .shown
                .iter()
                .any(|(known, _)| known.eq_ignore_ascii_case(&entry.key))
            {
                let message = format!("the header `{}` is written twice", entry.key);
                self.error(
                    entry.key_place,
                    message,
                    "the case of letters does not matter in headers",
                );
                continue;
            }
            headers.shown.push((entry.key.clone(), text.shown));
            match template {
                Some(template) => headers.filled.push((entry.key.clone(), template)),
                None => headers.fixed.push(Header {
                    name: entry.key.clone(),
                    value: Secret::new(text.value),
                }),
            }
        }
        headers
    }

    /// The value of a header, and what is to be filled in where that is not the same for every visitor.
    fn header(&mut self, entry: &Entry, names: Option<&Names>) -> Option<(Text, Option<Template>)> {
        let (name, place) = (entry.key.as_str(), entry.key_place);
        let is_token = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(c);
        if name.is_empty() || !name.chars().all(is_token) {
            let message = format!("`{name}` is no name of a header");
            self.error(place, message, "use letters, digits and `-`, as in `X-Preview`");
            return None;
        }
        if FRAMING.iter().any(|framing| name.eq_ignore_ascii_case(framing)) {
            let message = format!("`{name}` says how a message is framed, which tipover does itself");
            self.error(place, message, "remove it");
            return None;
        }
        let what = format!("the header `{name}`");
        let read = match names {
            Some(names) => self.template(&entry.value, &what, Escape::Plain, names),
            None => self.secret_text(&entry.value, &what).map(|text| (text, None)),
        };
        let has_placeholder = matches!(&entry.value.kind, Kind::Scalar { text, .. } if text.contains("{{"));
        if carries_a_credential(name) && (read.is_some() || has_placeholder) {
            // Written out or from a variable: it is not to be printed, not even beside an error.
            self.conceal(entry.value.place);
        }
        let (mut text, template) = read?;
        let template = template.filter(|template| template.fixed().is_none());
        if names.is_none() {
            self.refuse_placeholders(&text.shown, entry.value.place);
        }
        let is_value = |c: char| matches!(c, ' '..='~' | '\t');
        if !text.value.chars().all(is_value) {
            self.error(
                entry.value.place,
                format!("the value of the header `{name}` has characters that no header can carry"),
                "use visible ASCII, spaces and tabs; no line breaks",
            );
            return None;
        }
        text.value = text.value.trim().to_owned();
        text.shown = text.shown.trim().to_owned();
        if carries_a_credential(name) && !text.is_secret && template.is_none() {
            text.is_secret = true;
            text.shown = format!("<secret:{}>", name.to_lowercase());
        }
        if text.is_secret && template.is_none() {
            self.keep(Secret::new(text.value.clone()));
        }
        Some((text, template))
    }

    pub(super) fn auth(&mut self, node: &Node, headers: &mut Vec<Header>) -> Option<WrittenAuth> {
        let fields = self.fields(node, "`auth`", &AUTH)?;
        let (value, written) = match (fields.get("basic"), fields.get("bearer")) {
            (Some(basic), None) => self.basic(basic)?,
            (None, Some(bearer)) => self.bearer(bearer)?,
            (None, None) if fields.misspells(AUTH.known) => return None,
            _ => {
                self.error(
                    node.place,
                    "`auth` is either `basic` or `bearer`",
                    "write `auth: { basic: { user: …, password: … } }` or `auth: { bearer: \"${secret:token}\" }`",
                );
                return None;
            }
        };
        if headers
            .iter()
            .any(|header| header.name.eq_ignore_ascii_case("authorization"))
        {
            self.error(
                node.place,
                "`auth` and a header `Authorization` at the same time",
                "keep one of them",
            );
            return None;
        }
        headers.push(Header {
            name: "Authorization".to_owned(),
            value,
        });
        Some(written)
    }

    fn bearer(&mut self, node: &Node) -> Option<(Secret, WrittenAuth)> {
        let token = self.credential(node, "token", "preview_token")?;
        let is_token = |c: char| c.is_ascii_alphanumeric() || "-._~+/=".contains(c);
        if token.value.is_empty() || !token.value.chars().all(is_token) {
            self.error(
                node.place,
                "a bearer token has letters, digits and `-._~+/=` only",
                "write the token without `Bearer` before it",
            );
            return None;
        }
        let value = Secret::new(format!("Bearer {}", token.value));
        self.keep(Secret::new(token.value));
        let written = WrittenAuth {
            basic: None,
            bearer: Some(token.shown),
        };
        Some((value, written))
    }

    fn basic(&mut self, basic: &Node) -> Option<(Secret, WrittenAuth)> {
        let fields = self.fields(basic, "`basic`", &BASIC)?;
        let user = fields.require(self, "user", "add `user`");
        let password = fields.require(self, "password", "add `password`");
        let user = user.and_then(|node| self.text(node, "`user`").map(|text| (text, node.place)));
        let password = password.and_then(|node| self.credential(node, "password", "preview_password"));
        let ((user, place), password) = (user?, password?);
        if user.contains(':') || user.chars().any(char::is_control) {
            self.error(
                place,
                "a user name cannot hold `:` or control characters",
                "basic authentication cannot carry it",
            );
            return None;
        }
        let credential = BASE64_STANDARD.encode(format!("{user}:{}", password.value));
        let value = Secret::new(format!("Basic {credential}"));
        self.keep(Secret::new(password.value));
        self.keep(Secret::new(credential));
        let written = WrittenAuth {
            basic: Some(WrittenBasic {
                user,
                password: password.shown,
            }),
            bearer: None,
        };
        Some((value, written))
    }

    /// A password or a token, and how it is shown.
    fn credential(&mut self, node: &Node, what: &str, example: &str) -> Option<Text> {
        let mut text = self.secret_text(node, &format!("`{what}`"))?;
        if !text.is_secret {
            let is_written_out = matches!(&node.kind, Kind::Scalar { text, .. } if !text.contains("${"));
            self.conceal(node.place);
            if is_written_out {
                self.warn(
                    node.place,
                    format!("a {what} is written into the scenario"),
                    format!(
                        "write `\"${{secret:{example}}}\"`, and `secrets: {{ {example}: {{ env: {} }} }}`",
                        example.to_uppercase()
                    ),
                );
            }
            text.shown = format!("<secret:{what}>");
        }
        Some(text)
    }
}

fn carries_a_credential(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    [
        "authorization",
        "cookie",
        "token",
        "secret",
        "password",
        "api-key",
        "apikey",
    ]
    .iter()
    .any(|word| name.contains(word))
}
