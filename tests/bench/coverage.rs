//! Prints how well the search finds known tipping points: the demo sites in their own profile, on the seeds that it was
//! tuned with and on fresh ones, and sites like the real gateways of the tests in `quick` and `standard`.
//!
//! ```console
//! $ cargo bench --bench coverage
//! ```

#[path = "../coverage/mod.rs"]
mod coverage;

use coverage::{KINDS, PROCESSES, fresh_seeds, gateways, measure, tuning_seeds};
use tipover::model::SiteSpec;
use tipover::scenario::Profile;
use tipover::units::Rate;

fn main() {
    for (name, seeds) in [("tuning", tuning_seeds(200)), ("fresh", fresh_seeds(200))] {
        for kind in KINDS {
            for process in PROCESSES {
                let spec = SiteSpec::demo(kind, Rate::per_second(200.0));
                let coverage = measure(Profile::Demo, spec, process, &seeds);
                println!("{}", coverage.line(&format!("{name} demo {kind:?} {process}")));
            }
        }
    }
    for profile in [Profile::Quick, Profile::Standard] {
        for (name, spec) in gateways() {
            for process in PROCESSES {
                let coverage = measure(profile, spec, process, &fresh_seeds(60));
                println!("{}", coverage.line(&format!("{profile} {name} {process}")));
            }
        }
    }
}
