//! A campaign, played against a model site: visits that walk their pages with think times, link scanners that ask once,
//! and what the site carries already. Every arrival is at random.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};
use std::time::Duration;

use tipover::analysis::statistics::{Z_95, wilson};
use tipover::campaign::{Forecast, Streams, Variant};
use tipover::load::{ArrivalProcess, Piece, Schedule};
use tipover::model::{Call, ModelSite, Reply, SiteClass, address_of};
use tipover::scenario::FailureSet;
use tipover::units::{Offset, Rate};

use super::Luck;

/// A campaign is played from its start until so many seconds after its peak; of one that takes long, from so many seconds
/// before its peak on, after a rise of the last ones, so that no load is there at once that was not.
const WINDOW: (f64, f64, f64) = (1_500.0, 600.0, 600.0);
/// Think time between pages: median in seconds and standard deviation of the logarithm.
const THINK: (f64, f64) = (15.0, 0.8);
/// A site failed where more than this part of the requests failed for so many seconds.
const FAILED: (f64, usize) = (0.01, 10);
/// Of fewer answers not even a failure is believed, as thresholds have it.
const FEWEST: u64 = 20;
/// What a site fails by itself is told by stretches of so many answers.
const ENOUGH: u64 = 100;
/// At this part of what it can do, a site shows what it fails by itself.
const CALM: f64 = 0.1;

/// A campaign and the site that it is played against.
pub(crate) struct Play<'a> {
    pub(crate) class: &'a SiteClass,
    pub(crate) forecast: &'a Forecast,
    /// All of the load is multiplied with this, the baseline included.
    pub(crate) factor: f64,
    /// How long the send takes, in seconds.
    pub(crate) duration: f64,
    pub(crate) site_seed: u64,
}

