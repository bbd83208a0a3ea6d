//! The site in a process of its own, so that it shares neither a thread nor a heap with the load it is to carry.
//!
//! The parent holds the writing end of the child's standard input and never writes to it. Whatever ends the parent,
//! SIGKILL too, closes it, and the child ends. (`PR_SET_PDEATHSIG` is no help: it fires when the *thread* that
//! started the child ends.) The child has a process group of its own: Ctrl-C at the terminal is for the parent, which
//! lets its last requests finish on a site that still stands.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::SocketAddr;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{ChildStdout, Command, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use tokio::sync::oneshot;

use super::protocol::{spec_from_text, spec_to_text};
use super::{DemoError, serve};
use crate::model::SiteSpec;

/// The hidden subcommand that the child is started with, and its one flag.
const SUBCOMMAND: [&str; 2] = ["demo-site", "--spec"];
/// What the child says before its address.
const READY: &str = "READY ";
/// How long the child may take to say where it listens.
const START: Duration = Duration::from_secs(10);
/// How long the child may take to end by itself.
const GRACE: Duration = Duration::from_secs(1);
/// The longest first line that is read.
const LONGEST_LINE: u64 = 1_024;

/// A running demo site. It ends with this value, and with this process.
#[derive(Debug)]
pub struct Child {
    process: std::process::Child,
    url: String,
}

impl Child {
    /// Starts `exe` (this same program) as the site of `spec`, and waits until it listens: milliseconds, at most 10 s.
    ///
    /// # Errors
    /// `DemoError::Start` where the process cannot be started, `DemoError::NotReady` where it does not listen.
    pub fn spawn(exe: &Path, spec: &SiteSpec) -> Result<Self, DemoError> {
        let mut process = Command::new(exe)
            .args(SUBCOMMAND)
            .arg(spec_to_text(spec))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .process_group(0)
            .spawn()
            .map_err(DemoError::Start)?;
        let said = process.stdout.take().and_then(first_line).unwrap_or_default();
        // Made before the answer is judged: its drop ends a child that is not ready.
        let mut child = Self {
            process,
            url: String::new(),
        };
        match said.strip_prefix(READY) {
            Some(url) => url.clone_into(&mut child.url),
            None => {
                return Err(DemoError::NotReady {
                    said: printable(&said),
                });
            }
        }
        Ok(child)
    }

    /// Where the site's gateway listens: `http://127.0.0.1:PORT/`.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The process, for a look at what it uses.
    pub fn id(&self) -> u32 {
        self.process.id()
    }
}

impl Drop for Child {
    fn drop(&mut self) {
        drop(self.process.stdin.take());
        let step = Duration::from_millis(5);
        let mut waited = Duration::ZERO;
        while waited < GRACE {
            if !matches!(self.process.try_wait(), Ok(None)) {
                return;
            }
            thread::sleep(step);
            waited += step;
        }
        // It is ours and it was asked: what can still fail here is that it has just ended.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// The first line of `stdout`, or nothing where none comes in time.
fn first_line(stdout: ChildStdout) -> Option<String> {
    let (line_read, line) = mpsc::channel();
    thread::spawn(move || {
        let mut text = String::new();
        if BufReader::new(stdout.take(LONGEST_LINE))
            .read_line(&mut text)
            .is_ok()
        {
            // Nobody waits any more where the time is over.
            let _ = line_read.send(text.trim_end().to_owned());
        }
    });
    line.recv_timeout(START).ok()
}

fn printable(text: &str) -> String {
    text.chars()
        .filter(|letter| !letter.is_control())
        .take(200)
        .collect()
}

/// What the hidden subcommand does: serves the site of `spec_text` until standard input closes.
///
/// Prints `READY http://127.0.0.1:PORT/` once it listens. Uses one thread for the site and one that waits for the end.
///
/// # Errors
/// `DemoError::Spec`, `DemoError::Listen`, or `DemoError::Io` for the runtime.
pub fn run_child(spec_text: &str) -> Result<(), DemoError> {
    let spec = spec_from_text(spec_text)?;
    raise_file_limit();
    let (closed, input_closed) = oneshot::channel();
    thread::spawn(move || {
        // Whatever the parent would say, or an error, ends the site as well as silence does.
        let _ = io::copy(&mut io::stdin().lock(), &mut io::sink());
        let _ = closed.send(());
    });
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(DemoError::Io)?;
    runtime.block_on(serve(spec, 0, announce, async {
        // A thread that is gone without a word means the same: nobody holds the other end.
        let _ = input_closed.await;
    }))
}

fn announce(address: SocketAddr) {
    let mut stdout = io::stdout().lock();
    // Where nobody listens, the closed standard input ends the site.
    let _ = writeln!(stdout, "{READY}http://{address}/").and_then(|()| stdout.flush());
}

/// A request in flight takes three files; the usual soft limit is 1,024.
fn raise_file_limit() {
    let limit = getrlimit(Resource::Nofile);
    // Where it cannot be raised, connections wait in the backlog instead.
    let _ = setrlimit(
        Resource::Nofile,
        Rlimit {
            current: limit.maximum,
            maximum: limit.maximum,
        },
    );
}
