//! What was typed → library calls → exit code. Data goes to stdout, words go to stderr.

mod announce;
mod arguments;
mod calibrate;
mod check;
mod compare;
mod consent;
mod demo;
mod dry;
mod exit;
mod explain;
mod failure;
mod folder;
mod live;
mod multiples;
mod plan;
mod play;
mod plays;
mod proof;
mod render;
mod replay;
mod session;
mod signals;
mod watch;
mod watched;
mod write;

use std::io::Write;
use std::process::ExitCode;

use clap::Parser;

use arguments::{Arguments, Command, Voice};
use exit::Exit;
use failure::Failure;

/// Runs the command line of this process, and says how it ended.
pub fn run() -> ExitCode {
    if std::env::args_os().nth(1).is_some_and(|word| word == demo::CHILD) {
        return ExitCode::from(ended(demo::serve_child(), false) as u8);
    }
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => return ExitCode::from(say(&error) as u8),
    };
    trace(&arguments.voice);
    let done = execute(arguments.command, &arguments.voice);
    ExitCode::from(ended(done, arguments.voice.json) as u8)
}

fn ended(done: Result<Exit, Failure>, json: bool) -> Exit {
    done.unwrap_or_else(|failure| {
        failure.print(json);
        failure.exit()
    })
}

/// Help that was asked for, or what is wrong with what was typed; a tip is called a hint, as everywhere else.
fn say(error: &clap::Error) -> Exit {
    let text = error.render().ansi().to_string();
    if !error.use_stderr() {
        // A closed pipe is no failure of ours.
        drop(write!(anstream::stdout(), "{text}"));
        return Exit::Success;
    }
    for line in text.lines() {
        let line = match line.find("tip:") {
            Some(at) if line.starts_with(' ') && at < 12 => line.trim_start().replacen("tip:", "hint:", 1),
            _ => line.to_owned(),
        };
        drop(writeln!(anstream::stderr(), "{line}"));
    }
    Exit::Usage
}

fn execute(command: Command, voice: &Voice) -> Result<Exit, Failure> {
    match command {
        Command::Demo(asked) => demo::demo(&asked, voice),
        Command::Find(asked) => play::find(&asked, voice),
        Command::Run(asked) => play::run(&asked, voice),
        Command::Plan(asked) => plan::plan(&asked, voice),
        Command::Check(asked) => check::check(&asked, voice),
        Command::Explain(asked) => explain::explain(&asked, voice),
        Command::Report(asked) => render::report(&asked, voice),
        Command::Compare(asked) => compare::compare(&asked, voice),
        Command::Calibrate(asked) => calibrate::calibrate(&asked, voice),
        Command::Watch(asked) => watch::watch(&asked, voice),
        Command::Schema { of } => write::schema(of),
        Command::Init { file } => write::init(&file, voice),
        Command::Completions { shell } => write::completions(shell),
        Command::Man { of } => write::man(of.as_deref()),
    }
}

fn trace(voice: &Voice) {
    let level = match voice.verbose {
        _ if voice.quiet => tracing::Level::ERROR,
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
