//! `target`: the site and how to reach it.

use std::net::IpAddr;
use std::time::Duration;

use url::Url;

use super::fields::{Check, Fields, Keys};
use super::headers::Headers;
use crate::scenario::document::{Kind, Node, Place};
use crate::scenario::written::{Pairs, WrittenTarget, WrittenTimeout, WrittenTls};
use crate::scenario::{Connections, Resolve, StandsFor, Target, Timeouts, TlsPlan};
use crate::units::Span;

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
    ],
    later: &["source_addresses", "proxy", "cache"],
};
const TLS: Keys = Keys {
    known: &["ca", "insecure"],
    later: &["client_cert", "client_key"],
};
const TIMEOUT: Keys = Keys {
    known: &["connect", "answer"],
    later: &[],
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
        if let Some(node) = get("http") {
            match self.text(node, "`http`").as_deref() {
                Some("auto" | "1.1") | None => {}
                Some(other @ ("2" | "2.0" | "h2" | "3")) => self.later(node.place, &format!("http: {other}")),
                Some(other) => self.error(
                    node.place,
                    format!("`{other}` is no value of `http`"),
                    "write `auto` or `1.1`",
                ),
            }
        }
        let written = get("headers").map(|node| self.headers(node, None));
        let Headers {
            fixed: mut headers,
            mut shown,
            ..
        } = written.unwrap_or_default();
        let auth = get("auth").and_then(|node| self.auth(node, &mut headers));
        let resolve = get("resolve").map_or_else(Vec::new, |node| self.resolve(node, &url));
        let (tls, written_tls) = self.tls(get("tls"), &url);
        let timeouts = self.timeouts(get("timeout"));
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
            http: None,
            resolve: (!resolve.is_empty()).then(|| {
                let pairs = resolve
                    .iter()
                    .map(|one| (one.host.clone(), one.address.to_string()));
                Pairs(pairs.collect())
            }),
            headers: (!shown.is_empty()).then_some(Pairs(shown)),
            auth,
            tls: written_tls,
            timeout: Some(WrittenTimeout {
                connect: Some(Span::new(timeouts.connect).to_string()),
                answer: Some(Span::new(timeouts.answer).to_string()),
            }),
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

    fn resolve(&mut self, node: &Node, url: &Url) -> Vec<Resolve> {
        let mut list = Vec::new();
        let Some(fields) = self.any_fields(node, "`resolve`", "staging.shop.example") else {
            return list;
        };
        for entry in fields.entries().iter().filter(|entry| !entry.value.is_nothing()) {
            let Some(host) = self.host_name(&entry.key, entry.key_place) else {
                continue;
            };
            let Some(text) = self.text(&entry.value, "an address") else {
                continue;
            };
            let mut address = text.as_str();
            if let Some((port, rest)) = text.split_once(':')
                && let Ok(port) = port.parse::<u16>()
            {
                address = rest;
                if url.port_or_known_default() != Some(port) {
                    let message = format!("the target does not use the port {port}");
                    self.error(entry.value.place, message, "leave the port out");
                    continue;
                }
            }
            let bare = address.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
            match bare.unwrap_or(address).parse::<IpAddr>() {
                Ok(address) => list.push(Resolve { host, address }),
                Err(_) => self.error(
                    entry.value.place,
                    format!("`{address}` is no IP address"),
                    "write one as in `127.0.0.1` or `::1`",
                ),
            }
        }
        if list.iter().all(|one| url.host_str() != Some(one.host.as_str()))
            && let Some(first) = list.first()
        {
            let message = format!(
                "`resolve` does not name the host of the target, but `{}`",
                first.host
            );
            self.warn(
                node.place,
                message,
                format!("the target is at `{}`", url.host_str().unwrap_or("")),
            );
        }
        list
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

    fn tls(&mut self, node: Option<&Node>, url: &Url) -> (TlsPlan, Option<WrittenTls>) {
        let Some(fields) = node.and_then(|node| self.fields(node, "`tls`", &TLS)) else {
            return (TlsPlan::default(), None);
        };
        let mut plan = TlsPlan::default();
        let mut written = WrittenTls::default();
        if let Some(node) = fields.get("ca")
            && let Some((path, text)) = self.path(node, "`ca`")
        {
            if !path.is_file() {
                self.error(
                    node.place,
                    "the file of `ca` is not there",
                    format!("it is looked for at `{}`", path.display()),
                );
            }
            plan.ca = Some(path);
            written.ca = Some(text);
        }
        if let Some(node) = fields.get("insecure") {
            plan.insecure = self.truth(node, "`insecure`").unwrap_or(false);
            written.insecure = Some(plan.insecure);
            if plan.insecure && url.scheme() == "https" {
                self.warn(
                    node.place,
                    "`insecure: true` trusts any certificate: whoever answers may be somebody else",
                    "name the certificate with `ca: certs/ca.pem` where you can",
                );
            }
        }
        (plan, Some(written))
    }

    fn timeouts(&mut self, node: Option<&Node>) -> Timeouts {
        let mut timeouts = Timeouts::default();
        let Some(fields) = node.and_then(|node| self.fields(node, "`timeout`", &TIMEOUT)) else {
            return timeouts;
        };
        if let Some(span) = self.timeout(fields.get("connect"), "`connect`") {
            timeouts.connect = span;
        }
        if let Some(span) = self.timeout(fields.get("answer"), "`answer`") {
            timeouts.answer = span;
        }
        timeouts
    }

    fn timeout(&mut self, node: Option<&Node>, what: &str) -> Option<Duration> {
        let node = node?;
        let span: Span = self.quantity(node, what)?;
        let longest = Duration::from_secs(600);
        if span.duration().is_zero() || span.duration() > longest {
            self.error(
                node.place,
                format!("{what}: a time to wait is longer than nothing and at most 10 minutes"),
                "write one as in `30s`",
            );
            return None;
        }
        Some(span.duration())
    }
}
