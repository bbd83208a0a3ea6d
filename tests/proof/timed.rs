//! A search with a watch: how long it thinks about each second.

use std::time::{Duration, Instant};

use rustix::time::{ClockId, clock_gettime};
use tipover::search::{Concluded, Finding, Move, Search, Window};

/// What the decisions of a search took: each is one `observe` and the `next_move` after it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Thinking {
    /// How many.
    pub(crate) decisions: u64,
    /// All of them, by the clock on the wall.
    pub(crate) total: Duration,
    /// The longest by the clock on the wall: the time of other programs on a busy machine is in it.
    pub(crate) longest: Duration,
    /// The longest in processor time of this thread.
    pub(crate) longest_busy: Duration,
}

/// A search that is timed.
pub(crate) struct Timed<'a> {
    search: &'a mut dyn Search,
    pub(crate) thinking: Thinking,
    running: (Duration, Duration),
}

impl<'a> Timed<'a> {
    pub(crate) fn new(search: &'a mut dyn Search) -> Self {
        Self {
            search,
            thinking: Thinking::default(),
            running: (Duration::ZERO, Duration::ZERO),
        }
    }

    fn timed<T>(&mut self, part: impl FnOnce(&mut dyn Search) -> T) -> T {
        let (wall, busy) = (Instant::now(), processor_time());
        let result = part(self.search);
        self.running.1 += processor_time().saturating_sub(busy);
        self.running.0 += wall.elapsed();
        result
    }
}

/// Processor time that this thread has used.
pub(crate) fn processor_time() -> Duration {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    Duration::new(
        time.tv_sec.try_into().unwrap_or(0),
        time.tv_nsec.try_into().unwrap_or(0),
    )
}

impl Search for Timed<'_> {
    fn next_move(&mut self) -> Move {
        let next = self.timed(|search| search.next_move());
        let (wall, busy) = std::mem::take(&mut self.running);
        self.thinking.decisions += 1;
        self.thinking.total += wall;
        self.thinking.longest = self.thinking.longest.max(wall);
        self.thinking.longest_busy = self.thinking.longest_busy.max(busy);
        next
    }

    fn observe(&mut self, window: &Window) {
        self.timed(|search| search.observe(window));
    }

    fn concluded(&mut self) -> Vec<Concluded> {
        self.search.concluded()
    }

    fn finding(&self) -> Finding {
        self.search.finding()
    }

    fn progress(&self) -> String {
        self.search.progress()
    }
}
