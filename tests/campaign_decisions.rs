//! No campaign that was let go made its site fail, and few were held back for nothing. `cargo bench --bench decisions`
//! plays as many as you like on all classes.

mod decisions;
mod truth;

use decisions::{Outcome, Sums, outcomes, sites};
use tipover::model::SiteClass;
use tipover::scenario::Profile;

#[test]
fn no_go_fails_and_few_campaigns_are_refused_that_the_site_had_room_for() {
    // Sites of some thousand requests a second say nothing more, and take ten times as long.
    let sites: Vec<SiteClass> = sites().into_iter().filter(|class| class.number != 13).collect();
    let seeds: Vec<u64> = (10_000..10_000 + sites.len() as u64).collect();
    let all = outcomes(&sites, Profile::Quick, &seeds, |_| ());
    let sums = Sums::of(&all);
    let lines = |is: fn(&Outcome) -> bool| {
        let lines = all.iter().filter(|outcome| is(outcome)).map(Outcome::line);
        lines.collect::<Vec<_>>().join("\n")
    };
    assert!(sums.gos >= 3, "too few to tell: {sums:?}");
    assert_eq!(sums.broken_promises, 0, "{}", lines(Outcome::is_broken_promise));
    assert_eq!(sums.throttled_failed, 0, "{}", lines(Outcome::is_broken_advice));
    // One in ten, and two more: so few campaigns say no more than that.
    assert!(
        10 * sums.false_alarms <= sums.had_headroom + 20,
        "{sums:?}\n{}",
        lines(Outcome::is_false_alarm)
    );
}
