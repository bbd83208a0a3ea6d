//! `logs` and `status` as people write them.

use schemars::JsonSchema;
use serde::Serialize;

/// A log that is followed while a load is played: exactly one of `file`, `command` and `shell`.
#[derive(Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::scenario) struct WrittenLog {
    /// A file on this machine; it is followed through its rotation.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::scenario) file: Option<String>,
    /// A program and its arguments, which prints lines until the run ends: `[ssh, web1, tail, -F, /var/log/nginx/error.log]`.
    #[schemars(length(min = 1))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::scenario) command: Option<Vec<String>>,
    /// The same as a line for `sh`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::scenario) shell: Option<String>,
    /// How it is called in the report.
    #[schemars(length(min = 1, max = 120))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::scenario) name: Option<String>,
}

/// A status page that is read each second while a load is played: exactly one of `url`, `command` and `shell`. Known are
/// nginx `stub_status`, php-fpm's JSON, HAProxy's CSV, Apache's `server-status?auto`, Prometheus text, and `/proc`.
#[derive(Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::scenario) struct WrittenStatus {
    /// Its address: `http://127.0.0.1:8080/fpm-status?json`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::scenario) url: Option<String>,
    /// A program that prints it: `[ssh, web1, cat, /proc/loadavg, /proc/cpuinfo, /proc/meminfo, /proc/net/netstat]`.
    #[schemars(length(min = 1))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::scenario) command: Option<Vec<String>>,
    /// The same as a line for `sh`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::scenario) shell: Option<String>,
    /// How it is called in the report.
    #[schemars(length(min = 1, max = 120))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::scenario) name: Option<String>,
    /// Of Prometheus text, the metrics to look at, by name.
    #[schemars(length(min = 1))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::scenario) metrics: Option<Vec<String>>,
}
