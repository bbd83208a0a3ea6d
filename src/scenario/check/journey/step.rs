//! One step: its method, its address, and what belongs to it.

use url::{Position, Url};

use super::super::fields::{Check, Fields, Keys};
use super::METHODS;
use super::names::Names;
use crate::scenario::document::{Node, Place};
use crate::scenario::placeholder::{Escape, Piece, Template};
use crate::scenario::written::{Pairs, WrittenStep};
use crate::scenario::{Assets, Body, Method, Secret, Step, Target};

pub(super) const STEP: Keys = Keys {
    known: &[
        "get", "head", "post", "put", "patch", "delete", "name", "headers", "body", "json", "form", "expect",
        "capture", "assets", "think",
    ],
    later: &["repeat", "when"],
};

/// Stands for a placeholder while an address is read: unreserved letters, which reading leaves as they are.
const MARK: &str = "tipover~placeholder~";

impl Check<'_> {
    pub(super) fn step(
        &mut self,
        node: &Node,
        fields: &Fields<'_>,
        target: Option<&Target>,
        names: &mut Names,
    ) -> Option<(Step, WrittenStep)> {
        if let Some(think) = fields.get("think") {
            self.error(
                think.place,
                "a think time is a step of its own",
                "write `- think: 5s` behind this step",
            );
        }
        let (key, method, address) = self.request(node, fields)?;
        let mut written = WrittenStep::default();
        let address = self.address(key, address, target, names, &mut written, method);
        let headers = fields
            .get("headers")
            .map(|node| self.headers(node, Some(names)))
            .unwrap_or_default();
        let body = self.body(fields, names, &mut written).unwrap_or_default();
        if method.is_safe() && body != Body::None {
            self.error(
                node.place,
                format!("`{key}` carries no body"),
                "write `post:`, or remove the body",
            );
        }
        if !headers.shown.is_empty() {
            written.headers = Some(Pairs(headers.shown));
        }
        let name = fields.get("name").and_then(|node| self.name(node));
        written.name.clone_from(&name);
        let expect = fields
            .get("expect")
            .and_then(|node| self.expect(node, method, names, &mut written));
        let captures = fields
            .get("capture")
            .map(|node| self.captures(node, method, names, &mut written));
        let assets = fields
            .get("assets")
            .map(|node| self.assets(node, key, method, &mut written))
            .unwrap_or_default();
        let (url, path) = address?;
        let step = Step {
            name,
            path,
            headers: headers.fixed,
            filled_headers: headers.filled,
            body,
            expect: expect.unwrap_or_default(),
            captures: captures.unwrap_or_default(),
            assets,
            ..Step::new(method, url)
        };
        Some((step, written))
    }

    /// What is fetched with the page: only a GET and a POST bring one.
    fn assets(&mut self, node: &Node, key: &str, method: Method, written: &mut WrittenStep) -> Assets {
        let words = [("none", Assets::None), ("same_origin", Assets::SameOrigin)];
        let assets = self.choice(node, "`assets`", &words).unwrap_or_default();
        if assets == Assets::None {
            return assets;
        }
        if !matches!(method, Method::Get | Method::Post) {
            self.error(
                node.place,
                format!("`{key}` brings no page that needs `assets`"),
                "remove `assets`, or write `get:`",
            );
        }
        written.assets = Some("same_origin".to_owned());
        assets
    }

    /// The method of a step and its address: exactly one.
    fn request<'n>(&mut self, node: &Node, fields: &Fields<'n>) -> Option<(&'static str, Method, &'n Node)> {
        let named: Vec<(&'static str, Method, &'n Node)> = METHODS
            .iter()
            .filter_map(|(key, method)| fields.get(key).map(|node| (*key, *method, node)))
            .collect();
        let [request] = named[..] else {
            match named.len() {
                0 if fields.misspells(STEP.known) => {}
                0 => self.error(
                    node.place,
                    "a step without a request",
                    "write `get: /path`, `post: /path` …",
                ),
                _ => self.error(
                    node.place,
                    "a step makes one request",
                    "write each as a step of its own",
                ),
            }
            return None;
        };
        Some(request)
    }

    /// The address of a step, and what of it is filled in for each visitor.
    fn address(
        &mut self,
        key: &str,
        node: &Node,
        target: Option<&Target>,
        names: &Names,
        written: &mut WrittenStep,
        method: Method,
    ) -> Option<(Url, Option<Template>)> {
        let text = self.template_source(node, &format!("`{key}`"))?;
        if text.is_secret {
            self.error(
                node.place,
                format!("`{key}` cannot hold a secret, because it is printed"),
                "secrets are for headers, passwords and bodies",
            );
            return None;
        }
        let slot = match method {
            Method::Get => &mut written.get,
            Method::Head => &mut written.head,
            Method::Post => &mut written.post,
            Method::Put => &mut written.put,
            Method::Patch => &mut written.patch,
            Method::Delete => &mut written.delete,
        };
        *slot = Some(text.shown);
        let pieces = self.pieces(&text.value, node.place, names)?;
        if let [Piece::Value(..)] = pieces[..] {
            // A whole address from somewhere else, such as a link that was captured: taken as it is, and followed as a
            // redirect is, on the target's host only.
            let url = target?.url.clone();
            return Some((url, Some(Template::new(pieces, Escape::Plain))));
        }
        let mut marked = String::new();
        for (at, piece) in pieces.iter().enumerate() {
            match piece {
                Piece::Text(text) => marked.push_str(text.reveal()),
                Piece::Value(..) => marked.push_str(&format!("{MARK}{at}~")),
            }
        }
        let is_filled = pieces.iter().any(|piece| matches!(piece, Piece::Value(..)));
        if !is_filled {
            let url = self.step_url(&marked, node.place, target)?;
            return Some((url, None));
        }
        let url = self.step_url(&marked, node.place, target)?;
        let (path, example) = split(&url, pieces);
        Some((example, Some(Template::new(path, Escape::Address))))
    }

    /// The target's own address and path, with what was written behind it; or a whole address on the same host.
    fn step_url(&mut self, path: &str, place: Place, target: Option<&Target>) -> Option<Url> {
        if path.contains("://") && !path.starts_with('/') {
            let url = self.web_address(path, place)?;
            let target = target?;
            if url.origin() != target.url.origin() {
                self.error(
                    place,
                    format!(
                        "this step goes to another host than the target `{}`",
                        origin_of(&target.url)
                    ),
                    "only the host of the target is played; write a path, as in `/sale`",
                );
                return None;
            }
            return Some(url);
        }
        if !path.starts_with('/') {
            let hint = format!("write `/{}`", path.trim_start_matches("./"));
            self.error(place, "a path begins with `/`", hint);
            return None;
        }
        if path.contains('#') {
            self.error(
                place,
                "a path with a `#` part",
                "remove it: a browser never sends it",
            );
            return None;
        }
        let base = &target?.url;
        let whole = format!("{}{}{path}", origin_of(base), base.path().trim_end_matches('/'));
        match Url::parse(&whole) {
            Ok(url) if url.origin() == base.origin() => Some(url),
            _ => {
                self.error(place, "this is no path", "write one as in `/sale?page=2`");
                None
            }
        }
    }
}

pub(super) fn is_think(fields: &Fields<'_>) -> bool {
    matches!(fields.entries(), [only] if only.key == "think")
}

/// Scheme, host and port.
fn origin_of(url: &Url) -> String {
    url.origin().ascii_serialization()
}

/// Path and query of `url` with each mark as the placeholder of `pieces` that it stands for, and `url` with an `x` for
/// each.
fn split(url: &Url, pieces: Vec<Piece>) -> (Vec<Piece>, Url) {
    let mut path = Vec::new();
    let mut example = String::new();
    let mut rest = &url[Position::BeforePath..Position::AfterQuery];
    for (at, piece) in pieces.into_iter().enumerate() {
        if let Piece::Value(..) = piece
            && let Some((before, after)) = rest.split_once(&format!("{MARK}{at}~"))
        {
            path.push(Piece::Text(Secret::new(before)));
            path.push(piece);
            example.push_str(before);
            example.push('x');
            rest = after;
        }
    }
    path.push(Piece::Text(Secret::new(rest)));
    example.push_str(rest);
    let example = url.join(&example).unwrap_or_else(|_| url.clone());
    (path, example)
}
