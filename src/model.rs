//! Sites as models: pure, seeded, and with a tipping point that simulation can find.

mod site;

pub use site::{ModelSite, Reply, SiteKind, SiteSpec};
