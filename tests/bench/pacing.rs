//! How late does a timer wake us? Three ways to wait for the next of 1,000 arrivals a second, side by side, for five
//! seconds each: tokio's own timer, a kernel timer that tokio waits for, and a thread that sleeps.
//!
//! ```console
//! $ cargo bench --bench pacing
//! ```

use std::time::{Duration, Instant};

use tipover::drive::{Pacer, PreciseTimer, TokioTimer};
use tipover::transport::RunClock;
use tipover::units::Offset;

const ARRIVALS: u64 = 5_000;
const GAP: Duration = Duration::from_millis(1);

fn main() {
    println!(
        "{:<34} {:>10} {:>10} {:>10}",
        "lateness at 1,000/s, milliseconds", "p50", "p99", "max"
    );
    for round in 0..3 {
        show(round, "tokio timer", paced(TokioTimer::new));
        show(
            round,
            "kernel timer in the runtime",
            paced(|clock| PreciseTimer::new(clock).expect("a timer")),
        );
        show(round, "sleeping thread", slept());
    }
}

fn show(round: u32, name: &str, mut late: Vec<Duration>) {
    late.sort_unstable();
    let at = |quantile: f64| late[((late.len() - 1) as f64 * quantile) as usize].as_secs_f64() * 1e3;
    println!(
        "{round} {name:<32} {:>10.3} {:>10.3} {:>10.3}",
        at(0.5),
        at(0.99),
        at(1.0)
    );
}

fn paced<P: Pacer>(pacer: impl FnOnce(RunClock) -> P) -> Vec<Duration> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime");
    runtime.block_on(async {
        let clock = RunClock::starting_at(tokio::time::Instant::now());
        let pacer = pacer(clock);
        let mut late = Vec::new();
        for arrival in 1..=ARRIVALS {
            let due = Offset::ZERO + GAP * u32::try_from(arrival).expect("few arrivals");
            pacer.until(due).await;
            late.push(clock.now().since(due));
        }
        late
    })
}

fn slept() -> Vec<Duration> {
    let start = Instant::now();
    (1..=u32::try_from(ARRIVALS).expect("few arrivals"))
        .map(|arrival| {
            let due = start + GAP * arrival;
            std::thread::sleep(due.saturating_duration_since(Instant::now()));
            due.elapsed()
        })
        .collect()
}
