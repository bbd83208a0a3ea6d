//! Plays the search against a model of your own: say how a request ends, choose the settings, and see what it finds.
//! A site whose answers depend on what comes after a request, as with retries, implements `ModelSite` instead.
//!
//! `cargo run --example search_your_model`

use std::time::Duration;

use tipover::load::ArrivalProcess;
use tipover::model::{Call, Foreseen, Reply, Visits, play};
use tipover::record::Class;
use tipover::scenario::SearchPlan;
use tipover::search::{Settings, Tipping};
use tipover::units::{Offset, Rate};

/// A site with one shared database: each request takes 10 ms of it, one after the other, and is turned away with 502
/// once it would wait for longer than half a second.
struct OneDatabase {
    free_from: Offset,
}

impl OneDatabase {
    fn reply(&mut self, call: &Call) -> Reply {
        let start = self.free_from.max(call.at);
        if start.since(call.at) > Duration::from_millis(500) {
            return call.ends(Duration::from_millis(2), Class::Status(502));
        }
        self.free_from = start + Duration::from_millis(10);
        call.ends(self.free_from.since(call.at), Class::Status(200))
    }
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let plan = SearchPlan {
        from: Rate::per_second(5.0),
        to: Rate::per_second(1_000.0),
        ..SearchPlan::default()
    };
    let mut search = Tipping::new(Settings::new(&plan))?;
    let mut database = OneDatabase {
        free_from: Offset::ZERO,
    };
    let mut site = Foreseen::new(|call: &Call| database.reply(call));
    let visits = Visits::of_one_page(ArrivalProcess::Poisson, plan.seed);
    let played = play(&mut search, &mut site, visits, 900);
    for trial in &played.trials {
        println!(
            "{:>4} s  {:9} {:>5} pages/s  {:7} {}",
            trial.from,
            trial.phase.to_string(),
            trial.rate.to_string(),
            trial.verdict.to_string(),
            trial.why
        );
    }
    println!("\n{}", played.finding.why);
    for sentence in &played.finding.evidence {
        println!("- {sentence}");
    }
    if let Some(rate) = played.finding.rate {
        println!(
            "It tips at {:.0} pages/s ({:.0} to {:.0}); it can do 100.",
            rate.mid, rate.low, rate.high
        );
    }
    Ok(())
}
