//! Ctrl-C: the first ends the run in good order, the second at once.

use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;

use super::exit::Exit;
use crate::drive::Interrupt;

/// Listens for Ctrl-C and SIGTERM on a thread of its own, so that even a busy run hears it.
/// `tell` is given what the person at the terminal should know.
pub(super) fn listen(tell: impl Fn(&str) + Send + 'static) -> Interrupt {
    let (sender, interrupt) = watch::channel(false);
    let listener = move || {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;
        runtime.block_on(until_left(&sender, &tell))
    };
    let spawned = std::thread::Builder::new()
        .name("signals".to_owned())
        .spawn(move || {
            let heard: std::io::Result<()> = listener();
            if let Err(error) = heard {
                tracing::warn!("cannot listen for Ctrl-C: {error}");
            }
        });
    if let Err(error) = spawned {
        tracing::warn!("cannot listen for Ctrl-C: {error}");
    }
    interrupt
}

async fn until_left(sender: &watch::Sender<bool>, tell: &impl Fn(&str)) -> std::io::Result<()> {
    let mut interrupts = signal(SignalKind::interrupt())?;
    let mut terminations = signal(SignalKind::terminate())?;
    for count in 0_u32.. {
        tokio::select! {
            _ = interrupts.recv() => {}
            _ = terminations.recv() => {}
        }
        if count > 0 {
            // Every line of the record is flushed already.
            std::process::exit(i32::from(Exit::Interrupted as u8));
        }
        tell("interrupted: waiting for the last answers; once more to leave at once");
        sender.send_replace(true);
    }
    Ok(())
}
