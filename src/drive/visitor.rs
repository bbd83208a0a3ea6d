//! One visit: the steps of a journey in order, redirects followed, cookies kept, answers judged. What the visitor
//! remembers ends with the visit.

mod check;
mod memory;

use std::rc::Rc;

use tokio::time::sleep_until;

use super::script::{Lot, ScriptStep};
use super::worker::Shared;
use crate::load::{Arrival, Stream};
use crate::record::{Class, Outcome, Phases};
use crate::scenario::OnFailure;
use crate::transport::{Answer, Ended, Evidence, FillError, Request, Transport, redirected};
use crate::units::Offset;
pub(super) use memory::Memory;

/// Redirects that a visitor follows for one step; browsers follow 20.
const MOST_REDIRECTS: usize = 10;

/// How a step ended for the visit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    Good,
    Failed,
    /// The site failed it: a person reloads the page, perhaps.
    Down,
    /// The visit cannot go on.
    Over,
}

impl<T: Transport> Shared<T> {
    /// Walks the visit of `arrival`, whose first request was counted as sent.
    pub(super) async fn visit(self: Rc<Self>, arrival: Arrival, lot: Lot) {
        let mut visitor = self.transport.visitor();
        let mut memory = Memory::new(&self.script, arrival.seq, lot);
        let walk = self.script.walk(lot.walk);
        let mut due = arrival.due;
        let (mut hit, mut lost) = (false, false);
        for (index, step) in walk.steps.iter().enumerate() {
            let is_first = index == 0;
            memory.begins_step(is_first);
            let mut ended = self.step(step, (&mut visitor, &mut memory), due, is_first).await;
            hit |= ended != Step::Good;
            if ended == Step::Down {
                ended = self.reload(step, (&mut visitor, &mut memory)).await;
            }
            lost |= ended != Step::Good;
            if ended == Step::Over || (ended != Step::Good && walk.on_failure == OnFailure::Stop) {
                break;
            }
            let think = memory.think(&step.think);
            due = self.clock.now() + think;
            if !think.is_zero() && index + 1 < walk.steps.len() {
                sleep_until(self.clock.instant(due)).await;
            }
        }
        self.shard.borrow_mut().visit_ended(hit, lost);
    }

