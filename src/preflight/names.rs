//! One name asked of one resolver: every A, AAAA and CNAME with its time to live, over UDP, and over TCP where the answer
//! does not fit (RFC 1035, 4.2). What the answers mean is another file's business.

mod judge;

use std::collections::BTreeSet;
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use hickory_proto::op::{Message, MessageType, Query, ResponseCode};
use hickory_proto::rr::{Name, RData, RecordType};
use serde::Serialize;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpStream, UdpSocket};
use tokio::time::{Instant, timeout};

pub(super) use judge::judged;

/// How long one attempt waits; there are two over UDP, where a packet may be lost.
const ATTEMPT: Duration = Duration::from_millis(1_500);
const ATTEMPTS: usize = 2;
/// Records of one answer that are looked at; a name with more addresses than this is not for a browser.
const MOST_RECORDS: usize = 64;
/// The largest datagram that is read.
const LONGEST_DATAGRAM: usize = 4 << 10;

/// One record of a name.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct NameRecord {
    /// Whose it is, without the last dot.
    pub name: String,
    /// `A`, `AAAA` or `CNAME`.
    pub kind: &'static str,
    /// The address, or the name that it is another name of.
    pub value: String,
    /// For how long it may be kept.
    pub ttl_seconds: u32,
}

/// What a resolver said about a name.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct NameAnswer {
    /// Which resolver.
    pub resolver: SocketAddr,
    /// Whether this machine uses it by itself.
    pub is_system: bool,
    /// How long both questions took together.
    pub milliseconds: f64,
    /// Every record of the answers, aliases first.
    pub records: Vec<NameRecord>,
    /// Whether anything came back.
    pub is_reached: bool,
    /// Why there is no answer, in words.
    pub error: Option<String>,
}

impl NameAnswer {
    /// The addresses in it.
    pub fn addresses(&self) -> BTreeSet<IpAddr> {
        let values = self.records.iter().filter(|record| record.kind != "CNAME");
        values.filter_map(|record| record.value.parse().ok()).collect()
    }

    /// The shortest time to live of its records, in seconds.
    pub fn shortest_life(&self) -> Option<u32> {
        self.records.iter().map(|record| record.ttl_seconds).min()
    }
}

/// The resolvers that a `resolv.conf` names, in order; lines that name none are passed over.
pub fn nameservers(text: &str) -> Vec<SocketAddr> {
    let of = |line: &str| {
        let mut words = line.split_whitespace();
        if words.next() != Some("nameserver") {
            return None;
        }
        let address: IpAddr = words.next()?.parse().ok()?;
        Some(SocketAddr::new(address, 53))
    };
    text.lines().filter_map(of).collect()
}

/// Asks `resolver` for both kinds of addresses of `host`, at the same time.
pub(super) async fn ask(resolver: SocketAddr, host: &str) -> NameAnswer {
    let begun = Instant::now();
    let (four, six) = tokio::join!(
        asked(resolver, host, RecordType::A),
        asked(resolver, host, RecordType::AAAA)
    );
    let mut records: BTreeSet<NameRecord> = BTreeSet::new();
    let mut error = None;
    let is_reached = four.is_ok() || six.is_ok();
    for answer in [four, six] {
        match answer {
            Ok(message) => {
                records.extend(records_of(&message));
                if message.metadata.response_code != ResponseCode::NoError {
                    error = Some(refusal(message.metadata.response_code));
                }
            }
            Err(failure) => error = error.or_else(|| Some(failure.to_string())),
        }
    }
    let mut records: Vec<NameRecord> = records.into_iter().collect();
    records.sort_by_key(|record| record.kind != "CNAME");
    if error.is_none() && !records.iter().any(|record| record.kind != "CNAME") {
        error = Some("the name has no address".to_owned());
    }
    NameAnswer {
        resolver,
        is_system: false,
        milliseconds: begun.elapsed().as_secs_f64() * 1e3,
        records,
        is_reached,
        error,
    }
}

