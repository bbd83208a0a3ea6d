//! What tells an application's own answer apart, where no gateway's page was found.

use super::signs::Looks;

/// Pages of frameworks: a text, and whose it is.
const PAGES: [(&str, &str); 12] = [
    ("whitelabel error page", "Spring’s error page"),
    (
        "there has been a critical error on this website",
        "WordPress’s error page",
    ),
    (
        "error establishing a database connection",
        "WordPress without its database",
    ),
    (
        "either the server is overloaded or there is an error in the application",
        "Werkzeug’s error page",
    ),
    ("<h1>server error (500)</h1>", "Django’s error page"),
    ("we're sorry, but something went wrong", "Rails’ error page"),
    ("<h1>http status 50", "Tomcat’s error page"),
    ("<title>error</title></head><body><pre>", "Express’s error page"),
    ("php fatal error", "an error of PHP"),
    ("<b>fatal error</b>:", "an error of PHP"),
    ("traceback (most recent call last)", "an error of Python"),
    (
        "an exception occurred while processing your request",
        "an error of ASP.NET",
    ),
];

/// Servers that run applications and proxy nothing.
const APPLICATION_SERVERS: [&str; 15] = [
    "gunicorn",
    "uvicorn",
    "hypercorn",
    "werkzeug",
    "wsgiserver",
    "waitress",
    "tornadoserver",
    "kestrel",
    "jetty",
    "apache-coyote",
    "webrick",
    "puma",
    "php/",
    "python/",
    "daphne",
];

/// Headers that frameworks add and gateways do not.
const FRAMEWORKS: [&str; 8] = [
    "x-powered-by",
    "x-runtime",
    "x-aspnet-version",
    "x-aspnetmvc-version",
    "x-generator",
    "x-drupal-cache",
    "x-request-handler",
    "x-django-version",
];

/// Names that a gateway gives itself.
const GATEWAYS: [&str; 19] = [
    "nginx",
    "openresty",
    "apache",
    "caddy",
    "varnish",
    "envoy",
    "istio-envoy",
    "haproxy",
    "traefik",
    "microsoft-",
    "awselb",
    "cloudflare",
    "cloudfront",
    "akamai",
    "google",
    "gws",
    "vercel",
    "netlify",
    "cowboy",
];

/// Bare words that anything in the chain may say.
const BARE: [&str; 10] = [
    "bad gateway",
    "service unavailable",
    "service temporarily unavailable",
    "gateway timeout",
    "gateway time-out",
    "internal server error",
    "too many requests",
    "forbidden",
    "unauthorized",
    "error",
];

/// How sure it is that the application said so, and what shows it; nothing where nothing does.
pub(super) fn told_apart(looks: &Looks) -> Option<(f64, String)> {
    let found = |confidence, words: &str| Some((confidence, words.to_owned()));
    if let Some((_, whose)) = PAGES.iter().find(|(text, _)| looks.body.contains(text)) {
        return found(0.88, whose);
    }
    if looks.answer.header("x-envoy-upstream-service-time").is_some() {
        return found(
            0.9,
            "x-envoy-upstream-service-time: Envoy passed an upstream’s answer on",
        );
    }
    if looks.servers.len() > 1 && looks.server() == "caddy" {
        return found(0.9, "a second Server header: Caddy passed a backend’s answer on");
    }
    if let Some(server) = looks
        .servers
        .iter()
        .find(|server| APPLICATION_SERVERS.iter().any(|name| server.starts_with(name)))
    {
        return Some((0.85, format!("Server: {server}, which runs applications")));
    }
    if let Some(name) = FRAMEWORKS.iter().find(|name| looks.answer.header(name).is_some()) {
        return Some((0.8, format!("{name}, which a framework adds")));
    }
    if is_bare(looks) {
        return None;
    }
    if looks.body.is_empty() {
        return of_no_body(looks);
    }
    let is_foreign =
        !looks.servers.is_empty() && !GATEWAYS.iter().any(|name| looks.server().starts_with(name));
    let is_page = looks.media == "text/html" || looks.body.starts_with('<');
    match (is_page, is_foreign) {
        (false, true) => Some((
            0.85,
            format!("no page, and Server: {} is no gateway’s name", looks.server()),
        )),
        // A gateway's own page is HTML unless somebody wrote another.
        (false, false) => found(0.7, "no page of any gateway: plain text or data"),
        (true, _) => None,
    }
}

fn of_no_body(looks: &Looks) -> Option<(f64, String)> {
    let kind = looks
        .answer
        .header("content-type")
        .unwrap_or_default()
        .to_ascii_lowercase();
    let is_php = looks.answer.status == 500 && kind.contains("charset=utf-8") && !looks.answer.cut;
    is_php.then(|| {
        (
            0.75,
            "an empty 500 with a type and character set, as PHP leaves it when a script dies".to_owned(),
        )
    })
}

/// Whether the body says no more than the status does.
fn is_bare(looks: &Looks) -> bool {
    let words = looks.body.trim_matches(|letter: char| !letter.is_alphanumeric());
    let words = words
        .strip_prefix(&looks.answer.status.to_string())
        .unwrap_or(words);
    let words = words.trim_matches(|letter: char| !letter.is_alphanumeric());
    let reason = looks.answer.reason.to_ascii_lowercase();
    !looks.body.is_empty() && (words.is_empty() || BARE.contains(&words) || words == reason)
}
