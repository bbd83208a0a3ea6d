//! Sites as models: pure, seeded, and with a tipping point that simulation can find.

mod play;
mod queue;
mod site;
mod truth;

pub use play::{Played, play};
pub use queue::QueueSite;
pub use site::{ModelSite, Reply, SiteKind, SiteSpec};
pub use truth::truth;
