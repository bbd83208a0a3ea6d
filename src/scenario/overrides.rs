//! What stands on the command line instead of in the file. It becomes part of the document before the checks, so that
//! one code reads both, and an error names the flag.

use super::document::{Entry, Kind, Node, Place, SourceId};
use super::problem::{Remark, Source};

/// A value that was given outside the scenario, and where: a flag or a variable.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Given {
    /// The value as it was written.
    pub text: String,
    /// Where, as errors name it: `--from`, `TIPOVER_FROM`.
    pub origin: String,
}

impl Given {
    /// `text`, given by `origin`.
    pub fn new(origin: impl Into<String>, text: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            origin: origin.into(),
        }
    }
}

/// Values that go before those of the file, all of them texts that are read by the same code.
#[derive(Debug, Clone, Default)]
pub struct Overrides {
    /// `search.from`
    pub from: Option<Given>,
    /// `search.to`
    pub to: Option<Given>,
    /// `search.profile`
    pub profile: Option<Given>,
    /// `search.share`
    pub share: Option<Given>,
    /// `search.failure`: a word, or classes between commas
    pub failure: Option<Given>,
    /// `search.budget`
    pub budget: Option<Given>,
    /// `search.think`
    pub think: Option<Given>,
    /// `search.seed`
    pub seed: Option<Given>,
    /// `search.enough`: `true` or `false`
    pub enough: Option<Given>,
    /// `search.repeat`
    pub repeat: Option<Given>,
    /// `load.arrivals`
    pub arrivals: Option<Given>,
    /// The rate of one held stage that takes the place of `load.stages`; needs `duration`.
    pub rate: Option<Given>,
    /// The visitors of one held stage that takes the place of `load.stages`; needs `duration`, excludes `rate`.
    pub visitors: Option<Given>,
    /// The length of that stage; needs `rate` or `visitors`.
    pub duration: Option<Given>,
    /// `target.connections`
    pub connections: Option<Given>,
    /// `target.headers`, each `Name: value`; goes before a header of the same name.
    pub header: Vec<Given>,
    /// `target.tls.ca`, relative to the working directory
    pub ca: Option<Given>,
    /// `target.tls.insecure`: `true` or `false`
    pub insecure: Option<Given>,
    /// `target.resolve`, each `HOST:ADDRESS` or, as curl writes it, `HOST:PORT:ADDRESS`
    pub resolve: Vec<Given>,
    /// `report.languages`, between commas
    pub lang: Option<Given>,
}

/// The sources of a check: the file first, then everything that was given outside it.
pub(super) struct Sources {
    pub(super) list: Vec<Source>,
}

impl Sources {
    /// Adds what was given, and says where it then stands.
    pub(super) fn add(&mut self, given: &Given) -> Place {
        let prefix = if given.origin.is_empty() {
            String::new()
        } else {
            format!("{} ", given.origin)
        };
        let text = format!("{prefix}{}", given.text);
        let place = Place::new(SourceId(self.list.len()), prefix.len()..text.len());
        self.list.push(Source {
            name: "command line".to_owned(),
            text,
            concealed: Vec::new(),
        });
        place
    }
}

/// Puts `overrides` into the tree `root`.
pub(super) fn graft(root: &mut Node, overrides: &Overrides, sources: &mut Sources) -> Vec<Remark> {
    let mut remarks = Vec::new();
    let single = [
        ("search", "from", &overrides.from),
        ("search", "to", &overrides.to),
        ("search", "profile", &overrides.profile),
        ("search", "share", &overrides.share),
        ("search", "budget", &overrides.budget),
        ("search", "think", &overrides.think),
        ("search", "seed", &overrides.seed),
        ("search", "repeat", &overrides.repeat),
        ("load", "arrivals", &overrides.arrivals),
        ("target", "connections", &overrides.connections),
    ];
    for (group, key, given) in single {
        if let Some(given) = given {
            let place = sources.add(given);
            set(root, &[group, key], Node::text(&given.text, place));
        }
    }
    if let Some(given) = &overrides.failure {
        let place = sources.add(given);
        let value = match given.text.contains(',') || given.text.starts_with(|c: char| c.is_ascii_digit()) {
            true => words(&given.text, place),
            false => Node::text(&given.text, place),
        };
        set(root, &["search", "failure"], value);
    }
    if let Some(given) = &overrides.enough {
        // A flag without a value: it is its name that an error points at.
        let place = sources.add(&Given::new("", &given.origin));
        set(root, &["search", "enough"], Node::text(&given.text, place));
    }
    if let Some(given) = &overrides.lang {
        let place = sources.add(given);
        set(root, &["report", "languages"], words(&given.text, place));
    }
    if let Some(given) = &overrides.insecure {
        let place = sources.add(given);
        set(
            root,
            &["target", "tls", "insecure"],
            Node::text(&given.text, place),
        );
    }
    if let Some(given) = &overrides.ca {
        let place = sources.add(given);
        let path = std::path::absolute(&given.text).unwrap_or_else(|_| given.text.clone().into());
        set(
            root,
            &["target", "tls", "ca"],
            Node::text(&path.to_string_lossy(), place),
        );
    }
    pairs(root, overrides, sources, &mut remarks);
    hold(root, overrides, sources, &mut remarks);
    remarks
}

