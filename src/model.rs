//! Sites as models: pure, seeded, and with a tipping point that simulation can find.
//!
//! [`ModelSite`] is what a search, or a whole run in virtual time, is played against. [`Foreseen`] is the shortest way to
//! one of your own; [`QueueSite`] is the demo site; [`GatewaySite`] is a gateway with all that can make it tip over, and
//! [`classes`] are the sites of that kind that the search is proven on.

mod brute_force;
mod classes;
mod demo;
mod gateway;
mod play;
mod queue;
mod random;
mod site;
mod truth;
mod visits;

pub use brute_force::{Effort, Question, TrueRate, truth_of};
pub use classes::{Expected, SiteClass, classes};
pub use demo::{SiteKind, SiteSpec};
pub use gateway::{
    Autoscaler, Backends, Blips, Change, ColdCaches, Firewall, GatewaySite, GatewaySpec, Leak, Limiter,
    Service, Thrashing, Wander, WhatChanges,
};
pub use play::{Played, play};
pub use queue::QueueSite;
pub use site::{Call, Foreseen, ModelSite, Reply, address_of};
pub use truth::truth;
pub use visits::Visits;
