//! Think times: how long a visitor waits before the next step.

use std::time::Duration;

use super::super::fields::{Check, Fields, Keys};
use crate::scenario::ThinkTime;
use crate::scenario::document::Node;
use crate::scenario::written::{WrittenDrawn, WrittenStep, WrittenThink};
use crate::units::Span;

const THINK: Keys = Keys {
    known: &["from", "to", "median", "sigma"],
    later: &[],
};

impl Check<'_> {
    pub(super) fn think(
        &mut self,
        fields: &Fields<'_>,
        has_step_before: bool,
        has_think_before: bool,
    ) -> Option<(ThinkTime, WrittenStep)> {
        let node = fields.get("think")?;
        if !has_step_before {
            self.error(
                fields.place,
                "a journey begins with a request, not with a think time",
                "put the think time behind the step after which the visitor waits",
            );
        }
        let (think, written) = if node.entries().is_some() {
            self.drawn(node)?
        } else {
            let span: Span = self.quantity(node, "`think`")?;
            (
                ThinkTime::Fixed(span.duration()),
                WrittenThink::Fixed(span.to_string()),
            )
        };
        if has_think_before {
            self.error(
                fields.place,
                "two think times in a row",
                "write one that is as long as both",
            );
        }
        let line = WrittenStep {
            think: Some(written),
            ..WrittenStep::default()
        };
        Some((think, line))
    }

    fn drawn(&mut self, node: &Node) -> Option<(ThinkTime, WrittenThink)> {
        let fields = self.fields(node, "`think`", &THINK)?;
        let mut written = WrittenDrawn::default();
        let think = match ["from", "to", "median", "sigma"].map(|key| fields.get(key)) {
            [Some(from), Some(to), None, None] => {
                let (from, to_place) = (self.time(from, "`from`"), to.place);
                let (from, to) = (from?, self.time(to, "`to`")?);
                if from >= to {
                    let hint = "write the shorter one first, as in `{ from: 5s, to: 20s }`";
                    self.error(to_place, "this think time ends before it begins", hint);
                    return None;
                }
                written.from = Some(Span::new(from).to_string());
                written.to = Some(Span::new(to).to_string());
                ThinkTime::Between(from, to)
            }
            [None, None, Some(median), Some(sigma)] => {
                let median = self.time(median, "`median`");
                let sigma = self.sigma(sigma)?;
                let median = median?;
                written.median = Some(Span::new(median).to_string());
                written.sigma = Some(sigma);
                ThinkTime::LogNormal { median, sigma }
            }
            _ => {
                if !fields.misspells(THINK.known) {
                    self.error(
                        node.place,
                        "a think time is one time, `from` and `to`, or `median` and `sigma`",
                        "write `think: 15s`, `think: { from: 5s, to: 20s }` or `think: { median: 15s, sigma: 0.8 }`",
                    );
                }
                return None;
            }
        };
        Some((think, WrittenThink::Drawn(written)))
    }

    fn time(&mut self, node: &Node, what: &str) -> Option<Duration> {
        let time = self.quantity::<Span>(node, what)?.duration();
        if time > ThinkTime::LONGEST {
            let message = format!("{what}: nobody thinks for longer than an hour");
            self.error(node.place, message, "write a shorter time");
            return None;
        }
        Some(time)
    }

    fn sigma(&mut self, node: &Node) -> Option<f64> {
        let text = self.text(node, "`sigma`")?;
        match text.parse::<f64>() {
            Ok(sigma) if (0.0..=3.0).contains(&sigma) => Some(sigma),
            _ => {
                self.error(
                    node.place,
                    format!("`{text}` is no sigma of a log-normal"),
                    "write a number from 0 to 3, as in `sigma: 0.8`",
                );
                None
            }
        }
    }
}
