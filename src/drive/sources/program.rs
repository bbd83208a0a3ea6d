//! A program that prints lines, such as `ssh web1 tail -F …`: started without a shell unless one was asked for, and ended
//! with the run, together with what it started.

use std::io;
use std::process::Stdio;

use rustix::process::{Pid, Signal, kill_process_group};
use tokio::io::AsyncReadExt;
use tokio::process::{Child, Command};

use super::Shared;
use crate::scenario::Feed;

const PIECE: usize = 64 << 10;

/// Reads what the program prints until it ends, or the task does.
pub(super) async fn lines(feed: Feed, seen: Shared) {
    let mut running = match start(&feed) {
        Ok(running) => running,
        Err(error) => {
            return seen
                .borrow_mut()
                .fails(format!("`{feed}` does not start: {error}"));
        }
    };
    let Some(mut out) = running.child.stdout.take() else {
        return;
    };
    let mut piece = vec![0; PIECE];
    while let Ok(length @ 1..) = out.read(&mut piece).await {
        seen.borrow_mut().bytes(&piece[..length]);
    }
    let ended = running.child.wait().await;
    running.group = None;
    let how = ended.map_or_else(|error| error.to_string(), |status| status.to_string());
    seen.borrow_mut().fails(format!("`{feed}` ended: {how}"));
}

/// A program with everything that it started: ended when this is dropped.
pub(super) struct Running {
    pub(super) child: Child,
    pub(super) group: Option<Pid>,
}

impl Drop for Running {
    fn drop(&mut self) {
        if let Some(group) = self.group {
            // It may have ended by itself.
            let _ = kill_process_group(group, Signal::TERM);
        }
    }
}

/// Starts the program of `feed`, in a process group of its own.
pub(super) fn start(feed: &Feed) -> io::Result<Running> {
    let mut command = match feed {
        Feed::Command(words) => {
            let (program, arguments) = words.split_first().ok_or(io::ErrorKind::InvalidInput)?;
            let mut command = Command::new(program);
            command.args(arguments);
            command
        }
        Feed::Shell(line) => {
            let mut command = Command::new("sh");
            command.arg("-c").arg(line);
            command
        }
        Feed::File(_) | Feed::Url(_) => return Err(io::ErrorKind::Unsupported.into()),
    };
    let child = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .process_group(0)
        .kill_on_drop(true)
        .spawn()?;
    let group = child
        .id()
        .and_then(|id| i32::try_from(id).ok())
        .and_then(Pid::from_raw);
    Ok(Running { child, group })
}
