//! Who made a failed answer: the first rule of [`rules`] whose signs are all there, else what tells an application
//! apart, else `unknown`. A rule names its confidence; a product of which no real answer was looked at stays at
//! [`FROM_DOCUMENTATION`].

mod application;
mod edge;
mod rules;
mod signs;

pub use edge::{Challenge, Edge, challenge, edge};

use serde::Serialize;

use super::answer::Answer;
use super::cause::words;
use super::product::Product;
use signs::Looks;

/// The highest confidence in a product that is known from its documentation alone.
const FROM_DOCUMENTATION: f64 = 0.8;
/// The highest confidence where the status is a refusal and not a failure: many products share the pages.
const REFUSAL: f64 = 0.85;

words! {
    /// Which layer made an answer.
    MadeBy {
        /// A gateway in front of the application.
        Gateway = "gateway",
        /// The application.
        Application = "application",
        /// A network in front of the site: a CDN or its kin.
        Edge = "edge",
        /// Nothing shows it.
        Unknown = "unknown",
    }
}

/// Who made an answer, and what shows it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Fingerprint {
    /// The product, `application`, or `unknown`.
    #[serde(serialize_with = "as_word")]
    pub gateway: Product,
    /// Which layer.
    #[serde(serialize_with = "as_word")]
    pub made_by: MadeBy,
    /// 0 to 1: how sure that is.
    pub confidence: f64,
    /// What shows it, in words.
    pub evidence: Vec<String>,
}

fn as_word<T: std::fmt::Display, S: serde::Serializer>(word: &T, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(word)
}

impl Fingerprint {
    /// Nobody can be named, and `evidence` says why.
    pub fn of_nobody(evidence: impl Into<String>) -> Self {
        unknown(0.0, evidence.into())
    }
}

/// Who made `answer`.
pub fn fingerprint(answer: &Answer) -> Fingerprint {
    let looks = Looks::of(answer);
    let mut found = judged(answer, &looks);
    found.evidence.extend(asides(answer, &looks, found.gateway));
    if found.gateway != Product::Unknown && answer.status < 500 {
        found.confidence = found.confidence.min(REFUSAL);
    }
    if !found.gateway.was_seen() && found.gateway != Product::Unknown {
        found.confidence = found.confidence.min(FROM_DOCUMENTATION);
        found
            .evidence
            .push("from documentation: no captured answer of this product was compared".to_owned());
    }
    found
}

fn judged(answer: &Answer, looks: &Looks) -> Fingerprint {
    if let Some(challenge) = challenge(answer) {
        return Fingerprint {
            gateway: challenge.by,
            made_by: match challenge.by {
                by if by.is_edge() => MadeBy::Edge,
                Product::Unknown => MadeBy::Unknown,
                _ => MadeBy::Gateway,
            },
            confidence: FROM_DOCUMENTATION,
            evidence: vec![challenge.evidence],
        };
    }
    if answer.status < 500 && !matches!(answer.status, 401 | 403 | 429) {
        return unknown(
            0.0,
            format!("status {}: no failure of the site, and no refusal", answer.status),
        );
    }
    if let Some(rule) = rules::all().find(|rule| rule.fits(looks)) {
        return Fingerprint {
            gateway: rule.product,
            made_by: if rule.product.is_edge() {
                MadeBy::Edge
            } else {
                MadeBy::Gateway
            },
            confidence: rule.confidence,
            evidence: std::iter::once(rule.shows.to_owned())
                .chain(rule.signs.iter().filter_map(|sign| sign.words(looks)))
                .collect(),
        };
    }
    match application::told_apart(looks) {
        Some((confidence, evidence)) => Fingerprint {
            gateway: Product::Application,
            made_by: MadeBy::Application,
            confidence,
            evidence: vec![evidence],
        },
        None => unknown(
            0.3,
            "neither the page of a known gateway nor a mark that only an application leaves".to_owned(),
        ),
    }
}

fn unknown(confidence: f64, evidence: String) -> Fingerprint {
    Fingerprint {
        gateway: Product::Unknown,
        made_by: MadeBy::Unknown,
        confidence,
        evidence: vec![evidence],
    }
}

