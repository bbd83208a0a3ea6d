//! `tipover check` against sites on loopback: each thing that can be wrong before a load is named, with what mends it, and
//! ends with 4 where it is an error.

#![expect(
    clippy::unwrap_used,
    reason = "outside of a test function too, a test fails by panicking"
)]

use std::io::Write;
use std::net::{Ipv4Addr, SocketAddr, UdpSocket};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use hickory_proto::op::{Message, OpCode};
use hickory_proto::rr::rdata::A;
use hickory_proto::rr::{RData, Record, RecordType};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair, date_time_ymd};
use serde_json::Value;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};

const GOOD: &str = "HTTP/1.1 200 OK\r\nServer: nginx\r\nContent-Type: text/html\r\nContent-Length: 31\r\n\r\n<title>Sale</title><p>Welcome!\n";
const BAD: &str = "HTTP/1.1 502 Bad Gateway\r\nServer: nginx\r\nContent-Type: text/html\r\nContent-Length: 122\r\n\r\n<html><head><title>502 Bad Gateway</title></head><body><center><h1>502 Bad Gateway</h1></center><hr><center>nginx</center>";

/// An authority for this test.
struct Authority {
    issuer: CertifiedIssuer<'static, KeyPair>,
    file: tempfile::NamedTempFile,
}

impl Authority {
    fn new() -> Self {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let issuer = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(issuer.pem().as_bytes()).unwrap();
        Self { issuer, file }
    }

    fn path(&self) -> &str {
        self.file.path().to_str().unwrap()
    }

    /// A server that shows a certificate for `name` until the end of `year`.
    fn server(&self, name: &str, year: i32) -> Arc<ServerConfig> {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::new(vec![name.to_owned()]).unwrap();
        params.distinguished_name.push(DnType::CommonName, name);
        params.not_before = date_time_ymd(2020, 1, 1);
        params.not_after = date_time_ymd(year, 12, 31);
        let certificate = params.signed_by(&key, &self.issuer).unwrap();
        let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(key.serialize_der()));
        let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![certificate.der().clone()], key)
            .unwrap();
        Arc::new(config)
    }
}

/// A site that answers every request so, until the test ends.
struct Site {
    port: u16,
    requests: Arc<AtomicUsize>,
}

fn site(address: [u8; 4], port: u16, tls: Option<Arc<ServerConfig>>, answer: &'static str) -> Site {
    let listener = std::net::TcpListener::bind((Ipv4Addr::from(address), port)).unwrap();
    listener.set_nonblocking(true).unwrap();
    let port = listener.local_addr().unwrap().port();
    let requests = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&requests);
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        runtime.block_on(async move {
            let listener = tokio::net::TcpListener::from_std(listener).unwrap();
            while let Ok((stream, _)) = listener.accept().await {
                let (tls, counted) = (tls.clone(), Arc::clone(&counted));
                tokio::spawn(async move {
                    match tls {
                        None => answered(stream, answer, &counted).await,
                        Some(config) => {
                            if let Ok(stream) = TlsAcceptor::from(config).accept(stream).await {
                                answered(stream, answer, &counted).await;
                            }
                        }
                    }
                });
            }
        });
    });
    Site { port, requests }
}

async fn answered(mut stream: impl AsyncRead + AsyncWrite + Unpin, answer: &str, counted: &AtomicUsize) {
    let mut heard = [0; 4_096];
    while let Ok(1..) = stream.read(&mut heard).await {
        counted.fetch_add(1, Ordering::SeqCst);
        if stream.write_all(answer.as_bytes()).await.is_err() {
            return;
        }
    }
}

/// What `tipover check --json` says, and its exit.
fn check(arguments: &[&str]) -> (i32, Value) {
    let mut command = assert_cmd::Command::cargo_bin("tipover").unwrap();
    for name in [
        "http_proxy",
        "https_proxy",
        "all_proxy",
        "HTTPS_PROXY",
        "ALL_PROXY",
    ] {
        command.env_remove(name);
    }
    let output = command
        .arg("check")
        .args(arguments)
        .arg("--json")
        .output()
        .unwrap();
    let json = serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|error| unreachable!("{error}: {}", String::from_utf8_lossy(&output.stderr)));
    (output.status.code().unwrap(), json)
}

/// The texts of the findings of this level and area.
fn found(json: &Value, level: &str, area: &str) -> Vec<String> {
    let all = json["findings"].as_array().unwrap().iter();
    let these = all.filter(|finding| finding["level"] == level && finding["area"] == area);
    these
        .map(|finding| {
            assert!(level == "ok" || finding["remedy"].as_str().is_some_and(|remedy| remedy.len() > 10));
            finding["text"].as_str().unwrap().to_owned()
        })
        .collect()
}

