//! A rate over time, in straight pieces: its value, its integral, and the inverse of that integral.

use std::time::Duration;

use crate::units::{Offset, Rate};

/// A stretch of time over which the rate moves in a straight line.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Piece {
    /// How long it lasts.
    pub length: Duration,
    /// The rate at its start, in visits per second.
    pub from: Rate,
    /// The rate at its end, in visits per second.
    pub to: Rate,
}

impl Piece {
    /// `rate` for `length`.
    pub const fn hold(rate: Rate, length: Duration) -> Self {
        Self {
            length,
            from: rate,
            to: rate,
        }
    }

    /// Arrivals expected from its start until `elapsed` seconds in: ∫(f + (t − f)·s/L) ds = f·s + (t − f)·s²/(2L).
    pub fn integral(&self, elapsed: f64) -> f64 {
        let length = self.length.as_secs_f64();
        let elapsed = elapsed.clamp(0.0, length);
        let slope = if length > 0.0 {
            (self.to.get() - self.from.get()) / length
        } else {
            0.0
        };
        self.from.get() * elapsed + slope * elapsed * elapsed / 2.0
    }

    /// Arrivals expected over all of it.
    pub fn total(&self) -> f64 {
        (self.from.get() + self.to.get()) / 2.0 * self.length.as_secs_f64()
    }

    /// Seconds in at which `arrivals` are expected: the inverse of [`Piece::integral`]. Nothing where it is more than
    /// the piece holds.
    pub fn inverse(&self, arrivals: f64) -> Option<f64> {
        if arrivals > self.total() || self.total() <= 0.0 {
            return None;
        }
        let length = self.length.as_secs_f64();
        let from = self.from.get();
        let slope = (self.to.get() - from) / length;
        // The root of slope/2·s² + from·s − arrivals that stays exact where the slope is zero:
        // s = 2a / (f + √(f² + 2·slope·a)).
        let root = (from * from + 2.0 * slope * arrivals).max(0.0).sqrt();
        let seconds = if from + root > 0.0 {
            2.0 * arrivals / (from + root)
        } else {
            0.0
        };
        Some(seconds.clamp(0.0, length))
    }
}

/// A rate over time: pieces, one after the other. Before and after them the rate is zero.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Curve {
    pieces: Vec<Piece>,
}

impl Curve {
    /// The curve of these pieces.
    pub fn new(pieces: impl IntoIterator<Item = Piece>) -> Self {
        Self {
            pieces: pieces.into_iter().collect(),
        }
    }

    /// Its pieces, in order.
    pub fn pieces(&self) -> &[Piece] {
        &self.pieces
    }

    /// How long it lasts.
    pub fn length(&self) -> Duration {
        self.pieces.iter().map(|piece| piece.length).sum()
    }

    /// Arrivals expected over all of it.
    pub fn total(&self) -> f64 {
        self.pieces.iter().map(Piece::total).sum()
    }

    /// The rate at `at`, in visits per second; where two pieces meet, that of the later one.
    pub fn rate_at(&self, at: Offset) -> Rate {
        let mut start = 0.0;
        let at = at.as_secs_f64();
        for piece in &self.pieces {
            let length = piece.length.as_secs_f64();
            if at < start + length {
                let part = (at - start) / length;
                return Rate::per_second(piece.from.get() + (piece.to.get() - piece.from.get()) * part);
            }
            start += length;
        }
        Rate::ZERO
    }

    /// Arrivals expected from the start until `at`.
    pub fn integral(&self, at: Offset) -> f64 {
        let mut left = at.as_secs_f64();
        let mut sum = 0.0;
        for piece in &self.pieces {
            sum += piece.integral(left);
            left -= piece.length.as_secs_f64();
            if left <= 0.0 {
                break;
            }
        }
        sum
    }

    /// The highest rate that it reaches.
    pub fn peak(&self) -> Rate {
        self.pieces
            .iter()
            .flat_map(|piece| [piece.from, piece.to])
            .fold(Rate::ZERO, |peak, rate| if rate > peak { rate } else { peak })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn curve() -> impl Strategy<Value = Curve> {
        prop::collection::vec((1_u64..5_000, 0.0_f64..500.0, 0.0_f64..500.0), 1..6).prop_map(|pieces| {
            Curve::new(pieces.into_iter().map(|(millis, from, to)| Piece {
                length: Duration::from_millis(millis),
                from: Rate::per_second(from),
                to: Rate::per_second(to),
            }))
        })
    }

    proptest! {
        #[test]
        fn the_inverse_undoes_the_integral(millis in 1_u64..100_000, from in 0.0_f64..1_000.0, to in 0.0_f64..1_000.0, part in 0.0_f64..1.0) {
            let piece = Piece { length: Duration::from_millis(millis), from: Rate::per_second(from), to: Rate::per_second(to) };
            let arrivals = piece.total() * part;
            let seconds = piece.inverse(arrivals).unwrap();
            prop_assert!((piece.integral(seconds) - arrivals).abs() <= 1e-6 * (1.0 + arrivals));
        }

        #[test]
        fn the_integral_agrees_with_a_slow_sum(curve in curve(), part in 0.0_f64..1.1) {
            let until = curve.length().as_secs_f64() * part;
            let steps = 20_000;
            let width = until / f64::from(steps);
            let sum: f64 = (0..steps).map(|i| curve.rate_at(Offset::from_secs_f64((f64::from(i) + 0.5) * width)).get() * width).sum();
            let exact = curve.integral(Offset::from_secs_f64(until));
            prop_assert!((exact - sum).abs() <= 0.002 * exact + 0.5, "{exact} against {sum}");
        }
    }
}
