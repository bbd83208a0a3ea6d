//! A gateway in front of a site, in numbers: everything that can make it tip over, each part optional.
//!
//! The parts live in files of their own; [`GatewaySite`] plays them together. A request passes, in this order: the
//! firewall, the site's mishaps, the limiter; then it takes a server or a place in the backlog, or is refused with 502.
//! A gateway that runs out of patience answers 504, or tries again, while the work that it gave up goes on.

mod limiter;
mod mishap;
mod scaling;
mod service;
mod site;
mod speed;
#[cfg(test)]
mod theory;

use std::time::Duration;

use serde::Serialize;

pub use limiter::{Firewall, Limiter};
pub use mishap::{Backends, Blips, Change, WhatChanges};
pub use scaling::Autoscaler;
pub use service::Service;
pub use site::GatewaySite;
pub use speed::{ColdCaches, Leak, Thrashing, Wander};

use crate::units::{Rate, Share};

/// A gateway and the site behind it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct GatewaySpec {
    /// Requests that the site works on at the same time: workers, processes, database connections.
    pub servers: u32,
    /// How long one takes.
    pub service: Service,
    /// How much longer (above 1) or shorter each step of a journey takes, in order; all alike where it is empty.
    pub steps: Vec<f64>,
    /// Requests that may wait for a server; one more is answered 502 at once.
    pub backlog: u32,
    /// How long the gateway waits for the site, waiting in the backlog included; then it answers 504. The work goes on.
    pub patience: Duration,
    /// How often the gateway tries a request before the visitor learns of the failure: 1 means no retries.
    pub tries: u8,
    /// How long after a failure it tries again.
    pub try_again_after: Duration,
    /// Whether the site slows down while much waits.
    pub thrashing: Option<Thrashing>,
    /// The share of requests that fails at any load.
    pub noise: Share,
    /// Short times in which many fail at any load.
    pub blips: Option<Blips>,
    /// Caches that need to warm up.
    pub cold_caches: Option<ColdCaches>,
    /// What adds servers.
    pub autoscaler: Option<Autoscaler>,
    /// What refuses requests by rate.
    pub limiter: Option<Limiter>,
    /// How the capacity wanders.
    pub wander: Option<Wander>,
    /// Several backends, some of them broken.
    pub backends: Option<Backends>,
    /// What blocks visitors that come too often.
    pub firewall: Option<Firewall>,
    /// Service that gets longer for ever.
    pub leak: Option<Leak>,
    /// What happens once.
    pub change: Option<Change>,
}

impl GatewaySpec {
    /// `servers` behind a `backlog`, log-normal service times with `mean`, a gateway that waits half a minute and
    /// tries once, and nothing else.
    pub fn plain(servers: u32, mean: Duration, backlog: u32) -> Self {
        Self {
            servers,
            service: Service::LogNormal { mean },
            steps: Vec::new(),
            backlog,
            patience: Duration::from_secs(30),
            tries: 1,
            try_again_after: Duration::from_millis(200),
            thrashing: None,
            noise: Share::ZERO,
            blips: None,
            cold_caches: None,
            autoscaler: None,
            limiter: None,
            wander: None,
            backends: None,
            firewall: None,
            leak: None,
            change: None,
        }
    }

    /// What its servers can do for ever, once all that an autoscaler may add are there: servers ÷ service time, the
    /// steps of a journey taken evenly. A limiter is not counted.
    pub fn capacity(&self) -> Rate {
        let servers = self
            .autoscaler
            .map_or(self.servers, |autoscaler| autoscaler.most.max(self.servers));
        let step = if self.steps.is_empty() {
            1.0
        } else {
            self.steps.iter().sum::<f64>() / self.steps.len() as f64
        };
        Rate::per_second(f64::from(servers) / (self.service.mean() * step))
    }

    /// The share of requests that fails whatever the load, in the long run.
    pub fn constant_share(&self) -> Share {
        let blips = self.blips.map_or(0.0, |blips| {
            let length = blips.length.as_secs_f64();
            blips.share.get() * length / (length + blips.every.as_secs_f64())
        });
        let backends = self.backends.map_or(0.0, |backends| {
            f64::from(backends.broken) / f64::from(backends.count.max(1))
        });
        Share::new(1.0 - (1.0 - self.noise.get()) * (1.0 - blips) * (1.0 - backends))
    }
}
