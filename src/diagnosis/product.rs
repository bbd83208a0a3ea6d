//! What can stand between a visitor and an application, by name.

use super::cause::words;

words! {
    /// A product that answers, or writes a log.
    Product {
        /// Nothing shows which.
        Unknown = "unknown",
        /// The application behind all of them.
        Application = "application",
        /// nginx, Tengine, Angie and freenginx.
        Nginx = "nginx",
        /// The ingress controller of Kubernetes made of nginx.
        IngressNginx = "ingress-nginx",
        /// OpenResty.
        Openresty = "openresty",
        /// HAProxy.
        Haproxy = "haproxy",
        /// The Apache HTTP server.
        Apache = "apache",
        /// Caddy.
        Caddy = "caddy",
        /// Varnish.
        Varnish = "varnish",
        /// Envoy, and what is made of it.
        Envoy = "envoy",
        /// Traefik.
        Traefik = "traefik",
        /// IIS with Application Request Routing.
        Iis = "iis",
        /// The gateway of the built-in demo site.
        Demo = "tipover-demo",
        /// php-fpm.
        PhpFpm = "php-fpm",
        /// gunicorn.
        Gunicorn = "gunicorn",
        /// uvicorn.
        Uvicorn = "uvicorn",
        /// node.
        Node = "node",
        /// The application load balancer of AWS.
        AwsAlb = "aws-alb",
        /// Amazon CloudFront.
        Cloudfront = "cloudfront",
        /// Amazon API Gateway.
        ApiGateway = "api-gateway",
        /// Cloudflare.
        Cloudflare = "cloudflare",
        /// Fastly.
        Fastly = "fastly",
        /// Akamai.
        Akamai = "akamai",
        /// Azure Front Door.
        AzureFrontDoor = "azure-front-door",
        /// Azure Application Gateway.
        AzureApplicationGateway = "azure-application-gateway",
        /// The load balancers of Google Cloud.
        Google = "google",
        /// Vercel.
        Vercel = "vercel",
        /// Netlify.
        Netlify = "netlify",
        /// Heroku.
        Heroku = "heroku",
    }
}

impl Product {
    /// Whether real answers of it were looked at; of the others only what their documentation says is known.
    pub const fn was_seen(self) -> bool {
        matches!(
            self,
            Self::Application
                | Self::Demo
                | Self::Nginx
                | Self::Haproxy
                | Self::Apache
                | Self::Caddy
                | Self::Varnish
                | Self::Envoy
        )
    }

    /// Whether it stands at the edge of the network, before anything that belongs to the site.
    pub const fn is_edge(self) -> bool {
        matches!(
            self,
            Self::Cloudfront
                | Self::Cloudflare
                | Self::Fastly
                | Self::Akamai
                | Self::AzureFrontDoor
                | Self::Google
                | Self::Vercel
                | Self::Netlify
        )
    }
}
