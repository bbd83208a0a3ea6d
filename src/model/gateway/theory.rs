//! The simulation against what queueing theory knows exactly.

use std::time::Duration;

use super::super::demo::{SiteKind, SiteSpec};
use super::super::queue::QueueSite;
use super::super::site::{Call, ModelSite, Reply};
use super::super::visits::{Crowd, Request, Visits, Witness};
use super::*;
use crate::load::{ArrivalProcess, Piece};
use crate::record::Class;
use crate::units::Offset;

/// What came back, from `from` on.
#[derive(Default)]
struct Tally {
    from: Offset,
    ended: u64,
    failed: u64,
    /// Seconds of the successes.
    latency: f64,
}

impl Tally {
    fn share(&self) -> f64 {
        self.failed as f64 / self.ended as f64
    }

    fn mean_latency(&self) -> f64 {
        self.latency / (self.ended - self.failed) as f64
    }
}

impl Witness for Tally {
    fn sent(&mut self, _: Offset) {}

    fn ended(&mut self, request: &Request, done: Offset, class: Class, _: bool) {
        if done < self.from {
            return;
        }
        self.ended += 1;
        if class.is_success() {
            self.latency += done.since(request.due).as_secs_f64();
        } else {
            self.failed += 1;
        }
    }
}

/// Plays `rates`, each for `seconds`, and counts the last.
fn played(spec: &GatewaySpec, rates: &[f64], seconds: u64) -> Tally {
    let mut site = GatewaySite::new(spec, 1);
    let mut crowd = Crowd::new(Visits::of_one_page(ArrivalProcess::Poisson, 1));
    for rate in rates {
        crowd.extend(Piece::hold(Rate::per_second(*rate), Duration::from_secs(seconds)));
    }
    let mut tally = Tally {
        from: Offset::from_secs(seconds * (rates.len() as u64 - 1)),
        ..Tally::default()
    };
    crowd.play(
        &mut site,
        Offset::from_secs(seconds * rates.len() as u64),
        &mut tally,
    );
    tally
}

fn exponential(servers: u32, millis: u64, backlog: u32) -> GatewaySpec {
    let mean = Duration::from_millis(millis);
    GatewaySpec {
        service: Service::Exponential { mean },
        patience: Duration::from_secs(1_000_000),
        ..GatewaySpec::plain(servers, mean, backlog)
    }
}

/// Erlang's B formula, by its recursion: the share that `servers` without a queue lose of `erlangs` offered.
fn erlang_b(servers: u32, erlangs: f64) -> f64 {
    (1..=servers).fold(1.0, |lost, number| {
        erlangs * lost / (f64::from(number) + erlangs * lost)
    })
}

#[test]
fn a_site_without_a_queue_loses_what_erlang_says_whatever_the_distribution() {
    let mean = Duration::from_millis(50);
    for service in [
        Service::Fixed { time: mean },
        Service::Exponential { mean },
        Service::LogNormal { mean },
    ] {
        let spec = GatewaySpec {
            service,
            ..GatewaySpec::plain(10, mean, 0)
        };
        for rate in [89.3, 150.0, 400.0] {
            let expected = erlang_b(10, rate * 0.05);
            let seen = played(&spec, &[rate], 4_000).share();
            assert!(
                (seen / expected - 1.0).abs() < 0.04,
                "{service:?} at {rate}: {seen} against {expected}"
            );
        }
    }
    assert!((erlang_b(10, 89.3 * 0.05) - 0.01).abs() < 1e-4);
}

#[test]
fn the_wait_of_m_m_c_is_erlang_c() {
    let (servers, rate, mean) = (16_u32, 360.0, 0.04);
    let lost = erlang_b(servers, rate * mean);
    let busy = rate * mean / f64::from(servers);
    let waits = lost / (1.0 - busy * (1.0 - lost));
    let expected = mean + waits * mean / (f64::from(servers) * (1.0 - busy));
    let seen = played(&exponential(servers, 40, u32::MAX), &[rate], 10_000).mean_latency();
    assert!((seen / expected - 1.0).abs() < 0.03, "{seen} against {expected}");
}

#[test]
fn the_loss_of_m_m_c_k_is_its_closed_form() {
    let (servers, places, rate, mean) = (16_i32, 64_i32, 392.0, 0.04);
    let load: f64 = rate * mean;
    // p(n) ∝ aⁿ/n! up to c, then another a/c for each place.
    let mut weights = vec![1.0_f64];
    for number in 1..=servers + places {
        weights.push(weights[number as usize - 1] * load / f64::from(number.min(servers)));
    }
    let expected = weights[(servers + places) as usize] / weights.iter().sum::<f64>();
    let seen = played(&exponential(16, 40, 64), &[rate], 20_000).share();
    assert!((seen / expected - 1.0).abs() < 0.06, "{seen} against {expected}");
}

#[test]
fn far_above_the_capacity_the_failed_share_is_what_cannot_be_served() {
    for backlog in [0, 9, 64, 600] {
        let spec = GatewaySpec::plain(16, Duration::from_millis(40), backlog);
        let capacity = spec.capacity().get();
        assert!((capacity - 400.0).abs() < 1e-9);
        let seen = played(&spec, &[3.0 * capacity, 3.0 * capacity], 200).share();
        let tolerance = if backlog == 0 { 0.03 } else { 0.005 };
        assert!((seen - (1.0 - 1.0 / 3.0)).abs() < tolerance, "{backlog}: {seen}");
    }
}

