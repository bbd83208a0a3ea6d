//! Requests through a proxy: in which form they reach it, what happens where it gives no way, and that the guard hears
//! of it. The proxies are raw TCP servers on loopback.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::cell::RefCell;
use std::net::{Ipv4Addr, SocketAddr};
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use tipover::record::Class;
use tipover::scenario::{Connections, HttpVersion, ProxyAddress, Secret, Timeouts, TlsPlan};
use tipover::transport::tls::client_config;
use tipover::transport::{
    Answer, Ended, HttpSettings, HttpTransport, Origin, Proxy, Request, RunClock, Transport,
};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{LocalSet, spawn_local};
use tokio::time::Instant;

/// The heads that a proxy heard, one per connection.
type Heard = Rc<RefCell<Vec<String>>>;

async fn head(stream: &mut TcpStream) -> Option<String> {
    let mut text = Vec::new();
    while !text.ends_with(b"\r\n\r\n") {
        text.push(stream.read_u8().await.ok()?);
    }
    String::from_utf8(text).ok()
}

/// A proxy that gives `answer` to every request head.
async fn proxy(answer: &'static str) -> (u16, Heard) {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let heard = Heard::default();
    let noted = Rc::clone(&heard);
    spawn_local(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let noted = Rc::clone(&noted);
            spawn_local(async move {
                while let Some(head) = head(&mut stream).await {
                    noted.borrow_mut().push(head);
                    let _ = stream.write_all(answer.as_bytes()).await;
                }
            });
        }
    });
    (port, heard)
}

fn transport(port: u16, login: Option<&str>, http: HttpVersion) -> HttpTransport {
    let address = ProxyAddress {
        host: "proxy.test".to_owned(),
        port,
        credentials: login.map(Secret::new),
    };
    let place = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    let insecure = TlsPlan {
        insecure: true,
        ..TlsPlan::default()
    };
    let settings = HttpSettings {
        connections: Connections::PerVisitor,
        http,
        timeouts: Timeouts {
            connect: Duration::from_secs(10),
            answer: Duration::from_secs(10),
            step: None,
        },
        tls: Some(client_config(&insecure).unwrap().0),
        proxy: Some(Arc::new(Proxy::at(&address, vec![place]))),
        ..HttpSettings::default()
    };
    HttpTransport::new(settings, RunClock::starting_at(Instant::now()))
}

fn get(tls: bool) -> Request {
    Request {
        step: 0,
        method: "GET".parse().unwrap(),
        origin: Origin {
            tls,
            host: "shop.example".to_owned(),
            port: if tls { 443 } else { 80 },
        },
        path: "/sale?a=1".parse().unwrap(),
        headers: [].into_iter().collect(),
        body: Bytes::new(),
        look: tipover::transport::Look::Nothing,
    }
}

async fn one(transport: &HttpTransport, tls: bool) -> Answer {
    transport.play(&mut transport.visitor(), &get(tls)).await
}

async fn local<T>(test: impl Future<Output = T>) -> T {
    LocalSet::new().run_until(test).await
}

const OK: &str = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

#[tokio::test]
async fn a_plain_request_names_the_whole_address_and_who_asks() {
    local(async {
        let (port, heard) = proxy(OK).await;
        let transport = transport(port, Some("me:hush"), HttpVersion::Auto);
        let mut visitor = transport.visitor();
        for turn in 0..2 {
            let answer = transport.play(&mut visitor, &get(false)).await;
            assert_eq!(
                (answer.ended, answer.fresh_connection),
                (Ended::Site(Class::Status(200)), turn == 0)
            );
        }
        let heard = heard.borrow();
        let wanted = "GET http://shop.example/sale?a=1 HTTP/1.1\r\nhost: shop.example\r\n\
                      proxy-authorization: Basic bWU6aHVzaA==\r\n\r\n";
        assert_eq!(*heard, [wanted, wanted]);
    })
    .await;
}

#[tokio::test]
async fn a_request_over_tls_asks_for_a_tunnel_first_and_tells_the_proxy_nothing_else() {
    local(async {
        // It gives the tunnel and then says something that is no TLS.
        let (port, heard) = proxy("HTTP/1.1 200 Connection established\r\nVia: proxy\r\n\r\nno TLS").await;
        let answer = one(&transport(port, Some("me:hush"), HttpVersion::Auto), true).await;
        assert_eq!(answer.ended, Ended::Site(Class::Tls), "{answer:?}");
        let wanted = "CONNECT shop.example:443 HTTP/1.1\r\nHost: shop.example:443\r\n\
                      Proxy-Authorization: Basic bWU6aHVzaA==\r\n\r\n";
        assert_eq!(heard.borrow()[0], wanted);
    })
    .await;
}

#[tokio::test]
async fn a_proxy_that_gives_no_tunnel_is_a_refusal_in_words() {
    local(async {
        for (said, words) in [
            ("HTTP/1.1 407 Proxy Authentication Required\r\n\r\n", "407"),
            ("HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n", "502"),
            ("SSH-2.0-OpenSSH\r\n\r\n", "no HTTP"),
        ] {
            let (port, _) = proxy(said).await;
            let answer = one(&transport(port, None, HttpVersion::Auto), true).await;
            assert_eq!(answer.ended, Ended::Site(Class::Refused));
            let error = answer.evidence.unwrap().error.unwrap();
            assert!(error.contains("proxy") && error.contains(words), "{error}");
        }
    })
    .await;
}

#[tokio::test]
async fn a_proxy_that_answers_without_end_is_not_heard_out() {
    local(async {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let port = listener.local_addr().unwrap().port();
        spawn_local(async move {
            let (mut stream, _) = listener.accept().await.unwrap();
            while stream
                .write_all(b"HTTP/1.1 200 OK X-More: and more ")
                .await
                .is_ok()
            {}
        });
        let answer = one(&transport(port, None, HttpVersion::Auto), true).await;
        assert_eq!(answer.ended, Ended::Site(Class::Refused));
    })
    .await;
}

#[tokio::test]
async fn http_2_without_tls_goes_through_a_tunnel_too() {
    local(async {
        let (port, heard) = proxy("HTTP/1.1 200 OK\r\n\r\n").await;
        let answer = one(&transport(port, None, HttpVersion::Two), false).await;
        assert!(matches!(answer.ended, Ended::Site(_)));
        assert!(heard.borrow()[0].starts_with("CONNECT shop.example:80 HTTP/1.1\r\n"));
    })
    .await;
}

#[test]
fn behind_a_proxy_even_a_private_address_needs_consent_and_this_machine_needs_no_proxy() {
    let check = |url: &str| {
        let mut command = assert_cmd::Command::cargo_bin("tipover").unwrap();
        for name in [
            "https_proxy",
            "all_proxy",
            "no_proxy",
            "NO_PROXY",
            "HTTPS_PROXY",
            "ALL_PROXY",
        ] {
            command.env_remove(name);
        }
        // Nobody listens there.
        command
            .env("http_proxy", "http://127.0.0.1:1")
            .args(["check", url]);
        command.assert()
    };
    let refused = check("http://10.9.8.7/").code(3);
    let words = String::from_utf8_lossy(&refused.get_output().stderr).into_owned();
    assert!(words.contains("through a proxy"), "{words}");
    let here = check("http://127.0.0.1:1/").code(4);
    let words = String::from_utf8_lossy(&here.get_output().stdout).into_owned();
    assert!(
        words.contains("127.0.0.1:1") && !words.contains("proxy"),
        "{words}"
    );
}
