//! What makes servers slower or faster than they are by themselves: thrashing, cold caches, a wandering capacity, a
//! leak.

use std::time::Duration;

use serde::Serialize;

use super::super::random::Random;
use crate::units::{Offset, Share};

/// A site that works slower while much waits: garbage collection, swapping, locks. With retries, it is what keeps a
/// metastable failure going (Bronson, Charapko, Aghayev and Zhu, "Metastable failures in distributed systems", HotOS
/// 2021).
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Thrashing {
    /// It begins with more than this many waiting …
    pub above: u32,
    /// … and ends with fewer than this.
    pub below: u32,
    /// Service takes this many times as long meanwhile.
    pub slower: f64,
}

/// Caches that hold what the load of the last while asked for: a load above what they are warm for is served slower.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct ColdCaches {
    /// With caches that hold nothing, service takes 1 + this times as long.
    pub penalty: f64,
    /// The time constant with which they warm up to a higher load.
    pub warming: Duration,
    /// The time constant with which they forget.
    pub cooling: Duration,
}

/// A capacity that wanders, as with neighbours on a shared machine: an Ornstein–Uhlenbeck process.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Wander {
    /// Its standard deviation, relative to the capacity.
    pub deviation: Share,
    /// How long it takes to forget where it was.
    pub memory: Duration,
}

/// Service that grows longer with every request served: a leak, a table without an index, a log that fills.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Leak {
    /// After so many requests, service takes twice as long; after twice as many, three times.
    pub doubles_after: u32,
}

/// How often slow state is brought up to date.
const STEP: Duration = Duration::from_millis(250);
/// Over how long a site smooths the load that its caches see.
const LOAD_MEMORY: f64 = 1.0;
/// A capacity never wanders below this part of itself.
const LEAST_CAPACITY: f64 = 0.3;

/// All that changes the speed of a site's servers, as of now.
#[derive(Debug, Clone)]
pub(super) struct Speed {
    thrashing: Option<(Thrashing, bool)>,
    caches: Option<Caches>,
    wandering: Option<Wandering>,
    leak: Option<(Leak, u64)>,
}

impl Speed {
    pub(super) fn new(
        thrashing: Option<Thrashing>,
        cold_caches: Option<ColdCaches>,
        wander: Option<Wander>,
        leak: Option<Leak>,
        seed: u64,
    ) -> Self {
        Self {
            thrashing: thrashing.map(|thrashing| (thrashing, false)),
            caches: cold_caches.map(Caches::new),
            wandering: wander.map(|wander| Wandering::new(wander, seed)),
            leak: leak.map(|leak| (leak, 0)),
        }
    }

    /// A request has come.
    pub(super) fn arrived(&mut self, now: Offset) {
        if let Some(caches) = &mut self.caches {
            caches.catch_up(now);
            caches.arrived += 1;
        }
    }

    /// So many requests wait now.
    pub(super) fn waiting(&mut self, count: usize) {
        if let Some((thrashing, is_thrashing)) = &mut self.thrashing {
            if count > thrashing.above as usize {
                *is_thrashing = true;
            } else if count < thrashing.below as usize {
                *is_thrashing = false;
            }
        }
    }

    /// How many times as long a service takes that begins now.
    pub(super) fn slowness(&mut self, now: Offset) -> f64 {
        let mut slowness = 1.0;
        if let Some((thrashing, true)) = &self.thrashing {
            slowness *= thrashing.slower;
        }
        if let Some(caches) = &self.caches {
            slowness *= caches.slowness();
        }
        if let Some(wandering) = &mut self.wandering {
            slowness *= wandering.slowness(now);
        }
        if let Some((leak, served)) = &mut self.leak {
            *served += 1;
            slowness *= 1.0 + *served as f64 / f64::from(leak.doubles_after.max(1));
        }
        slowness
    }
}

/// Caches and the load that they are warm for, in requests per second.
#[derive(Debug, Clone)]
struct Caches {
    penalty: f64,
    /// What remains, a step later, of a difference that shrinks by warming, by cooling, by forgetting the load.
    warming: f64,
    cooling: f64,
    load_kept: f64,
    next_step: Offset,
    arrived: u32,
    load: f64,
    warm_for: f64,
}

impl Caches {
    fn new(cold: ColdCaches) -> Self {
        let kept = |constant: f64| (-STEP.as_secs_f64() / constant).exp();
        Self {
            penalty: cold.penalty,
            warming: kept(cold.warming.as_secs_f64()),
            cooling: kept(cold.cooling.as_secs_f64()),
            load_kept: kept(LOAD_MEMORY),
            next_step: Offset::ZERO + STEP,
            arrived: 0,
            load: 0.0,
            warm_for: 0.0,
        }
    }

