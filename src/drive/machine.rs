//! What a run costs this machine, and what this machine allows.

use crate::record::Generator;

/// Reads what this process uses; a second at a time.
#[derive(Debug)]
pub struct Machine {
    cpu_before: u64,
}

impl Machine {
    /// Starts to count now.
    pub fn new() -> Self {
        Self {
            cpu_before: cpu_micros(),
        }
    }

    /// What was used since the last call.
    pub fn used(&mut self) -> Generator {
        let cpu = cpu_micros();
        let used = cpu.saturating_sub(self.cpu_before);
        self.cpu_before = cpu;
        Generator {
            cpu_us: used,
            open_files: open_files(),
            memory_bytes: memory_bytes(),
        }
    }
}

impl Default for Machine {
    fn default() -> Self {
        Self::new()
    }
}

/// Raises the limit of open files as far as this process may, and says what it is then.
pub fn raise_file_limit() -> u64 {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let limit = getrlimit(Resource::Nofile);
    if limit.current < limit.maximum {
        let raised = Rlimit {
            current: limit.maximum,
            maximum: limit.maximum,
        };
        if let Err(error) = setrlimit(Resource::Nofile, raised) {
            tracing::info!("the limit of open files stays as it is: {error}");
        }
    }
    getrlimit(Resource::Nofile).current.unwrap_or(u64::MAX)
}

/// Processor time of all threads so far, in microseconds.
fn cpu_micros() -> u64 {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ProcessCPUTime);
    u64::try_from(time.tv_sec).unwrap_or(0) * 1_000_000 + u64::try_from(time.tv_nsec).unwrap_or(0) / 1_000
}

/// Open file descriptors; zero where the system does not tell.
fn open_files() -> u64 {
    std::fs::read_dir("/proc/self/fd").map_or(0, |entries| entries.count() as u64)
}

/// Resident memory in bytes; zero where the system does not tell.
fn memory_bytes() -> u64 {
    let pages = std::fs::read_to_string("/proc/self/statm")
        .ok()
        .and_then(|text| text.split(' ').nth(1).and_then(|pages| pages.parse::<u64>().ok()))
        .unwrap_or(0);
    pages * rustix::param::page_size() as u64
}
