//! The proof: the search, and the ways of others to search, on sites whose tipping point is known, over many seeds.
//! Pure but for the clock that times the decisions: no network, and the same seeds always give the same table.

#![allow(
    dead_code,
    reason = "the bench and the tests of the harness use their own parts"
)]

pub(crate) mod bars;
pub(crate) mod baselines;
pub(crate) mod chart;
pub(crate) mod enough;
pub(crate) mod files;
pub(crate) mod method;
pub(crate) mod numbers;
pub(crate) mod options;
pub(crate) mod outcome;
pub(crate) mod pairs;
pub(crate) mod run;
mod sheet;
pub(crate) mod sites;
pub(crate) mod table;
pub(crate) mod timed;
