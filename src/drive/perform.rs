//! Plays a load as it is written: a curve, a campaign with its link scanners, or a tape, second by second.

use std::io::Write;
use std::sync::Arc;
use std::time::Duration;

use super::conductor::{Conductor, Ended, Mark};
use super::error::DriveError;
use crate::load::{Curve, Piece, Tape};
use crate::record::{CampaignLine, Ending, Line};
use crate::units::{Offset, Rate};

/// What every second of a written load is for.
const JUDGED: Mark = Mark {
    trial: None,
    judged: true,
};

/// Plays `curve` (visits per second) to its end, or until something stops it.
///
/// # Errors
/// The record cannot be written, or a worker is lost.
pub async fn perform<W: Write>(mut conductor: Conductor<'_, W>, curve: &Curve) -> Result<Ended, DriveError> {
    let seconds = cut_by_second(curve);
    let count = seconds.len();
    for pieces in seconds {
        let doing = format!("second {} of {count}", conductor.next_second() + 1);
        let (_, stopped) = conductor.play(&pieces, JUDGED, doing).await?;
        if stopped.is_some() {
            return conductor.finish(stopped, Ending::Complete).await;
        }
    }
    conductor.finish(None, Ending::Complete).await
}

/// Plays the people of a campaign (visits per second) beside its link scanners (pages per second), from the same moment
/// to the end of both, or until something stops it.
///
/// # Errors
/// The record cannot be written, or a worker is lost.
pub async fn perform_campaign<W: Write>(
    mut conductor: Conductor<'_, W>,
    (people, scanners): (&Curve, &Curve),
    campaign: &CampaignLine,
) -> Result<Ended, DriveError> {
    conductor.append(&Line::Campaign(campaign.clone()))?;
    let (mut people, mut scanners) = (cut_by_second(people), cut_by_second(scanners));
    let count = people.len().max(scanners.len());
    let silence = vec![Piece::hold(Rate::ZERO, Duration::from_secs(1))];
    people.resize(count, silence.clone());
    scanners.resize(count, silence);
    for (people, scanners) in people.iter().zip(&scanners) {
        let after = campaign.begins_at + f64::from(conductor.next_second()) + 1.0;
        let doing = format!("{}, {after:.0} s after its start", campaign.name);
        let played = conductor
            .play_beside_scanners(people, scanners, JUDGED, doing)
            .await?;
        if let (_, Some(stopped)) = played {
            return conductor.finish(Some(stopped), Ending::Complete).await;
        }
    }
    conductor.finish(None, Ending::Complete).await
}

/// Plays `tape` to its end, or until something stops it.
///
/// # Errors
/// The record cannot be written, or a worker is lost.
pub async fn perform_tape<W: Write>(
    mut conductor: Conductor<'_, W>,
    tape: &Arc<Tape>,
) -> Result<Ended, DriveError> {
    conductor.put_in(tape);
    let seconds = tape.length().as_secs() + 1;
    for second in 0..seconds {
        let (from, until) = (Offset::from_secs(second), Offset::from_secs(second + 1));
        let pages = tape.count_between(from, until) as f64;
        let doing = format!("second {} of {seconds} of the log", second + 1);
        let (_, stopped) = conductor.play_tape(pages, JUDGED, doing).await?;
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
