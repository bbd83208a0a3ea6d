//! The server that all tools ask: one thread, one answer of 600 bytes, in a process of its own on a core of its own.

use std::io::{self, BufRead, BufReader};
use std::net::Ipv4Addr;
use std::process::{Child, Command, ExitCode, Stdio};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::LocalSet;

/// The word that makes this program the server.
pub(crate) const SERVE: &str = "--serve";
/// Bytes of the body.
const BODY: usize = 600;

/// The server as a child; dropping it ends it.
pub(crate) struct Server {
    pub(crate) url: String,
    child: Child,
}

impl Server {
    pub(crate) fn start(core: u32) -> io::Result<Self> {
        let mut child = Command::new("taskset")
            .args(["-c", &core.to_string()])
            .arg(std::env::current_exe()?)
            .arg(SERVE)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let mut url = String::new();
        let out = child
            .stdout
            .take()
            .ok_or_else(|| io::Error::other("no pipe to the server"))?;
        BufReader::new(out).read_line(&mut url)?;
        Ok(Self {
            url: url.trim().to_owned(),
            child,
        })
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// Serves until the other end of stdin is gone.
pub(crate) fn serve() -> ExitCode {
    let serving = async {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        println!("http://{}/", listener.local_addr()?);
        let mut end = [0; 1];
        let mut stdin = tokio::io::stdin();
        loop {
            tokio::select! {
                accepted = listener.accept() => {
                    if let Ok((stream, _)) = accepted {
                        tokio::task::spawn_local(converse(stream));
                    }
                }
                _ = stdin.read(&mut end) => return Ok::<(), io::Error>(()),
            }
        }
    };
    let done = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .and_then(|runtime| {
            let done = LocalSet::new().block_on(&runtime, serving);
            runtime.shutdown_background();
            done
        });
    if done.is_ok() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

async fn converse(mut stream: TcpStream) {
    drop(stream.set_nodelay(true));
    let answer = |closes: bool| {
        let (connection, body) = (if closes { "close" } else { "keep-alive" }, "x".repeat(BODY));
        format!("HTTP/1.1 200 OK\r\nContent-Length: {BODY}\r\nConnection: {connection}\r\n\r\n{body}")
            .into_bytes()
    };
    let (kept, last) = (answer(false), answer(true));
    let mut request = Vec::with_capacity(1_024);
    while stream.read_buf(&mut request).await.is_ok_and(|read| read > 0) && request.len() < 8_192 {
        if !request.ends_with(b"\r\n\r\n") {
            continue;
        }
        let text = String::from_utf8_lossy(&request).to_ascii_lowercase();
        let is_last =
            text.contains("connection: close") || (text.contains("http/1.0") && !text.contains("keep-alive"));
        if stream
            .write_all(if is_last { &last } else { &kept })
            .await
            .is_err()
            || is_last
        {
            return;
        }
        request.clear();
    }
}
