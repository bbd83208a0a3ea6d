//! The run's time line on tokio's clock: real in a real run, virtual where tokio's time is paused.

use tokio::time::Instant;

use crate::units::Offset;

/// Tells how far a run has come. Every part of a run holds a copy of the same one.
#[derive(Debug, Clone, Copy)]
pub struct RunClock {
    start: Instant,
}

impl RunClock {
    /// A run that starts at `start`, which may lie a little ahead.
    pub const fn starting_at(start: Instant) -> Self {
        Self { start }
    }

    /// How far the run has come; zero before its start.
    pub fn now(&self) -> Offset {
        self.at(Instant::now())
    }

    /// The offset of `instant`; zero before the start.
    pub fn at(&self, instant: Instant) -> Offset {
        Offset::ZERO + instant.saturating_duration_since(self.start)
    }

    /// The instant of `offset`.
    pub fn instant(&self, offset: Offset) -> Instant {
        self.start + offset.since(Offset::ZERO)
    }
}
