//! What a person sees while a run goes on: a bar on a terminal, a line a second on a pipe, nothing with `--quiet`.

use std::io::{IsTerminal, Write};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::drive::Progress;

/// Shows how a run goes, on stderr.
pub(super) enum Live {
    /// Nothing is shown.
    Silent,
    /// A line a second.
    Lines,
    /// One line that is drawn anew.
    Bar(ProgressBar),
}

impl Live {
    /// What fits where stderr goes.
    pub(super) fn new(quiet: bool) -> Self {
        if quiet {
            return Live::Silent;
        }
        if !std::io::stderr().is_terminal() {
            return Live::Lines;
        }
        let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
        let style = ProgressStyle::with_template("{spinner} {elapsed:>4}  {msg}")
            .unwrap_or_else(|_| ProgressStyle::default_spinner());
        bar.set_style(style);
        bar.enable_steady_tick(Duration::from_millis(250));
        Live::Bar(bar)
    }

    /// One more second has passed.
    pub(super) fn show(&mut self, progress: &Progress) {
        match self {
            Live::Silent => {}
            Live::Lines => {
                // A pipe that is closed is no reason to end a run.
                drop(writeln!(
                    std::io::stderr(),
                    "{:>4} s  {}",
                    progress.second + 1,
                    line(progress)
                ));
            }
            Live::Bar(bar) => bar.set_message(line(progress)),
        }
    }

    /// The run is over.
    pub(super) fn finish(self) {
        if let Live::Bar(bar) = self {
            bar.finish_and_clear();
        }
    }
}

fn line(progress: &Progress) -> String {
    let p95 = progress
        .p95_us
        .map_or_else(|| "–".to_owned(), |micros| milliseconds(micros as f64 / 1e3));
    format!(
        "offered {:>7.1} pages/s  answered {:>6}/s  failed {:>5}  p95 {:>8}  in flight {:>5}  {}",
        progress.offered, progress.answered, progress.failed, p95, progress.in_flight, progress.doing
    )
}

fn milliseconds(millis: f64) -> String {
    match millis {
        m if m >= 1_000.0 => format!("{:.2} s", m / 1e3),
        m if m >= 10.0 => format!("{m:.0} ms"),
        m => format!("{m:.1} ms"),
    }
}