fn refusal(code: ResponseCode) -> String {
    match code {
        ResponseCode::NXDomain => "there is no such name (NXDOMAIN)".to_owned(),
        ResponseCode::ServFail => "the resolver could not find out (SERVFAIL)".to_owned(),
        ResponseCode::Refused => "the resolver refused to answer (REFUSED)".to_owned(),
        other => format!("the resolver answered {other}"),
    }
}

fn records_of(message: &Message) -> Vec<NameRecord> {
    let of = |record: &hickory_proto::rr::Record| {
        let (kind, value) = match &record.data {
            RData::A(address) => ("A", address.0.to_string()),
            RData::AAAA(address) => ("AAAA", address.0.to_string()),
            RData::CNAME(name) => ("CNAME", shown(&name.0)),
            _ => return None,
        };
        Some(NameRecord {
            name: shown(&record.name),
            kind,
            value,
            ttl_seconds: record.ttl,
        })
    };
    message.answers.iter().filter_map(of).take(MOST_RECORDS).collect()
}

fn shown(name: &Name) -> String {
    name.to_ascii().trim_end_matches('.').to_owned()
}

async fn asked(resolver: SocketAddr, host: &str, kind: RecordType) -> io::Result<Message> {
    let mut name = Name::from_ascii(host).map_err(io::Error::other)?;
    name.set_fqdn(true);
    let mut question = Message::query();
    question.metadata.recursion_desired = true;
    question.add_query(Query::query(name, kind));
    let bytes = question.to_vec().map_err(io::Error::other)?;
    let answer = over_udp(resolver, &question, &bytes).await?;
    if answer.metadata.truncation {
        let whole = timeout(ATTEMPT, over_tcp(resolver, &question, &bytes)).await;
        return whole.unwrap_or_else(|_| Err(late()));
    }
    Ok(answer)
}

/// Whether `answer` is one to `question`: the number and the name must be ours (RFC 5452, 9.1).
fn answers(answer: &Message, question: &Message) -> bool {
    answer.metadata.id == question.metadata.id
        && answer.metadata.message_type == MessageType::Response
        && answer.queries == question.queries
}

async fn over_udp(resolver: SocketAddr, question: &Message, bytes: &[u8]) -> io::Result<Message> {
    let any: IpAddr = match resolver.ip() {
        IpAddr::V4(_) => Ipv4Addr::UNSPECIFIED.into(),
        IpAddr::V6(_) => Ipv6Addr::UNSPECIFIED.into(),
    };
    let socket = UdpSocket::bind((any, 0)).await?;
    // Of a connected socket, only what comes from the resolver is read.
    socket.connect(resolver).await?;
    let mut datagram = vec![0; LONGEST_DATAGRAM];
    for _ in 0..ATTEMPTS {
        socket.send(bytes).await?;
        let until = Instant::now() + ATTEMPT;
        while let Ok(received) = tokio::time::timeout_at(until, socket.recv(&mut datagram)).await {
            let length = received?;
            match Message::from_vec(&datagram[..length]) {
                Ok(answer) if answers(&answer, question) => return Ok(answer),
                // Somebody else's, or broken: the right one may still come.
                _ => {}
            }
        }
    }
    Err(late())
}

async fn over_tcp(resolver: SocketAddr, question: &Message, bytes: &[u8]) -> io::Result<Message> {
    let mut stream = TcpStream::connect(resolver).await?;
    let length = u16::try_from(bytes.len()).map_err(io::Error::other)?;
    stream
        .write_all(&[&length.to_be_bytes()[..], bytes].concat())
        .await?;
    let length = stream.read_u16().await?;
    let mut whole = vec![0; usize::from(length)];
    stream.read_exact(&mut whole).await?;
    match Message::from_vec(&whole) {
        Ok(answer) if answers(&answer, question) => Ok(answer),
        Ok(_) => Err(io::Error::other("an answer to another question")),
        Err(error) => Err(io::Error::other(error)),
    }
}

fn late() -> io::Error {
    io::Error::new(io::ErrorKind::TimedOut, "the resolver did not answer")
}

#[cfg(test)]
mod tests;
