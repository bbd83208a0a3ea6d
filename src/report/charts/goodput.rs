//! C3: how much of the load was answered well, against all of it.

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
use crate::report::view::View;
use crate::words::{ChartText, Language};

/// The fewest seconds of a trial whose answers are counted: those of a shorter one may still be on their way.
const LEAST_SECONDS: u32 = 3;

/// What was answered well at a load.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(in crate::report) struct Good {
    /// The load, in pages per second.
    pub(in crate::report) rate: f64,
    /// What was answered well of it, in pages per second.
    pub(in crate::report) good: f64,
    /// Whether more failed than is allowed.
    pub(in crate::report) fails: bool,
}

/// What was answered well at each load of `view`, by rising load.
pub(in crate::report) fn goodput_points(view: &View<'_>) -> Vec<Good> {
    let journey = &view.record.header.journey;
    let pages = if journey.requests_per_visit > 0.0 {
        journey.pages_per_visit / journey.requests_per_visit
    } else {
        1.0
    };
    let mut points: Vec<Good> = view
        .measured()
        .filter(|trial| !trial.is_void() && trial.rate > 0.0 && trial.seconds() >= LEAST_SECONDS)
        .map(|trial| {
            let good = trial.tally.successes.from_due.len() as f64 * pages;
            Good {
                rate: trial.rate,
                good: good / f64::from(trial.seconds()),
                fails: trial.failed_share.is_some_and(|share| share.mid > view.limit),
            }
        })
        .collect();
    points.sort_by(|a, b| a.rate.total_cmp(&b.rate));
    points
}

/// Draws the chart of `view`; `id` keeps its names apart from those of other charts in a page.
///
/// # Errors
/// The embedded fonts cannot be read.
pub fn goodput(
    view: &View<'_>,
    around: &Around,
    language: Language,
    layout: &Layout,
    id: &str,
) -> Result<String, ChartError> {
    let svg = Pen::draw(layout.size, |pen| {
        let space = surround(pen, layout, around)?;
        Goodput {
            view,
            language,
            layout,
            points: goodput_points(view),
        }
        .draw(pen, space)
    })?;
    Ok(described(&svg, around, id))
}

struct Goodput<'a> {
    view: &'a View<'a>,
    language: Language,
    layout: &'a Layout,
    points: Vec<Good>,
}

impl Goodput<'_> {
    fn draw(&self, pen: &mut Pen<'_>, space: Space) -> Result<(), ChartError> {
        let axis = load_axis(self.view, self.language);
        let write = |side: Side, value: f64| match side {
            Side::Across => tick(value, axis.unit, self.language),
            Side::Up => self.language.quantity(value),
        };
        let words = Axes {
            across: &axis.name,
            unit: axis.unit,
            up: ChartText::AxisGood.text(self.language),
            write: &write,
            room: Room {
                lane: 0.0,
                gutter: 0.0,
            },
        };
        let best = self.points.iter().map(|point| point.good).fold(0.0, f64::max);
        let (spread, loads) = (axis.spread, axis.range);
        // Both axes are of one kind, so that all of it is a straight line.
        let good = match spread {
            Spread::Log => (loads.0, best.max(loads.0 * 2.0) * 1.6),
            Spread::Linear | Spread::Root => (0.0, best.max(1e-3) * 1.3),
        };
        let plot = axes(pen, self.layout, space, &words, (spread, loads), (spread, good))?;
        let mut placer = Placer::new(Space {
            top: space.top,
            ..plot.space
        });
        if let Some(rate) = self
            .view
            .summary
            .finding
            .as_ref()
            .and_then(|finding| finding.rate)
        {
            band(pen, self.layout, &plot, &mut placer, (rate, self.language))?;
        }
        shade(pen, self.layout, &plot, self.view)?;
        self.everything(
            pen,
            &plot,
            &mut placer,
            (loads.0.max(good.0), loads.1.min(good.1)),
        )?;
        let places: Vec<(f64, f64)> = self
            .points
            .iter()
            .map(|point| (plot.x.at(point.rate), plot.y.at(point.good)))
            .collect();
        for (at, point) in places.iter().zip(&self.points) {
            let (ink, reach) = if point.fails {
                (Ink::Failure, self.layout.dot)
            } else {
                (Ink::Safe, self.layout.dot * 0.9)
            };
            placer.take(Space::around(*at, reach));
            pen.disc(*at, reach + 2.0, Ink::Paper)?;
            if ink == Ink::Failure {
                pen.diamond(*at, reach * 1.2, ink)?;
            } else {
                pen.disc(*at, reach, ink)?;
            }
        }
        self.best(pen, &places, &mut placer)?;
        shade_name(pen, self.layout, &plot, &mut placer, (self.view, self.language))
    }

    /// The line on which everything is answered well.
    fn everything(
        &self,
        pen: &mut Pen<'_>,
        plot: &Plot,
        placer: &mut Placer,
        (from, to): (f64, f64),
    ) -> Result<(), ChartError> {
        if from >= to {
            return Ok(());
        }
        let at = |load: f64| (plot.x.at(load), plot.y.at(load));
        let (start, end) = (at(from), at(to));
        pen.dashes(start, end, 10.0, Ink::Load, 3)?;
        for piece in 0..=60 {
            let part = f64::from(piece) / 60.0;
            placer.take(Space::around(
                (
                    start.0 + (end.0 - start.0) * part,
                    start.1 + (end.1 - start.1) * part,
                ),
                3.0,
            ));
        }
        let hand = Hand::bold(self.layout.text * 0.9, Ink::Load);
        let name = ChartText::Everything.text(self.language);
        match placer.beside(end, hand.measure(name)?, self.layout.dot * 1.6) {
            Some(place) => pen.write_in(name, place, hand),
            None => Ok(()),
        }
    }

    /// The highest, with its number.
    fn best(&self, pen: &mut Pen<'_>, places: &[(f64, f64)], placer: &mut Placer) -> Result<(), ChartError> {
        let highest = self
            .points
            .iter()
            .zip(places)
            .max_by(|a, b| a.0.good.total_cmp(&b.0.good));
        let Some((point, at)) = highest else {
            return Ok(());
        };
        let hand = Hand::bold(self.layout.text, Ink::Text);
        let name = self.language.quantity(point.good);
        match placer.beside(*at, hand.measure(&name)?, self.layout.dot * 1.8) {
            Some(place) => pen.write_in(&name, place, hand),
            None => Ok(()),
        }
    }
}
