//! Waits until an arrival is due. A runtime's own timer ticks in milliseconds; a visitor does not.

use std::future::Future;
use std::io;

use crate::transport::RunClock;
use crate::units::Offset;

/// Waits until a point on the run's time line.
pub trait Pacer: 'static {
    /// Returns at `due`, as exactly as it can, and at once where `due` has passed.
    fn until(&self, due: Offset) -> impl Future<Output = ()>;
}

/// tokio's own timer: exact to about a millisecond, and the only one that follows tokio's paused time.
#[derive(Debug, Clone)]
pub struct TokioTimer {
    clock: RunClock,
}

impl TokioTimer {
    /// A timer on `clock`.
    pub const fn new(clock: RunClock) -> Self {
        Self { clock }
    }
}

impl Pacer for TokioTimer {
    async fn until(&self, due: Offset) {
        tokio::time::sleep_until(self.clock.instant(due)).await;
    }
}

/// A kernel timer that the runtime waits for beside its sockets (Linux: timerfd). It expires to the microsecond, and
/// waiting for it neither spins nor needs a thread of its own.
#[derive(Debug)]
pub struct PreciseTimer {
    clock: RunClock,
    #[cfg(target_os = "linux")]
    timer: tokio::io::unix::AsyncFd<std::os::fd::OwnedFd>,
}

impl PreciseTimer {
    /// A timer on `clock`; must be made inside the runtime that waits for it.
    ///
    /// # Errors
    /// The system gives no timer, for example because no file descriptor is left.
    #[cfg(target_os = "linux")]
    pub fn new(clock: RunClock) -> io::Result<Self> {
        use rustix::time::{TimerfdClockId, TimerfdFlags, timerfd_create};
        let descriptor = timerfd_create(
            TimerfdClockId::Monotonic,
            TimerfdFlags::NONBLOCK | TimerfdFlags::CLOEXEC,
        )?;
        #[expect(
            unsafe_code,
            reason = "the only way to register a descriptor that tokio does not make itself"
        )]
        // SAFETY: an `OwnedFd` is open, is the same descriptor at every call, and is closed only by the `AsyncFd` that
        // takes it here.
        let timer = unsafe {
            tokio::io::unix::AsyncFd::register_with_interest(descriptor, tokio::io::Interest::READABLE)
                .map_err(io::Error::from)?
        };
        Ok(Self { clock, timer })
    }

    /// A timer on `clock`.
    ///
    /// # Errors
    /// Never on this system.
    #[cfg(not(target_os = "linux"))]
    pub fn new(clock: RunClock) -> io::Result<Self> {
        Ok(Self { clock })
    }
}

impl Pacer for PreciseTimer {
    #[cfg(target_os = "linux")]
    async fn until(&self, due: Offset) {
        use rustix::time::{Itimerspec, TimerfdTimerFlags, Timespec, timerfd_settime};
        loop {
            let left = due.since(self.clock.now());
            if left.is_zero() {
                return;
            }
            let value = Timespec {
                tv_sec: left.as_secs().try_into().unwrap_or(i64::MAX),
                tv_nsec: left.subsec_nanos().into(),
            };
            let once = Itimerspec {
                it_interval: Timespec {
                    tv_sec: 0,
                    tv_nsec: 0,
                },
                it_value: value,
            };
            if timerfd_settime(self.timer.get_ref(), TimerfdTimerFlags::empty(), &once).is_err() {
                return tokio::time::sleep_until(self.clock.instant(due)).await;
            }
            match self.timer.readable().await {
                // Setting the timer anew clears its count, so it need not be read; the readiness must be dropped.
                Ok(mut ready) => ready.clear_ready(),
                Err(_) => return tokio::time::sleep_until(self.clock.instant(due)).await,
            }
        }
    }

    #[cfg(not(target_os = "linux"))]
    async fn until(&self, due: Offset) {
        tokio::time::sleep_until(self.clock.instant(due)).await;
    }
}
