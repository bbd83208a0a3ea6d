//! What was asked for on the command line of the proof.

use std::path::PathBuf;

use clap::{Parser, ValueEnum};
use tipover::scenario::Profile;
use tipover::units::Share;

/// Runs the search on every model site, over many seeds, and prints how well it finds the known tipping points.
#[derive(Debug, Clone, Parser)]
#[command(name = "cargo bench --bench proof --", disable_version_flag = true)]
pub(crate) struct Options {
    /// How careful the search is.
    #[arg(long, value_enum, default_value_t = Careful::Standard)]
    pub(crate) profile: Careful,
    /// The share of failures that is one too many.
    #[arg(long, default_value = "1%")]
    pub(crate) share: Share,
    /// Searches for each class of site.
    #[arg(long, default_value_t = 100)]
    pub(crate) seeds: u64,
    /// The seeds begin here: for seeds that nobody has seen.
    #[arg(long, default_value_t = 0)]
    pub(crate) first: u64,
    /// Which seeds: even ones to tune with, odd ones to report.
    #[arg(long, value_enum, default_value_t = Parity::Odd)]
    pub(crate) parity: Parity,
    /// Only these classes, by number.
    #[arg(long, value_delimiter = ',')]
    pub(crate) classes: Vec<u8>,
    /// The baselines as well.
    #[arg(long)]
    pub(crate) baselines: bool,
    /// Where every search is written, a line of JSON each, with the tables and the chart.
    #[arg(long, default_value = "target/proof")]
    pub(crate) out: PathBuf,
    /// Instead of searches for the tipping point: is a load of 0.7 × of it proven, and one of 1.3 × refuted?
    #[arg(long)]
    pub(crate) enough: bool,
    /// No search: tables and chart anew, of everything that stands in the folder of `--out`.
    #[arg(long)]
    pub(crate) redraw: bool,
    /// `cargo bench` says so.
    #[arg(long, hide = true)]
    pub(crate) bench: bool,
}

/// A profile of the search.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Careful {
    /// 10 % precision, 15 s hold.
    Quick,
    /// 5 % precision, 60 s hold.
    Standard,
    /// 3 % precision, 150 s hold.
    Long,
}

impl From<Careful> for Profile {
    fn from(careful: Careful) -> Self {
        match careful {
            Careful::Quick => Profile::Quick,
            Careful::Standard => Profile::Standard,
            Careful::Long => Profile::Long,
        }
    }
}

/// Which half of the seeds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Parity {
    /// Seeds that nothing is tuned with.
    Odd,
    /// Seeds to tune with.
    Even,
    /// Both.
    All,
}

impl Options {
    /// So many seeds of the half that was asked for, from the first one on.
    pub(crate) fn seeds(&self) -> Vec<u64> {
        let is_wanted = |seed: &u64| match self.parity {
            Parity::Odd => !seed.is_multiple_of(2),
            Parity::Even => seed.is_multiple_of(2),
            Parity::All => true,
        };
        let count = usize::try_from(self.seeds).unwrap_or(usize::MAX);
        (self.first..).filter(is_wanted).take(count).collect()
    }
}
