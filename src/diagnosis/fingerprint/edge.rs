//! Edge and origin told apart, on successes too; and challenges to bots, behind which nothing was measured.

use super::super::answer::Answer;
use super::super::product::Product;
use super::signs::Looks;

/// What an answer shows about an edge in front of the site.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Edge {
    /// Which edge passed it on or made it.
    pub by: Option<Product>,
    /// Whether the edge answered out of its cache; nothing where it does not say.
    pub hit: Option<bool>,
    /// What shows it, in words.
    pub evidence: Vec<String>,
}

/// A page that asks for proof of being human, instead of an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Challenge {
    /// Who asks.
    pub by: Product,
    /// What shows it, in words.
    pub evidence: String,
}

/// Headers that an edge leaves, the text in them, and whose they are.
const EDGES: [(&str, &str, Product); 12] = [
    ("cf-ray", "", Product::Cloudflare),
    ("cf-cache-status", "", Product::Cloudflare),
    ("x-amz-cf-id", "", Product::Cloudfront),
    ("x-amz-cf-pop", "", Product::Cloudfront),
    ("x-served-by", "cache-", Product::Fastly),
    ("x-akamai-request-id", "", Product::Akamai),
    ("server", "akamaighost", Product::Akamai),
    ("x-azure-ref", "", Product::AzureFrontDoor),
    ("via", "1.1 google", Product::Google),
    ("x-vercel-id", "", Product::Vercel),
    ("x-nf-request-id", "", Product::Netlify),
    ("x-varnish", "", Product::Varnish),
];

/// Headers that say whether a cache answered. `x-varnish` with two numbers is a hit: the second filled the cache.
const CACHES: [&str; 6] = [
    "cf-cache-status",
    "x-cache",
    "x-vercel-cache",
    "cache-status",
    "x-cache-status",
    "x-proxy-cache",
];

/// What `answer` shows about an edge.
pub fn edge(answer: &Answer) -> Edge {
    let mut found = Edge::default();
    if let Some((name, _, by)) = EDGES.iter().find(|(name, text, _)| {
        answer
            .values(name)
            .any(|value| value.to_ascii_lowercase().contains(text))
    }) {
        found.by = Some(*by);
        found.evidence.push(format!("{name}: {by} is in front"));
    }
    for name in CACHES {
        let Some(value) = answer.header(name) else {
            continue;
        };
        // Of a chain of caches (`MISS, HIT`) the last is the one that we met.
        let last = value.to_ascii_lowercase();
        let last = last.rsplit(',').next().unwrap_or_default().trim();
        let is_hit = ["hit", "stale", "updating", "revalidated"]
            .iter()
            .any(|word| last.contains(word));
        if is_hit
            || ["miss", "bypass", "dynamic", "expired", "pass", "error", "fwd="]
                .iter()
                .any(|word| last.contains(word))
        {
            found.hit = Some(is_hit);
            found.evidence.push(format!("{name}: {value}"));
            return found;
        }
    }
    let age = answer
        .header("age")
        .and_then(|age| age.trim().parse::<u64>().ok());
    let two = answer
        .header("x-varnish")
        .is_some_and(|numbers| numbers.split_whitespace().count() == 2);
    if two || age.is_some_and(|age| age > 0) {
        found.hit = Some(true);
        found
            .evidence
            .push("older than this request: out of a cache".to_owned());
    }
    found
}

/// The challenge that `answer` is, where it is one.
pub fn challenge(answer: &Answer) -> Option<Challenge> {
    let is = |by, evidence: &str| {
        Some(Challenge {
            by,
            evidence: evidence.to_owned(),
        })
    };
    let has = |name: &str, text: &str| {
        answer
            .values(name)
            .any(|value| value.to_ascii_lowercase().contains(text))
    };
    if has("cf-mitigated", "challenge") {
        return is(Product::Cloudflare, "cf-mitigated: challenge");
    }
    if has("x-amzn-waf-action", "") {
        return is(Product::Unknown, "x-amzn-waf-action: a challenge of AWS WAF");
    }
    if has("x-vercel-mitigated", "") {
        return is(Product::Vercel, "x-vercel-mitigated: a challenge of Vercel");
    }
    if has("x-datadome", "") && matches!(answer.status, 401 | 403 | 429) {
        return is(Product::Unknown, "x-datadome: a challenge of DataDome");
    }
    if !matches!(answer.status, 401 | 403 | 429 | 503) {
        return None;
    }
    let body = Looks::of(answer).body;
    let texts = [
        ("/cdn-cgi/challenge-platform/", Product::Cloudflare),
        ("<title>just a moment...</title>", Product::Cloudflare),
        ("_incapsula_resource", Product::Unknown),
        ("px-captcha", Product::Unknown),
    ];
    let (text, by) = texts.iter().find(|(text, _)| body.contains(text))?;
    is(*by, &format!("the page holds “{text}”: a challenge to bots"))
}

/// What the first number of Akamai's reference says.
pub(super) fn akamai_reason(looks: &Looks) -> Option<String> {
    let plain = looks
        .body
        .replace("&#32;", " ")
        .replace("&#35;", "#")
        .replace("&#46;", ".");
    let number = plain.split_once("reference #")?.1.split('.').next()?;
    let means = match number {
        "1" => "no answer of the origin in time",
        "3" => "reading from the origin failed",
        "4" => "writing to the origin failed",
        "6" => "the origin refused the connection",
        "11" => "the origin’s name has no address",
        "15" => "an empty answer of the origin",
        "27" => "the client went away",
        "30" => "the TLS handshake with the origin failed",
        "97" => "no connection to the origin in time",
        _ => return None,
    };
    Some(format!("reference #{number}: {means}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(head: &str) -> Answer {
        Answer::parse(format!("{head}\n\n").as_bytes()).unwrap()
    }

    #[test]
    fn a_hit_at_the_edge_is_told_from_an_answer_of_the_origin() {
        for (head, by, hit) in [
            (
                "HTTP/2 200\ncf-ray: 1\ncf-cache-status: HIT",
                Some(Product::Cloudflare),
                Some(true),
            ),
            (
                "HTTP/2 200\ncf-ray: 1\ncf-cache-status: DYNAMIC",
                Some(Product::Cloudflare),
                Some(false),
            ),
            (
                "HTTP/2 200\nx-served-by: cache-fra-1\nx-cache: HIT, MISS",
                Some(Product::Fastly),
                Some(false),
            ),
            (
                "HTTP/1.1 200 OK\nX-Varnish: 32770 3\nAge: 12",
                Some(Product::Varnish),
                Some(true),
            ),
            (
                "HTTP/1.1 200 OK\nX-Varnish: 32770\nAge: 0",
                Some(Product::Varnish),
                None,
            ),
            ("HTTP/1.1 200 OK\nServer: nginx", None, None),
        ] {
            let found = edge(&answer(head));
            assert_eq!((found.by, found.hit), (by, hit), "{head}");
        }
    }

    #[test]
    fn a_challenge_is_no_answer_of_the_site() {
        assert_eq!(
            challenge(&answer("HTTP/2 403\ncf-mitigated: challenge")).map(|found| found.by),
            Some(Product::Cloudflare)
        );
        assert_eq!(challenge(&answer("HTTP/2 403\nserver: nginx")), None);
    }
}
