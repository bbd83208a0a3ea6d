//! One request by somebody who walks no journey: a link scanner, or a line of a log that is played again. No cookies, no
//! redirects, no expectations, and nothing after it.

use std::rc::Rc;

use hyper::http::uri::PathAndQuery;

use super::script::Lot;
use super::visitor::Memory;
use super::worker::Shared;
use crate::load::{Arrival, Stream};
use crate::transport::{Ended, Look, Request, Transport};
use crate::units::Offset;

/// Numbers of link scanners begin here, so that what is unique to a visitor is not unique to a scanner too.
const SCANNERS: u64 = 1 << 48;

/// The pages of a tape, by their numbers.
#[derive(Debug, Clone)]
pub struct Pages {
    /// What is the same for every GET.
    pub get: Request,
    /// What is the same for every HEAD.
    pub head: Request,
    /// Whether a page is asked for by HEAD, and its path and query.
    pub paths: Vec<(bool, PathAndQuery)>,
}

impl Pages {
    /// The request for the page `number`.
    pub(super) fn page(&self, number: u32) -> Option<Request> {
        let (is_head, path) = self.paths.get(usize::try_from(number).ok()?)?;
        let mut request = if *is_head {
            self.head.clone()
        } else {
            self.get.clone()
        };
        request.path = path.clone();
        Some(request)
    }
}

impl<T: Transport> Shared<T> {
    /// Opens one link of a mail, as a scanner does; counted as sent before.
    pub(super) async fn scan(self: Rc<Self>, arrival: Arrival, lot: Lot) {
        let number = SCANNERS.saturating_add(arrival.seq);
        let Some(step) = self.script.walk(lot.walk).steps.first() else {
            return;
        };
        let mut memory = Memory::new(&self.script, number, lot);
        match memory.fill(&step.prepared, self.clock.now()) {
            Ok(mut request) => {
                self.script
                    .track(step, &mut request, &format!("s{}", arrival.seq));
                self.single(Stream::Scanners, number, arrival.due, request).await;
            }
            Err(error) => self.unplayable(Stream::Scanners, number, step, arrival.due, error),
        }
    }

    /// Asks for a page of the tape; counted as sent before.
    pub(super) async fn ask_again(self: Rc<Self>, arrival: Arrival, asked: u32) {
        let Some(request) = self.script.page(asked) else {
            return;
        };
        self.single(Stream::Tape, arrival.seq, arrival.due, request).await;
    }

    async fn single(&self, stream: Stream, number: u64, due: Offset, mut request: Request) {
        request.look = Look::Nothing;
        let mut visitor = self.transport.visitor();
        let answer = self.transport.play(&mut visitor, &request).await;
        let hit = match answer.ended {
            Ended::Ours(reason) => {
                let mut shard = self.shard.borrow_mut();
                shard.withdrawn(due, answer.done, reason);
                if stream == Stream::Scanners {
                    let scanners = shard.scanners();
                    *scanners.sent.entry(due.second()).or_default() -= 1;
                    scanners.unsent += 1;
                }
                true
            }
            Ended::Site(class) => {
                let place = (number, request.step);
                self.count_of(stream, place, due, class, answer);
                !class.is_success()
            }
        };
        if stream == Stream::Tape {
            self.shard.borrow_mut().visit_ended(hit, hit);
        }
    }
}
