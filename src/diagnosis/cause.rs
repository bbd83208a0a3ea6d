//! The one vocabulary for why an answer failed.

/// A closed list of words: what the program calls it, and what it prints.
macro_rules! words {
    ($(#[$about:meta])* $name:ident { $($(#[$doc:meta])* $variant:ident = $word:literal,)+ }) => {
        $(#[$about])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[repr(u8)]
        pub enum $name { $($(#[$doc])* $variant,)+ }

        impl $name {
            /// Every one of them, in order.
            pub const ALL: &'static [$name] = &[$($name::$variant,)+];

            /// The word it is printed as.
            pub const fn word(self) -> &'static str {
                match self { $($name::$variant => $word,)+ }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str(self.word())
            }
        }
    };
}
pub(super) use words;

words! {
    /// Why an answer failed. The order is the order among causes that are equally frequent: those that make others
    /// happen come first.
    Cause {
        /// Files, ports, connections or workers of the gateway itself ran out.
        GatewayExhausted = "gateway_exhausted",
        /// Every backend is marked as down, or none exists.
        NoLiveBackend = "no_live_backend",
        /// The pool of workers of the backend is as large as it may be.
        WorkerLimit = "worker_limit",
        /// A queue is full: backlog, pool, circuit breaker.
        QueueFull = "queue_full",
        /// A worker was killed while it worked.
        WorkerKilled = "worker_killed",
        /// The database takes no more connections.
        DatabaseLimit = "database_limit",
        /// A name has no address.
        Dns = "dns",
        /// The certificate is for another name.
        TlsName = "tls_name",
        /// The certificate has expired, or is not valid yet.
        TlsExpired = "tls_expired",
        /// Nobody trusted signed the certificate.
        TlsUntrusted = "tls_untrusted",
        /// No common version of TLS.
        TlsVersion = "tls_version",
        /// The backend wants a certificate of the gateway.
        TlsClientCertificate = "tls_client_certificate",
        /// TLS was spoken to a port that does not speak it.
        TlsPlainPort = "tls_plain_port",
        /// The handshake failed, and nothing says why.
        TlsHandshake = "tls_handshake",
        /// Nobody listens there.
        BackendRefused = "backend_refused",
        /// The network says that there is no way to it.
        BackendUnreachable = "backend_unreachable",
        /// Nobody answered the attempt to connect: dropped by a firewall, or a full backlog.
        ConnectTimeout = "connect_timeout",
        /// Connected, and no answer in time.
        BackendSlow = "backend_slow",
        /// Closed or reset before the answer.
        BackendClosed = "backend_closed",
        /// The answer began and did not end.
        AnswerCut = "answer_cut",
        /// What came is no HTTP.
        BadAnswer = "bad_answer",
        /// The header of the answer is larger than the gateway takes.
        HeaderTooBig = "header_too_big",
        /// A limit of requests or connections turned it away.
        RateLimited = "rate_limited",
        /// A rule turned it away.
        Denied = "denied",
        /// No rule says where it should go.
        NoRoute = "no_route",
        /// The application itself said so.
        ApplicationError = "application_error",
        /// The client went away first.
        ClientGone = "client_gone",
        /// The request itself was at fault.
        ClientError = "client_error",
        /// It failed, and the line does not say why.
        Unknown = "unknown",
        /// Nothing failed.
        Ok = "ok",
    }
}

/// Some of the causes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct CauseSet(u32);

impl CauseSet {
    /// Those in `causes`.
    pub const fn of(causes: &[Cause]) -> Self {
        let (mut bits, mut at) = (0, 0);
        while at < causes.len() {
            bits |= 1 << causes[at] as u32;
            at += 1;
        }
        Self(bits)
    }

    /// All that the TLS handshake with a backend can fail for.
    pub const TLS: Self = Self::of(&[
        Cause::TlsName,
        Cause::TlsExpired,
        Cause::TlsUntrusted,
        Cause::TlsVersion,
        Cause::TlsClientCertificate,
        Cause::TlsPlainPort,
        Cause::TlsHandshake,
    ]);

    /// Every cause for which a request fails: all but a client's own and `ok`.
    pub const FAILURES: Self = {
        let not = Self::of(&[
            Cause::ClientGone,
            Cause::ClientError,
            Cause::Ok,
            Cause::WorkerLimit,
        ]);
        Self(((1 << Cause::ALL.len()) - 1) & !not.0)
    };

    /// Whether `cause` is one of them.
    pub const fn holds(self, cause: Cause) -> bool {
        self.0 & (1 << cause as u32) != 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_is_its_own() {
        let mut words: Vec<&str> = Cause::ALL.iter().map(|cause| cause.word()).collect();
        words.sort_unstable();
        words.dedup();
        assert_eq!(words.len(), Cause::ALL.len());
        assert!(Cause::ALL.len() <= 32);
    }

    #[test]
    fn a_set_holds_what_it_was_made_of() {
        let some = CauseSet::of(&[Cause::Dns, Cause::Ok]);
        for cause in Cause::ALL {
            assert_eq!(some.holds(*cause), matches!(cause, Cause::Dns | Cause::Ok));
        }
        assert!(CauseSet::FAILURES.holds(Cause::BackendSlow));
        assert!(!CauseSet::FAILURES.holds(Cause::ClientGone));
    }
}
