//! A proxy between us and the site: which one, whether it is asked at all, and the tunnel through it.

use std::cell::Cell;
use std::fmt;
use std::io;
use std::net::{IpAddr, SocketAddr};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hyper::header::HeaderValue;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

use super::failure::Failure;
use super::pinned::{ResolveError, host_of};
use crate::record::Class;
use crate::scenario::{Environment, ProxyAddress, ProxyPlan, Target, proxy_address};

/// The longest answer of a proxy to the wish for a tunnel.
const LONGEST_HEAD: usize = 8 << 10;

/// A proxy that speaks HTTP, with its addresses fixed before the run.
#[derive(Debug, Clone)]
pub struct Proxy {
    host: String,
    addresses: Vec<SocketAddr>,
    login: Option<HeaderValue>,
}

/// Why there is no proxy to be had.
#[derive(Debug)]
pub enum ProxyError {
    /// A variable of the environment holds no address of a proxy.
    Variable {
        /// Its name.
        name: &'static str,
        /// What is wrong with it.
        why: String,
    },
    /// The name of the proxy has no address.
    Resolve(ResolveError),
}

impl fmt::Display for ProxyError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ProxyError::Variable { name, why } => {
                write!(formatter, "read the variable `{name}`: {why}")
            }
            ProxyError::Resolve(error) => write!(formatter, "reach the proxy: {error}"),
        }
    }
}

impl std::error::Error for ProxyError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            ProxyError::Variable { .. } => None,
            ProxyError::Resolve(error) => Some(error),
        }
    }
}

impl ProxyError {
    /// What to do about it.
    pub const fn hint(&self) -> &'static str {
        match self {
            ProxyError::Variable { .. } => {
                "write it as in `http://proxy.example:3128`, unset it, or say `proxy: none` below `target`"
            }
            ProxyError::Resolve(_) => {
                "check the name of the proxy, or go without one: `proxy: none` below `target`"
            }
        }
    }
}

impl Proxy {
    /// The proxy that requests to `target` go through: the scenario's, or the environment's (`http_proxy`, for https
    /// `https_proxy` or `HTTPS_PROXY`, then `all_proxy` or `ALL_PROXY`, less what `no_proxy` or `NO_PROXY` names: as
    /// curl reads them). None for this machine itself, and none from the environment where `resolve` says how the host
    /// is reached.
    ///
    /// # Errors
    /// A variable holds no address of a proxy.
    pub fn asked_for(
        target: &Target,
        environment: Environment<'_>,
    ) -> Result<Option<ProxyAddress>, ProxyError> {
        if is_this_machine(target) {
            return Ok(None);
        }
        match &target.proxy {
            ProxyPlan::None => return Ok(None),
            ProxyPlan::At(address) => return Ok(Some(address.clone())),
            ProxyPlan::Environment => {}
        }
        let host = host_of(target);
        if target.resolve.iter().any(|entry| entry.host == host) {
            return Ok(None);
        }
        let port = target.url.port_or_known_default();
        let first = |names: &[&'static str]| {
            let set = names.iter().map(|name| (*name, environment(name)));
            set.into_iter()
                .find_map(|(name, value)| Some((name, value.filter(|text| !text.is_empty())?)))
        };
        if let Some((_, names)) = first(&["no_proxy", "NO_PROXY"])
            && is_excepted(&host, port, &names)
        {
            return Ok(None);
        }
        // `HTTP_PROXY` in capitals can be set by a header of a request to a CGI program; curl does not read it either.
        let named = if target.url.scheme() == "https" {
            first(&["https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"])
        } else {
            first(&["http_proxy", "all_proxy", "ALL_PROXY"])
        };
        named
            .map(|(name, text)| proxy_address(&text).map_err(|why| ProxyError::Variable { name, why }))
            .transpose()
    }

    /// The proxy at `address`, its name looked up once and for all.
    ///
    /// # Errors
    /// The name has no address.
    pub async fn resolve(address: &ProxyAddress) -> Result<Self, ProxyError> {
        let failed = |source| {
            ProxyError::Resolve(ResolveError {
                host: address.host.clone(),
                source,
            })
        };
        let found = tokio::net::lookup_host((address.host.as_str(), address.port))
            .await
            .map_err(|error| failed(Some(error)))?;
        let addresses: Vec<SocketAddr> = found.collect();
        if addresses.is_empty() {
            return Err(failed(None));
        }
        Ok(Self::at(address, addresses))
    }

