//! What a person reads when a command could not do what was asked: what happened, where, and a hint that mends it.

use std::fmt;
use std::io::Write;

use super::exit::Exit;
use crate::scenario::Problems;

/// A command that could not do what was asked.
#[derive(Debug)]
pub(super) struct Failure {
    exit: Exit,
    message: String,
    hint: Option<String>,
    form: Form,
}

/// How a message reads.
#[derive(Debug)]
enum Form {
    /// What could not be done: "failed to …".
    Attempt,
    /// A sentence of its own.
    Statement,
    /// The problems of a scenario, each with a frame around its line.
    Problems(Problems),
}

impl Failure {
    /// A failure that ends the command with `exit`.
    pub(super) fn new(exit: Exit, message: impl fmt::Display) -> Self {
        Self {
            exit,
            message: message.to_string(),
            hint: None,
            form: Form::Attempt,
        }
    }

    /// A failure whose message is a sentence of its own.
    pub(super) fn stated(exit: Exit, message: impl fmt::Display) -> Self {
        Self {
            form: Form::Statement,
            ..Self::new(exit, message)
        }
    }

    /// A fault of input, output or ours.
    pub(super) fn internal(message: impl fmt::Display) -> Self {
        Self::new(Exit::Internal, message)
    }

    /// A scenario, or what was typed over it, that cannot be played.
    pub(super) fn problems(problems: Problems) -> Self {
        let message = match problems.len() {
            1 => "the scenario has a problem".to_owned(),
            many => format!("the scenario has {many} problems"),
        };
        Self {
            form: Form::Problems(problems),
            ..Self::new(Exit::Usage, message)
        }
    }

    /// Adds what mends it.
    #[must_use]
    pub(super) fn hint(mut self, hint: impl fmt::Display) -> Self {
        self.hint = Some(hint.to_string());
        self
    }

    /// Adds what mends it, where that is known.
    #[must_use]
    pub(super) fn maybe_hint(self, hint: Option<impl fmt::Display>) -> Self {
        match hint {
            Some(hint) => self.hint(hint),
            None => self,
        }
    }

    pub(super) const fn exit(&self) -> Exit {
        self.exit
    }

    /// Prints it: words on stderr, and with `--json` an object on stdout.
    pub(super) fn print(&self, json: bool) {
        let message = match &self.form {
            Form::Attempt => format!("failed to {}", self.message),
            Form::Statement | Form::Problems(_) => self.message.clone(),
        };
        if json {
            let problems = match &self.form {
                Form::Problems(problems) => problems.to_json(),
                _ => serde_json::Value::Null,
            };
            let object = serde_json::json!({
                "error": message, "hint": self.hint, "exit": self.exit as u8, "problems": problems,
            });
            // A reader that has gone has the exit code.
            drop(super::write::print(format!("{object:#}\n").as_bytes()));
        }
        if let Form::Problems(problems) = &self.form {
            say(problems.render(is_coloured()).trim_end());
        } else {
            let red = anstyle::AnsiColor::Red.on_default().bold();
            say(format!("{red}error{red:#}: {message}"));
        }
        if let Some(hint) = &self.hint {
            let cyan = anstyle::AnsiColor::Cyan.on_default().bold();
            say(format!("{cyan}hint{cyan:#}: {hint}"));
        }
    }
}

/// A line of words on stderr. A pipe that is closed is no reason to end.
pub(super) fn say(words: impl fmt::Display) {
    drop(writeln!(anstream::stderr(), "{words}"));
}

/// Whether words on stderr have colours.
pub(super) fn is_coloured() -> bool {
    anstream::AutoStream::choice(&std::io::stderr()) != anstream::ColorChoice::Never
}
