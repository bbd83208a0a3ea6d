//! How many visitors are to be walking at any time: the closed model. A visitor starts anew when its visit ends, so the
//! load is whatever the site lets through.

use std::time::Duration;

use crate::units::Offset;

/// A stretch of time over which the number of visitors moves in a straight line.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CrowdPiece {
    /// How long it lasts; zero for a jump.
    pub length: Duration,
    /// Visitors at its start.
    pub from: f64,
    /// Visitors at its end.
    pub to: f64,
}

/// A number of visitors over time: pieces, one after the other. Before and after them there is nobody.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Crowd {
    pieces: Vec<CrowdPiece>,
}

impl Crowd {
    /// The crowd of these pieces.
    pub fn new(pieces: impl IntoIterator<Item = CrowdPiece>) -> Self {
        Self {
            pieces: pieces.into_iter().collect(),
        }
    }

    /// `visitors` for `length`.
    pub fn hold(visitors: u32, length: Duration) -> Self {
        let visitors = f64::from(visitors);
        Self::new([CrowdPiece {
            length,
            from: visitors,
            to: visitors,
        }])
    }

    /// Its pieces, in order.
    pub fn pieces(&self) -> &[CrowdPiece] {
        &self.pieces
    }

    /// Whether it has no pieces at all.
    pub fn is_empty(&self) -> bool {
        self.pieces.is_empty()
    }

    /// How long it lasts.
    pub fn length(&self) -> Duration {
        self.pieces.iter().map(|piece| piece.length).sum()
    }

    /// The most visitors at any time.
    pub fn peak(&self) -> u64 {
        let lasting = self.pieces.iter().filter(|piece| !piece.length.is_zero());
        lasting
            .flat_map(|piece| [piece.from, piece.to])
            .fold(0.0, f64::max)
            .round() as u64
    }

    /// The number of visitors on average from `from` to `until`; the time outside the crowd counts as nobody.
    pub fn mean(&self, from: Offset, until: Offset) -> f64 {
        let (from, until) = (from.as_secs_f64(), until.as_secs_f64());
        let mut start = 0.0;
        let mut area = 0.0;
        for piece in &self.pieces {
            let length = piece.length.as_secs_f64();
            let (low, high) = ((from - start).max(0.0), (until - start).min(length));
            if low < high {
                area += (high - low) * piece.at((low + high) / 2.0);
            }
            start += length;
        }
        if until > from { area / (until - from) } else { 0.0 }
    }

    /// When visitor `number` (from 0) may begin a visit, from `from` on: as soon as more than `number` and a half are
    /// wanted, so that the number of visitors is the nearest to what is wanted. Nothing where that never comes again.
    pub fn next_start(&self, number: u64, from: Offset) -> Option<Offset> {
        let wanted = number as f64 + 0.5;
        let from = from.as_secs_f64();
        let mut start = 0.0;
        for piece in &self.pieces {
            let length = piece.length.as_secs_f64();
            let elapsed = (from - start).max(0.0);
            if elapsed < length {
                if piece.at(elapsed) > wanted {
                    return Some(Offset::from_secs_f64(start + elapsed));
                }
                if piece.to > wanted {
                    // It rises through `wanted` within the piece, after `elapsed`.
                    let crossing = length * (wanted - piece.from) / (piece.to - piece.from);
                    return Some(Offset::from_secs_f64(start + crossing.max(elapsed)));
                }
            }
            start += length;
        }
        None
    }
}

impl CrowdPiece {
    /// Visitors `elapsed` seconds in.
    fn at(&self, elapsed: f64) -> f64 {
        self.from + (self.to - self.from) * elapsed / self.length.as_secs_f64()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn crowd() -> impl Strategy<Value = Crowd> {
        prop::collection::vec((0_u64..4_000, 0_u32..40, 0_u32..40), 1..6).prop_map(|pieces| {
            Crowd::new(pieces.into_iter().map(|(millis, from, to)| CrowdPiece {
                length: Duration::from_millis(millis),
                from: f64::from(from),
                to: f64::from(to),
            }))
        })
    }

    /// Visitors wanted at `at`, the slow way.
    fn size(crowd: &Crowd, at: f64) -> f64 {
        let mut start = 0.0;
        for piece in crowd.pieces() {
            let length = piece.length.as_secs_f64();
            if at < start + length {
                return piece.at(at - start);
            }
            start += length;
        }
        0.0
    }

    #[test]
    fn a_held_crowd_has_exactly_its_visitors_until_its_end() {
        let crowd = Crowd::hold(64, Duration::from_secs(10));
        assert_eq!((crowd.peak(), crowd.length()), (64, Duration::from_secs(10)));
        let last = Offset::from_millis(9_999);
        assert_eq!(crowd.next_start(63, last), Some(last));
        assert_eq!(crowd.next_start(64, Offset::ZERO), None);
        assert_eq!(crowd.next_start(0, Offset::from_secs(10)), None);
        assert!((crowd.mean(Offset::from_secs(9), Offset::from_secs(11)) - 32.0).abs() < 1e-9);
    }

    #[test]
    fn a_jump_brings_all_its_visitors_at_once() {
        let jump = CrowdPiece {
            length: Duration::ZERO,
            from: 0.0,
            to: 8.0,
        };
        let hold = CrowdPiece {
            length: Duration::from_secs(1),
            from: 8.0,
            to: 8.0,
        };
        assert_eq!(
            Crowd::new([jump, hold]).next_start(7, Offset::ZERO),
            Some(Offset::ZERO)
        );
        assert_eq!(Crowd::new([jump]).next_start(0, Offset::ZERO), None);
        assert_eq!(Crowd::new([jump]).peak(), 0);
    }

    proptest! {
        #[test]
        fn a_visitor_starts_at_the_first_moment_at_which_it_is_wanted(crowd in crowd(), number in 0_u64..45, from in 0_u64..12_000) {
            let wanted = number as f64 + 0.5;
            let end = crowd.length().as_secs_f64();
            let step = 0.001;
            let slow = (0..=(end / step) as u64 + 1)
                .map(|index| from as f64 / 1e3 + index as f64 * step)
                .find(|at| size(&crowd, *at) > wanted);
            let fast = crowd.next_start(number, Offset::from_millis(from)).map(|at| at.as_secs_f64());
            match (slow, fast) {
                (Some(slow), Some(fast)) => prop_assert!((slow - fast).abs() <= 2.0 * step, "{slow} against {fast}"),
                (None, Some(fast)) => prop_assert!(size(&crowd, fast + 1e-7) >= wanted - 1e-3 || fast + step >= end),
                (Some(slow), None) => prop_assert!(false, "it starts at {slow}"),
                (None, None) => {}
            }
        }

        #[test]
        fn the_mean_agrees_with_a_slow_sum(crowd in crowd(), from in 0_u64..10_000, length in 1_u64..3_000) {
            let (from, until) = (Offset::from_millis(from), Offset::from_millis(from + length));
            let parts = 3_000;
            let width = length as f64 / 1e3 / f64::from(parts);
            let sum: f64 = (0..parts).map(|part| size(&crowd, from.as_secs_f64() + (f64::from(part) + 0.5) * width)).sum();
            prop_assert!((crowd.mean(from, until) - sum / f64::from(parts)).abs() < 0.1);
        }
    }
}