/// `--header` and `--resolve`, each a name and a value.
fn pairs(root: &mut Node, overrides: &Overrides, sources: &mut Sources, remarks: &mut Vec<Remark>) {
    for given in &overrides.header {
        let place = sources.add(given);
        match given.text.split_once(':') {
            Some((name, value)) => {
                set(
                    root,
                    &["target", "headers", name.trim()],
                    Node::text(value.trim(), place),
                );
            }
            None => remarks.push(
                Remark::error(place, "this header has no `:`").hint("write `--header 'X-Preview: secret'`"),
            ),
        }
    }
    for given in &overrides.resolve {
        let place = sources.add(given);
        match given.text.split_once(':') {
            Some((host, address)) => {
                set(
                    root,
                    &["target", "resolve", host.trim()],
                    Node::text(address.trim(), place),
                );
            }
            None => remarks.push(
                Remark::error(place, "this names no address")
                    .hint("write `--resolve shop.example:127.0.0.1`"),
            ),
        }
    }
}

/// Takes out of `load` what stages take the place of.
fn forget_load(root: &mut Node) {
    let Kind::Map(entries) = &mut root.kind else {
        return;
    };
    let load = entries.iter_mut().find(|entry| entry.key == "load");
    if let Some(Kind::Map(keys)) = load.map(|entry| &mut entry.value.kind) {
        keys.retain(|entry| !["campaign", "replay", "until", "peak_only"].contains(&entry.key.as_str()));
    }
}

/// `--rate` or `--visitors`, and `--duration`, instead of what the file plays.
fn hold(root: &mut Node, overrides: &Overrides, sources: &mut Sources, remarks: &mut Vec<Remark>) {
    if let (Some(_), Some(visitors)) = (&overrides.rate, &overrides.visitors) {
        let place = sources.add(visitors);
        remarks.push(
            Remark::error(place, "a stage has a rate or visitors, not both")
                .hint("leave one of `--rate` and `--visitors` out"),
        );
        return;
    }
    let (key, level) = match &overrides.visitors {
        Some(visitors) => ("visitors", Some(visitors)),
        None => ("target", overrides.rate.as_ref()),
    };
    match (level, &overrides.duration) {
        (None, None) => {}
        (Some(rate), Some(duration)) => {
            let rate = Node::text(&rate.text, sources.add(rate));
            let duration = Node::text(&duration.text, sources.add(duration));
            let place = rate.place;
            let jump = Node::map(
                place,
                [("duration", Node::text("0s", place)), (key, rate.clone())],
            );
            let stay = Node::map(place, [("duration", duration), (key, rate)]);
            let stages = Node {
                place,
                kind: Kind::List(vec![jump, stay]),
            };
            forget_load(root);
            set(root, &["load", "stages"], stages);
        }
        (Some(rate), None) => {
            let place = sources.add(rate);
            remarks
                .push(Remark::error(place, "a load needs to know for how long").hint("add `--duration 1m`"));
        }
        (None, Some(duration)) => {
            let place = sources.add(duration);
            remarks.push(
                Remark::error(place, "a duration needs a rate, or visitors").hint("add `--rate 50visits/s`"),
            );
        }
    }
}

fn words(text: &str, place: Place) -> Node {
    Node {
        place,
        kind: Kind::List(
            text.split(',')
                .map(|word| Node::text(word.trim(), place))
                .collect(),
        ),
    }
}

/// Puts `value` at `path` below `node`, making maps where there are none. A `target` written as a text becomes a map
/// with that `url`. What has the wrong type stays, for the checks to name.
fn set(node: &mut Node, path: &[&str], value: Node) {
    let Some((key, rest)) = path.split_first() else {
        *node = value;
        return;
    };
    let Kind::Map(entries) = &mut node.kind else {
        return;
    };
    let is_header = path.len() == 1;
    let found = entries
        .iter()
        .position(|entry| entry.key == **key || (is_header && entry.key.eq_ignore_ascii_case(key)));
    let at = found.unwrap_or_else(|| {
        entries.push(Entry {
            key: (*key).to_owned(),
            key_place: value.place,
            value: Node::map(value.place, []),
        });
        entries.len() - 1
    });
    let entry = &mut entries[at];
    if !rest.is_empty() && entry.value.is_nothing() {
        entry.value = Node::map(value.place, []);
    }
    if *key == "target" && matches!(entry.value.kind, Kind::Scalar { .. }) && !rest.is_empty() {
        let url = entry.value.clone();
        entry.value = Node::map(url.place, [("url", url)]);
    }
    set(&mut entry.value, rest, value);
}
