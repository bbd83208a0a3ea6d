//! The clicks of an earlier send: what was counted as dots, what was fitted as a line, what comes anyway below it.

use super::ChartError;
use super::frame::{Around, Axes, Plot, Room, Side, axes, surround};
use super::image::described;
use super::layout::Layout;
use super::palette::Ink;
use super::pen::{Hand, Pen};
use super::place::{Placer, Space};
use super::scale::Spread;
use crate::campaign::calibrate::{Calibration, Point};
use crate::words::{Label, Language};

/// Draws the chart of `found`; `id` keeps its names apart from those of other charts in a page.
///
/// # Errors
/// The embedded fonts cannot be read.
pub fn clicks(
    found: &Calibration,
    around: &Around,
    language: Language,
    layout: &Layout,
    id: &str,
) -> Result<String, ChartError> {
    let svg = Pen::draw(layout.size, |pen| {
        let space = surround(pen, layout, around)?;
        Clicks {
            series: &found.series,
            language,
            layout,
        }
        .draw(pen, space)
    })?;
    Ok(described(&svg, around, id))
}

struct Clicks<'a> {
    series: &'a [Point],
    language: Language,
    layout: &'a Layout,
}

/// The middle of a stretch on an axis of factors, in minutes.
fn middle(point: &Point) -> f64 {
    (point.from_seconds.max(point.to_seconds / 4.0) * point.to_seconds).sqrt() / 60.0
}

impl Clicks<'_> {
    fn draw(&self, pen: &mut Pen<'_>, space: Space) -> Result<(), ChartError> {
        let write = |_: Side, value: f64| self.language.quantity(value);
        let words = Axes {
            across: Label::AxisAfterSend.text(self.language),
            up: Label::AxisVisitsPerMinute.text(self.language),
            unit: 1.0,
            write: &write,
            room: Room {
                lane: 0.0,
                gutter: 0.0,
            },
        };
        let first = self.series.first().map_or(0.5, middle);
        let last = self.series.last().map_or(60.0, |point| point.to_seconds / 60.0);
        let highest = |of: fn(&Point) -> f64| self.series.iter().map(of).fold(0.0, f64::max);
        let top = 60.0 * highest(|point| point.visits).max(highest(|point| point.fitted));
        let plot = axes(
            pen,
            self.layout,
            space,
            &words,
            (Spread::Log, (first, last)),
            (Spread::Linear, (0.0, top.max(1e-6) * 1.1)),
        )?;
        let at = |point: &Point, value: f64| (plot.x.at(middle(point)), plot.y.at(60.0 * value));
        let line = |value: fn(&Point) -> f64| -> Vec<(f64, f64)> {
            self.series.iter().map(|point| at(point, value(point))).collect()
        };
        let (counted, fitted) = (line(|point| point.visits), line(|point| point.fitted));
        let usual = line(|point| point.baseline);
        for pair in usual.windows(2) {
            pen.dashes(pair[0], pair[1], 8.0, Ink::Muted, 3)?;
        }
        pen.line(&fitted, Ink::Load, 1.0, 4)?;
        for at in &counted {
            pen.disc(*at, self.layout.dot * 0.55, Ink::Text)?;
        }
        self.names(pen, &plot, [&counted, &fitted, &usual])
    }

    /// Each line's name where there is room near it.
    fn names(
        &self,
        pen: &mut Pen<'_>,
        plot: &Plot,
        [counted, fitted, usual]: [&[(f64, f64)]; 3],
    ) -> Result<(), ChartError> {
        let mut placer = Placer::new(plot.space);
        for at in counted.iter().chain(fitted).chain(usual) {
            placer.take(Space::around(*at, self.layout.dot));
        }
        let peak = |points: &[(f64, f64)]| points.iter().copied().min_by(|a, b| a.1.total_cmp(&b.1));
        let names = [
            (Label::ClicksCounted, peak(counted), Ink::Text),
            (
                Label::ClicksFitted,
                fitted.get(fitted.len() * 2 / 3).copied(),
                Ink::Load,
            ),
            (
                Label::ClicksUsual,
                usual.get(usual.len() / 6).copied(),
                Ink::Muted,
            ),
        ];
        for (label, at, ink) in names {
            let hand = Hand::bold(self.layout.text * 0.9, ink);
            let name = label.text(self.language);
            let place = match at {
                Some(at) => placer.beside(at, hand.measure(name)?, self.layout.dot * 1.8),
                None => None,
            };
            if let Some(place) = place {
                pen.write_in(name, place, hand)?;
            }
        }
        Ok(())
    }
}
