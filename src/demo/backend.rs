//! The application behind the gateway: a fixed number of workers, and a bounded queue in front of them.

use std::cell::RefCell;
use std::fmt;
use std::rc::Rc;

use bytes::Bytes;
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio::time::sleep_until;

use super::page;
use super::slots::Slots;
use crate::model::SiteSpec;
use crate::transport::RunClock;

/// Serves what its workers can, and closes the connection on the rest.
#[derive(Debug)]
pub(super) struct Backend {
    clock: RunClock,
    slots: RefCell<Slots>,
}

/// The queue is full: the connection ends without an answer.
#[derive(Debug)]
struct QueueFull;

impl fmt::Display for QueueFull {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("the queue is full")
    }
}

impl std::error::Error for QueueFull {}

impl Backend {
    pub(super) fn new(spec: &SiteSpec, clock: RunClock) -> Self {
        Self {
            clock,
            slots: RefCell::new(Slots::new(spec)),
        }
    }

    /// Serves one connection of the gateway to its end.
    pub(super) async fn serve(self: Rc<Self>, stream: TcpStream) {
        // A refusal goes out as RST: closed politely, every 502 would hold a local port for a minute.
        if stream.set_zero_linger().is_err() {
            return;
        }
        let service = service_fn(move |request| Rc::clone(&self).answer(request));
        // A connection that ends early is the gateway's to notice, and its answer to the visitor says so.
        let _ = http1::Builder::new()
            .serve_connection(TokioIo::new(stream), service)
            .await;
    }

    /// Dropped where the gateway gave up; the worker stays taken until its work ends, as a real one does.
    async fn answer(self: Rc<Self>, _: Request<Incoming>) -> Result<Response<Full<Bytes>>, QueueFull> {
        let arrived = self.clock.now();
        let done = self.slots.borrow_mut().admit(arrived).ok_or(QueueFull)?;
        sleep_until(self.clock.instant(done)).await;
        Ok(page::good())
    }
}