#[test]
fn a_good_site_has_no_finding_that_weighs_and_its_page_is_visited() {
    let site = site([127, 0, 0, 1], 0, None, GOOD);
    let (exit, json) = check(&[&format!("http://127.0.0.1:{}/sale?id=1", site.port)]);
    assert_eq!(exit, 0, "{json:#}");
    let weighs = json["findings"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|finding| finding["level"] != "ok");
    assert_eq!(weighs.count(), 0, "{json:#}");
    let page = &json["places"][0]["http"];
    assert_eq!(
        (&page["title"], &page["server"], &page["keeps_alive"]),
        (&"Sale".into(), &"nginx".into(), &true.into())
    );
    let visit = &json["visits"][0];
    assert_eq!(visit["requests"][0]["what"], "GET /sale");
    assert_eq!(visit["requests"][0]["class"], "200");
    assert!(site.requests.load(Ordering::SeqCst) < 8, "a check is no load");
}

#[test]
fn a_certificate_is_named_by_what_is_wrong_with_it() {
    let authority = Authority::new();
    let stranger = Authority::new();
    for (server, ca, problem, text) in [
        (
            authority.server("shop.test", 2037),
            &authority,
            None,
            "certificate for shop.test",
        ),
        (
            authority.server("shop.test", 2021),
            &authority,
            Some("tls_expired"),
            "ended on 2021-12-31",
        ),
        (
            authority.server("other.test", 2037),
            &authority,
            Some("tls_name"),
            "the certificate is for other.test, not for shop.test",
        ),
        (
            authority.server("shop.test", 2037),
            &stranger,
            Some("tls_untrusted"),
            "without that of its issuer",
        ),
    ] {
        let site = site([127, 0, 0, 1], 0, Some(server), GOOD);
        let url = format!("https://shop.test:{}/", site.port);
        let (exit, json) = check(&[&url, "--resolve", "shop.test:127.0.0.1", "--ca", ca.path()]);
        assert_eq!(exit, if problem.is_some() { 4 } else { 0 }, "{json:#}");
        let tls = &json["places"][0]["tls"];
        assert_eq!(tls["problem"].as_str(), problem);
        assert_eq!(tls["accepts"], serde_json::json!(["TLS 1.3", "TLS 1.2"]));
        let level = if problem.is_some() { "error" } else { "ok" };
        let said = found(&json, level, "tls");
        assert!(said.iter().any(|said| said.contains(text)), "{said:?}");
    }
}

#[test]
fn tls_at_a_port_that_speaks_none_is_told_from_a_handshake_that_fails() {
    let site = site([127, 0, 0, 1], 0, None, GOOD);
    let (exit, json) = check(&[&format!("https://127.0.0.1:{}/", site.port)]);
    assert_eq!(exit, 4);
    assert_eq!(json["places"][0]["tls"]["problem"], "tls_plain_port");
    assert_eq!(json["broken"]["class"], "tls");
}

#[test]
fn addresses_that_differ_and_one_that_is_dead_are_warnings_while_others_serve() {
    let authority = Authority::new();
    let first = site([127, 0, 0, 1], 0, Some(authority.server("shop.test", 2037)), GOOD);
    let _second = site(
        [127, 0, 0, 2],
        first.port,
        Some(authority.server("shop.test", 2036)),
        GOOD,
    );
    let url = format!("https://shop.test:{}/", first.port);
    let all = "shop.test:127.0.0.1,127.0.0.2,127.0.0.3";
    let (exit, json) = check(&[&url, "--ca", authority.path(), "--resolve", all]);
    assert_eq!(exit, 0, "{json:#}");
    let differ = found(&json, "warning", "tls");
    assert!(
        differ[0].starts_with("the addresses show different certificates: 127.0.0."),
        "{differ:?}"
    );
    let dead = found(&json, "warning", "tcp");
    assert!(
        dead[0].starts_with("127.0.0.3:") && dead[0].contains("takes no connections"),
        "{dead:?}"
    );
}

#[test]
fn an_edge_that_fails_before_an_origin_that_answers_is_told_apart() {
    let edge = site([127, 0, 0, 1], 0, None, BAD);
    let origin = site([127, 0, 0, 1], 0, None, GOOD);
    let url = format!("http://127.0.0.1:{}/", edge.port);
    let (exit, json) = check(&[&url, "--origin", &format!("127.0.0.1:{}", origin.port)]);
    assert_eq!(exit, 4);
    let errors = found(&json, "error", "edge");
    assert_eq!(
        errors,
        ["the edge answers 502, the origin 200: what is between them fails"]
    );
    assert_eq!(json["places"][0]["http"]["made_by"][0], "nginx");
    assert_eq!(json["origin"]["http"]["title"], "Sale");
}

