//! The true tipping point of a class of sites, by brute force: many replications of a held load, at loads ever closer
//! to the one at which the failed share of all of them comes to the share asked for.
//!
//! ln p is close to a straight line in ln λ near the root, p being the failed share at load λ. So three loads a small
//! step apart are played with the same seeds, and the line through them is solved for the share. Its error follows from
//! the scatter of the replications (the delta method); more are played until it is small enough. The same code serves a
//! smooth loss system, whose p rises by 6 % where λ rises by 1 %, and a metastable site, one in fifty of whose
//! replications fails altogether.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use super::classes::SiteClass;
use super::visits::{Crowd, Request, Witness};
use crate::load::{ArrivalProcess, Piece};
use crate::record::Class;
use crate::scenario::FailureSet;
use crate::units::{Offset, Rate, Share};

/// How long the way from half the load to the load takes.
const APPROACH: Duration = Duration::from_secs(20);
/// Horizons from here on ask for the long run: they count once the site has settled.
const LONG_RUN: Duration = Duration::from_secs(300);
/// How long a load settles before a short horizon counts: a healthy site needs no more.
const SHORT_SETTLE: Duration = Duration::from_secs(2);
/// Replications at each load while the root is bracketed.
const BRACKET: usize = 24;
/// Replications at each of three loads before the first line is drawn.
const FIRST: usize = 24;
/// Failures are spread over at least so many replications before a line is drawn: on a metastable site, one that
/// collapses outweighs all that do not.
const LEAST_FAILING: f64 = 10.0;
/// Replications that are not exceeded for that.
const MOST_FOR_SPREAD: usize = 1_200;
/// By how much ln p changes from one of the three loads to the next, where it can be told apart from noise.
const LEAST_RISE: f64 = 0.26;
/// The same at most, so that the line is straight.
const MOST_RISE: f64 = 0.8;
/// How far apart the three loads are at first, in ln λ.
const FIRST_STEP: f64 = 0.01;
/// How often the three loads may be moved.
const MOVES: usize = 12;

/// What is asked.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Question {
    /// How visits arrive.
    pub process: ArrivalProcess,
    /// The failed share that is one too many.
    pub share: Share,
    /// How long the load is held while failures count. From 300 s on, the load is held for the class's own
    /// [`SiteClass::settle`] before; for shorter ones, 2 s.
    pub horizon: Duration,
}

/// How much an answer may cost.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Effort {
    /// Half the width of the 95 % interval at which it is enough, relative: 0.001 is ±0.1 %.
    pub precision: f64,
    /// Requests that may be played, about.
    pub requests: f64,
    /// Threads to play them on. The answer does not depend on it.
    pub threads: usize,
}

/// A true tipping point, in pages per second.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TrueRate {
    /// The load at which the failed share comes to the share asked for.
    pub rate: f64,
    /// The lower end of its 95 % interval.
    pub low: f64,
    /// The upper end.
    pub high: f64,
    /// Replications at each of the three loads that it was read from.
    pub replications: usize,
}

/// The tipping point of `class`; nothing where it has none ([`SiteClass::has_tipping_point`]).
pub fn truth_of(class: &SiteClass, question: &Question, effort: &Effort) -> Option<TrueRate> {
    if !class.has_tipping_point(question.share) {
        return None;
    }
    let mut laboratory = Laboratory {
        class,
        question,
        effort,
        spent: 0.0,
    };
    let start = laboratory.bracket();
    Some(laboratory.root(start))
}

/// What one replication counted.
#[derive(Debug, Clone, Copy, Default)]
struct Count {
    from: Offset,
    ended: u64,
    failed: u64,
}

impl Witness for Count {
    fn sent(&mut self, _: Offset) {}

    fn ended(&mut self, _: &Request, done: Offset, class: Class, _: bool) {
        if done >= self.from {
            self.ended += 1;
            self.failed += u64::from(FailureSet::Gateway.contains(class));
        }
    }
}

/// A load and what its replications counted.
#[derive(Debug, Clone, Default)]
struct Load {
    rate: f64,
    counts: Vec<Count>,
}

impl Load {
    fn at(rate: f64) -> Self {
        Self {
            rate,
            counts: Vec::new(),
        }
    }

    fn ended(&self) -> f64 {
        self.counts.iter().map(|count| count.ended as f64).sum()
    }

    fn failed(&self) -> f64 {
        self.counts.iter().map(|count| count.failed as f64).sum()
    }

    fn share(&self) -> f64 {
        self.failed() / self.ended().max(1.0)
    }

    /// Over how many replications its failures are spread: (Σ failed)² ÷ Σ failed².
    fn failing(&self) -> f64 {
        let squares: f64 = self
            .counts
            .iter()
            .map(|count| (count.failed as f64).powi(2))
            .sum();
        self.failed().powi(2) / squares.max(1.0)
    }
}

/// The line through three loads.
struct Line {
    /// d ln p / d ln λ.
    slope: f64,
    /// ln of the load at which it comes to the share.
    root: f64,
    /// The standard deviation of that.
    error: f64,
}

/// Where the three loads lie, in ln λ.
#[derive(Debug, Clone, Copy)]
struct Place {
    middle: f64,
    step: f64,
}

impl Place {
    fn loads(&self) -> [Load; 3] {
        [-self.step, 0.0, self.step].map(|offset| Load::at((self.middle + offset).exp()))
    }

