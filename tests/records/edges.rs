//! Searches that ended before they found anything to say about the site.

use tipover::record::Class;
use tipover::search::{Finding, Kind};

use super::{Case, finding, per_second};
use crate::builder::{Answer, BAD_GATEWAY, Player, header};

/// Every such case.
pub(super) fn all() -> [Case; 3] {
    [too_high_a_start(), nothing_judged(), down()]
}

/// The lowest load of the search was too much already: more of it fails more.
fn too_high_a_start() -> Case {
    let site = |rate: f64| Answer {
        bad_gateway: 1.0 - 200.0 / rate,
        gateway_timeout: 0.0,
        median_ms: 160.0,
    };
    let mut player = Player::new(header("find"), site);
    for rate in [400.0, 800.0] {
        player.trial("baseline", rate, 4, "bad");
    }
    let found = Finding {
        at: per_second(400.0),
        class: Some(BAD_GATEWAY),
        ..finding(Kind::AlreadyFailing)
    };
    ("too_high_a_start", player.ended(), Some(found))
}

/// Interrupted within the first trial.
fn nothing_judged() -> Case {
    let site = |_| Answer {
        bad_gateway: 0.0,
        gateway_timeout: 0.0,
        median_ms: 40.0,
    };
    let mut player = Player::new(header("find"), site);
    player.second(1.0, Some(0), true);
    let found = Finding {
        converged: false,
        ..finding(Kind::NotReached)
    };
    ("nothing_judged", player.ended(), Some(found))
}

/// A site that is not there: no load at all.
fn down() -> Case {
    let site = |_| Answer {
        bad_gateway: 1.0,
        gateway_timeout: 0.0,
        median_ms: 1.0,
    };
    let found = Finding {
        class: Some(Class::Refused),
        ..finding(Kind::AlreadyFailing)
    };
    ("down", Player::new(header("find"), site).ended(), Some(found))
}
