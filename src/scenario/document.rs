//! YAML text ⇄ trees: the only place that knows the YAML crates. It knows no key of a scenario.

mod read;
mod tree;
mod write;

pub(super) use read::{MAX_BYTES, parse};
pub(super) use tree::{Entry, Kind, Node, Place, SourceId};
pub(super) use write::{json_of, to_yaml};
