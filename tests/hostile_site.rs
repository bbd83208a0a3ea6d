//! Sites that refuse, stall, break off and talk nonsense: each ends in exactly its class.
//! Every site is a raw TCP server on loopback that plays one script per connection.
//!
//! `hostile_site_by_hyper.rs` plays the same against hyper, which our own HTTP/1.1 is held to.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use tipover::record::Class;
use tipover::scenario::{Connections, Timeouts};
use tipover::transport::{
    Answer, AnswerCaps, Ended, HttpSettings, HttpTransport, Origin, Pinned, Request, RunClock, Transport,
};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{LocalSet, spawn_local};
use tokio::time::{Instant, sleep};

/// Answers each connection by `script`, one after the other, for as long as the test runs.
async fn site<F>(script: impl AsyncFn(TcpStream) -> F + 'static) -> u16
where
    F: 'static,
{
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let script = std::rc::Rc::new(script);
    spawn_local(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let script = std::rc::Rc::clone(&script);
            spawn_local(async move { drop(script(stream).await) });
        }
    });
    port
}

/// Reads one request's head.
async fn heard(stream: &mut TcpStream) -> String {
    let mut text = Vec::new();
    let mut buffer = [0; 4_096];
    while !text.windows(4).any(|end| end == b"\r\n\r\n") {
        match stream.read(&mut buffer).await {
            Ok(0) | Err(_) => break,
            Ok(count) => text.extend_from_slice(&buffer[..count]),
        }
    }
    String::from_utf8(text).unwrap()
}

/// A site that hears a request, says `answer` and closes.
async fn saying(answer: impl Into<Bytes>) -> u16 {
    let answer = answer.into();
    site(async move |mut stream| {
        heard(&mut stream).await;
        let _ = stream.write_all(&answer).await;
    })
    .await
}

/// Long enough for a busy machine.
const PATIENT: Duration = Duration::from_secs(20);
const HASTY: Duration = Duration::from_millis(300);

fn transport(connections: Connections) -> HttpTransport {
    transport_with(connections, PATIENT)
}

fn transport_with(connections: Connections, answer: Duration) -> HttpTransport {
    let settings = HttpSettings {
        connections,
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
    };
    let transport = HttpTransport::new(settings, RunClock::starting_at(Instant::now()));
    if module_path!().starts_with("hostile_site_by_hyper") {
        transport.by_hyper()
    } else {
        transport
    }
}

fn get(port: u16) -> Request {
    Request {
        step: 0,
        method: "GET".parse().unwrap(),
        origin: Origin {
            tls: false,
            host: "site.test".to_owned(),
            port,
        },
        path: "/sale?a=1".parse().unwrap(),
        headers: [("x-one".parse().unwrap(), "1".parse().unwrap())]
            .into_iter()
            .collect(),
        body: Bytes::new(),
        look: tipover::transport::Look::Nothing,
    }
}

async fn one(port: u16) -> Answer {
    one_within(PATIENT, port).await
}

async fn one_within(patience: Duration, port: u16) -> Answer {
    let transport = transport_with(Connections::PerVisitor, patience);
    let answer = transport.play(&mut transport.visitor(), &get(port)).await;
    assert!(answer.done >= answer.sent);
    assert!(
        answer
            .first_byte
            .is_none_or(|first| first >= answer.sent && first <= answer.done)
    );
    assert_eq!(answer.first_byte.is_none(), answer.bytes == 0);
    let success = matches!(answer.ended, Ended::Site(class) if class.is_success());
    assert_eq!(answer.evidence.is_none(), success, "{answer:?}");
    answer
}

/// Plays one request against a site that says `answer` and closes.
async fn ends_of(answer: impl Into<Bytes>) -> Ended {
    one(saying(answer).await).await.ended
}

const fn status(code: u16) -> Ended {
    Ended::Site(Class::Status(code))
}

async fn local<T>(test: impl Future<Output = T>) -> T {
    LocalSet::new().run_until(test).await
}

#[tokio::test]
async fn a_port_where_nobody_listens_is_refused() {
    local(async {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let port = listener.local_addr().unwrap().port();
        drop(listener);
        let answer = one(port).await;
        assert_eq!(answer.ended, Ended::Site(Class::Refused));
        assert!(answer.evidence.unwrap().error.unwrap().contains("refused"));
    })
    .await;
}

#[tokio::test]
async fn a_host_that_was_not_pinned_is_never_contacted() {
    local(async {
        let transport = transport(Connections::PerVisitor);
        let mut request = get(1);
        request.origin.host = "other.test".to_owned();
        let answer = transport.play(&mut transport.visitor(), &request).await;
        assert_eq!(answer.ended, Ended::Site(Class::Dns));
    })
    .await;
}

