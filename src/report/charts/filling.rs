//! How full each watched resource was at which load; the line at 100 % is where work begins to wait or to be refused.

use super::ChartError;
use super::frame::{Around, Axes, Plot, Room, Side, axes, band, surround};
use super::image::described;
use super::layout::Layout;
use super::loads::{load_axis, tick};
use super::palette::Ink;
use super::pen::{Hand, Pen};
use super::place::{Placer, Space};
use super::scale::Spread;
use crate::report::view::View;
use crate::report::watched::Filling;
use crate::words::{Label, Language};

/// The colours of the lines, in their order; each also has its name at its end.
const INKS: [Ink; 5] = [Ink::Load, Ink::Safe, Ink::Text, Ink::Muted, Ink::Failure];
/// The highest share that has a place: more than full is drawn at the top.
const TOP: f64 = 1.15;

/// Draws the chart of `fillings`; `id` keeps its names apart from those of other charts in a page.
///
/// # Errors
/// The embedded fonts cannot be read.
pub fn filling(
    (view, fillings): (&View<'_>, &[Filling]),
    around: &Around,
    language: Language,
    layout: &Layout,
    id: &str,
) -> Result<String, ChartError> {
    let svg = Pen::draw(layout.size, |pen| {
        let space = surround(pen, layout, around)?;
        draw(pen, space, (view, fillings), language, layout)
    })?;
    Ok(described(&svg, around, id))
}

fn draw(
    pen: &mut Pen<'_>,
    space: Space,
    (view, fillings): (&View<'_>, &[Filling]),
    language: Language,
    layout: &Layout,
) -> Result<(), ChartError> {
    let axis = load_axis(view, language);
    let write = |side: Side, value: f64| match side {
        Side::Across => tick(value, axis.unit, language),
        Side::Up => language.percent(value),
    };
    let words = Axes {
        across: &axis.name,
        unit: axis.unit,
        up: Label::AxisFilling.text(language),
        write: &write,
        room: Room {
            lane: 0.0,
            gutter: layout.text * 2.4,
        },
    };
    let plot = axes(
        pen,
        layout,
        space,
        &words,
        (axis.spread, axis.range),
        (Spread::Linear, (0.0, TOP)),
    )?;
    let mut placer = Placer::new(Space {
        top: space.top,
        ..plot.space
    });
    if let Some(rate) = view.summary.finding.as_ref().and_then(|finding| finding.rate) {
        band(pen, layout, &plot, &mut placer, (rate, language))?;
    }
    let full = plot.y.at(1.0);
    pen.dashes(
        (plot.space.left, full),
        (plot.space.right, full),
        8.0,
        Ink::Muted,
        2,
    )?;
    lines(pen, (&plot, layout), &mut placer, fillings)
}

fn lines(
    pen: &mut Pen<'_>,
    (plot, layout): (&Plot, &Layout),
    placer: &mut Placer,
    fillings: &[Filling],
) -> Result<(), ChartError> {
    let place = |point: &(f64, f64)| (plot.x.at(point.0), plot.y.at(point.1));
    let all: Vec<Vec<(f64, f64)>> = fillings
        .iter()
        .map(|filling| filling.points.iter().map(place).collect())
        .collect();
    for at in all.iter().flatten() {
        placer.take(Space::around(*at, layout.dot));
    }
    for ((points, filling), ink) in all.iter().zip(fillings).zip(INKS) {
        pen.line(points, ink, 1.0, 3)?;
        for at in points {
            pen.disc(*at, layout.dot * 0.55, ink)?;
        }
        let hand = Hand::bold(
            layout.text * 0.9,
            if ink == Ink::Failure {
                Ink::FailureText
            } else {
                ink
            },
        );
        let Some((x, y)) = points.last() else { continue };
        let size = hand.measure(&filling.name)?;
        let gap = layout.dot * 1.5;
        // Left of the end of its line, above or below it, as near as there is room.
        let rows = (0..24_u8).flat_map(|row| {
            let step = f64::from(row) * size.1 * 0.4;
            [y - gap - size.1 - step, y + gap + step]
        });
        if let Some(place) = placer.place(size, rows.map(|top| (x - size.0, top))) {
            pen.write_in(&filling.name, place, hand)?;
        }
    }
    Ok(())
}
