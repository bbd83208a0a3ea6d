//! What is played, how a search goes about it, and when it ends early: the plans of a scenario, after every check.
//! They know nothing of the site.

use std::collections::BTreeSet;
use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use super::threshold::Threshold;
use crate::load::{ArrivalProcess, Crowd, Curve, Piece};
use crate::record::{Class, ClassError};
use crate::units::{Rate, Share};

/// What `run` plays.
#[derive(Debug, Clone)]
pub struct LoadPlan {
    /// How visits arrive.
    pub arrivals: ArrivalProcess,
    /// The stages; empty where only a search is meant.
    pub stages: Vec<Stage>,
    /// The stages as a curve of visits per second.
    pub curve: Curve,
    /// The campaign whose curve is played instead of stages.
    pub campaign: Option<PlayedCampaign>,
    /// The visitors of a closed model; empty where the stages name rates.
    pub crowd: Crowd,
    /// The log that is played again instead of stages.
    pub replay: Option<ReplayPlan>,
    /// Whether and how visitors reload what failed.
    pub reloads: Option<Reloads>,
}

/// A log that is played again, in its own timing.
#[derive(Debug, Clone, PartialEq)]
pub struct ReplayPlan {
    /// The file.
    pub log: PathBuf,
    /// The file as it was written.
    pub written: String,
    /// How much faster than it once went; 1 unless said otherwise.
    pub factor: f64,
    /// Words that no address may hold, beside those that are never played.
    pub deny: Vec<String>,
    /// How much of it, in the time of the run; all of it where nothing is said.
    pub until: Option<Duration>,
}

/// How visitors reload what failed.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Reloads {
    /// The share of failures after which a visitor tries again; 50 % unless said otherwise.
    pub share: Share,
    /// After how long, on average: half of it to one and a half; 5 s unless said otherwise.
    pub after: Duration,
    /// At most so often for one page; 3 unless said otherwise.
    pub most: u32,
}

impl Default for Reloads {
    fn default() -> Self {
        Self {
            share: Share::new(0.5),
            after: Duration::from_secs(5),
            most: 3,
        }
    }
}

impl LoadPlan {
    /// Whether there is nothing to play.
    pub fn is_empty(&self) -> bool {
        self.stages.is_empty() && self.crowd.is_empty() && self.replay.is_none()
    }

    /// How long it takes.
    pub fn length(&self) -> Duration {
        self.curve.length().max(self.crowd.length())
    }

    /// Plays `stages`: straight lines from target to target, from zero on; a jump has no piece of its own.
    pub fn set_stages(&mut self, stages: Vec<Stage>) {
        let mut before = Rate::ZERO;
        let mut pieces = Vec::new();
        for stage in &stages {
            if !stage.duration.is_zero() {
                pieces.push(Piece {
                    length: stage.duration,
                    from: before,
                    to: stage.target,
                });
            }
            before = stage.target;
        }
        self.curve = Curve::new(pieces);
        self.stages = stages;
    }
}

/// Which part of which campaign is played.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlayedCampaign {
    /// Its name.
    pub name: String,
    /// How much of it, from its start; until 15 min after its peak where nothing is said.
    pub until: Option<Duration>,
    /// Only the minutes around its peak.
    pub peak_only: bool,
}

/// A part of the load: from the rate before it to `target`, in `duration`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Stage {
    /// How long it takes.
    pub duration: Duration,
    /// The rate at its end, in visits per second.
    pub target: Rate,
}

/// How careful a search is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Profile {
    /// 10 % precision, 15 s hold.
    Quick,
    /// 5 % precision, 60 s hold.
    #[default]
    Standard,
    /// 3 % precision, 150 s hold.
    Long,
    /// The demo's own: fits into a minute on a site of about 200 pages per second.
    Demo,
}

impl fmt::Display for Profile {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Profile::Quick => "quick",
            Profile::Standard => "standard",
            Profile::Long => "long",
            Profile::Demo => "demo",
        })
    }
}

/// Whether think times are kept in a search.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Think {
    /// Left out: a trial is then steady at once.
    #[default]
    None,
    /// Kept.
    Real,
}

