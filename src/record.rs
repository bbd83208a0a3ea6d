//! What happened: the outcome of a request, snapshots of a second, and the stored record of a run.
//! Nothing here judges, and nothing here knows how a request was made.

mod assets;
mod campaign;
mod class;
mod histogram;
mod lines;
mod outcome;
mod phases;
mod run_record;
mod shard;
mod snapshot;
mod sources;
mod steps;

pub use assets::AssetCounts;
pub use campaign::{CampaignLine, ReloadsLine, ScannerLine};
pub use class::{Class, ClassError};
pub use histogram::SparseHistogram;
pub use lines::{
    Arrivals, CellLine, End, Ending, Event, FORMAT, Generator, Header, JourneyShape, Line, Sample,
    ScenarioRef, Second, TrialLine, Truth, UnsentLine, schema,
};
pub use outcome::{Outcome, Unsent};
pub use phases::{PhaseHistograms, Phases, Took};
pub use run_record::{RecordError, RecordWriter, RunRecord};
pub use shard::{AssetEnd, Shard};
pub use snapshot::{Cell, IntervalSnapshot, ScannerCounts};
pub use sources::{CauseLine, GaugeLine, SourceLine};
pub use steps::{StepCell, StepLine};
