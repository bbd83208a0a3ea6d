//! C5: what was offered, answered well and failed, over time.

use super::ChartError;
use super::frame::{Around, Axes, Plot, Room, Side, axes, surround};
use super::image::described;
use super::layout::Layout;
use super::palette::Ink;
use super::pen::{Hand, Pen};
use super::place::{Placer, Space};
use super::scale::Spread;
use crate::analysis::{by_due, failure_family};
use crate::report::view::View;
use crate::words::{ChartText, Language};

/// Most points of a line: a longer run is cut into as many stretches, each drawn from its lowest to its highest.
const POINTS: usize = 360;

/// Draws the chart of `view`; `id` keeps its names apart from those of other charts in a page.
///
/// # Errors
/// The embedded fonts cannot be read.
pub fn timeline(
    view: &View<'_>,
    around: &Around,
    language: Language,
    layout: &Layout,
    id: &str,
) -> Result<String, ChartError> {
    let svg = Pen::draw(layout.size, |pen| {
        let space = surround(pen, layout, around)?;
        Timeline {
            view,
            language,
            layout,
            series: Series::of(view),
        }
        .draw(pen, space)
    })?;
    Ok(described(&svg, around, id))
}

/// Pages a second, second by second.
#[derive(Debug, Default)]
struct Series {
    offered: Vec<f64>,
    answered: Vec<f64>,
    failed: Vec<f64>,
}

impl Series {
    fn of(view: &View<'_>) -> Self {
        let journey = &view.record.header.journey;
        let pages = if journey.requests_per_visit > 0.0 {
            journey.pages_per_visit / journey.requests_per_visit
        } else {
            1.0
        };
        let tallies = by_due(view.record, &failure_family(&view.record.header));
        let mut series = Self::default();
        for second in &view.record.seconds {
            let tally = tallies.get(&second.second);
            let good = tally.map_or(0, |tally| tally.successes.from_due.len());
            series.offered.push(second.offered);
            series.answered.push(good as f64 * pages);
            series
                .failed
                .push(tally.map_or(0.0, |tally| tally.failed as f64 * pages));
        }
        series
    }
}

/// `values` with at most about [`POINTS`] points: of each stretch the first its lowest, then its highest, at the
/// seconds where they are.
fn thinned(values: &[f64]) -> Vec<(f64, f64)> {
    let stretch = values.len().div_ceil(POINTS / 2).max(1);
    if values.len() <= POINTS {
        return (0_u32..).map(f64::from).zip(values.iter().copied()).collect();
    }
    let mut points = Vec::new();
    for (number, chunk) in values.chunks(stretch).enumerate() {
        let start = (number * stretch) as f64;
        let end = |better: fn(f64, f64) -> bool| {
            let mut best = (0, chunk[0]);
            for (at, value) in chunk.iter().enumerate() {
                if better(*value, best.1) {
                    best = (at, *value);
                }
            }
            (start + best.0 as f64, best.1)
        };
        let (low, high) = (end(|a, b| a < b), end(|a, b| a > b));
        let (first, second) = if low.0 <= high.0 { (low, high) } else { (high, low) };
        points.push(first);
        if second.0 > first.0 {
            points.push(second);
        }
    }
    points
}

struct Timeline<'a> {
    view: &'a View<'a>,
    language: Language,
    layout: &'a Layout,
    series: Series,
}

