//! What a person sees while a run goes on: a bar on a terminal, a line a second on a pipe, nothing with `--quiet`.

use std::io::{IsTerminal, Write};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::arguments::Voice;
use super::failure::say;
use crate::drive::Progress;

/// Shows how a run goes, on stderr.
pub(super) enum Live {
    /// Nothing is shown.
    Silent,
    /// A line a second.
    Lines,
    /// Two lines that are drawn anew: what is done, cut to the terminal's width, and numbers that fit 80 columns.
    Bar(ProgressBar),
}

impl Live {
    /// What fits where stderr goes.
    pub(super) fn new(voice: &Voice) -> Self {
        if voice.quiet {
            return Live::Silent;
        }
        // A drawn line and the lines of `-v` would tear each other.
        if voice.verbose > 0 || !std::io::stderr().is_terminal() {
            return Live::Lines;
        }
        let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
        let style = ProgressStyle::with_template("{spinner} {elapsed:>4}  {wide_msg}\n        {prefix}")
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
            Live::Bar(bar) => {
                bar.set_message(progress.doing.clone());
                bar.set_prefix(numbers(progress));
            }
        }
    }

    /// Says a sentence that stays, from wherever; what is drawn ends with it.
    pub(super) fn teller(&self) -> impl Fn(&str) + Send + 'static {
        let bar = match self {
            Live::Bar(bar) => Some(bar.clone()),
            _ => None,
        };
        move |words| {
            if let Some(bar) = &bar {
                bar.finish_and_clear();
            }
            say(words);
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
    format!(
        "offered {:>7.1} pages/s  answered {:>6}/s  failed {:>5}  p95 {:>8}  in flight {:>5}  {}",
        progress.offered,
        progress.answered,
        progress.failed,
        p95(progress),
        progress.in_flight,
        progress.doing
    )
}

/// The same without words of its own for what is done, and narrower.
fn numbers(progress: &Progress) -> String {
    format!(
        "offered {:.0}  answered {} pages/s  failed {}/s  p95 {}  in flight {}",
        progress.offered,
        progress.answered,
        progress.failed,
        p95(progress),
        progress.in_flight
    )
}

fn p95(progress: &Progress) -> String {
    progress
        .p95_us
        .map_or_else(|| "–".to_owned(), |micros| milliseconds(micros as f64 / 1e3))
}

fn milliseconds(millis: f64) -> String {
    match millis {
        m if m >= 1_000.0 => format!("{:.2} s", m / 1e3),
        m if m >= 10.0 => format!("{m:.0} ms"),
        m => format!("{m:.1} ms"),
    }
}
