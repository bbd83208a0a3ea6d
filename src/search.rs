//! The search for the tipping point, as pure code: it is told what a second showed, and says what to offer in the
//! next. No clock, no I/O, no randomness.

mod finding;
mod step;

pub use finding::{Estimate, Finding, Kind, Limit, Observed, Recovery, Shape};
pub use step::{Concluded, LEAD, Move, Offer, Phase, Search, Verdict, Window, window_end};
