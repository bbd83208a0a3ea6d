//! The hours of a day: what comes anyway comes more by day than by night, and the days before a send say how much.

use super::counts::{BEFORE, Bin, Counts};

const DAY: f64 = 86_400.0;
const HOUR: f64 = 3_600.0;
/// Fewer visits than this in an average hour say nothing about its share of a day.
const LEAST: f64 = 20.0;

/// How busy each hour of the day is against the mean, counted from the time of day of the send.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Day([f64; 24]);

impl Day {
    /// Every hour as busy as every other.
    pub(super) const EVEN: Day = Day([1.0; 24]);

    /// The day that `counts` show in the whole days of a log that begins at `from`; an even one where there is none, or
    /// too few visits.
    pub(super) fn of(counts: &Counts, from: f64) -> Self {
        let days = ((-from / DAY).floor()).clamp(0.0, BEFORE / DAY);
        let total = counts.between(-days * DAY, 0.0);
        if days < 1.0 || total < LEAST * 24.0 * days {
            return Self::EVEN;
        }
        let mut hours = [0.0; 24];
        for (hour, share) in hours.iter_mut().enumerate() {
            let mut day = 1.0;
            while day <= days {
                let start = -day * DAY + hour as f64 * HOUR;
                *share += counts.between(start, start + HOUR);
                day += 1.0;
            }
            *share *= 24.0 / total;
        }
        Self(hours)
    }

    /// The busiest and the quietest hour against the mean.
    pub(super) fn swing(&self) -> (f64, f64) {
        self.0.iter().fold((f64::INFINITY, 0.0), |(low, high), share| {
            (share.min(low), share.max(high))
        })
    }

    /// The length of a stretch of time in seconds of an average hour.
    pub(super) fn exposure(&self, from: f64, to: f64) -> f64 {
        let mut sum = 0.0;
        let mut at = from;
        while at < to {
            let hour = (at / HOUR).floor();
            let until = ((hour + 1.0) * HOUR).min(to);
            let share = self.0[(hour.rem_euclid(24.0)) as usize % 24];
            sum += share * (until - at);
            at = until;
        }
        sum
    }

    /// Gives each bin its exposure.
    pub(super) fn expose(&self, bins: &mut [Bin]) {
        for bin in bins {
            bin.exposure = self.exposure(bin.from, bin.to);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_that_is_known_repeats_itself() {
        let mut counts = Counts::new();
        // Three times as busy in the twelve hours before the send as in the twelve before them, both days.
        for second in 0..(2 * 86_400_u32) {
            let at = f64::from(second) - 2.0 * DAY;
            let is_busy = second % 86_400 >= 43_200;
            if second % 30 == 0 || (is_busy && second % 30 < 3) {
                counts.add(at);
            }
        }
        let day = Day::of(&counts, -BEFORE);
        let (quiet, busy) = (day.exposure(0.0, 43_200.0), day.exposure(43_200.0, 86_400.0));
        assert!((busy / quiet - 3.0).abs() < 0.01, "{busy} {quiet}");
        assert!((day.exposure(-DAY, 5.0 * DAY) / (6.0 * DAY) - 1.0).abs() < 1e-6);
        assert_eq!(Day::of(&counts, -3_000.0), Day::EVEN);
        assert_eq!(Day::of(&Counts::new(), -BEFORE), Day::EVEN);
    }
}
