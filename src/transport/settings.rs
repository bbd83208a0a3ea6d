//! How requests are sent, and how much of an answer is taken.

use std::sync::Arc;

use tokio_rustls::rustls::ClientConfig;

use super::{Pinned, Proxy};
pub use crate::scenario::AnswerCaps;
use crate::scenario::{Connections, HttpVersion, Target, Timeouts};

/// How requests are sent.
#[derive(Debug, Clone, Default)]
pub struct HttpSettings {
    /// When a connection is opened.
    pub connections: Connections,
    /// Which version of HTTP is spoken.
    pub http: HttpVersion,
    /// How long to wait.
    pub timeouts: Timeouts,
    /// The only addresses that are contacted.
    pub pinned: Arc<Pinned>,
    /// Whom to trust; needed for `https`.
    pub tls: Option<Arc<ClientConfig>>,
    /// The name for the TLS handshake, where it is not the host's.
    pub server_name: Option<Arc<str>>,
    /// The proxy that every connection goes through, where there is one.
    pub proxy: Option<Arc<Proxy>>,
    /// How large an answer may be.
    pub caps: AnswerCaps,
}

impl HttpSettings {
    /// As `target` wants it: on `pinned` addresses or through `proxy`, with `tls` for `https`.
    pub fn of(
        target: &Target,
        pinned: Pinned,
        tls: Option<Arc<ClientConfig>>,
        proxy: Option<Arc<Proxy>>,
    ) -> Self {
        Self {
            connections: target.connections,
            http: target.http,
            timeouts: target.timeouts,
            pinned: Arc::new(pinned),
            tls,
            server_name: target.tls.server_name.as_deref().map(Arc::from),
            proxy,
            caps: target.caps,
        }
    }
}
