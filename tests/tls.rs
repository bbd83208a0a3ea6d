//! HTTPS on loopback: whom the client trusts, what it says in the handshake, and how a handshake that fails is named.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::cell::RefCell;
use std::io::Write;
use std::net::{IpAddr, Ipv4Addr};
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use tipover::record::Class;
use tipover::scenario::{ClientIdentity, Connections, HttpVersion, Timeouts, TlsPlan};
use tipover::transport::tls::{TlsError, Trust, client_config};
use tipover::transport::{
    Answer, Ended, HttpSettings, HttpTransport, Origin, Pinned, Request, RunClock, Transport,
};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{LocalSet, spawn_local};
use tokio::time::Instant;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use tokio_rustls::rustls::server::WebPkiClientVerifier;
use tokio_rustls::rustls::{self, ServerConfig};

const ANSWER: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

/// A certificate for `names`, signed by an authority of its own.
struct Identity {
    config: Arc<ServerConfig>,
    authority: tempfile::NamedTempFile,
}

fn identity(names: &[&str]) -> Identity {
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let issuer = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
    let key = KeyPair::generate().unwrap();
    let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
    let certificate = CertificateParams::new(names)
        .unwrap()
        .signed_by(&key, &issuer)
        .unwrap();
    let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(key.serialize_der()));
    let mut config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate.der().clone()], key)
        .unwrap();
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    let mut authority = tempfile::NamedTempFile::new().unwrap();
    authority.write_all(issuer.pem().as_bytes()).unwrap();
    Identity {
        config: Arc::new(config),
        authority,
    }
}

/// What a server saw of one handshake: the name asked for, the protocol agreed on, whether a session was resumed.
type Seen = Rc<RefCell<Vec<(Option<String>, Option<Vec<u8>>, bool)>>>;

/// An HTTPS site that answers every request with 200 and keeps connections alive.
async fn site(config: Arc<ServerConfig>) -> (u16, Seen) {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let seen = Seen::default();
    let noted = Rc::clone(&seen);
    spawn_local(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let (config, noted) = (Arc::clone(&config), Rc::clone(&noted));
            spawn_local(async move {
                let Ok(mut stream) = TlsAcceptor::from(config).accept(stream).await else {
                    return;
                };
                let (_, connection) = stream.get_ref();
                noted.borrow_mut().push((
                    connection.server_name().map(ToOwned::to_owned),
                    connection.alpn_protocol().map(<[u8]>::to_vec),
                    connection.handshake_kind() == Some(rustls::HandshakeKind::Resumed),
                ));
                let mut buffer = [0; 4_096];
                while let Ok(1..) = stream.read(&mut buffer).await {
                    stream.write_all(ANSWER).await.unwrap();
                }
            });
        }
    });
    (port, seen)
}

fn transport(plan: &TlsPlan, connections: Connections) -> HttpTransport {
    speaking(HttpVersion::One, plan, connections)
}

fn speaking(http: HttpVersion, plan: &TlsPlan, connections: Connections) -> HttpTransport {
    let (config, _) = client_config(plan).unwrap();
    let settings = HttpSettings {
        connections,
        timeouts: Timeouts {
            connect: Duration::from_secs(10),
            answer: Duration::from_secs(10),
            step: None,
        },
        pinned: Arc::new(Pinned::new(0).with("site.test", [IpAddr::V4(Ipv4Addr::LOCALHOST)])),
        tls: Some(config),
        http,
        server_name: plan.server_name.as_deref().map(Arc::from),
        ..HttpSettings::default()
    };
    HttpTransport::new(settings, RunClock::starting_at(Instant::now()))
}

fn get(tls: bool, port: u16) -> Request {
    Request {
        step: 0,
        method: "GET".parse().unwrap(),
        origin: Origin {
            tls,
            host: "site.test".to_owned(),
            port,
        },
        path: "/".parse().unwrap(),
        headers: [].into_iter().collect(),
        body: Bytes::new(),
        look: tipover::transport::Look::Nothing,
    }
}

async fn one(plan: &TlsPlan, tls: bool, port: u16) -> Answer {
    let transport = transport(plan, Connections::PerVisitor);
    transport.play(&mut transport.visitor(), &get(tls, port)).await
}

fn trusting(identity: &Identity) -> TlsPlan {
    TlsPlan {
        ca: Some(identity.authority.path().to_path_buf()),
        ..TlsPlan::default()
    }
}