impl Play<'_> {
    /// Whether the load made the site fail: more than 1 % of the requests for 10 s beyond chance, as a threshold is
    /// judged (one request of fifty is none), and more than 1 % above what the same site fails by itself in a quiet
    /// quarter of an hour.
    pub(crate) fn fails(&self, seed: u64) -> bool {
        let (limit, _) = FAILED;
        let surely = |(answers, failed): (u64, u64)| {
            let is_enough = answers >= FEWEST;
            if is_enough {
                wilson(failed, answers, Z_95).low
            } else {
                0.0
            }
        };
        let worst = self.worst(self.arrivals(seed), surely);
        let seen = |(answers, failed): (u64, u64)| {
            let is_enough = answers >= ENOUGH;
            if is_enough {
                failed as f64 / answers as f64
            } else {
                0.0
            }
        };
        worst > limit && worst > limit + self.worst(self.calm(seed), seen)
    }

    /// A quiet quarter of an hour: a tenth of what the site can do, and no campaign.
    fn calm(&self, seed: u64) -> impl Iterator<Item = Call> + use<> {
        let rate = self.class.spec.capacity().times(CALM);
        let mut schedule = Schedule::new(ArrivalProcess::Poisson, seed);
        schedule.extend(Piece::hold(rate, Duration::from_secs(900)));
        let addresses = self.class.addresses;
        std::iter::from_fn(move || schedule.next_arrival()).map(move |arrival| Call {
            id: 0,
            at: arrival.due,
            visitor: arrival.seq,
            step: 0,
            address: address_of(arrival.seq, addresses),
        })
    }

    /// The largest of `measure` over the answers and failures of any stretch of 10 s of `arrivals`.
    fn worst(&self, arrivals: impl Iterator<Item = Call>, measure: impl Fn((u64, u64)) -> f64) -> f64 {
        let mut seconds: BTreeMap<u64, (u64, u64)> = BTreeMap::new();
        let mut due: BTreeMap<u64, u64> = BTreeMap::new();
        let mut site = self.class.site(self.site_seed);
        let mut ended = Vec::new();
        let mut count = |due: &mut BTreeMap<u64, u64>, ended: &mut Vec<Reply>| {
            for reply in ended.drain(..) {
                let second = due.remove(&reply.id).unwrap_or(0);
                let cell = seconds.entry(second).or_default();
                cell.0 += 1;
                cell.1 += u64::from(FailureSet::Gateway.contains(reply.class));
            }
        };
        for (id, call) in (0..).zip(arrivals) {
            site.advance(call.at, &mut ended);
            count(&mut due, &mut ended);
            due.insert(id, call.at.as_nanos() / 1_000_000_000);
            site.arrive(Call { id, ..call });
        }
        site.advance(Offset::from_secs(86_400 * 30), &mut ended);
        count(&mut due, &mut ended);
        let last = seconds.keys().last().copied().unwrap_or(0);
        let all: Vec<(u64, u64)> = (0..=last)
            .map(|second| seconds.get(&second).copied().unwrap_or_default())
            .collect();
        let sum = |stretch: &[(u64, u64)]| {
            let add = |sum: (u64, u64), one: &(u64, u64)| (sum.0 + one.0, sum.1 + one.1);
            stretch.iter().fold((0, 0), add)
        };
        all.windows(FAILED.1).map(sum).map(measure).fold(0.0, f64::max)
    }

    /// All requests in order of time.
    fn arrivals(&self, seed: u64) -> impl Iterator<Item = Call> + use<> {
        let campaign = &self.forecast.campaigns[0];
        let variant = Variant {
            duration: self.duration,
            ..campaign.variant()
        };
        let streams = Streams::new(campaign, variant);
        let (peak, _) = streams.peak();
        let from = (peak - WINDOW.0).max(0.0);
        let rise = if from > 0.0 { WINDOW.2 } else { 1e-9 };
        let length = (peak + WINDOW.1 - from).ceil() as u32;
        let factor = self.factor;
        let stream = |rate: &dyn Fn(f64) -> f64, seed: u64| {
            let mut schedule = Schedule::new(ArrivalProcess::Poisson, seed);
            // A second at a time, and finer where the curve is steep: straight lines follow it.
            for step in 0..4 * length {
                let at = from + f64::from(step) / 4.0;
                let next = at + 0.25 - 1e-9;
                let risen = |at: f64| factor * ((at - from) / rise).min(1.0);
                schedule.extend(Piece {
                    length: Duration::from_millis(250),
                    from: Rate::per_second(risen(at + 1e-9) * rate(at)),
                    to: Rate::per_second(risen(next) * rate(next)),
                });
            }
            schedule
        };
        let baseline = self.forecast.baseline;
        let pages = campaign.pages.round() as u16;
        let mut luck = Luck::new(seed);
        let mut pending: BinaryHeap<Reverse<(Offset, u64, u16)>> = BinaryHeap::new();
        let mut sources = [
            (stream(&|at| streams.visits(at), luck.seed()), pages),
            (stream(&|at| streams.scanners(at), luck.seed()), 1),
            (stream(&|_| baseline, luck.seed()), self.class.journey),
        ];
        let mut visitors: BTreeMap<u64, u16> = BTreeMap::new();
        let mut next_visitor = 0;
        let mut heads: [Option<Offset>; 3] =
            std::array::from_fn(|source| sources[source].0.next_arrival().map(|arrival| arrival.due));
        let addresses = self.class.addresses;
        std::iter::from_fn(move || {
            loop {
                let first = (0..3).filter_map(|source| Some((heads[source]?, source))).min();
                let page = pending.peek().map(|Reverse(page)| *page);
                match (first, page) {
                    (Some((due, source)), page) if page.is_none_or(|page| due <= page.0) => {
                        heads[source] = sources[source].0.next_arrival().map(|arrival| arrival.due);
                        let steps = sources[source].1;
                        // A baseline counts pages: a visit of it has as many as the journey.
                        if source == 2 && steps > 1 && luck.part() > 1.0 / f64::from(steps) {
                            continue;
                        }
                        visitors.insert(next_visitor, steps);
                        pending.push(Reverse((due, next_visitor, 0)));
                        next_visitor += 1;
                    }
                    (_, Some((due, visitor, step))) => {
                        pending.pop();
                        if visitors.get(&visitor).is_some_and(|steps| step + 1 < *steps) {
                            let think = THINK.0 * (THINK.1 * normal(&mut luck)).exp();
                            pending.push(Reverse((due + Duration::from_secs_f64(think), visitor, step + 1)));
                        } else {
                            visitors.remove(&visitor);
                        }
                        return Some(Call {
                            id: 0,
                            at: due,
                            visitor,
                            step,
                            address: address_of(visitor, addresses),
                        });
                    }
                    _ => return None,
                }
            }
        })
    }
}

/// Box and Muller, 1958.
fn normal(luck: &mut Luck) -> f64 {
    (-2.0 * luck.part().ln()).sqrt() * (2.0 * std::f64::consts::PI * luck.part()).cos()
}
