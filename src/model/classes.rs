//! The sites that the search is proven on: each stands for a way in which real sites tip over, or seem to.
//!
//! Classes 1 to 13 are those of the study that the search comes from; 14 to 20 add what it left out. None is fitted to
//! the search, and 21 and 22 are held out: nothing may be tuned with them.

mod list;

use std::time::Duration;

use serde::Serialize;
use sha2::{Digest, Sha256};

pub use list::classes;

use super::gateway::{GatewaySite, GatewaySpec};
use super::visits::Visits;
use crate::load::ArrivalProcess;
use crate::units::Share;

/// What a search has to say of a site.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Expected {
    /// It tips over, at the load that simulation finds.
    Tips,
    /// It blocks whoever comes too often: it was not measured.
    Blocked,
    /// It fails at the lowest load already.
    AlreadyFailing,
    /// It changes while it is looked at.
    Unsteady,
}

/// A kind of site, with its parameters.
#[derive(Debug, Clone, PartialEq)]
pub struct SiteClass {
    /// Its number, from 1; never given to another class.
    pub number: u8,
    /// Its name: lower case, a dash between words.
    pub name: &'static str,
    /// What it is made of.
    pub spec: GatewaySpec,
    /// Steps of a visit: a page is one step.
    pub journey: u16,
    /// Source addresses that visitors come from.
    pub addresses: u32,
    /// What a search has to say of it.
    pub expected: Expected,
    /// Whether nothing may be tuned with it.
    pub held_out: bool,
    /// How long it takes until a load shows its long-run behaviour: a truth counts from then on.
    pub settle: Duration,
}

impl SiteClass {
    fn tips(number: u8, name: &'static str, spec: GatewaySpec) -> Self {
        Self {
            number,
            name,
            spec,
            journey: 1,
            addresses: 1,
            expected: Expected::Tips,
            held_out: false,
            settle: Duration::from_secs(60),
        }
    }

    fn expects(self, expected: Expected) -> Self {
        Self { expected, ..self }
    }

    fn held_out(self) -> Self {
        Self {
            held_out: true,
            ..self
        }
    }

    fn settles_after(self, settle: u64) -> Self {
        Self {
            settle: Duration::from_secs(settle),
            ..self
        }
    }

    /// One site of this class, idle; all that is random in it follows `seed`.
    pub fn site(&self, seed: u64) -> GatewaySite {
        GatewaySite::new(&self.spec, seed)
    }

    /// Its visitors.
    pub fn visits(&self, process: ArrivalProcess, seed: u64) -> Visits {
        Visits {
            process,
            seed,
            pages_per_visit: self.journey,
            addresses: self.addresses,
        }
    }

    /// SHA-256 of all that its tipping point follows from, in hexadecimal.
    pub fn hash(&self) -> String {
        #[derive(Serialize)]
        struct Parameters<'a> {
            spec: &'a GatewaySpec,
            journey: u16,
            addresses: u32,
            settle: Duration,
        }
        let parameters = Parameters {
            spec: &self.spec,
            journey: self.journey,
            addresses: self.addresses,
            settle: self.settle,
        };
        // Numbers, texts and lists only: nothing in it can fail to be written.
        let text = serde_json::to_string(&parameters).unwrap_or_default();
        let digest = Sha256::digest(text.as_bytes());
        digest.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    /// Whether there is a load at which its failures come to `share`: it tips, and not all loads fail more than that.
    pub fn has_tipping_point(&self, share: Share) -> bool {
        self.expected == Expected::Tips && self.spec.constant_share() < share
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn numbers_names_and_hashes_are_one_per_class() {
        let all = classes();
        let numbers: BTreeSet<u8> = all.iter().map(|class| class.number).collect();
        let names: BTreeSet<&str> = all.iter().map(|class| class.name).collect();
        let hashes: BTreeSet<String> = all.iter().map(SiteClass::hash).collect();
        assert_eq!(numbers, (1..=25).collect());
        assert_eq!((names.len(), hashes.len()), (25, 25));
        assert!(hashes.iter().all(|hash| hash.len() == 64));
    }

    #[test]
    fn only_what_fails_by_itself_has_no_tipping_point() {
        let without = |share| {
            let none = classes().into_iter().filter(|class| {
                class.expected == Expected::Tips && !class.has_tipping_point(Share::new(share))
            });
            none.map(|class| class.number).collect::<Vec<_>>()
        };
        assert_eq!(without(0.01), [0_u8; 0]);
        assert_eq!(without(0.001), [10, 22], "blips alone fail 0.33 %");
    }
}