#[tokio::test]
async fn a_site_that_never_answers_times_out_and_is_left_in_good_order() {
    local(async {
        let (tell, told) = tokio::sync::oneshot::channel();
        let tell = std::cell::Cell::new(Some(tell));
        let port = site(async move |mut stream: TcpStream| {
            heard(&mut stream).await;
            let end = stream.read(&mut [0; 16]).await;
            if let Some(tell) = tell.take() {
                tell.send(end).unwrap();
            }
        })
        .await;
        let answer = one_within(HASTY, port).await;
        assert_eq!(answer.ended, Ended::Site(Class::AnswerTimeout));
        let waited = answer.done.since(answer.sent);
        assert!(waited >= HASTY && waited < PATIENT, "{waited:?}");
        // A FIN reads as zero bytes, a RST as an error.
        assert_eq!(told.await.unwrap().unwrap(), 0);
    })
    .await;
}

#[tokio::test]
async fn a_listener_that_never_accepts_is_a_connect_timeout() {
    local(async {
        // A backlog of one that is full: the kernel drops further handshakes.
        let socket = tokio::net::TcpSocket::new_v4().unwrap();
        socket.bind(SocketAddr::from((Ipv4Addr::LOCALHOST, 0))).unwrap();
        let listener = socket.listen(1).unwrap();
        let address = listener.local_addr().unwrap();
        let mut waiting = Vec::new();
        for _ in 0..4 {
            waiting.push(spawn_local(TcpStream::connect(address)));
        }
        sleep(Duration::from_millis(50)).await;
        assert_eq!(
            one(address.port()).await.ended,
            Ended::Site(Class::ConnectTimeout)
        );
    })
    .await;
}

#[tokio::test]
async fn closing_before_the_first_byte_is_empty_and_inside_the_head_is_closed() {
    local(async {
        assert_eq!(ends_of("").await, Ended::Site(Class::Empty));
        for head in [
            "H",
            "HTTP/1.1 200 OK\r\n",
            "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n",
        ] {
            assert_eq!(ends_of(head).await, Ended::Site(Class::Closed), "{head}");
        }
    })
    .await;
}

#[tokio::test]
async fn closing_at_once_without_hearing_is_empty_or_reset() {
    local(async {
        for _ in 0..20 {
            // Whether the request is on its way when the close comes is a race in the kernel.
            let port = site(async |stream: TcpStream| drop(stream)).await;
            let ended = one(port).await.ended;
            assert!(
                [Class::Empty, Class::Reset].map(Ended::Site).contains(&ended),
                "{ended:?}"
            );
        }
    })
    .await;
}

#[tokio::test]
async fn a_reset_before_the_answer_is_reset_and_inside_the_body_is_cut() {
    local(async {
        for (said, class) in [
            ("", Class::Reset),
            ("HTTP/1.1 200 OK\r\n", Class::Reset),
            ("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n12345", Class::Cut),
            (
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n12345\r\n",
                Class::Cut,
            ),
            ("HTTP/1.1 502 Bad Gateway\r\n\r\nno length", Class::Cut),
        ] {
            let port = site(async |mut stream: TcpStream| {
                heard(&mut stream).await;
                stream.write_all(said.as_bytes()).await.unwrap();
                sleep(Duration::from_millis(20)).await;
                stream.set_zero_linger().unwrap();
            })
            .await;
            assert_eq!(one(port).await.ended, Ended::Site(class), "{said}");
        }
    })
    .await;
}

#[tokio::test]
async fn a_body_that_ends_early_is_cut_whatever_its_status() {
    local(async {
        for answer in [
            "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n",
            "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n12345",
            "HTTP/1.1 502 Bad Gateway\r\nContent-Length: 10\r\n\r\n12345",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n12",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n12345\r\n",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n12345\r\n0\r\n",
        ] {
            assert_eq!(ends_of(answer).await, Ended::Site(Class::Cut), "{answer}");
        }
    })
    .await;
}

#[tokio::test]
async fn a_body_that_stalls_times_out() {
    local(async {
        let said = "HTTP/1.1 503 Busy\r\nContent-Length: 10\r\n\r\n12345";
        let port = site(async |mut stream: TcpStream| {
            heard(&mut stream).await;
            stream.write_all(said.as_bytes()).await.unwrap();
            sleep(PATIENT).await;
        })
        .await;
        let answer = one_within(HASTY, port).await;
        assert_eq!(answer.ended, Ended::Site(Class::AnswerTimeout));
        assert!(answer.first_byte.is_some());
        assert_eq!(answer.bytes, said.len() as u64);
        assert_eq!(answer.evidence.unwrap().body, "12345");
    })
    .await;
}

