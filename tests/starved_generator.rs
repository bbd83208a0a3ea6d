//! This machine, starved of one thing at a time, names what it lacks and never blames the site; a site that is starved
//! is not taken for a weak machine.

#![cfg(target_os = "linux")]
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod starved;
mod virtual_time;

use std::fs;
use std::path::Path;
use std::process::{Child, Command};
use std::time::{Duration, Instant};

use starved::{first_core, shell, site, verdict};
use tipover::analysis::generator_health;
use tipover::load::{Curve, Piece};
use tipover::model::{Call, Foreseen};
use tipover::record::{Class, Unsent};
use tipover::units::Rate;
use virtual_time::{Load, VirtualRun};

#[test]
fn out_of_files_is_said_to_be_ours() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("run");
    let url = format!("http://{}", site(Duration::from_millis(500)));
    // One core, so one worker: what it needs for itself does not depend on the machine.
    let script =
        "ulimit -n 24; exec taskset -c $CPU \"$TIPOVER\" run $URL --rate 100/s --duration 4s -q --out $OUT";
    shell(script, &[("URL", &url), ("OUT", out.to_str().unwrap())])
        .status()
        .unwrap();
    let verdict = verdict(&out).unwrap();
    assert!(verdict.is_limited(), "{verdict:?}");
    assert_eq!(verdict.by(), "files", "{verdict:?}");
    assert!(
        verdict.unsent("files") > 0 && verdict.the_site_is_blameless(),
        "{verdict:?}"
    );
}

/// A network of its own with 40 local ports, none of which is used again before its minute is over.
const FEW_PORTS: &str = r#"
    ip link set lo up || exit 77
    echo 50000 50039 > /proc/sys/net/ipv4/ip_local_port_range || exit 77
    echo 0 > /proc/sys/net/ipv4/tcp_tw_reuse || exit 77
    "$TIPOVER" demo --serve --capacity 500/s > "$FOLDER/site.txt" 2>&1 &
    site=$!
    for _ in $(seq 600); do grep -q http "$FOLDER/site.txt" && break; sleep 0.1; done
    url=$(grep -o 'http://[0-9.:]*' "$FOLDER/site.txt" | head -n 1)
    for source in "" "source_addresses: [127.0.1.0/24]"; do
        printf 'version: 1\ntarget: %s\njourney: [ { get: / } ]\n%s\n' "$url" "$source" > "$FOLDER/scenario.yaml"
        "$TIPOVER" run "$FOLDER/scenario.yaml" --rate 50/s --duration 4s -q --out "$FOLDER/run${source:+_sourced}"
    done
    kill $site
"#;

#[test]
fn out_of_ports_is_said_to_be_ours_and_more_addresses_lift_it() {
    let folder = tempfile::tempdir().unwrap();
    let can_unshare = Command::new("unshare").args(["-rn", "true"]).status();
    let is_able = can_unshare.is_ok_and(|status| status.success());
    let mut command = Command::new("unshare");
    command
        .args(["-rn", "sh", "-c", FEW_PORTS])
        .env("TIPOVER", starved::TIPOVER);
    let status = is_able.then(|| command.env("FOLDER", folder.path()).status().unwrap());
    if status.is_none_or(|status| status.code() == Some(77)) {
        assert!(
            std::env::var_os("CI").is_none(),
            "no network namespace can be had here"
        );
        return eprintln!("not tested: no network namespace can be had here");
    }
    let few = verdict(&folder.path().join("run")).unwrap();
    assert!(few.is_limited() && few.the_site_is_blameless(), "{few:?}");
    assert_eq!(few.by(), "ports", "{few:?}");
    let many = verdict(&folder.path().join("run_sourced")).unwrap();
    assert_eq!(many.unsent("ports"), 0, "{many:?}");
    assert!(
        many.classes.iter().map(|(_, count)| count).sum::<u64>() > 100,
        "{many:?}"
    );
}

/// Processes that do nothing but keep a core busy; they end with it.
struct Burners(Vec<Child>);

impl Burners {
    fn on(core: u32) -> Self {
        let burner = |_| {
            let script = "while :; do :; done";
            Command::new("taskset")
                .args(["-c", &core.to_string(), "sh", "-c", script])
                .spawn()
                .unwrap()
        };
        Self((0..3).map(burner).collect())
    }
}

impl Drop for Burners {
    fn drop(&mut self) {
        for child in &mut self.0 {
            drop(child.kill());
            drop(child.wait());
        }
    }
}

