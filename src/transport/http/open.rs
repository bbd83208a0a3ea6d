//! How a connection comes to be: TCP, a proxy's tunnel, TLS, and what was agreed on in it.

use std::net::SocketAddr;
use std::rc::Rc;
use std::sync::Arc;

use tokio::io::{AsyncRead, AsyncWrite};
use tokio::time::{Instant, timeout_at};
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::pki_types::ServerName;

use super::{HttpTransport, Opening, earlier};
use crate::record::Class;
use crate::scenario::{Connections, HttpVersion};
use crate::transport::Connect;
use crate::transport::connection::Connection;
use crate::transport::failure::{self, Failure};
use crate::transport::message::Form;
use crate::transport::place::Place;

/// The name of HTTP/2 in a TLS handshake (RFC 9113, 3.2).
const H2: &[u8] = b"h2";

/// Tells those who wait for a connection that it is open, or will not be.
struct Door<'a>(&'a Place);

impl Drop for Door<'_> {
    fn drop(&mut self) {
        self.0.opening.set(false);
        self.0.opened.notify_waiters();
    }
}

impl<C: Connect> HttpTransport<C> {
    /// A new connection to `place`, in the time that connecting has.
    pub(super) async fn open(
        &self,
        place: &Rc<Place>,
        until: Option<Instant>,
    ) -> Result<(Connection, Opening), Failure> {
        let waited_for = self.settings.connections == Connections::Pooled && self.is_shared(place);
        let door = waited_for.then(|| {
            place.opening.set(true);
            Door(place)
        });
        let patience = self.settings.timeouts.connect;
        let deadline = earlier(Instant::now() + patience, until);
        let opened = timeout_at(deadline, async {
            if place.origin.tls || self.settings.proxy.is_some() || self.is_shared(place) {
                // Boxed: a handshake is large, and a visitor waits in it only once.
                Box::pin(self.open_at_length(place, waited_for)).await
            } else {
                self.open_plainly(place).await
            }
        });
        let opened = opened.await.unwrap_or_else(|_| {
            let error = format!("no connection to `{}` in {patience:?}", place.origin.host);
            Err(Failure::site(Class::ConnectTimeout, error))
        });
        if let Ok((connection, _)) = &opened {
            place.is_serial.set(connection.form != Form::Streams);
            self.share(connection);
        }
        drop(door);
        opened
    }

    /// TCP and HTTP/1.1: the short way, which most load takes.
    async fn open_plainly(&self, place: &Rc<Place>) -> Result<(Connection, Opening), Failure> {
        let begun = self.clock.now();
        let stream = self.stream(self.address(place)?).await?;
        let opening = Opening {
            connect: Some(self.clock.now().since(begun).into()),
            tls: None,
        };
        let connection = self.builders.one(stream, place, Form::Path, self.clock).await?;
        Ok((connection, opening))
    }

    /// Every other way.
    async fn open_at_length(
        &self,
        place: &Rc<Place>,
        settle: bool,
    ) -> Result<(Connection, Opening), Failure> {
        let begun = self.clock.now();
        let mut stream = self.stream(self.address(place)?).await?;
        if let Some(proxy) = self.settings.proxy.as_ref().filter(|_| self.is_tunnelled(place)) {
            stream = proxy.tunnel(stream, &tunnel_end(place)).await?;
        }
        let mut opening = Opening {
            connect: Some(self.clock.now().since(begun).into()),
            tls: None,
        };
        let connection = if place.origin.tls {
            let begun = self.clock.now();
            let stream = self.secure(stream, place).await?;
            opening.tls = Some(self.clock.now().since(begun).into());
            let agreed = stream.get_ref().1.alpn_protocol() == Some(H2);
            self.speak(stream, place, agreed).await?
        } else {
            self.speak(stream, place, self.settings.http == HttpVersion::Two)
                .await?
        };
        if settle {
            connection.settled().await;
        }
        Ok((connection, opening))
    }

    /// Whether requests go through the proxy unseen: over TLS, and with HTTP/2, which has no other way.
    fn is_tunnelled(&self, place: &Place) -> bool {
        place.origin.tls || self.settings.http == HttpVersion::Two
    }

    async fn stream(&self, address: SocketAddr) -> Result<C::Stream, Failure> {
        let opened = self.connector.connect(address).await;
        opened.map_err(|error| failure::not_connected(&error))
    }

    fn address(&self, place: &Place) -> Result<SocketAddr, Failure> {
        if let Some(proxy) = &self.settings.proxy {
            let address = proxy.next_address(&self.proxy_turn);
            return address
                .ok_or_else(|| Failure::site(Class::Dns, "the proxy was not resolved before the run"));
        }
        place.next_address().ok_or_else(|| {
            let error = format!("`{}` was not resolved before the run", place.origin.host);
            Failure::site(Class::Dns, error)
        })
    }

    async fn secure(
        &self,
        stream: C::Stream,
        place: &Place,
    ) -> Result<tokio_rustls::client::TlsStream<C::Stream>, Failure> {
        let config = if place.wants_one.get() {
            &self.tls_one
        } else {
            &self.tls
        };
        let Some(config) = config else {
            return Err(Failure::site(Class::Tls, "no TLS was set up for this run"));
        };
        let written = self.settings.server_name.as_deref();
        let name = ServerName::try_from(written.unwrap_or(&place.origin.host).to_owned())
            .map_err(|error| Failure::site(Class::Tls, error.to_string()))?;
        TlsConnector::from(Arc::clone(config))
            .connect(name, stream)
            .await
            .map_err(|error| failure::no_handshake(&error))
    }

    /// HTTP on an open stream: HTTP/2 where that was agreed on.
    async fn speak<S>(&self, stream: S, place: &Rc<Place>, is_two: bool) -> Result<Connection, Failure>
    where
        S: AsyncRead + AsyncWrite + Unpin + 'static,
    {
        if is_two {
            return self.builders.two(stream, place, self.clock).await;
        }
        if self.settings.http == HttpVersion::Two {
            let error =
                "the site did not agree on HTTP/2 in the TLS handshake, and `http: 2` wants nothing else";
            return Err(Failure::site(Class::Tls, error));
        }
        let is_forwarded = self.settings.proxy.is_some() && !self.is_tunnelled(place);
        let form = if is_forwarded { Form::Whole } else { Form::Path };
        self.builders.one(stream, place, form, self.clock).await
    }
}

/// Host and port at the far end of a tunnel.
fn tunnel_end(place: &Place) -> String {
    let (host, port) = (&place.origin.host, place.origin.port);
    if host.contains(':') {
        format!("[{host}]:{port}")
    } else {
        format!("{host}:{port}")
    }
}
