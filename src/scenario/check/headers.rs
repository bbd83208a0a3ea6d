//! `headers` and `auth`: what every request says, and what of it must not be shown.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;

use super::fields::{Check, Keys, Text};
use crate::scenario::document::{Entry, Kind, Node};
use crate::scenario::written::{WrittenAuth, WrittenBasic};
use crate::scenario::{Header, Secret};

const AUTH: Keys = Keys {
    known: &["basic"],
    later: &["bearer", "digest"],
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

impl Check<'_> {
    /// Headers, and how they are shown.
    pub(super) fn headers(&mut self, node: &Node) -> (Vec<Header>, Vec<(String, String)>) {
        let mut headers: Vec<Header> = Vec::new();
        let mut shown = Vec::new();
        let Some(fields) = self.any_fields(node, "`headers`", "X-Preview") else {
            return (headers, shown);
        };
        for entry in fields.entries() {
            let Some(text) = self.header(entry) else { continue };
            if headers
                .iter()
                .any(|known| known.name.eq_ignore_ascii_case(&entry.key))
            {
                let message = format!("the header `{}` is written twice", entry.key);
                self.error(
                    entry.key_place,
                    message,
                    "the case of letters does not matter in headers",
                );
                continue;
            }
            shown.push((entry.key.clone(), text.shown));
            headers.push(Header {
                name: entry.key.clone(),
                value: Secret::new(text.value),
            });
        }
        (headers, shown)
    }

    fn header(&mut self, entry: &Entry) -> Option<Text> {
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
        let mut text = self.secret_text(&entry.value, &format!("the header `{name}`"))?;
        if carries_a_credential(name) {
            // Written out or from a variable: it is not to be printed, not even beside an error.
            self.conceal(entry.value.place);
        }
        self.refuse_placeholders(&text.shown, entry.value.place);
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
        if carries_a_credential(name) && !text.is_secret {
            text.is_secret = true;
            text.shown = format!("<secret:{}>", name.to_lowercase());
        }
        if text.is_secret {
            self.keep(Secret::new(text.value.clone()));
        }
        Some(text)
    }

    pub(super) fn auth(&mut self, node: &Node, headers: &mut Vec<Header>) -> Option<WrittenAuth> {
        let fields = self.fields(node, "`auth`", &AUTH)?;
        let basic = fields.require(self, "basic", "write `auth: { basic: { user: …, password: … } }`")?;
        let fields = self.fields(basic, "`basic`", &BASIC)?;
        let user = fields.require(self, "user", "add `user`");
        let password = fields.require(self, "password", "add `password`");
        let user = user.and_then(|node| self.text(node, "`user`").map(|text| (text, node.place)));
        let password = password.and_then(|node| self.password(node));
        let ((user, place), password) = (user?, password?);
        if user.contains(':') || user.chars().any(char::is_control) {
            self.error(
                place,
                "a user name cannot hold `:` or control characters",
                "basic authentication cannot carry it",
            );
            return None;
        }
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
        let credential = BASE64_STANDARD.encode(format!("{user}:{}", password.value));
        let value = Secret::new(format!("Basic {credential}"));
        self.keep(Secret::new(password.value));
        self.keep(Secret::new(credential));
        headers.push(Header {
            name: "Authorization".to_owned(),
            value,
        });
        Some(WrittenAuth {
            basic: Some(WrittenBasic {
                user,
                password: password.shown,
            }),
        })
    }

    fn password(&mut self, node: &Node) -> Option<Text> {
        let mut text = self.secret_text(node, "`password`")?;
        if !text.is_secret {
            let is_written_out = matches!(&node.kind, Kind::Scalar { text, .. } if !text.contains("${"));
            self.conceal(node.place);
            if is_written_out {
                self.warn(
                    node.place,
                    "a password is written into the scenario",
                    "write `\"${secret:preview_password}\"`, and `secrets: { preview_password: { env: PREVIEW_PASSWORD } }`",
                );
            }
            text.shown = "<secret:password>".to_owned();
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
