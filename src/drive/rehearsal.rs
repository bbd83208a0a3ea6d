//! One visit of each journey before a load, with its data, captures and checks, as the load will play it.

use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;

use super::script::Script;
use super::worker::Shared;
use crate::load::Arrival;
use crate::record::Class;
use crate::scenario::{Journeys, Scenario};
use crate::transport::{Answer, Ended, PrepareError, Request, RunClock, Transport};

/// How one visit went.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rehearsal {
    /// The journey's name, where it has one.
    pub journey: Option<String>,
    /// Its requests in order, redirects included.
    pub requests: Vec<Rehearsed>,
    /// What failed, each with the step that it failed in, from 1.
    pub failures: Vec<(u16, String)>,
}

/// One request of a visit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rehearsed {
    /// Which step it belongs to, from 1.
    pub step: u16,
    /// `GET /sale`, without a query.
    pub what: String,
    /// How it ended; nothing where this machine did not let it.
    pub class: Option<Class>,
    /// How long it took.
    pub took: Duration,
}

/// Walks each journey of `scenario` once, over a transport of its own, one after the other; without think times. Has to
/// run in a [`tokio::task::LocalSet`].
///
/// # Errors
/// A step that HTTP does not allow.
pub async fn rehearse<T: Transport>(
    scenario: &Scenario,
    run_id: &str,
    clock: RunClock,
    transport: impl Fn() -> T,
) -> Result<Vec<Rehearsal>, PrepareError> {
    let mut all = Vec::new();
    for journey in scenario.journeys.iter() {
        let mut alone = scenario.clone();
        alone.journeys = Journeys::new(vec![journey.clone()]);
        let script = Script::new(&alone, run_id, false)?;
        all.push(walked(journey.name.clone(), script, clock, transport()).await);
    }
    Ok(all)
}

async fn walked<T: Transport>(
    journey: Option<String>,
    script: Script,
    clock: RunClock,
    transport: T,
) -> Rehearsal {
    let heard = Rc::new(RefCell::new(Vec::new()));
    let listening = Listening {
        inner: transport,
        heard: Rc::clone(&heard),
    };
    let shared = Rc::new(Shared::new(listening, clock, script));
    let arrival = Arrival {
        seq: 0,
        due: clock.now(),
    };
    let mut failures: Vec<(u16, String)> = Vec::new();
    match shared.admit(arrival, arrival.due, 1) {
        Some(lot) => Rc::clone(&shared).visit(arrival, lot).await,
        None => failures.push((1, "its data has no row for a visitor".to_owned())),
    }
    for sample in shared.samples.borrow_mut().fresh.drain(..) {
        let why = match sample.error {
            Some(error) => format!("{}: {error}", sample.class),
            None => sample.class.to_string(),
        };
        failures.push((sample.step + 1, why));
    }
    failures.sort();
    let requests = heard.borrow_mut().drain(..).collect();
    Rehearsal {
        journey,
        requests,
        failures,
    }
}

/// A transport that notes what goes over it.
struct Listening<T> {
    inner: T,
    heard: Rc<RefCell<Vec<Rehearsed>>>,
}

impl<T: Transport> Transport for Listening<T> {
    type Visitor = T::Visitor;

    fn visitor(&self) -> Self::Visitor {
        self.inner.visitor()
    }

    async fn play(&self, visitor: &mut Self::Visitor, request: &Request) -> Answer {
        let answer = self.inner.play(visitor, request).await;
        self.heard.borrow_mut().push(Rehearsed {
            step: request.step + 1,
            what: format!("{} {}", request.method, request.path.path()),
            class: match answer.ended {
                Ended::Site(class) => Some(class),
                Ended::Ours(_) => None,
            },
            took: answer.done.since(answer.sent),
        });
        answer
    }
}
