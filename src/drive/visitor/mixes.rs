//! What pages bring with them, learned from the pages themselves: the first answer of a page is looked into, and later ones
//! only once its `ETag`, date or length changed, at most once a second. A page without `ETag` and date is looked at once a
//! second. Everything else on the way of a request is a look-up.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::rc::Rc;
use std::time::Duration;

use hyper::HeaderMap;
use hyper::header::{CONTENT_LENGTH, CONTENT_TYPE, ETAG, LAST_MODIFIED};

use super::super::script::AssetPlan;
use crate::scenario::{Asset, assets_of_page, assets_of_style};
use crate::transport::{Inside, Request};
use crate::units::Offset;

/// How long a page is taken to be the same, whatever its head says.
const RELEARNED_AFTER: Duration = Duration::from_secs(1);
/// Pages that are told apart; of what comes after them, one for each step.
const MOST_PAGES: usize = 512;
/// Assets of all pages together.
const MOST_KNOWN: usize = 4_096;

/// Assets by their numbers.
pub(super) type Mix = Rc<[usize]>;

/// What a worker knows of pages and their assets.
#[derive(Debug, Default)]
pub(in crate::drive) struct Mixes {
    pages: HashMap<u64, Learned>,
    known: Vec<Known>,
    numbers: HashMap<String, usize>,
}

/// An asset that pages name.
#[derive(Debug)]
struct Known {
    asset: Asset,
    request: Request,
    /// What it names itself, where it is a style sheet.
    names: Option<Learned>,
}

/// What was found in a text, and by what it is known again.
#[derive(Debug)]
struct Learned {
    mix: Mix,
    /// The head that it came with.
    head: u64,
    text: u64,
    at: Offset,
    /// Whether it may have changed.
    is_stale: bool,
}

impl Learned {
    fn is_due(&self, now: Offset) -> bool {
        self.is_stale && now.since(self.at) >= RELEARNED_AFTER
    }

    /// An answer with `headers` came, and nobody looked into it.
    fn passes(&mut self, headers: &HeaderMap, place: &str) {
        let (head, is_sure) = known_by(headers, place);
        self.is_stale |= head != self.head || !is_sure;
    }

    /// An answer was looked into at `now`: whether it is what is known already.
    fn is_same(&mut self, inside: &Inside, place: &str, now: Offset) -> bool {
        let (head, is_sure) = known_by(&inside.headers, place);
        if self.text != hash_of(&inside.body) {
            return false;
        }
        (self.head, self.at, self.is_stale) = (head, now, !is_sure);
        true
    }
}

/// By what a text is known again without being read, and whether that is enough.
fn known_by(headers: &HeaderMap, place: &str) -> (u64, bool) {
    let mut hasher = DefaultHasher::new();
    place.hash(&mut hasher);
    for name in [ETAG, LAST_MODIFIED, CONTENT_LENGTH] {
        headers
            .get(name)
            .map(hyper::header::HeaderValue::as_bytes)
            .hash(&mut hasher);
    }
    let is_sure = headers.contains_key(ETAG) || headers.contains_key(LAST_MODIFIED);
    (hasher.finish(), is_sure)
}

fn hash_of(value: impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    value.hash(&mut hasher);
    hasher.finish()
}

impl Mixes {
    /// The page of `request` among those that are told apart.
    fn key(&self, request: &Request) -> u64 {
        let own = hash_of((request.step, request.path.path()));
        if self.pages.contains_key(&own) || self.pages.len() < MOST_PAGES {
            own
        } else {
            hash_of((request.step, ""))
        }
    }

    /// Whether the answer to `request`, a page, is to be looked into.
    pub(super) fn wants_page(&self, request: &Request, now: Offset) -> bool {
        self.pages
            .get(&self.key(request))
            .is_none_or(|learned| learned.is_due(now))
    }

