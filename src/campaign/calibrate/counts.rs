//! Counts over time around the send, in slots of ten seconds: two days before it until eight days after.

/// The width of a slot, in seconds.
const SLOT: f64 = 10.0;
/// How far back counts reach, in seconds before the send.
pub(super) const BEFORE: f64 = 2.0 * 86_400.0;
/// How far they reach after it.
pub(super) const AFTER: f64 = 8.0 * 86_400.0;

/// A stretch of time and what was counted in it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Bin {
    /// Its start, in seconds after the send; before it, negative.
    pub(super) from: f64,
    /// Its end.
    pub(super) to: f64,
    /// How many.
    pub(super) count: f64,
    /// Its length in seconds of an average time of day: more at noon, less at night, where the days before are known.
    pub(super) exposure: f64,
}

/// Counts in slots.
#[derive(Debug, Clone)]
pub(super) struct Counts {
    slots: Vec<u32>,
}

impl Counts {
    pub(super) fn new() -> Self {
        Self {
            slots: vec![0; ((BEFORE + AFTER) / SLOT) as usize],
        }
    }

    /// One more at `seconds` after the send; outside of the days that are looked at it is not counted.
    pub(super) fn add(&mut self, seconds: f64) {
        self.add_many(seconds, 1);
    }

    /// `count` more at `seconds` after the send.
    pub(super) fn add_many(&mut self, seconds: f64, count: u32) {
        if (-BEFORE..AFTER).contains(&seconds)
            && let Some(slot) = self.slots.get_mut(((seconds + BEFORE) / SLOT) as usize)
        {
            *slot = slot.saturating_add(count);
        }
    }

    /// How many between two times; they are rounded to whole slots.
    pub(super) fn between(&self, from: f64, to: f64) -> f64 {
        let slot = |seconds: f64| {
            let at = ((seconds + BEFORE) / SLOT).round().max(0.0) as usize;
            at.min(self.slots.len())
        };
        let (from, to) = (slot(from), slot(to));
        if from >= to {
            return 0.0;
        }
        self.slots[from..to].iter().map(|count| f64::from(*count)).sum()
    }

    /// The slot by slot sum of two counts.
    pub(super) fn plus(mut self, other: &Counts) -> Self {
        for (slot, more) in self.slots.iter_mut().zip(&other.slots) {
            *slot = slot.saturating_add(*more);
        }
        self
    }

    /// Bins from `from` to `to`: ten minutes each before the send; after it a slot each at first, then growing by 3 % of
    /// the time since the send, which keeps the shape of a curve that slows down.
    pub(super) fn bins(&self, from: f64, to: f64) -> Vec<Bin> {
        let mut bins = Vec::new();
        let mut at = (from / SLOT).ceil() * SLOT;
        let end = (to / SLOT).floor() * SLOT;
        while at < end {
            let width = if at < 0.0 {
                600.0_f64.min(-at)
            } else {
                SLOT.max((at * 0.03 / SLOT).round() * SLOT)
            };
            let until = (at + width).min(end);
            bins.push(Bin {
                from: at,
                to: until,
                count: self.between(at, until),
                exposure: until - at,
            });
            at = until;
        }
        bins
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn bins_hold_every_count_once(times in prop::collection::vec(-170_000.0_f64..600_000.0, 0..300)) {
            let mut counts = Counts::new();
            times.iter().for_each(|time| counts.add(*time));
            let bins = counts.bins(-BEFORE, AFTER);
            prop_assert_eq!(bins.iter().map(|bin| bin.count).sum::<f64>() as usize, times.len());
            prop_assert!(bins.windows(2).all(|pair| pair[0].to == pair[1].from));
            prop_assert!(bins.iter().all(|bin| bin.to > bin.from && (bin.from >= 0.0) == (bin.to > 0.0)));
            prop_assert!(bins.len() < 1_000);
        }

        #[test]
        fn any_time_is_counted_or_left_out(time in any::<f64>()) {
            let mut counts = Counts::new();
            counts.add(time);
            let is_near = (-BEFORE..AFTER).contains(&time);
            prop_assert_eq!(counts.between(-BEFORE, AFTER) > 0.0, is_near);
        }
    }
}
