//! Requests of the same client, put together to visits, in bounded memory. A client is known by a keyed hash of its
//! address and agent alone; addresses are never kept.

use std::collections::HashMap;

use crate::access_log::Agent;

/// A client that was quiet for this long comes back as a new visit, in seconds (as in most web analytics).
pub(super) const IDLE: f64 = 1_800.0;
/// Visits that are open at once; 57 bytes each, and as much room again.
pub(super) const OPEN: usize = 110_000;
/// How often closed visits are swept up, in seconds of the log.
const SWEEP: f64 = 600.0;
/// A visit without assets and referrers with at least this many pages is looked at as a scanner's.
const MANY_PAGES: u32 = 3;
/// People take longer for a page than this, in seconds.
const HURRY: f64 = 4.0;

/// One visit so far.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Visit {
    /// Its first request, in seconds after the send.
    pub(super) start: f64,
    /// Its last one.
    pub(super) last: f64,
    /// Page views.
    pub(super) pages: u32,
    /// All requests.
    pub(super) requests: u32,
    assets: u32,
    /// Pages with a tracking parameter.
    tagged_pages: u32,
    /// Hashes of the paths of its first two pages.
    first_paths: [u32; 2],
    agent: Agent,
    /// Whether a page was led to by another one.
    has_referrer: bool,
}

/// What a request adds to its visit.
#[derive(Debug, Clone, Copy)]
pub(super) struct Hit {
    /// In seconds after the send.
    pub(super) seconds: f64,
    pub(super) is_page: bool,
    pub(super) is_asset: bool,
    pub(super) is_tagged: bool,
    pub(super) has_referrer: bool,
    /// A hash of the path, for pages.
    pub(super) path: u32,
}

/// Whose a visit was, as far as a log tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Class {
    /// Loaded what a browser loads.
    Browser,
    /// Opened pages and nothing else: a scanner, a browser that had everything, or a site whose assets are elsewhere.
    Bare,
    /// Opened many links without assets and referrers, as no person does.
    Hurried,
    /// Says to be a scanner.
    Scanner,
    /// A crawler, a monitor or a program, or no page at all.
    Other,
}

impl Visit {
    fn new(hit: &Hit, agent: Agent) -> Self {
        Self {
            start: hit.seconds,
            last: hit.seconds,
            pages: 0,
            requests: 0,
            assets: 0,
            tagged_pages: 0,
            first_paths: [0; 2],
            agent,
            has_referrer: false,
        }
    }

    /// Adds a request; gives the paths that it shows to be links that a scanner opened.
    fn add(&mut self, hit: &Hit) -> Links {
        self.start = self.start.min(hit.seconds);
        self.last = self.last.max(hit.seconds);
        self.requests = self.requests.saturating_add(1);
        self.assets = self.assets.saturating_add(u32::from(hit.is_asset));
        if !hit.is_page {
            return Links::default();
        }
        self.has_referrer |= hit.has_referrer;
        self.tagged_pages = self.tagged_pages.saturating_add(u32::from(hit.is_tagged));
        self.pages = self.pages.saturating_add(1);
        let is_bare = self.assets == 0 && !self.has_referrer && self.agent != Agent::Machine;
        match self.pages {
            1 | 2 => {
                self.first_paths[self.pages as usize - 1] = hit.path;
                Links::default()
            }
            MANY_PAGES if is_bare => Links([
                Some(self.first_paths[0]),
                Some(self.first_paths[1]),
                Some(hit.path),
            ]),
            _ if is_bare => Links([Some(hit.path), None, None]),
            _ => Links::default(),
        }
    }

    /// Its length from the first to the last request, in seconds.
    pub(super) fn length(&self) -> f64 {
        self.last - self.start
    }

    /// Whether it came by a link with a tracking parameter.
    pub(super) const fn is_tagged(&self) -> bool {
        self.tagged_pages > 0
    }

    /// Whose it was; `are_referrers_written` where the log names what led to a page: then a person's third page has been
    /// led to by another one.
    pub(super) fn class(&self, are_referrers_written: bool) -> Class {
        let pace = self.length() / f64::from(self.pages.saturating_sub(1).max(1));
        match self.agent {
            Agent::Machine => Class::Other,
            Agent::Scanner => Class::Scanner,
            Agent::Browser if self.assets > 0 => Class::Browser,
            Agent::Browser if self.pages == 0 => Class::Other,
            Agent::Browser
                if self.pages >= MANY_PAGES
                    && !self.has_referrer
                    && (are_referrers_written || self.tagged_pages >= MANY_PAGES || pace < HURRY) =>
            {
                Class::Hurried
            }
            Agent::Browser => Class::Bare,
        }
    }
}

/// Hashes of paths.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct Links([Option<u32>; 3]);

impl Links {
    pub(super) fn paths(self) -> impl Iterator<Item = u32> {
        self.0.into_iter().flatten()
    }
}

/// The visits that are open.
#[derive(Debug)]
pub(super) struct Visits {
    open: HashMap<u64, Visit>,
    bound: usize,
    swept: f64,
    /// Visits that were closed early because too many were open.
    pub(super) cut_short: u64,
}

impl Visits {
    /// Room for `bound` visits at once.
    pub(super) fn new(bound: usize) -> Self {
        Self {
            // A table that is at most half full cleans up in place instead of growing.
            open: HashMap::with_capacity(2 * bound),
            bound,
            swept: f64::NEG_INFINITY,
            cut_short: 0,
        }
    }