#[test]
fn a_certificate_that_only_the_edge_may_show_is_found_at_the_origin() {
    let authority = Authority::new();
    let edge = site([127, 0, 0, 1], 0, Some(authority.server("shop.test", 2037)), GOOD);
    let origin = site(
        [127, 0, 0, 1],
        0,
        Some(authority.server("web1.internal", 2037)),
        GOOD,
    );
    let url = format!("https://shop.test:{}/", edge.port);
    let at = format!("127.0.0.1:{}", origin.port);
    let resolve = ["--resolve", "shop.test:127.0.0.1", "--ca", authority.path()];
    let (exit, json) = check(&[&[url.as_str(), "--origin", &at][..], &resolve].concat());
    assert_eq!(exit, 4);
    let errors = found(&json, "error", "origin");
    assert!(
        errors.contains(
            &"the origin’s certificate is for web1.internal, not for shop.test: an edge that verifies it answers 502, or 526"
                .to_owned()
        ),
        "{errors:?}"
    );
}

#[test]
fn the_origin_is_asked_only_where_the_guard_allows_it() {
    let site = site([127, 0, 0, 1], 0, None, GOOD);
    let url = format!("http://127.0.0.1:{}/", site.port);
    let (exit, json) = check(&[&url, "--origin", "192.0.2.1"]);
    assert_eq!(exit, 3, "{json}");
}

/// A resolver on loopback that knows one address for every name.
fn resolver(known: [u8; 4]) -> SocketAddr {
    let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let place = socket.local_addr().unwrap();
    std::thread::spawn(move || {
        let mut datagram = [0; 512];
        while let Ok((length, from)) = socket.recv_from(&mut datagram) {
            let question = Message::from_vec(&datagram[..length]).unwrap();
            let mut answer = Message::response(question.metadata.id, OpCode::Query);
            answer.add_queries(question.queries.clone());
            let asked = &question.queries[0];
            if asked.query_type() == RecordType::A {
                let [a, b, c, d] = known;
                let address = RData::A(A::new(a, b, c, d));
                answer.add_answer(Record::from_rdata(asked.name().clone(), 86_400, address));
            }
            socket.send_to(&answer.to_vec().unwrap(), from).unwrap();
        }
    });
    place
}

#[test]
fn a_resolver_with_an_old_address_is_named_with_its_time_to_live() {
    let site = site([127, 0, 0, 1], 0, None, GOOD);
    let url = format!("http://shop.test:{}/", site.port);
    let resolver = resolver([127, 0, 0, 9]).to_string();
    let (exit, json) = check(&[&url, "--resolve", "shop.test:127.0.0.1", "--resolver", &resolver]);
    assert_eq!(exit, 0, "{json:#}");
    let record = &json["names"][0]["records"][0];
    assert_eq!(
        (&record["value"], &record["ttl_seconds"]),
        (&"127.0.0.9".into(), &86_400.into())
    );
    let said = found(&json, "warning", "dns");
    assert!(
        said[0].contains("answers otherwise: it also knows 127.0.0.9; it does not know 127.0.0.1"),
        "{said:?}"
    );
    assert!(said[1].contains("86400 s"), "{said:?}");
    assert_eq!(
        json["places"].as_array().unwrap().len(),
        1,
        "what a resolver says is not contacted"
    );
}

fn scenario(port: u16, journey: &str) -> tempfile::NamedTempFile {
    let mut file = tempfile::Builder::new().suffix(".yaml").tempfile().unwrap();
    write!(file, "version: 1\ntarget: http://127.0.0.1:{port}\n{journey}\n").unwrap();
    file
}

#[test]
fn a_visit_whose_check_fails_is_an_error_with_its_step() {
    let site = site([127, 0, 0, 1], 0, None, GOOD);
    let file = scenario(
        site.port,
        "journey:\n  - get: /sale\n  - get: /cart\n    expect: { body_contains: Your cart }",
    );
    let (exit, json) = check(&[file.path().to_str().unwrap()]);
    assert_eq!(exit, 4, "{json:#}");
    let said = found(&json, "error", "journey");
    assert!(
        said[0].starts_with("one visit: step 2") && said[0].contains("failed_check"),
        "{said:?}"
    );
}

#[test]
fn a_visit_that_writes_is_walked_only_where_that_is_allowed() {
    let site = site([127, 0, 0, 1], 0, None, GOOD);
    let journey = "journey:\n  - get: /sale\n  - post: /cart\n    form: { sku: a }";
    let file = scenario(site.port, journey);
    let (exit, json) = check(&[file.path().to_str().unwrap()]);
    assert_eq!(exit, 0, "{json:#}");
    assert!(found(&json, "ok", "journey")[0].contains("was not walked"));
    assert_eq!(json["visits"].as_array().unwrap().len(), 0);
    let file = scenario(site.port, &format!("side_effects: allowed\n{journey}"));
    let (exit, json) = check(&[file.path().to_str().unwrap()]);
    assert_eq!(exit, 0, "{json:#}");
    assert_eq!(json["visits"][0]["requests"][1]["what"], "POST /cart");
}
