//! One request a second, each as a new visitor, for as long as somebody wants to know how a site is doing.

use std::rc::Rc;
use std::time::Duration;

use tokio::sync::mpsc;
use tokio::task::spawn_local;

use super::conductor::Interrupt;
use crate::record::Class;
use crate::transport::{Ended, Request, RunClock, Transport};
use crate::units::Offset;

/// What one request of a lookout showed.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Sight {
    /// Its number, from 0; it was due so many seconds after the start.
    pub second: u32,
    /// How it ended; nothing where this machine could not make it.
    pub class: Option<Class>,
    /// How long it took, from due, in milliseconds.
    pub millis: f64,
}

/// Plays `request` once a second for `length`, or until `interrupt`; `tell` hears of each as it ends. Whether it was
/// interrupted. Has to run in a [`tokio::task::LocalSet`].
pub async fn look_out<T: Transport>(
    transport: T,
    request: Request,
    clock: RunClock,
    length: Duration,
    mut interrupt: Interrupt,
    mut tell: impl FnMut(Sight),
) -> bool {
    let (sender, mut sights) = mpsc::unbounded_channel();
    let shared = Rc::new((transport, request));
    let seconds = u32::try_from(length.as_millis().div_ceil(1_000)).unwrap_or(u32::MAX);
    let asking = spawn_local({
        async move {
            for second in 0..seconds {
                let due = Offset::from_secs(second.into());
                tokio::time::sleep_until(clock.instant(due)).await;
                let (shared, sender) = (Rc::clone(&shared), sender.clone());
                spawn_local(async move {
                    let (transport, request) = &*shared;
                    let answer = transport.play(&mut transport.visitor(), request).await;
                    let class = match answer.ended {
                        Ended::Site(class) => Some(class),
                        Ended::Ours(_) => None,
                    };
                    let millis = answer.done.since(due).as_secs_f64() * 1e3;
                    // Where nobody listens any more, the watch is over.
                    let _ = sender.send(Sight {
                        second,
                        class,
                        millis,
                    });
                });
            }
        }
    });
    let mut listening = true;
    loop {
        tokio::select! {
            sight = sights.recv() => match sight {
                Some(sight) => tell(sight),
                None => return false,
            },
            changed = interrupt.changed(), if listening => {
                listening = changed.is_ok();
                if listening && *interrupt.borrow() {
                    asking.abort();
                    return true;
                }
            }
        }
    }
}
