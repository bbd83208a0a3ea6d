//! Alert rules for Prometheus, ready to paste: at 80 % of the tipping point, and for the resource that was full first.
//! The metrics are those of the exporters in common use; a comment names each.

use super::summary::Summary;
use super::watched::ResourceSummary;
use crate::search::Kind;
use crate::words::{Language, Phrase};

/// At which part of the tipping point, or of a resource, to warn.
const PART: f64 = 0.8;

/// What counts the requests of a gateway: its word, the expression, and the exporter.
const REQUESTS: [(&str, &str, &str); 7] = [
    (
        "nginx",
        "sum(rate(nginx_http_requests_total[1m]))",
        "nginx-prometheus-exporter",
    ),
    (
        "haproxy",
        "sum(rate(haproxy_frontend_http_requests_total[1m]))",
        "HAProxy itself",
    ),
    (
        "apache",
        "sum(rate(apache_accesses_total[1m]))",
        "apache_exporter",
    ),
    (
        "caddy",
        "sum(rate(caddy_http_requests_total[1m]))",
        "Caddy itself",
    ),
    (
        "varnish",
        "sum(rate(varnish_main_client_req[1m]))",
        "prometheus_varnish_exporter",
    ),
    (
        "envoy",
        "sum(rate(envoy_http_downstream_rq_total[1m]))",
        "Envoy itself",
    ),
    (
        "traefik",
        "sum(rate(traefik_entrypoint_requests_total[1m]))",
        "Traefik itself",
    ),
];

/// What tells how full a resource is: the beginning of its name, the expression that is true when it is nearly full, and
/// the exporter.
const RESOURCES: [(&str, &str, &str); 6] = [
    (
        "php-fpm workers",
        "phpfpm_active_processes / phpfpm_total_processes > 0.8 or phpfpm_listen_queue > 0",
        "php-fpm_exporter",
    ),
    (
        "haproxy ",
        "haproxy_server_current_sessions / haproxy_server_limit_sessions > 0.8",
        "HAProxy itself",
    ),
    (
        "apache workers",
        "sum(apache_workers{state=\"busy\"}) / sum(apache_workers) > 0.8",
        "apache_exporter",
    ),
    (
        "load of the host",
        "node_load1 / count without (cpu, mode) (node_cpu_seconds_total{mode=\"idle\"}) > 0.8",
        "node_exporter",
    ),
    (
        "memory of the host",
        "1 - node_memory_MemAvailable_bytes / node_memory_MemTotal_bytes > 0.8",
        "node_exporter",
    ),
    (
        "overflows of listen queues",
        "rate(node_netstat_TcpExt_ListenOverflows[1m]) > 0",
        "node_exporter",
    ),
];

/// The rules as YAML; nothing where no tipping point is known.
pub(super) fn rules(summary: &Summary, language: Language) -> Option<String> {
    let finding = summary
        .finding
        .as_ref()
        .filter(|finding| finding.kind == Kind::Tipped)?;
    let pages = finding.rate?.mid;
    let journey = &summary.journey;
    let requests = pages * journey.requests_per_visit / journey.pages_per_visit;
    if !requests.is_finite() || requests <= 0.0 {
        return None;
    }
    let gateway = summary
        .answered_by
        .iter()
        .find(|found| found.made_by == "gateway");
    let counts = |word: &str| REQUESTS.iter().find(|(known, ..)| *known == word);
    let (_, expression, exporter) = gateway
        .and_then(|found| counts(&found.gateway))
        .or_else(|| summary.causes.iter().find_map(|cause| counts(&cause.gateway)))
        .unwrap_or(&REQUESTS[0]);
    let told = Phrase::AlertTipping.fill(language, &[("rate", &language.quantity(requests))]);
    let mut text = format!(
        "groups:\n  - name: tipover\n    rules:\n{}",
        rule(
            "NearTippingPoint",
            exporter,
            &format!("{expression} > {}", (PART * requests).round()),
            &told
        )
    );
    let first = summary.resources.iter().find(|resource| !resource.full_anyway);
    if let Some((expression, exporter)) = first.and_then(of_resource) {
        let told = Phrase::AlertFull.fill(language, &[("name", first.map_or("", |full| full.name.as_str()))]);
        text.push_str(&rule("NearlyFull", exporter, expression, &told));
    }
    Some(text)
}

fn of_resource(full: &ResourceSummary) -> Option<(&'static str, &'static str)> {
    let known = RESOURCES.iter().find(|(begin, ..)| full.name.starts_with(begin));
    known.map(|(_, expression, exporter)| (*expression, *exporter))
}

fn rule(name: &str, exporter: &str, expression: &str, told: &str) -> String {
    // In single quotes, a quote is written twice (YAML 1.2, 7.3.2).
    let told = told.replace('\'', "''");
    format!(
        "      - alert: {name}\n        # {exporter}\n        expr: {expression}\n        for: 1m\n        \
         labels: {{ severity: warning }}\n        annotations:\n          summary: '{told}'\n"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rule_is_yaml_whatever_it_tells() {
        let text = rule("NearlyFull", "an exporter", "a > 1", "it's 'full': #1");
        assert!(text.contains("summary: 'it''s ''full'': #1'\n"), "{text}");
        assert!(text.lines().all(|line| line.starts_with("      ")));
    }

    #[test]
    fn each_resource_that_a_status_page_names_has_its_rule() {
        for name in [
            "php-fpm workers (web1)",
            "haproxy be/s1 sessions",
            "load of the host",
        ] {
            let full = ResourceSummary {
                name: name.to_owned(),
                product: String::new(),
                from_rate: 1.0,
                used: 1.0,
                limit: None,
                waiting: None,
                full_anyway: false,
            };
            assert!(of_resource(&full).is_some(), "{name}");
        }
    }
}