#[test]
fn a_gateway_that_gives_up_leaves_its_servers_with_work_for_nobody() {
    let spec = GatewaySpec {
        backlog: 4_000,
        patience: Duration::from_secs(3),
        ..GatewaySpec::plain(16, Duration::from_millis(40), 64)
    };
    assert!(played(&spec, &[480.0, 480.0], 200).share() > 0.95);
    assert_eq!(played(&spec, &[350.0, 350.0], 200).share(), 0.0);
    // The backlog is full of work for nobody: 4,000 ÷ 400 = 10 s of it, at a load that would be fine.
    assert!(played(&spec, &[350.0, 480.0, 200.0], 60).share() > 0.1);
}

#[test]
fn retries_keep_a_failure_alive_far_below_the_load_that_caused_it() {
    let calm = GatewaySpec {
        backlog: 600,
        patience: Duration::from_secs(1),
        ..GatewaySpec::plain(16, Duration::from_millis(40), 64)
    };
    let metastable = GatewaySpec {
        tries: 3,
        thrashing: Some(Thrashing {
            above: 200,
            below: 50,
            slower: 1.3,
        }),
        ..calm.clone()
    };
    for (spec, is_stuck) in [(&calm, false), (&metastable, true)] {
        assert!(played(spec, &[300.0, 300.0], 100).share() < 0.001);
        let after = played(spec, &[300.0, 560.0, 300.0, 300.0], 100).share();
        assert_eq!(after > 0.9, is_stuck, "{after}");
        assert!(played(spec, &[560.0, 60.0, 300.0], 100).share() < 0.001);
    }
}

#[test]
fn an_autoscaler_carries_in_the_end_what_it_could_not_at_first() {
    let spec = GatewaySpec {
        servers: 12,
        autoscaler: Some(Autoscaler {
            step: 12,
            most: 36,
            above: Share::new(0.7),
            smoothing: Duration::from_secs(5),
            sustained: Duration::from_secs(5),
            lag: Duration::from_secs(30),
        }),
        ..GatewaySpec::plain(12, Duration::from_millis(40), 64)
    };
    assert!((spec.capacity().get() - 900.0).abs() < 1e-9);
    assert!(played(&spec, &[700.0], 20).share() > 0.4);
    assert!(played(&spec, &[700.0, 700.0], 100).share() < 0.001);
}

#[test]
fn it_ends_every_call_as_the_demo_site_does_where_both_are_the_same() {
    let demo = SiteSpec {
        kind: SiteKind::Queue,
        workers: 8,
        service: Duration::from_micros(40_400),
        queue: 9,
        timeout: Duration::from_secs(30),
        queue_deadline: None,
        limit: None,
    };
    let gateway = GatewaySpec {
        service: Service::Fixed { time: demo.service },
        ..GatewaySpec::plain(demo.workers, demo.service, demo.queue)
    };
    let replies = |site: &mut dyn ModelSite| {
        let mut schedule = crate::load::Schedule::new(ArrivalProcess::Poisson, 9);
        schedule.extend(Piece::hold(Rate::per_second(190.0), Duration::from_secs(200)));
        let mut ended = Vec::new();
        while let Some(arrival) = schedule.next_arrival() {
            site.advance(arrival.due, &mut ended);
            site.arrive(Call {
                id: arrival.seq,
                at: arrival.due,
                visitor: arrival.seq,
                step: 0,
                address: 0,
            });
        }
        site.advance(Offset::from_secs(300), &mut ended);
        assert!(ended.is_sorted_by_key(|reply| reply.done));
        ended.sort_by_key(|reply| reply.id);
        ended
    };
    let [theirs, ours]: [Vec<Reply>; 2] = [
        replies(&mut QueueSite::new(demo)),
        replies(&mut GatewaySite::new(&gateway, 1)),
    ];
    assert!(theirs.iter().any(|reply| reply.class == Class::Status(502)));
    let differ = theirs
        .iter()
        .zip(&ours)
        .filter(|(a, b)| {
            a.class != b.class || a.done.since(b.done).max(b.done.since(a.done)) > Duration::from_micros(1)
        })
        .count();
    assert_eq!((theirs.len(), differ), (ours.len(), 0));
}

#[test]
fn the_same_seed_gives_the_same_site_and_another_seed_another() {
    let spec = GatewaySpec::plain(16, Duration::from_millis(40), 64);
    let play = |seed| {
        let mut site = GatewaySite::new(&spec, seed);
        let mut crowd = Crowd::new(Visits::of_one_page(ArrivalProcess::Even, 1));
        crowd.extend(Piece::hold(Rate::per_second(390.0), Duration::from_secs(100)));
        let mut tally = Tally::default();
        crowd.play(&mut site, Offset::from_secs(100), &mut tally);
        tally.latency
    };
    assert_eq!(play(1), play(1));
    assert_ne!(play(1), play(2));
}
