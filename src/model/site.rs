//! What a model site is: something that calls arrive at, and that ends them in its own time.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::time::Duration;

use crate::record::Class;
use crate::units::Offset;

/// One request at a model site.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Call {
    /// Names the call: no two of one run share it.
    pub id: u64,
    /// When it arrives.
    pub at: Offset,
    /// Whose visit it is part of.
    pub visitor: u64,
    /// Which step of the journey, from 0.
    pub step: u16,
    /// Which of the visitors' source addresses it comes from, from 0.
    pub address: u32,
}

impl Call {
    /// It ends `after` its arrival, as `class`.
    pub fn ends(&self, after: Duration, class: Class) -> Reply {
        Reply {
            id: self.id,
            done: self.at + after,
            class,
        }
    }
}

/// How a call ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reply {
    /// Which call.
    pub id: u64,
    /// When its answer was there.
    pub done: Offset,
    /// How it ended.
    pub class: Class,
}

/// A site that can be played without a network.
///
/// Who plays it calls [`ModelSite::advance`] up to the moment of a call before that call arrives; calls come in order
/// of time. Where nobody listens to the answers in between, one `advance` may span many of them; who wants to react
/// to an answer at its own moment advances from one [`ModelSite::next_event`] to the next.
pub trait ModelSite {
    /// A call arrives. What it ends in comes out of a later [`ModelSite::advance`].
    fn arrive(&mut self, call: Call);

    /// When something happens next by itself; nothing where the site is idle.
    fn next_event(&self) -> Option<Offset>;

    /// Plays on to `until`, inclusive, and pushes the calls that ended, in order of time.
    fn advance(&mut self, until: Offset, ended: &mut Vec<Reply>);
}

/// Which of `addresses` source addresses `visitor` comes from: the same for all of its requests, and evenly spread
/// over many visitors, as a hash is (the finaliser of MurmurHash3), so that Poisson arrivals stay Poisson at each.
pub fn address_of(visitor: u64, addresses: u32) -> u32 {
    if addresses <= 1 {
        return 0;
    }
    let mut mixed = visitor.wrapping_add(0x9E37_79B9_7F4A_7C15);
    mixed = (mixed ^ (mixed >> 33)).wrapping_mul(0xFF51_AFD7_ED55_8CCD);
    mixed = (mixed ^ (mixed >> 33)).wrapping_mul(0xC4CE_B9FE_1A85_EC53);
    ((mixed ^ (mixed >> 33)) % u64::from(addresses)) as u32
}

/// Replies that are decided but not yet due, the earliest first; of one moment, the call that came first.
#[derive(Debug, Clone, Default)]
pub(super) struct Awaited(BinaryHeap<Reverse<(Offset, u64, Class)>>);

impl Awaited {
    pub(super) fn push(&mut self, reply: Reply) {
        self.0.push(Reverse((reply.done, reply.id, reply.class)));
    }

    pub(super) fn next(&self) -> Option<Offset> {
        self.0.peek().map(|Reverse((done, _, _))| *done)
    }

    /// Moves what is due by `until`, inclusive, to `ended`.
    pub(super) fn end(&mut self, until: Offset, ended: &mut Vec<Reply>) {
        while let Some(top) = self.0.peek_mut() {
            let Reverse((done, id, class)) = *top;
            if done > until {
                break;
            }
            std::collections::binary_heap::PeekMut::pop(top);
            ended.push(Reply { id, done, class });
        }
    }
}

/// A site that knows how a call ends the moment it arrives: the shortest way to a model of your own.
#[derive(Debug, Clone)]
pub struct Foreseen<F> {
    rule: F,
    awaited: Awaited,
}

impl<F: FnMut(&Call) -> Reply> Foreseen<F> {
    /// A site that follows `rule`, which is asked once for each call, in order.
    pub fn new(rule: F) -> Self {
        Self {
            rule,
            awaited: Awaited::default(),
        }
    }
}

impl<F: FnMut(&Call) -> Reply> ModelSite for Foreseen<F> {
    fn arrive(&mut self, call: Call) {
        self.awaited.push((self.rule)(&call));
    }

    fn next_event(&self) -> Option<Offset> {
        self.awaited.next()
    }

    fn advance(&mut self, until: Offset, ended: &mut Vec<Reply>) {
        self.awaited.end(until, ended);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn replies_come_in_order_of_time_and_never_early() {
        let mut site = Foreseen::new(|call: &Call| {
            call.ends(Duration::from_millis(100 - 20 * call.id), Class::Status(200))
        });
        for id in 0..4 {
            site.arrive(Call {
                id,
                at: Offset::from_millis(id),
                visitor: id,
                step: 0,
                address: 0,
            });
        }
        let mut ended = Vec::new();
        assert_eq!(site.next_event(), Some(Offset::from_millis(43)));
        site.advance(Offset::from_millis(42), &mut ended);
        assert!(ended.is_empty());
        site.advance(Offset::from_millis(62), &mut ended);
        assert_eq!(ended.iter().map(|reply| reply.id).collect::<Vec<_>>(), [3, 2]);
        site.advance(Offset::from_secs(1), &mut ended);
        assert_eq!(
            ended.iter().map(|reply| reply.id).collect::<Vec<_>>(),
            [3, 2, 1, 0]
        );
        assert_eq!(site.next_event(), None);
    }

    #[test]
    fn visitors_are_spread_evenly_over_addresses_and_keep_theirs() {
        let mut seen = [0_u32; 4];
        for visitor in 0..40_000 {
            seen[address_of(visitor, 4) as usize] += 1;
            assert_eq!(address_of(visitor, 1), 0);
        }
        assert!(
            seen.iter().all(|count| (9_700..10_300).contains(count)),
            "{seen:?}"
        );
    }
}
