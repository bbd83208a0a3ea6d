//! Sites that speak HTTP/2 and refuse, stall, break off and talk nonsense: each ends in exactly its class, and what HTTP
//! allows to be sent again is sent again, once. Every site is a raw server on loopback that writes its own frames.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::cell::{Cell, RefCell};
use std::net::{IpAddr, Ipv4Addr};
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use tipover::record::Class;
use tipover::scenario::{Connections, HttpVersion, Timeouts};
use tipover::transport::{
    Answer, AnswerCaps, Ended, HttpSettings, HttpTransport, Origin, Pinned, Request, RunClock, Transport,
};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{LocalSet, spawn_local};
use tokio::time::{Instant, sleep};

const PREFACE: usize = 24;
const DATA: u8 = 0;
const HEADERS: u8 = 1;
const RST_STREAM: u8 = 3;
const SETTINGS: u8 = 4;
const GOAWAY: u8 = 7;
const WINDOW_UPDATE: u8 = 8;
const CONTINUATION: u8 = 9;
const END_STREAM: u8 = 1;
const END_HEADERS: u8 = 4;
const ACK: u8 = 1;

/// `:status: 200`, by its place in HPACK's table (RFC 7541, appendix A).
const OK: &[u8] = &[0x88];
const REFUSED_STREAM: u32 = 7;
const INTERNAL_ERROR: u32 = 2;
const CANCEL: u32 = 8;

/// Long enough for a busy machine.
const PATIENT: Duration = Duration::from_secs(20);
const HASTY: Duration = Duration::from_millis(300);

fn frame(kind: u8, flags: u8, stream: u32, content: &[u8]) -> Vec<u8> {
    let mut frame = u32::try_from(content.len()).unwrap().to_be_bytes()[1..].to_vec();
    frame.extend([kind, flags]);
    frame.extend(stream.to_be_bytes());
    frame.extend(content);
    frame
}

fn reset(stream: u32, reason: u32) -> Vec<u8> {
    frame(RST_STREAM, 0, stream, &reason.to_be_bytes())
}

fn go_away(last: u32, reason: u32) -> Vec<u8> {
    frame(GOAWAY, 0, 0, &[last.to_be_bytes(), reason.to_be_bytes()].concat())
}

/// A header that is in no table: its name and its value as they are.
fn literal(name: &str, value: &str) -> Vec<u8> {
    let length = |text: &str| u8::try_from(text.len()).unwrap();
    assert!(name.len() < 127 && value.len() < 127);
    [
        &[0, length(name)],
        name.as_bytes(),
        &[length(value)],
        value.as_bytes(),
    ]
    .concat()
}

fn whole_answer(stream: u32) -> Vec<u8> {
    [
        frame(HEADERS, END_HEADERS, stream, OK),
        frame(DATA, END_STREAM, stream, b"ok"),
    ]
    .concat()
}

/// A connection as a server sees it.
struct Peer {
    stream: TcpStream,
}

impl Peer {
    /// Reads the preface and says how many streams it takes.
    async fn greet(mut stream: TcpStream, most: u32) -> Option<Self> {
        stream.set_nodelay(true).unwrap();
        let mut preface = [0; PREFACE];
        stream.read_exact(&mut preface).await.ok()?;
        assert!(preface.starts_with(b"PRI * HTTP/2.0"));
        let settings = [&[0, 3], &most.to_be_bytes()[..]].concat();
        let mut peer = Self { stream };
        peer.say(&frame(SETTINGS, 0, 0, &settings)).await;
        Some(peer)
    }

    async fn say(&mut self, bytes: &[u8]) {
        let _ = self.stream.write_all(bytes).await;
    }

    async fn next(&mut self) -> Option<(u8, u8, u32, Vec<u8>)> {
        let mut head = [0; 9];
        self.stream.read_exact(&mut head).await.ok()?;
        let length = u32::from_be_bytes([0, head[0], head[1], head[2]]);
        let stream = u32::from_be_bytes([head[5], head[6], head[7], head[8]]);
        let mut content = vec![0; length as usize];
        self.stream.read_exact(&mut content).await.ok()?;
        Some((head[3], head[4], stream, content))
    }

