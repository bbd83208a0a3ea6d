//! `journey` and `journeys`: what visitors do.

mod body;
mod capture;
mod data;
mod expect;
mod names;
mod step;
mod think;

use super::fields::{Check, Fields, Keys};
use crate::scenario::document::{Kind, Node};
use crate::scenario::written::{WrittenJourney, WrittenStep};
use crate::scenario::{DataPlan, Journey, Journeys, Method, OnFailure, Step, Target};

pub(super) use names::Names;

const JOURNEY: Keys = Keys {
    known: &["name", "weight", "data", "on_failure", "steps"],
    later: &["connections", "headers"],
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
/// The most kinds of visitors.
const MAX_JOURNEYS: usize = 100;
/// The heaviest weight: shares of visitors need no more digits.
const MAX_WEIGHT: u32 = 1_000_000;

/// The journeys as they were written: the short form, or the list.
pub(super) enum Written {
    Short(Vec<WrittenStep>),
    List(Vec<WrittenJourney>),
}

impl Written {
    /// The short form and the list, one of them empty.
    pub(super) fn split(self) -> (Option<Vec<WrittenStep>>, Option<Vec<WrittenJourney>>) {
        match self {
            Written::Short(steps) => (Some(steps), None),
            Written::List(list) => (None, Some(list)),
        }
    }
}

impl Check<'_> {
    /// The journeys: one in the short form, or a list of them.
    pub(super) fn journeys(
        &mut self,
        fields: &Fields<'_>,
        target: Option<&Target>,
    ) -> Option<(Journeys, Written)> {
        match (fields.get("journey"), fields.get("journeys")) {
            (Some(node), None) => {
                let (steps, slots, written) = self.steps(node, "`journey`", None, target)?;
                let only = Journey {
                    name: None,
                    weight: 1,
                    data: None,
                    on_failure: OnFailure::default(),
                    slots,
                    steps,
                };
                Some((Journeys::new(vec![only]), Written::Short(written)))
            }
            (None, Some(node)) => {
                let (journeys, written) = self.list_of_journeys(node, target)?;
                Some((Journeys::new(journeys), Written::List(written)))
            }
            (Some(_), Some(node)) => {
                self.error(
                    node.place,
                    "`journey` and `journeys` at the same time",
                    "keep one of them; `journey` is the short form of a list of one",
                );
                None
            }
            (None, None) => {
                let hint = "add what a visitor does, as in `journey: [ { get: /sale } ]`";
                fields.require(self, "journey", hint);
                None
            }
        }
    }

    fn list_of_journeys(
        &mut self,
        node: &Node,
        target: Option<&Target>,
    ) -> Option<(Vec<Journey>, Vec<WrittenJourney>)> {
        let example = "as in `- { name: buyer, weight: 30, steps: [ { get: /sale } ] }`";
        let items = self.list(node, "`journeys`", example);
        if items.len() > MAX_JOURNEYS {
            self.error(
                node.place,
                format!("at most {MAX_JOURNEYS} journeys"),
                "put visitors who do alike into one",
            );
            return None;
        }
        let mut journeys: Vec<Journey> = Vec::new();
        let mut written: Vec<WrittenJourney> = Vec::new();
        let mut total = 0;
        for (index, item) in items.iter().enumerate() {
            let Some((journey, line)) = self.one_journey(item, index, target) else {
                continue;
            };
            if written.iter().any(|known| known.name == line.name) {
                let message = format!("two journeys are called `{}`", line.name);
                self.error(item.place, message, "give each a name of its own");
            }
            total += journey.steps.len();
            journeys.push(journey);
            written.push(line);
        }
        if total > MAX_STEPS {
            self.error(
                node.place,
                format!("all journeys together have at most {MAX_STEPS} steps"),
                "a visit is what one person does",
            );
        }
        (!journeys.is_empty()).then_some((journeys, written))
    }

    fn one_journey(
        &mut self,
        node: &Node,
        index: usize,
        target: Option<&Target>,
    ) -> Option<(Journey, WrittenJourney)> {
        let fields = self.fields(node, "a journey", &JOURNEY)?;
        let name = match fields.get("name") {
            Some(node) => self.name(node)?,
            None => format!("journey {}", index + 1),
        };
        let weight = fields.get("weight").map_or(Some(1), |node| self.weight(node));
        let data = fields.get("data").map(|node| self.data(node));
        let on_failure = fields.get("on_failure").and_then(|node| {
            let words = [("continue", OnFailure::Continue), ("stop", OnFailure::Stop)];
            self.choice(node, "`on_failure`", &words)
        });
        let on_failure = on_failure.unwrap_or_default();
        let steps = fields.require(
            self,
            "steps",
            "add what its visitors do, as in `steps: [ { get: /sale } ]`",
        );
        let rows: Option<&DataPlan> = data.as_ref().and_then(|data| data.as_ref()).map(|(plan, _)| plan);
        let (steps, slots, written) = self.steps(steps?, "`steps`", rows, target)?;
        let weight = weight?;
        let (data, written_data) = match data {
            Some(data) => data.map(|(plan, written)| (Some(plan), Some(written)))?,
            None => (None, None),
        };
        let line = WrittenJourney {
            name: name.clone(),
            weight: Some(weight),
            data: written_data,
            on_failure: (on_failure == OnFailure::Stop).then(|| "stop".to_owned()),
            steps: written,
        };
        let journey = Journey {
            name: Some(name),
            weight,
            data,
            on_failure,
            slots,
            steps,
        };
        Some((journey, line))
    }

    fn weight(&mut self, node: &Node) -> Option<u32> {
        let text = self.text(node, "`weight`")?;
        match text.parse::<u32>() {
            Ok(weight @ 1..=MAX_WEIGHT) => Some(weight),
            _ => {
                self.error(
                    node.place,
                    format!("`{text}` is no weight"),
                    "write a whole number from 1 on, as in `weight: 30`; a journey that nobody walks is left out",
                );
                None
            }
        }
    }

    /// The steps of a journey, where there is at least one and each is right; and how many values they capture.
    fn steps(
        &mut self,
        node: &Node,
        what: &str,
        rows: Option<&DataPlan>,
        target: Option<&Target>,
    ) -> Option<(Vec<Step>, usize, Vec<WrittenStep>)> {
        let items = self.list(node, what, "as in `- get: /sale`");
        if items.len() > MAX_STEPS {
            self.error(
                node.place,
                format!("a journey has at most {MAX_STEPS} steps"),
                "a visit is what one person does",
            );
            return None;
        }
        let mut names = Names::new(rows, items);
        let mut steps: Vec<Step> = Vec::new();
        let mut written: Vec<WrittenStep> = Vec::new();
        let mut requests = 0;
        let mut has_think = false;
        for item in items {
            let Some(fields) = self.fields(item, "a step", &step::STEP) else {
                continue;
            };
            if step::is_think(&fields) {
                let Some((think, line)) = self.think(&fields, requests > 0, has_think) else {
                    continue;
                };
                has_think = true;
                if let Some(before) = steps.last_mut() {
                    before.think = Some(think);
                    written.push(line);
                }
                continue;
            }
            requests += 1;
            has_think = false;
            if let Some((step, line)) = self.step(item, &fields, target, &mut names) {
                steps.push(step);
                written.push(line);
            }
        }
        if requests == 0 && !items.is_empty() {
            self.error(
                node.place,
                format!("{what} has no request"),
                "add a step, as in `- get: /sale`",
            );
        }
        (!steps.is_empty()).then(|| (steps, names.slots(), written))
    }
}

/// Whether a step may change something at the site, and where that stands.
pub(super) fn unsafe_step<'n>(fields: &Fields<'n>) -> Option<&'n Node> {
    let list = |node: &'n Node| match &node.kind {
        Kind::List(items) => items.as_slice(),
        _ => &[],
    };
    let short = fields.get("journey").map_or(&[][..], list);
    let steps_of = |journey: &'n Node| {
        let entries = journey.entries()?.iter().find(|entry| entry.key == "steps")?;
        Some(list(&entries.value))
    };
    let long = fields.get("journeys").map_or(&[][..], list);
    let mut items = short.iter().chain(long.iter().filter_map(steps_of).flatten());
    items.find(|item| {
        item.entries().is_some_and(|entries| {
            entries.iter().any(|entry| {
                METHODS
                    .iter()
                    .any(|(key, method)| *key == entry.key && !method.is_safe())
            })
        })
    })
}
