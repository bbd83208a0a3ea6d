//! What one address answers: status, redirects, who made it, what may be kept, and whether a connection is.

mod judge;

use std::time::SystemTime;

use hyper::HeaderMap;
use serde::Serialize;

use crate::diagnosis::{self, MadeBy, Product, challenge, edge, fingerprint};
use crate::record::Class;
use crate::transport::{Ended, HttpTransport, Inside, Look, Request, Transport, redirected};
use crate::words::printable;

/// Redirects that are followed; browsers follow 20.
const MOST_REDIRECTS: usize = 10;
/// Bytes of the page that are looked at.
const LOOKED_AT: usize = 256 << 10;

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

    use super::judge::WORTH_PACKING;
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
