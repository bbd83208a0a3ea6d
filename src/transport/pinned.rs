//! Addresses of the hosts of a run: resolved once before it, and the only ones that it contacts.

use std::collections::BTreeMap;
use std::fmt;
use std::io;
use std::net::{IpAddr, SocketAddr, UdpSocket};
use std::time::Duration;

use tokio::time::Instant;

use crate::scenario::Target;

/// Hosts and their addresses, fixed before a run.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Pinned {
    hosts: BTreeMap<String, Vec<IpAddr>>,
    port: u16,
    /// How long the resolver took, by host.
    lookups: BTreeMap<String, Duration>,
}

/// A name that has no address.
#[derive(Debug)]
pub struct ResolveError {
    /// The name.
    pub host: String,
    /// What the resolver said; nothing where it answered without an address.
    pub source: Option<io::Error>,
}

impl fmt::Display for ResolveError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "`{}` does not resolve", self.host)?;
        match &self.source {
            Some(source) => write!(formatter, ": {source}"),
            None => write!(formatter, ": the name has no address"),
        }
    }
}

impl std::error::Error for ResolveError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.source.as_ref().map(|source| source as _)
    }
}

impl ResolveError {
    /// What to do about it.
    pub fn hint(&self) -> String {
        format!(
            "check the name in `target`, or name its address: `resolve: {{ {}: 127.0.0.1 }}`",
            self.host
        )
    }
}

impl Pinned {
    /// Resolves the host of `target` by the system's resolver; an entry of `resolve` counts instead of DNS.
    ///
    /// # Errors
    /// The name has no address.
    pub async fn resolve(target: &Target) -> Result<Self, ResolveError> {
        Self::resolve_with(target, async |host: &str| {
            let found = tokio::net::lookup_host((host, 0)).await?;
            Ok(found.map(|address| address.ip()).collect())
        })
        .await
    }

    /// As [`Pinned::resolve`], by a resolver of the caller's.
    ///
    /// # Errors
    /// The name has no address.
    pub async fn resolve_with(
        target: &Target,
        look_up: impl AsyncFn(&str) -> io::Result<Vec<IpAddr>>,
    ) -> Result<Self, ResolveError> {
        let host = host_of(target);
        let fixed: Vec<IpAddr> = target
            .resolve
            .iter()
            .filter(|entry| entry.host == host)
            .filter(|entry| {
                entry
                    .port
                    .is_none_or(|port| Some(port) == target.url.port_or_known_default())
            })
            .map(|entry| entry.address)
            .collect();
        let mut took = None;
        let addresses = if !fixed.is_empty() {
            fixed
        } else if let Ok(literal) = host.parse::<IpAddr>() {
            vec![literal]
        } else {
            let begun = Instant::now();
            let found = look_up(&host).await;
            took = Some(begun.elapsed());
            let found = found.map_err(|source| ResolveError {
                host: host.clone(),
                source: Some(source),
            })?;
            with_a_route(found)
        };
        if addresses.is_empty() {
            return Err(ResolveError { host, source: None });
        }
        let port = target.url.port_or_known_default().unwrap_or(80);
        let mut pinned = Self::new(port).with(&host, addresses);
        pinned.lookups = took.map(|took| (host, took)).into_iter().collect();
        Ok(pinned)
    }

    /// No host yet; `port` is the target's, for the record.
    pub const fn new(port: u16) -> Self {
        Self {
            hosts: BTreeMap::new(),
            port,
            lookups: BTreeMap::new(),
        }
    }

    /// Fixes the addresses of `host`, a name in lower case or a literal without brackets; doubles are dropped.
    #[must_use]
    pub fn with(mut self, host: &str, addresses: impl IntoIterator<Item = IpAddr>) -> Self {
        let mut kept: Vec<IpAddr> = Vec::new();
        for address in addresses {
            if !kept.contains(&address) {
                kept.push(address);
            }
        }
        self.hosts.insert(host.to_owned(), kept);
        self
    }

    /// The addresses of `host`; none where it was not pinned.
    pub fn addresses(&self, host: &str) -> &[IpAddr] {
        self.hosts.get(host).map_or(&[], Vec::as_slice)
    }

    /// Every host with its addresses, by name.
    pub fn hosts(&self) -> impl Iterator<Item = (&str, &[IpAddr])> {
        self.hosts
            .iter()
            .map(|(host, addresses)| (host.as_str(), addresses.as_slice()))
    }

    /// How long the resolver took for each name that it was asked for.
    pub fn lookups(&self) -> impl Iterator<Item = (&str, Duration)> {
        self.lookups.iter().map(|(host, took)| (host.as_str(), *took))
    }

