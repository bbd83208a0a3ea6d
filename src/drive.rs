//! Plays a load: arrivals × transport × recorder × stop rules → the record of a run.
//!
//! Workers ([`Fleet`]) play the global stream of arrivals, each its own part, and report once a second. The conductor
//! merges what they report, writes it down, and asks what to offer next: a search ([`hunt`]) or a curve ([`perform`]).

mod conductor;
mod fleet;
pub mod guard;
mod hunt;
mod machine;
mod pacer;
mod perform;
mod script;
mod stop;
mod visitor;
mod worker;

pub use conductor::{Conductor, DriveError, Ended, Interrupt, Progress};
pub use fleet::{Fleet, FleetPlan};
pub use hunt::hunt;
pub use machine::{Machine, raise_file_limit};
pub use pacer::{Pacer, PreciseTimer, TokioTimer};
pub use perform::perform;
pub use script::Script;
pub use stop::{StopWatch, Stopped};
