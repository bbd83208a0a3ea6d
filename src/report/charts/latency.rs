//! C2: how long successful requests took at which load; failures apart, because a fast 502 flatters a mean.

use super::ChartError;
use super::frame::{Around, Axes, Plot, Room, Side, axes, band, surround};
use super::image::described;
use super::layout::Layout;
use super::loads::{load_axis, tick};
use super::ours::{shade, shade_name};
use super::palette::Ink;
use super::pen::{Hand, Pen};
use super::place::{Placer, Space};
use super::scale::Spread;
use crate::analysis::TrialView;
use crate::report::view::View;
use crate::words::{Label, Language};

/// The quantiles that are drawn, with their names and the width of their lines.
const QUANTILES: [(f64, &str, u32); 3] = [(0.99, "p99", 2), (0.95, "p95", 5), (0.5, "p50", 3)];

/// Draws the chart of `view`; `id` keeps its names apart from those of other charts in a page.
///
/// # Errors
/// The embedded fonts cannot be read.
pub fn latency(
    view: &View<'_>,
    around: &Around,
    language: Language,
    layout: &Layout,
    id: &str,
) -> Result<String, ChartError> {
    let svg = Pen::draw(layout.size, |pen| {
        let space = surround(pen, layout, around)?;
        Latency {
            view,
            language,
            layout,
        }
        .draw(pen, space)
    })?;
    Ok(described(&svg, around, id))
}

struct Latency<'a> {
    view: &'a View<'a>,
    language: Language,
    layout: &'a Layout,
}

