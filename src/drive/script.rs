//! What visitors do, ready to be played: every step prepared, and for each arrival the same journey, row and random
//! numbers, whichever worker plays it.

use std::sync::Arc;
use std::time::Duration;

use rand_core::{Rng, SeedableRng};
use rand_pcg::Pcg64;

use super::single::Pages;
use crate::scenario::{
    Assets, AtEnd, Capture, CaptureSource, Data, Expect, OnFailure, Order, Reloads, Scenario, Step, ThinkTime,
};
use crate::transport::{Look, PrepareError, Prepared, Request, for_assets, prepare};

/// Bytes of a body that are looked at; what comes after them is read to its end and forgotten.
pub(super) const LOOKED_AT: usize = 1 << 20;

/// The journeys of a run. Clones share it.
#[derive(Debug, Clone)]
pub struct Script(Arc<Parts>);

#[derive(Debug)]
struct Parts {
    walks: Vec<Walk>,
    /// Weights, added up: a number below the last chooses the first walk whose sum is above it.
    sums: Vec<u64>,
    seed: u64,
    /// Makes what is unique in a run unique over all runs.
    run_id: String,
    /// Whether visitors reload what failed.
    reloads: Option<Reloads>,
    /// What the links of a mail carry.
    tracking: Tracking,
    /// The pages of a tape.
    pages: Option<Pages>,
}

/// What the links of a mail carry, which visitors and link scanners open.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Tracking {
    /// Nothing.
    #[default]
    None,
    /// The same for everybody.
    Same(String),
    /// Another value for each mail.
    Unique,
}

/// A journey, ready to be walked.
#[derive(Debug)]
pub(super) struct Walk {
    pub(super) steps: Vec<ScriptStep>,
    pub(super) on_failure: OnFailure,
    pub(super) rows: Option<Rows>,
    pub(super) slots: usize,
}

/// A step, ready to be played.
#[derive(Debug)]
pub(super) struct ScriptStep {
    pub(super) prepared: Prepared,
    pub(super) expect: Expect,
    pub(super) captures: Vec<Capture>,
    pub(super) think: ThinkTime,
    /// What is fetched with its page; nothing where the page is all.
    pub(super) assets: Option<Box<AssetPlan>>,
}

/// How the assets of a step are fetched.
#[derive(Debug)]
pub(super) struct AssetPlan {
    pub(super) assets: Assets,
    /// A request with the headers that each has.
    pub(super) base: Request,
    /// Whether a later step of the journey fetches assets too: then it matters which a visitor has.
    pub(super) is_fetched_again: bool,
    /// Whether there is a later step at all.
    pub(super) goes_on: bool,
}

/// Rows, in the order in which visitors are given them.
#[derive(Debug)]
pub(super) struct Rows {
    pub(super) data: Arc<Data>,
    order: Order,
    at_end: AtEnd,
    shuffled: Vec<u32>,
}

/// What an arrival is to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Lot {
    /// Which journey.
    pub(super) walk: usize,
    /// Which row; nothing where the journey has none.
    pub(super) row: Option<usize>,
}

impl Script {
    /// The journeys of `scenario` for the run `run_id`; without its think times where it `thinks` not.
    ///
    /// # Errors
    /// A step that HTTP does not allow.
    pub fn new(scenario: &Scenario, run_id: &str, thinks: bool) -> Result<Self, PrepareError> {
        let mut prepared = prepare(scenario, run_id)?.into_iter();
        let seed = scenario.search.seed;
        let mut walks = Vec::new();
        let mut sums = Vec::new();
        let mut sum = 0;
        for journey in scenario.journeys.iter() {
            let prepared = prepared.by_ref().take(journey.steps.len());
            let steps = steps(scenario, &journey.steps, prepared, (run_id, thinks))?;
            walks.push(Walk {
                steps,
                on_failure: journey.on_failure,
                rows: journey.data.as_ref().map(|plan| Rows {
                    data: Arc::clone(&plan.data),
                    order: plan.order,
                    at_end: plan.at_end,
                    shuffled: shuffled(plan.order, plan.data.len(), seed),
                }),
                slots: journey.slots,
            });
            sum += u64::from(journey.weight);
            sums.push(sum);
        }
        if walks.iter().any(|walk: &Walk| walk.steps.is_empty()) || walks.is_empty() {
            return Err(PrepareError {
                step: 0,
                why: "a journey has no step".to_owned(),
            });
        }
        let run_id = run_id.to_owned();
        Ok(Self(Arc::new(Parts {
            walks,
            sums,
            seed,
            run_id,
            reloads: None,
            tracking: Tracking::None,
            pages: None,
        })))
    }

