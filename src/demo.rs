//! A real site on loopback sockets with a known tipping point, in a process of its own.
//!
//! A gateway takes requests and forwards them over TCP to a backend that serves a fixed number at a time, each for
//! the same time, and lets a fixed number wait. What the numbers of a [`SiteSpec`](crate::model::SiteSpec) mean is
//! the model's to say; this plays them on sockets. It knows nothing of who sends the load.

mod backend;
mod bucket;
mod child;
mod error;
mod gateway;
mod page;
mod protocol;
mod site;
mod slots;

pub use child::{Child, run_child};
pub use error::DemoError;
pub use protocol::{spec_from_text, spec_to_text};
pub use site::serve;