impl Timeline<'_> {
    fn draw(&self, pen: &mut Pen<'_>, space: Space) -> Result<(), ChartError> {
        let seconds = self.series.offered.len().max(1) as f64;
        let in_minutes = seconds >= 240.0;
        let unit = if in_minutes { 60.0 } else { 1.0 };
        let write = |side: Side, value: f64| match side {
            Side::Across if in_minutes => {
                format!("{}\u{a0}min", self.language.quantity(value))
            }
            Side::Across => self.language.seconds(value),
            Side::Up => self.language.quantity(value),
        };
        let words = Axes {
            across: ChartText::AxisTime.text(self.language),
            unit: 1.0,
            up: ChartText::AxisRate.text(self.language),
            write: &write,
            room: Room {
                lane: 0.0,
                gutter: self.layout.text * 0.5,
            },
        };
        let highest = [&self.series.offered, &self.series.answered, &self.series.failed]
            .into_iter()
            .flatten()
            .copied()
            .fold(0.0, f64::max);
        let plot = axes(
            pen,
            self.layout,
            space,
            &words,
            (Spread::Linear, (0.0, seconds / unit)),
            (Spread::Linear, (0.0, highest.max(1e-3) * 1.15)),
        )?;
        let mut placer = Placer::new(Space {
            top: space.top,
            ..plot.space
        });
        let lines = [
            (&self.series.offered, ChartText::Offered, Ink::Load, Ink::Load, 3),
            (
                &self.series.answered,
                ChartText::Answered,
                Ink::Safe,
                Ink::SafeText,
                3,
            ),
            (
                &self.series.failed,
                ChartText::Failed,
                Ink::Failure,
                Ink::FailureText,
                4,
            ),
        ];
        let drawn = lines.map(|(values, ..)| {
            let place = |(second, value): &(f64, f64)| (plot.x.at((second + 0.5) / unit), plot.y.at(*value));
            thinned(values).iter().map(place).collect::<Vec<(f64, f64)>>()
        });
        for (points, (_, name, ink, ..)) in drawn.iter().zip(&lines) {
            // What is offered is a dashed step behind the others, so that the lines are told by more than colour.
            if *name == ChartText::Offered {
                for pair in points.chunks(2).filter(|pair| pair.len() == 2) {
                    pen.line(pair, *ink, 1.0, 3)?;
                }
            } else {
                pen.line(points, *ink, 1.0, if *name == ChartText::Failed { 4 } else { 3 })?;
            }
            for at in points {
                placer.take(Space::around(*at, 4.0));
            }
        }
        self.marks(pen, &plot, &mut placer, unit)?;
        for (points, (values, name, _, ink, _)) in drawn.iter().zip(&lines) {
            let top = points.iter().copied().min_by(|a, b| a.1.total_cmp(&b.1));
            let is_seen = values.iter().any(|value| *value > 0.0);
            if let Some(at) = top.filter(|_| is_seen) {
                let hand = Hand::bold(self.layout.text * 0.9, *ink);
                let name = name.text(self.language);
                if let Some(place) = placer.beside(at, hand.measure(name)?, self.layout.dot * 1.4) {
                    pen.write_in(name, place, hand)?;
                }
            }
        }
        Ok(())
    }

    /// The first failure, the first 502 and the stop, named above the plot.
    fn marks(
        &self,
        pen: &mut Pen<'_>,
        plot: &Plot,
        placer: &mut Placer,
        unit: f64,
    ) -> Result<(), ChartError> {
        let summary = &self.view.summary;
        let first_502 = summary.first_502.map(|seen| f64::from(seen.at_seconds));
        let first = summary
            .first_failure
            .as_ref()
            .map(|seen| f64::from(seen.at_seconds))
            .filter(|first| first_502.is_none_or(|other| *first + 1.0 < other));
        let stop = summary
            .stopped_by
            .as_ref()
            .map(|_| self.series.offered.len() as f64);
        let marks = [
            (first, ChartText::FirstFailure, Ink::Failure, Ink::FailureText),
            (first_502, ChartText::First502, Ink::Gateway, Ink::GatewayText),
            (stop, ChartText::Stopped, Ink::Muted, Ink::Muted),
        ];
        for (at, name, ink, words) in marks {
            let Some(at) = at else { continue };
            let x = plot.x.at(at / unit);
            pen.dashes((x, plot.space.top), (x, plot.floor), 8.0, ink, 3)?;
            let hand = Hand::bold(self.layout.text * 0.9, words);
            let name = name.text(self.language);
            let size = hand.measure(name)?;
            let left = (x - size.0 / 2.0).clamp(plot.space.left, plot.space.right - size.0);
            let rows = [1.0, 2.0].map(|row| (left, plot.space.top - row * size.1 - self.layout.text * 0.1));
            if let Some(place) = placer.place(size, rows) {
                pen.write_in(name, place, hand)?;
            }
            placer.take(Space {
                left: x - 3.0,
                right: x + 3.0,
                bottom: plot.floor,
                ..plot.space
            });
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_long_line_keeps_its_extremes_and_its_order(values in prop::collection::vec(0.0_f64..1e4, 1..4_000)) {
            let points = thinned(&values);
            prop_assert!(points.len() <= POINTS + 2);
            let high = |values: &mut dyn Iterator<Item = f64>| values.fold(f64::NEG_INFINITY, f64::max);
            let low = |values: &mut dyn Iterator<Item = f64>| values.fold(f64::INFINITY, f64::min);
            prop_assert_eq!(high(&mut points.iter().map(|point| point.1)), high(&mut values.iter().copied()));
            prop_assert_eq!(low(&mut points.iter().map(|point| point.1)), low(&mut values.iter().copied()));
            prop_assert!(points.windows(2).all(|pair| pair[0].0 < pair[1].0));
            prop_assert!(points.iter().all(|(second, value)| values[*second as usize] == *value));
        }
    }
}
