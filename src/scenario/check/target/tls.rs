//! `tls`: whom to trust, and who we are.

use std::path::PathBuf;

use url::Url;

use crate::scenario::check::fields::{Check, Keys};
use crate::scenario::document::Node;
use crate::scenario::written::WrittenTls;
use crate::scenario::{ClientIdentity, TlsPlan};

const TLS: Keys = Keys {
    known: &["ca", "insecure", "client_cert", "client_key", "server_name"],
    later: &[],
};

impl Check<'_> {
    pub(super) fn tls(&mut self, node: Option<&Node>, url: &Url) -> (TlsPlan, Option<WrittenTls>) {
        let Some(fields) = node.and_then(|node| self.fields(node, "`tls`", &TLS)) else {
            return (TlsPlan::default(), None);
        };
        let mut plan = TlsPlan::default();
        let mut written = WrittenTls::default();
        if let Some((path, text)) = self.file(fields.get("ca"), "ca") {
            plan.ca = Some(path);
            written.ca = Some(text);
        }
        let certificate = self.file(fields.get("client_cert"), "client_cert");
        let key = self.file(fields.get("client_key"), "client_key");
        if let (Some(node), None) = (fields.get("client_key"), fields.get("client_cert")) {
            let hint = "add `client_cert: certs/me.pem`";
            self.error(node.place, "`client_key` without a `client_cert`", hint);
        }
        if let Some((certificate, text)) = certificate
            && (key.is_some() || fields.get("client_key").is_none())
        {
            // Both may be in one file.
            let key_path = key
                .as_ref()
                .map_or_else(|| certificate.clone(), |(path, _)| path.clone());
            plan.client = Some(ClientIdentity {
                certificate,
                key: key_path,
            });
            written.client_cert = Some(text);
            written.client_key = key.map(|(_, text)| text);
        }
        if let Some(node) = fields.get("server_name")
            && let Some(text) = self.text(node, "`server_name`")
        {
            plan.server_name = self.host_name(&text, node.place);
            written.server_name.clone_from(&plan.server_name);
        }
        if let Some(node) = fields.get("insecure") {
            plan.insecure = self.truth(node, "`insecure`").unwrap_or(false);
            written.insecure = Some(plan.insecure);
            if plan.insecure && url.scheme() == "https" {
                self.warn(
                    node.place,
                    "`insecure: true` trusts any certificate: whoever answers may be somebody else",
                    "name the certificate with `ca: certs/ca.pem` where you can",
                );
            }
        }
        (plan, Some(written))
    }

    /// A file that is there, and its path as it was written.
    fn file(&mut self, node: Option<&Node>, key: &str) -> Option<(PathBuf, String)> {
        let node = node?;
        let (path, text) = self.path(node, &format!("`{key}`"))?;
        if !path.is_file() {
            self.error(
                node.place,
                format!("the file of `{key}` is not there"),
                format!("it is looked for at `{}`", path.display()),
            );
        }
        Some((path, text))
    }
}
