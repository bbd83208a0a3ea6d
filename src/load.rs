//! Load as a value: a curve of rates over time, and the arrivals that it and a seed give. No clock, no I/O.

mod arrivals;
mod curve;

pub use arrivals::{Arrival, ArrivalProcess, Schedule};
pub use curve::{Curve, Piece};
