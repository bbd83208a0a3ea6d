//! tipover finds the load at which a website starts to answer 502 Bad Gateway, before a campaign does.
//!
//! The library is what the command line is made of. From the bottom up: [`units`]; [`record`], [`load`], [`scenario`]
//! and [`words`]; the pure [`search`], [`model`] and [`analysis`]; [`transport`], [`preflight`] and the [`demo`] site;
//! [`drive`], which plays a load and keeps the record, and [`report`], which renders it; the command line in [`cli`].
//! Dependencies point down only.

pub mod analysis;
pub mod campaign;
pub mod cli;
pub mod demo;
pub mod drive;
pub mod load;
pub mod model;
pub mod preflight;
pub mod record;
pub mod report;
pub mod scenario;
pub mod search;
pub mod transport;
pub mod units;
pub mod words;
