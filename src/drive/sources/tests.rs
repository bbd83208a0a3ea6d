//! Logs and status pages of this machine, watched for moments.

use std::io::Write;
use std::path::Path;
use std::time::Duration;

use tokio::task::LocalSet;
use tokio::time::{sleep, timeout};

use super::*;

const REFUSED: &str = "2026/11/22 10:44:41 [error] 1#1: *4 connect() failed (111: Connection refused) while connecting to upstream, client: 10.0.0.1, server: x, request: \"GET / HTTP/1.1\", upstream: \"http://127.0.0.1:9/\"\n";

fn watched(feed: Feed) -> Watched {
    Watched {
        name: "web1".to_owned(),
        feed,
        metrics: Vec::new(),
    }
}

fn append(path: &Path, text: &str) {
    let mut file = std::fs::OpenOptions::new()
        .append(true)
        .create(true)
        .open(path)
        .unwrap();
    file.write_all(text.as_bytes()).unwrap();
}

/// Waits until the sources show so many lines with a cause.
async fn causes(sources: &mut Sources, wanted: u64) -> Vec<CauseLine> {
    let mut all: Vec<CauseLine> = Vec::new();
    let gathering = async {
        while all.iter().map(|cause| cause.count).sum::<u64>() < wanted {
            all.extend(sources.take(0).0.into_iter().flat_map(|line| line.causes));
            sleep(Duration::from_millis(20)).await;
        }
    };
    timeout(Duration::from_secs(20), gathering).await.unwrap();
    all
}

#[tokio::test]
async fn a_file_is_followed_from_its_end_through_both_kinds_of_rotation() {
    let test = async {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("error.log");
        append(&path, &REFUSED.repeat(7));
        let mut sources = Sources::begin(&[watched(Feed::File(path.clone()))], &[]);
        sleep(Duration::from_millis(50)).await;
        append(&path, &REFUSED.repeat(2));
        assert_eq!(causes(&mut sources, 2).await[0].cause, "backend_refused");
        std::fs::rename(&path, folder.path().join("error.log.1")).unwrap();
        append(&folder.path().join("error.log.1"), REFUSED);
        append(&path, &REFUSED.repeat(3));
        let after: u64 = causes(&mut sources, 4)
            .await
            .iter()
            .map(|cause| cause.count)
            .sum();
        assert_eq!(after, 4, "the last line of the old file, and all of the new one");
        std::fs::write(&path, REFUSED).unwrap();
        let cut: u64 = causes(&mut sources, 1)
            .await
            .iter()
            .map(|cause| cause.count)
            .sum();
        assert_eq!(cut, 1);
    };
    LocalSet::new().run_until(test).await;
}

#[tokio::test]
async fn a_program_is_read_and_ended_with_everything_that_it_started() {
    let test = async {
        let folder = tempfile::tempdir().unwrap();
        let (log, pid) = (folder.path().join("log"), folder.path().join("pid"));
        append(&log, REFUSED);
        let line = format!(
            "cat {}; sleep 600 & echo $! > {}; wait",
            log.display(),
            pid.display()
        );
        let mut sources = Sources::begin(&[watched(Feed::Shell(line))], &[]);
        assert_eq!(causes(&mut sources, 1).await[0].count, 1);
        let started = async {
            loop {
                if let Some(pid) = std::fs::read_to_string(&pid)
                    .ok()
                    .and_then(|pid| pid.trim().parse::<u32>().ok())
                {
                    return pid;
                }
                sleep(Duration::from_millis(20)).await;
            }
        };
        let pid = timeout(Duration::from_secs(20), started).await.unwrap();
        drop(sources);
        let gone = async {
            let state = || std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
            // A zombie has ended: nobody has asked how.
            while !state().is_empty() && !state().contains(") Z") {
                sleep(Duration::from_millis(20)).await;
            }
        };
        timeout(Duration::from_secs(20), gone).await.unwrap();
    };
    LocalSet::new().run_until(test).await;
}

#[tokio::test]
async fn a_source_that_dies_is_said_once() {
    let test = async {
        let missing = watched(Feed::File("/nonexistent/error.log".into()));
        let ends = watched(Feed::Command(vec!["false".to_owned()]));
        let nothing = watched(Feed::Command(vec!["/nonexistent/program".to_owned()]));
        let mut sources = Sources::begin(&[missing, ends, nothing], &[]);
        let mut told: Vec<String> = Vec::new();
        let all = async {
            while told.len() < 3 {
                told.extend(sources.take(0).1);
                sleep(Duration::from_millis(20)).await;
            }
            sleep(Duration::from_millis(500)).await;
            told.extend(sources.take(1).1);
        };
        timeout(Duration::from_secs(20), all).await.unwrap();
        assert_eq!(told.len(), 3, "{told:?}");
        assert!(told.iter().any(|told| told.contains("does not start")));
        assert!(told.iter().any(|told| told.contains("ended: exit status: 1")));
    };
    LocalSet::new().run_until(test).await;
}

#[tokio::test]
async fn a_page_that_a_program_prints_is_read_each_second() {
    let test = async {
        let page = watched(Feed::Shell(
            "printf 'BusyWorkers: 3\\nIdleWorkers: 1\\n'".to_owned(),
        ));
        let mut sources = Sources::begin(&[], &[(page, None)]);
        let mut found = Vec::new();
        let reading = async {
            while found.len() < 2 {
                found.extend(sources.take(0).0.into_iter().flat_map(|line| line.gauges));
                sleep(Duration::from_millis(20)).await;
            }
        };
        timeout(Duration::from_secs(20), reading).await.unwrap();
        assert_eq!((found[1].used, found[1].limit), (3.0, Some(4.0)));
        let odd = watched(Feed::Shell("echo hello".to_owned()));
        let mut sources = Sources::begin(&[], &[(odd, None)]);
        let told = async {
            loop {
                if let Some(told) = sources.take(0).1.pop() {
                    return told;
                }
                sleep(Duration::from_millis(20)).await;
            }
        };
        let told = timeout(Duration::from_secs(20), told).await.unwrap();
        assert_eq!(told, "web1: it is no status page of a known kind");
    };
    LocalSet::new().run_until(test).await;
}