    /// For the header of a record: `host:port` → addresses.
    pub fn recorded(&self) -> BTreeMap<String, Vec<String>> {
        self.hosts()
            .map(|(host, addresses)| {
                let place = match host.parse::<IpAddr>() {
                    Ok(literal) => SocketAddr::new(literal, self.port).to_string(),
                    Err(_) => format!("{host}:{}", self.port),
                };
                (place, addresses.iter().map(IpAddr::to_string).collect())
            })
            .collect()
    }
}

/// The host of `target` in lower case, IPv6 without brackets.
pub(crate) fn host_of(target: &Target) -> String {
    target
        .url
        .host_str()
        .unwrap_or_default()
        .trim_start_matches('[')
        .trim_end_matches(']')
        .to_ascii_lowercase()
}

/// Leaves out addresses to which this machine has no route at all (IPv6 on a machine without it), as long as others
/// remain: browsers do not try them either.
fn with_a_route(addresses: Vec<IpAddr>) -> Vec<IpAddr> {
    let (near, far): (Vec<IpAddr>, Vec<IpAddr>) =
        addresses.into_iter().partition(|address| has_route(*address));
    if near.is_empty() { far } else { near }
}

/// Whether the system knows a way to `address`. Nothing is sent: connecting a datagram socket only looks up the route.
fn has_route(address: IpAddr) -> bool {
    let any: IpAddr = match address {
        IpAddr::V4(_) => std::net::Ipv4Addr::UNSPECIFIED.into(),
        IpAddr::V6(_) => std::net::Ipv6Addr::UNSPECIFIED.into(),
    };
    UdpSocket::bind((any, 0)).is_ok_and(|socket| socket.connect((address, 9)).is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::Resolve;
    use crate::transport::example;

    fn target(url: &str, resolve: &[(&str, &str)]) -> Target {
        let resolve = resolve.iter().map(|(host, address)| Resolve {
            host: (*host).to_owned(),
            port: None,
            address: address.parse().unwrap(),
        });
        Target {
            resolve: resolve.collect(),
            ..example::target(url)
        }
    }

    fn addresses(texts: &[&str]) -> Vec<IpAddr> {
        texts.iter().map(|text| text.parse().unwrap()).collect()
    }

    async fn no_dns(_: &str) -> io::Result<Vec<IpAddr>> {
        Err(io::Error::other("no such name"))
    }

    #[tokio::test]
    async fn a_resolve_entry_counts_instead_of_dns() {
        let target = target(
            "https://Shop.Example/",
            &[("other.example", "127.0.0.9"), ("shop.example", "127.0.0.1")],
        );
        let pinned = Pinned::resolve_with(&target, no_dns).await.unwrap();
        assert_eq!(pinned.addresses("shop.example"), addresses(&["127.0.0.1"]));
        assert!(pinned.addresses("other.example").is_empty());
        assert_eq!(pinned.recorded()["shop.example:443"], ["127.0.0.1"]);
    }

    #[tokio::test]
    async fn literals_of_both_families_need_no_resolver() {
        let pinned = Pinned::resolve_with(&target("http://[::1]:8080/", &[]), no_dns)
            .await
            .unwrap();
        assert_eq!(pinned.addresses("::1"), addresses(&["::1"]));
        assert_eq!(pinned.recorded()["[::1]:8080"], ["::1"]);
        let pinned = Pinned::resolve_with(&target("http://127.0.0.1/", &[]), no_dns)
            .await
            .unwrap();
        assert_eq!(pinned.recorded()["127.0.0.1:80"], ["127.0.0.1"]);
    }

    #[tokio::test]
    async fn a_name_without_address_is_named() {
        let error = Pinned::resolve_with(&target("http://nowhere.example/", &[]), no_dns)
            .await
            .unwrap_err();
        assert_eq!(
            error.to_string(),
            "`nowhere.example` does not resolve: no such name"
        );
        let empty = async |_: &str| Ok(Vec::new());
        let error = Pinned::resolve_with(&target("http://nowhere.example/", &[]), empty)
            .await
            .unwrap_err();
        assert_eq!(
            error.to_string(),
            "`nowhere.example` does not resolve: the name has no address"
        );
    }

    #[tokio::test]
    async fn doubles_are_pinned_once() {
        let twice = async |_: &str| Ok(addresses(&["127.0.0.1", "127.0.0.2", "127.0.0.1"]));
        let pinned = Pinned::resolve_with(&target("http://shop.example/", &[]), twice)
            .await
            .unwrap();
        assert_eq!(
            pinned.addresses("shop.example"),
            addresses(&["127.0.0.1", "127.0.0.2"])
        );
    }
}
