//! Asks the guard, and where it must be, the person.

use std::io::{BufRead, IsTerminal};

use super::exit::Exit;
use super::failure::Failure;
use super::session::Session;
use crate::drive::guard::{self, Permission};
use crate::transport::Pinned;

/// Who authorized the load, where somebody had to.
///
/// # Errors
/// The guard refuses, or nobody says yes to breaking a public site.
pub(super) fn ask(session: &Session<'_>, pinned: &Pinned) -> Result<Option<String>, Failure> {
    let scenario = &session.scenario;
    let consent = &session.consent;
    let today = jiff::Zoned::now().date();
    let asked = guard::Asked::new(scenario, pinned, consent.authorized_by.as_deref(), today);
    let permission = guard::decide(&asked)
        .map_err(|refusal| Failure::new(Exit::Refused, &refusal).maybe_hint(refusal.hint()))?;
    if let Some(question) = needs_answer(&permission, session) {
        confirm(&question)?;
    }
    Ok(permission.authorized_by)
}

fn needs_answer(permission: &Permission, session: &Session<'_>) -> Option<String> {
    let asks = session.command == "find" && !session.consent.yes;
    permission.question.clone().filter(|_| asks)
}

fn confirm(question: &str) -> Result<(), Failure> {
    let refused = || Failure::new(Exit::Refused, format!("start: {question}")).hint("add `--yes` to say so on the command line");
    if !std::io::stdin().is_terminal() {
        return Err(refused());
    }
    anstream::eprint!("{question} Go on? [y/N] ");
    let mut answer = String::new();
    std::io::stdin().lock().read_line(&mut answer).map_err(|_| refused())?;
    if matches!(answer.trim(), "y" | "Y" | "yes" | "j" | "ja") { Ok(()) } else { Err(refused()) }
}
