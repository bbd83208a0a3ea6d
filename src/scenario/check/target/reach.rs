//! `http`, `resolve` and `proxy`: in which language and on which way a site is reached.

use std::net::IpAddr;

use url::Url;

use crate::scenario::check::fields::Check;
use crate::scenario::document::Node;
use crate::scenario::{HttpVersion, ProxyPlan, Resolve, Secret, proxy_address};

impl Check<'_> {
    /// The version of HTTP, where it was said.
    pub(super) fn http(&mut self, node: Option<&Node>) -> Option<HttpVersion> {
        let node = node?;
        match self.text(node, "`http`")?.as_str() {
            "auto" => Some(HttpVersion::Auto),
            "1.1" | "1" => Some(HttpVersion::One),
            "2" | "2.0" => Some(HttpVersion::Two),
            other => {
                let message = format!("`{other}` is no value of `http`");
                self.error(node.place, message, "write `auto`, `1.1` or `2`");
                None
            }
        }
    }

    pub(super) fn resolve(&mut self, node: &Node, url: &Url) -> Vec<Resolve> {
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
            self.addresses(&host, &text, &entry.value, url, &mut list);
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

    /// The addresses of `host` in `text`: as curl has them, several with commas, and perhaps behind a port.
    fn addresses(&mut self, host: &str, text: &str, node: &Node, url: &Url, list: &mut Vec<Resolve>) {
        let mut rest = text;
        let mut for_port = None;
        if let Some((port, behind)) = text.split_once(':')
            && let Ok(port) = port.parse::<u16>()
        {
            rest = behind;
            for_port = Some(port);
            if url.port_or_known_default() != Some(port) {
                let message = format!("the target does not use the port {port}");
                return self.error(node.place, message, "leave the port out");
            }
        }
        for address in rest.split(',').map(str::trim) {
            let bare = address.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
            match bare.unwrap_or(address).parse::<IpAddr>() {
                Ok(address) => list.push(Resolve {
                    host: host.to_owned(),
                    port: for_port,
                    address,
                }),
                Err(_) => self.error(
                    node.place,
                    format!("`{address}` is no IP address"),
                    "write one as in `127.0.0.1` or `::1`",
                ),
            }
        }
    }

    /// The proxy, and what is shown of it.
    pub(super) fn proxy(&mut self, node: Option<&Node>) -> (ProxyPlan, Option<String>) {
        let unsaid = (ProxyPlan::Environment, None);
        let Some(node) = node else { return unsaid };
        let Some(text) = self.secret_text(node, "`proxy`") else {
            return unsaid;
        };
        match text.value.as_str() {
            "none" => return (ProxyPlan::None, Some("none".to_owned())),
            "environment" => return (ProxyPlan::Environment, Some("environment".to_owned())),
            _ => {}
        }
        if text.value.contains('@') {
            // Perhaps a password.
            self.conceal(node.place);
        }
        match proxy_address(&text.value) {
            Ok(address) => {
                if let Some(credentials) = &address.credentials {
                    let password = credentials.reveal().split_once(':').map(|(_, password)| password);
                    self.keep(Secret::new(password.unwrap_or_default()));
                }
                let host = if address.host.contains(':') {
                    format!("[{}]", address.host)
                } else {
                    address.host.clone()
                };
                let shown = format!("http://{host}:{}", address.port);
                (ProxyPlan::At(address), Some(shown))
            }
            Err(why) => {
                let hint = "write `none`, `environment`, or an address as in `http://proxy.example:3128`";
                self.error(node.place, why, hint);
                unsaid
            }
        }
    }

    /// A proxy and a fixed address of the target exclude each other: a proxy looks names up itself.
    pub(super) fn proxy_or_resolve(
        &mut self,
        node: Option<&Node>,
        proxy: &ProxyPlan,
        resolve: &[Resolve],
        url: &Url,
    ) {
        let is_fixed = resolve
            .iter()
            .any(|one| url.host_str() == Some(one.host.as_str()));
        if let (Some(node), ProxyPlan::At(_), true) = (node, proxy, is_fixed) {
            self.error(
                node.place,
                "`proxy` and `resolve` for the same host: the proxy looks its address up itself",
                "keep one of them",
            );
        }
    }
}
