//! Plays a load as it is written: the curve, second by second.

use std::io::Write;
use std::time::Duration;

use super::conductor::{Conductor, Ended, Mark};
use super::error::DriveError;
use crate::load::{Curve, Piece};
use crate::record::Ending;
use crate::units::Rate;

/// Plays `curve` (visits per second) to its end, or until something stops it.
///
/// # Errors
/// The record cannot be written, or a worker is lost.
pub async fn perform<W: Write>(mut conductor: Conductor<'_, W>, curve: &Curve) -> Result<Ended, DriveError> {
    let seconds = cut_by_second(curve);
    let count = seconds.len();
    for pieces in seconds {
        let doing = format!("second {} of {count}", conductor.next_second() + 1);
        let mark = Mark {
            trial: None,
            judged: true,
        };
        let (_, stopped) = conductor.play(&pieces, mark, doing).await?;
        if stopped.is_some() {
            return conductor.finish(stopped, Ending::Complete).await;
        }
    }
    conductor.finish(None, Ending::Complete).await
}

/// The pieces of `curve`, cut so that each list is one second long; the last is filled up with silence.
fn cut_by_second(curve: &Curve) -> Vec<Vec<Piece>> {
    let second = Duration::from_secs(1);
    let mut seconds = Vec::new();
    let mut current = Vec::new();
    let mut room = second;
    for piece in curve.pieces() {
        let mut from = piece.from;
        let mut left = piece.length;
        while !left.is_zero() {
            let length = left.min(room);
            let part = length.as_secs_f64() / left.as_secs_f64();
            let to = Rate::per_second(from.get() + (piece.to.get() - from.get()) * part);
            current.push(Piece { length, from, to });
            (from, left, room) = (to, left - length, room - length);
            if room.is_zero() {
                seconds.push(std::mem::take(&mut current));
                room = second;
            }
        }
    }
    if !current.is_empty() {
        current.push(Piece::hold(Rate::ZERO, room));
        seconds.push(current);
    }
    seconds
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_curve_cut_by_the_second_is_the_same_curve(pieces in prop::collection::vec((0_u64..4_000, 0.0_f64..100.0, 0.0_f64..100.0), 1..6)) {
            let curve = Curve::new(pieces.iter().map(|(millis, from, to)| Piece {
                length: Duration::from_millis(*millis), from: Rate::per_second(*from), to: Rate::per_second(*to),
            }));
            let seconds = cut_by_second(&curve);
            for second in &seconds {
                prop_assert_eq!(second.iter().map(|piece| piece.length).sum::<Duration>(), Duration::from_secs(1));
            }
            let total: f64 = seconds.iter().flatten().map(Piece::total).sum();
            let whole: f64 = curve.pieces().iter().map(Piece::total).sum();
            prop_assert!((total - whole).abs() < 1e-6 * (1.0 + whole));
            prop_assert_eq!(seconds.len() as u64, curve.length().as_millis().div_ceil(1_000) as u64);
        }
    }
}
