//! Plays a model site on tokio's clock, without a network: whole runs in virtual time.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::rc::Rc;

use tokio::sync::{Notify, oneshot};
use tokio::task::spawn_local;
use tokio::time::sleep_until;

use super::{Answer, Ended, Request, RunClock, Transport};
use crate::model::{Call, ModelSite, Reply, address_of};
use crate::record::Class;
use crate::units::Offset;

/// Bytes that an answer of a model site is said to have.
const ANSWER_BYTES: u64 = 512;

/// A model site as something that requests can be played on. Clones play the same site. Requests are played inside a
/// `LocalSet`.
///
/// Times are the model's own, to the nanosecond: tokio's clock, which ticks in milliseconds, wakes the visitor up to
/// one later.
#[derive(Debug)]
pub struct SiteTransport<M> {
    stage: Rc<Stage<M>>,
}

/// The site, and those who wait for it.
#[derive(Debug)]
struct Stage<M> {
    site: RefCell<M>,
    clock: RunClock,
    addresses: u32,
    visitors: Cell<u64>,
    calls: Cell<u64>,
    waiting: RefCell<HashMap<u64, oneshot::Sender<Reply>>>,
    /// What the site ended since it was last looked at; kept for its memory.
    ended: RefCell<Vec<Reply>>,
    /// Until when the task that plays the site on sleeps; nothing where there is no such task.
    asleep_until: Cell<Option<Offset>>,
    wake: Notify,
}

impl<M> SiteTransport<M> {
    /// Plays `site` on the time line of `clock`, for visitors from one address.
    pub fn new(site: M, clock: RunClock) -> Self {
        Self::from_addresses(site, clock, 1)
    }

    /// The same for visitors who come from `addresses` source addresses.
    pub fn from_addresses(site: M, clock: RunClock, addresses: u32) -> Self {
        let stage = Stage {
            site: RefCell::new(site),
            clock,
            addresses,
            visitors: Cell::new(0),
            calls: Cell::new(0),
            waiting: RefCell::default(),
            ended: RefCell::default(),
            asleep_until: Cell::new(None),
            wake: Notify::new(),
        };
        Self {
            stage: Rc::new(stage),
        }
    }
}

impl<M> Clone for SiteTransport<M> {
    fn clone(&self) -> Self {
        Self {
            stage: Rc::clone(&self.stage),
        }
    }
}

impl<M: ModelSite + 'static> Stage<M> {
    /// Plays the site on to `now` and hands out what ended.
    fn advance(&self, now: Offset) {
        let mut ended = self.ended.borrow_mut();
        self.site.borrow_mut().advance(now, &mut ended);
        let mut waiting = self.waiting.borrow_mut();
        for reply in ended.drain(..) {
            if let Some(visitor) = waiting.remove(&reply.id) {
                // A visitor who is gone has no use for the answer.
                let _ = visitor.send(reply);
            }
        }
    }

    fn call(self: &Rc<Self>, visitor: u64, step: u16, sent: Offset) -> oneshot::Receiver<Reply> {
        self.advance(sent);
        let id = self.calls.replace(self.calls.get() + 1);
        let (sender, receiver) = oneshot::channel();
        self.waiting.borrow_mut().insert(id, sender);
        self.site.borrow_mut().arrive(Call {
            id,
            at: sent,
            visitor,
            step,
            address: address_of(visitor, self.addresses),
        });
        match self.asleep_until.get() {
            None => {
                self.asleep_until.set(Some(sent));
                spawn_local(Rc::clone(self).play_on());
            }
            Some(asleep_until) => {
                let next = self.site.borrow().next_event();
                if next.is_some_and(|next| next < asleep_until) {
                    self.wake.notify_one();
                }
            }
        }
        receiver
    }

    /// Plays the site from event to event for as long as somebody waits for it.
    async fn play_on(self: Rc<Self>) {
        while !self.waiting.borrow().is_empty() {
            let next = self.site.borrow().next_event().unwrap_or(Offset::MAX);
            self.asleep_until.set(Some(next));
            if next == Offset::MAX {
                // A site that never answers: only a further call can change that.
                self.wake.notified().await;
                continue;
            }
            tokio::select! {
                biased;
                () = sleep_until(self.clock.instant(next)) => self.advance(self.clock.now()),
                () = self.wake.notified() => {}
            }
        }
        self.asleep_until.set(None);
    }
}

