//! Why the demo site could not be played.

use std::fmt;
use std::io;

/// What went wrong with the demo site. Reads on after "failed to".
#[derive(Debug)]
pub enum DemoError {
    /// No socket on loopback, for the gateway or for its backend.
    Listen {
        /// The port that was asked for; 0 lets the kernel choose.
        port: u16,
        /// What the system said.
        source: io::Error,
    },
    /// The site's process did not start.
    Start(io::Error),
    /// The site's process started, but did not say where it listens.
    NotReady {
        /// What it said instead, or nothing.
        said: String,
    },
    /// A text that describes no site.
    Spec {
        /// What is wrong with it.
        reason: String,
    },
    /// The runtime of the site's process, or its standard streams.
    Io(io::Error),
}

impl DemoError {
    /// What a person can do about it.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::Listen { port: 0, .. } => Some("check that 127.0.0.1 is up, and `ulimit -n`".to_owned()),
            Self::Listen { port, .. } => Some(format!(
                "port {port} may be taken: choose another, or 0 for any free one"
            )),
            Self::Start(_) => {
                Some("the demo site is this same program: it must be allowed to start itself".to_owned())
            }
            Self::NotReady { .. } => {
                Some("try again; on a busy machine the start may take longer".to_owned())
            }
            Self::Spec { .. } | Self::Io(_) => None,
        }
    }
}

impl fmt::Display for DemoError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Listen { port, .. } => write!(formatter, "open port {port} on 127.0.0.1 for the demo site"),
            Self::Start(_) => formatter.write_str("start the demo site's process"),
            Self::NotReady { said } if said.is_empty() => {
                formatter.write_str("start the demo site: it ended, or said nothing in time")
            }
            Self::NotReady { said } => write!(formatter, "start the demo site: it said `{said}`"),
            Self::Spec { reason } => write!(formatter, "read the demo site's description: {reason}"),
            Self::Io(_) => formatter.write_str("run the demo site"),
        }
    }
}

impl std::error::Error for DemoError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Listen { source, .. } | Self::Start(source) | Self::Io(source) => Some(source),
            Self::NotReady { .. } | Self::Spec { .. } => None,
        }
    }
}