    /// The number of the next request's stream; settings are acknowledged on the way. Nothing at the end.
    async fn request(&mut self) -> Option<u32> {
        loop {
            match self.next().await? {
                (HEADERS, _, stream, _) => return Some(stream),
                (SETTINGS, 0, _, _) => self.say(&frame(SETTINGS, ACK, 0, &[])).await,
                _ => {}
            }
        }
    }

    /// Ends with a FIN, once the other side has had its say.
    async fn hang_up(mut self) {
        let _ = self.stream.shutdown().await;
        let _ = tokio::time::timeout(PATIENT, self.stream.read_to_end(&mut Vec::new())).await;
    }
}

/// A site that plays `script` on every connection.
async fn site<F: 'static>(script: impl AsyncFn(TcpStream) -> F + 'static) -> u16 {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let script = Rc::new(script);
    spawn_local(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let script = Rc::clone(&script);
            spawn_local(async move { script(stream).await });
        }
    });
    port
}

/// A site that answers every request with `frames` of its stream, and keeps the connection.
async fn saying(frames: impl Fn(u32) -> Vec<u8> + 'static) -> u16 {
    let frames = Rc::new(frames);
    site(async move |stream| {
        let mut peer = Peer::greet(stream, 100).await?;
        while let Some(number) = peer.request().await {
            peer.say(&frames(number)).await;
        }
        Some(())
    })
    .await
}

fn settings(connections: Connections, answer: Duration) -> HttpSettings {
    HttpSettings {
        connections,
        http: HttpVersion::Two,
        timeouts: Timeouts {
            connect: Duration::from_secs(1),
            answer,
            step: None,
        },
        pinned: Arc::new(Pinned::new(0).with("site.test", [IpAddr::V4(Ipv4Addr::LOCALHOST)])),
        caps: AnswerCaps {
            body: 1 << 20,
            ..AnswerCaps::default()
        },
        ..HttpSettings::default()
    }
}

fn transport(connections: Connections, answer: Duration) -> HttpTransport {
    HttpTransport::new(
        settings(connections, answer),
        RunClock::starting_at(Instant::now()),
    )
}

fn request(method: &str, port: u16) -> Request {
    Request {
        step: 0,
        method: method.parse().unwrap(),
        origin: Origin {
            tls: false,
            host: "site.test".to_owned(),
            port,
        },
        path: "/sale?a=1".parse().unwrap(),
        headers: [].into_iter().collect(),
        body: Bytes::new(),
        look: tipover::transport::Look::Nothing,
    }
}

async fn one(method: &str, port: u16) -> Answer {
    let transport = transport(Connections::PerVisitor, PATIENT);
    transport
        .play(&mut transport.visitor(), &request(method, port))
        .await
}

async fn ends_of(frames: impl Fn(u32) -> Vec<u8> + 'static) -> Ended {
    one("GET", saying(frames).await).await.ended
}

const fn status(code: u16) -> Ended {
    Ended::Site(Class::Status(code))
}

async fn local<T>(test: impl Future<Output = T>) -> T {
    LocalSet::new().run_until(test).await
}

#[tokio::test]
async fn every_lawful_answer_is_its_status_with_its_bytes_and_its_parts() {
    local(async {
        let early = |number| {
            // 103, with a link, before the answer.
            let hints = [&[0x08, 3, b'1', b'0', b'3'][..], &literal("link", "</a>")].concat();
            [frame(HEADERS, END_HEADERS, number, &hints), whole_answer(number)].concat()
        };
        let trailers = |number| {
            let sum = literal("x-sum", "1");
            [
                frame(HEADERS, END_HEADERS, number, OK),
                frame(DATA, 0, number, b"ok"),
                frame(HEADERS, END_HEADERS | END_STREAM, number, &sum),
            ]
            .concat()
        };
        let bare = |code: u8| move |number| frame(HEADERS, END_HEADERS | END_STREAM, number, &[code]);
        assert_eq!(ends_of(whole_answer).await, status(200));
        assert_eq!(ends_of(early).await, status(200));
        assert_eq!(ends_of(trailers).await, status(200));
        assert_eq!(ends_of(bare(0x89)).await, status(204));
        assert_eq!(ends_of(bare(0x8b)).await, status(304));
        assert_eq!(ends_of(bare(0x8e)).await, status(500));

        let answer = one("GET", saying(whole_answer).await).await;
        // At least the head's frame and the body's; settings come on the same way.
        assert!(answer.bytes >= 9 + 1 + 9 + 2, "{}", answer.bytes);
        let phases = answer.phases;
        assert!(phases.connect.is_some() && phases.tls.is_none(), "{phases:?}");
        assert!(
            phases.send.is_some() && phases.first_byte.is_some() && phases.receive.is_some(),
            "{phases:?}"
        );
        assert_eq!(answer.retries, 0);

        // The length of a body that HEAD leaves out.
        let announced = |number| {
            let head = [OK, &literal("content-length", "5000")].concat();
            frame(HEADERS, END_HEADERS | END_STREAM, number, &head)
        };
        assert_eq!(one("HEAD", saying(announced).await).await.ended, status(200));
    })
    .await;
}

