//! Sites as models: pure, seeded, and with a tipping point that simulation can find.

mod demo;
mod play;
mod queue;
mod site;
mod truth;

pub use demo::{SiteKind, SiteSpec};
pub use play::{Played, Visits, play};
pub use queue::QueueSite;
pub use site::{Call, Foreseen, ModelSite, Reply, address_of};
pub use truth::truth;
