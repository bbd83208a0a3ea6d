//! TLS as a target wants it: whom to trust, and what is offered in the handshake.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustls_platform_verifier::Verifier;
use tokio_rustls::rustls::client::Resumption;
use tokio_rustls::rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use tokio_rustls::rustls::crypto::{CryptoProvider, ring, verify_tls12_signature, verify_tls13_signature};
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use tokio_rustls::rustls::{
    ClientConfig, DigitallySignedStruct, Error as RustlsError, RootCertStore, SignatureScheme,
};

use crate::scenario::TlsPlan;

/// What is offered in the handshake, best first.
const PROTOCOLS: [&[u8]; 1] = [b"http/1.1"];

/// Where trusted certificates came from. Printed as the record's header has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trust {
    /// The system's store.
    System,
    /// Mozilla's list as built in: the system's store is empty.
    Bundled,
    /// A file of the scenario's.
    File,
    /// Any certificate is taken.
    None,
    /// No TLS is spoken.
    NotUsed,
}

impl fmt::Display for Trust {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Trust::System => "system",
            Trust::Bundled => "bundled",
            Trust::File => "file",
            Trust::None => "none (insecure)",
            Trust::NotUsed => "not used",
        })
    }
}

/// Why there is no TLS to be had.
#[derive(Debug)]
pub enum TlsError {
    /// The file of certificates cannot be read.
    Unreadable {
        /// Which file.
        path: PathBuf,
        /// What is wrong with it.
        why: String,
    },
    /// The file holds no certificate.
    NoCertificate {
        /// Which file.
        path: PathBuf,
    },
    /// The TLS library refused its settings.
    Settings(RustlsError),
}

impl fmt::Display for TlsError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            TlsError::Unreadable { path, why } => write!(formatter, "{}: {why}", path.display()),
            TlsError::NoCertificate { path } => {
                write!(formatter, "{}: no certificate in it", path.display())
            }
            TlsError::Settings(source) => write!(formatter, "set up TLS: {source}"),
        }
    }
}

impl std::error::Error for TlsError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            TlsError::Settings(source) => Some(source),
            _ => None,
        }
    }
}

impl TlsError {
    /// What to do about it, where something can be done.
    pub const fn hint(&self) -> Option<&'static str> {
        match self {
            TlsError::Unreadable { .. } | TlsError::NoCertificate { .. } => {
                Some("`ca` names a PEM file, which has lines like `-----BEGIN CERTIFICATE-----`")
            }
            TlsError::Settings(_) => None,
        }
    }
}

/// The client's side of TLS after `plan`. Sessions are never resumed: a connection is opened because a new visitor
/// comes, and a new visitor pays for a whole handshake.
///
/// # Errors
/// The file of certificates is unreadable or has none.
pub fn client_config(plan: &TlsPlan) -> Result<(Arc<ClientConfig>, Trust), TlsError> {
    let provider = Arc::new(ring::default_provider());
    let builder = ClientConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()
        .map_err(TlsError::Settings)?;
    let (builder, trust) = if plan.insecure {
        let anybody: Arc<dyn ServerCertVerifier> = Arc::new(Anybody(provider));
        (
            builder.dangerous().with_custom_certificate_verifier(anybody),
            Trust::None,
        )
    } else if let Some(path) = &plan.ca {
        (builder.with_root_certificates(roots_in(path)?), Trust::File)
    } else if let Ok(system) = Verifier::new(provider) {
        let system: Arc<dyn ServerCertVerifier> = Arc::new(system);
        (
            builder.dangerous().with_custom_certificate_verifier(system),
            Trust::System,
        )
    } else {
        let bundled = RootCertStore::from_iter(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
        (builder.with_root_certificates(bundled), Trust::Bundled)
    };
    let mut config = builder.with_no_client_auth();
    config.resumption = Resumption::disabled();
    config.alpn_protocols = PROTOCOLS.iter().map(|protocol| protocol.to_vec()).collect();
    Ok((Arc::new(config), trust))
}

fn roots_in(path: &Path) -> Result<RootCertStore, TlsError> {
    let unreadable = |why: String| TlsError::Unreadable {
        path: path.to_path_buf(),
        why,
    };
    let text = std::fs::read(path).map_err(|error| unreadable(error.to_string()))?;
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_slice_iter(&text) {
        let certificate = certificate.map_err(|error| unreadable(error.to_string()))?;
        roots
            .add(certificate)
            .map_err(|error| unreadable(error.to_string()))?;
    }
    if roots.is_empty() {
        return Err(TlsError::NoCertificate {
            path: path.to_path_buf(),
        });
    }
    Ok(roots)
}

/// Takes any certificate, as long as the other side holds its key.
#[derive(Debug)]
struct Anybody(Arc<CryptoProvider>);

impl ServerCertVerifier for Anybody {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, RustlsError> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, RustlsError> {
        let algorithms = &self.0.signature_verification_algorithms;
        verify_tls12_signature(message, certificate, signature, algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, RustlsError> {
        let algorithms = &self.0.signature_verification_algorithms;
        verify_tls13_signature(message, certificate, signature, algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}
