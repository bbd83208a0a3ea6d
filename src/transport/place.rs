//! An origin on the network: its `Host` header and its addresses.

use std::cell::Cell;
use std::net::{IpAddr, SocketAddr};

use hyper::header::HeaderValue;
use hyper::http::uri::Authority;
use tokio::sync::Notify;

use super::Pinned;
use super::exchange::Origin;

/// An origin, and what is the same for all connections to it.
#[derive(Debug)]
pub(super) struct Place {
    pub(super) origin: Origin,
    pub(super) host: HeaderValue,
    /// Host and port for a whole address, as `Host` has them.
    pub(super) authority: Option<Authority>,
    /// Whether a connection that several requests may share is being opened.
    pub(super) opening: Cell<bool>,
    /// Told when that is over.
    pub(super) opened: Notify,
    /// Whether its connections turned out to carry one request at a time.
    pub(super) is_serial: Cell<bool>,
    /// Whether the site asked for HTTP/1.1 on a connection of HTTP/2.
    pub(super) wants_one: Cell<bool>,
    addresses: Vec<SocketAddr>,
    next: Cell<usize>,
}

impl Place {
    pub(super) fn new(origin: &Origin, pinned: &Pinned) -> Self {
        let address = |address: &IpAddr| SocketAddr::new(*address, origin.port);
        let host = host_header(origin);
        Self {
            authority: Authority::try_from(host.as_bytes()).ok(),
            host,
            opening: Cell::new(false),
            opened: Notify::new(),
            is_serial: Cell::new(false),
            wants_one: Cell::new(false),
            addresses: pinned.addresses(&origin.host).iter().map(address).collect(),
            origin: origin.clone(),
            next: Cell::new(0),
        }
    }

    /// The addresses take turns.
    pub(super) fn next_address(&self) -> Option<SocketAddr> {
        let turn = self.next.get();
        self.next.set(turn.wrapping_add(1));
        let count = self.addresses.len();
        turn.checked_rem(count).map(|index| self.addresses[index])
    }
}

fn host_header(origin: &Origin) -> HeaderValue {
    let host = if origin.host.contains(':') {
        format!("[{}]", origin.host)
    } else {
        origin.host.clone()
    };
    let usual = if origin.tls { 443 } else { 80 };
    let text = if origin.port == usual {
        host
    } else {
        format!("{host}:{}", origin.port)
    };
    HeaderValue::try_from(text).unwrap_or_else(|_| HeaderValue::from_static(""))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn origin(tls: bool, host: &str, port: u16) -> Origin {
        Origin {
            tls,
            host: host.to_owned(),
            port,
        }
    }

    #[test]
    fn the_usual_port_is_left_out_and_an_address_of_six_is_bracketed() {
        for (tls, host, port, header) in [
            (false, "shop.example", 80, "shop.example"),
            (true, "shop.example", 443, "shop.example"),
            (true, "shop.example", 80, "shop.example:80"),
            (false, "127.0.0.1", 8080, "127.0.0.1:8080"),
            (false, "::1", 80, "[::1]"),
            (true, "::1", 8443, "[::1]:8443"),
        ] {
            assert_eq!(host_header(&origin(tls, host, port)), header);
        }
    }

    #[test]
    fn addresses_take_turns_and_an_unknown_host_has_none() {
        let addresses = ["127.0.0.1", "127.0.0.2"].map(|text| text.parse::<IpAddr>().unwrap());
        let pinned = Pinned::new(80).with("shop.example", addresses);
        let place = Place::new(&origin(false, "shop.example", 80), &pinned);
        let turns: Vec<_> = (0..4)
            .filter_map(|_| place.next_address())
            .map(|address| address.ip())
            .collect();
        assert_eq!(turns, [addresses, addresses].concat());
        assert_eq!(
            Place::new(&origin(false, "other.example", 80), &pinned).next_address(),
            None
        );
    }
}
