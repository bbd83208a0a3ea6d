//! Status pages → how full each resource is. Which product's page it is shows by its shape. It opens no connection.

mod host;
mod pages;
mod prometheus;
mod saturation;

pub use saturation::{Filled, Moment, fullest};

use super::product::Product;

/// Bytes of a page that are looked at.
pub const LONGEST_STATUS: usize = 4 << 20;
/// Resources of one page that are kept.
const MOST_GAUGES: usize = 64;

/// How full one resource is, at one moment.
#[derive(Debug, Clone, PartialEq)]
pub struct Gauge {
    /// Whose it is.
    pub product: Product,
    /// What it is: `workers`, `connections`, `be/s1 sessions`.
    pub resource: String,
    /// How much of it is in use. Of a counter, how often it happened since the program started.
    pub used: f64,
    /// How much there is; nothing where the page does not say.
    pub limit: Option<f64>,
    /// How many wait for it.
    pub waiting: Option<f64>,
    /// Whether `used` only ever grows: then any growth is a sign that something overflowed.
    pub is_counter: bool,
}

impl Gauge {
    fn of(product: Product, resource: impl Into<String>, used: f64) -> Self {
        Self {
            product,
            resource: resource.into(),
            used,
            limit: None,
            waiting: None,
            is_counter: false,
        }
    }

    fn limited(mut self, limit: Option<f64>) -> Self {
        self.limit = limit.filter(|limit| *limit > 0.0);
        self
    }

    fn waiting(mut self, waiting: Option<f64>) -> Self {
        self.waiting = waiting;
        self
    }

    fn counter(mut self) -> Self {
        self.is_counter = true;
        self
    }

    /// Product and resource, as a sentence names them: `php-fpm workers`.
    pub fn name(&self) -> String {
        match self.product {
            Product::Unknown => self.resource.clone(),
            product => format!("{product} {}", self.resource),
        }
    }
}

/// The gauges of a status page, by its shape; of Prometheus text those called `metrics`. Nothing where the shape is not
/// known.
pub fn gauges(page: &[u8], metrics: &[String]) -> Option<Vec<Gauge>> {
    let text = String::from_utf8_lossy(&page[..page.len().min(LONGEST_STATUS)]);
    let mut found = if metrics.is_empty() {
        pages::stub_status(&text)
            .or_else(|| pages::php_fpm(&text))
            .or_else(|| pages::haproxy(&text))
            .or_else(|| pages::apache(&text))
            .or_else(|| host::host(&text))?
    } else {
        prometheus::named(&text, metrics)?
    };
    found.truncate(MOST_GAUGES);
    Some(found)
}

/// A number in a page: finite and not below zero.
fn number(text: &str) -> Option<f64> {
    let number: f64 = text.trim().parse().ok()?;
    (number.is_finite() && number >= 0.0).then_some(number)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read(page: &str) -> Vec<(String, f64, Option<f64>, Option<f64>)> {
        let found = gauges(page.as_bytes(), &[]).unwrap_or_default();
        let plain = |gauge: Gauge| (gauge.name(), gauge.used, gauge.limit, gauge.waiting);
        found.into_iter().map(plain).collect()
    }

    #[test]
    fn each_page_is_known_by_its_shape() {
        assert_eq!(
            read(
                "Active connections: 291 \nserver accepts handled requests\n 100 98 310 \nReading: 6 Writing: 179 Waiting: 106 \n"
            ),
            [
                ("nginx connections".to_owned(), 291.0, None, None),
                ("nginx dropped connections".to_owned(), 2.0, None, None)
            ]
        );
        assert_eq!(
            read(
                r#"{"pool":"www","process manager":"static","listen queue":128,"max listen queue":129,"listen queue len":128,"idle processes":0,"active processes":5,"total processes":5,"max children reached":0}"#
            )[0],
            ("php-fpm workers".to_owned(), 5.0, Some(5.0), Some(128.0))
        );
        assert_eq!(
            read(
                "# pxname,svname,qcur,qmax,scur,smax,slim,stot\nfe,FRONTEND,,,7,9,2000,40\nbe,s1,3,4,10,10,10,30\nbe,BACKEND,3,4,10,10,200,30\n"
            ),
            [
                ("haproxy fe sessions".to_owned(), 7.0, Some(2000.0), None),
                ("haproxy be/s1 sessions".to_owned(), 10.0, Some(10.0), Some(3.0)),
                ("haproxy be queue".to_owned(), 3.0, None, None)
            ]
        );
        assert_eq!(
            read("ServerVersion: Apache/2.4\nBusyWorkers: 3\nIdleWorkers: 5\nScoreboard: WWK_____....\n"),
            [("apache workers".to_owned(), 3.0, Some(12.0), None)]
        );
    }

    #[test]
    fn a_host_tells_its_load_its_memory_and_what_overflowed() {
        let text = "3.50 2.00 1.00 4/200 999\nprocessor\t: 0\nprocessor\t: 1\nMemTotal:       1000 kB\nMemAvailable:    250 kB\nTcpExt: SyncookiesSent ListenOverflows ListenDrops\nTcpExt: 0 17 19\n";
        assert_eq!(
            read(text),
            [
                ("load of the host".to_owned(), 3.5, Some(2.0), None),
                ("memory of the host (MB)".to_owned(), 0.75, Some(1.0), None),
                ("overflows of listen queues".to_owned(), 17.0, None, None)
            ]
        );
    }

    #[test]
    fn metrics_are_found_by_name_and_labels_are_kept_apart() {
        let text = "# HELP php_active x\n# TYPE php_active gauge\nphp_active{pool=\"www\"} 4\nphp_active{pool=\"api\"} NaN\nphp_active_total 9\nother 1\nplain 2.5e1 1395066363000\n";
        let names = ["php_active".to_owned(), "plain".to_owned()];
        let found = gauges(text.as_bytes(), &names).unwrap();
        let plain: Vec<(&str, f64)> = found
            .iter()
            .map(|gauge| (gauge.resource.as_str(), gauge.used))
            .collect();
        assert_eq!(plain, [("php_active{pool=\"www\"}", 4.0), ("plain", 25.0)]);
        assert_eq!(gauges(b"other 1\n", &names), None);
    }

    #[test]
    fn a_page_of_another_kind_is_nothing() {
        for page in [
            "",
            "<html>404</html>",
            "{}",
            "{\"listen queue\": \"x\"}",
            "# pxname\n",
            "BusyWorkers: many",
        ] {
            assert_eq!(gauges(page.as_bytes(), &[]), None, "{page}");
        }
    }

    proptest! {
        #[test]
        fn no_bytes_are_too_odd(page in prop::collection::vec(any::<u8>(), 0..300), metric in "[a-z]{1,3}") {
            for gauge in gauges(&page, &[]).into_iter().chain(gauges(&page, &[metric])).flatten() {
                prop_assert!(gauge.used.is_finite());
            }
        }
    }
}
