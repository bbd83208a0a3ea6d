//! Load as a value: a curve of rates over time and the arrivals that it and a seed give, a crowd, or a tape. No clock, no
//! I/O.

mod arrivals;
mod crowd;
mod curve;
mod streams;
mod tape;

pub use arrivals::{Arrival, ArrivalProcess, Schedule};
pub use crowd::{Crowd, CrowdPiece};
pub use curve::{Curve, Piece};
pub use streams::{Stream, Streams};
pub use tape::Tape;