#[tokio::test]
async fn what_is_no_http_is_a_bad_answer() {
    local(async {
        for answer in [
            "garbage in, garbage out\r\n\r\n",
            "SSH-2.0-OpenSSH_9.2\r\n",
            "\x16\x03\x01\x02\x00\x01",
            "HTTP/1.1 OK\r\n\r\n",
            "HTTP/1.1 200 OK\r\nno colon\r\n\r\n",
            "HTTP/1.1 200 OK\r\nContent-Length: five\r\n\r\n12345",
            "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n12345",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n12345\r\n0\r\n\r\n",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffffff\r\n12345\r\n0\r\n\r\n",
        ] {
            assert_eq!(ends_of(answer).await, Ended::Site(Class::BadAnswer), "{answer}");
        }
    })
    .await;
}

#[tokio::test]
async fn endless_heads_and_bodies_are_too_large() {
    local(async {
        for (start, part) in [
            ("HTTP/1.1 200 OK\r\n", "X-More: and more\r\n"),
            ("HTTP/1.1 200 OK\r\nX-More: ", "and more "),
            ("HTTP/1.1 200 OK\r\n\r\n", "and more "),
            (
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
                "4\r\nmore\r\n",
            ),
        ] {
            let part = part.repeat(1_000);
            let port = site(async move |mut stream: TcpStream| {
                heard(&mut stream).await;
                let mut said = stream.write_all(start.as_bytes()).await;
                while said.is_ok() {
                    said = stream.write_all(part.as_bytes()).await;
                }
            })
            .await;
            assert_eq!(one(port).await.ended, Ended::Site(Class::TooLarge), "{start}");
        }
    })
    .await;
}

#[tokio::test]
async fn a_hundred_headers_are_an_answer_and_one_more_is_too_large() {
    local(async {
        let answer = |count: usize| {
            let headers: String = (1..count).map(|number| format!("X-{number}: y\r\n")).collect();
            format!("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n{headers}\r\n")
        };
        assert_eq!(ends_of(answer(100)).await, status(200));
        assert_eq!(ends_of(answer(101)).await, Ended::Site(Class::TooLarge));
    })
    .await;
}

#[tokio::test]
async fn every_lawful_answer_is_its_status() {
    local(async {
        for (answer, code) in [
            ("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n12345", 200),
            ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n12345\r\n0\r\nX-Sum: 1\r\n\r\n", 200),
            ("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", 200),
            ("HTTP/1.1 204 No Content\r\n\r\n", 204),
            ("HTTP/1.1 304 Not Modified\r\nContent-Length: 99\r\n\r\n", 304),
            ("HTTP/1.1 302 Found\r\nLocation: http://198.51.100.1/\r\nContent-Length: 0\r\n\r\n", 302),
            ("HTTP/1.0 200 OK\r\n\r\nuntil the end", 200),
            ("HTTP/1.1 502 Bad Gateway\r\nContent-Length: 3\r\n\r\nbad", 502),
            ("HTTP/1.1 999 Odd\r\nContent-Length: 0\r\n\r\n", 999),
        ] {
            assert_eq!(ends_of(answer).await, status(code), "{answer}");
        }
    })
    .await;
}

#[tokio::test]
async fn a_failed_answer_leaves_evidence_and_a_site_may_ask_us_to_stop() {
    local(async {
        let body = "x".repeat(5_000);
        let answer = one(saying(format!(
            "HTTP/1.1 502 Bad Gateway\r\nServer: nginx\r\nContent-Length: 5000\r\n\r\n{body}"
        ))
        .await)
        .await;
        let evidence = answer.evidence.unwrap();
        assert_eq!(evidence.headers[0], ("server".to_owned(), "nginx".to_owned()));
        assert_eq!(evidence.body, body[..2_048]);
        assert!(!evidence.stop && evidence.error.is_none());

        let port = saying("HTTP/1.1 200 OK\r\nX-Tipover-Stop: 1\r\nContent-Length: 0\r\n\r\n").await;
        let transport = transport(Connections::PerVisitor);
        let answer = transport.play(&mut transport.visitor(), &get(port)).await;
        assert!(answer.evidence.unwrap().stop);
    })
    .await;
}

