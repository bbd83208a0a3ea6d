//! Searches that only had to prove or refute some loads, and searches that are pooled.

use serde_json::json;
use tipover::record::Class;
use tipover::search::{Estimate, Finding, Kind, Limit};

use super::{Case, finding, per_second};
use crate::builder::{BAD_GATEWAY, Player, header, overload};

/// Every such case.
pub(super) fn all() -> [Case; 6] {
    [
        proven(),
        refuted(),
        refuted_by_a_limiter(),
        too_close(),
        cut_off(),
        pooled(),
    ]
}

/// A player of a proof of `loads` on a site of 180 pages/s.
fn player(loads: &[f64], thresholds: &[&str]) -> Player<impl Fn(f64) -> crate::builder::Answer> {
    let mut header = header("find");
    if let Some(search) = &mut header.search {
        search["enough"] = json!(loads);
    }
    header.thresholds = thresholds.iter().map(|text| (*text).to_owned()).collect();
    let mut player = Player::new(header, overload(180.0));
    player.trial("baseline", 6.0, 4, "good");
    player.trial("coarse", 16.0, 3, "good");
    player.trial("coarse", 44.0, 3, "good");
    player
}

fn proven() -> Case {
    let mut player = player(
        &[120.0],
        &[
            "tipping_point >= 120pages/s",
            "p95 < 800ms",
            "failures < 1% for 10s",
        ],
    );
    player.trial("hold", 122.4, 20, "good");
    let found = Finding {
        up_to: per_second(122.4),
        verified: per_second(122.4),
        ..finding(Kind::NotReached)
    };
    ("proven", player.ended(), Some(found))
}

fn tipping(low: f64, mid: f64, high: f64) -> Finding {
    Finding {
        rate: Some(Estimate { low, mid, high }),
        class: Some(BAD_GATEWAY),
        limit: Some(Limit::Overload),
        ..finding(Kind::Tipped)
    }
}

fn refuted() -> Case {
    let mut player = player(
        &[120.0, 240.0],
        &["tipping_point >= 120pages/s", "tipping_point >= 240pages/s"],
    );
    player.trial("hold", 244.8, 6, "bad");
    player.trial("recover", 2.0, 2, "good");
    player.trial("refine", 160.0, 45, "good");
    player.trial("hold", 240.0, 6, "bad");
    player.trial("recover", 2.0, 2, "good");
    player.trial("hold", 122.4, 20, "good");
    let found = Finding {
        verified: per_second(122.4),
        failing: per_second(240.0),
        ..tipping(160.0, 180.0, 240.0)
    };
    ("refuted", player.ended(), Some(found))
}

fn refuted_by_a_limiter() -> Case {
    let mut player = player(&[240.0], &["tipping_point >= 240pages/s"]);
    player.trial("hold", 240.0, 6, "bad");
    let found = Finding {
        class: Some(Class::Status(503)),
        limit: Some(Limit::Policy),
        failing: per_second(240.0),
        ..tipping(160.0, 180.0, 240.0)
    };
    ("refuted_by_a_limiter", player.ended(), Some(found))
}

fn too_close() -> Case {
    let mut player = player(&[178.0], &["tipping_point >= 178pages/s"]);
    for _ in 0..3 {
        player.trial("hold", 181.6, 30, "near");
    }
    ("too_close", player.ended(), Some(tipping(169.7, 179.6, 194.3)))
}

fn cut_off() -> Case {
    let mut player = player(&[40.0, 120.0], &["tipping_point >= 40pages/s"]);
    player.trial("hold", 122.4, 8, "good");
    let found = Finding {
        up_to: per_second(122.4),
        converged: false,
        ..finding(Kind::NotReached)
    };
    ("cut_off_proof", player.ended(), Some(found))
}

fn pooled() -> Case {
    let (mut record, mut found) = super::tipped();
    if let Some(search) = &mut record.header.search {
        search["repeat"] = json!(3);
    }
    found.why =
        "Over 3 searches of this site, the load above which too many requests fail is about 178 pages/s."
            .to_owned();
    ("pooled", record, Some(found))
}
