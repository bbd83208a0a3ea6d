//! C10: the tipping interval of each run, the base first.

use super::ChartError;
use super::frame::{Around, Axes, Plot, Room, Side, axes, surround};
use super::image::described;
use super::layout::Layout;
use super::palette::Ink;
use super::pen::{Hand, Pen};
use super::place::{Placer, Space};
use super::scale::Spread;
use crate::analysis::compare::{Bounds, Change};
use crate::report::compare::{CompareView, chart_title, chart_words};
use crate::words::{CompareText, Language, printable};

/// Most runs whose numbers are written beside their dots.
const NUMBERED: usize = 12;

/// Draws the runs of `view`; `id` keeps its names apart from those of other charts in a page.
///
/// # Errors
/// The embedded fonts cannot be read.
pub fn compared(
    view: &CompareView<'_>,
    language: Language,
    layout: &Layout,
    id: &str,
) -> Result<String, ChartError> {
    let around = around(view, language);
    let mut runs = vec![(view.base.bounds(), None)];
    runs.extend(
        view.others
            .iter()
            .map(|beside| (beside.run.bounds(), Some(beside.comparison.tipping_point.change))),
    );
    let chart = Compared {
        runs,
        words: chart_words(view, language),
        language,
        layout,
    };
    let svg = Pen::draw(layout.size, |pen| {
        let space = surround(pen, layout, &around)?;
        chart.draw(pen, space)
    })?;
    Ok(described(&svg, &around, id))
}

fn around(view: &CompareView<'_>, language: Language) -> Around {
    let title = chart_title(view, language);
    let header = &view.base.record.header;
    Around {
        subtitle: format!(
            "{} · {}",
            printable(&header.scenario.name),
            printable(&header.scenario.target)
        ),
        note: String::new(),
        source: format!("tipover {}", env!("CARGO_PKG_VERSION")),
        description: CompareText::Describe.fill(language, &[("title", &title)]),
        title,
    }
}

struct Compared<'a> {
    /// What each run says of the tipping point, and how it compares; of the base nothing.
    runs: Vec<(Option<Bounds>, Option<Change>)>,
    words: Vec<String>,
    language: Language,
    layout: &'a Layout,
}

