//! What is watched on the servers while a load is played: logs that are followed and status pages that are read each
//! second, each by a task of its own beside the conductor. A source that dies is said to be dead, and the run goes on.

mod follow;
mod program;
mod status;

use std::cell::RefCell;
use std::rc::Rc;

use tokio::task::{JoinHandle, spawn_local};

use crate::diagnosis::{Explainer, Gauge, LineSplitter};
use crate::record::{CauseLine, GaugeLine, SourceLine};
use crate::scenario::{Feed, Watched};
use crate::transport::{HttpSettings, Request};
use crate::words::Language;

/// Everything that is watched. Dropping it ends the programs that were started for it.
#[derive(Debug, Default)]
pub struct Sources {
    all: Vec<Source>,
}

/// A page to ask for, and how.
#[derive(Debug, Clone)]
pub struct StatusPage {
    /// The request.
    pub request: Request,
    /// How it is sent: on a connection of its own.
    pub settings: HttpSettings,
}

#[derive(Debug)]
struct Source {
    name: String,
    seen: Shared,
    /// Whether its death was told.
    is_told: bool,
    task: JoinHandle<()>,
}

type Shared = Rc<RefCell<Seen>>;

/// What a source showed since it was last asked.
#[derive(Debug, Default)]
struct Seen {
    gauges: Vec<Gauge>,
    explainer: Explainer,
    splitter: LineSplitter,
    /// Why nothing more comes of it, or nothing came of late.
    trouble: Option<String>,
}

impl Seen {
    fn bytes(&mut self, bytes: &[u8]) {
        let explainer = &mut self.explainer;
        self.splitter.feed(bytes, |line| explainer.line(line));
    }

    fn fails(&mut self, why: impl Into<String>) {
        self.trouble = Some(why.into());
    }
}

impl Sources {
    /// Begins to watch. Has to be called inside a [`tokio::task::LocalSet`].
    pub fn begin(logs: &[Watched], status: &[(Watched, Option<StatusPage>)]) -> Self {
        let mut all = Vec::new();
        for log in logs {
            all.push(source(&log.name, |seen| match &log.feed {
                Feed::File(path) => spawn_local(follow::follow(path.clone(), seen)),
                feed => spawn_local(program::lines(feed.clone(), seen)),
            }));
        }
        for (page, asked) in status {
            let metrics = page.metrics.clone();
            all.push(source(&page.name, |seen| match asked {
                Some(asked) => spawn_local(status::ask(asked.clone(), metrics, seen)),
                None => spawn_local(status::run(page.feed.clone(), metrics, seen)),
            }));
        }
        Self { all }
    }

    /// What each source showed since it was last asked, for the second `second`; and what befell them, each once.
    pub(super) fn take(&mut self, second: u32) -> (Vec<SourceLine>, Vec<String>) {
        let (mut lines, mut troubles) = (Vec::new(), Vec::new());
        for source in &mut self.all {
            let mut seen = source.seen.borrow_mut();
            let gauges: Vec<GaugeLine> = seen.gauges.drain(..).map(gauge_line).collect();
            let causes: Vec<CauseLine> = std::mem::take(&mut seen.explainer)
                .explained(Language::English)
                .into_iter()
                .map(|found| CauseLine {
                    gateway: found.gateway.to_string(),
                    cause: found.cause.to_string(),
                    count: found.count,
                    example: found.example,
                })
                .collect();
            if let Some(why) = seen.trouble.take()
                && !source.is_told
            {
                source.is_told = true;
                troubles.push(format!("{}: {why}", source.name));
            }
            if !gauges.is_empty() || !causes.is_empty() {
                lines.push(SourceLine {
                    second,
                    source: source.name.clone(),
                    gauges,
                    causes,
                });
            }
        }
        (lines, troubles)
    }
}

impl Drop for Source {
    fn drop(&mut self) {
        self.task.abort();
    }
}

fn source(name: &str, begin: impl FnOnce(Shared) -> JoinHandle<()>) -> Source {
    let seen = Shared::default();
    Source {
        name: name.to_owned(),
        is_told: false,
        task: begin(Rc::clone(&seen)),
        seen,
    }
}

fn gauge_line(gauge: Gauge) -> GaugeLine {
    GaugeLine {
        product: gauge.product.to_string(),
        resource: gauge.resource,
        used: gauge.used,
        limit: gauge.limit,
        waiting: gauge.waiting,
        is_counter: gauge.is_counter,
    }
}

#[cfg(test)]
mod tests;
