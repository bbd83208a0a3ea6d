//! The gateway: forwards every request to the backend over TCP, limits the rate where it is told to, and answers
//! 502, 503 or 504 in its own name where no answer is to be had.

use std::cell::RefCell;
use std::convert::Infallible;
use std::net::SocketAddr;
use std::rc::Rc;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::client::conn::http1::{self as client, SendRequest};
use hyper::header::{HOST, HeaderValue};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio::task::spawn_local;
use tokio::time::timeout;

use super::bucket::Bucket;
use super::page;
use crate::model::SiteSpec;
use crate::transport::RunClock;

/// Forwards to one backend over connections that it keeps.
#[derive(Debug)]
pub(super) struct Gateway {
    clock: RunClock,
    backend: SocketAddr,
    patience: Duration,
    limiter: Option<RefCell<Bucket>>,
    idle: RefCell<Vec<SendRequest<Incoming>>>,
}

/// The backend gave no answer.
#[derive(Debug)]
struct NoAnswer;

impl From<hyper::Error> for NoAnswer {
    fn from(_: hyper::Error) -> Self {
        Self
    }
}

impl From<std::io::Error> for NoAnswer {
    fn from(_: std::io::Error) -> Self {
        Self
    }
}

impl Gateway {
    pub(super) fn new(spec: &SiteSpec, backend: SocketAddr, clock: RunClock) -> Self {
        let limiter = spec
            .limit
            .map(|(rate, burst)| RefCell::new(Bucket::new(rate, burst)));
        Self {
            clock,
            backend,
            patience: spec.timeout,
            limiter,
            idle: RefCell::new(Vec::new()),
        }
    }

    /// Serves one visitor's connection to its end.
    pub(super) async fn serve(self: Rc<Self>, stream: TcpStream) {
        let service = service_fn(move |request| Rc::clone(&self).answer(request));
        // A visitor who leaves early is no failure of the site.
        let _ = http1::Builder::new()
            .serve_connection(TokioIo::new(stream), service)
            .await;
    }

    async fn answer(self: Rc<Self>, request: Request<Incoming>) -> Result<Response<Full<Bytes>>, Infallible> {
        if let Some(limiter) = &self.limiter
            && !limiter.borrow_mut().allows(self.clock.now())
        {
            return Ok(page::failure(StatusCode::SERVICE_UNAVAILABLE));
        }
        Ok(match timeout(self.patience, self.forward(request)).await {
            Ok(Ok(answer)) => page::signed(answer),
            Ok(Err(NoAnswer)) => page::failure(StatusCode::BAD_GATEWAY),
            Err(_) => page::failure(StatusCode::GATEWAY_TIMEOUT),
        })
    }

    /// One exchange with the backend, never tried twice: a retry would hide its refusals.
    async fn forward(&self, request: Request<Incoming>) -> Result<Response<Full<Bytes>>, NoAnswer> {
        let (visitor, body) = request.into_parts();
        let mut forwarded = Request::new(body);
        *forwarded.method_mut() = visitor.method;
        *forwarded.uri_mut() = visitor.uri;
        let host = visitor.headers.get(HOST).cloned();
        let host = host.unwrap_or_else(|| HeaderValue::from_static("localhost"));
        forwarded.headers_mut().insert(HOST, host);

        let mut connection = self.connection().await?;
        let (head, body) = connection.send_request(forwarded).await?.into_parts();
        let body = body.collect().await?.to_bytes();
        self.idle.borrow_mut().push(connection);
        Ok(Response::from_parts(head, Full::new(body)))
    }

    /// An idle connection that still stands, or a new one.
    async fn connection(&self) -> Result<SendRequest<Incoming>, NoAnswer> {
        loop {
            let idle = self.idle.borrow_mut().pop();
            let Some(mut connection) = idle else { break };
            if connection.ready().await.is_ok() {
                return Ok(connection);
            }
        }
        let stream = TcpStream::connect(self.backend).await?;
        stream.set_nodelay(true)?;
        let (connection, driver) = client::handshake(TokioIo::new(stream)).await?;
        spawn_local(driver);
        Ok(connection)
    }
}
