//! How others search, under the same rules: the same start, cap and seconds, behind the same trait. None of them knows
//! an interval; what stands for it is the bracket that they end with.

mod bisection;
mod nighthawk;
mod ramp;
mod rules;
mod steps;

pub(crate) use bisection::Bisection;
pub(crate) use nighthawk::Nighthawk;
pub(crate) use ramp::{Ramp, Threshold};
pub(crate) use rules::Rules;
pub(crate) use steps::Steps;
