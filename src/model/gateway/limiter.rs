//! What turns requests away by count, before the site works on them: a token bucket, and a firewall that blocks.

use std::time::Duration;

use serde::Serialize;

use crate::units::{Offset, Rate};

/// A token bucket: each request takes a token, tokens come back at a rate, and what finds none is refused with 503 at
/// once. nginx `limit_req` with `nodelay` is one.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Limiter {
    /// Tokens that come back per second.
    pub rate: Rate,
    /// Tokens that a full bucket holds; at the start it is full. At a load λ above the rate R they last B/(λ − R)
    /// seconds.
    pub burst: f64,
    /// Whether each source address has a bucket of its own (`limit_req_zone $binary_remote_addr`).
    pub per_address: bool,
}

/// The buckets of a limiter.
#[derive(Debug, Clone)]
pub(super) struct Buckets {
    limiter: Limiter,
    /// By address: tokens, and as of when.
    buckets: Vec<(f64, Offset)>,
}

impl Buckets {
    pub(super) fn new(limiter: Limiter) -> Self {
        Self {
            limiter,
            buckets: Vec::new(),
        }
    }

    /// Whether a request from `address` is let through.
    pub(super) fn admit(&mut self, now: Offset, address: u32) -> bool {
        let limiter = self.limiter;
        let place = if limiter.per_address { address as usize } else { 0 };
        if place >= self.buckets.len() {
            self.buckets.resize(place + 1, (limiter.burst, Offset::ZERO));
        }
        let (tokens, since) = &mut self.buckets[place];
        let back = now.since(*since).as_secs_f64() * limiter.rate.get();
        *tokens = (*tokens + back).min(limiter.burst);
        *since = now;
        if *tokens < 1.0 {
            return false;
        }
        *tokens -= 1.0;
        true
    }
}

/// A firewall with a rate rule: an address that sends more than it may within a window is answered 403 for a while, as
/// the rate-based rules of hosted firewalls do.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Firewall {
    /// The rate above which an address is blocked, on average over a window.
    pub rate: Rate,
    /// The window that it counts in, one after the other.
    pub window: Duration,
    /// How long a block lasts.
    pub block: Duration,
}

/// What a firewall knows of one address.
#[derive(Debug, Clone, Copy, Default)]
struct Watched {
    window: u64,
    seen: u64,
    blocked_until: Offset,
}

/// The memory of a firewall.
#[derive(Debug, Clone)]
pub(super) struct Watch {
    firewall: Firewall,
    addresses: Vec<Watched>,
}

impl Watch {
    pub(super) fn new(firewall: Firewall) -> Self {
        Self {
            firewall,
            addresses: Vec::new(),
        }
    }

    /// Whether a request from `address` is let through.
    pub(super) fn admit(&mut self, now: Offset, address: u32) -> bool {
        let Firewall {
            rate,
            window: length,
            block,
        } = self.firewall;
        let place = address as usize;
        if place >= self.addresses.len() {
            self.addresses.resize(place + 1, Watched::default());
        }
        let watched = &mut self.addresses[place];
        let window = now.as_nanos() / u64::try_from(length.as_nanos()).unwrap_or(u64::MAX).max(1);
        if window != watched.window {
            watched.window = window;
            watched.seen = 0;
        }
        watched.seen += 1;
        if watched.seen as f64 > rate.get() * length.as_secs_f64() {
            watched.blocked_until = now + block;
        }
        now >= watched.blocked_until
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(number: u64, rate: f64) -> Offset {
        Offset::from_secs_f64(number as f64 / rate)
    }

    #[test]
    fn a_burst_lasts_as_long_as_arithmetic_says() {
        let limiter = Limiter {
            rate: Rate::per_second(300.0),
            burst: 3_000.0,
            per_address: false,
        };
        let mut buckets = Buckets::new(limiter);
        let first = (0..200_000)
            .find(|number| !buckets.admit(at(*number, 320.0), 0))
            .unwrap();
        let seconds = at(first, 320.0).as_secs_f64();
        assert!((seconds - 150.0).abs() < 0.5, "B/(λ − R) = 150 s, seen {seconds}");
        // From then on it lets through what comes back.
        let passed = (first..first + 32_000)
            .filter(|number| buckets.admit(at(*number, 320.0), 0))
            .count();
        assert!((passed as f64 / 100.0 - 300.0).abs() < 0.5, "{passed}");
    }

    #[test]
    fn a_limit_per_address_lets_each_address_through() {
        let admitted = |per_address, addresses: u64| {
            let rate = Rate::per_second(100.0);
            let mut buckets = Buckets::new(Limiter {
                rate,
                burst: 1.0,
                per_address,
            });
            (0..40_000)
                .filter(|number| buckets.admit(at(*number, 400.0), (*number % addresses) as u32))
                .count()
        };
        assert!((admitted(true, 4) as f64 - 40_000.0).abs() < 10.0);
        assert!((admitted(true, 1) as f64 - 10_000.0).abs() < 10.0);
        assert!((admitted(false, 4) as f64 - 10_000.0).abs() < 10.0);
    }

    #[test]
    fn a_firewall_blocks_for_a_while_and_only_the_address_that_sent_too_much() {
        let mut watch = Watch::new(Firewall {
            rate: Rate::per_second(100.0),
            window: Duration::from_secs(10),
            block: Duration::from_secs(60),
        });
        for number in 0..1_000 {
            assert!(watch.admit(at(number, 100.0), 0));
        }
        // 1,000 in the window from the tenth second on are allowed: the next comes after 5 s of 200 a second.
        let first = (0..2_000)
            .find(|number| !watch.admit(Offset::from_secs(10) + at(*number, 200.0).since(Offset::ZERO), 0));
        assert_eq!(first, Some(1_000));
        assert!(watch.admit(Offset::from_secs(16), 1), "another address");
        assert!(!watch.admit(Offset::from_secs(70), 0), "still blocked");
        assert!(watch.admit(Offset::from_secs(80), 0), "forgiven");
    }
}
