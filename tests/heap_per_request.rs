//! What one request costs on the heap, on a connection that is kept.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::io::{Read, Write};
use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use tipover::record::Class;
use tipover::scenario::{Connections, Timeouts};
use tipover::transport::{Ended, HttpSettings, HttpTransport, Origin, Pinned, Request, RunClock, Transport};
use tokio::time::Instant;

struct Counting;

thread_local! {
    /// How often this thread took memory, and how much.
    static TAKEN: Cell<(u64, u64)> = const { Cell::new((0, 0)) };
}

#[expect(unsafe_code, reason = "a global allocator cannot be had otherwise")]
// SAFETY: every call is handed to the system's allocator unchanged; the counter takes no part in it.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let _ = TAKEN.try_with(|taken| {
            let (times, bytes) = taken.get();
            taken.set((times + 1, bytes + layout.size() as u64));
        });
        // SAFETY: the caller's own promise.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        // SAFETY: the caller's own promise.
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// A site on a thread of its own that answers every read with 200.
fn site() -> u16 {
    let listener = std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            std::thread::spawn(move || {
                let mut buffer = [0; 4_096];
                while let Ok(1..) = stream.read(&mut buffer) {
                    let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
                }
            });
        }
    });
    port
}

#[test]
fn a_request_on_a_kept_connection_takes_no_memory() {
    let port = site();
    let settings = HttpSettings {
        connections: Connections::Pooled,
        timeouts: Timeouts {
            connect: Duration::from_secs(10),
            answer: Duration::from_secs(10),
            step: None,
        },
        pinned: Arc::new(Pinned::new(0).with("site.test", [IpAddr::V4(Ipv4Addr::LOCALHOST)])),
        ..HttpSettings::default()
    };
    let request = Request {
        step: 0,
        method: "GET".parse().unwrap(),
        origin: Origin {
            tls: false,
            host: "site.test".to_owned(),
            port,
        },
        path: "/".parse().unwrap(),
        headers: [].into_iter().collect(),
        body: Bytes::new(),
        look: tipover::transport::Look::Nothing,
    };
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    tokio::task::LocalSet::new().block_on(&runtime, async {
        let transport = HttpTransport::new(settings, RunClock::starting_at(Instant::now()));
        let mut visitor = transport.visitor();
        let size = std::mem::size_of_val(&transport.play(&mut visitor, &request));
        let mut costs = Vec::new();
        for _ in 0..3 {
            let before = TAKEN.get();
            for _ in 0..500 {
                let answer = transport.play(&mut visitor, &request).await;
                assert_eq!(answer.ended, Ended::Site(Class::Status(200)));
            }
            let after = TAKEN.get();
            costs.push((
                (after.0 - before.0) as f64 / 500.0,
                (after.1 - before.1) as f64 / 500.0,
            ));
        }
        println!("a request in flight: {size} bytes; taken for each: {costs:?}");
        assert!(size <= 1_600, "{size}");
        assert_eq!(costs[1..], [(0.0, 0.0); 2]);
    });
}
