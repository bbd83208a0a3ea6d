//! From the log of an earlier send to the numbers of a campaign.

mod counts;
mod delay;
mod fit;

pub use counts::Bin;
pub use delay::ClickCurve;
pub use fit::Interval;
