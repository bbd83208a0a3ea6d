//! What was typed → library calls → exit code. Data goes to stdout, words go to stderr.

mod arguments;
mod check;
mod consent;
mod demo;
mod exit;
mod failure;
mod folder;
mod live;
mod play;
mod render;
mod session;
mod signals;
mod write;

use std::process::ExitCode;

use clap::Parser;

use arguments::{Arguments, Command, Voice};
use exit::Exit;
use failure::Failure;

/// Runs the command line of this process, and says how it ended.
pub fn run() -> ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => {
            let asked = !error.use_stderr();
            // A closed pipe is no failure of ours.
            drop(error.print());
            return ExitCode::from(if asked { Exit::Success } else { Exit::Usage } as u8);
        }
    };
    trace(&arguments.voice);
    let exit = match execute(arguments.command, &arguments.voice) {
        Ok(exit) => exit,
        Err(failure) => {
            failure.print(arguments.voice.json);
            failure.exit()
        }
    };
    ExitCode::from(exit as u8)
}

fn execute(command: Command, voice: &Voice) -> Result<Exit, Failure> {
    match command {
        Command::Demo(asked) => demo::demo(&asked, voice),
        Command::Find(asked) => play::find(&asked, voice),
        Command::Run(asked) => play::run(&asked, voice),
        Command::Check(asked) => check::check(&asked, voice),
        Command::Report(asked) => render::report(&asked, voice),
        Command::Schema { of } => write::schema(of),
        Command::Init { file } => write::init(&file),
        Command::Completions { shell } => write::completions(shell),
        Command::Man => write::man(),
        Command::DemoSite { spec } => demo::serve_child(&spec),
    }
}

fn trace(voice: &Voice) {
    let level = match voice.verbose {
        0 => tracing::Level::WARN,
        1 => tracing::Level::INFO,
        2 => tracing::Level::DEBUG,
        _ => tracing::Level::TRACE,
    };
    let colour = anstream::AutoStream::choice(&std::io::stderr()) != anstream::ColorChoice::Never;
    tracing_subscriber::fmt()
        .with_max_level(level)
        .with_writer(std::io::stderr)
        .with_ansi(colour)
        .init();
}
