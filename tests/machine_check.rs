//! `tipover check --machine`: measures on loopback, needs no scenario, and says the same in words and in JSON.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::process::{Command, Output};

fn tipover(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_tipover"))
        .args(arguments)
        .output()
        .unwrap()
}

#[test]
fn the_ceiling_of_a_machine_is_measured_on_loopback() {
    let output = tipover(&["check", "--machine", "--json"]);
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    let found: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    for figure in [
        "requests_per_second",
        "new_connections_per_second",
        "tls_handshakes_per_second",
        "concurrent_connections",
        "in_flight_cap",
        "cores",
        "file_limit",
        "seconds",
    ] {
        assert!(
            found[figure].as_f64().is_some_and(|number| number > 0.0),
            "{figure}: {found}"
        );
    }
    let late = |name: &str| found["timer_lateness_ms"][name].as_f64().unwrap();
    assert!(
        late("p50") <= late("p99") && late("p99") <= late("max"),
        "{found}"
    );
}

#[test]
fn a_machine_is_measured_without_a_scenario_and_a_scenario_without_a_machine() {
    assert_eq!(tipover(&["check"]).status.code(), Some(2));
    assert_eq!(
        tipover(&["check", "http://127.0.0.1:9", "--machine"])
            .status
            .code(),
        Some(2)
    );
}
