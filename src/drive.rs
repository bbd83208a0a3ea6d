//! Plays a load: arrivals × transport × recorder × stop rules → the record of a run.

pub mod guard;
