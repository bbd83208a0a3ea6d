//! A host by its `/proc`: `cat /proc/loadavg /proc/cpuinfo /proc/meminfo /proc/net/netstat`, in any order, each of them or
//! some (proc(5)). `ListenOverflows` settles whether a connection that timed out met a full backlog.

use super::super::product::Product;
use super::{Gauge, number};

pub(super) fn host(text: &str) -> Option<Vec<Gauge>> {
    let all: Vec<Gauge> = [load(text), memory(text), overflows(text)]
        .into_iter()
        .flatten()
        .collect();
    (!all.is_empty()).then_some(all)
}

/// `0.20 0.18 0.12 1/80 11206`; the limit is the number of cores, where `/proc/cpuinfo` is there.
fn load(text: &str) -> Option<Gauge> {
    let of = |line: &str| {
        let words: Vec<&str> = line.split(' ').collect();
        let is_one = words.len() == 5 && words[3].contains('/');
        is_one.then(|| number(words[0])).flatten()
    };
    let used = text.lines().find_map(of)?;
    let cores = text
        .lines()
        .filter(|line| line.starts_with("processor\t"))
        .count() as f64;
    Some(Gauge::of(Product::Unknown, "load of the host", used).limited(Some(cores)))
}

fn memory(text: &str) -> Option<Gauge> {
    let megabytes = |name: &str| {
        let line = text.lines().find_map(|line| line.strip_prefix(name))?;
        Some(number(line.split_whitespace().next()?)? / 1e3)
    };
    let (total, available) = (megabytes("MemTotal:")?, megabytes("MemAvailable:")?);
    let used = (total - available).max(0.0);
    Some(Gauge::of(Product::Unknown, "memory of the host (MB)", used).limited(Some(total)))
}

/// Two lines `TcpExt:`, of names and of their values.
fn overflows(text: &str) -> Option<Gauge> {
    let mut lines = text.lines().filter_map(|line| line.strip_prefix("TcpExt:"));
    let (names, values) = (lines.next()?, lines.next()?);
    let at = names
        .split_whitespace()
        .position(|name| name == "ListenOverflows")?;
    let count = number(values.split_whitespace().nth(at)?)?;
    Some(Gauge::of(Product::Unknown, "overflows of listen queues", count).counter())
}
