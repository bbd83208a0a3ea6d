//! The keys of one campaign, read with their units and kept as they are written back.

use std::time::Duration;

use crate::scenario::check::fields::{Check, Fields};
use crate::scenario::document::Place;
use crate::scenario::written::WrittenValue;
use crate::units::{Count, Share, Span, UnitError};

/// One campaign while it is read: its keys, and what is written back of them.
pub(super) struct Reading<'c, 'e, 'n> {
    pub(super) check: &'c mut Check<'e>,
    pub(super) fields: Fields<'n>,
    pub(super) written: Vec<(&'static str, WrittenValue)>,
}

impl Reading<'_, '_, '_> {
    pub(super) fn keep(&mut self, key: &'static str, value: &str) {
        self.written.push((key, WrittenValue::Text(value.to_owned())));
    }

    fn quantity<T: std::str::FromStr<Err = UnitError> + ToString>(
        &mut self,
        key: &'static str,
    ) -> Option<(T, Place)> {
        let node = self.fields.get(key)?;
        let value: T = self.check.quantity(node, &format!("`{key}`"))?;
        self.keep(key, &value.to_string());
        Some((value, node.place))
    }

    pub(super) fn span(&mut self, key: &'static str) -> Option<Duration> {
        Some(self.quantity::<Span>(key)?.0.duration())
    }

    /// A span above zero.
    pub(super) fn length(&mut self, key: &'static str) -> Option<Duration> {
        let (span, place) = self.quantity::<Span>(key)?;
        if span.duration().is_zero() {
            self.check.error(
                place,
                format!("`{key}` takes no time at all"),
                "write a time above zero",
            );
            return None;
        }
        Some(span.duration())
    }

    pub(super) fn share(&mut self, key: &'static str) -> Option<Share> {
        Some(self.quantity::<Share>(key)?.0)
    }

    pub(super) fn count(&mut self, key: &'static str) -> Option<u64> {
        let (count, place) = self.quantity::<Count>(key)?;
        if count.get() == 0 {
            self.check.error(
                place,
                format!("`{key}`: none at all is too few"),
                "write at least `1`",
            );
            return None;
        }
        Some(count.get())
    }

    pub(super) fn number(&mut self, key: &'static str, low: f64, high: f64) -> Option<f64> {
        let node = self.fields.get(key)?;
        let text = self.check.text(node, &format!("`{key}`"))?;
        match text.parse::<f64>() {
            Ok(number) if (low..=high).contains(&number) => {
                self.keep(key, &number.to_string());
                Some(number)
            }
            _ => {
                self.check.error(
                    node.place,
                    format!("`{key}`: `{text}` is no number from {low} to {high}"),
                    format!("write a bare number, as in `{key}: 3`"),
                );
                None
            }
        }
    }
}
