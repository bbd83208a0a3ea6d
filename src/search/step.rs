//! What goes into a search and what comes out of it, second by second.

use std::collections::BTreeMap;
use std::fmt;

use super::finding::Finding;
use crate::record::Class;
use crate::units::{Offset, Rate};

/// What one second of load showed. Requests count only where they were sent in the running trial.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Window {
    /// Which second of the run, from 0.
    pub second: u32,
    /// The load asked for, in pages per second, on average over the second.
    pub offered: Rate,
    /// Requests sent.
    pub sent: u64,
    /// Redirects that were followed in this second, whose next requests are in `sent`: pages are what is left.
    pub redirects: u64,
    /// Requests for assets that ended in this second: they count for caps only.
    pub assets: u64,
    /// Arrivals that we gave up.
    pub unsent: u64,
    /// Requests of this trial that ended in this second, by class.
    pub completed: BTreeMap<Class, u64>,
    /// Requests of earlier trials that ended in this second, by class: they count for caps and totals only.
    pub earlier: BTreeMap<Class, u64>,
    /// Median latency of the successes among them, from sent, in microseconds.
    pub median_us: Option<u64>,
    /// Requests in flight, on average over the second; those of earlier trials included.
    pub in_flight: f64,
    /// Requests of this trial still in flight at its end, by age: element 0 was due in this second, element 1 in the
    /// one before.
    pub pending: Vec<u64>,
    /// 99th percentile of sent − due, in microseconds.
    pub lateness_p99_us: u64,
    /// Whether this machine was late or left arrivals out. Such a second is not judged.
    pub disturbed: bool,
}

/// Which part of the search a trial belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Phase {
    /// The lowest load: what is normal here?
    Baseline,
    /// Up in large steps until a failure stands.
    Coarse,
    /// Where the posterior is least certain.
    Refine,
    /// The lower end, held.
    Hold,
    /// The upper end, tried again straight from the hold.
    Challenge,
    /// A little below and above what a limiter lets through.
    Limiter,
    /// Down from the failing state, until the site works again.
    Descend,
    /// A small load after a failure, until the site is well again.
    Recover,
}

impl fmt::Display for Phase {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Phase::Baseline => "baseline",
            Phase::Coarse => "coarse",
            Phase::Refine => "refine",
            Phase::Hold => "hold",
            Phase::Challenge => "challenge",
            Phase::Limiter => "limiter",
            Phase::Descend => "descend",
            Phase::Recover => "recover",
        })
    }
}

/// What to offer in the coming second.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Offer {
    /// The load at the start of the second, in pages per second.
    pub from: Rate,
    /// The load at its end; the rate moves in a straight line between them.
    pub to: Rate,
    /// The trial that the second belongs to, counted from 0.
    pub trial: u32,
    /// What the trial is for.
    pub phase: Phase,
    /// Whether the trial is judged by this second: false while the load is still moving to its level.
    pub judged: bool,
}

/// What comes next.
#[derive(Debug, Clone, PartialEq)]
pub enum Move {
    /// One more second of load.
    Offer(Offer),
    /// The search is over.
    Stop,
}

/// What a trial showed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Verdict {
    /// The load is carried.
    Good,
    /// The load is not carried.
    Bad,
    /// Too close to the limit to tell in the time a trial has.
    Near,
    /// Too little seen to say anything.
    Unknown,
    /// Not judged: this machine was disturbed.
    Void,
}

impl fmt::Display for Verdict {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Verdict::Good => "good",
            Verdict::Bad => "bad",
            Verdict::Near => "near",
            Verdict::Unknown => "unknown",
            Verdict::Void => "void",
        })
    }
}

/// A trial that came to its end.
#[derive(Debug, Clone, PartialEq)]
pub struct Concluded {
    /// Its number, from 0.
    pub trial: u32,
    /// What it was for.
    pub phase: Phase,
    /// Its load, in pages per second.
    pub rate: Rate,
    /// Its first second, the way to its load included.
    pub from: u32,
    /// The first second that counts.
    pub judged_from: u32,
    /// The first second after it.
    pub until: u32,
    /// What it showed.
    pub verdict: Verdict,
    /// Why, in words.
    pub why: String,
}

/// A search: asked for the coming second, told what it showed, in turn.
///
/// The driver calls [`Search::next_move`] once for each second; while that says [`Move::Offer`], it plays the second and
/// calls [`Search::observe`] with what it showed. The same windows always lead to the same moves.
pub trait Search {
    /// What to offer in the coming second.
    fn next_move(&mut self) -> Move;

    /// What the second that was offered last showed.
    fn observe(&mut self, window: &Window);

    /// Trials that came to an end since the last call, oldest first.
    fn concluded(&mut self) -> Vec<Concluded>;

    /// What is known now; final once [`Search::next_move`] said [`Move::Stop`].
    fn finding(&self) -> Finding;

    /// A short sentence on what the search does now, for the person who waits.
    fn progress(&self) -> String;
}

/// The second at whose end windows are cut: a little before the whole second, so that the next move is known in time.
pub const LEAD: std::time::Duration = std::time::Duration::from_millis(50);

/// The end of the window of `second`.
pub fn window_end(second: u32) -> Offset {
    Offset::from_secs(u64::from(second) + 1) - LEAD
}
