//! The status pages of servers: nginx `stub_status`, php-fpm's JSON, HAProxy's CSV, Apache's `server-status?auto`.

use super::super::product::Product;
use super::{Gauge, number};

/// `Active connections: 291`, then `accepts handled requests` and their numbers
/// (<https://nginx.org/en/docs/http/ngx_http_stub_status_module.html>).
pub(super) fn stub_status(text: &str) -> Option<Vec<Gauge>> {
    let active = after(text, "Active connections:")?;
    let mut all = vec![Gauge::of(Product::Nginx, "connections", number(active)?)];
    let counts = text
        .lines()
        .skip_while(|line| !line.contains("accepts handled requests"))
        .nth(1);
    let mut counts = counts.unwrap_or_default().split_whitespace().filter_map(number);
    if let (Some(accepts), Some(handled)) = (counts.next(), counts.next()) {
        let dropped = (accepts - handled).max(0.0);
        all.push(Gauge::of(Product::Nginx, "dropped connections", dropped).counter());
    }
    Some(all)
}

/// `{"listen queue": 3, "active processes": 5, …}` (<https://www.php.net/manual/en/fpm.status.php>).
pub(super) fn php_fpm(text: &str) -> Option<Vec<Gauge>> {
    if !text.trim_start().starts_with('{') {
        return None;
    }
    let page: serde_json::Value = serde_json::from_str(text).ok()?;
    let field = |name: &str| page.get(name).and_then(serde_json::Value::as_f64);
    let (active, queue) = (field("active processes")?, field("listen queue")?);
    let mut all = vec![
        Gauge::of(Product::PhpFpm, "workers", active)
            .limited(field("total processes"))
            .waiting(Some(queue)),
    ];
    if let Some(reached) = field("max children reached") {
        all.push(Gauge::of(Product::PhpFpm, "times at pm.max_children", reached).counter());
    }
    Some(all)
}

/// A row for each front end, server and back end, under a heading that names the columns
/// (<https://docs.haproxy.org/2.6/management.html#9.1>).
pub(super) fn haproxy(text: &str) -> Option<Vec<Gauge>> {
    let mut rows = text.lines();
    let heading = rows.next()?.strip_prefix("# pxname,")?;
    let columns: Vec<&str> = std::iter::once("pxname").chain(heading.split(',')).collect();
    let place = |name: &str| columns.iter().position(|column| *column == name);
    let (kind, sessions) = (place("svname")?, place("scur")?);
    let (limit, queue) = (place("slim")?, place("qcur")?);
    let mut all = Vec::new();
    for row in rows {
        let cells: Vec<&str> = row.split(',').collect();
        let cell = |at: usize| cells.get(at).copied().unwrap_or_default();
        let Some(used) = number(cell(sessions)) else {
            continue;
        };
        let (proxy, kind) = (cell(0), cell(kind));
        let waiting = number(cell(queue));
        match kind {
            "FRONTEND" => all.push(
                Gauge::of(Product::Haproxy, format!("{proxy} sessions"), used).limited(number(cell(limit))),
            ),
            // Its `slim` is no limit but a scale; what waits in it is what counts.
            "BACKEND" => all.extend(
                waiting.map(|waiting| Gauge::of(Product::Haproxy, format!("{proxy} queue"), waiting)),
            ),
            server => all.push(
                Gauge::of(Product::Haproxy, format!("{proxy}/{server} sessions"), used)
                    .limited(number(cell(limit)))
                    .waiting(waiting),
            ),
        }
    }
    (!all.is_empty()).then_some(all)
}

/// `BusyWorkers: 3`, and a scoreboard with a sign for each worker that there may be
/// (<https://httpd.apache.org/docs/2.4/mod/mod_status.html>).
pub(super) fn apache(text: &str) -> Option<Vec<Gauge>> {
    let busy = number(after(text, "BusyWorkers:")?)?;
    let idle = after(text, "IdleWorkers:").and_then(number);
    let board = after(text, "Scoreboard:").map(|board| board.trim().len() as f64);
    let limit = board.or_else(|| idle.map(|idle| idle + busy));
    Some(vec![Gauge::of(Product::Apache, "workers", busy).limited(limit)])
}

/// What stands after `mark` on its line.
fn after<'a>(text: &'a str, mark: &str) -> Option<&'a str> {
    text.lines().find_map(|line| line.strip_prefix(mark))
}
