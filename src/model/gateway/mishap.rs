//! Failures that the load does not cause: background noise, blips, a bad backend, a deploy.

use std::time::Duration;

use serde::Serialize;

use super::super::random::Random;
use crate::units::{Offset, Share};

/// Moments in which a part of the requests fails, whatever the load: a node that restarts, a route that flaps.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Blips {
    /// From the end of one to the start of the next, on average; exponential.
    pub every: Duration,
    /// How long one lasts.
    pub length: Duration,
    /// Which share of the requests fails meanwhile.
    pub share: Share,
}

/// Several backends in turn, some of which refuse connections, in a gateway that does not try the next one.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Backends {
    /// How many there are.
    pub count: u32,
    /// How many of them are broken.
    pub broken: u32,
}

/// Something that happens to the site once, at a moment that the seed chooses.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Change {
    /// The moment lies evenly between this …
    pub earliest: Duration,
    /// … and this.
    pub latest: Duration,
    /// What happens.
    pub what: WhatChanges,
}

/// What happens to a site once.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum WhatChanges {
    /// A deploy that takes the site down: all fails for so long.
    Down {
        /// How long.
        length: Duration,
    },
    /// A deploy, or a node that is lost, that leaves this many servers.
    Servers {
        /// How many.
        left: u32,
    },
}

/// The mishaps of a site, as of now.
#[derive(Debug, Clone)]
pub(super) struct Mishaps {
    noise: f64,
    blips: Option<Blips>,
    blip: (Offset, Offset),
    backends: Option<Backends>,
    turn: u32,
    change: Option<(Offset, WhatChanges)>,
    random: Random,
}

impl Mishaps {
    pub(super) fn new(
        noise: Share,
        blips: Option<Blips>,
        backends: Option<Backends>,
        change: Option<Change>,
        seed: u64,
    ) -> Self {
        let mut random = Random::new(seed, 1);
        let change = change.map(|change| {
            let span = change.latest.saturating_sub(change.earliest);
            (
                Offset::ZERO + change.earliest + span.mul_f64(random.uniform()),
                change.what,
            )
        });
        let mut mishaps = Self {
            noise: noise.get(),
            blips,
            blip: (Offset::MAX, Offset::MAX),
            backends,
            turn: 0,
            change,
            random,
        };
        mishaps.next_blip(Offset::ZERO);
        mishaps
    }

    fn next_blip(&mut self, after: Offset) {
        if let Some(blips) = self.blips {
            let from = after + blips.every.mul_f64(self.random.exponential());
            self.blip = (from, from + blips.length);
        }
    }

    /// Whether a request that comes `now` meets one, before the site has seen it.
    pub(super) fn befall(&mut self, now: Offset) -> bool {
        if self.noise > 0.0 && self.random.happens(self.noise) {
            return true;
        }
        if let Some((from, WhatChanges::Down { length })) = self.change
            && now >= from
            && now < from + length
        {
            return true;
        }
        let Some(blips) = self.blips else {
            return false;
        };
        while now >= self.blip.1 {
            self.next_blip(self.blip.1);
        }
        now >= self.blip.0 && self.random.happens(blips.share.get())
    }

    /// Whether the backend whose turn it is refuses the connection.
    pub(super) fn is_refused(&mut self) -> bool {
        let Some(backends) = self.backends else {
            return false;
        };
        let turn = self.turn;
        self.turn = (turn + 1) % backends.count.max(1);
        turn < backends.broken
    }

    /// How many of `servers` are there.
    pub(super) fn servers(&self, now: Offset, servers: u32) -> u32 {
        match self.change {
            Some((from, WhatChanges::Servers { left })) if now >= from => servers.min(left),
            _ => servers,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mishaps(noise: f64, blips: Option<Blips>, change: Option<Change>, seed: u64) -> Mishaps {
        Mishaps::new(Share::new(noise), blips, None, change, seed)
    }

    fn failed(mishaps: &mut Mishaps, seconds: u64) -> Vec<bool> {
        (0..100 * seconds)
            .map(|number| mishaps.befall(Offset::from_millis(10 * number)))
            .collect()
    }

    fn share(failed: &[bool]) -> f64 {
        failed.iter().filter(|failed| **failed).count() as f64 / failed.len() as f64
    }

    #[test]
    fn noise_and_blips_fail_their_share_at_any_load() {
        let seen = share(&failed(&mut mishaps(5e-4, None, None, 1), 20_000));
        assert!((seen / 5e-4 - 1.0).abs() < 0.1, "{seen}");
        let blips = Blips {
            every: Duration::from_secs(90),
            length: Duration::from_secs(1),
            share: Share::new(0.3),
        };
        let seen = share(&failed(&mut mishaps(0.0, Some(blips), None, 1), 200_000));
        assert!((seen / (0.3 / 91.0) - 1.0).abs() < 0.1, "{seen}");
    }

    #[test]
    fn a_deploy_takes_its_time_and_comes_when_the_seed_says() {
        let change = |what| Change {
            earliest: Duration::from_secs(60),
            latest: Duration::from_secs(180),
            what,
        };
        let down = change(WhatChanges::Down {
            length: Duration::from_secs(25),
        });
        let mut starts = Vec::new();
        for seed in 0..20 {
            let failed = failed(&mut mishaps(0.0, None, Some(down), seed), 300);
            assert_eq!(failed.iter().filter(|failed| **failed).count(), 2_500);
            starts.push(failed.iter().position(|failed| *failed).unwrap() / 100);
        }
        assert!(starts.iter().all(|start| (60..=180).contains(start)));
        assert!(starts.iter().max() > starts.iter().min());
        let halved = mishaps(0.0, None, Some(change(WhatChanges::Servers { left: 8 })), 1);
        assert_eq!(halved.servers(Offset::from_secs(59), 16), 16);
        assert_eq!(halved.servers(Offset::from_secs(181), 16), 8);
    }

    #[test]
    fn backends_take_their_turns() {
        let backends = Backends { count: 4, broken: 1 };
        let mut mishaps = Mishaps::new(Share::ZERO, None, Some(backends), None, 1);
        let refused: Vec<bool> = (0..8).map(|_| mishaps.is_refused()).collect();
        assert_eq!(refused, [true, false, false, false, true, false, false, false]);
    }
}
