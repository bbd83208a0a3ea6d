//! TLS as a target wants it: whom to trust, and what is offered in the handshake.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustls_platform_verifier::Verifier;
use tokio_rustls::rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use tokio_rustls::rustls::client::{Resumption, WantsClientCert};
use tokio_rustls::rustls::crypto::{CryptoProvider, ring, verify_tls12_signature, verify_tls13_signature};
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime};
use tokio_rustls::rustls::{
    ClientConfig, ConfigBuilder, DigitallySignedStruct, Error as RustlsError, RootCertStore, SignatureScheme,
    SupportedProtocolVersion,
};

use crate::scenario::{ClientIdentity, HttpVersion, TlsPlan};

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
    /// The file holds no private key.
    NoKey {
        /// Which file.
        path: PathBuf,
    },
    /// The client certificate cannot be used: its key is for another one, or of a kind that is not known.
    Client {
        /// The file of the certificate.
        path: PathBuf,
        /// What is wrong with it.
        source: RustlsError,
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
            TlsError::NoKey { path } => write!(formatter, "{}: no private key in it", path.display()),
            TlsError::Client { path, source } => {
                write!(
                    formatter,
                    "{}: no client certificate to use: {source}",
                    path.display()
                )
            }
            TlsError::Settings(source) => write!(formatter, "set up TLS: {source}"),
        }
    }
}

impl std::error::Error for TlsError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            TlsError::Settings(source) | TlsError::Client { source, .. } => Some(source),
            _ => None,
        }
    }
}

impl TlsError {
    /// What to do about it, where something can be done.
    pub const fn hint(&self) -> Option<&'static str> {
        match self {
            TlsError::Unreadable { .. } | TlsError::NoCertificate { .. } => {
                Some("write the path of a PEM file, which has lines like `-----BEGIN CERTIFICATE-----`")
            }
            TlsError::NoKey { .. } => {
                Some("`client_key` names a PEM file with `-----BEGIN PRIVATE KEY-----`, not encrypted")
            }
            TlsError::Client { .. } => {
                Some("`client_key` must be the key of the first certificate in `client_cert`")
            }
            TlsError::Settings(_) => None,
        }
    }
}

/// The client's side of TLS after `plan`. Sessions are never resumed: a connection is opened because a new visitor
/// comes, and a new visitor pays for a whole handshake.
///
/// # Errors
/// A file of certificates or keys is unreadable or has none; a key is for another certificate.
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
    Ok((finished(builder, plan)?, trust))
}

/// TLS of `version` alone, as `plan` wants it but trusting anybody: for looking at a site, never for a load.
///
/// # Errors
/// As [`client_config`].
pub(crate) fn observing(
    plan: &TlsPlan,
    version: &'static SupportedProtocolVersion,
) -> Result<Arc<ClientConfig>, TlsError> {
    let provider = Arc::new(ring::default_provider());
    let builder = ClientConfig::builder_with_provider(Arc::clone(&provider))
        .with_protocol_versions(&[version])
        .map_err(TlsError::Settings)?;
    let anybody: Arc<dyn ServerCertVerifier> = Arc::new(Anybody(provider));
    finished(
        builder.dangerous().with_custom_certificate_verifier(anybody),
        plan,
    )
}

/// Who we are, where the site wants to know; and no session is resumed.
fn finished(
    builder: ConfigBuilder<ClientConfig, WantsClientCert>,
    plan: &TlsPlan,
) -> Result<Arc<ClientConfig>, TlsError> {
    let mut config = match &plan.client {
        None => builder.with_no_client_auth(),
        Some(client) => {
            let (certificates, key) = identity(client)?;
            let path = || client.certificate.clone();
            builder
                .with_client_auth_cert(certificates, key)
                .map_err(|source| TlsError::Client { path: path(), source })?
        }
    };
    config.resumption = Resumption::disabled();
    Ok(Arc::new(config))
}

/// `config`, with the versions of HTTP that are offered in the handshake (ALPN), best first.
pub(crate) fn offering(config: &Arc<ClientConfig>, http: HttpVersion) -> Arc<ClientConfig> {
    let names: &[&[u8]] = match http {
        HttpVersion::Auto => &[b"h2", b"http/1.1"],
        HttpVersion::One => &[b"http/1.1"],
        HttpVersion::Two => &[b"h2"],
    };
    let mut config = ClientConfig::clone(config);
    config.alpn_protocols = names.iter().map(|name| name.to_vec()).collect();
    Arc::new(config)
}

fn identity(
    client: &ClientIdentity,
) -> Result<(Vec<CertificateDer<'static>>, PrivateKeyDer<'static>), TlsError> {
    let certificates = certificates_in(&client.certificate)?;
    let text = read(&client.key)?;
    let key = PrivateKeyDer::pem_slice_iter(&text).next();
    let key = key.and_then(Result::ok).ok_or_else(|| TlsError::NoKey {
        path: client.key.clone(),
    })?;
    Ok((certificates, key))
}

fn read(path: &Path) -> Result<Vec<u8>, TlsError> {
    std::fs::read(path).map_err(|error| unreadable(path, &error))
}

fn unreadable(path: &Path, why: &dyn fmt::Display) -> TlsError {
    TlsError::Unreadable {
        path: path.to_path_buf(),
        why: why.to_string(),
    }
}

/// Every certificate of a PEM file; at least one.
fn certificates_in(path: &Path) -> Result<Vec<CertificateDer<'static>>, TlsError> {
    let text = read(path)?;
    let all: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&text).collect();
    let all = all.map_err(|error| unreadable(path, &error))?;
    if all.is_empty() {
        return Err(TlsError::NoCertificate {
            path: path.to_path_buf(),
        });
    }
    Ok(all)
}

fn roots_in(path: &Path) -> Result<RootCertStore, TlsError> {
    let mut roots = RootCertStore::empty();
    for certificate in certificates_in(path)? {
        roots.add(certificate).map_err(|error| unreadable(path, &error))?;
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