/// What else an answer shows: who passed it on, a cut body, a reason that speaks, the time it took.
fn asides(answer: &Answer, looks: &Looks, gateway: Product) -> Vec<String> {
    let mut all = Vec::new();
    let passed_on = rules::passed_on_by(looks);
    if let Some(by) = passed_on.filter(|by| *by != gateway) {
        all.push(format!("passed on by {by}"));
    }
    all.extend(edge(answer).evidence);
    if let Some(reason) = edge::akamai_reason(looks) {
        all.push(reason);
    }
    if answer.cut {
        all.push("the body ends before its announced length".to_owned());
    }
    match answer.seconds {
        Some(seconds) if seconds <= 0.01 => {
            all.push(format!(
                "after {:.0} ms: refused, full or limited, not waited for",
                seconds * 1e3
            ));
        }
        Some(seconds) if seconds >= 0.9 && (seconds - seconds.round()).abs() < 0.03 => {
            all.push(format!(
                "after {seconds:.2} s: a round time is a time-out of somebody"
            ));
        }
        _ => {}
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> Fingerprint {
        fingerprint(&Answer::parse(text.as_bytes()).unwrap())
    }

    #[test]
    fn the_page_tells_and_the_server_header_does_not() {
        let page = "<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>\r\n<center><h1>502 Bad Gateway</h1></center>\r\n<hr><center>nginx/1.27.1</center>\r\n</body>\r\n</html>";
        let nginx = of(&format!(
            "HTTP/1.1 502 Bad Gateway\r\nServer: hidden\r\nContent-Type: text/html\r\n\r\n{page}"
        ));
        assert_eq!((nginx.gateway, nginx.made_by), (Product::Nginx, MadeBy::Gateway));
        assert!(nginx.confidence >= 0.9);
        let said = of(
            "HTTP/1.1 502 Bad Gateway\nServer: nginx\nContent-Type: application/json\n\n{\"error\":\"stock is down\"}",
        );
        assert_eq!(
            (said.gateway, said.made_by),
            (Product::Application, MadeBy::Application)
        );
        let own = of(
            "HTTP/1.1 502 Bad Gateway\nServer: nginx\nContent-Type: text/html\n\n<html><body><img src=logo.png>Back soon!</body></html>",
        );
        assert_eq!((own.gateway, own.made_by), (Product::Unknown, MadeBy::Unknown));
    }

    #[test]
    fn what_is_known_from_documentation_says_so_and_stays_at_four_fifths() {
        for (text, product) in [
            (
                "HTTP/1.1 502 Bad Gateway\nServer: awselb/2.0\n\n<html><head><title>502 Bad Gateway</title></head><body><center><h1>502 Bad Gateway</h1></center></body></html>",
                Product::AwsAlb,
            ),
            (
                "HTTP/2 522\nserver: cloudflare\ncf-ray: 8a-FRA\n\nerror code: 522",
                Product::Cloudflare,
            ),
            (
                "HTTP/2 504\nserver: CloudFront\nx-cache: Error from cloudfront\n\n<H1>504 ERROR</H1><H2>The request could not be satisfied.</H2>Generated by cloudfront (CloudFront)",
                Product::Cloudfront,
            ),
            (
                "HTTP/1.1 503 first byte timeout\nVia: 1.1 varnish\nX-Served-By: cache-fra-1\n\n<h1>Error 503 first byte timeout</h1><h3>Guru Mediation:</h3><p>Details: cache-fra-1</p>",
                Product::Fastly,
            ),
            (
                "HTTP/1.1 503 x\nServer: AkamaiGHost\n\nAn error occurred while processing your request.<p>Reference&#32;&#35;30&#46;1234</p>",
                Product::Akamai,
            ),
            (
                "HTTP/1.1 502 x\n\n<title>Error 502 (Server Error)!!1</title>",
                Product::Google,
            ),
            (
                "HTTP/1.1 503 x\nServer: Cowboy\nVia: 1.1 vegur\n\n<iframe src=\"//www.herokucdn.com/error-pages/application-error.html\"></iframe>",
                Product::Heroku,
            ),
            (
                "HTTP/1.1 502 x\nServer: Microsoft-Azure-Application-Gateway/v2\n\n<html><head><title>502 Bad Gateway</title></head><body><center><h1>502 Bad Gateway</h1></center><hr><center>Microsoft-Azure-Application-Gateway/v2</center></body></html>",
                Product::AzureApplicationGateway,
            ),
            (
                "HTTP/2 504\nserver: Vercel\nx-vercel-error: FUNCTION_INVOCATION_TIMEOUT\n\nAn error occurred with this application.",
                Product::Vercel,
            ),
            (
                "HTTP/1.1 504 x\nx-amzn-requestid: 1\nx-amz-apigw-id: a\ncontent-type: application/json\n\n{\"message\": \"Endpoint request timed out\"}",
                Product::ApiGateway,
            ),
        ] {
            let found = of(text);
            assert_eq!(found.gateway, product, "{text}: {:?}", found.evidence);
            assert!(found.confidence <= FROM_DOCUMENTATION);
            assert!(
                found
                    .evidence
                    .iter()
                    .any(|words| words.contains("from documentation"))
            );
        }
    }
}