#[tokio::test]
async fn the_request_goes_over_the_wire_as_it_was_prepared() {
    local(async {
        let port = site(async |mut stream: TcpStream| {
            let request = heard(&mut stream).await;
            let whole = format!(
                "HTTP/1.1 500 Echo\r\nContent-Length: {}\r\n\r\n{request}",
                request.len()
            );
            stream.write_all(whole.as_bytes()).await.unwrap();
        })
        .await;
        let echo = one(port).await.evidence.unwrap().body;
        let wanted = format!("GET /sale?a=1 HTTP/1.1\r\nhost: site.test:{port}\r\nx-one: 1\r\n\r\n");
        assert_eq!(echo, wanted);

        let transport = transport(Connections::PerVisitor);
        let mut request = get(port);
        request.method = "POST".parse().unwrap();
        let answer = transport.play(&mut transport.visitor(), &request).await;
        let echo = String::from_utf8(answer.evidence.unwrap().body.to_vec()).unwrap();
        assert!(echo.ends_with("content-length: 0\r\n\r\n"), "{echo}");
    })
    .await;
}

#[tokio::test]
async fn head_has_no_body_whatever_its_length_says() {
    local(async {
        let port = saying("HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n").await;
        let transport = transport(Connections::PerVisitor);
        let mut request = get(port);
        request.method = "HEAD".parse().unwrap();
        let answer = transport.play(&mut transport.visitor(), &request).await;
        assert_eq!(answer.ended, status(200));
    })
    .await;
}

/// A site that keeps connections alive and says on which connection, counted from 0, each request came; it closes a
/// connection that is idle for `patience`.
async fn counting(patience: Duration) -> u16 {
    let connections = std::cell::Cell::new(0);
    site(async move |mut stream: TcpStream| {
        let number = connections.replace(connections.get() + 1);
        while let Ok(request) = tokio::time::timeout(patience, heard(&mut stream)).await {
            if request.is_empty() {
                return;
            }
            let answer = format!("HTTP/1.1 {} Counted\r\nContent-Length: 2\r\n\r\nok", 200 + number);
            stream.write_all(answer.as_bytes()).await.unwrap();
        }
    })
    .await
}

/// The connection of each of two requests by each of two visitors, one after the other.
async fn connections_used(connections: Connections) -> Vec<(Ended, bool)> {
    let port = counting(PATIENT).await;
    let transport = transport(connections);
    let mut used = Vec::new();
    for _ in 0..2 {
        let mut visitor = transport.visitor();
        for _ in 0..2 {
            let answer = transport.play(&mut visitor, &get(port)).await;
            used.push((answer.ended, answer.fresh_connection));
        }
    }
    used
}

#[tokio::test]
async fn connections_are_opened_as_the_policy_says() {
    local(async {
        let (fresh, again) = (true, false);
        assert_eq!(
            connections_used(Connections::PerVisitor).await,
            [
                (status(200), fresh),
                (status(200), again),
                (status(201), fresh),
                (status(201), again)
            ]
        );
        assert_eq!(
            connections_used(Connections::Pooled).await,
            [
                (status(200), fresh),
                (status(200), again),
                (status(200), again),
                (status(200), again)
            ]
        );
        assert_eq!(
            connections_used(Connections::PerRequest).await,
            [
                (status(200), fresh),
                (status(201), fresh),
                (status(202), fresh),
                (status(203), fresh)
            ]
        );
    })
    .await;
}

#[tokio::test]
async fn a_site_that_closes_idle_connections_is_no_failure() {
    local(async {
        for connections in [Connections::PerVisitor, Connections::Pooled] {
            let port = counting(Duration::from_millis(20)).await;
            let transport = transport(connections);
            let mut visitor = transport.visitor();
            for number in 0..5 {
                let answer = transport.play(&mut visitor, &get(port)).await;
                assert_eq!(
                    (answer.ended, answer.fresh_connection),
                    (status(200 + number), true)
                );
                sleep(Duration::from_millis(60)).await;
            }
        }
    })
    .await;
}

#[tokio::test]
async fn an_announced_close_opens_a_new_connection_and_loses_nothing() {
    local(async {
        let port = saying("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok").await;
        let transport = transport(Connections::Pooled);
        for _ in 0..20 {
            let answer = transport.play(&mut transport.visitor(), &get(port)).await;
            assert_eq!((answer.ended, answer.fresh_connection), (status(200), true));
        }
    })
    .await;
}

