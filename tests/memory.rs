//! What a run holds in memory does not grow with the number of requests.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod virtual_time;

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tipover::load::{ArrivalProcess, Curve, Piece};
use tipover::model::{Call, Foreseen, Reply};
use tipover::record::Class;
use tipover::units::Rate;
use virtual_time::{Load, VirtualRun};

struct Counting;

static LIVE: AtomicU64 = AtomicU64::new(0);

#[expect(unsafe_code, reason = "a global allocator cannot be had otherwise")]
// SAFETY: every call is handed to the system's allocator unchanged; the counter takes no part in it.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        LIVE.fetch_add(layout.size() as u64, Ordering::Relaxed);
        // SAFETY: the caller's own promise.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        LIVE.fetch_sub(layout.size() as u64, Ordering::Relaxed);
        // SAFETY: the caller's own promise.
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// A site that answers everything in 5 ms, and notes how much memory is live at two points of the run.
struct Witness {
    requests: u64,
    early: u64,
    seen: &'static [AtomicU64; 2],
    late: u64,
}

static SEEN: [AtomicU64; 2] = [AtomicU64::new(0), AtomicU64::new(0)];

impl Witness {
    fn reply(&mut self, call: &Call) -> Reply {
        self.requests += 1;
        if self.requests == self.early {
            self.seen[0].store(LIVE.load(Ordering::Relaxed), Ordering::Relaxed);
        }
        if self.requests == self.late {
            self.seen[1].store(LIVE.load(Ordering::Relaxed), Ordering::Relaxed);
        }
        call.ends(Duration::from_millis(5), Class::Status(200))
    }
}

#[test]
fn ten_million_requests_hold_no_more_memory_than_a_hundred_thousand() {
    let mut witness = Witness {
        requests: 0,
        early: 100_000,
        seen: &SEEN,
        late: 10_000_000,
    };
    let curve = Curve::new([Piece::hold(Rate::per_second(20_000.0), Duration::from_secs(501))]);
    let site = Foreseen::new(move |call: &Call| witness.reply(call));
    let mut run = VirtualRun::new(site, Load::Curve(curve));
    run.process = ArrivalProcess::Even;
    run.play_into(std::io::sink());
    let [early, late] = [&SEEN[0], &SEEN[1]].map(|seen| seen.load(Ordering::Relaxed));
    println!("live heap after 100 k requests {early} bytes, after 10 M {late} bytes");
    assert!(early > 0 && late > 0);
    assert!(late as f64 <= early as f64 * 1.05, "{early} bytes became {late}");
}
