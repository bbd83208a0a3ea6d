//! What to play and against what: a scenario, valid by construction.

mod types;

pub use types::{
    ApprovedBy, Authorization, Body, Caps, Connections, FailureSet, Header, Journey, LoadPlan, Method,
    Profile, Resolve, Scenario, SearchPlan, Secret, Stage, StandsFor, Step, StopRule, StopRules, Target,
    Think, Timeouts, TlsPlan,
};
