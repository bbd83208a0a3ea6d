//! From business numbers to an arrival rate, and back: who comes after a mail, a spot or a post, when, and how large a
//! campaign a tipping point carries. All of it is arithmetic: no traffic, no clock, no file.

mod answer;
mod assume;
pub mod calibrate;
mod forecast;
mod mix;
mod numeric;
mod played;
mod shape;

pub use answer::{
    Answer, AtRisk, AtShare, Batches, Busiest, Condition, Decision, Interval, Measured, SAFETY, TippingPoint,
    Unusable, Verdict, failed_at_first, headroom_verdict, measured_by, safety,
};
pub use assume::{Assumption, Origin, Planned};
pub use forecast::{Forecast, Streams, Variant};
pub use mix::Mix;
pub use played::Played;
pub use shape::{Delay, Growth, Peak, Pulse, Rush, Scanners, Sending, Shape, Table};
