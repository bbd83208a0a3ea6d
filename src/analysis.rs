//! Pure answers from a record: statistics, the finding, thresholds, recovery, the generator's own health.

mod campaign;
pub mod compare;
mod failure;
mod generator;
mod loads;
mod question;
mod signs;
pub mod statistics;
mod tally;
mod thresholds;
mod tipping;
mod trials;

pub use campaign::{CampaignOutcome, campaign_outcome};
pub use failure::{failure_family, failure_limit};
pub use generator::{GeneratorHealth, generator_health};
pub use loads::constant_loads;
pub use question::{asked_loads, pooled_searches};
pub use signs::{Sign, SignChange, SignWatch};
pub use statistics::ShareInterval;
pub use tally::{Latencies, Tally, by_due};
pub use thresholds::{CampaignLoad, Judged, Reason, ThresholdVerdict, ThresholdWatch, Value, judge};
pub use tipping::{BROKEN, broken_before_load, tipping_point};
pub use trials::{TrialView, first_failures, share_interval, trials};

#[cfg(test)]
mod tests {
    use crate::record::{Arrivals, FORMAT, Header, JourneyShape, ScenarioRef};

    /// A header with nothing special in it.
    pub(super) fn header() -> Header {
        Header {
            format: FORMAT,
            tool_version: "0.1.0".to_owned(),
            run_id: "0123456789ab".to_owned(),
            started_at: "2026-11-20T10:00:00Z".to_owned(),
            command: "run".to_owned(),
            arguments: Vec::new(),
            scenario: ScenarioRef {
                name: "shop".to_owned(),
                target: "http://127.0.0.1/".to_owned(),
                stands_for: None,
                hash: "00".to_owned(),
            },
            journey: JourneyShape {
                pages_per_visit: 1.0,
                requests_per_visit: 1.0,
            },
            arrivals: Arrivals {
                process: "poisson".to_owned(),
                seed: 1,
                think: "none".to_owned(),
            },
            connections: "per_visitor".to_owned(),
            failure: vec!["gateway".to_owned()],
            search: None,
            thresholds: Vec::new(),
            forecast: None,
            languages: vec!["en".to_owned()],
            workers: 2,
            file_limit: 1024,
            steps: Vec::new(),
            lookup_us: std::collections::BTreeMap::new(),
            proxy: std::collections::BTreeMap::new(),
            http: None,
            pinned: std::collections::BTreeMap::new(),
            trust: "not used".to_owned(),
            authorized_by: None,
            truth: None,
            effective: "version: 1\n".to_owned(),
        }
    }
}
