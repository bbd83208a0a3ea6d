//! Our own HTTP/1.1 and hyper's read any answer the same way: the same class, and the same word on whether the
//! connection may be used again. Answers are put together from pieces that make sense and pieces that do not, and come
//! in parts; the clock is virtual.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::cell::Cell;
use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use proptest::prelude::*;
use tipover::scenario::{Connections, Timeouts};
use tipover::transport::{
    AnswerCaps, Connect, Ended, HttpSettings, HttpTransport, Look, Origin, Pinned, Request, RunClock,
    Transport,
};
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream, duplex};
use tokio::task::{LocalSet, spawn_local};
use tokio::time::{Instant, sleep};

const PIECES: [&str; 34] = [
    "HTTP/1.1 200 OK\r\n",
    "HTTP/1.1 200 OK\r\n",
    "HTTP/1.0 200 OK\r\n",
    "HTTP/1.1 502 Bad Gateway\r\n",
    "HTTP/1.1 100 Continue\r\n\r\n",
    "HTTP/1.1 101 Switching Protocols\r\n",
    "HTTP/1.1 204 No Content\r\n",
    "HTTP/1.1 304 Not Modified\r\n",
    "HTTP/1.1 99 Odd\r\n",
    "HTTP/1.1 200\r\n",
    "HTTP/2.0 200 OK\r\n",
    "Content-Length: 5\r\n",
    "Content-Length: 5\r\n",
    "content-length: 0\r\n",
    "Content-Length: 5, 5\r\n",
    "Content-Length: x\r\n",
    "Transfer-Encoding: chunked\r\n",
    "Transfer-Encoding: chunked\r\n",
    "Transfer-Encoding: gzip\r\n",
    "Connection: close\r\n",
    "Connection: keep-alive\r\n",
    "X-Word: caf\u{e9}\r\n",
    "No-Colon\r\n",
    "\r\n",
    "\r\n",
    "\r\n",
    "\n",
    "hello",
    "5\r\nhello\r\n",
    "5;a=b\r\nhello\r\n",
    "5\r\nhello",
    "0\r\n\r\n",
    "0\r\nX-Sum: 1\r\n\r\n",
    "fffffffffffffffff\r\n",
];

/// What a site says on its first connection.
#[derive(Debug, Clone)]
struct Said {
    parts: Vec<Vec<u8>>,
    closes: bool,
}

fn said() -> impl Strategy<Value = Said> {
    let pieces = prop::collection::vec(0..PIECES.len(), 0..8);
    // Most begin as an answer does.
    let first = prop_oneof![4 => 0..3_usize, 1 => 0..PIECES.len()];
    let cuts = prop::collection::vec(0_usize..300, 0..3);
    (first, pieces, cuts, any::<bool>()).prop_map(|(first, pieces, cuts, closes)| {
        let all = std::iter::once(first).chain(pieces).map(|piece| PIECES[piece]);
        let bytes = all.collect::<String>().into_bytes();
        let mut ends: Vec<usize> = cuts.iter().map(|cut| cut % (bytes.len() + 1)).collect();
        ends.push(bytes.len());
        ends.sort_unstable();
        let mut parts = Vec::new();
        let mut from = 0;
        for end in ends {
            parts.push(bytes[from..end].to_vec());
            from = end;
        }
        Said { parts, closes }
    })
}

struct Wires {
    said: Said,
    opened: Cell<usize>,
}

impl Connect for Wires {
    type Stream = DuplexStream;

    async fn connect(&self, _: SocketAddr) -> io::Result<DuplexStream> {
        let (ours, theirs) = duplex(1 << 16);
        let number = self.opened.replace(self.opened.get() + 1);
        let said = self.said.clone();
        spawn_local(async move {
            let said = Some(said).filter(|_| number == 0);
            drop(serve(theirs, said).await);
        });
        Ok(ours)
    }
}

async fn serve(mut stream: DuplexStream, said: Option<Said>) -> io::Result<()> {
    let mut buffer = [0; 4_096];
    if stream.read(&mut buffer).await? == 0 {
        return Ok(());
    }
    if let Some(said) = said {
        for part in &said.parts {
            stream.write_all(part).await?;
            sleep(Duration::from_millis(10)).await;
        }
        if said.closes {
            return Ok(());
        }
    } else {
        stream
            .write_all(b"HTTP/1.1 299 Again\r\nContent-Length: 0\r\n\r\n")
            .await?;
    }
    while stream.read(&mut buffer).await? > 0 {
        stream
            .write_all(b"HTTP/1.1 298 Kept\r\nContent-Length: 0\r\n\r\n")
            .await?;
    }
    Ok(())
}

fn request(method: &str) -> Request {
    Request {
        step: 0,
        method: method.parse().unwrap(),
        origin: Origin {
            tls: false,
            host: "site.test".to_owned(),
            port: 80,
        },
        path: "/".parse().unwrap(),
        headers: [].into_iter().collect(),
        body: Bytes::new(),
        look: Look::Body(1_000),
    }
}

/// How a request ended, what of its answer was handed back, and how the one after it ended on which connection.
type Heard = (Ended, Option<(u16, Vec<u8>)>, Ended, bool);

fn heard(said: &Said, method: &str, by_hyper: bool) -> Heard {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .start_paused(true)
        .build()
        .unwrap();
    let played = async {
        let settings = HttpSettings {
            connections: Connections::PerVisitor,
            timeouts: Timeouts {
                connect: Duration::from_secs(5),
                answer: Duration::from_secs(5),
                step: None,
            },
            pinned: Arc::new(Pinned::new(80).with("site.test", [IpAddr::V4(Ipv4Addr::LOCALHOST)])),
            caps: AnswerCaps {
                body: 1 << 20,
                ..AnswerCaps::default()
            },
            ..HttpSettings::default()
        };
        let wires = Wires {
            said: said.clone(),
            opened: Cell::new(0),
        };
        let transport = HttpTransport::over(wires, settings, RunClock::starting_at(Instant::now()));
        let transport = if by_hyper { transport.by_hyper() } else { transport };
        let mut visitor = transport.visitor();
        let first = transport.play(&mut visitor, &request(method)).await;
        sleep(Duration::from_secs(1)).await;
        let next = transport.play(&mut visitor, &request("GET")).await;
        let inside = first.inside.map(|inside| (inside.status, inside.body));
        (first.ended, inside, next.ended, next.fresh_connection)
    };
    LocalSet::new().block_on(&runtime, played)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, ..ProptestConfig::default() })]

    #[test]
    fn any_answer_is_read_as_hyper_reads_it(said in said(), is_head in prop::bool::weighted(0.1)) {
        let method = if is_head { "HEAD" } else { "GET" };
        let ours = heard(&said, method, false);
        let theirs = heard(&said, method, true);
        let text: Vec<_> = said.parts.iter().map(|part| String::from_utf8_lossy(part).into_owned()).collect();
        prop_assert_eq!(ours, theirs, "{:?} closes: {}", text, said.closes);
    }
}
