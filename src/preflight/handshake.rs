//! TLS with one address: what is agreed on, which certificates are shown, whether they are trusted, and if not, why.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use serde::Serialize;
use tokio::net::TcpStream;
use tokio::time::{Instant, timeout};
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_rustls::rustls::pki_types::ServerName;
use tokio_rustls::rustls::version::{TLS12, TLS13};
use tokio_rustls::rustls::{
    CertificateError, ClientConfig, Error as RustlsError, ProtocolVersion, SupportedProtocolVersion,
};

use super::certificate::Certificate;
use super::finding::{Area, Finding};
use crate::scenario::{HttpVersion, TlsPlan};
use crate::transport::{Connect, Tcp, tls};

/// Certificates of one chain that are kept.
const MOST_CERTIFICATES: usize = 10;
/// A certificate that ends within so many days is a risk for a campaign.
const SOON: i64 = 14;

/// What a handshake showed.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Handshake {
    /// The version that was agreed on: `TLS 1.3` or `TLS 1.2`.
    pub version: Option<&'static str>,
    /// Every version that the address speaks, of those that are still safe.
    pub accepts: Vec<&'static str>,
    /// The protocol that was agreed on in it (ALPN): `h2`, `http/1.1`, or nothing.
    pub alpn: Option<String>,
    /// How long it took.
    pub milliseconds: f64,
    /// The certificates that were shown, the site's own first.
    pub chain: Vec<Certificate>,
    /// Why a visitor would not trust them, or why there was no handshake; nothing where all is well.
    pub problem: Option<Problem>,
}

/// Why a handshake fails. The words are those of the causes of `tipover explain`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Problem {
    /// The certificate is for other names.
    TlsName,
    /// It has ended, or does not hold yet.
    TlsExpired,
    /// Nobody who is trusted signed it.
    TlsUntrusted,
    /// No version of TLS is spoken by both.
    TlsVersion,
    /// The site wants a certificate of the client, or refuses it otherwise.
    TlsClientCertificate,
    /// What answers speaks no TLS.
    TlsPlainPort,
    /// Anything else.
    TlsHandshake,
}

/// How to shake hands with an address.
#[derive(Debug, Clone)]
pub(super) struct Manner<'a> {
    /// The scenario's TLS.
    pub(super) plan: &'a TlsPlan,
    /// The same, as settings of the TLS library.
    pub(super) config: Arc<ClientConfig>,
    /// The name that is asked for.
    pub(super) name: String,
    /// What is offered.
    pub(super) http: HttpVersion,
    /// How long TCP and TLS may take.
    pub(super) wait: Duration,
}

/// Shakes hands with `place` as a visitor does, and again by each version alone.
pub(super) async fn shake(place: SocketAddr, manner: &Manner<'_>) -> Handshake {
    let mut seen = Handshake {
        version: None,
        accepts: Vec::new(),
        alpn: None,
        milliseconds: 0.0,
        chain: Vec::new(),
        problem: None,
    };
    let begun = Instant::now();
    let trusting = attempt(place, manner, tls::offering(&manner.config, manner.http)).await;
    seen.milliseconds = begun.elapsed().as_secs_f64() * 1e3;
    match &trusting {
        Ok(stream) => seen.take(stream),
        Err(error) => seen.problem = Some(problem_of(error)),
    }
    // What answers nothing once would only be waited for again.
    if trusting.is_err_and(|error| error.kind() == io::ErrorKind::TimedOut) {
        return seen;
    }
    for (version, title) in [(&TLS13, "TLS 1.3"), (&TLS12, "TLS 1.2")] {
        if seen.version == Some(title) {
            seen.accepts.push(title);
        } else if let Some(stream) = by_version(place, manner, version).await {
            seen.accepts.push(title);
            if seen.chain.is_empty() {
                seen.take(&stream);
            }
        }
    }
    seen
}

impl Handshake {
    fn take(&mut self, stream: &TlsStream<TcpStream>) {
        let (_, connection) = stream.get_ref();
        self.version = match connection.protocol_version() {
            Some(ProtocolVersion::TLSv1_3) => Some("TLS 1.3"),
            Some(ProtocolVersion::TLSv1_2) => Some("TLS 1.2"),
            _ => None,
        };
        self.alpn = connection
            .alpn_protocol()
            .map(|name| String::from_utf8_lossy(name).into_owned());
        let shown = connection.peer_certificates().unwrap_or_default().iter();
        let read = shown
            .take(MOST_CERTIFICATES)
            .filter_map(|der| Certificate::read(der));
        self.chain = read.collect();
    }

    /// The site's own certificate.
    pub fn own(&self) -> Option<&Certificate> {
        self.chain.first()
    }

    /// What to say about it, asked for `name` at the second `now`.
    pub(super) fn findings(&self, name: &str, insecure: bool, now: i64) -> Vec<Finding> {
        let mut all = Vec::new();
        match self.problem {
            Some(problem) => all.push(self.trouble(problem, name)),
            None => all.push(Finding::ok(Area::Tls, self.agreed())),
        }
        if let Some(own) = self.own() {
            let days = own.days_left(now);
            let text = format!(
                "certificate for {}, by {}, until {} ({days} days)",
                own.for_whom(),
                own.issuer,
                own.last_day()
            );
            all.push(match days {
                _ if self.problem == Some(Problem::TlsExpired) => Finding::ok(Area::Tls, text),
                ..0 if insecure => Finding::warning(Area::Tls, text, "renew it: browsers refuse it"),
                ..SOON => Finding::warning(
                    Area::Tls,
                    text,
                    "renew it before the send, and see that its renewal is automatic",
                ),
                _ => Finding::ok(Area::Tls, text),
            });
        }
        if self.problem.is_none() && !self.accepts.contains(&"TLS 1.3") {
            all.push(Finding::warning(
                Area::Tls,
                "no TLS 1.3: each new visitor waits for one more round trip",
                "allow TLS 1.3 beside 1.2 (`ssl_protocols TLSv1.2 TLSv1.3` in nginx)",
            ));
        }
        all
    }

