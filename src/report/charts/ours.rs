//! Where this machine was the limit: what stands to the right of it says "at least", nothing more about the site.

use super::ChartError;
use super::frame::Plot;
use super::layout::Layout;
use super::palette::Ink;
use super::pen::{Hand, Pen};
use super::place::{Placer, Space};
use crate::report::view::View;
use crate::words::{Label, Language};

/// How far apart the strokes of the shade stand, in text heights.
const APART: f64 = 0.9;

/// Shades the loads from which on this machine was the limit; nothing where it was fast enough.
pub(super) fn shade(
    pen: &mut Pen<'_>,
    layout: &Layout,
    plot: &Plot,
    view: &View<'_>,
) -> Result<(), ChartError> {
    let Some(from) = view
        .summary
        .generator
        .limited_from
        .filter(|from| plot.x.holds(*from))
    else {
        return Ok(());
    };
    let left = plot.x.at(from);
    let space = Space { left, ..plot.space };
    pen.fill(space, Ink::Muted, 0.08)?;
    // Strokes beside the shade: it must not be told by its grey alone.
    let apart = layout.text * APART;
    let strokes = ((space.right - left) / apart).floor().clamp(0.0, 200.0) as u32;
    for stroke in 0..=strokes {
        let x = left + f64::from(stroke) * apart;
        let opacity = if stroke == 0 { 1.0 } else { 0.18 };
        pen.line(
            &[(x, space.top), (x, space.bottom)],
            Ink::Muted,
            opacity,
            if stroke == 0 { 3 } else { 2 },
        )?;
    }
    Ok(())
}

/// Names the shade, where nothing stands.
pub(super) fn shade_name(
    pen: &mut Pen<'_>,
    layout: &Layout,
    plot: &Plot,
    placer: &mut Placer,
    (view, language): (&View<'_>, Language),
) -> Result<(), ChartError> {
    let Some(from) = view
        .summary
        .generator
        .limited_from
        .filter(|from| plot.x.holds(*from))
    else {
        return Ok(());
    };
    let left = plot.x.at(from);
    let space = plot.space;
    let hand = Hand::bold(layout.text * 0.85, Ink::Muted);
    let name = Label::OursFrom.text(language);
    let size = hand.measure(name)?;
    let gap = layout.text * 0.3;
    let rows = (0..8_u8).map(|row| space.top + gap + f64::from(row) * size.1 * 1.2);
    let beside = [left + gap, left - gap - size.0];
    let places = rows.flat_map(|top| beside.map(|left| (left, top)));
    match placer.place(size, places) {
        Some(place) => {
            pen.fill(place, Ink::Paper, 0.8)?;
            pen.write_in(name, place, hand)
        }
        None => Ok(()),
    }
}
