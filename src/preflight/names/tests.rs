//! A resolver on loopback, over UDP and TCP.

use hickory_proto::op::OpCode;
use hickory_proto::rr::Record;
use hickory_proto::rr::rdata::{A, AAAA, CNAME};
use tokio::net::TcpListener;

use super::*;

/// What the resolver does with a question.
#[derive(Clone, Copy, PartialEq)]
enum Manner {
    /// Answers.
    Plain,
    /// Sends somebody else's answer first.
    Forged,
    /// Says over UDP that the answer does not fit.
    Cut,
    /// Knows no such name.
    Unknown,
    /// Sends bytes that are no message.
    Noise,
}

fn name(text: &str) -> Name {
    let mut name = Name::from_ascii(text).unwrap();
    name.set_fqdn(true);
    name
}

fn reply(question: &[u8], manner: Manner) -> Message {
    let question = Message::from_vec(question).unwrap();
    let mut answer = Message::response(question.metadata.id, OpCode::Query);
    answer.add_queries(question.queries.clone());
    if manner == Manner::Unknown {
        answer.metadata.response_code = ResponseCode::NXDomain;
        return answer;
    }
    let alias = RData::CNAME(CNAME(name("edge.test")));
    answer.add_answer(Record::from_rdata(name("shop.test"), 300, alias));
    let address = match question.queries[0].query_type() {
        RecordType::A => RData::A(A::new(127, 0, 0, 7)),
        _ => RData::AAAA(AAAA::new(0, 0, 0, 0, 0, 0, 0, 1)),
    };
    answer.add_answer(Record::from_rdata(name("edge.test"), 60, address));
    answer
}

/// One port for both: what is free for one may be taken for the other.
async fn both() -> (UdpSocket, TcpListener) {
    loop {
        let tcp = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        if let Ok(udp) = UdpSocket::bind(tcp.local_addr().unwrap()).await {
            return (udp, tcp);
        }
    }
}

/// Serves until the test ends.
async fn resolver(manner: Manner) -> SocketAddr {
    let (udp, tcp) = both().await;
    let place = udp.local_addr().unwrap();
    tokio::spawn(async move {
        let mut datagram = [0; 512];
        while let Ok((length, from)) = udp.recv_from(&mut datagram).await {
            let mut answer = reply(&datagram[..length], manner);
            match manner {
                Manner::Forged => {
                    let mut forged = answer.clone();
                    forged.metadata.id = forged.metadata.id.wrapping_add(1);
                    forged.answers.clear();
                    udp.send_to(&forged.to_vec().unwrap(), from).await.unwrap();
                }
                Manner::Noise => {
                    udp.send_to(b"\xff\x00 no message", from).await.unwrap();
                }
                Manner::Cut => {
                    answer.answers.clear();
                    answer.metadata.truncation = true;
                }
                Manner::Plain | Manner::Unknown => {}
            }
            udp.send_to(&answer.to_vec().unwrap(), from).await.unwrap();
        }
    });
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = tcp.accept().await {
            let length = stream.read_u16().await.unwrap();
            let mut question = vec![0; usize::from(length)];
            stream.read_exact(&mut question).await.unwrap();
            let answer = reply(&question, manner).to_vec().unwrap();
            stream
                .write_u16(u16::try_from(answer.len()).unwrap())
                .await
                .unwrap();
            stream.write_all(&answer).await.unwrap();
        }
    });
    place
}

#[tokio::test]
async fn every_alias_and_address_is_read_with_its_time_to_live() {
    for manner in [Manner::Plain, Manner::Forged, Manner::Cut, Manner::Noise] {
        let answer = ask(resolver(manner).await, "shop.test").await;
        assert_eq!(answer.error, None);
        let records: Vec<(&str, &str, u32)> = answer
            .records
            .iter()
            .map(|record| (record.kind, record.value.as_str(), record.ttl_seconds))
            .collect();
        assert_eq!(
            records,
            [
                ("CNAME", "edge.test", 300),
                ("A", "127.0.0.7", 60),
                ("AAAA", "::1", 60)
            ]
        );
        assert_eq!(answer.shortest_life(), Some(60));
        assert_eq!(answer.addresses().len(), 2);
    }
}

#[tokio::test]
async fn a_name_that_is_not_there_and_a_resolver_that_is_not_there_are_told_apart() {
    let answer = ask(resolver(Manner::Unknown).await, "shop.test").await;
    assert_eq!(answer.error.as_deref(), Some("there is no such name (NXDOMAIN)"));
    let gone = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let place = gone.local_addr().unwrap();
    drop(gone);
    let answer = ask(place, "shop.test").await;
    assert!(answer.error.is_some_and(|error| !error.contains("NXDOMAIN")));
    assert!(answer.records.is_empty());
}

#[tokio::test]
async fn a_name_that_dns_cannot_hold_is_an_error_and_no_panic() {
    let place = resolver(Manner::Plain).await;
    for host in ["..", "a..b", &"a".repeat(64)] {
        let answer = ask(place, host).await;
        assert!(
            answer.error.is_some() && answer.records.is_empty(),
            "{host}: {answer:?}"
        );
    }
}

#[test]
fn the_resolvers_of_a_machine_are_read_and_the_rest_is_passed_over() {
    let text = "# nameserver 192.0.2.1\nsearch shop.test\nnameserver 127.0.0.53\n nameserver ::1 # six\nnameserver fe80::1%eth0\nnameserver\n";
    let all: Vec<String> = nameservers(text).iter().map(ToString::to_string).collect();
    assert_eq!(all, ["127.0.0.53:53", "[::1]:53"]);
}
