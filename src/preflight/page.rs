//! What one address answers: status, redirects, who made it, what may be kept, and whether a connection is.

use std::time::SystemTime;

use hyper::HeaderMap;
use serde::Serialize;

use super::address::in_millis;
use super::finding::{Area, Finding};
use crate::diagnosis::{self, MadeBy, Product, challenge, edge, fingerprint};
use crate::record::Class;
use crate::transport::{Ended, HttpTransport, Inside, Look, Request, Transport, redirected};
use crate::words::printable;

/// Redirects that are followed; browsers follow 20.
const MOST_REDIRECTS: usize = 10;
/// Bytes of the page that are looked at.
const LOOKED_AT: usize = 256 << 10;
/// Text longer than this ought to be packed.
const WORTH_PACKING: usize = 4 << 10;
/// Clocks that differ by more than this make logs hard to lay beside each other, in seconds.
const SKEW: i64 = 5;

/// What an address answered.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Page {
    /// The class of the last answer, after all redirects.
    pub class: Class,
    /// What went wrong below HTTP, in words.
    pub error: Option<String>,
    /// How long the first answer took, with its connection.
    pub milliseconds: f64,
    /// Where redirects led, in order.
    pub redirects: Vec<String>,
    /// Where a redirect leads that is not followed.
    pub leads_away: Option<String>,
    /// What the server calls itself.
    pub server: Option<String>,
    /// The network in front of the site.
    pub edge: Option<String>,
    /// Whether a cache answered; nothing where it does not say.
    pub cache_hit: Option<bool>,
    /// What may be kept, in the words of the header.
    pub cache_control: Option<String>,
    /// How the body is packed.
    pub compression: Option<String>,
    /// Bytes of the page, unpacked, as far as it was looked at.
    pub length: usize,
    /// Its title.
    pub title: Option<String>,
    /// Who made a failed answer: product, layer, confidence.
    pub made_by: Option<(String, String, f64)>,
    /// Whether the connection is kept for the next request.
    pub keeps_alive: Option<bool>,
    /// The site's clock less ours, in seconds.
    pub clock_skew: Option<i64>,
    #[serde(skip)]
    challenge: Option<String>,
    #[serde(skip)]
    is_text: bool,
}

/// Asks for `request`, follows redirects, and asks once more on the same connection.
pub(super) async fn asked(transport: &HttpTransport, request: &Request) -> Page {
    let mut visitor = transport.visitor();
    let mut request = request.clone();
    request.look = Look::Body(LOOKED_AT);
    let first = request.clone();
    let mut page = Page::nothing();
    let mut answer = transport.play(&mut visitor, &request).await;
    page.milliseconds = answer.done.since(answer.sent).as_secs_f64() * 1e3;
    while let Some(next) = answer
        .inside
        .as_deref()
        .and_then(|inside| redirected(&request, inside))
    {
        if page.redirects.len() >= MOST_REDIRECTS {
            break;
        }
        page.redirects.push(place_of(&next));
        request = Request {
            look: first.look,
            ..next
        };
        answer = transport.play(&mut visitor, &request).await;
    }
    match answer.ended {
        Ended::Site(class) => page.class = class,
        Ended::Ours(reason) => {
            page.error = Some(format!("not looked at, for a reason of this machine: {reason}"))
        }
    }
    if let Some(error) = answer
        .evidence
        .as_ref()
        .and_then(|evidence| evidence.error.clone())
    {
        page.error = Some(printable(&error));
    }
    if let Some(inside) = &answer.inside {
        page.take(inside, SystemTime::now());
        let again = transport.play(&mut visitor, &request).await;
        page.keeps_alive =
            matches!(again.ended, Ended::Site(Class::Status(_))).then_some(!again.fresh_connection);
    }
    page
}

impl Page {
    fn nothing() -> Self {
        Self {
            class: Class::Closed,
            error: None,
            milliseconds: 0.0,
            redirects: Vec::new(),
            leads_away: None,
            server: None,
            edge: None,
            cache_hit: None,
            cache_control: None,
            compression: None,
            length: 0,
            title: None,
            made_by: None,
            keeps_alive: None,
            clock_skew: None,
            challenge: None,
            is_text: false,
        }
    }

    fn take(&mut self, inside: &Inside, now: SystemTime) {
        let text = |name: &str| header(&inside.headers, name);
        self.server = text("server");
        self.cache_control = text("cache-control");
        self.compression = text("content-encoding");
        if (300..400).contains(&inside.status) {
            // A query may hold what is nobody's business.
            self.leads_away =
                text("location").map(|url| url.split('?').next().unwrap_or_default().to_owned());
        }
        let kind = text("content-type").unwrap_or_default().to_ascii_lowercase();
        self.is_text = ["text/", "json", "javascript", "xml", "svg"]
            .iter()
            .any(|part| kind.contains(part));
        self.length = inside.body.len();
        self.clock_skew = text("date").and_then(|date| skew(&date, now));
        let answer = as_answer(inside);
        self.title = title(&answer.body);
        let at_edge = edge(&answer);
        self.edge = at_edge.by.map(|by| by.to_string());
        self.cache_hit = at_edge.hit;
        self.challenge = challenge(&answer).map(|challenge| challenge.evidence);
        if answer.status >= 400 {
            let found = fingerprint(&answer);
            let is_known = found.gateway != Product::Unknown || found.made_by != MadeBy::Unknown;
            self.made_by = is_known.then(|| {
                (
                    found.gateway.to_string(),
                    found.made_by.to_string(),
                    found.confidence,
                )
            });
        }
    }

