//! The assets of a page, fetched as a browser would: six connections to a host under HTTP/1.1, one under HTTP/2; what a
//! style sheet names once the style sheet is there; nothing that the visitor has and that is still fresh.
//!
//! Assets are counted apart from pages. A page whose asset does not come (a connection that failed, a 5xx, a 429) failed
//! in that way, because its visitor sees a broken page; any other 4xx says something about the link, not about the load,
//! and is only counted.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::rc::Rc;
use std::time::Duration;

use tokio::task::JoinSet;

use super::super::script::{AssetPlan, LOOKED_AT, ScriptStep};
use super::super::worker::Shared;
use super::mixes::Mix;
use super::{MOST_REDIRECTS, Step, Walker};
use crate::record::{AssetEnd, Class, Unsent};
use crate::scenario::MOST_ASSETS;
use crate::transport::{Answer, Ended, Evidence, Kept, Look, Request, Transport, redirected};
use crate::units::Offset;

/// How long after its page an asset may be begun: a site that brings them one by one cannot keep a visitor for ever.
const LONGEST_PAGE: Duration = Duration::from_secs(60);
/// Connections that a visitor keeps between its pages, besides the one that it uses for them.
const KEPT_LANES: usize = 5;

/// What a visitor who fetches assets has besides.
pub(super) struct Beside<V> {
    /// Connections, each for one request at a time.
    lanes: Vec<V>,
    /// Assets that it has, by their numbers.
    kept: BTreeMap<usize, Kept>,
}

/// The assets of one page that are still to be fetched.
struct Basket {
    queue: VecDeque<usize>,
    seen: BTreeSet<usize>,
    left_out: u64,
}

/// How the assets of a page came.
#[derive(Default)]
struct Loaded {
    /// When the last one was there.
    last: Offset,
    cached: u64,
    /// The first one that the site failed to bring.
    failed: Option<Failed>,
    /// Why one could not be asked for.
    ours: Option<Unsent>,
}

struct Failed {
    class: Class,
    done: Offset,
    evidence: Box<Evidence>,
}

/// An asset that came, or did not.
struct Fetched<V> {
    lane: V,
    number: usize,
    request: Request,
    answer: Answer,
}

impl<V> Default for Beside<V> {
    fn default() -> Self {
        Self {
            lanes: Vec::new(),
            kept: BTreeMap::new(),
        }
    }
}

impl Basket {
    /// Leaves out what was not begun.
    fn give_up(&mut self) {
        self.left_out += self.queue.len() as u64;
        self.queue.clear();
    }

    fn add(&mut self, mix: &Mix) {
        for number in mix.iter() {
            if self.seen.len() >= MOST_ASSETS && !self.seen.contains(number) {
                self.left_out += 1;
            } else if self.seen.insert(*number) {
                self.queue.push_back(*number);
            }
        }
    }
}

impl<T: Transport> Shared<T> {
    /// Fetches `mix` for a page that came whole as `answer` from the origin of `page`, and counts the page.
    pub(super) async fn with_assets(
        self: &Rc<Self>,
        (step, plan): (&ScriptStep, &AssetPlan),
        walker: &mut Walker<'_, T>,
        (page, mix): (&Request, Mix),
        due: Offset,
        (class, mut answer): (Class, Answer),
    ) -> Step {
        answer.inside = None;
        let mut basket = Basket {
            queue: VecDeque::new(),
            seen: BTreeSet::new(),
            left_out: 0,
        };
        basket.add(&mix);
        let loaded = self.load(plan, walker, page, &mut basket).await;
        let last = loaded.last.max(answer.done);
        if let Some(reason) = loaded.ours {
            self.shard.borrow_mut().withdrawn(due, last, reason);
            return Step::Over;
        }
        let whole = loaded.failed.is_none().then_some(last);
        self.shard
            .borrow_mut()
            .page_ended(due, whole, loaded.cached, basket.left_out);
        let Some(failed) = loaded.failed else {
            self.count(walker.memory.seq(), step.number(), due, class, answer);
            return Step::Good;
        };
        let stop = answer.evidence.as_ref().is_some_and(|evidence| evidence.stop);
        answer.done = failed.done.max(answer.done);
        answer.evidence = Some(failed.evidence);
        if stop {
            self.asked_to_stop();
        }
        self.count(walker.memory.seq(), step.number(), due, failed.class, answer);
        Step::Failed
    }

    async fn load(
        self: &Rc<Self>,
        plan: &AssetPlan,
        walker: &mut Walker<'_, T>,
        page: &Request,
        basket: &mut Basket,
    ) -> Loaded {
        let mut loaded = Loaded::default();
        let mut beside = walker.beside.take().unwrap_or_default();
        let most = self.transport.at_once(&walker.visitor, &page.origin).max(1);
        let spare = self.transport.beside(&walker.visitor);
        let mut lanes = std::mem::take(&mut beside.lanes);
        lanes.push(std::mem::replace(&mut walker.visitor, spare));
        let mut fetching = JoinSet::new();
        let until = self.clock.now() + LONGEST_PAGE;
        loop {
            if self.clock.now() > until {
                basket.give_up();
            }
            while fetching.len() < most {
                let Some(number) = basket.queue.pop_front() else {
                    break;
                };
                let Some(request) = self.asset(plan, (&*walker, &beside.kept), number) else {
                    loaded.cached += 1;
                    self.named_by(number, basket);
                    continue;
                };
                let lane = lanes.pop();
                let lane = lane.unwrap_or_else(|| self.transport.beside(&walker.visitor));
                self.shard.borrow_mut().asset_begun();
                fetching.spawn_local(Rc::clone(self).fetch(lane, number, request));
            }
            match fetching.join_next().await {
                Some(Ok(fetched)) => {
                    self.came(plan, walker, &mut beside.kept, &fetched, basket, &mut loaded);
                    lanes.push(fetched.lane);
                }
                // A panic of ours: that asset is lost, and nothing else.
                Some(Err(_)) => self.shard.borrow_mut().asset_ended(None),
                None => break,
            }
        }
        if let Some(lane) = lanes.pop() {
            walker.visitor = lane;
        }
        lanes.truncate(KEPT_LANES);
        beside.lanes = lanes;
        walker.beside = plan.is_fetched_again.then_some(beside);
        loaded
    }