#[test]
fn a_core_that_others_keep_busy_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("run");
    let url = format!("http://{}", site(Duration::from_millis(5)));
    let script =
        "exec nice -n 19 taskset -c $CPU \"$TIPOVER\" run $URL --rate 200/s --duration 8s -q --out $OUT";
    let mut run = shell(script, &[("URL", &url), ("OUT", out.to_str().unwrap())])
        .spawn()
        .unwrap();
    is_playing(&out.join("run.jsonl"));
    let burners = Burners::on(first_core());
    std::thread::sleep(Duration::from_secs(4));
    drop(burners);
    run.wait().unwrap();
    let verdict = verdict(&out).unwrap();
    assert!(verdict.is_limited(), "{verdict:?}");
    assert_eq!(verdict.by(), "cpu", "{verdict:?}");
    assert!(verdict.the_site_is_blameless(), "{verdict:?}");
}

/// Waits for the first second of a record.
fn is_playing(record: &Path) {
    let patience = Instant::now();
    while !fs::read_to_string(record).is_ok_and(|text| text.contains("\"type\":\"second\"")) {
        assert!(patience.elapsed() < Duration::from_secs(60), "it does not begin");
        std::thread::sleep(Duration::from_millis(50));
    }
}

#[test]
fn a_machine_that_runs_out_of_memory_lets_nobody_come_and_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("http://{}", site(Duration::from_millis(5)));
    // How much it needs to start with is its own affair: of these caps one leaves too little beyond that.
    let verdicts: Vec<_> = (1..=8)
        .map_while(|step| {
            let (cap, out) = ((step * 16) << 10, folder.path().join(format!("run{step}")));
            let script = "ulimit -d $CAP; exec taskset -c $CPU \"$TIPOVER\" run $URL --rate 50/s --duration 3s -q --out $OUT";
            let variables = [("CAP", cap.to_string()), ("URL", url.clone()), ("OUT", out.display().to_string())];
            let variables: Vec<(&str, &str)> = variables.iter().map(|(name, value)| (*name, value.as_str())).collect();
            shell(script, &variables).status().unwrap();
            let found = verdict(&out);
            // Once it has all that it wants, a higher cap is no news.
            let has_enough = found.as_ref().is_some_and(|verdict| verdict.unsent("memory") == 0);
            (!has_enough).then_some(found)
        })
        .flatten()
        .collect();
    let starved = verdicts.iter().find(|verdict| verdict.unsent("memory") > 0);
    let starved = starved.unwrap_or_else(|| unreachable!("{verdicts:?}"));
    assert!(
        starved.is_limited() && starved.the_site_is_blameless(),
        "{starved:?}"
    );
    assert_eq!(starved.by(), "memory", "{starved:?}");
}

#[test]
fn a_starved_site_is_not_taken_for_a_weak_machine() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("run");
    // It answers after 3 s, and nothing before.
    let url = format!("http://{}", site(Duration::from_secs(3)));
    let script = "exec \"$TIPOVER\" run $URL --rate 60/s --duration 4s -q --out $OUT";
    shell(script, &[("URL", &url), ("OUT", out.to_str().unwrap())])
        .status()
        .unwrap();
    let verdict = verdict(&out).unwrap();
    for reason in ["files", "ports", "memory", "in_flight_cap"] {
        assert_eq!(verdict.unsent(reason), 0, "{verdict:?}");
    }
    // On a machine that is really busy its own lateness may still be true.
    assert!(["nothing", "late", "cpu"].contains(&verdict.by()), "{verdict:?}");
    assert!(
        !verdict.is_limited() || verdict.generator["disturbed_seconds"].as_u64() > Some(0),
        "{verdict:?}"
    );
}

#[test]
fn a_site_that_hangs_resets_or_refuses_gets_no_confession_from_an_idle_machine() {
    let answers = [
        (Class::AnswerTimeout, 10_000),
        (Class::Reset, 1),
        (Class::Refused, 0),
        (Class::ConnectTimeout, 5_000),
        (Class::Status(502), 2_000),
    ];
    for (class, millis) in answers {
        let site = Foreseen::new(move |call: &Call| call.ends(Duration::from_millis(millis), class));
        let curve = Curve::new([Piece::hold(Rate::per_second(200.0), Duration::from_secs(30))]);
        let (record, _) = VirtualRun::new(site, Load::Curve(curve)).play();
        let health = generator_health(&record, false);
        assert!(
            !health.is_limited && health.limited_by.is_none(),
            "{class}: {health:?}"
        );
        assert_eq!((health.unsent, health.disturbed_seconds), (0, 0), "{class}");
        let lines = record.seconds.iter().flat_map(|second| &second.unsent);
        assert_eq!(
            lines.filter(|line| line.reason != Unsent::Stopped).count(),
            0,
            "{class}"
        );
    }
}
