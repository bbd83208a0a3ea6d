//! What this machine allows a run: open files, local ports, memory, cores. Read from the system, never changed but for
//! the limit of open files.

use std::fs;

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// How long Linux keeps the port of a closed connection: `TCP_TIMEWAIT_LEN`, in seconds.
pub(super) const TIME_WAIT: f64 = 60.0;
/// After how long it may be used again where `net.ipv4.tcp_tw_reuse` allows that, in seconds (tcp_twsk_unique).
pub(super) const REUSED_AFTER: f64 = 1.0;

/// What this machine allows.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Limits {
    /// Open files of this process.
    pub files: u64,
    /// Ports that one local address has for connections that it opens; nothing where the system does not tell.
    pub ports: Option<u32>,
    /// Where ports of closed connections are used again after a second.
    pub reuse: Reuse,
    /// Bytes of memory that are free for this process; nothing where the system does not tell.
    pub memory: Option<u64>,
    /// Cores that this process may run on.
    pub cores: u32,
}

/// Where ports of closed connections are used again early (`net.ipv4.tcp_tw_reuse`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reuse {
    /// Nowhere.
    Never,
    /// On loopback.
    Loopback,
    /// Everywhere.
    Always,
}

impl Limits {
    /// What the system says now.
    pub fn read() -> Self {
        let reuse = match read("/proc/sys/net/ipv4/tcp_tw_reuse").as_deref().map(str::trim) {
            Some("1") => Reuse::Always,
            Some("2") => Reuse::Loopback,
            _ => Reuse::Never,
        };
        Self {
            files: getrlimit(Resource::Nofile).current.unwrap_or(u64::MAX),
            ports: read("/proc/sys/net/ipv4/ip_local_port_range").and_then(|text| range(&text)),
            reuse,
            memory: memory_left(),
            cores: std::thread::available_parallelism()
                .map_or(1, |cores| u32::try_from(cores.get()).unwrap_or(u32::MAX)),
        }
    }
}

/// Raises the limit of open files as far as this process may, and says what it is then.
pub fn raise_file_limit() -> u64 {
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

/// Bytes of memory that are left for this process: by the machine, by its group, and by its own limits.
pub(super) fn memory_left() -> Option<u64> {
    let usage = read("/proc/self/statm").unwrap_or_default();
    let page = rustix::param::page_size() as u64;
    let used = |field: usize| {
        let pages: Option<u64> = usage
            .split_whitespace()
            .nth(field)
            .and_then(|text| text.parse().ok());
        pages.map(|pages| pages * page)
    };
    let own = |resource: Resource, field: usize| {
        let most = getrlimit(resource).current?;
        Some(most.saturating_sub(used(field)?))
    };
    // proc(5): the first field of statm is the address space, the sixth is what may be written.
    let all = [
        available(),
        left_in_group(),
        own(Resource::As, 0),
        own(Resource::Data, 5),
    ];
    all.into_iter().flatten().min()
}

fn available() -> Option<u64> {
    let text = read("/proc/meminfo")?;
    let line = text.lines().find_map(|line| line.strip_prefix("MemAvailable:"))?;
    let kibibytes: u64 = line.trim().strip_suffix(" kB")?.trim().parse().ok()?;
    Some(kibibytes * 1_024)
}

/// What the control group leaves (cgroup v2); pages of files that can be dropped do not count as used.
fn left_in_group() -> Option<u64> {
    let groups = read("/proc/self/cgroup")?;
    let path = groups.lines().find_map(|line| line.strip_prefix("0::"))?;
    let folder = format!("/sys/fs/cgroup{path}");
    let number = |file: &str| read(&format!("{folder}/{file}"))?.trim().parse::<u64>().ok();
    let most = number("memory.max")?;
    let used = number("memory.current")?;
    let droppable = read(&format!("{folder}/memory.stat"))
        .and_then(|text| {
            let line = text
                .lines()
                .find_map(|line| line.strip_prefix("inactive_file "))?;
            line.parse::<u64>().ok()
        })
        .unwrap_or(0);
    Some(most.saturating_sub(used.saturating_sub(droppable)))
}

fn range(text: &str) -> Option<u32> {
    let mut ends = text.split_whitespace().map(str::parse::<u32>);
    let (Some(Ok(low)), Some(Ok(high))) = (ends.next(), ends.next()) else {
        return None;
    };
    Some(high.saturating_sub(low) + 1)
}

fn read(path: &str) -> Option<String> {
    fs::read_to_string(path).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_range_of_ports_counts_both_its_ends() {
        assert_eq!(range("32768\t60999\n"), Some(28_232));
        assert_eq!(range("50000 50000"), Some(1));
        assert_eq!(range("many"), None);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_linux_machine_tells_its_limits() {
        let limits = Limits::read();
        assert!(limits.files > 0 && limits.cores > 0);
        assert!(limits.ports.is_some_and(|ports| ports > 0));
        assert!(limits.memory.is_some_and(|bytes| bytes > 0));
    }
}
