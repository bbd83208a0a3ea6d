//! Measures, plans and plays random campaigns on all classes of model sites, and prints which decisions were right.
//!
//! ```console
//! $ cargo bench --bench decisions            # 200 campaigns
//! $ cargo bench --bench decisions -- 1000    # as many as you like
//! $ cargo bench --bench decisions -- 50 6 7  # on sites of classes 6 and 7 only
//! ```

#[path = "../decisions/mod.rs"]
mod decisions;
#[path = "../truth/mod.rs"]
mod truth;

use decisions::{Outcome, Sums, outcomes, sites};
use tipover::scenario::Profile;

fn main() {
    let mut numbers = std::env::args()
        .skip(1)
        .filter_map(|word| word.parse::<u64>().ok());
    let count = numbers.next().unwrap_or(200);
    let wanted: Vec<u64> = numbers.collect();
    let mut classes = sites();
    classes.retain(|class| wanted.is_empty() || wanted.contains(&u64::from(class.number)));
    let seeds: Vec<u64> = (0..count).collect();
    let tell = |outcome: &Outcome| println!("{}", outcome.line());
    let all = outcomes(&classes, Profile::Standard, &seeds, tell);
    println!("{:#?}", Sums::of(&all));
}
