//! What a run costs this machine, a second at a time: processor time per worker, open files, ports, memory.

use std::collections::BTreeMap;
use std::fs;

use super::fleet::WORKER;
use super::limits::memory_left;
use crate::record::Generator;

/// Memory that is left for everything but visitors, in bytes.
const SPARE_MEMORY: u64 = 32 << 20;

/// Reads what this process uses; a second at a time.
#[derive(Debug)]
pub struct Machine {
    cpu_before: u64,
    threads_before: BTreeMap<String, Spent>,
    spare_memory: u64,
}

/// What a thread has had so far, in microseconds.
#[derive(Debug, Clone, Copy, Default)]
struct Spent {
    running: u64,
    waiting: u64,
}

impl Machine {
    /// Starts to count now.
    pub fn new() -> Self {
        Self {
            cpu_before: cpu_micros(),
            threads_before: threads(),
            spare_memory: SPARE_MEMORY,
        }
    }

    /// Keeps so many bytes of memory free of visitors.
    pub(super) fn keeping_free(mut self, bytes: u64) -> Self {
        self.spare_memory = bytes;
        self
    }

    /// What was used since the last call.
    pub fn used(&mut self) -> Generator {
        let cpu = cpu_micros();
        let used = cpu.saturating_sub(self.cpu_before);
        self.cpu_before = cpu;
        let threads = threads();
        let before = std::mem::replace(&mut self.threads_before, threads);
        let since = |of: fn(&Spent) -> u64| {
            self.threads_before
                .iter()
                .map(|(name, now)| of(now).saturating_sub(before.get(name).map_or(0, of)))
                .collect()
        };
        Generator {
            cpu_us: used,
            open_files: open_files(),
            memory_bytes: memory_bytes(),
            threads_us: since(|spent| spent.running),
            waited_us: since(|spent| spent.waiting),
            ports: sockets(),
        }
    }

    /// Whether so little memory is left that no further visitor may come; a moment of grace on the way back, so that
    /// it does not change its mind every second.
    pub(super) fn is_out_of_memory(&self, was: bool) -> bool {
        let wanted = if was {
            self.spare_memory.saturating_mul(2)
        } else {
            self.spare_memory
        };
        memory_left().is_some_and(|left| left < wanted)
    }
}

impl Default for Machine {
    fn default() -> Self {
        Self::new()
    }
}

/// Processor time of all threads so far, in microseconds.
fn cpu_micros() -> u64 {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ProcessCPUTime);
    u64::try_from(time.tv_sec).unwrap_or(0) * 1_000_000 + u64::try_from(time.tv_nsec).unwrap_or(0) / 1_000
}

/// Each worker's time on a core, and ready for one without getting it; by the names of their threads. Empty where the
/// system does not tell (Linux: schedstat, documented in sched-stats.rst).
fn threads() -> BTreeMap<String, Spent> {
    let Ok(tasks) = fs::read_dir("/proc/self/task") else {
        return BTreeMap::new();
    };
    let spent = |task: fs::DirEntry| {
        let name = fs::read_to_string(task.path().join("comm")).ok()?;
        let number = name.trim().strip_prefix(WORKER)?.parse::<u32>().ok()?;
        let text = fs::read_to_string(task.path().join("schedstat")).ok()?;
        let mut fields = text
            .split_whitespace()
            .map_while(|field| field.parse::<u64>().ok());
        let (running, waiting) = (fields.next()? / 1_000, fields.next()? / 1_000);
        // Padded, so that the tenth worker does not stand before the second.
        Some((format!("{number:05}"), Spent { running, waiting }))
    };
    tasks.filter_map(Result::ok).filter_map(spent).collect()
}

/// Open file descriptors; zero where the system does not tell.
fn open_files() -> u64 {
    fs::read_dir("/proc/self/fd").map_or(0, |entries| entries.count() as u64)
}

/// TCP sockets of this machine (of its network namespace), closed ones whose port is not free yet included; zero where
/// the system does not tell.
fn sockets() -> u64 {
    let read = |path| fs::read_to_string(path).unwrap_or_default();
    let count = |text: &str, name: &str| -> u64 {
        let words: Vec<&str> = text
            .lines()
            .filter(|line| line.starts_with("TCP"))
            .flat_map(str::split_whitespace)
            .collect();
        let pair = words.windows(2).find(|pair| pair[0] == name);
        pair.and_then(|pair| pair[1].parse().ok()).unwrap_or(0)
    };
    let (four, six) = (read("/proc/net/sockstat"), read("/proc/net/sockstat6"));
    count(&four, "inuse") + count(&four, "tw") + count(&six, "inuse")
}

/// Resident memory in bytes; zero where the system does not tell.
pub(super) fn memory_bytes() -> u64 {
    let pages = fs::read_to_string("/proc/self/statm")
        .ok()
        .and_then(|text| text.split(' ').nth(1).and_then(|pages| pages.parse::<u64>().ok()))
        .unwrap_or(0);
    pages * rustix::param::page_size() as u64
}
