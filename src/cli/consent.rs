//! Asks the guard, and where it must be, the person.

use std::io::{BufRead, IsTerminal};

use super::exit::Exit;
use super::failure::Failure;
use super::session::Session;
use crate::drive::guard::{self, Question};
use crate::search::Settings;
use crate::transport::Pinned;

/// Who authorized the load, where somebody had to.
///
/// # Errors
/// The guard refuses, or nobody says yes to breaking a public site.
pub(super) fn ask(session: &Session<'_>, pinned: &Pinned, proxied: bool) -> Result<Option<String>, Failure> {
    let scenario = &session.scenario;
    let searches = session.command == "find" || session.command == "demo";
    let question = Question {
        target: &scenario.target,
        journeys: &scenario.journeys,
        pinned,
        authorization: scenario.authorization.as_ref(),
        authorized_by: session.consent.authorized_by.as_deref(),
        proxied,
        side_effects: scenario.side_effects,
        seconds_above: searches.then(|| Settings::new(&scenario.search).most_seconds_above),
        today: jiff::tz::TimeZone::system()
            .to_datetime(jiff::Timestamp::now())
            .date(),
    };
    let permission = guard::decide(&question)
        .map_err(|refusal| Failure::stated(Exit::Refused, &refusal).hint(refusal.hint()))?;
    match permission.needs_yes {
        Some(warning) if searches && !session.consent.yes => confirm(&warning)?,
        _ => {}
    }
    Ok(permission.authorized_by)
}

fn confirm(question: &str) -> Result<(), Failure> {
    let refused = || {
        Failure::stated(Exit::Refused, format!("not started: {question}"))
            .hint("if that is meant, add `--yes`")
    };
    if !std::io::stdin().is_terminal() {
        return Err(refused());
    }
    anstream::eprint!("{question}.\nGo on? [y/N] ");
    let mut answer = String::new();
    std::io::stdin()
        .lock()
        .read_line(&mut answer)
        .map_err(|_| refused())?;
    if matches!(answer.trim(), "y" | "Y" | "yes" | "j" | "ja") {
        Ok(())
    } else {
        Err(refused())
    }
}