const INSECURE: TlsPlan = TlsPlan {
    ca: None,
    insecure: true,
    client: None,
    server_name: None,
};
const OK: Ended = Ended::Site(Class::Status(200));
const TLS: Ended = Ended::Site(Class::Tls);

async fn local<T>(test: impl Future<Output = T>) -> T {
    LocalSet::new().run_until(test).await
}

#[tokio::test]
async fn a_named_authority_is_trusted_and_the_host_is_named_in_the_handshake() {
    local(async {
        let identity = identity(&["site.test"]);
        let (port, seen) = site(Arc::clone(&identity.config)).await;
        let answer = one(&trusting(&identity), true, port).await;
        assert_eq!(answer.ended, OK, "{answer:?}");
        assert_eq!(answer.bytes, ANSWER.len() as u64);
        let wanted = (Some("site.test".to_owned()), Some(b"http/1.1".to_vec()), false);
        assert_eq!(*seen.borrow(), [wanted]);
    })
    .await;
}

#[tokio::test]
async fn an_unknown_authority_and_a_wrong_name_are_tls_failures_in_words() {
    local(async {
        let stranger = identity(&["site.test"]);
        let (port, _) = site(Arc::clone(&stranger.config)).await;
        let other = identity(&["other.test"]);
        for plan in [TlsPlan::default(), trusting(&other)] {
            let answer = one(&plan, true, port).await;
            assert_eq!(answer.ended, TLS);
            let error = answer.evidence.unwrap().error.unwrap();
            assert!(error.contains("certificate"), "{error}");
        }
        let (port, _) = site(Arc::clone(&other.config)).await;
        let answer = one(&trusting(&other), true, port).await;
        assert_eq!(answer.ended, TLS);
        let error = answer.evidence.unwrap().error.unwrap();
        assert!(error.contains("not valid for name"), "{error}");
    })
    .await;
}

#[tokio::test]
async fn insecure_takes_any_certificate() {
    local(async {
        let identity = identity(&["other.test"]);
        let (port, _) = site(Arc::clone(&identity.config)).await;
        assert_eq!(one(&INSECURE, true, port).await.ended, OK);
    })
    .await;
}

#[tokio::test]
async fn each_visitor_pays_for_a_whole_handshake() {
    local(async {
        let identity = identity(&["site.test"]);
        let (port, seen) = site(Arc::clone(&identity.config)).await;
        for (connections, handshakes) in [
            (Connections::PerVisitor, 3),
            (Connections::PerRequest, 6),
            (Connections::Pooled, 1),
        ] {
            let transport = transport(&trusting(&identity), connections);
            for _ in 0..3 {
                let mut visitor = transport.visitor();
                for _ in 0..2 {
                    assert_eq!(transport.play(&mut visitor, &get(true, port)).await.ended, OK);
                }
            }
            let seen = seen.take();
            assert_eq!(seen.len(), handshakes, "{connections}");
            assert!(seen.iter().all(|(_, _, resumed)| !resumed), "{connections}");
        }
    })
    .await;
}

/// A plain server that answers or closes as soon as it hears something.
async fn plain(answer: &'static [u8]) -> u16 {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let port = listener.local_addr().unwrap().port();
    spawn_local(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let _ = stream.read(&mut [0; 16_384]).await;
            let _ = stream.write_all(answer).await;
        }
    });
    port
}

#[tokio::test]
async fn tls_to_a_plain_port_is_a_tls_failure() {
    local(async {
        for answer in [&b"HTTP/1.1 400 Bad Request\r\n\r\n"[..], b""] {
            let port = plain(answer).await;
            assert_eq!(one(&INSECURE, true, port).await.ended, TLS);
        }
    })
    .await;
}

#[tokio::test]
async fn a_plain_request_to_a_tls_port_is_a_bad_answer() {
    local(async {
        // A TLS alert is what rustls and OpenSSL say to plain bytes; it is no HTTP.
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let port = listener.local_addr().unwrap().port();
        spawn_local(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let _ = stream.read(&mut [0; 16_384]).await;
                let _ = stream.write_all(b"\x15\x03\x01\x00\x02\x02\x0a").await;
            }
        });
        assert_eq!(
            one(&INSECURE, false, port).await.ended,
            Ended::Site(Class::BadAnswer)
        );
    })
    .await;
}