    /// The proxy at `address`, reached at `addresses`.
    pub fn at(address: &ProxyAddress, addresses: Vec<SocketAddr>) -> Self {
        let login = address.credentials.as_ref().and_then(|credentials| {
            let text = format!("Basic {}", STANDARD.encode(credentials.reveal()));
            let mut value = HeaderValue::try_from(text).ok()?;
            value.set_sensitive(true);
            Some(value)
        });
        Self {
            host: address.host.clone(),
            addresses,
            login,
        }
    }

    /// Its name, without its port.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// Its addresses.
    pub fn addresses(&self) -> &[SocketAddr] {
        &self.addresses
    }

    pub(super) const fn login(&self) -> Option<&HeaderValue> {
        self.login.as_ref()
    }

    /// Its addresses take turns, counted by `turn`.
    pub(super) fn next_address(&self, turn: &Cell<usize>) -> Option<SocketAddr> {
        let number = turn.get();
        turn.set(number.wrapping_add(1));
        let index = number.checked_rem(self.addresses.len())?;
        self.addresses.get(index).copied()
    }

    /// Asks for a tunnel to `authority` on an open stream to the proxy (RFC 9110, 9.3.6).
    pub(super) async fn tunnel<S>(&self, mut stream: S, authority: &str) -> Result<S, Failure>
    where
        S: AsyncRead + AsyncWrite + Unpin,
    {
        let mut wish = format!("CONNECT {authority} HTTP/1.1\r\nHost: {authority}\r\n").into_bytes();
        if let Some(login) = &self.login {
            wish.extend_from_slice(b"Proxy-Authorization: ");
            wish.extend_from_slice(login.as_bytes());
            wish.extend_from_slice(b"\r\n");
        }
        wish.extend_from_slice(b"\r\n");
        let head = async {
            stream.write_all(&wish).await?;
            stream.flush().await?;
            read_head(&mut stream).await
        };
        let head = head
            .await
            .map_err(|error| refused(format!("the proxy gave no tunnel: {error}")))?;
        match status(&head) {
            Some(200..=299) => Ok(stream),
            Some(407) => Err(refused("the proxy wants to know who we are (407)".to_owned())),
            Some(status) => Err(refused(format!("the proxy gave no tunnel: it answered {status}"))),
            None => Err(refused(
                "the proxy gave no tunnel: its answer is no HTTP".to_owned(),
            )),
        }
    }
}

fn refused(error: String) -> Failure {
    Failure::site(Class::Refused, error)
}

/// Byte by byte: what follows the head belongs to the site.
async fn read_head(stream: &mut (impl AsyncRead + Unpin)) -> io::Result<Vec<u8>> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        if head.len() >= LONGEST_HEAD {
            return Err(io::Error::other("its answer does not end"));
        }
        head.push(stream.read_u8().await?);
    }
    Ok(head)
}

/// The status in `HTTP/1.1 200 Connection established`.
fn status(head: &[u8]) -> Option<u16> {
    let line = head.split(|byte| *byte == b'\r').next()?;
    let mut words = std::str::from_utf8(line).ok()?.split(' ');
    words.next().filter(|version| version.starts_with("HTTP/1."))?;
    words
        .next()?
        .parse()
        .ok()
        .filter(|status| (100..=999).contains(status))
}

/// Whether the target is this machine: by its name, by its literal, or by what `resolve` says.
fn is_this_machine(target: &Target) -> bool {
    let host = host_of(target);
    let fixed = target.resolve.iter().filter(|entry| entry.host == host);
    let mut addresses = fixed
        .map(|entry| entry.address)
        .chain(host.parse::<IpAddr>())
        .peekable();
    if addresses.peek().is_some() {
        return addresses.all(|address| address.to_canonical().is_loopback());
    }
    host == "localhost" || host.ends_with(".localhost")
}

