//! Quantities as types: each parses what a person writes, prints what a person reads, and cannot be confused
//! with another. This floor knows no clock: an [`Offset`] is a distance from the start of a run.

mod count;
mod offset;
mod quantity;
mod rate;
mod share;
mod size;

pub use count::Count;
pub use offset::{Offset, Span};
pub use quantity::UnitError;
pub use rate::{LoadUnit, Rate, WrittenRate};
pub use share::{Quantile, Share};
pub use size::Size;