/// Does the handshake, hears the request, says `answer` and then ends without TLS's closing message.
async fn breaking_off(identity: &Identity, answer: &'static [u8], reset: bool) -> u16 {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let acceptor = TlsAcceptor::from(Arc::clone(&identity.config));
    spawn_local(async move {
        let (stream, _) = listener.accept().await.unwrap();
        // Or the answer waits behind the session tickets for a delayed acknowledgement.
        stream.set_nodelay(true).unwrap();
        let mut stream = acceptor.accept(stream).await.unwrap();
        assert!(stream.read(&mut [0; 4_096]).await.unwrap() > 0);
        stream.write_all(answer).await.unwrap();
        stream.flush().await.unwrap();
        tokio::time::sleep(Duration::from_millis(20)).await;
        if reset {
            stream.get_ref().0.set_zero_linger().unwrap();
        }
    });
    port
}

#[tokio::test]
async fn endings_inside_tls_are_named_as_without_it() {
    local(async {
        let identity = identity(&["site.test"]);
        for (answer, reset, class) in [
            (&b""[..], false, Class::Empty),
            (b"", true, Class::Reset),
            (b"HTTP/1.1 200", false, Class::Closed),
            (b"HTTP/1.1 200", true, Class::Reset),
            (
                b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n12345",
                false,
                Class::Cut,
            ),
            (
                b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n12345",
                true,
                Class::Cut,
            ),
        ] {
            let port = breaking_off(&identity, answer, reset).await;
            let answer = one(&trusting(&identity), true, port).await;
            assert_eq!(answer.ended, Ended::Site(class), "{answer:?}");
        }
    })
    .await;
}

#[tokio::test]
async fn a_reset_in_the_handshake_is_a_reset() {
    local(async {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let port = listener.local_addr().unwrap().port();
        spawn_local(async move {
            let (mut stream, _): (TcpStream, _) = listener.accept().await.unwrap();
            assert!(stream.read(&mut [0; 16_384]).await.unwrap() > 0);
            stream.set_zero_linger().unwrap();
        });
        assert_eq!(one(&INSECURE, true, port).await.ended, Ended::Site(Class::Reset));
    })
    .await;
}

#[tokio::test]
async fn a_handshake_that_stalls_is_a_connect_timeout() {
    local(async {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let (config, _) = client_config(&INSECURE).unwrap();
        let settings = HttpSettings {
            connections: Connections::PerVisitor,
            timeouts: Timeouts {
                connect: Duration::from_millis(200),
                answer: Duration::from_secs(10),
                step: None,
            },
            pinned: Arc::new(Pinned::new(0).with("site.test", [IpAddr::V4(Ipv4Addr::LOCALHOST)])),
            tls: Some(config),
            ..HttpSettings::default()
        };
        let transport = HttpTransport::new(settings, RunClock::starting_at(Instant::now()));
        let answer = transport.play(&mut transport.visitor(), &get(true, port)).await;
        assert_eq!(answer.ended, Ended::Site(Class::ConnectTimeout));
    })
    .await;
}

#[test]
fn where_trust_comes_from_is_said_and_a_bad_file_is_an_error() {
    let identity = identity(&["site.test"]);
    assert_eq!(client_config(&trusting(&identity)).unwrap().1, Trust::File);
    assert_eq!(client_config(&INSECURE).unwrap().1, Trust::None);
    assert!([Trust::System, Trust::Bundled].contains(&client_config(&TlsPlan::default()).unwrap().1));
    let mut empty = tempfile::NamedTempFile::new().unwrap();
    writeln!(empty, "no certificate").unwrap();
    let plan = |path: &std::path::Path| TlsPlan {
        ca: Some(path.to_path_buf()),
        ..TlsPlan::default()
    };
    assert!(matches!(
        client_config(&plan(empty.path())),
        Err(TlsError::NoCertificate { .. })
    ));
    assert!(matches!(
        client_config(&plan("no/such/file".as_ref())),
        Err(TlsError::Unreadable { .. })
    ));
}

/// What a site is asked to be in a test of its handshake.
struct Habits<'a> {
    offers: &'a [&'a [u8]],
    versions: &'a [&'static rustls::SupportedProtocolVersion],
    /// Only clients whose certificate this authority signed come in.
    admits: Option<&'a CertifiedIssuer<'static, KeyPair>>,
}

