//! The real HTTP client over streams in memory and paused time: hours pass at once, and every time is exact.

use std::cell::{Cell, RefCell};
use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream, duplex};
use tokio::task::{LocalSet, spawn_local};
use tokio::time::{Instant, sleep};

use super::*;
use crate::record::{Class, Phases, Took, Unsent};
use crate::scenario::{Connections, Timeouts};
use crate::units::Offset;

/// Opens streams in memory to a site that answers after a while.
struct Wires {
    connecting: Duration,
    answering: Duration,
    /// What connecting says instead, from the connection of this number on.
    failing: Option<(usize, io::ErrorKind)>,
    opened: Cell<usize>,
    asked: Rc<RefCell<Vec<SocketAddr>>>,
}

impl Wires {
    fn new(connecting: u64, answering: u64) -> Self {
        Self {
            connecting: Duration::from_millis(connecting),
            answering: Duration::from_millis(answering),
            failing: None,
            opened: Cell::new(0),
            asked: Rc::default(),
        }
    }
}

async fn answer(mut stream: DuplexStream, after: Duration) {
    let mut buffer = [0; 4_096];
    while let Ok(1..) = stream.read(&mut buffer).await {
        sleep(after).await;
        stream
            .write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n")
            .await
            .unwrap();
        sleep(after).await;
        stream.write_all(b"ok").await.unwrap();
    }
}

impl Connect for Wires {
    type Stream = DuplexStream;

    async fn connect(&self, address: SocketAddr) -> io::Result<DuplexStream> {
        self.asked.borrow_mut().push(address);
        sleep(self.connecting).await;
        let number = self.opened.replace(self.opened.get() + 1);
        if let Some((from, kind)) = self.failing
            && number >= from
        {
            return Err(kind.into());
        }
        let (ours, theirs) = duplex(1 << 16);
        spawn_local(answer(theirs, self.answering));
        Ok(ours)
    }
}

fn transport(wires: Wires, connections: Connections) -> HttpTransport<Wires> {
    bounded(wires, connections, None)
}

fn bounded(wires: Wires, connections: Connections, step: Option<Duration>) -> HttpTransport<Wires> {
    let addresses = [1, 2, 3].map(|last| IpAddr::V4(Ipv4Addr::new(127, 0, 0, last)));
    let settings = HttpSettings {
        connections,
        timeouts: Timeouts {
            connect: Duration::from_secs(5),
            answer: Duration::from_secs(30),
            step,
        },
        pinned: Arc::new(Pinned::new(80).with("site.test", addresses)),
        ..HttpSettings::default()
    };
    HttpTransport::over(wires, settings, RunClock::starting_at(Instant::now()))
}

fn request() -> Request {
    Request {
        step: 0,
        method: hyper::Method::GET,
        origin: Origin {
            tls: false,
            host: "site.test".to_owned(),
            port: 80,
        },
        path: "/".parse().unwrap(),
        headers: hyper::HeaderMap::new(),
        body: Bytes::new(),
        look: Look::Nothing,
    }
}

async fn local<T>(test: impl Future<Output = T>) -> T {
    LocalSet::new().run_until(test).await
}

#[tokio::test(start_paused = true)]
async fn every_time_of_an_answer_is_exact() {
    local(async {
        let transport = transport(Wires::new(10, 50), Connections::PerVisitor);
        let mut visitor = transport.visitor();
        let first = transport.play(&mut visitor, &request()).await;
        assert_eq!(first.ended, Ended::Site(Class::Status(200)));
        assert_eq!(first.sent, Offset::ZERO);
        assert_eq!(first.first_byte, Some(Offset::from_millis(60)));
        assert_eq!(first.done, Offset::from_millis(110));
        assert_eq!(first.bytes, 40);
        sleep(Duration::from_secs(3_600)).await;
        let second = transport.play(&mut visitor, &request()).await;
        assert_eq!(second.done.since(second.sent), Duration::from_millis(100));
        assert!(first.fresh_connection && !second.fresh_connection);
        let millis = |count| Some(Took::from(Duration::from_millis(count)));
        let kept = Phases {
            connect: None,
            tls: None,
            send: millis(0),
            first_byte: millis(50),
            receive: millis(50),
        };
        let fresh = Phases {
            connect: millis(10),
            ..kept
        };
        assert_eq!((first.phases, second.phases), (fresh, kept));
        assert_eq!(second.bytes, 40);
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn timeouts_come_exactly_when_they_are_due() {
    local(async {
        let slow_to_connect = transport(Wires::new(3_600_000, 0), Connections::PerVisitor);
        let answer = slow_to_connect
            .play(&mut slow_to_connect.visitor(), &request())
            .await;
        assert_eq!(answer.ended, Ended::Site(Class::ConnectTimeout));
        assert_eq!(answer.done.since(answer.sent), Duration::from_secs(5));

        // The answer's time begins when the request is sent, not when connecting does.
        let slow_to_answer = transport(Wires::new(4_000, 20_000), Connections::PerVisitor);
        let answer = slow_to_answer
            .play(&mut slow_to_answer.visitor(), &request())
            .await;
        assert_eq!(answer.ended, Ended::Site(Class::AnswerTimeout));
        assert_eq!(answer.done.since(answer.sent), Duration::from_secs(34));
        assert_eq!(answer.first_byte, Some(answer.sent + Duration::from_secs(24)));

        // A step's own time holds for both together.
        for (connecting, class) in [(4_000, Class::AnswerTimeout), (20_000, Class::ConnectTimeout)] {
            let step = Some(Duration::from_millis(4_500));
            let bounded = bounded(Wires::new(connecting, 20_000), Connections::PerVisitor, step);
            let answer = bounded.play(&mut bounded.visitor(), &request()).await;
            assert_eq!(answer.ended, Ended::Site(class));
            assert_eq!(answer.done.since(answer.sent), Duration::from_millis(4_500));
        }
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_pool_opens_as_many_connections_as_requests_overlap_and_the_addresses_take_turns() {
    local(async {
        let wires = Wires::new(0, 500);
        let asked = Rc::clone(&wires.asked);
        let transport = Rc::new(transport(wires, Connections::Pooled));
        for wave in 0..3 {
            let played: Vec<_> = (0..4)
                .map(|_| {
                    let transport = Rc::clone(&transport);
                    spawn_local(async move { transport.play(&mut transport.visitor(), &request()).await })
                })
                .collect();
            for task in played {
                assert_eq!(task.await.unwrap().fresh_connection, wave == 0);
            }
        }
        let last: Vec<String> = asked.borrow().iter().map(ToString::to_string).collect();
        assert_eq!(
            last,
            ["127.0.0.1:80", "127.0.0.2:80", "127.0.0.3:80", "127.0.0.1:80"]
        );
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn what_fails_on_this_machine_is_ours() {
    local(async {
        let mut wires = Wires::new(0, 0);
        wires.failing = Some((1, io::ErrorKind::AddrNotAvailable));
        let transport = transport(wires, Connections::PerRequest);
        let mut visitor = transport.visitor();
        let first = transport.play(&mut visitor, &request()).await;
        assert_eq!(first.ended, Ended::Site(Class::Status(200)));
        let second = transport.play(&mut visitor, &request()).await;
        assert_eq!(second.ended, Ended::Ours(Unsent::Ports));
    })
    .await;
}
