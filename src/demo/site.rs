//! The whole site on loopback: two listeners, the gateway and its backend, until it is told to end.

use std::future::Future;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::rc::Rc;
use std::time::Duration;

use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::task::{LocalSet, spawn_local};
use tokio::time::{Instant, sleep};

use super::DemoError;
use super::backend::Backend;
use super::gateway::Gateway;
use crate::model::SiteSpec;
use crate::transport::RunClock;

/// Connections that may wait to be accepted; the kernel's own cap on Linux since 5.4.
const BACKLOG: u32 = 4096;

/// Serves the site of `spec` on 127.0.0.1 until `end` is done, then drops every connection.
///
/// The gateway listens on `port`, or on one of the kernel's choice where it is 0; `ready` is told its address once
/// both the gateway and its backend listen. It needs a runtime with time and I/O and spawns on the calling thread
/// only: a current-thread runtime of its own is best. The `timeout` of the spec counts from the moment the gateway
/// has read a request. It takes up to three files for each request in flight.
///
/// # Errors
/// `DemoError::Listen` where a port cannot be opened.
pub async fn serve(
    spec: SiteSpec,
    port: u16,
    ready: impl FnOnce(SocketAddr),
    end: impl Future<Output = ()>,
) -> Result<(), DemoError> {
    let (behind, backend_address) = listen(0)?;
    let (front, address) = listen(port)?;
    let clock = RunClock::starting_at(Instant::now());
    let backend = Rc::new(Backend::new(&spec, clock));
    let gateway = Rc::new(Gateway::new(&spec, backend_address, clock));
    let site = LocalSet::new();
    site.spawn_local(accept(behind, move |stream| Rc::clone(&backend).serve(stream)));
    site.spawn_local(accept(front, move |stream| Rc::clone(&gateway).serve(stream)));
    ready(address);
    site.run_until(end).await;
    Ok(())
}

fn listen(port: u16) -> Result<(TcpListener, SocketAddr), DemoError> {
    let open = || -> io::Result<(TcpListener, SocketAddr)> {
        let socket = TcpSocket::new_v4()?;
        socket.set_reuseaddr(true)?;
        socket.bind(SocketAddr::from((Ipv4Addr::LOCALHOST, port)))?;
        let listener = socket.listen(BACKLOG)?;
        let address = listener.local_addr()?;
        Ok((listener, address))
    };
    open().map_err(|source| DemoError::Listen { port, source })
}

async fn accept<F: Future<Output = ()> + 'static>(listener: TcpListener, serve: impl Fn(TcpStream) -> F) {
    loop {
        match listener.accept().await {
            Ok((stream, _)) => {
                // Without it the site still works, some answers a delayed acknowledgement later.
                let _ = stream.set_nodelay(true);
                spawn_local(serve(stream));
            }
            // Out of files: those who wait stay in the backlog until some are closed.
            Err(_) => sleep(Duration::from_millis(10)).await,
        }
    }
}
