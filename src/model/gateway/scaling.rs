//! Servers that come later: an autoscaler.

use std::time::Duration;

use serde::Serialize;

use crate::units::{Offset, Share};

/// Adds servers while those there are busy. It never takes one away: for the length of a search, that is what
/// stabilisation windows of the real ones amount to.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Autoscaler {
    /// Servers that one action adds.
    pub step: u32,
    /// It stops at this many.
    pub most: u32,
    /// It acts where more than this share of the servers is busy, smoothed over `smoothing` …
    pub above: Share,
    /// … exponentially …
    pub smoothing: Duration,
    /// … for this long without a break.
    pub sustained: Duration,
    /// From the first moment of that until the servers serve.
    pub lag: Duration,
}

/// How often the autoscaler looks.
const STEP: Duration = Duration::from_millis(250);

/// An autoscaler at work.
#[derive(Debug, Clone)]
pub(super) struct Scaling {
    autoscaler: Autoscaler,
    next_look: Offset,
    busy_share: f64,
    /// Since when it is above the mark.
    busy_since: Option<Offset>,
    /// When the servers that were asked for serve.
    ready: Option<Offset>,
}

impl Scaling {
    pub(super) fn new(autoscaler: Autoscaler) -> Self {
        Self {
            autoscaler,
            next_look: Offset::ZERO,
            busy_share: 0.0,
            busy_since: None,
            ready: None,
        }
    }

    /// Catches up to `now`, over a time in which `busy` of `servers` were busy, and says how many servers there are.
    pub(super) fn catch_up(&mut self, now: Offset, busy: usize, mut servers: u32) -> u32 {
        while self.next_look <= now {
            servers = self.look(self.next_look, busy, servers);
            self.next_look += STEP;
        }
        servers
    }

    fn look(&mut self, now: Offset, busy: usize, servers: u32) -> u32 {
        let Autoscaler {
            step,
            most,
            above,
            smoothing,
            sustained,
            lag,
        } = self.autoscaler;
        let kept = (-STEP.as_secs_f64() / smoothing.as_secs_f64()).exp();
        let share = busy as f64 / f64::from(servers.max(1));
        self.busy_share = share + (self.busy_share - share) * kept;
        if self.busy_share <= above.get() {
            self.busy_since = None;
        } else {
            let since = *self.busy_since.get_or_insert(now);
            if self.ready.is_none() && servers < most && now.since(since) >= sustained {
                self.ready = Some(since + lag.max(sustained));
            }
        }
        if self.ready.is_some_and(|ready| ready <= now) {
            self.ready = None;
            self.busy_since = None;
            return (servers + step).min(most);
        }
        servers
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn servers_come_after_the_lag_and_only_while_they_are_needed() {
        let autoscaler = Autoscaler {
            step: 12,
            most: 36,
            above: Share::new(0.7),
            smoothing: Duration::from_secs(5),
            sustained: Duration::from_secs(5),
            lag: Duration::from_secs(30),
        };
        let mut idle = Scaling::new(autoscaler);
        assert_eq!(idle.catch_up(Offset::from_secs(600), 8, 12), 12);
        let mut scaling = Scaling::new(autoscaler);
        let mut servers = 12;
        let mut grown = Vec::new();
        for quarter in 0..800_u64 {
            let now = Offset::from_millis(250 * quarter);
            let before = servers;
            servers = scaling.catch_up(now, servers as usize, servers);
            if servers != before {
                grown.push((now.second(), servers));
            }
        }
        // Smoothed from zero, the share passes 0.7 after 5·ln(1/0.3) ≈ 6 s.
        assert_eq!(grown, [(36, 24), (66, 36)]);
    }
}
