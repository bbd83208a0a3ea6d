//! The search loop: asks the search, plays a second, tells the search, until it knows.

use std::io::Write;

use super::conductor::{Conductor, Ended, Mark};
use super::error::DriveError;
use super::stop::Stopped;
use crate::record::{Ending, Line, TrialLine};
use crate::search::{Concluded, Move, Search, Windows};

/// Plays what `search` asks for until it is over, or until something stops it.
///
/// # Errors
/// The record cannot be written, or a worker is lost.
pub async fn hunt<W: Write>(
    mut conductor: Conductor<'_, W>,
    search: &mut dyn Search,
) -> Result<Ended, DriveError> {
    let mut windows = Windows::new();
    let mut trial = None;
    let mut stopped: Option<Stopped> = None;
    while let (Move::Offer(offer), None) = (search.next_move(), &stopped) {
        if trial != Some(offer.trial) {
            windows.trial_starts(conductor.next_second());
            trial = Some(offer.trial);
        }
        let mark = Mark {
            trial: Some(offer.trial),
            judged: offer.judged,
        };
        let piece = conductor.piece(offer.from, offer.to);
        let played = conductor.play(&[piece], mark, search.progress()).await?;
        stopped = played.1;
        search.observe(&windows.window(&played.0));
        for concluded in search.concluded() {
            conductor.append(&Line::Trial(line(&concluded)))?;
        }
    }
    let planned = if search.finding().converged {
        Ending::Complete
    } else {
        Ending::Capped
    };
    if planned == Ending::Capped && stopped.is_none() {
        stopped = Some(Stopped {
            rule: "search",
            why: search.finding().why,
        });
    }
    conductor.finish(stopped, planned).await
}

fn line(concluded: &Concluded) -> TrialLine {
    TrialLine {
        trial: concluded.trial,
        phase: concluded.phase.to_string(),
        rate: concluded.rate.get(),
        from: concluded.from,
        judged_from: concluded.judged_from,
        until: concluded.until,
        verdict: concluded.verdict.to_string(),
        why: concluded.why.clone(),
    }
}