    /// The request for an asset; nothing where the visitor has it and need not ask.
    fn asset(
        &self,
        plan: &AssetPlan,
        (walker, kept): (&Walker<'_, T>, &BTreeMap<usize, Kept>),
        number: usize,
    ) -> Option<Request> {
        let now = self.clock.now();
        let kept = kept.get(&number);
        if kept.is_some_and(|kept| kept.is_fresh(now)) {
            return None;
        }
        let mixes = self.mixes.borrow();
        let (request, is_style) = mixes.request(number)?;
        let mut request = request.clone();
        request.look = if mixes.wants_style(number, now) {
            Look::Body(LOOKED_AT)
        } else if is_style || plan.is_fetched_again {
            Look::Head
        } else if plan.goes_on {
            Look::Move
        } else {
            Look::Redirect
        };
        // What is to be looked into has to come whole.
        if let Some(kept) = kept.filter(|_| request.look.body() == 0) {
            kept.ask(&mut request);
        }
        walker.memory.cookies.add_to(&mut request, now);
        Some(request)
    }

    /// Fetches one asset, and follows it where it was moved to.
    async fn fetch(
        self: Rc<Self>,
        mut lane: T::Visitor,
        number: usize,
        mut request: Request,
    ) -> Fetched<T::Visitor> {
        let mut answer = self.transport.play(&mut lane, &request).await;
        for _ in 0..MOST_REDIRECTS {
            let moved = answer
                .inside
                .as_deref()
                .and_then(|inside| redirected(&request, inside));
            let Some(mut next) = moved.filter(|next| next.origin == request.origin) else {
                break;
            };
            self.asset_ended(&answer);
            self.shard.borrow_mut().asset_begun();
            next.look = request.look;
            request = next;
            answer = self.transport.play(&mut lane, &request).await;
        }
        self.asset_ended(&answer);
        Fetched {
            lane,
            number,
            request,
            answer,
        }
    }

    fn asset_ended(&self, answer: &Answer) {
        let mut shard = self.shard.borrow_mut();
        shard.retried(answer.retries);
        shard.asset_ended(match answer.ended {
            Ended::Ours(_) => None,
            Ended::Site(class) => Some(AssetEnd {
                sent: answer.sent,
                done: answer.done,
                class,
                bytes: answer.bytes,
                fresh_connection: answer.fresh_connection,
            }),
        });
    }

    /// Takes in an asset that was asked for.
    fn came(
        &self,
        plan: &AssetPlan,
        walker: &mut Walker<'_, T>,
        kept: &mut BTreeMap<usize, Kept>,
        fetched: &Fetched<T::Visitor>,
        basket: &mut Basket,
        loaded: &mut Loaded,
    ) {
        let Fetched {
            number,
            request,
            answer,
            ..
        } = fetched;
        loaded.last = loaded.last.max(answer.done);
        if answer.evidence.as_ref().is_some_and(|evidence| evidence.stop) {
            self.asked_to_stop();
        }
        let class = match answer.ended {
            Ended::Ours(reason) => {
                loaded.ours.get_or_insert(reason);
                return;
            }
            Ended::Site(class) => class,
        };
        if !class.is_success() {
            if breaks_its_page(class) && loaded.failed.is_none() {
                loaded.failed = Some(failed(class, request, answer));
            }
            return;
        }
        if let Some(inside) = answer.inside.as_deref() {
            walker
                .memory
                .cookies
                .take_from(&inside.headers, request, answer.done);
            if plan.is_fetched_again {
                keep(kept, *number, inside.status, &inside.headers, answer.done);
            }
            if inside.status == 200 {
                let is_looked_into = request.look.body() > 0;
                let mut mixes = self.mixes.borrow_mut();
                mixes.style_came(plan, *number, request, inside, is_looked_into, answer.done);
            }
        }
        self.named_by(*number, basket);
    }

    fn named_by(&self, number: usize, basket: &mut Basket) {
        if let Some(mix) = self.mixes.borrow().named_by(number) {
            basket.add(&mix);
        }
    }
}

/// Whether a page without this asset is a broken page, and the site's load may be why.
fn breaks_its_page(class: Class) -> bool {
    class.is_transport() || matches!(class, Class::Status(429 | 500..))
}

/// Why the page failed: named by the path of the asset alone, because a query may name a visitor.
fn failed(class: Class, request: &Request, answer: &Answer) -> Failed {
    let mut evidence = answer.evidence.clone().unwrap_or_default();
    let asset = format!("its asset `{}`", request.path.path());
    evidence.error = Some(match evidence.error.take() {
        Some(why) => format!("{asset}: {why}"),
        None => asset,
    });
    Failed {
        class,
        done: answer.done,
        evidence,
    }
}

fn keep(
    kept: &mut BTreeMap<usize, Kept>,
    number: usize,
    status: u16,
    headers: &hyper::HeaderMap,
    now: Offset,
) {
    match (status, kept.get_mut(&number)) {
        (304, Some(known)) => known.renew(headers, now),
        (200, _) => match Kept::of(headers, now) {
            Some(new) => _ = kept.insert(number, new),
            None => _ = kept.remove(&number),
        },
        _ => {}
    }
}