    /// The same, with visitors who come from links that carry `tracking`, and who reload what failed where they have the
    /// patience.
    #[must_use]
    pub fn of_campaign(self, tracking: Tracking, reloads: Option<Reloads>) -> Self {
        self.changed(|parts| (parts.tracking, parts.reloads) = (tracking, reloads))
    }

    /// The same, with the pages of a tape, by their numbers.
    #[must_use]
    pub fn with_pages(self, pages: Pages) -> Self {
        self.changed(|parts| parts.pages = Some(pages))
    }

    /// Clones share their parts: those of a script that has some already stay as they are.
    fn changed(mut self, change: impl FnOnce(&mut Parts)) -> Self {
        if let Some(parts) = Arc::get_mut(&mut self.0) {
            change(parts);
        }
        self
    }

    pub(super) fn reloads(&self) -> Option<&Reloads> {
        self.0.reloads.as_ref()
    }

    /// The page `number` of the tape.
    pub(super) fn page(&self, number: u32) -> Option<Request> {
        self.0.pages.as_ref()?.page(number)
    }

    /// Whether a journey begins with a link that a mail may hold: a page that is fetched.
    pub fn has_links(&self) -> bool {
        self.0.walks.iter().any(Walk::is_linked)
    }

    /// The link that the scanner `seq` opens: the first step of a journey, by the weights of those that begin with one.
    /// Nothing where none does. Scanners use up no rows.
    pub(super) fn link_of(&self, seq: u64) -> Option<Lot> {
        let parts = &self.0;
        let before = |walk: usize| if walk == 0 { 0 } else { parts.sums[walk - 1] };
        let weights = || {
            let linked = parts
                .walks
                .iter()
                .enumerate()
                .filter(|(_, walk)| walk.is_linked());
            linked.map(|(walk, _)| (walk, parts.sums[walk] - before(walk)))
        };
        let total: u64 = weights().map(|(_, weight)| weight).sum();
        let mut drawn = below(mixed(parts.seed ^ 0x6c69_6e6b, seq), total.max(1));
        let (walk, _) = weights().find(|(_, weight)| {
            let is_here = drawn < *weight;
            drawn = drawn.saturating_sub(*weight);
            is_here
        })?;
        let rows = self.walk(walk).rows.as_ref();
        let row = rows.and_then(|rows| rows.row(seq % (rows.data.len() as u64).max(1), parts.seed));
        Some(Lot { walk, row })
    }

    /// Lets `request`, the first of `who` opened a link, carry what the link carries. Addresses that differ for each
    /// visitor already stay as they are.
    pub(super) fn track(&self, step: &ScriptStep, request: &mut Request, who: &str) {
        let value = match &self.0.tracking {
            Tracking::None => return,
            Tracking::Same(value) => value.clone(),
            Tracking::Unique => format!("{}-{who}", self.0.run_id),
        };
        if step.prepared.request().path != request.path || request.path.as_str().contains("utm_id=") {
            return;
        }
        let sign = if request.path.query().is_some() { '&' } else { '?' };
        if let Ok(path) = format!("{}{sign}utm_id={value}", request.path).parse() {
            request.path = path;
        }
    }

    pub(super) fn is_tracked(&self) -> bool {
        self.0.tracking != Tracking::None
    }