    /// What the answer to `first` brings with it, which came in the end as the answer to `page`; `is_looked_into` says
    /// whether its body was asked for.
    pub(super) fn of_page(
        &mut self,
        plan: &AssetPlan,
        (first, page): (&Request, &Request),
        inside: &Inside,
        is_looked_into: bool,
        now: Offset,
    ) -> Mix {
        let key = self.key(first);
        let place = page.path.path();
        if let Some(learned) = self.pages.get_mut(&key) {
            if !is_looked_into || !learned.is_due(now) {
                learned.passes(&inside.headers, place);
                return Rc::clone(&learned.mix);
            }
            if learned.is_same(inside, place, now) {
                return Rc::clone(&learned.mix);
            }
        } else if !is_looked_into {
            return Rc::from([]);
        }
        let found = match page.address() {
            Some(address) if is_html(&inside.headers) => assets_of_page(&inside.body, &address),
            _ => Vec::new(),
        };
        let learned = self.learned(plan, page, found, inside, place, now);
        let mix = Rc::clone(&learned.mix);
        self.pages.insert(key, learned);
        mix
    }

    fn learned(
        &mut self,
        plan: &AssetPlan,
        page: &Request,
        found: Vec<Asset>,
        inside: &Inside,
        place: &str,
        now: Offset,
    ) -> Learned {
        let mix = found
            .into_iter()
            .filter_map(|asset| self.number(plan, page, asset))
            .collect();
        let (head, is_sure) = known_by(&inside.headers, place);
        Learned {
            mix,
            head,
            text: hash_of(&inside.body),
            at: now,
            is_stale: !is_sure,
        }
    }

    /// The number of `asset`, where the step fetches it.
    fn number(&mut self, plan: &AssetPlan, page: &Request, asset: Asset) -> Option<usize> {
        if let Some(number) = self.numbers.get(asset.url.as_str()) {
            return Some(*number);
        }
        let request = plan.base.of_asset(&page.origin, &asset.url, plan.assets)?;
        let number = self.known.len();
        if number >= MOST_KNOWN {
            return None;
        }
        self.numbers.insert(asset.url.as_str().to_owned(), number);
        self.known.push(Known {
            asset,
            request,
            names: None,
        });
        Some(number)
    }

    /// The request for an asset, and whether it is a style sheet.
    pub(super) fn request(&self, number: usize) -> Option<(&Request, bool)> {
        self.known
            .get(number)
            .map(|known| (&known.request, known.asset.is_style))
    }

    /// Whether an asset is a style sheet that is to be looked into.
    pub(super) fn wants_style(&self, number: usize, now: Offset) -> bool {
        self.known.get(number).is_some_and(|known| {
            known.asset.is_style && known.names.as_ref().is_none_or(|learned| learned.is_due(now))
        })
    }

    /// A style sheet came whole, as the answer to `request`.
    pub(super) fn style_came(
        &mut self,
        plan: &AssetPlan,
        number: usize,
        request: &Request,
        inside: &Inside,
        is_looked_into: bool,
        now: Offset,
    ) {
        let place = request.path.path();
        let Some(known) = self.known.get_mut(number).filter(|known| known.asset.is_style) else {
            return;
        };
        if let Some(learned) = &mut known.names {
            if !is_looked_into || !learned.is_due(now) {
                learned.passes(&inside.headers, place);
                return;
            }
            if learned.is_same(inside, place, now) {
                return;
            }
        } else if !is_looked_into {
            return;
        }
        let Some(address) = request.address() else { return };
        let found = assets_of_style(&String::from_utf8_lossy(&inside.body), &address);
        let learned = self.learned(plan, request, found, inside, place, now);
        self.known[number].names = Some(learned);
    }

    /// What an asset names itself.
    pub(super) fn named_by(&self, number: usize) -> Option<Mix> {
        let names = self.known.get(number)?.names.as_ref()?;
        Some(Rc::clone(&names.mix))
    }
}

fn is_html(headers: &HeaderMap) -> bool {
    headers.get(CONTENT_TYPE).is_none_or(|kind| {
        let kind = String::from_utf8_lossy(kind.as_bytes()).to_ascii_lowercase();
        kind.contains("html")
    })
}
