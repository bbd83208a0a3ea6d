//! The true tipping point of a model site, by brute force: the highest load that a hold survives.

use std::time::Duration;

use super::demo::SiteSpec;
use super::queue::QueueSite;
use super::site::Call;
use crate::load::{ArrivalProcess, Piece, Schedule};
use crate::units::{Offset, Rate, Share};

/// Requests that each tried load is judged by.
const REQUESTS: f64 = 250_000.0;
/// How long the way from half the load to the load takes.
const APPROACH: Duration = Duration::from_secs(2);
/// The relative width at which the bisection ends.
const PRECISION: f64 = 0.002;

/// The load at which the failed share of a hold of `horizon` comes to `share`: approached gently from half of it, from
/// an idle site, over many replications, all loads with the same random numbers. About ±0.5 %.
pub fn truth(spec: &SiteSpec, process: ArrivalProcess, share: Share, horizon: Duration) -> Rate {
    let capacity = spec.capacity().get();
    let (mut low, mut high) = (0.2 * capacity, 2.0 * capacity);
    while high / low > 1.0 + PRECISION {
        let middle = (low * high).sqrt();
        if failed_share(spec, process, middle, horizon) > share.get() {
            high = middle;
        } else {
            low = middle;
        }
    }
    Rate::per_second((low * high).sqrt())
}

/// The failed share of holds at `rate`, over all replications.
fn failed_share(spec: &SiteSpec, process: ArrivalProcess, rate: f64, horizon: Duration) -> f64 {
    let length = horizon.as_secs_f64().max(1.0);
    let replications = (REQUESTS / (rate * length)).ceil().clamp(1.0, 2_000.0) as u64;
    let (mut requests, mut failed) = (0_u64, 0_u64);
    for seed in 0..replications {
        let mut site = QueueSite::new(*spec);
        let mut schedule = Schedule::new(process, seed);
        schedule.extend(Piece {
            length: APPROACH,
            from: Rate::per_second(rate / 2.0),
            to: Rate::per_second(rate),
        });
        schedule.extend(Piece::hold(Rate::per_second(rate), horizon));
        while let Some(arrival) = schedule.next_arrival() {
            let reply = site.decide(&Call {
                id: arrival.seq,
                at: arrival.due,
                visitor: arrival.seq,
                step: 0,
                address: 0,
            });
            if arrival.due >= Offset::ZERO + APPROACH {
                requests += 1;
                failed += u64::from(!reply.class.is_success());
            }
        }
        // Even arrivals are the same in every replication.
        if process == ArrivalProcess::Even {
            break;
        }
    }
    failed as f64 / requests.max(1) as f64
}

#[cfg(test)]
mod tests {
    use super::super::SiteKind;
    use super::*;

    /// Workers, service in milliseconds, queue, queue deadline in milliseconds; the tipping points under Poisson and
    /// even arrivals that an independent simulation (a heap of servers, 400,000 arrivals) found for long runs.
    #[test]
    fn it_agrees_with_an_independent_simulation() {
        let site = |workers, service_us, queue, deadline_ms: Option<u64>| SiteSpec {
            kind: SiteKind::Queue,
            workers,
            service: Duration::from_micros(service_us),
            queue,
            timeout: Duration::from_secs(30),
            queue_deadline: deadline_ms.map(Duration::from_millis),
            limit: None,
        };
        for (spec, poisson) in [
            (site(8, 40_400, 9, None), 173.6),
            (site(10, 50_000, 0, None), 89.3),
            (site(10, 50_000, 100_000, Some(500)), 201.5),
        ] {
            let horizon = Duration::from_secs(600);
            let share = Share::new(0.01);
            let found = truth(&spec, ArrivalProcess::Poisson, share, horizon).get();
            assert!(
                (found / poisson - 1.0).abs() < 0.01,
                "poisson: {found} against {poisson}"
            );
            let even = truth(&spec, ArrivalProcess::Even, share, horizon).get();
            let capacity = spec.capacity().get();
            assert!(
                (even / capacity - 1.0).abs() < 0.015,
                "even: {even} against {capacity}"
            );
        }
    }
}