impl Latency<'_> {
    fn draw(&self, pen: &mut Pen<'_>, space: Space) -> Result<(), ChartError> {
        let axis = load_axis(self.view, self.language);
        let write = |side: Side, value: f64| match side {
            Side::Across => tick(value, axis.unit, self.language),
            Side::Up => self.language.milliseconds(value),
        };
        let words = Axes {
            across: &axis.name,
            unit: axis.unit,
            up: Label::AxisLatency.text(self.language),
            write: &write,
            room: Room {
                lane: 0.0,
                gutter: self.layout.text * 2.4,
            },
        };
        let range = (Spread::Log, self.range());
        let plot = axes(pen, self.layout, space, &words, (axis.spread, axis.range), range)?;
        let mut placer = Placer::new(Space {
            top: space.top,
            ..plot.space
        });
        self.zones(pen, &plot, &mut placer)?;
        shade(pen, self.layout, &plot, self.view)?;
        let points = QUANTILES.map(|(quantile, ..)| self.points(&plot, quantile));
        let failures = self.failures(&plot);
        for at in points.iter().flatten().chain(&failures) {
            placer.take(Space::around(*at, self.layout.dot));
        }
        for (line, (_, _, width)) in points.iter().zip(QUANTILES) {
            pen.line(line, Ink::Load, 1.0, width)?;
            for at in line {
                pen.disc(*at, self.layout.dot * 0.75, Ink::Paper)?;
                pen.disc(*at, self.layout.dot * 0.55, Ink::Load)?;
            }
            for pair in line.windows(2) {
                take_line(&mut placer, pair[0], pair[1]);
            }
        }
        for at in &failures {
            pen.cross(*at, self.layout.dot * 0.7, Ink::Failure, 3)?;
        }
        let mut names: Vec<(&str, (f64, f64))> = Vec::new();
        for (line, (_, name, _)) in points.iter().zip(QUANTILES) {
            names.extend(line.last().map(|at| (name, *at)));
        }
        self.quantile_names(pen, &mut placer, &names)?;
        self.failure_name(pen, &mut placer, failures.last())?;
        shade_name(pen, self.layout, &plot, &mut placer, (self.view, self.language))
    }

    /// Beside the right ends of the lines, in the order of the lines, as near to them as there is room.
    fn quantile_names(
        &self,
        pen: &mut Pen<'_>,
        placer: &mut Placer,
        names: &[(&str, (f64, f64))],
    ) -> Result<(), ChartError> {
        let hand = Hand::bold(self.layout.text * 0.9, Ink::Load);
        let gap = self.layout.dot * 1.5;
        let mut lowest = f64::NEG_INFINITY;
        for (name, (x, y)) in names {
            let size = hand.measure(name)?;
            let top = (y - size.1 / 2.0).max(lowest);
            let places = (0..20_u8).map(|step| (x + gap, top + f64::from(step) * 3.0));
            if let Some(place) = placer.place(size, places) {
                lowest = place.bottom;
                pen.write_in(name, place, hand)?;
            }
        }
        Ok(())
    }

    fn shown(&self) -> Vec<&TrialView> {
        let mut trials: Vec<&TrialView> = self.view.measured().filter(|trial| !trial.is_void()).collect();
        trials.sort_by(|a, b| a.rate.total_cmp(&b.rate));
        trials
    }

    /// A little more than from the shortest to the longest, in milliseconds.
    fn range(&self) -> (f64, f64) {
        let (mut low, mut high) = (f64::INFINITY, 0.0_f64);
        for trial in self.shown() {
            let (good, bad) = (&trial.tally.successes.from_due, &trial.tally.failures.from_due);
            for micros in [
                good.at_quantile(0.5),
                good.at_quantile(0.99),
                bad.at_quantile(0.5),
            ]
            .into_iter()
            .flatten()
            {
                low = low.min(micros as f64 / 1e3);
                high = high.max(micros as f64 / 1e3);
            }
        }
        if low.is_finite() {
            (low / 1.5, high * 1.5)
        } else {
            (1.0, 1_000.0)
        }
    }

    fn points(&self, plot: &Plot, quantile: f64) -> Vec<(f64, f64)> {
        let point = |trial: &&TrialView| {
            let micros = trial.tally.successes.from_due.at_quantile(quantile)?;
            Some((plot.x.at(trial.rate), plot.y.at(micros as f64 / 1e3)))
        };
        self.shown().iter().filter_map(point).collect()
    }

    fn failures(&self, plot: &Plot) -> Vec<(f64, f64)> {
        let point = |trial: &&TrialView| {
            let micros = trial.tally.failures.from_due.at_quantile(0.5)?;
            Some((plot.x.at(trial.rate), plot.y.at(micros as f64 / 1e3)))
        };
        self.shown().iter().filter_map(point).collect()
    }

    fn zones(&self, pen: &mut Pen<'_>, plot: &Plot, placer: &mut Placer) -> Result<(), ChartError> {
        if let Some(safe) = self.view.safe_until().filter(|safe| *safe > 0.0) {
            pen.fill(
                Space {
                    right: plot.x.at(safe),
                    ..plot.space
                },
                Ink::Safe,
                0.10,
            )?;
        }
        if let Some(rate) = self
            .view
            .summary
            .finding
            .as_ref()
            .and_then(|finding| finding.rate)
        {
            band(pen, self.layout, plot, placer, (rate, self.language))?;
        }
        Ok(())
    }

    fn failure_name(
        &self,
        pen: &mut Pen<'_>,
        placer: &mut Placer,
        at: Option<&(f64, f64)>,
    ) -> Result<(), ChartError> {
        let Some(at) = at else {
            return Ok(());
        };
        let hand = Hand::bold(self.layout.text * 0.9, Ink::FailureText);
        let name = Label::FailuresMedian.text(self.language);
        match placer.beside(*at, hand.measure(name)?, self.layout.dot * 1.8) {
            Some(place) => pen.write_in(name, place, hand),
            None => Ok(()),
        }
    }
}

/// Keeps labels off a slanted line, piece by piece.
fn take_line(placer: &mut Placer, from: (f64, f64), to: (f64, f64)) {
    let pieces = ((to.0 - from.0).hypot(to.1 - from.1) / 8.0)
        .ceil()
        .clamp(1.0, 400.0) as u32;
    for piece in 0..=pieces {
        let part = f64::from(piece) / f64::from(pieces);
        placer.take(Space::around(
            (from.0 + (to.0 - from.0) * part, from.1 + (to.1 - from.1) * part),
            3.0,
        ));
    }
}
