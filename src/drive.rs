//! Plays a load: arrivals × transport × recorder × stop rules → the record of a run.
//!
//! Workers ([`Fleet`]) play the global stream of arrivals, each its own part, and report once a second. The conductor
//! merges what they report, writes it down, and asks what to offer next: a search ([`hunt`]) or a curve ([`perform`]).

mod budget;
mod conductor;
mod crowd;
mod error;
mod fleet;
pub mod guard;
mod hunt;
mod limits;
mod lookout;
mod machine;
mod pacer;
mod perform;
mod rehearsal;
mod script;
mod single;
mod sources;
mod stop;
mod visitor;
mod worker;

pub use budget::{BYTES_PER_VISITOR, Needs, Shortage, in_flight_cap, shortages};
pub use conductor::{Conductor, Ended, Interrupt, Progress};
pub use crowd::accompany;
pub use error::DriveError;
pub use fleet::{Fleet, FleetPlan};
pub use hunt::hunt;
pub use limits::{Limits, Reuse, raise_file_limit};
pub use lookout::{Sight, look_out};
pub use machine::Machine;
pub use pacer::{Pacer, PreciseTimer, TokioTimer};
pub use perform::{perform, perform_campaign, perform_tape};
pub use rehearsal::{Rehearsal, Rehearsed, rehearse};
pub use script::{Script, Tracking};
pub use single::Pages;
pub use sources::{Sources, StatusPage};
pub use stop::{StopWatch, Stopped};
