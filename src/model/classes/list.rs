//! The classes, each with what it stands for.

use std::time::Duration;

use super::super::gateway::{
    Autoscaler, Backends, Blips, Change, ColdCaches, Firewall, GatewaySpec, Leak, Limiter, Service,
    Thrashing, Wander, WhatChanges,
};
use super::{Expected, SiteClass};
use crate::units::{Rate, Share};

/// 16 servers of 40 ms, 400 requests a second at most, behind a backlog of 64: what most classes vary.
fn base() -> GatewaySpec {
    GatewaySpec::plain(16, MEAN, 64)
}

const MEAN: Duration = Duration::from_millis(40);

fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

/// All classes, in order of their numbers.
pub fn classes() -> Vec<SiteClass> {
    [
        overloads(),
        surroundings(),
        policies(),
        additions(),
        held_out(),
        unsteady(),
    ]
    .concat()
}

/// Too much work: what gives way first?
fn overloads() -> Vec<SiteClass> {
    vec![
        // php-fpm or gunicorn with a bounded listen backlog: 502 once it is full.
        SiteClass::tips(1, "backlog", base()),
        // A long queue behind a proxy with a time-out: 504, and workers busy with what nobody waits for. Near its
        // capacity a queue of this length takes minutes to come to rest.
        SiteClass::tips(
            2,
            "timeout",
            GatewaySpec {
                backlog: 4_000,
                patience: seconds(3),
                ..base()
            },
        )
        .settles_after(600),
        // A few requests are a thousand times as long as most: searches, exports, reports.
        SiteClass::tips(
            3,
            "heavy-tail",
            GatewaySpec {
                service: heavy_tail(),
                patience: seconds(10),
                ..base()
            },
        ),
        // Retries and a site that slows down under pressure: once it has tipped, it stays so far below the load that
        // tipped it (Bronson et al., HotOS 2021: stable, vulnerable, metastable).
        SiteClass::tips(4, "metastable", metastable()),
    ]
}

fn heavy_tail() -> Service {
    Service::Pareto {
        mean: MEAN,
        index: 1.5,
        longest: seconds(15),
    }
}

fn metastable() -> GatewaySpec {
    GatewaySpec {
        backlog: 600,
        patience: seconds(1),
        tries: 3,
        thrashing: Some(Thrashing {
            above: 200,
            below: 50,
            slower: 1.3,
        }),
        ..base()
    }
}

fn cold_caches() -> ColdCaches {
    ColdCaches {
        penalty: 1.0,
        warming: seconds(4),
        cooling: seconds(120),
    }
}

fn blips() -> Blips {
    Blips {
        every: seconds(90),
        length: seconds(1),
        share: Share::new(0.3),
    }
}

/// The first class again, in surroundings that blur what a trial shows.
fn surroundings() -> Vec<SiteClass> {
    vec![
        // Failures that the load does not cause: one request in 2,000.
        SiteClass::tips(
            5,
            "noise",
            GatewaySpec {
                noise: Share::new(5e-4),
                ..base()
            },
        ),
        // Caches, pools and compilers that are cold after each step up.
        SiteClass::tips(
            6,
            "warm-up",
            GatewaySpec {
                cold_caches: Some(cold_caches()),
                ..base()
            },
        ),
        // A third of the servers at first, the rest half a minute after they are needed.
        SiteClass::tips(
            7,
            "autoscaler",
            GatewaySpec {
                servers: 12,
                autoscaler: Some(Autoscaler {
                    step: 12,
                    most: 36,
                    above: Share::new(0.7),
                    smoothing: seconds(5),
                    sustained: seconds(5),
                    lag: seconds(30),
                }),
                ..base()
            },
        )
        .settles_after(180),
        // Something restarts every one and a half minutes.
        SiteClass::tips(
            10,
            "blips",
            GatewaySpec {
                blips: Some(blips()),
                ..base()
            },
        ),
        // Neighbours on the same machine.
        SiteClass::tips(
            11,
            "wandering",
            GatewaySpec {
                wander: Some(Wander {
                    deviation: Share::new(0.05),
                    memory: seconds(30),
                }),
                ..base()
            },
        ),
        // A small site: 20 requests a second at most.
        SiteClass::tips(
            12,
            "low-rate",
            GatewaySpec::plain(2, Duration::from_millis(100), 16),
        ),
        // A large one: 4,000.
        SiteClass::tips(
            13,
            "high-rate",
            GatewaySpec::plain(16, Duration::from_millis(4), 512),
        ),
    ]
}

fn limited(rate: f64, burst: f64) -> GatewaySpec {
    GatewaySpec {
        servers: 64,
        limiter: Some(Limiter {
            rate: Rate::per_second(rate),
            burst,
            per_address: false,
        }),
        ..base()
    }
}

