//! Where a search stands beside what it knows of the site: what decides which trial comes next.

/// The course of a search.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Course {
    /// The highest load on the way up.
    pub(super) load: f64,
    /// By how much the next load on the way up is higher.
    pub(super) factor: f64,
    /// The most that it may be: less once the upper end has moved.
    pub(super) most_factor: f64,
    /// How often the upper end moved: a load that had failed passed a longer trial.
    pub(super) moved: u32,
    /// Challenges so far that ended the search not.
    pub(super) challenges: u32,
    /// Whether the upper end has stood its challenge.
    pub(super) stands: bool,
    /// Whether the latest failure was refused at flat latency: nothing to recover from.
    pub(super) flat: bool,
    /// What is known of a limiter in front.
    pub(super) limiter: Limiter,
    /// How often a limiter was looked for.
    pub(super) looked: u32,
    /// The way down from the failing state.
    pub(super) descent: Descent,
}

/// A limiter in front of the site, looked at from above: the load that it lets through passes, a little more does not.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Limiter {
    /// Nothing is known.
    Unknown,
    /// What got through is tried, a little below it.
    Below(f64),
    /// And a little above it.
    Above(f64),
    /// Loads above this passed only while the limiter had credit.
    Burst(f64),
}

/// The way down from the failing state: at which load does the site work again?
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Descent {
    /// Not begun.
    Ahead,
    /// The load that is tried next, and the one at which the way began.
    At(f64, f64),
    /// Over: the load at which it worked again and the one at which the way began.
    Over(f64, f64),
}

impl Course {
    /// Before the first trial: the way up begins at `from`, each load `factor` times the one before.
    pub(super) const fn new(from: f64, factor: f64) -> Self {
        Self {
            load: from,
            factor,
            most_factor: factor,
            moved: 0,
            challenges: 0,
            stands: false,
            flat: false,
            limiter: Limiter::Unknown,
            looked: 0,
            descent: Descent::Ahead,
        }
    }

    /// A load passed on the way up. The next step is smaller once latency, a multiple of what is normal, shows that
    /// the limit is near; it grows again after the upper end has moved.
    pub(super) fn climbed(&mut self, rate: f64, latency: f64, factor: f64) {
        self.load = self.load.max(rate);
        self.most_factor = (1.0 + 2.0 * (self.most_factor - 1.0)).min(factor);
        let wanted = match latency {
            latency if latency > 1.5 => 1.15,
            latency if latency > 1.25 => 1.3,
            _ => factor,
        };
        self.factor = wanted.min(self.most_factor);
    }

    /// The upper end moved: `rate` passed where it had failed. The way up goes on from there, in steps that begin at
    /// twice the `precision`.
    pub(super) fn has_moved(&mut self, rate: f64, precision: f64) {
        self.moved += 1;
        self.load = rate;
        self.most_factor = 1.0 + precision;
        self.factor = 1.0 + 2.0 * precision;
    }
}
