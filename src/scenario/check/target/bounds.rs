//! `timeout` and `limits`: how long a site is waited for, and how much of an answer is taken.

use std::time::Duration;

use crate::scenario::check::fields::{Check, Keys};
use crate::scenario::document::Node;
use crate::scenario::written::{WrittenLimits, WrittenTimeout};
use crate::scenario::{AnswerCaps, Timeouts};
use crate::units::{Count, Size, Span};

const TIMEOUT: Keys = Keys {
    known: &["connect", "answer", "step"],
    later: &[],
};
const LIMITS: Keys = Keys {
    known: &["head", "headers", "body"],
    later: &[],
};

impl From<&Timeouts> for WrittenTimeout {
    fn from(timeouts: &Timeouts) -> Self {
        Self {
            connect: Some(Span::new(timeouts.connect).to_string()),
            answer: Some(Span::new(timeouts.answer).to_string()),
            step: timeouts.step.map(|step| Span::new(step).to_string()),
        }
    }
}

impl Check<'_> {
    pub(super) fn timeouts(&mut self, node: Option<&Node>) -> Timeouts {
        let mut timeouts = Timeouts::default();
        let Some(fields) = node.and_then(|node| self.fields(node, "`timeout`", &TIMEOUT)) else {
            return timeouts;
        };
        if let Some(span) = self.timeout(fields.get("connect"), "`connect`") {
            timeouts.connect = span;
        }
        if let Some(span) = self.timeout(fields.get("answer"), "`answer`") {
            timeouts.answer = span;
        }
        timeouts.step = self.timeout(fields.get("step"), "`step`");
        timeouts
    }

    fn timeout(&mut self, node: Option<&Node>, what: &str) -> Option<Duration> {
        let node = node?;
        let span: Span = self.quantity(node, what)?;
        let longest = Duration::from_secs(600);
        if span.duration().is_zero() || span.duration() > longest {
            self.error(
                node.place,
                format!("{what}: a time to wait is longer than nothing and at most 10 minutes"),
                "write one as in `30s`",
            );
            return None;
        }
        Some(span.duration())
    }

    /// The caps of an answer, and what of them was written.
    pub(super) fn answer_caps(&mut self, node: Option<&Node>) -> (AnswerCaps, Option<WrittenLimits>) {
        let mut caps = AnswerCaps::default();
        let Some(fields) = node.and_then(|node| self.fields(node, "`limits`", &LIMITS)) else {
            return (caps, None);
        };
        if let Some(size) = self.size(
            fields.get("head"),
            "`head`",
            Size::new(8 << 10),
            Size::new(1 << 20),
        ) {
            caps.head = usize::try_from(size.bytes()).unwrap_or(caps.head);
        }
        if let Some(size) = self.size(fields.get("body"), "`body`", Size::new(1), Size::new(1 << 30)) {
            caps.body = size.bytes();
        }
        if let Some(node) = fields.get("headers")
            && let Some(count) = self.quantity::<Count>(node, "`headers`")
        {
            match usize::try_from(count.get()) {
                Ok(headers @ 1..=4_096) => caps.headers = headers,
                _ => self.error(
                    node.place,
                    "`headers`: an answer has 1 to 4096 of them",
                    "write a number as in `100`",
                ),
            }
        }
        let written = WrittenLimits {
            head: Some(Size::new(caps.head as u64).to_string()),
            headers: u32::try_from(caps.headers).ok(),
            body: Some(Size::new(caps.body).to_string()),
        };
        (caps, Some(written))
    }

    fn size(&mut self, node: Option<&Node>, what: &str, least: Size, most: Size) -> Option<Size> {
        let node = node?;
        let size: Size = self.quantity(node, what)?;
        if size < least || size > most {
            self.error(
                node.place,
                format!("{what}: a limit lies between {least} and {most}"),
                "write one as in `64KiB`",
            );
            return None;
        }
        Some(size)
    }
}