    /// Whether the site failed to answer.
    pub fn is_broken(&self) -> bool {
        self.class.is_transport() || matches!(self.class, Class::Status(500..=599))
    }

    /// What to say about the answer to `asked`; `expected` tells the statuses that the scenario wants.
    pub(super) fn findings(
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

    fn stored(&self) -> Option<Finding> {
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

    fn packed(&self) -> Option<Finding> {
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

fn place_of(request: &Request) -> String {
    let origin = &request.origin;
    let scheme = if origin.tls { "https" } else { "http" };
    format!(
        "{scheme}://{}:{}{}",
        origin.host,
        origin.port,
        request.path.path()
    )
}

fn header(headers: &HeaderMap, name: &str) -> Option<String> {
    let value = headers.get(name)?;
    let text = String::from_utf8_lossy(value.as_bytes());
    Some(printable(&text).chars().take(120).collect())
}

/// The answer as the diagnosis reads it.
fn as_answer(inside: &Inside) -> diagnosis::Answer {
    let named = |(name, value): (&hyper::header::HeaderName, &hyper::header::HeaderValue)| {
        (
            name.as_str().to_owned(),
            String::from_utf8_lossy(value.as_bytes()).into_owned(),
        )
    };
    diagnosis::Answer {
        status: inside.status,
        headers: inside.headers.iter().map(named).collect(),
        body: String::from_utf8_lossy(&inside.body).into_owned(),
        ..diagnosis::Answer::default()
    }
}

/// What stands between `<title>` and its end, shortened.
fn title(body: &str) -> Option<String> {
    let lower = body.to_ascii_lowercase();
    let from = lower.find("<title")?;
    let from = from + lower[from..].find('>')? + 1;
    let end = from + lower[from..].find("</title")?;
    let words: Vec<&str> = body.get(from..end)?.split_whitespace().collect();
    let title: String = printable(&words.join(" ")).chars().take(60).collect();
    (!title.is_empty()).then_some(title)
}

/// How far the clock behind `date` (RFC 9110, 5.6.7) is ahead of `now`, in seconds.
fn skew(date: &str, now: SystemTime) -> Option<i64> {
    let theirs = jiff::fmt::rfc2822::parse(date).ok()?.timestamp().as_second();
    let ours = now.duration_since(SystemTime::UNIX_EPOCH).ok()?.as_secs();
    Some(theirs - i64::try_from(ours).ok()?)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn page(status: u16, headers: &[(&'static str, &str)], body: &str) -> Page {
        let mut inside = Inside {
            status,
            body: body.as_bytes().to_vec(),
            ..Inside::default()
        };
        for (name, value) in headers {
            inside.headers.insert(*name, value.parse().unwrap());
        }
        let mut page = Page::nothing();
        page.class = Class::Status(status);
        // Tue, 24 Nov 2026 02:00:00 GMT.
        page.take(
            &inside,
            SystemTime::UNIX_EPOCH + Duration::from_secs(1_795_485_600),
        );
        page
    }

    #[test]
    fn a_cache_a_challenge_and_a_clock_are_told() {
        let hit = page(200, &[("cf-ray", "1"), ("cf-cache-status", "HIT")], "");
        assert_eq!(
            (hit.edge.as_deref(), hit.cache_hit),
            (Some("cloudflare"), Some(true))
        );
        assert!(hit.stored().unwrap().text.contains("out of its cache"));
        let asked = page(403, &[("cf-mitigated", "challenge")], "");
        assert!(asked.challenge.is_some());
        let late = page(200, &[("date", "Tue, 24 Nov 2026 01:59:00 GMT")], "");
        assert_eq!(late.clock_skew, Some(-60));
        assert_eq!(page(200, &[("date", "yesterday")], "").clock_skew, None);
    }

    #[test]
    fn long_text_that_is_not_packed_is_a_warning_and_a_picture_is_none() {
        let text = "x".repeat(WORTH_PACKING);
        assert!(
            page(200, &[("content-type", "text/html; charset=utf-8")], &text)
                .packed()
                .is_some()
        );
        assert!(
            page(200, &[("content-type", "image/webp")], &text)
                .packed()
                .is_none()
        );
        assert!(
            page(200, &[("content-type", "text/html")], "short")
                .packed()
                .is_none()
        );
    }

    #[test]
    fn a_title_is_read_whatever_it_holds() {
        for (body, title_in_it) in [
            (
                "<html><TITLE lang=de>Gro\u{df}er\n  Verkauf</title>",
                Some("Großer Verkauf"),
            ),
            ("<title></title>", None),
            ("<title>never ends", None),
            ("<title", None),
            ("İ<title>a</title>", Some("a")),
        ] {
            assert_eq!(title(body).as_deref(), title_in_it, "{body}");
        }
    }

    #[test]
    fn a_redirect_away_is_named_without_its_query() {
        let away = page(302, &[("location", "https://elsewhere.test/login?token=1")], "");
        assert_eq!(away.leads_away.as_deref(), Some("https://elsewhere.test/login"));
    }
}