    /// What the arrival `seq` does; `count` is told every arrival in turn. Nothing where the rows are used up.
    pub(super) fn lot(&self, seq: u64, count: &mut Ordinals) -> Option<Lot> {
        let walk = self.walk_of(seq);
        let Some(rows) = &self.walk(walk).rows else {
            return Some(Lot { walk, row: None });
        };
        let ordinal = count.of(self, seq, walk);
        let row = rows.row(ordinal, self.0.seed)?;
        Some(Lot { walk, row: Some(row) })
    }

    pub(super) fn walk(&self, number: usize) -> &Walk {
        &self.0.walks[number.min(self.0.walks.len() - 1)]
    }

    /// Whether there is more than one step to be told apart.
    pub(super) fn has_several_steps(&self) -> bool {
        self.0.walks.iter().map(|walk| walk.steps.len()).sum::<usize>() > 1
    }

    pub(super) fn run_id(&self) -> &str {
        &self.0.run_id
    }

    /// The journey of an arrival: by the seed and its number alone.
    fn walk_of(&self, seq: u64) -> usize {
        let total = match self.0.sums[..] {
            [] | [_] => return 0,
            [.., total] => total,
        };
        let drawn = below(mixed(self.0.seed, seq), total);
        self.0.sums.partition_point(|sum| *sum <= drawn)
    }

    /// The random numbers of one visitor.
    pub(super) fn random(&self, seq: u64) -> Pcg64 {
        Pcg64::seed_from_u64(mixed(self.0.seed ^ 0x7469_706f, seq))
    }
}

impl From<Vec<(Request, Duration)>> for Script {
    /// One journey of these requests, each with the think time after it.
    fn from(requests: Vec<(Request, Duration)>) -> Self {
        let step = |(request, think): (Request, Duration)| ScriptStep {
            prepared: Prepared::from(request),
            expect: Expect::default(),
            captures: Vec::new(),
            think: ThinkTime::Fixed(think),
            assets: None,
        };
        let walk = Walk {
            steps: requests.into_iter().map(step).collect(),
            on_failure: OnFailure::Continue,
            rows: None,
            slots: 0,
        };
        Self(Arc::new(Parts {
            walks: vec![walk],
            sums: vec![1],
            seed: 0,
            run_id: String::new(),
            reloads: None,
            tracking: Tracking::None,
            pages: None,
        }))
    }
}

impl Walk {
    /// Whether it begins with a page that is fetched, as the link of a mail does.
    fn is_linked(&self) -> bool {
        self.steps.first().is_some_and(ScriptStep::is_repeatable)
    }
}

impl ScriptStep {
    /// Whether asking again changes nothing: a GET or a HEAD.
    pub(super) fn is_repeatable(&self) -> bool {
        let method = &self.prepared.request().method;
        method == hyper::Method::GET || method == hyper::Method::HEAD
    }

    /// Its number in a record.
    pub(super) fn number(&self) -> u16 {
        self.prepared.request().step
    }

    /// Whether any whole answer below 400 will do, and nothing of it is kept.
    pub(super) fn is_undemanding(&self) -> bool {
        self.expect.is_empty() && self.captures.is_empty()
    }
}

/// The steps of one journey.
fn steps(
    scenario: &Scenario,
    all: &[Step],
    prepared: impl Iterator<Item = Prepared>,
    (run_id, thinks): (&str, bool),
) -> Result<Vec<ScriptStep>, PrepareError> {
    let mut steps = Vec::with_capacity(all.len());
    for (index, prepared) in prepared.enumerate() {
        let (step, later) = (&all[index], &all[index + 1..]);
        let number = prepared.request().step;
        let assets = match step.assets {
            Assets::None => None,
            assets => Some(Box::new(AssetPlan {
                assets,
                base: for_assets(scenario, step, run_id, number)?,
                is_fetched_again: later.iter().any(|step| step.assets != Assets::None),
                goes_on: !later.is_empty(),
            })),
        };
        steps.push(ScriptStep {
            prepared: prepared.looking(look_of(step, later.is_empty())),
            expect: step.expect.clone(),
            captures: step.captures.clone(),
            think: step.think.filter(|_| thinks).unwrap_or(NO_TIME),
            assets,
        });
    }
    Ok(steps)
}

