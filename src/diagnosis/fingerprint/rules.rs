//! The table: which signs show which product. The first rule that fits counts, so the more particular stand first:
//! what a page signs with, then texts that only one product writes, then headers alone.
//!
//! Texts of nginx, HAProxy, Apache, Caddy, Varnish and Envoy were captured from the programs; the others are from the
//! vendors' documentation.

mod gateways;
mod networks;

use super::super::product::Product;
use super::signs::{Looks, Sign};
use Sign::{Has, Header, Server};

/// Signs that together show a product.
pub(super) struct Rule {
    pub(super) product: Product,
    pub(super) confidence: f64,
    pub(super) signs: &'static [Sign],
    /// The evidence in words.
    pub(super) shows: &'static str,
}

impl Rule {
    pub(super) fn fits(&self, looks: &Looks) -> bool {
        self.signs.iter().all(|sign| sign.is_in(looks))
    }
}

const fn rule(product: Product, confidence: f64, signs: &'static [Sign], shows: &'static str) -> Rule {
    Rule {
        product,
        confidence,
        signs,
        shows,
    }
}

/// The rules, in order.
pub(super) fn all() -> impl Iterator<Item = &'static Rule> {
    networks::RULES.iter().chain(gateways::RULES)
}

/// Who passed an answer on, by the marks it leaves on every answer.
pub(super) fn passed_on_by(looks: &Looks) -> Option<Product> {
    const MARKS: &[(Product, Sign)] = &[
        (Product::Cloudflare, Has("cf-ray")),
        (Product::Cloudfront, Has("x-amz-cf-id")),
        (Product::Fastly, Header("x-served-by", "cache-")),
        (Product::AzureFrontDoor, Has("x-azure-ref")),
        (Product::Google, Header("via", "google")),
        (Product::Vercel, Has("x-vercel-id")),
        (Product::Netlify, Has("x-nf-request-id")),
        (Product::Heroku, Header("via", "vegur")),
        (Product::Varnish, Has("x-varnish")),
        (Product::Envoy, Server("envoy")),
        (Product::Envoy, Server("istio-envoy")),
        (Product::Caddy, Server("caddy")),
        (Product::Caddy, Header("via", "caddy")),
        (Product::Openresty, Server("openresty")),
        (Product::Nginx, Server("nginx")),
        (Product::Apache, Server("apache/")),
        (Product::Iis, Server("microsoft-iis")),
    ];
    MARKS
        .iter()
        .find(|(_, sign)| sign.is_in(looks))
        .map(|(product, _)| *product)
}
