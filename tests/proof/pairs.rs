//! How well two searches tell a site that has changed from one that has not.

use std::fmt::Write as _;

use tipover::analysis::compare::{Bounds, Change, capacity};
use tipover::analysis::statistics::{Z_95, wilson};

use super::outcome::Outcome;
use super::table::classes;

/// What is tolerated where nobody says otherwise, as a share of the tipping point.
const TOLERATED: f64 = 0.05;
/// How much the capacity falls in the pairs that are to be told apart.
const LESS: f64 = 0.10;

/// The interval of `outcome`, as if its site carried `factor` times as much: a site all of whose parts are slower by a
/// factor is the same site by a slower clock.
fn bounds(outcome: &Outcome, factor: f64) -> Option<Bounds> {
    Some(Bounds {
        low: outcome.low? * factor,
        mid: Some(outcome.mid? * factor),
        high: Some(outcome.high? * factor),
    })
}

/// Whether the second is shown to be worse, and by more than is tolerated.
fn regresses(base: Option<Bounds>, new: Option<Bounds>) -> bool {
    let change = capacity(base, new);
    change.change == Change::Worse && change.factor.mid.is_some_and(|factor| factor < 1.0 - TOLERATED)
}

/// Two searches each of unchanged sites, and of sites that lost a tenth of their capacity, class by class.
pub(crate) fn report(outcomes: &[Outcome]) -> String {
    let mut text = format!(
        "### Two searches compared\n\nRegressions beyond {:.0} % that `compare` reports, of pairs of searches of the same class.\n\n\
         | class | pairs | nothing changed | {:.0} % less capacity |\n|---|---|---|---|\n",
        100.0 * TOLERATED,
        100.0 * LESS
    );
    let mut sums = [0_u64; 3];
    for (class, name) in classes(outcomes) {
        let tipped: Vec<&Outcome> = outcomes
            .iter()
            .filter(|outcome| outcome.class == class && outcome.truth.is_some() && outcome.mid.is_some())
            .collect();
        let mut counts = [0_u64; 3];
        for pair in tipped.chunks_exact(2) {
            let base = bounds(pair[0], 1.0);
            counts[0] += 1;
            counts[1] += u64::from(regresses(base, bounds(pair[1], 1.0)));
            counts[2] += u64::from(regresses(base, bounds(pair[1], 1.0 - LESS)));
        }
        if counts[0] > 0 {
            let _ = writeln!(
                text,
                "| {class} {name} | {} | {} | {} |",
                counts[0], counts[1], counts[2]
            );
        }
        for (sum, count) in sums.iter_mut().zip(counts) {
            *sum += count;
        }
    }
    let share = |count: u64| {
        let interval = wilson(count, sums[0], Z_95);
        format!(
            "{:.1} % ({:.1}–{:.1})",
            100.0 * interval.mid,
            100.0 * interval.low,
            100.0 * interval.high
        )
    };
    let _ = writeln!(
        text,
        "| all | {} | {} | {} |",
        sums[0],
        share(sums[1]),
        share(sums[2])
    );
    text
}
