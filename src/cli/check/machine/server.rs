//! A site on loopback that does as little as a site can: it reads a request and writes the same answer, with TLS on a
//! second port. One thread, for this process only.

use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::thread::JoinHandle;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::LocalSet;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};

/// Bytes of the answer's body.
const BODY: usize = 600;
/// Requests that are longer are no requests of ours.
const LONGEST_REQUEST: usize = 4_096;

/// The site; dropping it ends it.
pub(super) struct Server {
    /// Where it answers without TLS.
    pub(super) plain: SocketAddr,
    /// Where it answers with TLS.
    pub(super) secure: SocketAddr,
    stop: watch::Sender<bool>,
    thread: Option<JoinHandle<()>>,
}

impl Server {
    /// Starts it on two ports that the system chooses.
    ///
    /// # Errors
    /// No port, no thread, or no certificate can be had.
    pub(super) fn start() -> io::Result<Self> {
        let acceptor = TlsAcceptor::from(Arc::new(tls()?));
        let (stop, stopped) = watch::channel(false);
        let (bound, is_bound) = std::sync::mpsc::channel();
        let thread = std::thread::Builder::new()
            .name("loopback-site".to_owned())
            .spawn(move || {
                let runtime = match tokio::runtime::Builder::new_current_thread().enable_all().build() {
                    Ok(runtime) => runtime,
                    Err(error) => return drop(bound.send(Err(error))),
                };
                let serving = async move {
                    let listeners = match (listener().await, listener().await) {
                        (Ok(plain), Ok(secure)) => (plain, secure),
                        (Err(error), _) | (_, Err(error)) => return drop(bound.send(Err(error))),
                    };
                    let ends = listeners
                        .0
                        .local_addr()
                        .and_then(|plain| Ok((plain, listeners.1.local_addr()?)));
                    drop(bound.send(ends));
                    serve(listeners, acceptor, stopped).await;
                };
                LocalSet::new().block_on(&runtime, serving);
                runtime.shutdown_background();
            })?;
        let (plain, secure) = is_bound.recv().map_err(io::Error::other)??;
        Ok(Self {
            plain,
            secure,
            stop,
            thread: Some(thread),
        })
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stop.send_replace(true);
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            tracing::error!("the site on loopback panicked");
        }
    }
}

async fn listener() -> io::Result<TcpListener> {
    TcpListener::bind((IpAddr::V4(Ipv4Addr::LOCALHOST), 0)).await
}

async fn serve(
    (plain, secure): (TcpListener, TcpListener),
    acceptor: TlsAcceptor,
    mut stopped: watch::Receiver<bool>,
) {
    let answer: Arc<[u8]> = format!(
        "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: {BODY}\r\n\r\n{}",
        "x".repeat(BODY)
    )
    .into_bytes()
    .into();
    loop {
        tokio::select! {
            accepted = plain.accept() => if let Ok((stream, _)) = accepted {
                drop(stream.set_nodelay(true));
                tokio::task::spawn_local(converse(stream, Arc::clone(&answer)));
            } else {
                // Out of files for a moment: a connection that ends makes room.
                tokio::task::yield_now().await;
            },
            accepted = secure.accept() => if let Ok((stream, _)) = accepted {
                drop(stream.set_nodelay(true));
                let (acceptor, answer) = (acceptor.clone(), Arc::clone(&answer));
                tokio::task::spawn_local(async move {
                    if let Ok(stream) = acceptor.accept(stream).await {
                        converse(stream, answer).await;
                    }
                });
            } else {
                tokio::task::yield_now().await;
            },
            _ = stopped.changed() => return,
        }
    }
}

/// Answers requests without a body until the other side has enough.
async fn converse(mut stream: impl AsyncRead + AsyncWrite + Unpin, answer: Arc<[u8]>) {
    let mut request = Vec::with_capacity(512);
    loop {
        match stream.read_buf(&mut request).await {
            Ok(0) | Err(_) => return,
            Ok(_) if request.len() > LONGEST_REQUEST => return,
            Ok(_) => {}
        }
        if request.ends_with(b"\r\n\r\n") {
            request.clear();
            if stream.write_all(&answer).await.is_err() || stream.flush().await.is_err() {
                return;
            }
        }
    }
}

/// A certificate for this moment only; no session is resumed, so that each handshake is a full one.
fn tls() -> io::Result<ServerConfig> {
    let key = rcgen::KeyPair::generate().map_err(io::Error::other)?;
    let certificate = rcgen::CertificateParams::new(["127.0.0.1".to_owned()])
        .and_then(|parameters| parameters.self_signed(&key))
        .map_err(io::Error::other)?;
    let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(key.serialize_der()));
    let mut config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(io::Error::other)?
        .with_no_client_auth()
        .with_single_cert(vec![certificate.der().clone()], key)
        .map_err(io::Error::other)?;
    config.send_tls13_tickets = 0;
    Ok(config)
}
