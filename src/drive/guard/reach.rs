//! How far away an address is: on this machine or in a private network, somewhere else, or nowhere a load may go.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// How far away an address is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// This machine or a private network: 127.0.0.0/8, ::1, RFC 1918, fc00::/7 (RFC 4193).
    Local,
    /// Somewhere else, and what it is: a load needs consent.
    Away(&'static str),
    /// What it is: no load, whoever allows it.
    Forbidden(&'static str),
}

/// Where clouds serve the credentials of a machine to itself.
const METADATA: [IpAddr; 4] = [
    // AWS, Azure, Google Cloud, and most others.
    IpAddr::V4(Ipv4Addr::new(169, 254, 169, 254)),
    // AWS, for containers.
    IpAddr::V4(Ipv4Addr::new(169, 254, 170, 2)),
    // Alibaba Cloud.
    IpAddr::V4(Ipv4Addr::new(100, 100, 100, 200)),
    // AWS, over IPv6.
    IpAddr::V6(Ipv6Addr::new(0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x254)),
];

impl Reach {
    /// How far away `address` is. An IPv4 address inside an IPv6 one (RFC 4291, 2.5.5.2) counts as what it is.
    pub fn of(address: IpAddr) -> Self {
        let address = address.to_canonical();
        let embedded = match address {
            IpAddr::V6(six) => through_nat64(six).map(IpAddr::V4),
            IpAddr::V4(_) => None,
        };
        if METADATA.contains(&address) || embedded.is_some_and(|four| METADATA.contains(&four)) {
            return Reach::Forbidden("a cloud's metadata service");
        }
        match address {
            IpAddr::V4(four) => of_four(four),
            IpAddr::V6(six) => of_six(six),
        }
    }
}

fn of_four(address: Ipv4Addr) -> Reach {
    let [first, second, ..] = address.octets();
    match (first, second) {
        (0, _) => Reach::Forbidden("no address of a site (0.0.0.0/8)"),
        (127, _) | (10, _) | (172, 16..=31) | (192, 168) => Reach::Local,
        (224..=239, _) => Reach::Forbidden("a multicast address"),
        (255, _) if address.is_broadcast() => Reach::Forbidden("the broadcast address"),
        (100, 64..=127) => Reach::Away("shared between customers of a provider (100.64.0.0/10)"),
        (169, 254) => Reach::Away("link-local (169.254.0.0/16)"),
        _ => Reach::Away("a public address"),
    }
}

fn of_six(address: Ipv6Addr) -> Reach {
    if address.is_unspecified() {
        Reach::Forbidden("no address of a site")
    } else if address.is_multicast() {
        Reach::Forbidden("a multicast address")
    } else if address.is_loopback() || address.is_unique_local() {
        Reach::Local
    } else if address.is_unicast_link_local() {
        Reach::Away("link-local (fe80::/10)")
    } else {
        Reach::Away("a public address")
    }
}

/// The IPv4 address behind one of NAT64's well-known prefix, 64:ff9b::/96 (RFC 6052).
fn through_nat64(address: Ipv6Addr) -> Option<Ipv4Addr> {
    let segments = address.segments();
    (segments[..6] == [0x64, 0xff9b, 0, 0, 0, 0]).then(|| {
        let [.., a, b, c, d] = address.octets();
        Ipv4Addr::new(a, b, c, d)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn of(text: &str) -> Reach {
        Reach::of(text.parse().unwrap())
    }

    #[test]
    fn the_edges_of_the_private_networks_are_exact() {
        for inside in [
            "127.0.0.0",
            "127.255.255.255",
            "10.0.0.0",
            "10.255.255.255",
            "172.16.0.0",
            "172.31.255.255",
            "192.168.0.0",
            "192.168.255.255",
            "::1",
            "fc00::",
            "fdff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
            "::ffff:127.0.0.1",
            "::ffff:10.1.2.3",
        ] {
            assert_eq!(of(inside), Reach::Local, "{inside}");
        }
        for outside in [
            "126.255.255.255",
            "128.0.0.0",
            "9.255.255.255",
            "11.0.0.0",
            "172.15.255.255",
            "172.32.0.0",
            "192.167.255.255",
            "192.169.0.0",
            "::2",
            "fbff:ffff::",
            "fe00::",
            "fe80::1",
            "fec0::1",
            "100.64.0.1",
            "169.254.1.1",
            "198.51.100.1",
            "2001:db8::1",
            "::ffff:198.51.100.1",
            "::127.0.0.1",
            "::10.0.0.1",
            "64:ff9b::7f00:1",
            "2002:7f00:1::",
            "240.0.0.1",
        ] {
            assert!(matches!(of(outside), Reach::Away(_)), "{outside}");
        }
    }

    #[test]
    fn metadata_services_and_addresses_of_nobody_are_forbidden_in_every_spelling() {
        for forbidden in [
            "169.254.169.254",
            "::ffff:169.254.169.254",
            "::ffff:a9fe:a9fe",
            "64:ff9b::169.254.169.254",
            "169.254.170.2",
            "100.100.100.200",
            "fd00:ec2::254",
            "0.0.0.0",
            "0.1.2.3",
            "::ffff:0.0.0.0",
            "::",
            "224.0.0.1",
            "239.255.255.255",
            "255.255.255.255",
            "ff02::1",
        ] {
            assert!(matches!(of(forbidden), Reach::Forbidden(_)), "{forbidden}");
        }
    }

    /// The same four ranges, by masks.
    fn is_private(bits: u32) -> bool {
        [
            (0x7f00_0000, 8),
            (0x0a00_0000, 8),
            (0xac10_0000, 12),
            (0xc0a8_0000, 16),
        ]
        .into_iter()
        .any(|(network, length)| (bits ^ network) >> (32 - length) == 0)
    }

    proptest! {
        #[test]
        fn an_address_of_four_is_local_exactly_in_the_private_networks(bits: u32) {
            let four = Ipv4Addr::from_bits(bits);
            prop_assert_eq!(Reach::of(four.into()) == Reach::Local, is_private(bits));
            prop_assert_eq!(Reach::of(four.into()), Reach::of(four.to_ipv6_mapped().into()));
        }

        #[test]
        fn an_address_of_six_is_local_exactly_in_the_unique_local_network(bits: u128) {
            let six = Ipv6Addr::from_bits(bits);
            prop_assume!(six.to_ipv4_mapped().is_none());
            prop_assert_eq!(Reach::of(six.into()) == Reach::Local, bits >> 121 == 0x7e || bits == 1);
        }
    }
}
