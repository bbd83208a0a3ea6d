//! One request, from the moment it was due to the moment it ended.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::class::Class;
use crate::units::Offset;

/// What became of one request that was sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Outcome {
    /// The number of the arrival, counted over all workers from 0.
    pub seq: u64,
    /// The step of the journey, from 0.
    pub step: u16,
    /// When the visitor wanted it: the arrival, or the end of the step before plus think time.
    pub due: Offset,
    /// When we began to send it (to connect, where a connection was needed).
    pub sent: Offset,
    /// The first byte of an answer, where one came.
    pub first_byte: Option<Offset>,
    /// When it ended, well or badly.
    pub done: Offset,
    /// How it ended.
    pub class: Class,
    /// Bytes received for it, head and body.
    pub bytes: u64,
    /// Whether it opened a connection of its own.
    pub fresh_connection: bool,
}

/// Why an arrival was never sent. Always ours, never the site's.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, schemars::JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Unsent {
    /// Overdue by more than 100 ms when we got to it.
    Late,
    /// As many requests in flight as allowed.
    InFlightCap,
    /// Out of file descriptors.
    Files,
    /// Out of local ports.
    Ports,
    /// Out of memory or socket buffers.
    Memory,
    /// The run was stopped before it.
    Stopped,
}

impl Unsent {
    /// All reasons, in the order in which reports list them.
    pub const ALL: [Unsent; 6] = [
        Unsent::Late,
        Unsent::InFlightCap,
        Unsent::Files,
        Unsent::Ports,
        Unsent::Memory,
        Unsent::Stopped,
    ];
}

impl fmt::Display for Unsent {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Unsent::Late => "late",
            Unsent::InFlightCap => "in_flight_cap",
            Unsent::Files => "files",
            Unsent::Ports => "ports",
            Unsent::Memory => "memory",
            Unsent::Stopped => "stopped",
        })
    }
}
