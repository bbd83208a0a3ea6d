//! Requests to answers. One trait; what it is played on, a network or a model, is the implementation's business.

mod clock;
mod connect;
mod evidence;
#[cfg(test)]
pub(crate) mod example;
mod exchange;
mod failure;
mod http;
mod meter;
mod pinned;
mod place;
mod prepare;
mod settings;
mod site;
mod sources;
pub mod tls;
#[cfg(test)]
mod virtual_wire;

pub use clock::RunClock;
pub use connect::{Connect, Tcp};
pub use exchange::{Answer, Ended, Evidence, Origin, Request, Transport};
pub use http::{HttpTransport, Visitor};
pub use pinned::{Pinned, ResolveError};
pub use prepare::{PrepareError, requests};
pub use settings::{AnswerCaps, HttpSettings};
pub use site::{SiteTransport, SiteVisitor};
pub use sources::{ForeignSource, SourcedTcp, check_sources};
