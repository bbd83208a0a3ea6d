//! A status page, read once a second: over HTTP on a connection of its own, or from a program.

use std::time::Duration;

use tokio::io::AsyncReadExt;
use tokio::time::{Instant, MissedTickBehavior, interval, timeout};

use super::program::start;
use super::{Shared, StatusPage};
use crate::diagnosis::{LONGEST_STATUS, gauges};
use crate::record::Class;
use crate::scenario::Feed;
use crate::transport::{Ended, HttpTransport, Look, RunClock, Transport};

/// How often.
const EACH: Duration = Duration::from_secs(1);
/// A page that takes longer tells of another second.
const WAIT: Duration = Duration::from_secs(3);

/// Asks for the page of `asked` each second.
pub(super) async fn ask(asked: StatusPage, metrics: Vec<String>, seen: Shared) {
    let clock = RunClock::starting_at(Instant::now());
    let transport = HttpTransport::new(asked.settings, clock);
    let mut visitor = transport.visitor();
    let mut request = asked.request;
    request.look = Look::Body(LONGEST_STATUS);
    let mut ticks = interval(EACH);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Skip);
    loop {
        ticks.tick().await;
        let Ok(answer) = timeout(WAIT, transport.play(&mut visitor, &request)).await else {
            seen.borrow_mut().fails("the status page does not answer in 3 s");
            visitor = transport.visitor();
            continue;
        };
        match (answer.ended, answer.inside) {
            (Ended::Site(Class::Status(200)), Some(inside)) => read(&inside.body, &metrics, &seen),
            (Ended::Site(class), _) => seen
                .borrow_mut()
                .fails(format!("the status page answers {class}")),
            (Ended::Ours(reason), _) => {
                seen.borrow_mut().fails(format!(
                    "the status page is not read, for a reason of this machine: {reason}"
                ));
            }
        }
    }
}

/// Starts the program of `feed` each second and reads what it prints.
pub(super) async fn run(feed: Feed, metrics: Vec<String>, seen: Shared) {
    let mut ticks = interval(EACH);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Skip);
    loop {
        ticks.tick().await;
        match timeout(WAIT, printed(&feed)).await {
            Ok(Ok(page)) => read(&page, &metrics, &seen),
            Ok(Err(error)) => seen.borrow_mut().fails(format!("`{feed}`: {error}")),
            Err(_) => seen.borrow_mut().fails(format!("`{feed}` prints nothing in 3 s")),
        }
    }
}

async fn printed(feed: &Feed) -> std::io::Result<Vec<u8>> {
    let mut running = start(feed)?;
    let mut page = Vec::new();
    if let Some(out) = running.child.stdout.take() {
        out.take(LONGEST_STATUS as u64).read_to_end(&mut page).await?;
    }
    let status = running.child.wait().await?;
    running.group = None;
    if status.success() {
        Ok(page)
    } else {
        Err(std::io::Error::other(format!("it ended with {status}")))
    }
}

fn read(page: &[u8], metrics: &[String], seen: &Shared) {
    let mut seen = seen.borrow_mut();
    match gauges(page, metrics) {
        Some(found) => seen.gauges = found,
        None => seen.fails("it is no status page of a known kind"),
    }
}
