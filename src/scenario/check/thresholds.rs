//! `thresholds`: what must hold. Each is read before any traffic; one that the load cannot decide is a warning with the
//! numbers. They are judged after the run, and those with `abort_on_fail` while it goes on too.

use std::time::Duration;

use super::fields::{Check, Keys};
use crate::scenario::document::{Kind, Node, Place};
use crate::scenario::threshold::{AtLoad, Subject, Threshold};
use crate::scenario::{AbortRule, LoadPlan, SearchPlan};
use crate::units::{Share, Span};

const FORMS: &str = "write `tipping_point >= 25pages/s`, `p95 < 800ms`, `failures < 1% for 30s` or `headroom(newsletter) >= 1.5`";
const THRESHOLD: Keys = Keys {
    known: &["threshold", "abort_on_fail", "delay"],
    later: &[],
};

/// The thresholds of a scenario.
#[derive(Debug, Default)]
pub(super) struct Thresholds {
    /// As they are kept: white space made even.
    pub(super) texts: Vec<String>,
    /// Those whose failure ends a run.
    pub(super) aborts: Vec<AbortRule>,
    /// The campaigns that they name, and where.
    pub(super) named: Vec<(String, Place)>,
}

impl Check<'_> {
    /// The thresholds that can be read.
    pub(super) fn thresholds(
        &mut self,
        node: Option<&Node>,
        load: Option<&LoadPlan>,
        search: Option<&SearchPlan>,
        pages: f64,
    ) -> Thresholds {
        let mut kept = Thresholds::default();
        let Some(node) = node else { return kept };
        for item in self.list(node, "`thresholds`", "as in `- p95 < 800ms`") {
            let (text, abort) = match &item.kind {
                Kind::Map(_) => self.aborting(item),
                _ => (
                    self.text(item, "a threshold").map(|text| (text, item.place)),
                    None,
                ),
            };
            let Some((text, place)) = text else { continue };
            let threshold = match Threshold::parse(&text, pages) {
                Ok(threshold) => threshold,
                Err(error) => {
                    let error = if error.fix().is_some() {
                        error
                    } else {
                        error.hint(FORMS)
                    };
                    self.unit_error(place, "threshold", &error);
                    continue;
                }
            };
            self.warn_if_undecided(&threshold, place, load, search, pages);
            kept.named
                .extend(threshold.campaign().map(|name| (name.to_owned(), place)));
            let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
            if let Some(delay) = abort.filter(|_| self.is_known_under_way(&threshold, place)) {
                kept.aborts.push(AbortRule {
                    text: text.clone(),
                    threshold,
                    delay,
                });
            }
            kept.texts.push(text);
        }
        kept
    }

    /// `{ threshold: failures < 5%, abort_on_fail: yes, delay: 30s }`: its text, and its delay where its failure ends a
    /// run.
    fn aborting(&mut self, item: &Node) -> (Option<(String, Place)>, Option<Duration>) {
        let Some(fields) = self.fields(item, "a threshold", &THRESHOLD) else {
            return (None, None);
        };
        let text = fields
            .require(
                self,
                "threshold",
                "add what must hold, as in `threshold: failures < 5%`",
            )
            .and_then(|node| Some((self.text(node, "a threshold")?, node.place)));
        let aborts = fields
            .get("abort_on_fail")
            .and_then(|node| self.truth(node, "`abort_on_fail`"))
            .unwrap_or(false);
        let delay = fields.get("delay");
        let span = delay.and_then(|node| self.quantity::<Span>(node, "`delay`"));
        if let (Some(node), false) = (delay, aborts) {
            self.error(
                node.place,
                "`delay` says when a threshold may end a run, and this one never does",
                "add `abort_on_fail: yes`, or remove it",
            );
        }
        let delay = span.map_or(Duration::ZERO, Span::duration);
        (text, aborts.then_some(delay))
    }

    /// A run can be ended only by what is known while it goes on.
    fn is_known_under_way(&mut self, threshold: &Threshold, place: Place) -> bool {
        let is_known = !matches!(threshold.subject, Subject::TippingPoint | Subject::Headroom(_));
        if !is_known {
            self.error(
                place,
                "`abort_on_fail`: a tipping point is known at the end of a search only",
                "remove `abort_on_fail`; `tipover find --enough` ends as soon as it is proven or refuted",
            );
        }
        is_known
    }

    fn warn_if_undecided(
        &mut self,
        threshold: &Threshold,
        place: Place,
        load: Option<&LoadPlan>,
        search: Option<&SearchPlan>,
        pages: f64,
    ) {
        let Some(needed) = threshold.requests_needed() else {
            return;
        };
        if needed.is_infinite() {
            self.warn(
                place,
                "no number of requests proves that none fails",
                "write the share that is too much, as in `failures < 1%`",
            );
            return;
        }
        let played = load
            .map(|load| load.curve.peak().get() * pages)
            .filter(|peak| *peak > 0.0);
        let what = described(threshold);
        if let Some(over) = threshold.over {
            let named = match &threshold.at {
                Some(AtLoad::Rate(rate)) => Some(rate.get()),
                Some(AtLoad::Peak(_)) => None,
                None => played.or(search.map(|search| search.to.get())),
            };
            let Some(peak) = named else { return };
            let offered = (peak * over.as_secs_f64()).floor();
            if offered < needed {
                self.warn(
                    place,
                    format!("{what} for {} cannot be decided: it needs {needed} requests, and the highest load sends {offered}", Span::new(over)),
                    format!("judge over {}s or more, or allow {}", (needed / peak).ceil(), more(threshold)),
                );
            }
        } else if let (Some(load), None, Some(_)) = (load, &threshold.at, played) {
            let offered = (load.curve.total() * pages).floor();
            if offered < needed {
                self.warn(
                    place,
                    format!("{what} cannot be decided: it needs {needed} requests, and the whole load sends {offered}"),
                    format!("play it for longer, or allow {}", more(threshold)),
                );
            }
        }
    }
}

fn described(threshold: &Threshold) -> String {
    match threshold.subject {
        Subject::Latency(quantile) => quantile.to_string(),
        _ => Share::new(threshold.limit).to_string(),
    }
}

const fn more(threshold: &Threshold) -> &'static str {
    match threshold.subject {
        Subject::Latency(_) => "a lower quantile to decide",
        _ => "a larger share",
    }
}
