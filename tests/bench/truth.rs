//! Finds the true tipping points of all classes of model sites by brute force and writes them to `tests/truth`.
//!
//! ```console
//! $ nice -n 19 cargo bench --bench truth            # all classes, about an hour on two cores
//! $ cargo bench --bench truth -- 4 11               # these classes only
//! $ cargo bench --bench truth -- speed              # how fast the sites are played; writes nothing
//! ```

#[path = "../truth/mod.rs"]
mod truth;

use std::error::Error;
use std::time::{Duration, Instant};

use tipover::load::{ArrivalProcess, Piece, Schedule};
use tipover::model::{Call, Effort, ModelSite, Question, SiteClass, classes, truth_of};
use tipover::units::{Offset, Rate};
use truth::{Entry, file, questions};

fn main() -> Result<(), Box<dyn Error>> {
    let words: Vec<String> = std::env::args()
        .skip(1)
        .filter(|word| word != "--bench")
        .collect();
    if words.iter().any(|word| word == "speed") {
        speed();
        return Ok(());
    }
    let wanted: Vec<u8> = words.iter().map(|word| word.parse()).collect::<Result<_, _>>()?;
    let start = Instant::now();
    for class in classes() {
        let questions = questions(&class);
        if questions.is_empty() || !(wanted.is_empty() || wanted.contains(&class.number)) {
            continue;
        }
        let entries: Vec<Entry> = questions
            .iter()
            .filter_map(|question| entry(&class, question))
            .collect();
        std::fs::write(file(&class), serde_json::to_string_pretty(&entries)? + "\n")?;
    }
    println!("{:.0} s", start.elapsed().as_secs_f64());
    Ok(())
}

fn entry(class: &SiteClass, question: &Question) -> Option<Entry> {
    let effort = Effort {
        precision: 0.001,
        requests: 3e8,
        threads: std::thread::available_parallelism().map_or(1, usize::from),
    };
    let start = Instant::now();
    let found = truth_of(class, question, &effort)?;
    let entry = Entry {
        class: class.name.to_owned(),
        hash: class.hash(),
        share: question.share.get(),
        process: question.process.to_string(),
        horizon_seconds: question.horizon.as_secs(),
        rate: rounded(found.rate),
        low: rounded(found.low),
        high: rounded(found.high),
        replications: found.replications,
    };
    println!(
        "{:>2} {:26} {:>5} {:>4} s  {:>8.2}  ({:.2} to {:.2}, ±{:.2} %)  {} replications, {:.0} s",
        class.number,
        class.name,
        question.share,
        entry.horizon_seconds,
        entry.rate,
        entry.low,
        entry.high,
        50.0 * (found.high / found.low - 1.0),
        entry.replications,
        start.elapsed().as_secs_f64()
    );
    Some(entry)
}

/// To a thousandth: no truth is known better.
fn rounded(rate: f64) -> f64 {
    (rate * 1e3).round() / 1e3
}

/// Plays each class just below its capacity on one core.
fn speed() {
    for class in classes() {
        let rate = 0.95 * class.spec.capacity().get();
        let count = 2_000_000_u64;
        let mut schedule = Schedule::new(ArrivalProcess::Poisson, 1);
        schedule.extend(Piece::hold(
            Rate::per_second(rate),
            Duration::from_secs_f64(2.0 * count as f64 / rate),
        ));
        let due: Vec<Offset> = std::iter::from_fn(|| schedule.next_arrival())
            .take(count as usize)
            .map(|arrival| arrival.due)
            .collect();
        let mut site = class.site(1);
        let mut ended = Vec::new();
        let start = Instant::now();
        for (id, at) in (0..).zip(&due) {
            site.advance(*at, &mut ended);
            site.arrive(Call {
                id,
                at: *at,
                visitor: id,
                step: 0,
                address: 0,
            });
            if ended.len() > 1_000 {
                ended.clear();
            }
        }
        let per_second = count as f64 / start.elapsed().as_secs_f64();
        println!(
            "{:>2} {:26} {:.1} M requests/s",
            class.number,
            class.name,
            per_second / 1e6
        );
    }
}