impl Compared<'_> {
    fn draw(&self, pen: &mut Pen<'_>, space: Space) -> Result<(), ChartError> {
        let write = |side: Side, value: f64| match side {
            Side::Across => self.name_at(value),
            Side::Up => self.language.quantity(value),
        };
        let words = Axes {
            across: CompareText::AxisRuns.text(self.language),
            unit: 1.0,
            up: CompareText::AxisTipping.text(self.language),
            write: &write,
            room: Room {
                lane: 0.0,
                gutter: 0.0,
            },
        };
        let all: Vec<f64> = self
            .runs
            .iter()
            .filter_map(|(bounds, _)| *bounds)
            .flat_map(|bounds| [Some(bounds.low), bounds.mid, bounds.high])
            .flatten()
            .filter(|value| *value > 0.0)
            .collect();
        let (low, high) = all.iter().fold((f64::INFINITY, 0.0_f64), |(low, high), value| {
            (low.min(*value), high.max(*value))
        });
        let (low, high) = if high > 0.0 { (low, high) } else { (0.0, 1.0) };
        // A site that carries a tenth is seen as such; small changes fill the chart without a zero below them.
        let room = ((high - low) * 0.25).max(high * 0.05);
        let from = if low < high * 0.5 {
            0.0
        } else {
            (low - room).max(0.0)
        };
        let plot = axes(
            pen,
            self.layout,
            space,
            &words,
            (Spread::Linear, (0.5, self.runs.len() as f64 + 0.5)),
            (Spread::Linear, (from, high + room)),
        )?;
        let mut placer = Placer::new(plot.space);
        self.base(pen, &plot, &mut placer)?;
        for (number, (bounds, change)) in self.runs.iter().enumerate() {
            let x = plot.x.at(number as f64 + 1.0);
            if let Some(bounds) = bounds {
                self.run(pen, &plot, (x, *bounds, *change), &mut placer)?;
            }
        }
        self.numbers(pen, &plot, &mut placer)
    }

    /// The name of the run in the middle of whose place `value` is; nothing between two.
    fn name_at(&self, value: f64) -> String {
        let at = (value.round() - 1.0).max(0.0) as usize;
        let is_whole = (value - value.round()).abs() < 1e-6 && value > 0.5;
        let name = self.words.get(at).filter(|_| is_whole);
        name.cloned().unwrap_or_default()
    }

    /// The interval of the base behind all runs.
    fn base(&self, pen: &mut Pen<'_>, plot: &Plot, placer: &mut Placer) -> Result<(), ChartError> {
        let Some((Some(bounds), _)) = self.runs.first() else {
            return Ok(());
        };
        let bottom = plot.y.at(bounds.low);
        let top = bounds.high.map_or(plot.space.top, |high| plot.y.at(high));
        let band = Space {
            top,
            bottom,
            ..plot.space
        };
        pen.fill(band, Ink::Load, 0.10)?;
        match bounds.mid {
            Some(mid) => {
                let at = plot.y.at(mid);
                placer.take(Space {
                    top: at - 2.0,
                    bottom: at + 2.0,
                    ..plot.space
                });
                pen.dashes((plot.space.left, at), (plot.space.right, at), 10.0, Ink::Load, 2)
            }
            None => Ok(()),
        }
    }

    fn run(
        &self,
        pen: &mut Pen<'_>,
        plot: &Plot,
        (x, bounds, change): (f64, Bounds, Option<Change>),
        placer: &mut Placer,
    ) -> Result<(), ChartError> {
        let ink = match change {
            None => Ink::Load,
            Some(Change::Worse) => Ink::Failure,
            Some(Change::Better) => Ink::Safe,
            Some(Change::NoDifferenceShown | Change::NotKnown) => Ink::Muted,
        };
        let dot = self.layout.dot;
        let bottom = plot.y.at(bounds.low);
        let top = bounds.high.map_or(plot.space.top + dot, |high| plot.y.at(high));
        pen.line(&[(x, bottom), (x, top)], ink, 1.0, 4)?;
        pen.line(&[(x - dot, bottom), (x + dot, bottom)], ink, 1.0, 4)?;
        if bounds.high.is_some() {
            pen.line(&[(x - dot, top), (x + dot, top)], ink, 1.0, 4)?;
        } else {
            // Open above: an arrow.
            pen.polygon(&[(x, top - dot), (x - dot, top + dot), (x + dot, top + dot)], ink)?;
        }
        if let Some(mid) = bounds.mid {
            let at = (x, plot.y.at(mid));
            pen.disc(at, dot + 3.0, Ink::Paper)?;
            // Told apart by shape as well: a diamond is worse.
            if change == Some(Change::Worse) {
                pen.diamond(at, dot * 1.4, ink)?;
            } else {
                pen.disc(at, dot, ink)?;
            }
        }
        placer.take(Space {
            left: x - dot * 1.4,
            top,
            right: x + dot * 1.4,
            bottom,
        });
        Ok(())
    }

    /// The middle of each run beside its dot, where there are few.
    fn numbers(&self, pen: &mut Pen<'_>, plot: &Plot, placer: &mut Placer) -> Result<(), ChartError> {
        if self.runs.len() > NUMBERED {
            return Ok(());
        }
        for (number, (bounds, change)) in self.runs.iter().enumerate() {
            let Some(bounds) = bounds else { continue };
            let value = bounds.mid.or(bounds.high).unwrap_or(bounds.low);
            let at = (plot.x.at(number as f64 + 1.0), plot.y.at(value));
            let ink = match change {
                Some(Change::Worse) => Ink::FailureText,
                Some(Change::Better) => Ink::SafeText,
                _ => Ink::Text,
            };
            let hand = Hand::bold(self.layout.text, ink);
            let name = self.language.quantity(value);
            if let Some(place) = placer.beside(at, hand.measure(&name)?, self.layout.dot * 2.0) {
                pen.write_in(&name, place, hand)?;
            }
        }
        Ok(())
    }
}
