//! A scenario after every check: nothing in here can be wrong by itself any more.
//! It knows nothing of YAML, of files, or of how a request is made.

use std::fmt;
use std::net::IpAddr;
use std::path::PathBuf;
use std::time::Duration;

use url::Url;

use super::campaign::Campaign;
use super::journey::Journeys;
use super::plan::{LoadPlan, SearchPlan, StopRules};
use super::sources::SourceAddresses;
use super::watched::Watched;
use crate::units::Rate;

/// A scenario, ready to be played.
#[derive(Debug, Clone)]
pub struct Scenario {
    /// Its name; from the file or the host where none was written.
    pub name: String,
    /// The site.
    pub target: Target,
    /// What visitors do.
    pub journeys: Journeys,
    /// What the site carries already, in pages per second.
    pub baseline: Rate,
    /// Who will come.
    pub campaigns: Vec<Campaign>,
    /// What `run` plays.
    pub load: LoadPlan,
    /// How `find` searches.
    pub search: SearchPlan,
    /// When to stop early.
    pub stop: StopRules,
    /// Who allowed the load.
    pub authorization: Option<Authorization>,
    /// Whether steps that may change something are allowed against a site that is not local.
    pub side_effects: bool,
    /// What must hold, as written; judged after the run.
    pub thresholds: Vec<String>,
    /// The local addresses that requests are sent from; empty where the system chooses.
    pub source_addresses: SourceAddresses,
    /// Server logs that are followed while a load is played.
    pub logs: Vec<Watched>,
    /// Status pages that are read each second while a load is played.
    pub status: Vec<Watched>,
    /// Languages of the report: `en`, `de`.
    pub languages: Vec<String>,
    /// The scenario as it was understood, as YAML, secrets redacted.
    pub effective: String,
    /// Values that must never be written anywhere.
    pub secrets: Vec<Secret>,
}

/// A value that must not reach a record, a report, a log or a process list.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Keeps `value` secret.
    pub fn new(value: impl Into<String>) -> Self {
        Self(value.into())
    }

    /// The value, for the wire only.
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// `text` with each of `secrets` that stands in it taken out.
    pub fn conceal(text: &str, secrets: &[Secret]) -> String {
        let known = secrets.iter().filter(|secret| !secret.0.is_empty());
        known.fold(text.to_owned(), |text, secret| {
            text.replace(&secret.0, "<secret>")
        })
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("<secret>")
    }
}

/// The site under test and how to reach it.
#[derive(Debug, Clone)]
pub struct Target {
    /// `http` or `https`, host, port and base path; no user, no query, no fragment.
    pub url: Url,
    /// What the site stands for, where it was said.
    pub stands_for: Option<StandsFor>,
    /// Sent with every request.
    pub headers: Vec<Header>,
    /// Addresses that replace DNS, as `curl --resolve` does.
    pub resolve: Vec<Resolve>,
    /// TLS settings.
    pub tls: TlsPlan,
    /// How long to wait.
    pub timeouts: Timeouts,
    /// When to open a connection.
    pub connections: Connections,
    /// Which version of HTTP to speak.
    pub http: HttpVersion,
    /// Through which proxy to go.
    pub proxy: ProxyPlan,
    /// How large an answer may be.
    pub caps: AnswerCaps,
}

/// Which version of HTTP is spoken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum HttpVersion {
    /// Over TLS what the site prefers of HTTP/2 and HTTP/1.1, HTTP/1.1 otherwise: as browsers do.
    #[default]
    Auto,
    /// HTTP/1.1.
    One,
    /// HTTP/2; without TLS by prior knowledge (RFC 9113, 3.3).
    Two,
}

impl fmt::Display for HttpVersion {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            HttpVersion::Auto => "auto",
            HttpVersion::One => "1.1",
            HttpVersion::Two => "2",
        })
    }
}

