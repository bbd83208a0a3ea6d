//! From the log of an earlier send to the numbers of a campaign: when people clicked, how many of them, what a visit is
//! made of, who scanned the links, and what came anyway.
//!
//! An access log is gathered entry by entry in bounded memory ([`Gathering`]); what was counted is then read and fitted
//! at once. It knows no file and no clock.

mod answer;
mod counts;
mod day;
mod fit;
mod gather;
mod log;
mod paste;
mod tally;
mod visits;
mod visits_file;

pub use answer::{Baseline, Calibration, Curve, FittedOn, Length, LinksSource, Point, Scanners};
pub use fit::Interval;
pub use gather::{Gathering, Notes, Question};
pub use visits_file::{VisitsFile, VisitsFileError};
