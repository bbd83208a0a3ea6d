//! Why a run could not go on.

use std::fmt;
use std::io;

use crate::record::{ClassError, RecordError};

/// Why a run could not go on.
#[derive(Debug)]
pub enum DriveError {
    /// The record could not be written.
    Record(RecordError),
    /// A worker stopped to report.
    WorkerLost,
    /// The workers could not be started.
    Workers(io::Error),
    /// The settings of the search name a class that does not exist.
    Search(ClassError),
}

impl fmt::Display for DriveError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            DriveError::Record(error) => write!(formatter, "write the record: {error}"),
            DriveError::WorkerLost => formatter.write_str("play the load: a worker has stopped to report"),
            DriveError::Workers(error) => write!(formatter, "start the workers: {error}"),
            DriveError::Search(error) => write!(formatter, "start the search: {error}"),
        }
    }
}

impl std::error::Error for DriveError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            DriveError::Record(error) => Some(error),
            DriveError::Workers(error) => Some(error),
            DriveError::Search(error) => Some(error),
            DriveError::WorkerLost => None,
        }
    }
}

impl From<RecordError> for DriveError {
    fn from(error: RecordError) -> Self {
        DriveError::Record(error)
    }
}