    fn catch_up(&mut self, now: Offset) {
        while self.next_step <= now {
            let seen = f64::from(self.arrived) / STEP.as_secs_f64();
            self.arrived = 0;
            self.load = seen + (self.load - seen) * self.load_kept;
            let kept = if self.load > self.warm_for {
                self.warming
            } else {
                self.cooling
            };
            self.warm_for = self.load + (self.warm_for - self.load) * kept;
            self.next_step += STEP;
        }
    }

    fn slowness(&self) -> f64 {
        if self.load <= 0.0 {
            return 1.0 + self.penalty;
        }
        1.0 + self.penalty * (1.0 - self.warm_for / self.load).max(0.0)
    }
}

/// A capacity that wanders: what it lost, relative.
#[derive(Debug, Clone)]
struct Wandering {
    wander: Wander,
    random: Random,
    since: Offset,
    lost: f64,
    slowness: f64,
}

impl Wandering {
    fn new(wander: Wander, seed: u64) -> Self {
        Self {
            wander,
            random: Random::new(seed, 2),
            since: Offset::ZERO,
            lost: 0.0,
            slowness: 1.0,
        }
    }

    /// x(t + Δ) = a·x(t) + σ·√(1 − a²)·N with a = exp(−Δ/τ): exact for every Δ.
    fn slowness(&mut self, now: Offset) -> f64 {
        let elapsed = now.since(self.since);
        if elapsed >= STEP {
            let kept = (-elapsed.as_secs_f64() / self.wander.memory.as_secs_f64()).exp();
            let fresh = self.wander.deviation.get() * (1.0 - kept * kept).sqrt();
            self.lost = kept * self.lost + fresh * self.random.normal();
            self.slowness = (1.0 - self.lost).max(LEAST_CAPACITY).recip();
            self.since = now;
        }
        self.slowness
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wandering_capacity_has_the_spread_and_the_memory_asked_for() {
        let wander = Wander {
            deviation: Share::new(0.05),
            memory: Duration::from_secs(30),
        };
        let mut wandering = Wandering::new(wander, 5);
        let lost: Vec<f64> = (1..200_000_u64)
            .map(|second| {
                wandering.slowness(Offset::from_secs(second));
                wandering.lost
            })
            .collect();
        let product =
            |lag: usize| lost.iter().zip(&lost[lag..]).map(|(a, b)| a * b).sum::<f64>() / lost.len() as f64;
        assert!((product(0).sqrt() - 0.05).abs() < 0.003, "{}", product(0).sqrt());
        let correlation = product(30) / product(0);
        assert!((correlation - (-1.0_f64).exp()).abs() < 0.06, "{correlation}");
    }

    #[test]
    fn caches_warm_up_in_seconds_and_cool_down_in_minutes() {
        let mut speed = Speed::new(
            None,
            Some(ColdCaches {
                penalty: 1.0,
                warming: Duration::from_secs(4),
                cooling: Duration::from_secs(120),
            }),
            None,
            None,
            1,
        );
        assert_eq!(speed.slowness(Offset::ZERO), 2.0);
        let mut second_by_second = |rate: u64, from: u64, until: u64| {
            for number in from * rate..until * rate {
                speed.arrived(Offset::from_secs_f64(number as f64 / rate as f64));
            }
            speed.slowness(Offset::from_secs(until))
        };
        assert!(second_by_second(100, 0, 2) > 1.5);
        assert!(second_by_second(100, 2, 20) < 1.05);
        assert!(
            second_by_second(300, 20, 22) > 1.3,
            "a higher load finds them cold"
        );
        assert!(second_by_second(300, 22, 42) < 1.05);
        assert_eq!(second_by_second(200, 42, 60), 1.0, "a lower one finds them warm");
    }

    #[test]
    fn a_leak_never_ends_and_thrashing_does() {
        let thrashing = Thrashing {
            above: 200,
            below: 50,
            slower: 1.3,
        };
        let leak = Leak { doubles_after: 1_000 };
        let mut speed = Speed::new(Some(thrashing), None, None, None, 1);
        for (waiting, slowness) in [(200, 1.0), (201, 1.3), (50, 1.3), (49, 1.0), (150, 1.0)] {
            speed.waiting(waiting);
            assert_eq!(speed.slowness(Offset::ZERO), slowness, "{waiting} waiting");
        }
        let mut leaking = Speed::new(None, None, None, Some(leak), 1);
        let after: Vec<f64> = (0..2_000).map(|_| leaking.slowness(Offset::ZERO)).collect();
        assert_eq!((after[999], after[1_999]), (2.0, 3.0));
    }
}
