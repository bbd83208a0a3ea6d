//! How many requests a connection carries at once, and how many it may. It knows no frames.

use std::cell::Cell;
use std::rc::Rc;

use tokio::sync::Notify;

/// Requests that a connection is taken to carry before the site has said how many it may: what hyper assumes.
const MOST_AT_FIRST: usize = 100;

/// The requests under way on one connection.
#[derive(Debug)]
pub(super) struct Streams {
    open: Cell<usize>,
    most: Cell<usize>,
    /// Whether more than one was open at the same time since the last time there was none.
    mixed: Cell<bool>,
    settled: Cell<bool>,
    told: Notify,
}

/// One request under way; dropped at its end.
#[derive(Debug)]
pub(super) struct Stream(Rc<Streams>);

impl Default for Streams {
    fn default() -> Self {
        Self {
            open: Cell::new(0),
            most: Cell::new(MOST_AT_FIRST),
            mixed: Cell::new(false),
            settled: Cell::new(false),
            told: Notify::new(),
        }
    }
}

impl Streams {
    /// Whether one more would go out at once.
    pub(super) fn has_room(&self) -> bool {
        self.open.get() < self.most.get().max(1)
    }

    /// How many more go out at once: at least one, and no more than a site that has not said its word yet is taken to allow.
    pub(super) fn room(&self) -> usize {
        self.most
            .get()
            .saturating_sub(self.open.get())
            .clamp(1, MOST_AT_FIRST)
    }

    /// The site said how many it takes at once.
    pub(super) fn allow(&self, most: usize) {
        self.most.set(most);
    }

    /// The site said its first word, or its last: whoever waits for that goes on.
    pub(super) fn settle(&self) {
        if !self.settled.replace(true) {
            self.told.notify_waiters();
        }
    }

    /// Waits for the first word of the site.
    pub(super) async fn settled(&self) {
        let told = self.told.notified();
        if !self.settled.get() {
            told.await;
        }
    }

    /// One more request.
    pub(super) fn begin(self: &Rc<Self>) -> Stream {
        let open = self.open.get() + 1;
        self.open.set(open);
        self.mixed.set(open > 1);
        Stream(Rc::clone(self))
    }
}

impl Stream {
    /// Whether it had the connection to itself so far.
    pub(super) fn is_alone(&self) -> bool {
        !self.0.mixed.get()
    }
}

impl Drop for Stream {
    fn drop(&mut self) {
        self.0.open.set(self.0.open.get() - 1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn room_is_what_the_site_allows_and_one_at_least() {
        let streams = Rc::new(Streams::default());
        streams.allow(2);
        let first = streams.begin();
        assert!(streams.has_room() && first.is_alone());
        let second = streams.begin();
        assert!(!streams.has_room() && !first.is_alone() && !second.is_alone());
        drop(second);
        assert!(streams.has_room() && !first.is_alone());
        drop(first);
        streams.allow(0);
        let alone = streams.begin();
        assert!(alone.is_alone() && !streams.has_room());
        drop(alone);
        assert!(streams.has_room());
    }
}
