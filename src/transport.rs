//! Requests to answers. One trait; what it is played on, a network or a model, is the implementation's business.

mod clock;
mod connect;
mod cookies;
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
mod redirect;
mod settings;
mod site;
pub mod tls;
#[cfg(test)]
mod virtual_wire;

pub use clock::RunClock;
pub use connect::{Connect, Tcp};
pub use cookies::Cookies;
pub use exchange::{Answer, Ended, Evidence, Inside, Look, Origin, Request, Transport};
pub use http::{HttpTransport, Visitor};
pub use pinned::{Pinned, ResolveError};
pub use prepare::{FillError, PrepareError, Prepared, prepare, requests};
pub use redirect::redirected;
pub use settings::{AnswerCaps, HttpSettings};
pub use site::{SiteTransport, SiteVisitor};