    fn agreed(&self) -> String {
        let took = super::address::in_millis(Duration::from_secs_f64(self.milliseconds / 1e3));
        let http = match self.alpn.as_deref() {
            Some("h2") => "HTTP/2",
            _ => "HTTP/1.1",
        };
        format!(
            "{} in {took}, {http}; speaks {}; {}",
            self.version.unwrap_or("TLS"),
            self.accepts.join(" and "),
            match self.chain.len() {
                1 => "1 certificate shown".to_owned(),
                many => format!("{many} certificates shown"),
            }
        )
    }

    fn trouble(&self, problem: Problem, name: &str) -> Finding {
        let own = self.own();
        let (text, remedy) = match problem {
            Problem::TlsName => (
                format!(
                    "the certificate is for {}, not for {name}",
                    own.map_or_else(|| "other names".to_owned(), Certificate::for_whom)
                ),
                "issue one with this name, or ask for a name that it carries (`tls: { server_name: … }`)".to_owned(),
            ),
            Problem::TlsExpired => (
                format!(
                    "the certificate ended on {}, or does not hold yet",
                    own.map_or_else(|| "?".to_owned(), Certificate::last_day)
                ),
                "renew it, reload the server, and watch its remaining days; see that both clocks are right".to_owned(),
            ),
            Problem::TlsUntrusted => self.untrusted(),
            Problem::TlsVersion => (
                "no common version of TLS: neither 1.2 nor 1.3 is spoken there".to_owned(),
                "allow TLS 1.2 and 1.3; browsers speak nothing older".to_owned(),
            ),
            Problem::TlsClientCertificate => (
                "the site refused the handshake: it wants a certificate of the client, or shares no cipher with it".to_owned(),
                "name one: `tls: { client_cert: me.pem, client_key: me.key }`".to_owned(),
            ),
            Problem::TlsPlainPort => (
                "what answers at this port speaks no TLS".to_owned(),
                "use `http://`, or the port that speaks TLS".to_owned(),
            ),
            Problem::TlsHandshake => (
                "the TLS handshake fails, or ends without a word".to_owned(),
                format!("try `openssl s_client -connect HOST:PORT -servername {name}`"),
            ),
        };
        Finding::error(Area::Tls, text, remedy)
    }

    fn untrusted(&self) -> (String, String) {
        match &self.chain[..] {
            [own] if own.is_its_own_issuer => (
                format!("the certificate of {} signed itself: nobody trusts it", own.subject),
                "use a certificate of a known authority; for a test, `--ca FILE` or `--insecure`".to_owned(),
            ),
            [own] => (
                format!(
                    "the certificate is shown alone, without that of its issuer {}",
                    own.issuer
                ),
                "let the server show the whole chain (`fullchain.pem`); for an authority of your own, `--ca FILE`"
                    .to_owned(),
            ),
            _ => (
                "the certificates lead to no authority that is trusted here".to_owned(),
                "for an authority of your own, `--ca FILE`; otherwise show the right chain".to_owned(),
            ),
        }
    }
}

async fn attempt(
    place: SocketAddr,
    manner: &Manner<'_>,
    config: Arc<ClientConfig>,
) -> io::Result<TlsStream<TcpStream>> {
    let name = ServerName::try_from(manner.name.clone()).map_err(io::Error::other)?;
    let whole = async {
        let stream = Tcp.connect(place).await?;
        TlsConnector::from(config).connect(name, stream).await
    };
    timeout(manner.wait, whole)
        .await
        .unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into()))
}

/// A handshake in this version alone, trusting anybody; nothing where there is none.
async fn by_version(
    place: SocketAddr,
    manner: &Manner<'_>,
    version: &'static SupportedProtocolVersion,
) -> Option<TlsStream<TcpStream>> {
    let config = tls::observing(manner.plan, version).ok()?;
    attempt(place, manner, tls::offering(&config, manner.http))
        .await
        .ok()
}

/// What is behind an error of the handshake.
fn problem_of(error: &io::Error) -> Problem {
    use tokio_rustls::rustls::AlertDescription as Alert;
    let inner = error
        .get_ref()
        .and_then(|inner| inner.downcast_ref::<RustlsError>());
    match inner {
        Some(RustlsError::InvalidCertificate(why)) => match why {
            CertificateError::Expired
            | CertificateError::ExpiredContext { .. }
            | CertificateError::NotValidYet
            | CertificateError::NotValidYetContext { .. } => Problem::TlsExpired,
            CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
                Problem::TlsName
            }
            _ => Problem::TlsUntrusted,
        },
        Some(RustlsError::InvalidMessage(_)) => Problem::TlsPlainPort,
        Some(RustlsError::PeerIncompatible(_)) => Problem::TlsVersion,
        Some(RustlsError::AlertReceived(alert)) => match alert {
            Alert::ProtocolVersion => Problem::TlsVersion,
            Alert::CertificateRequired | Alert::HandshakeFailure | Alert::BadCertificate => {
                Problem::TlsClientCertificate
            }
            Alert::UnrecognisedName => Problem::TlsName,
            _ => Problem::TlsHandshake,
        },
        _ => Problem::TlsHandshake,
    }
}
