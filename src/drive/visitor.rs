//! One visit: the steps of a journey in order, redirects followed, cookies kept, answers judged. What the visitor
//! remembers ends with the visit.

mod check;
mod load;
mod memory;
mod mixes;

use std::rc::Rc;

use tokio::time::sleep_until;

use super::script::{LOOKED_AT, Lot, ScriptStep};
use super::worker::Shared;
use crate::load::{Arrival, Stream};
use crate::record::{Class, Outcome, Phases};
use crate::scenario::OnFailure;
use crate::transport::{Answer, Ended, Evidence, FillError, Look, Request, Transport, redirected};
use crate::units::Offset;
use load::Beside;
pub(super) use memory::Memory;
pub(super) use mixes::Mixes;

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

/// A visitor on its way: its connections, what it remembers, and what it has of the site besides pages.
struct Walker<'s, T: Transport> {
    visitor: T::Visitor,
    memory: Memory<'s>,
    beside: Option<Box<Beside<T::Visitor>>>,
}

impl<T: Transport> Shared<T> {
    /// Walks the visit of `arrival`, whose first request was counted as sent.
    pub(super) async fn visit(self: Rc<Self>, arrival: Arrival, lot: Lot) {
        let mut walker = Walker::<T> {
            visitor: self.transport.visitor(),
            memory: Memory::new(&self.script, arrival.seq, lot),
            beside: None,
        };
        let walk = self.script.walk(lot.walk);
        let mut due = arrival.due;
        let (mut hit, mut lost) = (false, false);
        for (index, step) in walk.steps.iter().enumerate() {
            let is_first = index == 0;
            walker.memory.begins_step(is_first);
            let mut ended = self.step(step, &mut walker, due, is_first).await;
            hit |= ended != Step::Good;
            if ended == Step::Down {
                ended = self.reload(step, &mut walker).await;
            }
            lost |= ended != Step::Good;
            let is_last = index + 1 == walk.steps.len();
            if is_last || ended == Step::Over || (ended != Step::Good && walk.on_failure == OnFailure::Stop) {
                break;
            }
            let think = walker.memory.think(&step.think);
            due = self.clock.now() + think;
            if !think.is_zero() {
                sleep_until(self.clock.instant(due)).await;
            }
        }
        self.shard.borrow_mut().visit_ended(hit, lost);
    }

    /// Lets the visitor try a failed step again, as often as it has the patience: a person who sees an error page.
    async fn reload(self: &Rc<Self>, step: &ScriptStep, walker: &mut Walker<'_, T>) -> Step {
        let Some(reloads) = self.script.reloads().filter(|_| step.is_repeatable()) else {
            return Step::Failed;
        };
        for _ in 0..reloads.most {
            let Some(pause) = walker.memory.patience(reloads) else {
                return Step::Failed;
            };
            let due = self.clock.now() + pause;
            sleep_until(self.clock.instant(due)).await;
            // After the end of the run nobody begins anything.
            if self.is_closed.get() {
                return Step::Failed;
            }
            self.shard.borrow_mut().reloaded();
            walker.memory.starts_over();
            let ended = self.step(step, walker, due, false).await;
            if ended != Step::Down {
                return ended;
            }
        }
        Step::Failed
    }

    /// Plays one step; a first request was counted as sent when the visitor arrived.
    async fn step(
        self: &Rc<Self>,
        step: &ScriptStep,
        walker: &mut Walker<'_, T>,
        due: Offset,
        is_first: bool,
    ) -> Step {
        let prepared = &step.prepared;
        let fixed = prepared.request();
        let comes_by_link = walker.memory.is_at_link() && step.is_repeatable() && self.script.is_tracked();
        let cookies = &walker.memory.cookies;
        let has_cookies = !cookies.is_empty() && cookies.has_for(fixed, self.clock.now());
        let is_fixed = prepared.is_fixed() && !comes_by_link && !has_cookies;
        let mut filled;
        let request = if is_fixed && step.assets.is_none() {
            fixed
        } else {
            match walker.memory.fill(prepared, self.clock.now()) {
                Ok(mut request) => {
                    if comes_by_link {
                        self.script
                            .track(step, &mut request, &walker.memory.seq().to_string());
                    }
                    filled = request;
                    self.look_for_assets(step, &mut filled);
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
                    self.unplayable(Stream::Visits, walker.memory.seq(), step, due, error);
                    return Step::Failed;
                }
            }
        };
        if !is_first {
            self.shard.borrow_mut().sent(due, self.clock.now());
        }
        let answer = self.transport.play(&mut walker.visitor, request).await;
        if answer.inside.is_none() && step.is_undemanding() {
            return self.plain(walker.memory.seq(), step, due, answer);
        }
        // Boxed: what follows is large, and most visitors have no need of it.
        Box::pin(self.judged(step, walker, request, due, answer)).await
    }

    /// Asks for the body of a page whose assets are not known.
    fn look_for_assets(&self, step: &ScriptStep, request: &mut Request) {
        if step.assets.is_some() && self.mixes.borrow().wants_page(request, self.clock.now()) {
            request.look = Look::Body(LOOKED_AT);
        }
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
        self: &Rc<Self>,
        step: &ScriptStep,
        walker: &mut Walker<'_, T>,
        first: &Request,
        due: Offset,
        answer: Answer,
    ) -> Step {
        let began = answer.sent;
        let (mut due, mut answer) = (due, answer);
        let mut request = first.clone();
        let mut gone: Vec<(Request, u32)> = Vec::new();
        loop {
            let memory = &mut walker.memory;
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
                let pages = (first, &request);
                return self
                    .concluded(step, walker, pages, (due, began), class, answer)
                    .await;
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
            self.shard.borrow_mut().redirected();
            self.shard.borrow_mut().sent(due, self.clock.now());
            answer = self.transport.play(&mut walker.visitor, &request).await;
        }
    }

    /// Judges the last answer of a step by what the scenario expects, takes from it what later steps need, and fetches
    /// what the page needs.
    async fn concluded(
        self: &Rc<Self>,
        step: &ScriptStep,
        walker: &mut Walker<'_, T>,
        (first, last): (&Request, &Request),
        (due, began): (Offset, Offset),
        class: Class,
        answer: Answer,
    ) -> Step {
        let memory = &mut walker.memory;
        let is_expected = matches!(class, Class::Status(status) if step.expect.names(status));
        if !class.is_success() && !is_expected {
            // It failed by itself: what the site said is worth more than what was expected.
            return self.plain(memory.seq(), step, due, answer);
        }
        match check::judged(step, class, &answer, answer.done.since(began), memory) {
            Ok(()) => {
                if let (Some(plan), Some(inside)) = (&step.assets, answer.inside.as_deref())
                    && (200..300).contains(&inside.status)
                {
                    let is_looked_into = first.look.body() > 0;
                    let mix = self.mixes.borrow_mut().of_page(
                        plan,
                        (first, last),
                        inside,
                        is_looked_into,
                        answer.done,
                    );
                    let page = (last, mix);
                    return self
                        .with_assets((step, plan), walker, page, due, (class, answer))
                        .await;
                }
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