#[tokio::test]
async fn a_stream_that_is_reset_is_a_reset_and_in_its_body_a_cut() {
    local(async {
        for reason in [INTERNAL_ERROR, CANCEL] {
            assert_eq!(
                ends_of(move |number| reset(number, reason)).await,
                Ended::Site(Class::Reset)
            );
            let in_body = move |number| {
                let begun = [
                    frame(HEADERS, END_HEADERS, number, OK),
                    frame(DATA, 0, number, b"12345"),
                ];
                [begun.concat(), reset(number, reason)].concat()
            };
            assert_eq!(ends_of(in_body).await, Ended::Site(Class::Cut));
        }
    })
    .await;
}

#[tokio::test]
async fn a_connection_that_ends_is_named_by_how_and_where_it_ended() {
    local(async {
        for (answer, is_reset, class) in [
            (None, false, Class::Empty),
            (None, true, Class::Reset),
            (Some(b"12345"), false, Class::Cut),
            (Some(b"12345"), true, Class::Cut),
        ] {
            let port = site(async move |stream| {
                let mut peer = Peer::greet(stream, 100).await?;
                let number = peer.request().await?;
                if let Some(body) = answer {
                    peer.say(&frame(HEADERS, END_HEADERS, number, OK)).await;
                    peer.say(&frame(DATA, 0, number, body)).await;
                }
                sleep(Duration::from_millis(50)).await;
                if is_reset {
                    peer.stream.set_zero_linger().unwrap();
                } else {
                    peer.hang_up().await;
                }
                Some(())
            })
            .await;
            let answer = one("GET", port).await;
            assert_eq!(
                (answer.ended, answer.retries),
                (Ended::Site(class), 0),
                "{answer:?}"
            );
        }
    })
    .await;
}

#[tokio::test]
async fn a_refused_stream_is_sent_once_more_whatever_it_is() {
    local(async {
        for method in ["GET", "POST"] {
            for (refusals, ended) in [(1, status(200)), (9, Ended::Site(Class::Reset))] {
                let seen = Rc::new(Cell::new(0));
                let counted = Rc::clone(&seen);
                let port = saying(move |number| {
                    counted.set(counted.get() + 1);
                    if counted.get() <= refusals {
                        reset(number, REFUSED_STREAM)
                    } else {
                        whole_answer(number)
                    }
                })
                .await;
                let answer = one(method, port).await;
                assert_eq!(
                    (answer.ended, answer.retries, seen.get()),
                    (ended, 1, 2),
                    "{method}"
                );
            }
        }
    })
    .await;
}

#[tokio::test]
async fn a_request_that_a_leaving_site_did_not_take_goes_to_a_new_connection() {
    local(async {
        let connections = Rc::new(Cell::new(0));
        let opened = Rc::clone(&connections);
        let port = site(async move |stream| {
            opened.set(opened.get() + 1);
            let mut peer = Peer::greet(stream, 100).await?;
            while let Some(number) = peer.request().await {
                // The third request of a connection comes too late: the site leaves after its second.
                if number > 3 {
                    peer.say(&go_away(3, 0)).await;
                    peer.hang_up().await;
                    return Some(());
                }
                peer.say(&whole_answer(number)).await;
            }
            Some(())
        })
        .await;
        for method in ["GET", "POST"] {
            connections.set(0);
            let transport = transport(Connections::PerVisitor, PATIENT);
            let mut visitor = transport.visitor();
            let mut seen = Vec::new();
            for _ in 0..4 {
                let answer = transport.play(&mut visitor, &request(method, port)).await;
                assert_eq!(answer.ended, status(200), "{answer:?}");
                seen.push((answer.fresh_connection, answer.retries));
            }
            assert_eq!(seen, [(true, 0), (false, 0), (true, 1), (false, 0)]);
            assert_eq!(connections.get(), 2);
        }
    })
    .await;
}

