//! The local addresses that a run sends from: each brings the ports of its own. It knows no socket.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::str::FromStr;

/// Local addresses, in ranges; empty where the system chooses.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SourceAddresses {
    ranges: Vec<SourceRange>,
}

/// Neighbouring addresses: one, or those of a network without its first and its last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SourceRange {
    first: IpAddr,
    count: u32,
    /// Bits of the network, where a network was written.
    bits: Option<u8>,
}

impl SourceAddresses {
    /// These ranges.
    pub fn new(ranges: impl IntoIterator<Item = SourceRange>) -> Self {
        Self {
            ranges: ranges.into_iter().collect(),
        }
    }

    /// Its ranges.
    pub fn ranges(&self) -> &[SourceRange] {
        &self.ranges
    }

    /// Whether the system chooses.
    pub fn is_empty(&self) -> bool {
        self.ranges.is_empty()
    }

    /// How many addresses can reach `target`: those of its family.
    pub fn count_for(&self, target: IpAddr) -> u64 {
        let fitting = self.ranges.iter().filter(|range| range.fits(target));
        fitting.map(|range| u64::from(range.count)).sum()
    }

    /// The address whose turn it is to reach `target`; nothing where none has its family.
    pub fn turn(&self, target: IpAddr, turn: u64) -> Option<IpAddr> {
        let mut index = turn.checked_rem(self.count_for(target))?;
        for range in self.ranges.iter().filter(|range| range.fits(target)) {
            match u32::try_from(index).ok().filter(|index| *index < range.count) {
                Some(index) => return Some(range.at(index)),
                None => index -= u64::from(range.count),
            }
        }
        None
    }
}

impl SourceRange {
    /// The first and the last address.
    pub fn ends(&self) -> [IpAddr; 2] {
        [self.first, self.at(self.count - 1)]
    }

    fn fits(&self, target: IpAddr) -> bool {
        self.first.is_ipv4() == target.is_ipv4()
    }

    fn at(&self, index: u32) -> IpAddr {
        match self.first {
            IpAddr::V4(first) => Ipv4Addr::from_bits(first.to_bits().wrapping_add(index)).into(),
            IpAddr::V6(first) => Ipv6Addr::from_bits(first.to_bits().wrapping_add(index.into())).into(),
        }
    }
}

impl fmt::Display for SourceRange {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.first, self.bits) {
            (IpAddr::V4(first), Some(bits)) => {
                let network = Ipv4Addr::from_bits(first.to_bits() - u32::from(bits < 31));
                write!(formatter, "{network}/{bits}")
            }
            (first, _) => write!(formatter, "{first}"),
        }
    }
}

impl FromStr for SourceRange {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, &'static str> {
        let Some((network, bits)) = text.split_once('/') else {
            let first: IpAddr = text.parse().map_err(|_| "this is no IP address")?;
            if first.is_unspecified() || first.is_multicast() {
                return Err("nothing can be sent from this address");
            }
            return Ok(Self {
                first,
                count: 1,
                bits: None,
            });
        };
        let network: Ipv4Addr = network
            .parse()
            .map_err(|_| "this is no network of IPv4 addresses")?;
        let bits: u8 = bits
            .parse()
            .ok()
            .filter(|bits| (8..=32).contains(bits))
            .ok_or("a network has 8 to 32 bits")?;
        let size = 1_u32 << (32 - bits);
        if network.to_bits() & (size - 1) != 0 {
            return Err("this address is inside of its network, not its first");
        }
        // RFC 3021: a network of two has neither a name nor a broadcast address of its own.
        let has_ends = u32::from(bits < 31);
        Ok(Self {
            first: Ipv4Addr::from_bits(network.to_bits() + has_ends).into(),
            count: size - 2 * has_ends,
            bits: Some(bits),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn sources(texts: &[&str]) -> SourceAddresses {
        SourceAddresses::new(texts.iter().map(|text| text.parse().unwrap()))
    }

    #[test]
    fn addresses_of_the_targets_family_take_turns() {
        let sources = sources(&["10.0.0.5", "fd00::5", "127.0.0.0/30"]);
        let target: IpAddr = "10.0.0.1".parse().unwrap();
        let turns: Vec<String> = (0..4)
            .filter_map(|turn| sources.turn(target, turn))
            .map(|address| address.to_string())
            .collect();
        assert_eq!(turns, ["10.0.0.5", "127.0.0.1", "127.0.0.2", "10.0.0.5"]);
        assert_eq!(sources.count_for("fd00::1".parse().unwrap()), 1);
        assert_eq!(SourceAddresses::default().turn(target, 0), None);
    }

    #[test]
    fn the_loopback_range_leaves_its_two_ends_out() {
        let range: SourceRange = "127.0.0.0/8".parse().unwrap();
        assert_eq!(
            range.ends().map(|end| end.to_string()),
            ["127.0.0.1", "127.255.255.254"]
        );
        for bad in [
            "",
            "shop.example",
            "127.0.0.1/8",
            "10.0.0.0/4",
            "0.0.0.0",
            "fd00::/64",
            "10.0.0.0/33",
        ] {
            assert!(bad.parse::<SourceRange>().is_err(), "{bad}");
        }
    }

    proptest! {
        #[test]
        fn a_network_prints_as_it_parses_and_holds_all_its_turns(bits in 8_u8..=32, high in 1_u32..223) {
            let size = 1_u64 << (32 - bits);
            let network = Ipv4Addr::from_bits((high << 24) & !((size - 1) as u32));
            let text = format!("{network}/{bits}");
            let range: SourceRange = text.parse().unwrap();
            prop_assert_eq!(range.to_string(), text);
            let all = SourceAddresses::new([range]);
            let target = IpAddr::V4(network);
            prop_assert_eq!(all.turn(target, all.count_for(target) - 1), Some(range.ends()[1]));
        }
    }
}
