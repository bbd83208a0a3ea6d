//! How requests are sent, and how much of an answer is taken.

use std::sync::Arc;

use tokio_rustls::rustls::ClientConfig;

use super::Pinned;
use crate::scenario::{Connections, Timeouts};

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

/// How requests are sent.
#[derive(Debug, Clone)]
pub struct HttpSettings {
    /// When a connection is opened.
    pub connections: Connections,
    /// How long to wait.
    pub timeouts: Timeouts,
    /// The only addresses that are contacted.
    pub pinned: Arc<Pinned>,
    /// Whom to trust; needed for `https`.
    pub tls: Option<Arc<ClientConfig>>,
    /// How large an answer may be.
    pub caps: AnswerCaps,
}
