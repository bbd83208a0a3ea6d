//! Commands that only write text: schemas, the smallest scenario, completions, the manual page.

use std::io::Write;
use std::path::Path;

use clap::CommandFactory;

use super::arguments::{Arguments, SchemaOf, Voice};
use super::exit::Exit;
use super::failure::{Failure, say};

/// Prints `bytes` on stdout; a reader that has gone is success.
pub(super) fn print(bytes: &[u8]) -> Result<Exit, Failure> {
    let mut out = std::io::stdout().lock();
    match out.write_all(bytes).and_then(|()| out.flush()) {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => {
            Err(Failure::internal(format!("write to stdout: {error}")))
        }
        _ => Ok(Exit::Success),
    }
}

pub(super) fn schema(of: SchemaOf) -> Result<Exit, Failure> {
    let schema = match of {
        SchemaOf::Scenario => crate::scenario::schema(),
        SchemaOf::Summary => crate::report::summary_schema().to_value(),
        SchemaOf::Plan => crate::report::plan_schema().to_value(),
        SchemaOf::Record => crate::record::schema(),
        SchemaOf::Compare => crate::report::comparison_schema().to_value(),
    };
    print(format!("{schema:#}\n").as_bytes())
}

pub(super) fn init(file: &Path, voice: &Voice) -> Result<Exit, Failure> {
    let failed = |error: std::io::Error| Failure::internal(format!("write `{}`: {error}", file.display()));
    let mut out = std::fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .open(file)
        .map_err(|error| {
            let failure = failed(error);
            if file.exists() {
                failure.hint("name another file, as in `tipover init sale.yaml`: one that is there is never overwritten")
            } else {
                failure.hint("name a file in a folder that is there and can be written")
            }
        })?;
    out.write_all(crate::scenario::SMALLEST.as_bytes())
        .map_err(failed)?;
    if !voice.quiet {
        let file = file.display();
        say(format!(
            "wrote {file}: put your site and its page into it; next: `tipover check {file}`"
        ));
    }
    Ok(Exit::Success)
}

pub(super) fn completions(shell: clap_complete::Shell) -> Result<Exit, Failure> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Arguments::command(), "tipover", &mut script);
    print(&script)
}

pub(super) fn man(of: Option<&str>) -> Result<Exit, Failure> {
    let mut all = Arguments::command().disable_help_subcommand(true);
    all.build();
    let command = match of {
        None => all,
        Some(name) => all.find_subcommand(name).cloned().ok_or_else(|| {
            Failure::stated(Exit::Usage, format!("there is no command `{name}`"))
                .hint("`tipover --help` lists the commands")
        })?,
    };
    let name = command.get_display_name().unwrap_or("tipover").to_owned();
    let mut page = Vec::new();
    clap_mangen::Man::new(command)
        .title(name)
        .render(&mut page)
        .map_err(|error| Failure::internal(format!("render the manual page: {error}")))?;
    print(&page)
}