#[tokio::test]
async fn a_site_that_leaves_finishes_what_it_took() {
    local(async {
        let port = site(async move |stream| {
            let mut peer = Peer::greet(stream, 100).await?;
            let number = peer.request().await?;
            peer.say(&go_away(number, 0)).await;
            sleep(Duration::from_millis(50)).await;
            peer.say(&whole_answer(number)).await;
            peer.hang_up().await;
            Some(())
        })
        .await;
        let transport = transport(Connections::PerVisitor, PATIENT);
        let mut visitor = transport.visitor();
        for _ in 0..3 {
            let answer = transport.play(&mut visitor, &request("GET", port)).await;
            assert_eq!((answer.ended, answer.fresh_connection), (status(200), true));
        }
    })
    .await;
}

#[tokio::test]
async fn a_site_that_always_leaves_is_closed_after_one_more_try() {
    local(async {
        let connections = Rc::new(Cell::new(0));
        let opened = Rc::clone(&connections);
        let port = site(async move |stream| {
            opened.set(opened.get() + 1);
            let mut peer = Peer::greet(stream, 100).await?;
            peer.request().await?;
            // ENHANCE_YOUR_CALM, before anything was taken.
            peer.say(&go_away(0, 11)).await;
            peer.hang_up().await;
            Some(())
        })
        .await;
        let answer = one("GET", port).await;
        assert_eq!((answer.ended, answer.retries), (Ended::Site(Class::Closed), 1));
        assert_eq!(connections.get(), 2);
    })
    .await;
}

#[tokio::test]
async fn what_breaks_the_rules_is_a_bad_answer() {
    local(async {
        let most = 0x7fff_ffff_u32.to_be_bytes();
        let announced = [OK, &literal("content-length", "5")].concat();
        for (what, frames) in [
            ("a body for a stream that is not open", frame(DATA, 0, 99, b"x")),
            ("a body before its head", frame(DATA, END_STREAM, 1, b"x")),
            ("a head for no stream", frame(HEADERS, END_HEADERS, 0, OK)),
            (
                "a head that is not packed as HPACK has it",
                frame(HEADERS, END_HEADERS, 1, &[0xff; 20]),
            ),
            (
                "a head without a status",
                frame(HEADERS, END_HEADERS, 1, &literal("x-one", "1")),
            ),
            (
                "a connection's window that overflows",
                frame(WINDOW_UPDATE, 0, 0, &most),
            ),
            ("a frame of a wrong size", frame(RST_STREAM, 0, 1, b"123")),
            (
                "a push that was not wanted",
                frame(5, END_HEADERS, 1, &[0, 0, 0, 2, 0x82]),
            ),
            (
                "more body than announced",
                [
                    frame(HEADERS, END_HEADERS, 1, &announced),
                    frame(DATA, END_STREAM, 1, b"123456"),
                ]
                .concat(),
            ),
            (
                "less body than announced",
                [
                    frame(HEADERS, END_HEADERS, 1, &announced),
                    frame(DATA, END_STREAM, 1, b"1234"),
                ]
                .concat(),
            ),
            (
                "HTTP/1.1",
                b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n".to_vec(),
            ),
        ] {
            assert_eq!(
                ends_of(move |_| frames.clone()).await,
                Ended::Site(Class::BadAnswer),
                "{what}"
            );
        }
    })
    .await;
}