#[tokio::test]
async fn a_visit_that_ends_closes_its_connection_in_good_order() {
    local(async {
        let (tell, told) = tokio::sync::oneshot::channel();
        let tell = std::cell::Cell::new(Some(tell));
        let port = site(async move |mut stream: TcpStream| {
            heard(&mut stream).await;
            stream
                .write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
                .await
                .unwrap();
            let end = stream.read(&mut [0; 16]).await;
            if let Some(tell) = tell.take() {
                tell.send(end).unwrap();
            }
        })
        .await;
        let transport = transport(Connections::PerVisitor);
        let mut visitor = transport.visitor();
        transport.play(&mut visitor, &get(port)).await;
        drop(visitor);
        // A FIN reads as zero bytes, a RST as an error.
        assert_eq!(told.await.unwrap().unwrap(), 0);
    })
    .await;
}

#[tokio::test]
async fn a_server_of_another_kind_that_speaks_first_is_a_bad_answer() {
    local(async {
        for _ in 0..10 {
            let port = site(async |mut stream: TcpStream| {
                stream.write_all(b"220 mail.test ESMTP\r\n").await.unwrap();
                heard(&mut stream).await;
            })
            .await;
            assert_eq!(one(port).await.ended, Ended::Site(Class::BadAnswer));
        }
    })
    .await;
}

/// Answers the first request of each connection, and ends the connection upon the second with `last` of an answer.
async fn ending_after_one(last: &'static [u8], is_reset: bool) -> (u16, std::rc::Rc<std::cell::Cell<usize>>) {
    let requests = std::rc::Rc::new(std::cell::Cell::new(0));
    let counted = std::rc::Rc::clone(&requests);
    let port = site(async move |mut stream: TcpStream| {
        heard(&mut stream).await;
        counted.set(counted.get() + 1);
        stream
            .write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
            .await
            .unwrap();
        if heard(&mut stream).await.is_empty() {
            return;
        }
        counted.set(counted.get() + 1);
        stream.write_all(last).await.unwrap();
        if is_reset {
            stream.set_zero_linger().unwrap();
        }
    })
    .await;
    (port, requests)
}

#[tokio::test]
async fn a_kept_connection_that_ends_under_a_request_is_tried_again_only_where_nothing_can_happen_twice() {
    local(async {
        for is_reset in [false, true] {
            let lost = if is_reset { Class::Reset } else { Class::Empty };
            for (method, ended, retries, requests) in [
                ("GET", status(200), 1, 3),
                ("HEAD", status(200), 1, 3),
                ("DELETE", status(200), 1, 3),
                ("POST", Ended::Site(lost), 0, 2),
                ("PATCH", Ended::Site(lost), 0, 2),
            ] {
                let (port, seen) = ending_after_one(b"", is_reset).await;
                let transport = transport(Connections::PerVisitor);
                let mut visitor = transport.visitor();
                let mut request = get(port);
                transport.play(&mut visitor, &request).await;
                request.method = method.parse().unwrap();
                let answer = transport.play(&mut visitor, &request).await;
                assert_eq!(
                    (answer.ended, answer.retries, seen.get()),
                    (ended, retries, requests),
                    "{method}"
                );
                assert_eq!(answer.fresh_connection, retries == 1);
            }
        }
        // An answer that has begun is an answer.
        let (port, _) = ending_after_one(b"HTTP/1.1 200", false).await;
        let transport = transport(Connections::PerVisitor);
        let mut visitor = transport.visitor();
        transport.play(&mut visitor, &get(port)).await;
        let answer = transport.play(&mut visitor, &get(port)).await;
        assert_eq!((answer.ended, answer.retries), (Ended::Site(Class::Closed), 0));
    })
    .await;
}

#[tokio::test]
async fn a_new_connection_that_ends_without_an_answer_is_a_failure_at_once() {
    local(async {
        let requests = std::rc::Rc::new(std::cell::Cell::new(0));
        let counted = std::rc::Rc::clone(&requests);
        let port = site(async move |mut stream: TcpStream| {
            heard(&mut stream).await;
            counted.set(counted.get() + 1);
        })
        .await;
        let answer = one(port).await;
        assert_eq!(
            (answer.ended, answer.retries, requests.get()),
            (Ended::Site(Class::Empty), 0, 1)
        );
    })
    .await;
}

#[tokio::test]
async fn a_packed_failure_is_shown_unpacked() {
    local(async {
        // "no backend answered", stored in gzip without compression.
        let packed = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff\x01\x13\x00\xec\xffno backend answered";
        let mut answer = format!(
            "HTTP/1.1 502 Bad Gateway\r\nContent-Encoding: gzip\r\nContent-Length: {}\r\n\r\n",
            packed.len()
        )
        .into_bytes();
        answer.extend_from_slice(packed);
        let answer = one(saying(answer).await).await;
        assert_eq!(answer.ended, status(502));
        assert_eq!(answer.evidence.unwrap().body, "no backend answered");
    })
    .await;
}
