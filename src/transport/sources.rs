//! TCP from addresses of our own choice, in turns: each has as many ports as the system hands out to one.

use std::cell::Cell;
use std::io;
use std::net::{SocketAddr, UdpSocket};
use std::sync::Arc;

use tokio::net::{TcpSocket, TcpStream};

use super::{Connect, Tcp};
use crate::scenario::SourceAddresses;

/// TCP from `source_addresses`; from wherever the system likes where there are none.
#[derive(Debug, Clone)]
pub struct SourcedTcp {
    sources: Arc<SourceAddresses>,
    turn: Cell<u64>,
}

/// A source address that this machine does not have.
#[derive(Debug)]
pub struct ForeignSource {
    /// Which one.
    pub address: std::net::IpAddr,
    /// What the system said.
    pub source: io::Error,
}

impl SourcedTcp {
    /// Connections from `sources`, the first of them from the one at `first`.
    pub const fn new(sources: Arc<SourceAddresses>, first: u64) -> Self {
        Self {
            sources,
            turn: Cell::new(first),
        }
    }
}

impl Connect for SourcedTcp {
    type Stream = TcpStream;

    async fn connect(&self, address: SocketAddr) -> io::Result<TcpStream> {
        if self.sources.is_empty() {
            return Tcp.connect(address).await;
        }
        let turn = self.turn.get();
        self.turn.set(turn.wrapping_add(1));
        let source = self
            .sources
            .turn(address.ip(), turn)
            .ok_or_else(|| io::Error::from(io::ErrorKind::AddrNotAvailable))?;
        let socket = match address {
            SocketAddr::V4(_) => TcpSocket::new_v4()?,
            SocketAddr::V6(_) => TcpSocket::new_v6()?,
        };
        choose_port_late(&socket)?;
        socket.bind(SocketAddr::new(source, 0))?;
        let stream = socket.connect(address).await?;
        stream.set_nodelay(true)?;
        Ok(stream)
    }
}

/// Lets the port be chosen when it connects: it may then be one that goes to another target already. A port that is
/// chosen by `bind` is taken for all targets (Linux: ip(7), IP_BIND_ADDRESS_NO_PORT).
#[cfg(target_os = "linux")]
fn choose_port_late(socket: &TcpSocket) -> io::Result<()> {
    use std::os::fd::AsRawFd;
    let on: libc::c_int = 1;
    let length = std::mem::size_of_val(&on) as libc::socklen_t;
    #[expect(unsafe_code, reason = "no safe wrapper names this option yet")]
    // SAFETY: the descriptor is open as long as `socket` is borrowed, and `on` outlives the call, which reads `length`
    // bytes of it.
    let said = unsafe {
        libc::setsockopt(
            socket.as_raw_fd(),
            libc::IPPROTO_IP,
            libc::IP_BIND_ADDRESS_NO_PORT,
            std::ptr::from_ref(&on).cast(),
            length,
        )
    };
    if said == 0 {
        Ok(())
    } else {
        Err(io::Error::last_os_error())
    }
}

#[cfg(not(target_os = "linux"))]
fn choose_port_late(_: &TcpSocket) -> io::Result<()> {
    Ok(())
}

/// Looks whether this machine has the ends of each range. Nothing is sent.
///
/// # Errors
/// The first address that it has not.
pub fn check_sources(sources: &SourceAddresses) -> Result<(), ForeignSource> {
    for address in sources.ranges().iter().flat_map(|range| range.ends()) {
        UdpSocket::bind((address, 0)).map_err(|source| ForeignSource { address, source })?;
    }
    Ok(())
}

impl std::fmt::Display for ForeignSource {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "send from `{}`: {}", self.address, self.source)
    }
}

impl std::error::Error for ForeignSource {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.source)
    }
}

impl ForeignSource {
    /// What to do about it.
    pub fn hint(&self) -> String {
        format!(
            "name addresses of this machine in `source_addresses` (`ip address` lists them); \
             `ip address add {}/32 dev …` adds this one",
            self.address
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sources(texts: &[&str]) -> Arc<SourceAddresses> {
        Arc::new(SourceAddresses::new(
            texts.iter().map(|text| text.parse().unwrap()),
        ))
    }

    #[tokio::test]
    async fn connections_come_from_each_source_in_turn() {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let target = listener.local_addr().unwrap();
        let connector = SourcedTcp::new(sources(&["127.0.0.8/30"]), 1);
        let mut seen = Vec::new();
        for _ in 0..3 {
            let _stream = connector.connect(target).await.unwrap();
            seen.push(listener.accept().await.unwrap().1.ip().to_string());
        }
        assert_eq!(seen, ["127.0.0.10", "127.0.0.9", "127.0.0.10"]);
    }

    #[tokio::test]
    async fn without_a_source_of_its_family_a_target_is_out_of_our_reach() {
        let connector = SourcedTcp::new(sources(&["fd00::1"]), 0);
        let error = connector
            .connect("127.0.0.1:9".parse().unwrap())
            .await
            .unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::AddrNotAvailable);
    }

    #[test]
    fn an_address_of_another_machine_is_named_before_the_run() {
        assert!(check_sources(&sources(&["127.0.0.0/8"])).is_ok());
        let error = check_sources(&sources(&["127.0.0.1", "192.0.2.7"])).unwrap_err();
        assert!(error.to_string().contains("192.0.2.7") && error.hint().contains("ip address"));
    }
}
