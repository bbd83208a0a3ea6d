//! Real nginx and php-fpm on loopback, above what they carry: the report names the resource that was full and the cause
//! that nginx's own log has.

#[expect(dead_code, reason = "the searches of other tests")]
mod gateways;

use gateways::NGINX_PHP_FPM;
use serde_json::Value;

#[test]
fn php_fpm_above_its_capacity_is_named_by_its_workers_and_its_full_backlog() {
    let Some(site) = NGINX_PHP_FPM.start() else { return };
    let folder = site.folder.path();
    let scenario = folder.join("scenario.yaml");
    let text = format!(
        "version: 1\ntarget: {url}\njourney:\n  - get: /\nlogs:\n  - file: {log}\nstatus:\n  - url: {url}/fpm-status?json\n",
        url = site.url.trim_end_matches('/'),
        log = folder.join("error.log").display()
    );
    std::fs::write(&scenario, text).unwrap();
    // Half as much again as the children can serve: even a starved machine sends more than they can.
    let rate = format!("{:.0}/s", NGINX_PHP_FPM.queue.capacity() * 1.5);
    let output = assert_cmd::Command::cargo_bin("tipover")
        .unwrap()
        .args([
            "run",
            scenario.to_str().unwrap(),
            "--rate",
            &rate,
            "--duration",
            "8s",
            "--json",
            "--out",
        ])
        .arg(folder.join("out"))
        .env_remove("http_proxy")
        .output()
        .unwrap();
    let summary: Value = serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|error| unreachable!("{error}: {}", String::from_utf8_lossy(&output.stderr)));
    let full = &summary["resources"][0];
    assert_eq!(full["name"], "php-fpm workers", "{summary:#}");
    assert_eq!((&full["used"], &full["limit"]), (&8.0.into(), &8.0.into()));
    let cause = &summary["causes"][0];
    assert_eq!(
        (&cause["gateway"], &cause["cause"]),
        (&"nginx".into(), &"queue_full".into()),
        "{summary:#}"
    );
}
