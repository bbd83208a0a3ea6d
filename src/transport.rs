//! Requests to answers. One trait; what it is played on, a network or a model, is the implementation's business.

mod asset;
mod clock;
mod connect;
mod connection;
mod converse;
mod cookies;
pub mod decode;
mod evidence;
#[cfg(test)]
pub(crate) mod example;
mod exchange;
mod failure;
mod http;
mod lean;
mod message;
mod meter;
mod pinned;
mod place;
mod prepare;
mod proxy;
mod redirect;
mod settings;
mod site;
mod sources;
mod streams;
pub mod tls;
#[cfg(test)]
mod virtual_wire;

pub use asset::Kept;
pub use clock::RunClock;
pub use connect::{Connect, Tcp};
pub use cookies::Cookies;
pub use exchange::{Answer, Ended, Evidence, Inside, Look, Origin, Request, Transport};
pub use http::{HttpTransport, Visitor};
pub use pinned::{Pinned, ResolveError};
pub use prepare::{FillError, PrepareError, Prepared, for_assets, prepare, requests, traceparent};
pub use proxy::{Proxy, ProxyError};
pub use redirect::redirected;
pub use settings::{AnswerCaps, HttpSettings};
pub use site::{SiteTransport, SiteVisitor};
pub use sources::{ForeignSource, SourcedTcp, check_sources};
