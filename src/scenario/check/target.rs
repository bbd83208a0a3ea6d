//! `target`: the site and how to reach it.

mod bounds;
mod reach;
mod tls;

use url::Url;

use super::fields::{Check, Fields, Keys};
use super::headers::Headers;
use crate::scenario::document::{Kind, Node, Place};
use crate::scenario::written::{Pairs, WrittenTarget};
use crate::scenario::{Connections, Resolve, StandsFor, Target};

const TARGET: Keys = Keys {
    known: &[
        "url",
        "stands_for",
        "http",
        "resolve",
        "headers",
        "auth",
        "tls",
        "timeout",
        "connections",
        "proxy",
        "limits",
    ],
    later: &["source_addresses", "cache"],
};
impl Check<'_> {
    /// The site; nothing where it cannot be told which.
    pub(super) fn target(&mut self, node: &Node) -> Option<(Target, WrittenTarget)> {
        if let Kind::Scalar { .. } = node.kind {
            let url = self.target_url(node)?;
            return Some(self.whole_target(url, None));
        }
        let fields = self.fields(node, "`target`", &TARGET)?;
        let url = fields
            .require(self, "url", "add `url: https://staging.shop.example`")
            .and_then(|node| self.target_url(node));
        let placeholder = || Url::parse("http://localhost").ok();
        // A broken address must not hide what is wrong below it.
        let found = self.whole_target(url.clone().or_else(placeholder)?, Some(&fields));
        url.map(|_| found)
    }

    fn whole_target(&mut self, url: Url, fields: Option<&Fields<'_>>) -> (Target, WrittenTarget) {
        let get = |key: &str| fields.and_then(|fields| fields.get(key));
        let stands_for = get("stands_for").and_then(|node| {
            let words = [
                ("production", StandsFor::Production),
                ("staging", StandsFor::Staging),
                ("copy", StandsFor::Copy),
            ];
            self.choice(node, "`stands_for`", &words)
        });
        let http = self.http(get("http"));
        let written = get("headers").map(|node| self.headers(node, None));
        let Headers {
            fixed: mut headers,
            mut shown,
            ..
        } = written.unwrap_or_default();
        let auth = get("auth").and_then(|node| self.auth(node, &mut headers));
        let resolve = get("resolve").map_or_else(Vec::new, |node| self.resolve(node, &url));
        let (tls, written_tls) = self.tls(get("tls"), &url);
        let (proxy, shown_proxy) = self.proxy(get("proxy"));
        self.proxy_or_resolve(get("proxy"), &proxy, &resolve, &url);
        let timeouts = self.timeouts(get("timeout"));
        let (caps, written_caps) = self.answer_caps(get("limits"));
        let connections = get("connections").and_then(|node| {
            let words = [
                ("per_visitor", Connections::PerVisitor),
                ("pooled", Connections::Pooled),
                ("per_request", Connections::PerRequest),
            ];
            self.choice(node, "`connections`", &words)
        });
        let connections = connections.unwrap_or_default();
        shown.sort();
        let written = WrittenTarget {
            url: url.to_string(),
            stands_for: stands_for.map(|word| word.to_string()),
            http: http.map(|version| version.to_string()),
            resolve: shown_addresses(&resolve),
            proxy: shown_proxy,
            headers: (!shown.is_empty()).then_some(Pairs(shown)),
            auth,
            tls: written_tls,
            timeout: Some((&timeouts).into()),
            limits: written_caps,
            connections: Some(connections.to_string()),
        };
        let target = Target {
            url,
            stands_for,
            headers,
            resolve,
            tls,
            timeouts,
            connections,
            http: http.unwrap_or_default(),
            proxy,
            caps,
        };
        (target, written)
    }

    fn target_url(&mut self, node: &Node) -> Option<Url> {
        let text = self.text(node, "`target`")?;
        let url = self.web_address(&text, node.place)?;
        if url.query().is_some() {
            let mut bare = url.clone();
            bare.set_query(None);
            self.error(
                node.place,
                "the address of a target has no query",
                format!("write `{bare}` here, and the query in a step: `get: /?…`"),
            );
            return None;
        }
        Some(url)
    }

    /// An `http` or `https` address with a host, without a user and a fragment.
    pub(super) fn web_address(&mut self, text: &str, place: Place) -> Option<Url> {
        if text.contains('@') {
            // Perhaps a password.
            self.conceal(place);
        }
        let url = match Url::parse(text) {
            Ok(url) if matches!(url.scheme(), "http" | "https") => url,
            Ok(url) if text.contains("://") => {
                let message = format!("`{}` cannot be played, only `http` and `https`", url.scheme());
                self.error(
                    place,
                    message,
                    "write an address as in `https://staging.shop.example`",
                );
                return None;
            }
            Err(error) if text.contains("://") => {
                let message = format!("this is no web address: {error}");
                self.error(
                    place,
                    message,
                    "write an address as in `https://staging.shop.example`",
                );
                return None;
            }
            _ => {
                let host = text.trim_start_matches('/');
                let hint = if host.is_empty() || host.contains(char::is_whitespace) || host.contains('@') {
                    "write an address as in `https://staging.shop.example`".to_owned()
                } else {
                    format!("write `https://{host}`")
                };
                self.error(
                    place,
                    "this is no web address: it begins with no `https://`",
                    hint,
                );
                return None;
            }
        };
        if !url.username().is_empty() || url.password().is_some() {
            self.error(
                place,
                "a user and a password do not belong into an address",
                "write `auth: { basic: { user: …, password: \"${secret:…}\" } }` below `target`",
            );
            return None;
        }
        if url.fragment().is_some() {
            self.error(
                place,
                "an address with a `#` part",
                "remove it: a browser never sends it",
            );
            return None;
        }
        Some(url)
    }

    /// A host name in lower case, as an address has it.
    pub(super) fn host_name(&mut self, text: &str, place: Place) -> Option<String> {
        let parsed = Url::parse(&format!("https://{text}"));
        match parsed {
            Ok(url)
                if !text.contains(['/', '@', '?', '#'])
                    && url.port().is_none()
                    && !text.ends_with(':')
                    && url.path() == "/" =>
            {
                url.host_str().map(str::to_owned)
            }
            _ => {
                let host = Url::parse(text)
                    .ok()
                    .and_then(|url| url.host_str().map(str::to_owned));
                let hint = format!("write `{}`", host.as_deref().unwrap_or("staging.shop.example"));
                self.error(place, format!("`{text}` is no host name"), hint);
                None
            }
        }
    }
}

/// The addresses of each host, several with commas between.
fn shown_addresses(resolve: &[Resolve]) -> Option<Pairs<String>> {
    let mut pairs: Vec<(String, String)> = Vec::new();
    for one in resolve {
        match pairs.iter_mut().find(|(host, _)| *host == one.host) {
            Some((_, addresses)) => addresses.push_str(&format!(",{}", one.address)),
            None => pairs.push((one.host.clone(), one.address.to_string())),
        }
    }
    (!pairs.is_empty()).then_some(Pairs(pairs))
}
