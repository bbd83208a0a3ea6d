//! Looks at raw sites on loopback.

use std::cell::Cell;
use std::net::{IpAddr, Ipv4Addr};
use std::rc::Rc;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::task::{LocalSet, spawn_local};

use super::*;
use crate::scenario::{Body, TlsPlan};
use crate::transport::{example, tls};

/// A site on 127.0.0.1 that gives these answers in turn, the last one again and again, one per connection.
async fn site(answers: &'static [&'static str]) -> (u16, Rc<Cell<usize>>) {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let heard = Rc::new(Cell::new(0));
    let counted = Rc::clone(&heard);
    spawn_local(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            if !matches!(stream.read(&mut [0; 4_096]).await, Ok(1..)) {
                continue;
            }
            let turn = counted.replace(counted.get() + 1);
            let answer = answers[turn.min(answers.len() - 1)];
            let _ = stream.write_all(answer.as_bytes()).await;
        }
    });
    (port, heard)
}

async fn looked(url: &str, addresses: &[&str]) -> Preflight {
    let scenario = example::scenario(Method::Get, url, Body::None);
    let addresses = addresses.iter().map(|text| text.parse::<IpAddr>().unwrap());
    let pinned = Pinned::new(80).with("shop.test", addresses);
    let insecure = TlsPlan {
        insecure: true,
        ..TlsPlan::default()
    };
    let (tls, _) = tls::client_config(&insecure).unwrap();
    look(&scenario, &pinned, Some(tls), None).await.unwrap()
}

fn texts(preflight: &Preflight) -> Vec<String> {
    let no_digits = |text: &str| text.replace(|letter: char| letter.is_ascii_digit(), "");
    preflight
        .notes()
        .iter()
        .map(|note| format!("{} {}", if note.ok { "ok" } else { "no" }, no_digits(&note.text)))
        .collect()
}

const GOOD: &str = "HTTP/1.1 200 OK\r\nServer: nginx\r\nContent-Length: 0\r\n\r\n";
const BAD: &str = "HTTP/1.1 502 Bad Gateway\r\nServer: ng\u{85}inx\r\nContent-Length: 0\r\n\r\n";

#[tokio::test]
async fn a_good_site_is_told_in_words() {
    let test = async {
        let (port, _) = site(&[GOOD]).await;
        let preflight = looked(&format!("http://shop.test:{port}/sale?key=1"), &["127.0.0.1"]).await;
        assert_eq!(preflight.broken(), None);
        let texts = texts(&preflight);
        assert_eq!(texts[0], "ok shop.test resolves to ...");
        assert!(texts[1].starts_with("ok ...:: TCP ok in "), "{texts:?}");
        assert!(texts[2].starts_with("ok ...:: GET /sale →  in "), "{texts:?}");
        assert!(texts[2].ends_with(" ms, Server: nginx"), "{texts:?}");
    };
    LocalSet::new().run_until(test).await;
}

#[tokio::test]
async fn a_site_that_fails_three_times_is_broken_and_one_that_recovers_is_not() {
    let test = async {
        let (port, heard) = site(&[BAD]).await;
        let preflight = looked(&format!("http://shop.test:{port}/"), &["127.0.0.1"]).await;
        let (class, words) = preflight.broken().unwrap();
        assert_eq!(class, Class::Status(502));
        assert!(
            words.contains("GET / → 502") && words.ends_with("Server: nginx"),
            "{words:?}"
        );
        assert_eq!(heard.get(), 3);

        let (port, heard) = site(&[BAD, "", GOOD]).await;
        let preflight = looked(&format!("http://shop.test:{port}/"), &["127.0.0.1"]).await;
        assert_eq!(preflight.broken(), None);
        assert_eq!(heard.get(), 3);
        let bad = preflight.notes().iter().filter(|note| !note.ok).count();
        assert_eq!(bad, 2, "{:?}", preflight.notes());
    };
    LocalSet::new().run_until(test).await;
}

#[tokio::test]
async fn an_address_where_nobody_listens_is_left_out_while_others_remain() {
    let test = async {
        let (port, _) = site(&[GOOD]).await;
        let url = format!("http://shop.test:{port}/");
        let preflight = looked(&url, &["127.0.0.2", "127.0.0.1"]).await;
        assert_eq!(preflight.broken(), None);
        let kept = preflight.reachable().addresses("shop.test");
        assert_eq!(kept, [IpAddr::V4(Ipv4Addr::LOCALHOST)]);
        assert!(texts(&preflight).contains(&"no ... is left out: it takes no connections".to_owned()));

        let preflight = looked(&url, &["127.0.0.2", "127.0.0.3"]).await;
        assert_eq!(preflight.broken().unwrap().0, Class::Refused);
        assert_eq!(preflight.reachable().addresses("shop.test").len(), 2);
    };
    LocalSet::new().run_until(test).await;
}

#[tokio::test]
async fn tls_to_a_plain_port_is_broken_and_a_redirect_is_only_noted() {
    let test = async {
        let (port, _) = site(&[GOOD]).await;
        let preflight = looked(&format!("https://shop.test:{port}/"), &["127.0.0.1"]).await;
        assert_eq!(preflight.broken().unwrap().0, Class::Tls);

        let (port, _) =
            site(&["HTTP/1.1 301 M\r\nLocation: https://x.test/?k=1\r\nContent-Length: 0\r\n\r\n"]).await;
        let preflight = looked(&format!("http://shop.test:{port}/"), &["127.0.0.1"]).await;
        assert_eq!(preflight.broken(), None);
        let last = preflight.notes().last().unwrap();
        assert!(
            !last.ok && last.text.ends_with(", Location: https://x.test/"),
            "{last:?}"
        );
    };
    LocalSet::new().run_until(test).await;
}

#[tokio::test]
async fn a_journey_that_only_writes_is_looked_at_without_writing() {
    let body = Body::Text(crate::scenario::Template::of("order"));
    let scenario = example::scenario(Method::Post, "http://shop.test/cart", body);
    let looked_at = looked_at(&scenario).unwrap();
    assert_eq!((looked_at.method.as_str(), looked_at.body.len()), ("GET", 0));
    assert_eq!(looked_at.path, "/cart");
}

#[test]
fn a_name_without_address_is_broken_as_dns() {
    let error = ResolveError {
        host: "shop.test".to_owned(),
        source: None,
    };
    let preflight = Preflight::unresolved(&error);
    assert_eq!(preflight.broken().unwrap().0, Class::Dns);
    assert!(!preflight.notes()[0].ok);
}
