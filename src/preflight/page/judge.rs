//! What an answer means for visitors and for a load.

use super::super::address::in_millis;
use super::super::finding::{Area, Finding};
use super::Page;
use crate::record::Class;
use crate::transport::Request;

/// Text longer than this ought to be packed.
pub(super) const WORTH_PACKING: usize = 4 << 10;
/// Clocks that differ by more than this make logs hard to lay beside each other, in seconds.
const SKEW: i64 = 5;

impl Page {
    /// What to say about the answer to `asked`; `expected` tells the statuses that the scenario wants.
    pub(in crate::preflight) fn findings(
        &self,
        asked: &Request,
        expected: impl Fn(u16) -> bool,
        has_tls: bool,
    ) -> Vec<Finding> {
        let mut all = vec![self.answered(asked, expected)];
        if self.class.is_transport() {
            return all;
        }
        all.extend(self.moved());
        all.extend(self.kept());
        all.extend(self.stored());
        all.extend(self.packed());
        if let Some(skew) = self.clock_skew.filter(|skew| skew.abs() > SKEW) {
            let way = if skew > 0 { "ahead of" } else { "behind" };
            all.push(Finding::warning(
                Area::Http,
                format!("the site’s clock is {} s {way} ours", skew.abs()),
                "set both clocks by NTP: the site’s logs are laid beside the run by time",
            ));
        }
        if has_tls && self.class.is_success() {
            all.extend(self.strict());
        }
        all
    }

    fn answered(&self, asked: &Request, expected: impl Fn(u16) -> bool) -> Finding {
        let mut text = format!(
            "{} {} → {} in {}",
            asked.method,
            asked.path.path(),
            self.class,
            in_millis(std::time::Duration::from_secs_f64(self.milliseconds / 1e3))
        );
        if let Some(server) = &self.server {
            text.push_str(&format!(", Server: {server}"));
        }
        if let Some(title) = &self.title {
            text.push_str(&format!(", “{title}”"));
        }
        if let Some(error) = &self.error {
            text.push_str(&format!(": {error}"));
        }
        if let Some((product, layer, sure)) = &self.made_by {
            text.push_str(&format!(
                "; made by {product} ({layer}, {:.0} % sure)",
                sure * 100.0
            ));
        }
        if let Some(challenge) = &self.challenge {
            return Finding::error(
                Area::Http,
                format!("{text}; {challenge}"),
                "the protection takes us for a robot: let it pass the address or the header of this run, or measure the \
                 origin (`--resolve`)",
            );
        }
        match self.class {
            Class::Status(status) if expected(status) => Finding::ok(Area::Http, text),
            class if class.is_transport() => Finding::error(Area::Http, text, transport_remedy(class)),
            Class::Status(500..=599) => Finding::error(Area::Http, text, self.failure_remedy()),
            Class::Status(401 | 403 | 429) => Finding::warning(
                Area::Http,
                text,
                "we are refused, not measured: send what the site asks for (`--header`, `target.auth`), or let it pass \
                 this machine",
            ),
            Class::Status(400..=499) => Finding::warning(
                Area::Http,
                text,
                "check the address of the step: visitors see this too",
            ),
            _ => Finding::ok(Area::Http, text),
        }
    }

    fn failure_remedy(&self) -> String {
        let layer = self
            .made_by
            .as_ref()
            .map(|(product, layer, _)| (product.as_str(), layer.as_str()));
        match layer {
            Some((_, "application")) => "the application said it: its own log has the reason".to_owned(),
            Some((product, _)) => format!(
                "{product} said it of the backend behind it: its error log has the reason, and `tipover explain LOG` reads it"
            ),
            None => "read the error log of the gateway at this second, by `tipover explain LOG`".to_owned(),
        }
    }

    fn moved(&self) -> Option<Finding> {
        if let Some(place) = &self.leads_away {
            return Some(Finding::warning(
                Area::Http,
                format!("it leads to {place}, which is not contacted"),
                "write that address into `target`, if it is the site that is meant",
            ));
        }
        let last = self.redirects.last()?;
        let text = match self.redirects.len() {
            1 => format!("one redirect, to {last}"),
            many => format!("{many} redirects, at last to {last}"),
        };
        Some(if self.redirects.len() > 1 {
            Finding::warning(
                Area::Http,
                text,
                "put the last address into the mail: each redirect is one more request and one more wait per visitor",
            )
        } else {
            Finding::ok(Area::Http, text)
        })
    }

    fn kept(&self) -> Option<Finding> {
        Some(if self.keeps_alive? {
            Finding::ok(Area::Http, "the connection is kept for the next request")
        } else {
            Finding::warning(
                Area::Http,
                "the connection is closed after each answer",
                "allow keep-alive: otherwise each page costs as many connections and handshakes as it has files",
            )
        })
    }

    pub(super) fn stored(&self) -> Option<Finding> {
        let who = self.edge.as_deref();
        match (who, self.cache_hit) {
            (_, Some(true)) => Some(Finding::warning(
                Area::Edge,
                format!(
                    "{} answered out of its cache: a load on this page measures the cache, not the origin",
                    who.unwrap_or("a cache")
                ),
                "ask for pages that are not kept (`get: \"/page?id={{unique}}\"`), or reach the origin by `--resolve`",
            )),
            (Some(who), Some(false)) => Some(Finding::ok(
                Area::Edge,
                format!("{who} is in front, and asked the origin"),
            )),
            (Some(who), None) => Some(Finding::ok(Area::Edge, format!("{who} is in front"))),
            (None, _) => self
                .cache_control
                .as_ref()
                .map(|control| Finding::ok(Area::Http, format!("cache-control: {control}"))),
        }
    }

    pub(super) fn packed(&self) -> Option<Finding> {
        match &self.compression {
            Some(coding) => Some(Finding::ok(Area::Http, format!("packed with {coding}"))),
            None if self.is_text && self.length >= WORTH_PACKING => Some(Finding::warning(
                Area::Http,
                format!("{} kB of text go unpacked", self.length.div_ceil(1_000)),
                "turn on gzip or brotli: in a campaign the line may be full before the site is",
            )),
            None => None,
        }
    }

    /// A page over TLS that a redirect left for one without.
    fn strict(&self) -> Option<Finding> {
        let last = self.redirects.last()?;
        last.starts_with("http:").then(|| {
            Finding::warning(
                Area::Http,
                "a redirect leads from TLS to a page without it",
                "redirect to `https://` addresses only",
            )
        })
    }
}

fn transport_remedy(class: Class) -> &'static str {
    match class {
        Class::Refused => "nobody listens there: start the server, or check port and firewall",
        Class::ConnectTimeout => {
            "nothing answers: a firewall that drops, a machine that is off, or a full backlog (`nstat -az ListenOverflows`)"
        }
        Class::AnswerTimeout => {
            "it takes the connection and does not answer: find what the request waits for"
        }
        Class::Tls => "see what is said about TLS above",
        _ => "it breaks the connection off: its error log of this second has the reason",
    }
}
