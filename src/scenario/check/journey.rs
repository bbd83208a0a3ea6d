//! `journey`: what a visitor does.

use url::Url;
use url::form_urlencoded;

use super::fields::{Check, Fields, Keys};
use crate::scenario::document::{Kind, Node, Place, json_of};
use crate::scenario::written::{Pairs, WrittenStep};
use crate::scenario::{Body, Journey, Method, Secret, Step, Target};
use crate::units::Span;

const STEP: Keys = Keys {
    known: &[
        "get", "head", "post", "put", "patch", "delete", "headers", "body", "json", "form", "think",
    ],
    later: &["assets", "expect", "capture", "name", "repeat", "when"],
};

const METHODS: [(&str, Method); 6] = [
    ("get", Method::Get),
    ("head", Method::Head),
    ("post", Method::Post),
    ("put", Method::Put),
    ("patch", Method::Patch),
    ("delete", Method::Delete),
];

/// The longest journey; a visit of a person has a handful of pages.
const MAX_STEPS: usize = 1_000;

impl Check<'_> {
    /// The steps, where there is at least one and each is right.
    pub(super) fn journey(
        &mut self,
        node: &Node,
        target: Option<&Target>,
    ) -> Option<(Journey, Vec<WrittenStep>)> {
        let mut steps: Vec<Step> = Vec::new();
        let mut written: Vec<WrittenStep> = Vec::new();
        let mut requests = 0;
        let items = self.list(node, "`journey`", "as in `- get: /sale`");
        if items.len() > MAX_STEPS {
            self.error(
                node.place,
                format!("a journey has at most {MAX_STEPS} steps"),
                "a visit is what one person does",
            );
            return None;
        }
        for item in items {
            if let Some(fields) = self.fields(item, "a step", &STEP) {
                if is_think(&fields) {
                    self.think(&fields, requests > 0, steps.last_mut());
                    continue;
                }
                requests += 1;
                if let Some((step, line)) = self.step(item, &fields, target) {
                    steps.push(step);
                    written.push(line);
                }
            }
        }
        if requests == 0 && !items.is_empty() {
            self.error(
                node.place,
                "`journey` has no request",
                "add a step, as in `- get: /sale`",
            );
        }
        if steps.is_empty() {
            return None;
        }
        let written = steps.iter().zip(written).flat_map(|(step, line)| {
            let think = step.think.map(|think| WrittenStep {
                think: Some(Span::new(think).to_string()),
                ..WrittenStep::default()
            });
            std::iter::once(line).chain(think)
        });
        let written = written.collect();
        Some((Journey { steps }, written))
    }

    fn think(&mut self, fields: &Fields<'_>, has_step_before: bool, before: Option<&mut Step>) {
        let Some(node) = fields.get("think") else { return };
        if !has_step_before {
            self.error(
                fields.place,
                "a journey begins with a request, not with a think time",
                "put the think time behind the step after which the visitor waits",
            );
        }
        if node.entries().is_some() {
            self.later(node.place, "think: { median, sigma }");
            return;
        }
        let Some(span) = self.quantity::<Span>(node, "`think`") else {
            return;
        };
        if let Some(step) = before {
            if step.think.is_some() {
                self.error(
                    fields.place,
                    "two think times in a row",
                    "write one that is as long as both",
                );
            }
            step.think = Some(span.duration());
        }
    }

    fn step(
        &mut self,
        node: &Node,
        fields: &Fields<'_>,
        target: Option<&Target>,
    ) -> Option<(Step, WrittenStep)> {
        if let Some(think) = fields.get("think") {
            self.error(
                think.place,
                "a think time is a step of its own",
                "write `- think: 5s` behind this step",
            );
        }
        let (key, method, address) = self.request(node, fields)?;
        let path = self.text(address, &format!("`{key}`"));
        let url = path
            .as_ref()
            .and_then(|path| self.step_url(path, address.place, target));
        let (headers, shown) = match fields.get("headers") {
            Some(node) => self.headers(node),
            None => (Vec::new(), Vec::new()),
        };
        let mut written = WrittenStep::default();
        let body = self.body(fields, &mut written).unwrap_or_default();
        if method.is_safe() && body != Body::None {
            self.error(
                node.place,
                format!("`{key}` carries no body"),
                "write `post:`, or remove the body",
            );
        }
        let slot = match method {
            Method::Get => &mut written.get,
            Method::Head => &mut written.head,
            Method::Post => &mut written.post,
            Method::Put => &mut written.put,
            Method::Patch => &mut written.patch,
            Method::Delete => &mut written.delete,
        };
        *slot = path;
        if !shown.is_empty() {
            written.headers = Some(Pairs(shown));
        }
        let step = Step {
            method,
            url: url?,
            headers,
            body,
            think: None,
        };
        Some((step, written))
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

    /// The target's own address and path, with what was written behind it; or a whole address on the same host.
    fn step_url(&mut self, path: &str, place: Place, target: Option<&Target>) -> Option<Url> {
        self.refuse_placeholders(path, place);
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

    fn body(&mut self, fields: &Fields<'_>, written: &mut WrittenStep) -> Option<Body> {
        let given = ["body", "json", "form"].map(|key| fields.get(key));
        if given.iter().flatten().count() > 1 {
            let place = given
                .iter()
                .flatten()
                .last()
                .map_or(fields.place, |node| node.place);
            self.error(
                place,
                "a step has one body",
                "keep one of `body`, `json` and `form`",
            );
            return None;
        }
        match given {
            [Some(node), _, _] => {
                let text = self.secret_text(node, "`body`")?;
                self.refuse_placeholders(&text.shown, node.place);
                self.keep_if(text.is_secret, &text.value);
                written.body = Some(text.shown);
                Some(Body::Text(Secret::new(text.value)))
            }
            [_, Some(node), _] => {
                let value = self.json(node, false);
                written.json = Some(self.json(node, true));
                Some(Body::Json(Secret::new(value.to_string())))
            }
            [_, _, Some(node)] => {
                let fields = self.any_fields(node, "`form`", "sku")?;
                let mut encoded = form_urlencoded::Serializer::new(String::new());
                let mut shown = Vec::new();
                for entry in fields.entries() {
                    let what = format!("the field `{}`", entry.key);
                    let Some(text) = self.secret_text(&entry.value, &what) else {
                        continue;
                    };
                    self.refuse_placeholders(&text.shown, entry.value.place);
                    self.keep_if(text.is_secret, &text.value);
                    encoded.append_pair(&entry.key, &text.value);
                    shown.push((entry.key.clone(), text.shown));
                }
                written.form = Some(Pairs(shown));
                Some(Body::Form(Secret::new(encoded.finish())))
            }
            _ => None,
        }
    }

    fn json(&mut self, node: &Node, is_shown: bool) -> serde_json::Value {
        json_of(node, &mut |node, raw| {
            let Some(text) = self.expand(raw, node.place) else {
                return String::new();
            };
            self.refuse_placeholders(&text.shown, node.place);
            self.keep_if(text.is_secret, &text.value);
            if is_shown { text.shown } else { text.value }
        })
    }

    fn keep_if(&mut self, is_secret: bool, value: &str) {
        if is_secret {
            self.keep(Secret::new(value));
        }
    }

    /// `{{row.sku}}` is filled in by a later version; sent as it is it would measure the wrong page.
    pub(super) fn refuse_placeholders(&mut self, text: &str, place: Place) {
        let Some((_, rest)) = text.split_once("{{") else {
            return;
        };
        let Some((inside, _)) = rest.split_once("}}") else {
            return;
        };
        let name = inside.trim();
        if !name.is_empty()
            && name
                .chars()
                .all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '.'))
        {
            self.later(place, &format!("{{{{{name}}}}}"));
        }
    }
}

fn is_think(fields: &Fields<'_>) -> bool {
    matches!(fields.entries(), [only] if only.key == "think")
}

/// Scheme, host and port.
fn origin_of(url: &Url) -> String {
    url.origin().ascii_serialization()
}

/// Whether a step of `journey` may change something at the site, and where that stands.
pub(super) fn unsafe_step(journey: &Node) -> Option<&Node> {
    let Kind::List(items) = &journey.kind else {
        return None;
    };
    items.iter().find(|item| {
        item.entries().is_some_and(|entries| {
            entries.iter().any(|entry| {
                METHODS
                    .iter()
                    .any(|(key, method)| *key == entry.key && !method.is_safe())
            })
        })
    })
}
