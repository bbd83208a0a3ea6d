//! How quickly a load comes: a site that grows or warms up needs time for it.

/// What comes within less time than this, in seconds, comes before the site has grown: autoscalers act on the mean of some
/// seconds and need about half a minute for a new machine, and several times that for several.
const TIME_TO_GROW: f64 = 180.0;
/// From this part of a load on the site is busy enough to grow.
const BUSY: f64 = 0.5;
/// Moments that are looked at between the start and the peak.
const MOMENTS: u32 = 4_000;

/// Whether `load` passes `rate` before `peak` seconds are over, and less than the time to grow after it last lay below
/// half of it.
pub(super) fn comes_quickly(load: impl Fn(f64) -> f64, peak: f64, rate: f64) -> bool {
    let mut calm_until = 0.0;
    for moment in 0..=MOMENTS {
        let at = peak * f64::from(moment) / f64::from(MOMENTS);
        let here = load(at);
        if here >= rate {
            return at - calm_until < TIME_TO_GROW;
        }
        if here < BUSY * rate {
            calm_until = at;
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_load_that_rises_within_minutes_comes_quickly() {
        let rising = |seconds: f64| move |at: f64| 100.0 * at / seconds;
        assert!(comes_quickly(rising(60.0), 60.0, 80.0));
        assert!(!comes_quickly(rising(3_600.0), 3_600.0, 80.0));
        assert!(!comes_quickly(rising(60.0), 60.0, 120.0), "it never comes");
        assert!(comes_quickly(|_| 100.0, 0.0, 80.0), "it is there at once");
    }
}