    /// Lets the visitor try a failed step again, as often as it has the patience: a person who sees an error page.
    async fn reload(&self, step: &ScriptStep, (visitor, memory): (&mut T::Visitor, &mut Memory<'_>)) -> Step {
        let Some(reloads) = self.script.reloads().filter(|_| step.is_repeatable()) else {
            return Step::Failed;
        };
        for _ in 0..reloads.most {
            let Some(pause) = memory.patience(reloads) else {
                return Step::Failed;
            };
            let due = self.clock.now() + pause;
            sleep_until(self.clock.instant(due)).await;
            // After the end of the run nobody begins anything.
            if self.is_closed.get() {
                return Step::Failed;
            }
            self.shard.borrow_mut().reloaded();
            memory.starts_over();
            let ended = self.step(step, (&mut *visitor, &mut *memory), due, false).await;
            if ended != Step::Down {
                return ended;
            }
        }
        Step::Failed
    }

    /// Plays one step; a first request was counted as sent when the visitor arrived.
    async fn step(
        &self,
        step: &ScriptStep,
        (visitor, memory): (&mut T::Visitor, &mut Memory<'_>),
        due: Offset,
        is_first: bool,
    ) -> Step {
        let prepared = &step.prepared;
        let fixed = prepared.request();
        let comes_by_link = memory.is_at_link() && step.is_repeatable() && self.script.is_tracked();
        let is_fixed =
            prepared.is_fixed() && !comes_by_link && !memory.cookies.has_for(fixed, self.clock.now());
        let filled;
        let request = if is_fixed {
            fixed
        } else {
            match memory.fill(prepared, self.clock.now()) {
                Ok(mut request) => {
                    if comes_by_link {
                        self.script.track(step, &mut request, &memory.seq().to_string());
                    }
                    filled = request;
                    &filled
                }
                Err(FillError::Missing(_)) if !is_first => {
                    // The step that should have brought it was counted as failed.
                    return Step::Over;
                }
                Err(error) => {
                    if !is_first {
                        self.shard.borrow_mut().sent(due, self.clock.now());
                    }
                    self.unplayable(Stream::Visits, memory.seq(), step, due, error);
                    return Step::Failed;
                }
            }
        };
        if !is_first {
            self.shard.borrow_mut().sent(due, self.clock.now());
        }
        let answer = self.transport.play(visitor, request).await;
        if answer.inside.is_none() && step.is_undemanding() {
            return self.plain(memory.seq(), step, due, answer);
        }
        // Boxed: what follows is large, and most visitors have no need of it.
        Box::pin(self.judged(step, (visitor, memory), request, due, answer)).await
    }

    /// An answer that nobody looks into.
    fn plain(&self, seq: u64, step: &ScriptStep, due: Offset, answer: Answer) -> Step {
        match answer.ended {
            Ended::Ours(reason) => {
                self.shard.borrow_mut().withdrawn(due, answer.done, reason);
                Step::Over
            }
            Ended::Site(class) => {
                self.count(seq, step.number(), due, class, answer);
                match class {
                    class if class.is_success() => Step::Good,
                    class if class.is_transport() || matches!(class, Class::Status(500..)) => Step::Down,
                    _ => Step::Failed,
                }
            }
        }
    }

    /// An answer that is looked into: cookies, redirects, expectations, captures.
    async fn judged(
        &self,
        step: &ScriptStep,
        (visitor, memory): (&mut T::Visitor, &mut Memory<'_>),
        first: &Request,
        due: Offset,
        answer: Answer,
    ) -> Step {
        let began = answer.sent;
        let (mut due, mut answer) = (due, answer);
        let mut request = first.clone();
        let mut gone: Vec<(Request, u32)> = Vec::new();
        loop {
            let Ended::Site(class) = answer.ended else {
                return self.plain(memory.seq(), step, due, answer);
            };
            let sent_with = memory.cookies.changes();
            if let Some(inside) = &answer.inside {
                memory.cookies.take_from(&inside.headers, &request, answer.done);
            }
            let follows = !step.expect.is_of_a_redirect();
            let next = answer.inside.as_deref().filter(|_| follows);
            let Some(mut next) = next.and_then(|inside| redirected(&request, inside)) else {
                return self.concluded(step, memory, due, began, class, answer);
            };
            next.look = first.look;
            memory.renew_cookies(step.prepared.request(), &mut next, answer.done);
            gone.push((request, sent_with));
            let is_loop = gone.iter().any(|(before, cookies)| {
                before.path == next.path
                    && before.origin == next.origin
                    && before.method == next.method
                    && *cookies == memory.cookies.changes()
            });
            if is_loop || gone.len() > MOST_REDIRECTS {
                let why = if is_loop {
                    "a redirect loop: it leads back to where it came from".to_owned()
                } else {
                    format!("more than {MOST_REDIRECTS} redirects")
                };
                self.fails(step, memory.seq(), due, answer, why);
                return Step::Failed;
            }
            let done = answer.done;
            self.count(memory.seq(), step.number(), due, class, answer);
            (due, request) = (done, next);
            self.shard.borrow_mut().sent(due, self.clock.now());
            answer = self.transport.play(visitor, &request).await;
        }
    }

    /// Judges the last answer of a step by what the scenario expects, and takes from it what later steps need.
    fn concluded(
        &self,
        step: &ScriptStep,
        memory: &mut Memory<'_>,
        due: Offset,
        began: Offset,
        class: Class,
        answer: Answer,
    ) -> Step {
        let is_expected = matches!(class, Class::Status(status) if step.expect.names(status));
        if !class.is_success() && !is_expected {
            // It failed by itself: what the site said is worth more than what was expected.
            return self.plain(memory.seq(), step, due, answer);
        }
        match check::judged(step, class, &answer, answer.done.since(began), memory) {
            Ok(()) => {
                self.count(memory.seq(), step.number(), due, class, answer);
                Step::Good
            }
            Err(why) => {
                self.fails(step, memory.seq(), due, answer, why);
                Step::Failed
            }
        }
    }

    /// Counts a whole answer that failed the scenario's own check.
    fn fails(&self, step: &ScriptStep, seq: u64, due: Offset, mut answer: Answer, why: String) {
        let stop = answer.evidence.as_ref().is_some_and(|evidence| evidence.stop);
        let mut evidence = Evidence::of_check(answer.inside.as_deref(), why);
        evidence.stop |= stop;
        answer.evidence = Some(evidence);
        self.count(seq, step.number(), due, Class::FailedCheck, answer);
    }

    /// Counts a request that could not be made of the visitor's values.
    pub(super) fn unplayable(
        &self,
        stream: Stream,
        seq: u64,
        step: &ScriptStep,
        due: Offset,
        error: FillError,
    ) {
        let why = match error {
            FillError::Missing(placeholder) => format!("`{{{{{placeholder}}}}}` has no value"),
            FillError::NoRequest(why) => format!("not sent: {why}"),
        };
        let now = self.clock.now();
        let answer = Answer {
            sent: now,
            first_byte: None,
            done: now,
            ended: Ended::Site(Class::FailedCheck),
            bytes: 0,
            fresh_connection: false,
            phases: Phases::default(),
            retries: 0,
            evidence: Some(Evidence::of_check(None, why)),
            inside: None,
        };
        self.count_of(stream, (seq, step.number()), due, Class::FailedCheck, answer);
    }

    fn count(&self, seq: u64, step: u16, due: Offset, class: Class, answer: Answer) {
        self.count_of(Stream::Visits, (seq, step), due, class, answer);
    }

    /// Counts a request that ended, of whichever stream.
    pub(super) fn count_of(
        &self,
        stream: Stream,
        (seq, step): (u64, u16),
        due: Offset,
        class: Class,
        answer: Answer,
    ) {
        let mut shard = self.shard.borrow_mut();
        shard.retried(answer.retries);
        if class.is_success() && stream != Stream::Scanners {
            shard.timed(&answer.phases);
        }
        let outcome = Outcome {
            seq,
            step,
            due,
            sent: answer.sent,
            first_byte: answer.first_byte,
            done: answer.done,
            class,
            bytes: answer.bytes,
            fresh_connection: answer.fresh_connection,
        };
        if stream == Stream::Scanners {
            shard.scan_ended(&outcome);
        } else {
            shard.ended(&outcome);
        }
        drop(shard);
        if let Some(evidence) = answer.evidence {
            if evidence.stop {
                self.asked_to_stop();
            }
            if !class.is_success() {
                self.samples
                    .borrow_mut()
                    .keep(due.second(), class, step, *evidence);
            }
        }
    }
}

#[cfg(test)]
mod tests;