/// How `find` searches.
#[derive(Debug, Clone, PartialEq)]
pub struct SearchPlan {
    /// The lowest load, in pages per second; 1 unless said otherwise.
    pub from: Rate,
    /// The highest load, in pages per second; 10,000 unless said otherwise.
    pub to: Rate,
    /// How careful.
    pub profile: Profile,
    /// What counts as a failure of the site.
    pub failure: FailureSet,
    /// The share of failures that is one too many; 1 % unless said otherwise.
    pub share: Share,
    /// How long the search may take; 15 min unless said otherwise.
    pub budget: Duration,
    /// Whether think times are kept.
    pub think: Think,
    /// The seed of the arrivals.
    pub seed: u64,
    /// Caps of the damage that a search may do.
    pub caps: Caps,
    /// What is to be proven or refuted, and no more; nothing where the tipping point itself is searched for.
    pub enough: Option<Enough>,
    /// How many searches are pooled; 1 unless said otherwise.
    pub repeat: u32,
    /// Whether loads are multiples of the planned campaign, with its mix of people and link scanners.
    pub counts_campaigns: bool,
}

/// What the thresholds ask of a search that only proves or refutes them. Without any load until the peaks of campaigns
/// are put into numbers, where thresholds name nothing else.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Enough {
    /// Each load that a tipping point must not lie below, in pages per second.
    pub loads: Vec<Rate>,
    /// How long the highest of them must be held, so that the other thresholds can be judged there.
    pub hold: Duration,
}

/// Caps of what a search may do to a site.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Caps {
    /// Requests in all; 1 million unless said otherwise.
    pub requests: u64,
    /// Failed requests; 20,000 unless said otherwise.
    pub failed: u64,
    /// Seconds above the verified load; 120 unless said otherwise.
    pub seconds_above: u32,
}

impl Default for Caps {
    fn default() -> Self {
        Self {
            requests: 1_000_000,
            failed: 20_000,
            seconds_above: 120,
        }
    }
}

impl Default for SearchPlan {
    fn default() -> Self {
        Self {
            from: Rate::per_second(1.0),
            to: Rate::per_second(10_000.0),
            profile: Profile::Standard,
            failure: FailureSet::Gateway,
            share: Share::new(0.01),
            budget: Duration::from_secs(900),
            think: Think::None,
            seed: 1,
            caps: Caps::default(),
            enough: None,
            repeat: 1,
            counts_campaigns: false,
        }
    }
}

/// Which classes count as failures of the site.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum FailureSet {
    /// 502, 503, 504, 52x and every transport class. A 500 that a gateway made belongs to it too, once who made an
    /// answer can be told.
    #[default]
    Gateway,
    /// Every 5xx and every transport class.
    Any5xx,
    /// Exactly these.
    Classes(BTreeSet<Class>),
}

impl FailureSet {
    /// The set in words, as a record keeps it: `gateway`, `any_5xx`, or its classes.
    pub fn to_words(&self) -> Vec<String> {
        match self {
            FailureSet::Gateway => vec!["gateway".to_owned()],
            FailureSet::Any5xx => vec!["any_5xx".to_owned()],
            FailureSet::Classes(classes) => classes.iter().map(Class::to_string).collect(),
        }
    }

    /// The set that [`FailureSet::to_words`] wrote.
    ///
    /// # Errors
    /// A word names no class.
    pub fn from_words(words: &[String]) -> Result<Self, ClassError> {
        match words {
            [word] if word == "gateway" => Ok(FailureSet::Gateway),
            [word] if word == "any_5xx" => Ok(FailureSet::Any5xx),
            words => words
                .iter()
                .map(|word| word.parse())
                .collect::<Result<_, _>>()
                .map(FailureSet::Classes),
        }
    }

    /// Whether `class` counts as a failure of the site.
    pub fn contains(&self, class: Class) -> bool {
        match self {
            FailureSet::Gateway => {
                class.is_transport() || matches!(class, Class::Status(502..=504 | 520..=529))
            }
            FailureSet::Any5xx => class.is_transport() || matches!(class, Class::Status(500..=599)),
            FailureSet::Classes(classes) => classes.contains(&class),
        }
    }
}

/// When to stop early.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct StopRules {
    /// Too many failures for too long.
    pub failures: Option<StopRule>,
    /// After so many requests.
    pub requests: Option<u64>,
    /// After so long.
    pub duration: Option<Duration>,
    /// As soon as this file exists.
    pub file: Option<PathBuf>,
    /// As soon as one of these thresholds has failed.
    pub thresholds: Vec<AbortRule>,
}

/// A threshold whose failure ends a run.
#[derive(Debug, Clone, PartialEq)]
pub struct AbortRule {
    /// As it was written.
    pub text: String,
    /// What must hold.
    pub threshold: Threshold,
    /// How much of the run passes before it is looked at for the first time.
    pub delay: Duration,
}

/// More than `share` failures for `length`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct StopRule {
    /// The share that is too much.
    pub share: Share,
    /// For how long.
    pub length: Duration,
}
