//! The server of the work that is more than one small answer: a shop over TLS that wants its cookie and its token back,
//! and the same 600 bytes over HTTP/2. One thread, in a process of its own. It counts visits that went right to their
//! end, and requests over HTTP/2.

use std::cell::RefCell;
use std::convert::Infallible;
use std::io;
use std::net::Ipv4Addr;
use std::process::ExitCode;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Instant;

use bytes::Bytes;
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{LocalSet, spawn_local};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};

use super::server::Seen;

/// The words that make this program one of the servers.
pub(crate) const SHOP: &str = "--shop";
pub(crate) const STREAMS: &str = "--streams";

#[derive(Default)]
struct Book {
    seen: Seen,
    first: Option<Instant>,
}

impl Book {
    fn count(&mut self) {
        let first = *self.first.get_or_insert_with(Instant::now);
        self.seen.requests += 1;
        self.seen.span = first.elapsed().as_secs_f64();
    }
}

/// Serves until the other end of stdin is gone.
pub(crate) fn serve(is_shop: bool) -> ExitCode {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let served = runtime.and_then(|runtime| {
        let served = LocalSet::new().block_on(&runtime, play(is_shop));
        runtime.shutdown_background();
        served
    });
    match served {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: failed to serve: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn play(is_shop: bool) -> io::Result<()> {
    tipover::drive::raise_file_limit();
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
    println!("{}", listener.local_addr()?.port());
    let book = Rc::new(RefCell::new(Book::default()));
    let acceptor = TlsAcceptor::from(Arc::new(tls()?));
    let mut asked = BufReader::new(tokio::io::stdin()).lines();
    loop {
        tokio::select! {
            accepted = listener.accept() => {
                let (stream, _) = accepted?;
                stream.set_nodelay(true)?;
                let (book, acceptor) = (Rc::clone(&book), acceptor.clone());
                spawn_local(async move {
                    // A visitor who leaves is no news.
                    if is_shop {
                        drop(visit(stream, acceptor, &book).await);
                    } else {
                        drop(streams(stream, &book).await);
                    }
                });
            }
            line = asked.next_line() => {
                if line?.is_none() {
                    return Ok(());
                }
                let seen = std::mem::take(&mut *book.borrow_mut()).seen;
                println!("{}", serde_json::to_string(&seen).map_err(io::Error::other)?);
            }
        }
    }
}

async fn visit(stream: TcpStream, acceptor: TlsAcceptor, book: &RefCell<Book>) -> io::Result<()> {
    let mut stream = acceptor.accept(stream).await?;
    let mut request = Vec::with_capacity(2_048);
    let mut steps = 0;
    while stream.read_buf(&mut request).await? > 0 {
        if !is_whole(&request) {
            continue;
        }
        let text = String::from_utf8_lossy(&request).into_owned();
        request.clear();
        let knows = text.to_ascii_lowercase().contains("cookie: visit=abc123");
        let (status, cookie, body) = if text.starts_with("GET / ") {
            let page = "<p>words</p>".repeat(100);
            let page = format!("<form><input type=\"hidden\" name=\"token\" value=\"t0k3n\"></form>{page}");
            ("200 OK", "Set-Cookie: visit=abc123; Path=/\r\n", page)
        } else if knows && text.starts_with("GET /cart ") {
            ("200 OK", "", "x".repeat(600))
        } else if knows && text.starts_with("POST /order ") && text.contains("token=t0k3n") {
            ("200 OK", "", "y".repeat(600))
        } else {
            (
                "403 Forbidden",
                "",
                "a visitor without cookie or token".to_owned(),
            )
        };
        steps += u32::from(status == "200 OK");
        let length = body.len();
        let answer = format!(
            "HTTP/1.1 {status}\r\nContent-Type: text/html\r\nContent-Length: {length}\r\n{cookie}\r\n{body}"
        );
        stream.write_all(answer.as_bytes()).await?;
        stream.flush().await?;
        if steps == 3 {
            book.borrow_mut().count();
            steps = 0;
        }
    }
    Ok(())
}

fn is_whole(request: &[u8]) -> bool {
    let Some(end) = request.windows(4).position(|window| window == b"\r\n\r\n") else {
        return false;
    };
    let head = String::from_utf8_lossy(&request[..end]).to_ascii_lowercase();
    let length = head
        .lines()
        .find_map(|line| line.strip_prefix("content-length:")?.trim().parse().ok());
    request.len() >= end + 4 + length.unwrap_or(0_usize)
}

async fn streams(stream: TcpStream, book: &Rc<RefCell<Book>>) -> hyper::Result<()> {
    let body = Bytes::from(vec![b'x'; 600]);
    let book = Rc::clone(book);
    let service = hyper::service::service_fn(move |request: Request<Incoming>| {
        drop(request);
        book.borrow_mut().count();
        let answer = Response::new(Full::new(body.clone()));
        async { Ok::<_, Infallible>(answer) }
    });
    hyper::server::conn::http2::Builder::new(Local)
        .serve_connection(TokioIo::new(stream), service)
        .await
}

#[derive(Clone, Copy)]
struct Local;

impl<F: Future + 'static> hyper::rt::Executor<F> for Local {
    fn execute(&self, task: F) {
        spawn_local(async move {
            task.await;
        });
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
