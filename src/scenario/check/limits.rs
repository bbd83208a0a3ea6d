//! `stop` and `side_effects`: what protects a site from the load.

use std::net::IpAddr;
use std::time::Duration;

use url::Host;

use super::fields::{Check, Fields, Keys};
use super::journey::unsafe_step;
use crate::scenario::document::Node;
use crate::scenario::written::{Amount, WrittenStop};
use crate::scenario::{Journeys, StandsFor, StopRule, StopRules, Target};
use crate::units::{Share, Span};

const STOP: Keys = Keys {
    known: &["failures", "requests", "duration", "file"],
    later: &["p95", "latency"],
};

impl Check<'_> {
    /// When to stop early. A production site is left sooner: at 5 % for 3 s unless said otherwise.
    pub(super) fn stop(
        &mut self,
        node: Option<&Node>,
        target: Option<&Target>,
    ) -> Option<(StopRules, Option<WrittenStop>)> {
        let mut rules = StopRules::default();
        if target.is_some_and(|target| target.stands_for == Some(StandsFor::Production)) {
            rules.failures = Some(StopRule {
                share: Share::new(0.05),
                length: Duration::from_secs(3),
            });
        }
        let Some(node) = node else {
            let written = written_stop(&rules, None);
            return Some((rules, written));
        };
        let fields = self.fields(node, "`stop`", &STOP)?;
        if let Some(rule) = fields.get("failures").and_then(|node| self.stop_rule(node)) {
            rules.failures = Some(rule);
        }
        rules.requests = fields
            .get("requests")
            .and_then(|node| self.count(node, "`requests`"));
        if let Some(node) = fields.get("duration") {
            rules.duration = self.quantity::<Span>(node, "`duration`").map(Span::duration);
            if rules.duration == Some(Duration::ZERO) {
                self.error(
                    node.place,
                    "`duration`: no time at all is too short",
                    "write `20m`",
                );
            }
        }
        let file = fields.get("file").and_then(|node| self.path(node, "`file`"));
        let (path, text) = file.unzip();
        rules.file = path;
        let written = written_stop(&rules, text);
        Some((rules, written))
    }

    fn stop_rule(&mut self, node: &Node) -> Option<StopRule> {
        let text = self.text(node, "`failures`")?;
        let words: Vec<&str> = text.split_whitespace().collect();
        let Some((share, length)) = text.split_once(" for ").filter(|_| words.contains(&"for")) else {
            self.error(
                node.place,
                format!("`failures`: `{text}` does not say for how long"),
                "write a share and a time, as in `50% for 15s`",
            );
            return None;
        };
        let share = match share.parse::<Share>() {
            Ok(share) if share.get() > 0.0 => Some(share),
            Ok(_) => {
                self.error(
                    node.place,
                    "`failures`: a share of zero stops every run",
                    "write one as in `50% for 15s`",
                );
                None
            }
            Err(error) => {
                self.unit_error(node.place, "`failures`", &error);
                None
            }
        };
        let length = match length.parse::<Span>() {
            Ok(span) if !span.duration().is_zero() => Some(span.duration()),
            Ok(_) => {
                self.error(
                    node.place,
                    "`failures`: no time at all is too short",
                    "write `50% for 15s`",
                );
                None
            }
            Err(error) => {
                self.unit_error(node.place, "`failures`", &error);
                None
            }
        };
        Some(StopRule {
            share: share?,
            length: length?,
        })
    }

    /// Anything but GET and HEAD against a site that is not certainly a local one must be allowed by a line.
    pub(super) fn side_effects(
        &mut self,
        fields: &Fields<'_>,
        journeys: Option<&Journeys>,
        target: Option<&Target>,
    ) {
        if let Some(node) = fields.get("side_effects") {
            self.choice(node, "`side_effects`", &[("allowed", ())]);
            return;
        }
        let (Some(journeys), Some(target)) = (journeys, target) else {
            return;
        };
        if journeys.steps().all(|(_, step)| step.method.is_safe()) || is_local(target) {
            return;
        }
        if let Some(node) = unsafe_step(fields) {
            self.error(
                node.place,
                "this step may change something at a site that is not on this machine",
                "add `side_effects: allowed` if thousands of them do no harm",
            );
        }
    }
}

fn written_stop(rules: &StopRules, file: Option<String>) -> Option<WrittenStop> {
    let is_empty = *rules == StopRules::default();
    (!is_empty).then(|| WrittenStop {
        failures: rules
            .failures
            .map(|rule| format!("{} for {}", rule.share, Span::new(rule.length))),
        requests: rules.requests.map(Amount),
        duration: rules.duration.map(|duration| Span::new(duration).to_string()),
        file,
    })
}

/// Whether the host is certainly local without asking DNS: named so, a private address, or resolved to one by the
/// scenario.
fn is_local(target: &Target) -> bool {
    let host = target.url.host_str().unwrap_or("");
    if let Some(resolve) = target.resolve.iter().find(|one| one.host == host) {
        return is_private(resolve.address);
    }
    match target.url.host() {
        Some(Host::Ipv4(address)) => is_private(IpAddr::V4(address)),
        Some(Host::Ipv6(address)) => is_private(IpAddr::V6(address)),
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        None => false,
    }
}

/// 127/8, ::1, RFC 1918 and fc00::/7.
fn is_private(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => address.is_loopback() || address.is_private(),
        IpAddr::V6(address) => address.is_loopback() || address.is_unique_local(),
    }
}
