//! Arrivals as they once came, each with what it asked for: the timing of a log, played as it is.

use std::time::Duration;

use super::Arrival;
use crate::units::Offset;

/// Arrivals in the order of time, each with the number of what it asks for.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Tape {
    entries: Vec<(Offset, u32)>,
}

impl Tape {
    /// These arrivals, in whatever order; those of one moment keep theirs.
    pub fn new(mut entries: Vec<(Offset, u32)>) -> Self {
        entries.sort_by_key(|(due, _)| *due);
        Self { entries }
    }

    /// How many arrivals there are.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Until the last arrival.
    pub fn length(&self) -> Duration {
        self.entries
            .last()
            .map_or(Duration::ZERO, |(due, _)| due.since(Offset::ZERO))
    }

    /// The arrival with the number `seq`, from 0.
    pub fn arrival(&self, seq: u64) -> Option<Arrival> {
        let (due, _) = self.entries.get(usize::try_from(seq).ok()?)?;
        Some(Arrival { seq, due: *due })
    }

    /// What the arrival with the number `seq` asks for.
    pub fn asked_by(&self, seq: u64) -> Option<u32> {
        let (_, asked) = self.entries.get(usize::try_from(seq).ok()?)?;
        Some(*asked)
    }

    /// How many arrive from `from` on and before `until`.
    pub fn count_between(&self, from: Offset, until: Offset) -> usize {
        let before = |at: Offset| self.entries.partition_point(|(due, _)| *due < at);
        before(until).saturating_sub(before(from))
    }

    /// The most arrivals in a second of the run.
    pub fn busiest_second(&self) -> usize {
        let seconds = self
            .entries
            .chunk_by(|(one, _), (other, _)| one.second() == other.second());
        seconds.map(<[_]>::len).max().unwrap_or(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_tape_is_in_order_and_every_second_counts_its_own(millis in prop::collection::vec(0_u64..20_000, 0..200)) {
            let tape = Tape::new(millis.iter().zip(0..).map(|(at, asked)| (Offset::from_millis(*at), asked)).collect());
            let dues: Vec<Offset> = (0..).map_while(|seq| tape.arrival(seq)).map(|arrival| arrival.due).collect();
            prop_assert_eq!(dues.len(), millis.len());
            prop_assert!(dues.windows(2).all(|pair| pair[0] <= pair[1]));
            let counts: Vec<usize> = (0..21).map(|second| tape.count_between(Offset::from_secs(second), Offset::from_secs(second + 1))).collect();
            prop_assert_eq!(counts.iter().sum::<usize>(), millis.len());
            prop_assert_eq!(counts.into_iter().max().unwrap_or(0), tape.busiest_second());
            for seq in 0..tape.len() as u64 {
                let asked = tape.asked_by(seq).unwrap() as usize;
                prop_assert_eq!(Offset::from_millis(millis[asked]), tape.arrival(seq).unwrap().due);
            }
        }
    }
}
