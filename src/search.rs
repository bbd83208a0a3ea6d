//! The search for the tipping point, as pure code: it is told what a second showed, and says what to offer in the
//! next. No clock, no I/O, no randomness.

mod baseline;
mod begin;
mod change;
mod conclusion;
mod course;
mod descent;
mod enough;
mod evidence;
mod finding;
pub mod forecast;
mod judge;
mod known;
mod normal;
mod posterior;
mod repeated;
mod replay;
mod rules;
mod sequential;
mod settings;
mod step;
mod tally;
mod tipping;
mod trial;
mod windows;

pub use begin::begin;
pub use enough::Enough;
pub use finding::{Estimate, Finding, Kind, Limit, Observed, Recovery, Shape};
pub use repeated::{Repeated, pooled};
pub use replay::replay;
pub use settings::Settings;
pub use step::{Concluded, LEAD, Move, Offer, Phase, Search, Verdict, Window, window_end};
pub use tipping::Tipping;
pub use windows::Windows;
