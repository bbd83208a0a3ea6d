//! One address of a site, from the handshake to an answer.

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use tokio::net::TcpStream;
use tokio::time::{Instant, timeout};
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::ProtocolVersion;
use tokio_rustls::rustls::pki_types::ServerName;

use super::Note;
use crate::record::Class;
use crate::scenario::HttpVersion;
use crate::transport::{
    Answer, Connect, Ended, Evidence, HttpSettings, HttpTransport, Request, RunClock, Tcp, Transport,
    redirected, tls,
};

/// A site of which one backend in four is broken is worth a load; one that fails so often in a row is not.
const ATTEMPTS: u32 = 3;
/// Redirects that are followed.
const MOST_REDIRECTS: usize = 10;

/// What was seen at one address.
pub(super) struct Look {
    pub(super) address: IpAddr,
    pub(super) notes: Vec<Note>,
    /// Whether TCP got through.
    pub(super) is_connected: bool,
    /// How it fails, where it does.
    pub(super) broken: Option<(Class, String)>,
    /// The version of HTTP that was spoken, where any was.
    pub(super) http: Option<&'static str>,
}

/// Looks at `place`, which is the only address that `settings` pin for the host of `request`; or a proxy's.
pub(super) async fn look_at(place: SocketAddr, settings: &HttpSettings, request: &Request) -> Look {
    let mut look = Look {
        address: place.ip(),
        notes: Vec::new(),
        is_connected: false,
        broken: None,
        http: None,
    };
    let mut http = plain_version(settings);
    let begun = Instant::now();
    let stream = timeout(settings.timeouts.connect, Tcp.connect(place)).await;
    if request.origin.tls && settings.proxy.is_some() {
        http = None;
    }
    if let Ok(Ok(stream)) = stream {
        let took = in_millis(begun.elapsed());
        look.is_connected = true;
        look.notes.push(Note::good(format!("{place}: TCP ok in {took}")));
        // Behind a proxy the handshake comes after a tunnel, and is looked at with the request.
        if request.origin.tls && settings.proxy.is_none() {
            let seen = handshake(stream, settings, request).await;
            http = seen.as_ref().map(|(_, version)| *version);
            look.notes.extend(seen.map(|(note, _)| note));
        }
    }
    // What fails above fails here again, and here it has its class.
    let transport =
        HttpTransport::new(settings.clone(), RunClock::starting_at(Instant::now())).with_all_evidence();
    for attempt in 1..=ATTEMPTS {
        let (answer, last) = followed(&transport, request, place, &mut look.notes).await;
        let seen = words(&answer, &last);
        let failure = match answer.ended {
            Ended::Site(class) if is_broken(class) => class,
            Ended::Site(class) => {
                let ok = class.is_success() && !matches!(class, Class::Status(300..=399));
                look.notes.push(Note::new(ok, format!("{place}: {seen}")));
                look.broken = None;
                look.http = http;
                break;
            }
            Ended::Ours(reason) => {
                let text = format!("{place}: not looked at, for a reason of this machine: {reason}");
                look.notes.push(Note::bad(text));
                break;
            }
        };
        let note = Note::bad(format!("{place}: {seen}"));
        look.broken = Some((failure, note.text.clone()));
        look.notes.push(note);
        if attempt == ATTEMPTS || is_lasting(failure) {
            break;
        }
    }
    look
}

/// The answer that a visitor comes to, and the request that brought it: redirects are followed as visitors follow them,
/// where the request looks for them.
async fn followed(
    transport: &HttpTransport,
    request: &Request,
    place: SocketAddr,
    notes: &mut Vec<Note>,
) -> (Answer, Request) {
    let mut visitor = transport.visitor();
    let mut request = request.clone();
    let mut answer = transport.play(&mut visitor, &request).await;
    for _ in 0..MOST_REDIRECTS {
        let next = answer
            .inside
            .as_deref()
            .and_then(|inside| redirected(&request, inside));
        let Some(next) = next else { break };
        notes.push(Note::good(format!("{place}: {}", words(&answer, &request))));
        request = next;
        answer = transport.play(&mut visitor, &request).await;
    }
    (answer, request)
}

/// Any 5xx, and anything that is no whole answer.
fn is_broken(class: Class) -> bool {
    class.is_transport() || matches!(class, Class::Status(500..=599))
}

/// Whether asking again at once would tell nothing new.
const fn is_lasting(class: Class) -> bool {
    matches!(
        class,
        Class::Refused | Class::ConnectTimeout | Class::AnswerTimeout | Class::Tls | Class::Dns
    )
}

/// The version that is spoken without TLS.
fn plain_version(settings: &HttpSettings) -> Option<&'static str> {
    Some(match settings.http {
        HttpVersion::Two => "2",
        HttpVersion::Auto | HttpVersion::One => "1.1",
    })
}

/// How long the TLS handshake took, and which version of HTTP was agreed on in it; nothing where it failed.
async fn handshake(
    stream: TcpStream,
    settings: &HttpSettings,
    request: &Request,
) -> Option<(Note, &'static str)> {
    let config = tls::offering(settings.tls.as_ref()?, settings.http);
    let name = settings.server_name.as_deref().unwrap_or(&request.origin.host);
    let name = ServerName::try_from(name.to_owned()).ok()?;
    let begun = Instant::now();
    let connecting = TlsConnector::from(config).connect(name, stream);
    let stream = timeout(settings.timeouts.connect, connecting).await.ok()?.ok()?;
    let version = match stream.get_ref().1.protocol_version() {
        Some(ProtocolVersion::TLSv1_3) => "TLS 1.3",
        Some(ProtocolVersion::TLSv1_2) => "TLS 1.2",
        _ => "TLS",
    };
    let took = in_millis(begun.elapsed());
    let http = match stream.get_ref().1.alpn_protocol() {
        Some(b"h2") => "2",
        _ => "1.1",
    };
    let note = Note::good(format!("{version} ok in {took}, HTTP/{http}"));
    Some((note, http))
}

/// `GET /sale → 200 in 12 ms, Server: nginx`.
fn words(answer: &Answer, request: &Request) -> String {
    let took = in_millis(answer.done.since(answer.sent));
    let ended = match answer.ended {
        Ended::Site(class) => class.to_string(),
        Ended::Ours(reason) => reason.to_string(),
    };
    let mut words = format!("{} {} → {ended} in {took}", request.method, request.path.path());
    let Some(evidence) = &answer.evidence else {
        return words;
    };
    for (name, shown) in [("server", "Server"), ("via", "Via"), ("location", "Location")] {
        if let Some(value) = header(evidence, name) {
            // A query may hold what is nobody's business.
            let value = value.split('?').next().unwrap_or_default();
            words.push_str(&format!(", {shown}: {value}"));
        }
    }
    if let Some(error) = &evidence.error {
        words.push_str(&format!(": {error}"));
    }
    words
}

fn header<'a>(evidence: &'a Evidence, name: &str) -> Option<&'a str> {
    let mut headers = evidence.headers.iter();
    headers
        .find(|(found, _)| found == name)
        .map(|(_, value)| value.as_str())
}

pub(super) fn in_millis(length: Duration) -> String {
    let millis = length.as_secs_f64() * 1e3;
    if millis < 10.0 {
        format!("{millis:.1} ms")
    } else {
        format!("{millis:.0} ms")
    }
}
