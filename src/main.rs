//! The `tipover` command.

fn main() -> std::process::ExitCode {
    tipover::cli::run()
}