const NO_TIME: ThinkTime = ThinkTime::Fixed(Duration::ZERO);

/// As little as the step needs: a redirect is followed, and a later step of the visit needs the cookies.
fn look_of(step: &Step, is_last: bool) -> Look {
    let is_cookie = |capture: &Capture| matches!(capture.from, CaptureSource::Cookie(_));
    if step.looks_inside() {
        Look::Body(LOOKED_AT)
    } else if !step.captures.iter().all(is_cookie)
        || !step.expect.headers.is_empty()
        || step.assets != Assets::None
    {
        Look::Head
    } else if is_last && step.captures.is_empty() {
        Look::Redirect
    } else {
        Look::Move
    }
}

impl Rows {
    /// The row of the visitor `ordinal` of the journey, from 0; nothing where they are used up.
    fn row(&self, ordinal: u64, seed: u64) -> Option<usize> {
        let count = self.data.len() as u64;
        if count == 0 || (self.at_end == AtEnd::Stop && ordinal >= count) {
            return None;
        }
        let at = match self.order {
            Order::Random => below(mixed(seed ^ 0x0072_6f77, ordinal), count),
            _ => ordinal % count,
        };
        let at = usize::try_from(at).ok()?;
        Some(match self.order {
            Order::Shuffle => self.shuffled.get(at).map_or(at, |row| *row as usize),
            _ => at,
        })
    }
}

/// Every row once, in an order that the seed decides (Fisher and Yates); empty for any other order.
fn shuffled(order: Order, count: usize, seed: u64) -> Vec<u32> {
    if order != Order::Shuffle {
        return Vec::new();
    }
    let mut rows: Vec<u32> = (0..count).map_while(|row| u32::try_from(row).ok()).collect();
    let mut random = Pcg64::seed_from_u64(seed);
    for at in (1..rows.len()).rev() {
        let other = below(random.next_u64(), at as u64 + 1);
        rows.swap(at, usize::try_from(other).unwrap_or(at));
    }
    rows
}

/// How many visitors of each journey came before one: the same in every worker, because each counts all arrivals.
#[derive(Debug, Default)]
pub(super) struct Ordinals {
    next: u64,
    seen: Vec<u64>,
    by_number: bool,
}

impl Ordinals {
    /// From now on the number of a visit is its place: no two are the same, and those of the other journeys are left
    /// out.
    pub(super) fn go_by_number(&mut self) {
        self.by_number = true;
    }

    fn of(&mut self, script: &Script, seq: u64, walk: usize) -> u64 {
        if self.by_number || script.0.walks.len() == 1 {
            return seq;
        }
        self.seen.resize(script.0.walks.len(), 0);
        while self.next < seq {
            self.seen[script.walk_of(self.next)] += 1;
            self.next += 1;
        }
        self.seen[walk]
    }
}

/// Two numbers to 64 bits that look random: the finalizer of SplitMix64 (Steele, Lea, Flood 2014) over a Weyl step.
fn mixed(seed: u64, number: u64) -> u64 {
    let stir = |mut z: u64| {
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    };
    stir(
        stir(seed.wrapping_add(0x9e37_79b9_7f4a_7c15))
            .wrapping_add(number.wrapping_mul(0x9e37_79b9_7f4a_7c15)),
    )
}

/// A random 64-bit number as one below `end`, by multiplication (Lemire 2019); its bias is below `end` ÷ 2^64.
pub(super) fn below(random: u64, end: u64) -> u64 {
    u64::try_from((u128::from(random) * u128::from(end)) >> 64).unwrap_or(0)
}

#[cfg(test)]
mod tests;