    /// A better place, where the root is not between these loads, or ln p rises too little or too much over them.
    fn better(&self, line: &Line) -> Option<Place> {
        let rise = (4.0 * line.error * line.slope).clamp(LEAST_RISE, MOST_RISE);
        let step = (rise / line.slope).clamp(0.0004, 0.03);
        let is_near = (line.root - self.middle).abs() <= 0.7 * self.step;
        if is_near && (0.4..2.5).contains(&(step / self.step)) {
            return None;
        }
        Some(Place {
            middle: line
                .root
                .clamp(self.middle - 4.0 * self.step, self.middle + 4.0 * self.step),
            step,
        })
    }
}

struct Laboratory<'a> {
    class: &'a SiteClass,
    question: &'a Question,
    effort: &'a Effort,
    spent: f64,
}

impl Laboratory<'_> {
    fn settle(&self) -> Duration {
        if self.question.horizon >= LONG_RUN {
            self.class.settle
        } else {
            SHORT_SETTLE
        }
    }

    fn replication(&self, rate: f64, seed: u64) -> Count {
        let rate = Rate::per_second(rate);
        let mut crowd = Crowd::new(self.class.visits(self.question.process, seed));
        crowd.extend(Piece {
            length: APPROACH,
            from: rate.times(0.5),
            to: rate,
        });
        crowd.extend(Piece::hold(rate, self.settle() + self.question.horizon));
        let mut count = Count {
            from: Offset::ZERO + APPROACH + self.settle(),
            ..Count::default()
        };
        let end = count.from + self.question.horizon;
        crowd.play(&mut self.class.site(seed), end, &mut count);
        count
    }

    /// Plays further replications of `load`, until there are `wanted`.
    fn play(&mut self, load: &mut Load, wanted: usize) {
        let first = load.counts.len();
        let missing = wanted.saturating_sub(first);
        let length = APPROACH + self.settle() + self.question.horizon;
        self.spent += missing as f64 * load.rate * length.as_secs_f64();
        let next = AtomicUsize::new(first);
        let this = &*self;
        let work = || {
            let mut done = Vec::new();
            loop {
                let seed = next.fetch_add(1, Ordering::Relaxed);
                if seed >= wanted {
                    return done;
                }
                done.push((seed, this.replication(load.rate, seed as u64)));
            }
        };
        let mut counts: Vec<(usize, Count)> = std::thread::scope(|scope| {
            let threads: Vec<_> = (1..self.effort.threads).map(|_| scope.spawn(work)).collect();
            let mut counts = work();
            for thread in threads {
                // A thread that panicked has said so; what it played is missing then, and the count tells.
                counts.extend(thread.join().unwrap_or_default());
            }
            counts
        });
        counts.sort_unstable_by_key(|(seed, _)| *seed);
        load.counts.extend(counts.into_iter().map(|(_, count)| count));
    }

    /// A load within a few percent of the root, by bisection.
    fn bracket(&mut self) -> f64 {
        let capacity = self.class.spec.capacity().get();
        let (mut low, mut high) = (0.05 * capacity, 1.6 * capacity);
        while high / low > 1.03 {
            let mut middle = Load::at((low * high).sqrt());
            let wanted = if high / low > 1.3 { BRACKET / 2 } else { BRACKET };
            self.play(&mut middle, wanted);
            if middle.share() > self.question.share.get() {
                high = middle.rate;
            } else {
                low = middle.rate;
            }
        }
        (low * high).sqrt()
    }

    /// The root, from a load near it.
    fn root(&mut self, start: f64) -> TrueRate {
        let mut place = Place {
            middle: start.ln(),
            step: FIRST_STEP,
        };
        let (mut loads, mut wanted, mut moves) = (place.loads(), FIRST, 0);
        loop {
            for load in &mut loads {
                self.play(load, wanted);
            }
            let line = self.line(&loads, &place);
            let is_spent = self.spent >= self.effort.requests;
            let is_spread = loads.iter().all(|load| load.failing() >= LEAST_FAILING);
            if !is_spread && !is_spent && wanted < MOST_FOR_SPREAD {
                wanted *= 2;
                continue;
            }
            if moves < MOVES
                && !is_spent
                && let Some(better) = place.better(&line)
            {
                (place, loads) = (better, better.loads());
                moves += 1;
                continue;
            }
            let excess = 1.96 * line.error / self.effort.precision;
            if excess <= 1.0 || is_spent {
                let at = |errors: f64| (line.root + errors * line.error).exp();
                return TrueRate {
                    rate: at(0.0),
                    low: at(-1.96),
                    high: at(1.96),
                    replications: wanted,
                };
            }
            wanted = (wanted as f64 * (1.1 * excess * excess).clamp(1.2, 3.0)).ceil() as usize;
        }
    }

    fn line(&self, loads: &[Load; 3], place: &Place) -> Line {
        let share = self.question.share.get();
        // Where a load never failed, half a failed request stands for what it might have shown.
        let logs = loads
            .each_ref()
            .map(|load| load.share().max(0.5 / load.ended()).ln());
        let slope = ((logs[2] - logs[0]) / (2.0 * place.step)).clamp(2.0, 2_000.0);
        let mean = logs.iter().sum::<f64>() / 3.0;
        let replications = loads[0].counts.len();
        let influence = |replication: usize| {
            let of = |load: &Load| {
                let count = load.counts.get(replication).copied().unwrap_or_default();
                let share = load.share();
                let expected = (share * load.ended() / replications as f64).max(f64::MIN_POSITIVE);
                (count.failed as f64 - share * count.ended as f64) / expected
            };
            loads.iter().map(of).sum::<f64>() / 3.0
        };
        let squares: f64 = (0..replications).map(|one| influence(one).powi(2)).sum();
        let degrees = replications as f64 * (replications as f64 - 1.0);
        Line {
            slope,
            root: place.middle + (share.ln() - mean) / slope,
            error: (squares / degrees.max(1.0)).sqrt() / slope,
        }
    }
}