/// A visitor of a model site.
#[derive(Debug)]
pub struct SiteVisitor {
    number: u64,
    /// Whether the visitor has been there before and was not thrown out.
    connected: bool,
}

impl<M: ModelSite + 'static> Transport for SiteTransport<M> {
    type Visitor = SiteVisitor;

    fn visitor(&self) -> SiteVisitor {
        let visitors = &self.stage.visitors;
        SiteVisitor {
            number: visitors.replace(visitors.get() + 1),
            connected: false,
        }
    }

    async fn play(&self, visitor: &mut SiteVisitor, request: &Request) -> Answer {
        let sent = self.stage.clock.now();
        let reply = self.stage.call(visitor.number, request.step, sent);
        // The sender is dropped only where the site's task is gone, with the runtime.
        let (done, class) = reply
            .await
            .map_or((sent, Class::Reset), |reply| (reply.done, reply.class));
        let answered = !class.is_transport();
        let fresh_connection = !visitor.connected;
        visitor.connected = answered;
        Answer {
            sent,
            first_byte: answered.then_some(done),
            done,
            ended: Ended::Site(class),
            bytes: if answered { ANSWER_BYTES } else { 0 },
            fresh_connection,
            phases: crate::record::Phases::default(),
            retries: 0,
            evidence: None,
            inside: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use hyper::http::uri::PathAndQuery;
    use hyper::{HeaderMap, Method};
    use tokio::task::LocalSet;
    use tokio::time::Instant;

    use super::super::{Look, Origin};
    use super::*;
    use crate::model::Foreseen;

    fn request() -> Request {
        Request {
            step: 0,
            method: Method::GET,
            origin: Origin {
                tls: false,
                host: "model".to_owned(),
                port: 80,
            },
            path: PathAndQuery::from_static("/"),
            headers: HeaderMap::new(),
            body: bytes::Bytes::new(),
            look: Look::Nothing,
        }
    }

    #[tokio::test(start_paused = true)]
    async fn an_answer_carries_the_models_own_times_and_never_comes_before_them() {
        let clock = RunClock::starting_at(Instant::now());
        // Serves every second request, each for as long as the count says.
        let site = Foreseen::new(|call: &Call| {
            let class = if call.id % 2 == 1 {
                Class::Reset
            } else {
                Class::Status(200)
            };
            call.ends(Duration::from_micros(1_500 * (call.id + 1)), class)
        });
        let visit = async {
            let transport = SiteTransport::new(site, clock);
            let mut visitor = transport.visitor();
            let first = transport.play(&mut visitor, &request()).await;
            assert_eq!(first.ended, Ended::Site(Class::Status(200)));
            assert_eq!(first.done.since(first.sent), Duration::from_micros(1_500));
            assert!(first.fresh_connection && clock.now() >= first.done);
            let second = transport.play(&mut visitor, &request()).await;
            assert_eq!(second.ended, Ended::Site(Class::Reset));
            assert!(second.first_byte.is_none() && !second.fresh_connection);
            let third = transport.clone().play(&mut visitor, &request()).await;
            assert!(third.fresh_connection, "a reset connection is gone");
            assert_eq!(
                third.done.since(third.sent),
                Duration::from_micros(4_500),
                "clones play the same site"
            );
        };
        LocalSet::new().run_until(visit).await;
    }

    #[tokio::test(start_paused = true)]
    async fn a_short_call_overtakes_a_long_one() {
        let clock = RunClock::starting_at(Instant::now());
        let site = Foreseen::new(|call: &Call| {
            let millis = if call.id == 0 { 30_000 } else { 2 };
            call.ends(Duration::from_millis(millis), Class::Status(200))
        });
        let visits = async {
            let transport = SiteTransport::new(site, clock);
            let long = async {
                let mut visitor = transport.visitor();
                transport.play(&mut visitor, &request()).await
            };
            let short = async {
                tokio::time::sleep(Duration::from_millis(10)).await;
                let mut visitor = transport.visitor();
                let answer = transport.play(&mut visitor, &request()).await;
                assert!(clock.now() < Offset::from_millis(20), "{}", clock.now());
                answer
            };
            let (long, short) = tokio::join!(long, short);
            assert_eq!(long.done, Offset::from_secs(30));
            assert_eq!(short.done.since(short.sent), Duration::from_millis(2));
        };
        LocalSet::new().run_until(visits).await;
    }
}
