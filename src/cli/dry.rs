//! `tipover run --dry-run`: what would be played, and nothing is.

use super::exit::Exit;
use super::failure::Failure;
use super::plays::Plays;
use super::session::Session;
use super::write;

/// Pages of a log that are listed before it is played; all of them in a dry run.
pub(super) const LISTED: usize = 20;

/// Says what `session` would play.
pub(super) fn run(session: &Session<'_>) -> Result<Exit, Failure> {
    // What cannot be played is refused here too.
    session.plays.script(session.command, &session.scenario, "dry")?;
    if session.voice.json {
        return write::print(format!("{:#}\n", json(session)).as_bytes());
    }
    let text = match &session.plays {
        Plays::Log(replay) => replay.listing(usize::MAX),
        _ => super::announce::load_alone(session),
    };
    write::print(text.as_bytes())
}

fn json(session: &Session<'_>) -> serde_json::Value {
    let load = &session.scenario.load;
    let seconds = load.length().as_secs_f64();
    match &session.plays {
        Plays::Log(replay) => replay.json(),
        Plays::Campaign(played) => serde_json::json!({
            "plays": "campaign",
            "campaign": played.line,
            "seconds": seconds,
            "highest_visits_per_second": load.curve.peak().get(),
            "highest_scanner_requests_per_second": played.scanners.peak().get(),
        }),
        Plays::Load => serde_json::json!({
            "plays": if load.crowd.is_empty() { "stages" } else { "visitors" },
            "seconds": seconds,
            "highest_visits_per_second": load.curve.peak().get(),
            "most_visitors": load.crowd.peak(),
        }),
    }
}
