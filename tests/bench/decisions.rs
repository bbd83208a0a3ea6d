//! Measures, plans and plays random campaigns on all classes of model sites, and prints which decisions were right.
//!
//! ```console
//! $ cargo bench --bench decisions            # 200 campaigns
//! $ cargo bench --bench decisions -- 1000    # as many as you like
//! ```

#[path = "../decisions/mod.rs"]
mod decisions;
#[path = "../truth/mod.rs"]
mod truth;

use decisions::{Sums, outcomes};
use tipover::model::classes;
use tipover::scenario::Profile;

fn main() {
    let asked = std::env::args().skip(1).find_map(|word| word.parse().ok());
    let count: u64 = asked.unwrap_or(200);
    let seeds: Vec<u64> = (0..count).collect();
    let all = outcomes(&classes(), Profile::Standard, &seeds);
    for outcome in &all {
        let mark = if outcome.is_broken_promise() {
            "BROKEN "
        } else if outcome.is_false_alarm() {
            "alarm  "
        } else if outcome.throttled_failed == Some(true) {
            "SLOW   "
        } else {
            "       "
        };
        println!("{mark}{}", outcome.line());
    }
    println!("{:#?}", Sums::of(&all));
}
