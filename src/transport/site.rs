//! Plays a model site on tokio's clock, without a network: whole runs in virtual time.

use std::cell::RefCell;
use std::rc::Rc;

use tokio::time::sleep_until;

use super::{Answer, Ended, Request, RunClock, Transport};
use crate::model::ModelSite;

/// Bytes that an answer of a model site is said to have.
const ANSWER_BYTES: u64 = 512;

/// A model site as something that requests can be played on. Clones play the same site.
///
/// Times are the model's own, to the nanosecond: tokio's clock, which ticks in milliseconds, wakes the visitor up to
/// one later.
#[derive(Debug)]
pub struct SiteTransport<M> {
    site: Rc<RefCell<M>>,
    clock: RunClock,
}

impl<M> SiteTransport<M> {
    /// Plays `site` on the time line of `clock`.
    pub fn new(site: M, clock: RunClock) -> Self {
        Self {
            site: Rc::new(RefCell::new(site)),
            clock,
        }
    }
}

impl<M> Clone for SiteTransport<M> {
    fn clone(&self) -> Self {
        Self {
            site: Rc::clone(&self.site),
            clock: self.clock,
        }
    }
}

/// A visitor of a model site: whether it has been there before.
#[derive(Debug, Default)]
pub struct SiteVisitor {
    connected: bool,
}

impl<M: ModelSite + 'static> Transport for SiteTransport<M> {
    type Visitor = SiteVisitor;

    fn visitor(&self) -> SiteVisitor {
        SiteVisitor::default()
    }

    async fn play(&self, visitor: &mut SiteVisitor, _: &Request) -> Answer {
        let sent = self.clock.now();
        let reply = self.site.borrow_mut().arrive(sent);
        sleep_until(self.clock.instant(reply.done)).await;
        let answered = !reply.class.is_transport();
        let fresh_connection = !visitor.connected;
        visitor.connected = answered;
        Answer {
            sent,
            first_byte: answered.then_some(reply.done),
            done: reply.done,
            ended: Ended::Site(reply.class),
            bytes: if answered { ANSWER_BYTES } else { 0 },
            fresh_connection,
            evidence: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use hyper::http::uri::PathAndQuery;
    use hyper::{HeaderMap, Method};
    use tokio::time::Instant;

    use super::super::Origin;
    use super::*;
    use crate::model::Reply;
    use crate::record::Class;
    use crate::units::Offset;

    /// Serves every second request, each for as long as the count says.
    struct EverySecond(u64);

    impl ModelSite for EverySecond {
        fn arrive(&mut self, at: Offset) -> Reply {
            self.0 += 1;
            let class = if self.0.is_multiple_of(2) {
                Class::Reset
            } else {
                Class::Status(200)
            };
            Reply {
                done: at + Duration::from_micros(1_500 * self.0),
                class,
            }
        }
    }

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
        }
    }

    #[tokio::test(start_paused = true)]
    async fn an_answer_carries_the_models_own_times_and_never_comes_before_them() {
        let clock = RunClock::starting_at(Instant::now());
        let transport = SiteTransport::new(EverySecond(0), clock);
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
    }
}