/// Through which proxy requests go.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum ProxyPlan {
    /// The one that the environment names, if it names one.
    #[default]
    Environment,
    /// None, whatever the environment names.
    None,
    /// This one: `http`, host and port; perhaps a user and a password.
    At(ProxyAddress),
}

/// A proxy that speaks HTTP.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProxyAddress {
    /// Its host: a name in lower case, or an address literal without brackets.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// `user:password`, where it asks for them.
    pub credentials: Option<Secret>,
}

/// How large an answer may be before it is `too_large`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AnswerCaps {
    /// Bytes of the head, status line and headers; at least 8,192.
    pub head: usize,
    /// Headers.
    pub headers: usize,
    /// Bytes of the body.
    pub body: u64,
}

impl Default for AnswerCaps {
    fn default() -> Self {
        Self {
            head: 64 << 10,
            headers: 100,
            body: 16 << 20,
        }
    }
}

/// What a measured site stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StandsFor {
    /// It is the production site.
    Production,
    /// A staging site: what it carries is no promise for production.
    Staging,
    /// A copy of production.
    Copy,
}

impl fmt::Display for StandsFor {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            StandsFor::Production => "production",
            StandsFor::Staging => "staging",
            StandsFor::Copy => "copy",
        })
    }
}

/// A header of a request. Its value may be secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Header {
    /// Its name, a valid token.
    pub name: String,
    /// Its value: visible ASCII, spaces and tabs.
    pub value: Secret,
}

/// An address for a host, instead of DNS.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Resolve {
    /// The host name, in lower case.
    pub host: String,
    /// The port for which it holds; every port where none is given.
    pub port: Option<u16>,
    /// Its address; a host may have several entries, which take turns.
    pub address: IpAddr,
}

/// TLS settings of a target.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TlsPlan {
    /// A file of PEM certificates to trust instead of the system's.
    pub ca: Option<PathBuf>,
    /// Trust any certificate.
    pub insecure: bool,
    /// Who we are to the site.
    pub client: Option<ClientIdentity>,
    /// The name that is asked for in the handshake (SNI) and that the certificate must be for; the host's own where
    /// none is given.
    pub server_name: Option<String>,
}

/// A client certificate and its key, both PEM files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClientIdentity {
    /// The certificate, with the ones between it and its authority.
    pub certificate: PathBuf,
    /// The private key, not encrypted; may be the same file.
    pub key: PathBuf,
}

/// How long to wait for a site.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timeouts {
    /// For TCP and TLS together; 5 s unless said otherwise.
    pub connect: Duration,
    /// From sending the request to the end of the answer; 30 s unless said otherwise.
    pub answer: Duration,
    /// For a whole step, from its first connection to the end of its answer, a second attempt included; no bound of its
    /// own unless said so.
    pub step: Option<Duration>,
}

impl Default for Timeouts {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(5),
            answer: Duration::from_secs(30),
            step: None,
        }
    }
}

/// When to open a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Connections {
    /// Each visitor is a new client, and keeps its connection for its visit.
    #[default]
    PerVisitor,
    /// Visitors share connections that are kept alive.
    Pooled,
    /// Each request opens its own.
    PerRequest,
}

impl fmt::Display for Connections {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Connections::PerVisitor => "per_visitor",
            Connections::Pooled => "pooled",
            Connections::PerRequest => "per_request",
        })
    }
}

/// Who allowed the load. It records consent; it proves nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Authorization {
    /// Who owns the site.
    pub owner: Option<String>,
    /// Who said yes.
    pub approved_by: ApprovedBy,
    /// Whether the hosting company knows.
    pub hosting_informed: Option<bool>,
    /// The last day on which it holds, `YYYY-MM-DD`.
    pub valid_until: Option<jiff::civil::Date>,
    /// The hosts for which it holds, in lower case.
    pub hosts: Vec<String>,
}

/// The name or address of the person who said yes.
pub type ApprovedBy = String;