/// Whether `host` is among `names`: `*`, an address, or a domain with all below it, each perhaps with a port.
fn is_excepted(host: &str, port: Option<u16>, names: &str) -> bool {
    let host = host.trim_end_matches('.');
    names
        .split([',', ' '])
        .map(str::trim)
        .filter(|name| !name.is_empty())
        .any(|name| {
            let (name, named_port) = match name.rsplit_once(':') {
                Some((rest, digits)) if !rest.contains(':') || rest.ends_with(']') => {
                    (rest, digits.parse::<u16>().ok())
                }
                _ => (name, None),
            };
            if named_port.is_some() && named_port != port {
                return false;
            }
            let name = name
                .trim_matches(['[', ']'])
                .trim_start_matches('.')
                .trim_end_matches('.');
            let name = name.to_ascii_lowercase();
            name == "*" || host == name || host.strip_suffix(&name).is_some_and(|rest| rest.ends_with('.'))
        })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::Resolve;
    use crate::transport::example;

    fn asked(url: &str, variables: &[(&str, &str)]) -> Option<String> {
        let environment = |name: &str| {
            let found = variables.iter().find(|(known, _)| *known == name);
            found.map(|(_, value)| (*value).to_owned())
        };
        let found = Proxy::asked_for(&example::target(url), &environment).unwrap();
        found.map(|proxy| format!("{}:{}", proxy.host, proxy.port))
    }

    #[test]
    fn the_environment_is_read_as_curl_reads_it() {
        let variables = [
            ("http_proxy", "http://one.example:3128"),
            ("HTTPS_PROXY", "two.example:8080/"),
        ];
        assert_eq!(
            asked("http://shop.example/", &variables).unwrap(),
            "one.example:3128"
        );
        assert_eq!(
            asked("https://shop.example/", &variables).unwrap(),
            "two.example:8080"
        );
        assert_eq!(
            asked("http://shop.example/", &[("HTTP_PROXY", "one.example:1")]),
            None
        );
        assert_eq!(asked("http://shop.example/", &[("http_proxy", "")]), None);
        assert_eq!(
            asked("http://shop.example/", &[("all_proxy", "http://six.example")]).unwrap(),
            "six.example:1080"
        );
        for (names, is_excepted) in [
            ("shop.example", true),
            (".example", true),
            ("other.example,example", true),
            ("*", true),
            ("shop.example:443", false),
            ("shop.example:80", true),
            ("op.example", false),
        ] {
            let variables = [("http_proxy", "one.example:3128"), ("no_proxy", names)];
            assert_eq!(
                asked("http://shop.example/", &variables).is_none(),
                is_excepted,
                "{names}"
            );
        }
    }

    #[test]
    fn this_machine_is_never_reached_through_a_proxy() {
        let variables = [("http_proxy", "one.example:3128")];
        for url in [
            "http://127.0.0.1:8080/",
            "http://localhost/",
            "http://a.localhost/",
            "http://[::1]/",
            "http://127.9.9.9/",
        ] {
            assert_eq!(asked(url, &variables), None, "{url}");
        }
        assert!(asked("http://192.168.1.1/", &variables).is_some());
        let address = ProxyAddress {
            host: "one.example".to_owned(),
            port: 3128,
            credentials: None,
        };
        let mut target = example::target("http://shop.example/");
        target.proxy = ProxyPlan::At(address.clone());
        assert_eq!(Proxy::asked_for(&target, &|_| None).unwrap(), Some(address));
        target.resolve = vec![Resolve {
            host: "shop.example".to_owned(),
            port: None,
            address: "127.0.0.1".parse().unwrap(),
        }];
        assert_eq!(Proxy::asked_for(&target, &|_| None).unwrap(), None);
    }

    #[test]
    fn what_is_no_proxy_is_an_error_that_shows_no_password() {
        let environment = |_: &str| Some("socks5://user:hush@one.example".to_owned());
        let error = Proxy::asked_for(&example::target("http://shop.example/"), &environment).unwrap_err();
        let words = error.to_string();
        assert!(
            words.contains("`http_proxy`") && words.contains("socks5") && !words.contains("hush"),
            "{words}"
        );
    }

    #[test]
    fn the_status_of_a_tunnel_is_read_from_its_first_line() {
        assert_eq!(status(b"HTTP/1.1 200 Connection established\r\n\r\n"), Some(200));
        assert_eq!(status(b"HTTP/1.0 407\r\n\r\n"), Some(407));
        for no_status in [
            &b"SSH-2.0\r\n\r\n"[..],
            b"HTTP/1.1 abc\r\n\r\n",
            b"\r\n\r\n",
            b"HTTP/1.1 20000 x\r\n\r\n",
        ] {
            assert_eq!(status(no_status), None);
        }
    }
}
