//! php-fpm's own log, and PHP's error log, which share the time in brackets.

use super::super::cause::{Cause, CauseSet};
use super::super::product::Product;
use super::stamp::Stamp;
use super::{Outcome, Says, applications, has, has_any};

/// What a line says.
pub(super) fn read(line: &[u8], at: Option<Stamp>) -> Outcome {
    let said = |cause, says| Outcome::said(Product::PhpFpm, cause, says, at);
    if has(line, "server reached max_children") || has(line, "server reached pm.max_children") {
        return said(Cause::WorkerLimit, Says::Why);
    }
    if has(line, "execution timed out") {
        return said(Cause::WorkerKilled, Says::Why);
    }
    if has(line, "exited on signal") {
        // The signal that ends what ran too long was announced by the line before.
        let is_announced = has_any(line, &["signal 15", "SIGTERM"]);
        let says = match is_announced {
            true => Says::Hint(CauseSet::of(&[Cause::WorkerKilled])),
            false => Says::Why,
        };
        return said(Cause::WorkerKilled, says);
    }
    if has(line, "executing too slow") {
        return said(Cause::BackendSlow, Says::Why);
    }
    if has_any(
        line,
        &[
            "Too many open files",
            "Cannot allocate memory",
            "unable to fork",
            "fork() failed",
        ],
    ) {
        return said(Cause::GatewayExhausted, Says::Why);
    }
    // A gateway that reads what a script writes to stderr logs it too.
    match applications::php(line) {
        Some(cause) if has(line, "said into stderr") => said(cause, Says::Hint(CauseSet::of(&[cause]))),
        Some(cause) => said(cause, Says::Why),
        None => Outcome::Silent,
    }
}
