//! Gateways that a site runs itself.

use super::super::super::product::Product;
use super::super::signs::Sign::{
    self, Begins, Body, Has, Header, Lacks, NginxShape, NoBody, NoServer, OneServer, Server, Status, Whole,
};
use super::{Rule, rule};

const APACHE_PAGE: Sign = Begins("<!doctype html public \"-//");
const SERVER_ERRORS: &[u16] = &[500, 502, 503, 504];

/// The rules, in order.
pub(super) const RULES: &[Rule] = &[
    // nginx and its kin.
    rule(
        Product::Openresty,
        0.8,
        &[NginxShape, Body("<hr><center>openresty")],
        "nginx’s page, signed by OpenResty",
    ),
    rule(
        Product::IngressNginx,
        0.75,
        &[
            NginxShape,
            Body("<hr><center>nginx</center>"),
            Header("strict-transport-security", "max-age=15724800"),
        ],
        "nginx’s page without a version, and the ingress controller’s HSTS age",
    ),
    rule(
        Product::Demo,
        0.97,
        &[NginxShape, Body("<hr><center>tipover-demo")],
        "the page of the demo site’s gateway",
    ),
    rule(
        Product::Nginx,
        0.97,
        &[NginxShape, Body("<hr><center>nginx")],
        "nginx’s own error page, signed by it",
    ),
    rule(
        Product::AwsAlb,
        0.8,
        &[NginxShape, Server("awselb")],
        "the load balancer’s page and name",
    ),
    rule(
        Product::Nginx,
        0.9,
        &[NginxShape, Server("nginx")],
        "nginx’s own error page, cut before its signature",
    ),
    rule(
        Product::Openresty,
        0.75,
        &[NginxShape, Server("openresty")],
        "nginx’s own error page, under OpenResty’s name",
    ),
    rule(
        Product::Nginx,
        0.7,
        &[NginxShape, Body("<hr>")],
        "the shape of nginx’s error page, under another name",
    ),
    rule(
        Product::AwsAlb,
        0.5,
        &[NginxShape, NoServer],
        "nginx’s page without a signature",
    ),
    // HAProxy: the texts it has carried for years.
    rule(
        Product::Haproxy,
        0.97,
        &[Begins(
            "<html><body><h1>502 bad gateway</h1>the server returned an invalid or incomplete response",
        )],
        "HAProxy’s page for an invalid answer",
    ),
    rule(
        Product::Haproxy,
        0.97,
        &[Begins(
            "<html><body><h1>503 service unavailable</h1>no server is available to handle this request",
        )],
        "HAProxy’s page for no server",
    ),
    rule(
        Product::Haproxy,
        0.97,
        &[Begins(
            "<html><body><h1>504 gateway time-out</h1>the server didn't respond in time",
        )],
        "HAProxy’s page for a slow server",
    ),
    rule(
        Product::Haproxy,
        0.95,
        &[Begins(
            "<html><body><h1>500 internal server error</h1>an internal server error occur",
        )],
        "HAProxy’s page for an error of its own",
    ),
    rule(
        Product::Haproxy,
        0.85,
        &[Begins(
            "<html><body><h1>429 too many requests</h1>you have sent too many requests",
        )],
        "HAProxy’s page for too many requests",
    ),
    rule(
        Product::Haproxy,
        0.85,
        &[Begins(
            "<html><body><h1>403 forbidden</h1>request forbidden by administrative rules",
        )],
        "HAProxy’s page for a rule",
    ),
    rule(
        Product::Haproxy,
        0.8,
        &[
            Begins("<html><body><h1>50"),
            NoServer,
            Header("cache-control", "no-cache"),
            Lacks("date"),
        ],
        "the beginning of HAProxy’s page",
    ),
    // Apache.
    rule(
        Product::Apache,
        0.95,
        &[Body("the proxy server could not handle the request")],
        "Apache’s page for a proxy error",
    ),
    rule(
        Product::Apache,
        0.95,
        &[
            APACHE_PAGE,
            Body("the proxy server received an invalid response from an upstream server"),
        ],
        "Apache’s page for an invalid answer",
    ),
    rule(
        Product::Apache,
        0.95,
        &[
            APACHE_PAGE,
            Body(
                "the server is temporarily unable to service your request due to maintenance downtime or capacity problems",
            ),
        ],
        "Apache’s page for no service",
    ),
    rule(
        Product::Apache,
        0.95,
        &[
            APACHE_PAGE,
            Body("the gateway did not receive a timely response from the upstream server or application"),
        ],
        "Apache’s page for a slow backend",
    ),
    rule(
        Product::Apache,
        0.93,
        &[
            APACHE_PAGE,
            Body(
                "the server encountered an internal error or misconfiguration and was unable to complete your request",
            ),
        ],
        "Apache’s page for an error of its own",
    ),
    rule(
        Product::Apache,
        0.9,
        &[APACHE_PAGE, Body("<h1>proxy error</h1>")],
        "Apache’s page for a proxy error, cut",
    ),
    rule(
        Product::Apache,
        0.85,
        &[APACHE_PAGE, Body("<address>apache")],
        "a page that Apache signs",
    ),
    rule(
        Product::Apache,
        0.8,
        &[
            APACHE_PAGE,
            Server("apache"),
            Header("content-type", "iso-8859-1"),
        ],
        "the frame of Apache’s own pages",
    ),
    rule(
        Product::Apache,
        0.8,
        &[Body("<address>"), Body("<span>apache")],
        "a page of Apache’s collection in many languages",
    ),
    rule(
        Product::Apache,
        0.8,
        &[Server("apache"), Body("webmaster"), Body("<h2>error 50")],
        "a page of Apache’s collection in many languages",
    ),
    rule(
        Product::Apache,
        0.6,
        &[
            Server("apache"),
            NoBody,
            Lacks("content-type"),
            Status(SERVER_ERRORS),
        ],
        "nothing but Apache’s head: an application sends a type",
    ),
    // Varnish.
    rule(
        Product::Varnish,
        0.97,
        &[Body("guru meditation:"), Has("x-varnish")],
        "“Guru Meditation”: Varnish’s own page",
    ),
    rule(
        Product::Varnish,
        0.93,
        &[Body("guru meditation:"), Body("xid:")],
        "“Guru Meditation”: Varnish’s own page",
    ),
    rule(
        Product::Varnish,
        0.88,
        &[Server("varnish"), Has("x-varnish")],
        "Varnish passes a backend’s name on, and this is its own",
    ),
    // Envoy.
    rule(
        Product::Envoy,
        0.97,
        &[Begins(
            "upstream connect error or disconnect/reset before headers",
        )],
        "Envoy’s words for a failed upstream",
    ),
    rule(
        Product::Envoy,
        0.9,
        &[
            Begins("upstream connect error or "),
            Lacks("x-envoy-upstream-service-time"),
        ],
        "Envoy’s words for a failed upstream, cut",
    ),
    rule(
        Product::Envoy,
        0.95,
        &[Whole(&["no healthy upstream", "upstream request timeout"])],
        "Envoy’s words",
    ),
    rule(
        Product::Envoy,
        0.93,
        &[Whole(&[
            "stream timeout",
            "local_rate_limited",
            "upstream max stream duration reached",
            "envoy overloaded",
        ])],
        "Envoy’s words",
    ),
    rule(
        Product::Envoy,
        0.85,
        &[Whole(&["rbac: access denied"])],
        "Envoy’s words for a rule",
    ),
    rule(
        Product::Envoy,
        0.6,
        &[
            Server("envoy"),
            NoBody,
            Lacks("x-envoy-upstream-service-time"),
            Status(SERVER_ERRORS),
        ],
        "a head that no upstream has filled",
    ),
    rule(
        Product::Envoy,
        0.6,
        &[
            Server("istio-envoy"),
            NoBody,
            Lacks("x-envoy-upstream-service-time"),
            Status(SERVER_ERRORS),
        ],
        "a head that no upstream has filled",
    ),
    // IIS.
    rule(
        Product::Iis,
        0.8,
        &[Body("<title>iis detailed error"), Body("502.")],
        "IIS’s detailed page for its proxy",
    ),
    rule(
        Product::Iis,
        0.8,
        &[Body("http error 503. the service is unavailable")],
        "the page of HTTP.sys: the application pool is off or full",
    ),
    rule(
        Product::Iis,
        0.75,
        &[
            Server("microsoft-iis"),
            Body("<div id=\"header\"><h1>"),
            Body("<h2>50"),
        ],
        "IIS’s short error page",
    ),
    rule(
        Product::Iis,
        0.75,
        &[Body("http error 50"), Body("ancm")],
        "IIS could not start the application",
    ),
    // Traefik, and Caddy, say little.
    rule(
        Product::Traefik,
        0.75,
        &[Whole(&["no available server"]), NoServer],
        "Traefik’s words for an empty pool",
    ),
    rule(
        Product::Traefik,
        0.6,
        &[
            Whole(&["bad gateway", "gateway timeout"]),
            NoServer,
            Header("content-type", "text/plain"),
            Lacks("via"),
        ],
        "the bare words of a status, as Traefik writes them",
    ),
    rule(
        Product::Caddy,
        0.88,
        &[
            Server("caddy"),
            NoBody,
            Lacks("content-type"),
            Lacks("via"),
            Status(SERVER_ERRORS),
            OneServer,
        ],
        "Caddy’s head and nothing else",
    ),
    rule(
        Product::AwsAlb,
        0.7,
        &[Server("awselb"), Status(SERVER_ERRORS)],
        "the load balancer’s name: it passes a target’s name on",
    ),
    rule(
        Product::Akamai,
        0.7,
        &[Server("akamaighost"), Status(SERVER_ERRORS)],
        "Akamai’s name: it passes an origin’s name on",
    ),
];
