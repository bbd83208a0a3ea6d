//! The gateway's rate limiter: a leaky bucket without delay, as nginx's `limit_req … nodelay` keeps it.
//! Knows no clock.

use crate::units::{Offset, Rate};

/// How far the requests let through are ahead of the rate.
#[derive(Debug)]
pub(super) struct Bucket {
    rate: f64,
    burst: f64,
    excess: f64,
    latest: Option<Offset>,
}

impl Bucket {
    pub(super) fn new(rate: Rate, burst: u32) -> Self {
        Self {
            rate: rate.get(),
            burst: f64::from(burst),
            excess: 0.0,
            latest: None,
        }
    }

    /// Whether a request at `now` is let through. One that is refused leaves no trace.
    pub(super) fn allows(&mut self, now: Offset) -> bool {
        let Some(latest) = self.latest else {
            self.latest = Some(now);
            return true;
        };
        let excess = (self.excess - self.rate * now.since(latest).as_secs_f64() + 1.0).max(0.0);
        if excess > self.burst {
            return false;
        }
        self.excess = excess;
        self.latest = Some(now.max(latest));
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_burst_and_one_pass_at_once_and_then_the_rate() {
        let mut bucket = Bucket::new(Rate::per_second(200.0), 20);
        let passed = (0..100).filter(|_| bucket.allows(Offset::from_secs(1))).count();
        assert_eq!(passed, 21);
        assert!(!bucket.allows(Offset::from_millis(1_004)));
        assert!(bucket.allows(Offset::from_millis(1_005)));
    }

    #[test]
    fn twice_the_rate_is_let_through_by_half() {
        let mut bucket = Bucket::new(Rate::per_second(200.0), 20);
        let passed = (0..40_000_u64)
            .filter(|n| bucket.allows(Offset::from_micros(n * 2_500)))
            .count();
        assert!((20_000..=20_040).contains(&passed), "{passed}");
    }
}