fn limited_per_address(rate: f64, burst: f64) -> GatewaySpec {
    let mut spec = limited(rate, burst);
    if let Some(limiter) = &mut spec.limiter {
        limiter.per_address = true;
    }
    spec
}

/// Not too much work, but too many requests by a rule: 503 at once, at the latency of an idle site.
fn policies() -> Vec<SiteClass> {
    vec![
        // nginx `limit_req`.
        SiteClass::tips(8, "rate-limit", limited(350.0, 20.0)),
        // Credits that carry an overload for minutes: burstable machines, API quotas. Only once they are used up does
        // a load show what it is allowed for ever.
        SiteClass::tips(9, "token-bucket", limited(300.0, 3_000.0)).settles_after(1_800),
        // A limit for each visitor's address, met with one address …
        SiteClass::tips(17, "limit-per-address", limited_per_address(100.0, 20.0)),
        // … and with four: the site as a whole is not limited at all.
        SiteClass {
            addresses: 4,
            ..SiteClass::tips(18, "limit-per-address-of-four", limited_per_address(100.0, 20.0))
        },
    ]
}

/// What the study left out.
fn additions() -> Vec<SiteClass> {
    let fixed = |servers, micros, backlog| GatewaySpec {
        service: Service::Fixed {
            time: Duration::from_micros(micros),
        },
        ..GatewaySpec::plain(servers, MEAN, backlog)
    };
    vec![
        // A connection pool without a queue: Erlang's loss system (Erlang 1917). It starts to fail long before it is
        // full, and ever so gently.
        SiteClass::tips(14, "loss-system", fixed(10, 50_000, 0)),
        // php-fpm with a short listen backlog, as on the test bed.
        SiteClass::tips(15, "short-queue", fixed(8, 40_400, 9)),
        // A visit of three pages of different weight: a start page, a list, a search. The list is as the base; the load
        // is counted in pages.
        SiteClass {
            journey: 3,
            ..SiteClass::tips(
                16,
                "journey",
                GatewaySpec {
                    steps: vec![0.5, 1.0, 2.5],
                    ..base()
                },
            )
        },
        // Three good backends and one that refuses: a quarter fails, whatever the load.
        SiteClass::tips(
            19,
            "one-bad-backend",
            GatewaySpec {
                backends: Some(Backends { count: 4, broken: 1 }),
                ..base()
            },
        )
        .expects(Expected::AlreadyFailing),
        // A hosted firewall with a rate rule: 403 for a minute for an address that sends more than 200 requests a second.
        SiteClass::tips(
            20,
            "firewall",
            GatewaySpec {
                firewall: Some(Firewall {
                    rate: Rate::per_second(200.0),
                    window: seconds(10),
                    block: seconds(60),
                }),
                ..base()
            },
        )
        .expects(Expected::Blocked),
    ]
}

/// Mixtures that nothing may be tuned with.
fn held_out() -> Vec<SiteClass> {
    vec![
        // Retries, noise, warm-up and a wandering capacity, at half the base's size.
        SiteClass::tips(
            21,
            "mixed",
            GatewaySpec {
                patience: seconds(2),
                tries: 2,
                noise: Share::new(5e-4),
                cold_caches: Some(cold_caches()),
                wander: Some(Wander {
                    deviation: Share::new(0.03),
                    memory: seconds(30),
                }),
                ..GatewaySpec::plain(12, Duration::from_millis(57), 100)
            },
        )
        .held_out(),
        // A limiter with some credit, a heavy tail behind it, and blips.
        SiteClass::tips(
            22,
            "limiter-with-blips",
            GatewaySpec {
                service: heavy_tail(),
                patience: seconds(10),
                blips: Some(blips()),
                ..limited(600.0, 900.0)
            },
        )
        .held_out()
        .settles_after(600),
    ]
}

/// Sites that have no tipping point of their own, because they change.
///
/// They change while a search is under way: many have ended two minutes after their start, and what comes later is
/// no part of what they saw.
fn unsteady() -> Vec<SiteClass> {
    let changes = |what| GatewaySpec {
        change: Some(Change {
            earliest: seconds(45),
            latest: seconds(105),
            what,
        }),
        ..base()
    };
    let lost = WhatChanges::Servers { left: 8 };
    [
        // Each request leaves something behind.
        SiteClass::tips(
            23,
            "leak",
            GatewaySpec {
                leak: Some(Leak {
                    doubles_after: 40_000,
                }),
                ..base()
            },
        ),
        // A deploy in the middle of it.
        SiteClass::tips(24, "deploy", changes(WhatChanges::Down { length: seconds(25) })),
        // Half of the servers are lost and do not come back.
        SiteClass::tips(25, "lost-servers", changes(lost)),
    ]
    .map(|class| class.expects(Expected::Unsteady))
    .into()
}
