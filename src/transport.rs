//! Requests to answers. One trait; what it is played on, a network or a model, is the implementation's business.

mod clock;
mod exchange;
mod site;

pub use clock::RunClock;
pub use exchange::{Answer, Ended, Evidence, Origin, Request, Transport};
pub use site::{SiteTransport, SiteVisitor};
