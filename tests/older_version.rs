//! A site that agrees on HTTP/2 and then wants HTTP/1.1 (RFC 9113, 7: HTTP_1_1_REQUIRED), on loopback.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::cell::Cell;
use std::net::{IpAddr, Ipv4Addr};
use std::rc::Rc;
use std::sync::Arc;

use bytes::Bytes;
use rcgen::generate_simple_self_signed;
use tipover::record::Class;
use tipover::scenario::{Connections, HttpVersion, TlsPlan};
use tipover::transport::tls::client_config;
use tipover::transport::{
    Answer, Ended, HttpSettings, HttpTransport, Look, Origin, Pinned, Request, RunClock, Transport,
};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::task::{LocalSet, spawn_local};
use tokio::time::Instant;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};

const ANSWER: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

/// How often each version was asked for something.
#[derive(Clone, Default)]
struct Asked {
    two: Rc<Cell<u32>>,
    one: Rc<Cell<u32>>,
}

fn server_config() -> Arc<ServerConfig> {
    let certified = generate_simple_self_signed(vec!["site.test".to_owned()]).unwrap();
    let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(certified.signing_key.serialize_der()));
    let mut config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certified.cert.der().clone()], key)
        .unwrap();
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Arc::new(config)
}

async fn site() -> (u16, Asked) {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let (asked, config) = (Asked::default(), server_config());
    let noted = asked.clone();
    spawn_local(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let (config, noted) = (Arc::clone(&config), noted.clone());
            spawn_local(async move {
                let Ok(mut stream) = TlsAcceptor::from(config).accept(stream).await else {
                    return;
                };
                if stream.get_ref().1.alpn_protocol() == Some(b"h2") {
                    let mut connection = h2::server::handshake(stream).await.unwrap();
                    while let Some(Ok((_, mut respond))) = connection.accept().await {
                        noted.two.set(noted.two.get() + 1);
                        respond.send_reset(h2::Reason::HTTP_1_1_REQUIRED);
                    }
                    return;
                }
                let mut buffer = [0; 4_096];
                while let Ok(1..) = stream.read(&mut buffer).await {
                    noted.one.set(noted.one.get() + 1);
                    stream.write_all(ANSWER).await.unwrap();
                }
            });
        }
    });
    (port, asked)
}

fn transport(http: HttpVersion, connections: Connections) -> HttpTransport {
    let plan = TlsPlan {
        insecure: true,
        ..TlsPlan::default()
    };
    let settings = HttpSettings {
        connections,
        pinned: Arc::new(Pinned::new(0).with("site.test", [IpAddr::V4(Ipv4Addr::LOCALHOST)])),
        tls: Some(client_config(&plan).unwrap().0),
        http,
        ..HttpSettings::default()
    };
    HttpTransport::new(settings, RunClock::starting_at(Instant::now()))
}

fn request(method: &str, port: u16) -> Request {
    Request {
        step: 0,
        method: method.parse().unwrap(),
        origin: Origin {
            tls: true,
            host: "site.test".to_owned(),
            port,
        },
        path: "/".parse().unwrap(),
        headers: [].into_iter().collect(),
        body: Bytes::new(),
        look: Look::Nothing,
    }
}

#[tokio::test]
async fn a_site_that_wants_http_1_1_after_all_gets_it_and_is_asked_in_it_from_then_on() {
    let test = async {
        for connections in [
            Connections::PerVisitor,
            Connections::Pooled,
            Connections::PerRequest,
        ] {
            let (port, asked) = site().await;
            let transport = transport(HttpVersion::Auto, connections);
            for turn in 0..3 {
                let mut visitor = transport.visitor();
                for method in ["POST", "GET"] {
                    let answer: Answer = transport.play(&mut visitor, &request(method, port)).await;
                    assert_eq!(
                        answer.ended,
                        Ended::Site(Class::Status(200)),
                        "{connections} {answer:?}"
                    );
                    let is_first = turn == 0 && method == "POST";
                    assert_eq!(answer.retries, u8::from(is_first), "{connections}, turn {turn}");
                }
            }
            assert_eq!((asked.two.get(), asked.one.get()), (1, 6), "{connections}");
        }
    };
    LocalSet::new().run_until(test).await;
}

#[tokio::test]
async fn where_the_scenario_wants_http_2_it_is_a_failure() {
    let test = async {
        let (port, asked) = site().await;
        let transport = transport(HttpVersion::Two, Connections::PerVisitor);
        let answer = transport
            .play(&mut transport.visitor(), &request("GET", port))
            .await;
        assert_eq!(answer.ended, Ended::Site(Class::Reset));
        let why = answer.evidence.unwrap().error.unwrap();
        assert!(
            why.contains("HTTP_1_1_REQUIRED") || why.contains("HTTP/1.1"),
            "{why}"
        );
        assert_eq!((asked.two.get(), asked.one.get()), (1, 0));
    };
    LocalSet::new().run_until(test).await;
}