#[tokio::test]
async fn a_server_that_speaks_no_http_2_at_all_is_a_bad_answer() {
    local(async {
        let port = site(async |mut stream: TcpStream| {
            let _ = stream.read(&mut [0; 4_096]).await;
            let _ = stream
                .write_all(b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n")
                .await;
        })
        .await;
        assert_eq!(one("GET", port).await.ended, Ended::Site(Class::BadAnswer));
    })
    .await;
}

#[tokio::test]
async fn endless_heads_and_bodies_are_too_large() {
    local(async {
        let many_headers = |number| {
            let more: Vec<u8> = (0..101)
                .flat_map(|index| literal(&format!("x-{index}"), "y"))
                .collect();
            frame(HEADERS, END_HEADERS | END_STREAM, number, &[OK, &more].concat())
        };
        assert_eq!(ends_of(many_headers).await, Ended::Site(Class::TooLarge));

        let part = literal("x-more", &"and more ".repeat(12));
        let wide: Vec<u8> = std::iter::repeat_n(part, 130).flatten().collect();
        let endless = wide.clone();
        let port = site(async move |stream| {
            let mut peer = Peer::greet(stream, 100).await?;
            let number = peer.request().await?;
            peer.say(&frame(HEADERS, 0, number, OK)).await;
            let more = frame(CONTINUATION, 0, number, &endless);
            while peer.stream.write_all(&more).await.is_ok() {}
            Some(())
        })
        .await;
        assert_eq!(one("GET", port).await.ended, Ended::Site(Class::TooLarge));

        // Few headers, but above the cap on their size; and so far above it that the library stops reading.
        for parts in [6, 12] {
            let wide = wide.clone();
            let large = move |number| {
                let mut frames = frame(HEADERS, 0, number, OK);
                (1..parts).for_each(|_| frames.extend(frame(CONTINUATION, 0, number, &wide)));
                frames.extend(frame(CONTINUATION, END_HEADERS, number, &wide));
                frames
            };
            assert_eq!(ends_of(large).await, Ended::Site(Class::TooLarge), "{parts}");
        }

        let port = site(async move |stream| {
            let mut peer = Peer::greet(stream, 100).await?;
            let number = peer.request().await?;
            peer.say(&frame(HEADERS, END_HEADERS, number, OK)).await;
            let more = frame(DATA, 0, number, &[b'x'; 16_384]);
            while peer.stream.write_all(&more).await.is_ok() {}
            Some(())
        })
        .await;
        assert_eq!(one("GET", port).await.ended, Ended::Site(Class::TooLarge));
    })
    .await;
}

#[tokio::test]
async fn a_site_that_stalls_is_a_timeout_and_the_others_on_its_connection_go_on() {
    local(async {
        let stalling = |number| {
            if number == 1 {
                Vec::new()
            } else {
                whole_answer(number)
            }
        };
        let port = saying(stalling).await;
        let transport = Rc::new(transport(Connections::Pooled, Duration::from_secs(1)));
        let stalled = {
            let transport = Rc::clone(&transport);
            spawn_local(async move {
                transport
                    .play(&mut transport.visitor(), &request("GET", port))
                    .await
            })
        };
        sleep(Duration::from_millis(300)).await;
        for _ in 0..2 {
            let other = transport
                .play(&mut transport.visitor(), &request("GET", port))
                .await;
            assert_eq!((other.ended, other.fresh_connection), (status(200), false));
        }
        assert_eq!(stalled.await.unwrap().ended, Ended::Site(Class::AnswerTimeout));
        let next = transport
            .play(&mut transport.visitor(), &request("GET", port))
            .await;
        assert_eq!((next.ended, next.fresh_connection), (status(200), false));
    })
    .await;
}

#[tokio::test]
async fn a_connection_that_has_died_without_a_word_is_not_shared_any_more() {
    local(async {
        let connections = Rc::new(Cell::new(0));
        let opened = Rc::clone(&connections);
        let port = site(async move |stream| {
            opened.set(opened.get() + 1);
            let is_first = opened.get() == 1;
            let mut peer = Peer::greet(stream, 100).await?;
            while let Some(number) = peer.request().await {
                if is_first {
                    sleep(PATIENT).await;
                }
                peer.say(&whole_answer(number)).await;
            }
            Some(())
        })
        .await;
        let transport = transport(Connections::Pooled, HASTY);
        let first = transport
            .play(&mut transport.visitor(), &request("GET", port))
            .await;
        assert_eq!(first.ended, Ended::Site(Class::AnswerTimeout));
        let second = transport
            .play(&mut transport.visitor(), &request("GET", port))
            .await;
        assert_eq!((second.ended, second.fresh_connection), (status(200), true));
        assert_eq!(connections.get(), 2);
    })
    .await;
}

#[tokio::test]
async fn a_site_that_takes_the_connection_and_says_nothing_is_a_timeout() {
    local(async {
        for connections in [Connections::PerVisitor, Connections::Pooled] {
            let port = site(async |stream: TcpStream| {
                sleep(PATIENT).await;
                drop(stream);
            })
            .await;
            let transport = transport(connections, HASTY);
            let answer = transport
                .play(&mut transport.visitor(), &request("GET", port))
                .await;
            let wanted = match connections {
                Connections::Pooled => Class::ConnectTimeout,
                _ => Class::AnswerTimeout,
            };
            assert_eq!(answer.ended, Ended::Site(wanted));
        }
    })
    .await;
}

/// A site that takes `most` requests at once on a connection, answers each after a while, and notes how many connections
/// it had and how many requests were open at once on one.
async fn crowded(most: u32) -> (u16, Rc<Cell<usize>>, Rc<Cell<usize>>) {
    let (connections, widest) = (Rc::new(Cell::new(0)), Rc::new(Cell::new(0)));
    let (opened, widest_seen) = (Rc::clone(&connections), Rc::clone(&widest));
    let port = site(async move |stream| {
        opened.set(opened.get() + 1);
        let mut peer = Peer::greet(stream, most).await?;
        let waiting = RefCell::new(Vec::new());
        loop {
            tokio::select! {
                biased;
                number = peer.request() => {
                    waiting.borrow_mut().push(number?);
                    widest_seen.set(widest_seen.get().max(waiting.borrow().len()));
                }
                () = sleep(Duration::from_millis(200)), if !waiting.borrow().is_empty() => {
                    for number in waiting.take() {
                        peer.say(&whole_answer(number)).await;
                    }
                }
            }
        }
        #[expect(unreachable_code, reason = "it says what `?` gives")]
        Some(())
    })
    .await;
    (port, connections, widest)
}

async fn at_once(connections: Connections, most: u32, count: usize) -> (usize, usize, usize) {
    let (port, opened, widest) = crowded(most).await;
    let transport = Rc::new(transport(connections, PATIENT));
    let mut fresh = 0;
    for _ in 0..2 {
        let played: Vec<_> = (0..count)
            .map(|_| {
                let transport = Rc::clone(&transport);
                spawn_local(async move {
                    transport
                        .play(&mut transport.visitor(), &request("GET", port))
                        .await
                })
            })
            .collect();
        for task in played {
            let answer = task.await.unwrap();
            assert_eq!(answer.ended, status(200));
            fresh += usize::from(answer.fresh_connection);
        }
    }
    (opened.get(), widest.get(), fresh)
}

#[tokio::test]
async fn visitors_share_connections_up_to_what_the_site_takes_at_once() {
    local(async {
        assert_eq!(at_once(Connections::Pooled, 100, 20).await, (1, 20, 1));
        assert_eq!(at_once(Connections::Pooled, 3, 7).await, (3, 3, 3));
        assert_eq!(at_once(Connections::PerVisitor, 100, 3).await, (6, 1, 6));
    })
    .await;
}

#[tokio::test]
async fn a_visitor_fetches_beside_over_its_own_connection() {
    local(async {
        let (port, opened, widest) = crowded(100).await;
        let transport = Rc::new(transport(Connections::PerVisitor, PATIENT));
        let mut visitor = transport.visitor();
        let origin = request("GET", port).origin;
        assert_eq!(
            transport.at_once(&visitor, &origin),
            6,
            "as many connections, at first"
        );
        transport.play(&mut visitor, &request("GET", port)).await;
        assert_eq!(
            transport.at_once(&visitor, &origin),
            100,
            "then as many requests on one"
        );
        let played: Vec<_> = (0..4)
            .map(|_| {
                let (transport, mut lane) = (Rc::clone(&transport), visitor.beside());
                spawn_local(async move { transport.play(&mut lane, &request("GET", port)).await })
            })
            .collect();
        for task in played {
            assert!(!task.await.unwrap().fresh_connection);
        }
        assert_eq!((opened.get(), widest.get()), (1, 4));
    })
    .await;
}
