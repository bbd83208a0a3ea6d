//! What a person reads when a command could not do what was asked: what happened, where, and a hint that mends it.

use std::fmt;

use super::exit::Exit;

/// A command that could not do what was asked.
#[derive(Debug)]
pub(super) struct Failure {
    exit: Exit,
    message: String,
    hint: Option<String>,
    /// Whether the message is a finished picture of its own, such as a frame around a scenario's lines.
    framed: bool,
}

impl Failure {
    /// A failure that ends the command with `exit`.
    pub(super) fn new(exit: Exit, message: impl fmt::Display) -> Self {
        Self {
            exit,
            message: message.to_string(),
            hint: None,
            framed: false,
        }
    }

    /// A fault of input, output or ours.
    pub(super) fn internal(message: impl fmt::Display) -> Self {
        Self::new(Exit::Internal, message)
    }

    /// A failure whose text is complete as it is.
    pub(super) fn framed(exit: Exit, text: impl fmt::Display) -> Self {
        Self {
            framed: true,
            ..Self::new(exit, text)
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
        if json {
            let object =
                serde_json::json!({ "error": self.message, "hint": self.hint, "exit": self.exit as u8 });
            anstream::println!("{object}");
        }
        if self.framed {
            anstream::eprintln!("{}", self.message.trim_end());
        } else {
            let red = anstyle::AnsiColor::Red.on_default().bold();
            anstream::eprintln!("{red}error{red:#}: failed to {}", self.message);
        }
        if let Some(hint) = &self.hint {
            let cyan = anstyle::AnsiColor::Cyan.on_default().bold();
            anstream::eprintln!("{cyan}hint{cyan:#}: {hint}");
        }
    }
}
