//! The true tipping points of all classes of model sites, as `cargo bench --bench truth` found and wrote them: a file
//! for each class, an entry for each share, process and horizon.

#![allow(dead_code, reason = "each test binary uses its own part")]

use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::{Deserialize, Serialize};
use tipover::load::ArrivalProcess;
use tipover::model::{Question, SiteClass};
use tipover::units::Share;

/// One true tipping point.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Entry {
    /// The name of the class.
    pub(crate) class: String,
    /// The hash of its parameters: where they change, this entry no longer counts.
    pub(crate) hash: String,
    /// The failed share that is one too many.
    pub(crate) share: f64,
    /// How visits arrive.
    pub(crate) process: String,
    /// How long the load was held while failures counted.
    pub(crate) horizon_seconds: u64,
    /// The tipping point, in pages per second.
    pub(crate) rate: f64,
    /// The lower end of its 95 % interval.
    pub(crate) low: f64,
    /// The upper end.
    pub(crate) high: f64,
    /// Replications at each of three loads around it.
    pub(crate) replications: usize,
}

/// The horizon of the long run, in seconds.
pub(crate) const LONG_RUN: u64 = 300;

/// The shares and horizons (in seconds) whose truths are kept, for `class`. Where the tipping point falls with the
/// horizon, shorter ones are too.
pub(crate) fn questions(class: &SiteClass) -> Vec<Question> {
    let horizons: &[u64] = match class.name {
        "timeout" | "metastable" => &[15, 60, LONG_RUN],
        _ => &[LONG_RUN],
    };
    [0.01, 0.001]
        .map(Share::new)
        .into_iter()
        .filter(|share| class.has_tipping_point(*share))
        .flat_map(|share| {
            horizons.iter().map(move |seconds| Question {
                process: ArrivalProcess::Poisson,
                share,
                horizon: Duration::from_secs(*seconds),
            })
        })
        .collect()
}

/// The file that holds the truths of `class`.
pub(crate) fn file(class: &SiteClass) -> PathBuf {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/truth");
    folder.join(format!("{:02}-{}.json", class.number, class.name))
}

/// What is known of `class`, whatever its parameters are now.
pub(crate) fn entries(class: &SiteClass) -> Vec<Entry> {
    std::fs::read_to_string(file(class))
        .ok()
        .and_then(|text| serde_json::from_str(&text).ok())
        .unwrap_or_default()
}

/// The truth of `class` with the parameters that it has now, in pages per second.
pub(crate) fn truth(class: &SiteClass, question: &Question) -> Option<Entry> {
    let hash = class.hash();
    entries(class).into_iter().find(|entry| {
        entry.hash == hash
            && entry.share == question.share.get()
            && entry.process == question.process.to_string()
            && entry.horizon_seconds == question.horizon.as_secs()
    })
}