/// `identity` with other habits.
fn with_habits(identity: &Identity, habits: &Habits<'_>) -> Arc<ServerConfig> {
    let provider = Arc::new(ring::default_provider());
    let builder = ServerConfig::builder_with_provider(Arc::clone(&provider))
        .with_protocol_versions(habits.versions)
        .unwrap();
    let builder = match habits.admits {
        None => builder.with_no_client_auth(),
        Some(issuer) => {
            let mut roots = rustls::RootCertStore::empty();
            roots.add(issuer.der().clone()).unwrap();
            let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider);
            builder.with_client_cert_verifier(verifier.build().unwrap())
        }
    };
    let mut config = builder.with_cert_resolver(Arc::clone(&identity.config.cert_resolver));
    config.alpn_protocols = habits.offers.iter().map(|name| name.to_vec()).collect();
    Arc::new(config)
}

/// An HTTPS site that speaks what was agreed on: HTTP/2 by hyper's server, or HTTP/1.1 by the answer above.
async fn bilingual(config: Arc<ServerConfig>) -> u16 {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let port = listener.local_addr().unwrap().port();
    spawn_local(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let config = Arc::clone(&config);
            spawn_local(async move {
                let Ok(mut stream) = TlsAcceptor::from(config).accept(stream).await else {
                    return;
                };
                if stream.get_ref().1.alpn_protocol() == Some(b"h2") {
                    let service = hyper::service::service_fn(async |request: hyper::Request<_>| {
                        // Which version it was, and whether the host came with it.
                        let is_right = request.version() == hyper::Version::HTTP_2
                            && request.uri().host() == Some("site.test")
                            && !request.headers().contains_key("host");
                        drop::<hyper::Request<hyper::body::Incoming>>(request);
                        let mut answer =
                            hyper::Response::new(http_body_util::Full::new(Bytes::from_static(b"ok")));
                        *answer.status_mut() = if is_right { 207 } else { 500 }.try_into().unwrap();
                        Ok::<_, std::convert::Infallible>(answer)
                    });
                    let stream = hyper_util::rt::TokioIo::new(stream);
                    let _ = hyper::server::conn::http2::Builder::new(Local)
                        .serve_connection(stream, service)
                        .await;
                    return;
                }
                let mut buffer = [0; 4_096];
                while let Ok(1..) = stream.read(&mut buffer).await {
                    stream.write_all(ANSWER).await.unwrap();
                }
            });
        }
    });
    port
}

#[derive(Clone, Copy)]
struct Local;

impl<F: Future + 'static> hyper::rt::Executor<F> for Local {
    fn execute(&self, task: F) {
        spawn_local(async move {
            task.await;
        });
    }
}

const BOTH: &[&[u8]] = &[b"h2", b"http/1.1"];
const ONLY_ONE: &[&[u8]] = &[b"http/1.1"];

#[tokio::test]
async fn what_both_sides_prefer_is_spoken() {
    local(async {
        let identity = identity(&["site.test"]);
        let two = Ended::Site(Class::Status(207));
        for (offers, http, wanted) in [
            (BOTH, HttpVersion::Auto, two),
            (BOTH, HttpVersion::Two, two),
            (BOTH, HttpVersion::One, OK),
            (ONLY_ONE, HttpVersion::Auto, OK),
            (&[], HttpVersion::Auto, OK),
            (ONLY_ONE, HttpVersion::Two, TLS),
            (&[], HttpVersion::Two, TLS),
        ] {
            for versions in [rustls::ALL_VERSIONS, &[&rustls::version::TLS12]] {
                let habits = Habits {
                    offers,
                    versions,
                    admits: None,
                };
                let port = bilingual(with_habits(&identity, &habits)).await;
                for connections in [
                    Connections::PerVisitor,
                    Connections::Pooled,
                    Connections::PerRequest,
                ] {
                    let transport = speaking(http, &trusting(&identity), connections);
                    let mut visitor = transport.visitor();
                    for turn in 0..2 {
                        let answer = transport.play(&mut visitor, &get(true, port)).await;
                        assert_eq!(answer.ended, wanted, "{http} {offers:?} {connections} {answer:?}");
                        if wanted != TLS {
                            assert_eq!(
                                answer.fresh_connection,
                                turn == 0 || connections == Connections::PerRequest
                            );
                            assert_eq!(answer.phases.tls.is_some(), answer.fresh_connection);
                        }
                    }
                }
            }
        }
    })
    .await;
}

