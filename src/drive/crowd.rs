//! The closed model: so many visitors are kept walking, each of whom starts anew when its visit ends. What the site does
//! not answer in time is not asked for either, so waiting hides itself here (coordinated omission).

use std::io::Write;
use std::rc::Rc;
use std::time::Duration;

use tokio::task::spawn_local;

use super::conductor::{Conductor, Ended, Mark};
use super::error::DriveError;
use super::worker::Shared;
use crate::load::{Arrival, Crowd};
use crate::record::Ending;
use crate::search::window_end;
use crate::transport::Transport;

/// The name of the event that a record of a closed model has.
const CLOSED_MODEL: &str = "closed_model";
/// How long a visitor waits before it tries again what this machine could not do.
const BREATH: Duration = Duration::from_millis(100);

/// Keeps `crowd` walking to its end, or until something stops it.
///
/// # Errors
/// The record cannot be written, or a worker is lost.
pub async fn accompany<W: Write>(
    mut conductor: Conductor<'_, W>,
    crowd: &Crowd,
) -> Result<Ended, DriveError> {
    conductor.note(
        CLOSED_MODEL,
        "each visitor waits for its answer before it asks again: the load is what the site lets through, and the time \
         that visitors who never came would have waited is missing from the latencies (coordinated omission)",
    )?;
    conductor.gather_crowd(crowd);
    let seconds = crowd.length().as_millis().div_ceil(1_000);
    let mark = Mark {
        trial: None,
        judged: true,
    };
    for second in 0..u32::try_from(seconds).unwrap_or(u32::MAX) {
        let from = match second {
            0 => crate::units::Offset::ZERO,
            later => window_end(later - 1),
        };
        let visitors = crowd.mean(from, window_end(second));
        let doing = format!("second {} of {seconds}", second + 1);
        let (_, stopped) = conductor.play_crowd(visitors, mark, doing).await?;
        if stopped.is_some() {
            return conductor.finish(stopped, Ending::Complete).await;
        }
    }
    conductor.finish(None, Ending::Complete).await
}

/// Lets the visitors of one worker walk: those whose number leaves `index` when divided by `count`.
pub(super) fn let_walk<T: Transport>(
    shared: &Rc<Shared<T>>,
    crowd: &Rc<Crowd>,
    (index, count): (u64, u64),
    in_flight_cap: u64,
) {
    shared.begin_in_no_order();
    let step = usize::try_from(count.max(1)).unwrap_or(usize::MAX);
    for number in (index..crowd.peak()).step_by(step) {
        spawn_local(walk(Rc::clone(shared), Rc::clone(crowd), number, in_flight_cap));
    }
}

/// One visitor: visit after visit, as long as it is wanted.
async fn walk<T: Transport>(shared: Rc<Shared<T>>, crowd: Rc<Crowd>, number: u64, in_flight_cap: u64) {
    let mut seq = number;
    let mut now = shared.clock.now();
    while let Some(start) = crowd.next_start(number, now) {
        if now < start {
            tokio::time::sleep_until(shared.clock.instant(start)).await;
            now = shared.clock.now();
        }
        if shared.is_closed.get() {
            return;
        }
        let lacking = shared.shard.borrow().given_up();
        // There is no schedule to be late for: a visitor is due when it comes.
        let arrival = Arrival { seq, due: now };
        if let Some(lot) = shared.admit(arrival, now, in_flight_cap) {
            Rc::clone(&shared).visit(arrival, lot).await;
        }
        seq = seq.saturating_add(crowd.peak());
        if shared.shard.borrow().given_up() > lacking {
            tokio::time::sleep(BREATH).await;
        } else {
            // Gives way only where many answers were there at once.
            tokio::task::consume_budget().await;
        }
        now = shared.clock.now();
    }
}