    /// Adds a request of `client`; `agent` is asked only for its first. Hands what closed to `close`.
    pub(super) fn add(
        &mut self,
        client: u64,
        hit: &Hit,
        agent: impl FnOnce() -> Agent,
        close: &mut impl FnMut(Visit),
    ) -> Links {
        if hit.seconds - self.swept >= SWEEP {
            self.swept = hit.seconds;
            self.sweep(hit.seconds - IDLE, close);
        }
        if let Some(visit) = self.open.get_mut(&client) {
            if hit.seconds - visit.last <= IDLE && visit.start - hit.seconds <= IDLE {
                return visit.add(hit);
            }
            let fresh = Visit::new(hit, visit.agent);
            close(std::mem::replace(visit, fresh));
            return visit.add(hit);
        }
        if self.open.len() >= self.bound {
            self.make_room(close);
        }
        self.open
            .entry(client)
            .or_insert(Visit::new(hit, agent()))
            .add(hit)
    }

    /// Closes those that were quiet longest, until a quarter of the room is free.
    fn make_room(&mut self, close: &mut impl FnMut(Visit)) {
        let before = self.open.len();
        let mut lasts: Vec<f64> = self.open.values().map(|visit| visit.last).collect();
        let quarter = lasts.len() / 4;
        let (_, until, _) = lasts.select_nth_unstable_by(quarter, f64::total_cmp);
        let until = *until;
        // At least one goes, also where all are of the same second.
        self.sweep_where(|visit| visit.last <= until, close);
        self.cut_short += (before - self.open.len()) as u64;
    }

    fn sweep(&mut self, until: f64, close: &mut impl FnMut(Visit)) {
        self.sweep_where(|visit| visit.last < until, close);
    }

    fn sweep_where(&mut self, is_over: impl Fn(&Visit) -> bool, close: &mut impl FnMut(Visit)) {
        self.open.retain(|_, visit| {
            let is_over = is_over(visit);
            if is_over {
                close(*visit);
            }
            !is_over
        });
    }

    /// The log is over: closes every visit.
    pub(super) fn finish(&mut self, close: &mut impl FnMut(Visit)) {
        self.sweep_where(|_| true, close);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn page(seconds: f64) -> Hit {
        Hit {
            seconds,
            is_page: true,
            is_asset: false,
            is_tagged: false,
            has_referrer: false,
            path: 7,
        }
    }

    fn visits_of(bound: usize, hits: &[(u64, Hit)]) -> (Vec<Visit>, u64) {
        let (mut visits, mut closed) = (Visits::new(bound), Vec::new());
        for (client, hit) in hits {
            visits.add(*client, hit, || Agent::Browser, &mut |visit| closed.push(visit));
        }
        visits.finish(&mut |visit| closed.push(visit));
        (closed, visits.cut_short)
    }

    #[test]
    fn half_an_hour_of_quiet_ends_a_visit() {
        let (closed, _) = visits_of(
            9,
            &[
                (1, page(0.0)),
                (1, page(1_799.0)),
                (1, page(4_000.0)),
                (2, page(4_000.0)),
            ],
        );
        let mut pages: Vec<u32> = closed.iter().map(|visit| visit.pages).collect();
        pages.sort_unstable();
        assert_eq!(pages, [1, 1, 2]);
    }

    #[test]
    fn people_and_scanners_are_told_apart() {
        let asset = |seconds| Hit {
            is_page: false,
            is_asset: true,
            ..page(seconds)
        };
        let tagged = |seconds| Hit {
            is_tagged: true,
            ..page(seconds)
        };
        let visit = |hits: &[Hit]| {
            let of_one: Vec<(u64, Hit)> = hits.iter().map(|hit| (1, *hit)).collect();
            visits_of(9, &of_one).0[0]
        };
        let class = |hits: &[Hit]| visit(hits).class(false);
        assert_eq!(class(&[page(0.0), asset(1.0)]), Class::Browser);
        assert_eq!(class(&[page(0.0)]), Class::Bare);
        assert_eq!(class(&[page(0.0), page(20.0), page(40.0)]), Class::Bare);
        assert_eq!(class(&[page(0.0), page(1.0), page(2.0)]), Class::Hurried);
        assert_eq!(class(&[tagged(0.0), tagged(20.0), tagged(40.0)]), Class::Hurried);
        assert_eq!(class(&[asset(0.0)]), Class::Browser);
        let slow = [page(0.0), page(20.0), page(40.0)];
        assert_eq!(visit(&slow).class(true), Class::Hurried);
        let led = |seconds| Hit {
            has_referrer: true,
            ..page(seconds)
        };
        assert_eq!(visit(&[page(0.0), led(20.0), led(40.0)]).class(true), Class::Bare);
    }

    proptest! {
        #[test]
        fn no_request_is_lost_and_the_room_is_kept(hits in prop::collection::vec((0_u64..40, 0.0_f64..20_000.0), 1..300), bound in 1_usize..50) {
            let hits: Vec<(u64, Hit)> = hits.iter().map(|(client, at)| (*client, page(*at))).collect();
            let (mut visits, mut pages) = (Visits::new(bound), 0);
            for (client, hit) in &hits {
                visits.add(*client, hit, || Agent::Browser, &mut |visit| pages += visit.pages);
                prop_assert!(visits.open.len() <= bound);
            }
            visits.finish(&mut |visit| pages += visit.pages);
            prop_assert_eq!(pages as usize, hits.len());
        }
    }
}
