//! Load as a value: a curve of rates over time and the arrivals that it and a seed give, or a crowd. No clock, no I/O.

mod arrivals;
mod crowd;
mod curve;

pub use arrivals::{Arrival, ArrivalProcess, Schedule};
pub use crowd::{Crowd, CrowdPiece};
pub use curve::{Curve, Piece};