#[tokio::test]
async fn requests_at_the_same_time_share_what_turns_out_to_be_shared() {
    local(async {
        let identity = identity(&["site.test"]);
        for (offers, fresh) in [(BOTH, 1), (ONLY_ONE, 5)] {
            let versions = rustls::ALL_VERSIONS;
            let port = bilingual(with_habits(
                &identity,
                &Habits {
                    offers,
                    versions,
                    admits: None,
                },
            ))
            .await;
            let transport = Rc::new(speaking(
                HttpVersion::Auto,
                &trusting(&identity),
                Connections::Pooled,
            ));
            let played: Vec<_> = (0..5)
                .map(|_| {
                    let transport = Rc::clone(&transport);
                    spawn_local(
                        async move { transport.play(&mut transport.visitor(), &get(true, port)).await },
                    )
                })
                .collect();
            let mut opened = 0;
            for task in played {
                let answer = task.await.unwrap();
                assert!(
                    matches!(answer.ended, Ended::Site(Class::Status(200 | 207))),
                    "{answer:?}"
                );
                opened += usize::from(answer.fresh_connection);
            }
            // Over HTTP/1.1 one may be free again before the last comes.
            assert!(
                opened == fresh || (fresh > 1 && (2..=fresh).contains(&opened)),
                "{opened} of {fresh}"
            );
        }
    })
    .await;
}

/// A PEM file with a client's certificate and its key, signed by `issuer`.
fn client(issuer: &CertifiedIssuer<'static, KeyPair>) -> (tempfile::NamedTempFile, tempfile::NamedTempFile) {
    let key = KeyPair::generate().unwrap();
    let certificate = CertificateParams::new(vec!["me.test".to_owned()])
        .unwrap()
        .signed_by(&key, issuer)
        .unwrap();
    let file = |text: String| {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(text.as_bytes()).unwrap();
        file
    };
    (file(certificate.pem()), file(key.serialize_pem()))
}

fn authority() -> CertifiedIssuer<'static, KeyPair> {
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap()
}

fn known_by(plan: TlsPlan, certificate: &tempfile::NamedTempFile, key: &tempfile::NamedTempFile) -> TlsPlan {
    TlsPlan {
        client: Some(ClientIdentity {
            certificate: certificate.path().to_path_buf(),
            key: key.path().to_path_buf(),
        }),
        ..plan
    }
}

#[tokio::test]
async fn a_site_that_wants_to_know_us_lets_in_only_who_has_its_certificate() {
    local(async {
        let identity = identity(&["site.test"]);
        let (theirs, other) = (authority(), authority());
        for versions in [rustls::ALL_VERSIONS, &[&rustls::version::TLS12]] {
            let habits = Habits {
                offers: ONLY_ONE,
                versions,
                admits: Some(&theirs),
            };
            let port = bilingual(with_habits(&identity, &habits)).await;
            let (certificate, key) = client(&theirs);
            let known = known_by(trusting(&identity), &certificate, &key);
            assert_eq!(one(&known, true, port).await.ended, OK);
            let (certificate, key) = client(&other);
            let stranger = known_by(trusting(&identity), &certificate, &key);
            for plan in [trusting(&identity), stranger] {
                assert_eq!(one(&plan, true, port).await.ended, TLS);
            }
        }
    })
    .await;
}

#[test]
fn a_key_that_does_not_fit_is_an_error_with_its_hint() {
    let issuer = authority();
    let ((certificate, _), (_, key)) = (client(&issuer), client(&issuer));
    let wrong = client_config(&known_by(TlsPlan::default(), &certificate, &key)).unwrap_err();
    assert!(matches!(wrong, TlsError::Client { .. }), "{wrong}");
    let none = client_config(&known_by(TlsPlan::default(), &certificate, &certificate)).unwrap_err();
    assert!(matches!(none, TlsError::NoKey { .. }), "{none}");
    assert!(none.hint().unwrap().contains("client_key"));
}

#[tokio::test]
async fn another_name_is_asked_for_where_the_scenario_says_so() {
    local(async {
        let identity = identity(&["origin.test"]);
        let (port, seen) = site(Arc::clone(&identity.config)).await;
        assert_eq!(one(&trusting(&identity), true, port).await.ended, TLS);
        seen.take();
        let plan = TlsPlan {
            server_name: Some("origin.test".to_owned()),
            ..trusting(&identity)
        };
        assert_eq!(one(&plan, true, port).await.ended, OK);
        assert_eq!(seen.borrow()[0].0.as_deref(), Some("origin.test"));
    })
    .await;
}
