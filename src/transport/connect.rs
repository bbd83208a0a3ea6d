//! How a byte stream to an address is opened: over TCP in a run, over anything else in a test.
//! It knows neither TLS nor HTTP.

use std::future::Future;
use std::io;
use std::net::SocketAddr;

use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;

/// Opens byte streams.
pub trait Connect: 'static {
    /// What it opens.
    type Stream: AsyncRead + AsyncWrite + Unpin + 'static;

    /// Opens a stream to `address`. It has no timeout of its own.
    ///
    /// # Errors
    /// What the system said.
    fn connect(&self, address: SocketAddr) -> impl Future<Output = io::Result<Self::Stream>>;
}

/// TCP, without Nagle's delay: a request goes out when it is due.
#[derive(Debug, Clone, Copy, Default)]
pub struct Tcp;

impl Connect for Tcp {
    type Stream = TcpStream;

    async fn connect(&self, address: SocketAddr) -> io::Result<TcpStream> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        Ok(stream)
    }
}
