//! What every chart over load has: title, axes, grid and the line of sources under it.

use super::ChartError;
use super::layout::Layout;
use super::loads::tick;
use super::palette::Ink;
use super::pen::{Anchor, Hand, Pen};
use super::place::{Placer, Space};
use super::scale::{Scale, Spread};
use crate::search::Estimate;
use crate::words::{Language, Phrase};

/// The words around a chart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Around {
    /// The finding.
    pub title: String,
    /// Of what, and how it was measured.
    pub subtitle: String,
    /// What a reader has to know about signs, where they occur.
    pub note: String,
    /// Where it comes from.
    pub source: String,
    /// What a screen reader says after the title.
    pub description: String,
}

/// What stands at the axes.
pub(super) struct Axes<'a> {
    /// The name of the axis of load.
    pub(super) across: &'a str,
    /// The name of the other axis.
    pub(super) up: &'a str,
    /// How much of the axis of load is one of its units: ticks stand at round numbers of these.
    pub(super) unit: f64,
    /// Writes the number of a tick.
    pub(super) write: &'a dyn Fn(Side, f64) -> String,
    /// What stays free of data.
    pub(super) room: Room,
}

/// `text` in at most `lines` lines of `width`; what does not fit ends in an ellipsis.
fn wrapped(text: &str, hand: Hand, width: f64, lines: usize) -> Result<Vec<String>, ChartError> {
    let fits = |line: &str| hand.measure(line).map(|(length, _)| length <= width);
    let mut done: Vec<String> = Vec::new();
    let mut line = String::new();
    for word in text.split(' ') {
        let longer = if line.is_empty() {
            word.to_owned()
        } else {
            format!("{line} {word}")
        };
        if line.is_empty() || fits(&longer)? || done.len() + 1 == lines {
            line = longer;
        } else {
            done.push(std::mem::replace(&mut line, word.to_owned()));
        }
    }
    while !fits(&line)? && line.chars().count() > 1 {
        let kept = line.trim_end_matches('…').chars().count() - 1;
        line = line.chars().take(kept).collect::<String>().trim_end().to_owned() + "…";
    }
    done.push(line);
    Ok(done)
}

/// Writes title, subtitle, note and source; the space between them is the chart's.
pub(super) fn surround(pen: &mut Pen<'_>, layout: &Layout, around: &Around) -> Result<Space, ChartError> {
    let (width, height) = (f64::from(layout.size.0), f64::from(layout.size.1));
    let (left, right) = (layout.margin, width - layout.margin);
    pen.fill(
        Space {
            left: 0.0,
            top: 0.0,
            right: width,
            bottom: height,
        },
        Ink::Paper,
        1.0,
    )?;
    let mut y = layout.margin * 0.85;
    let title = Hand::bold(layout.title, Ink::Text);
    for line in wrapped(&around.title, title, right - left, 2)? {
        pen.write(&line, (left, y + layout.title * 0.5), Anchor::Start, title)?;
        y += layout.title * 1.2;
    }
    let subtitle = Hand::regular(layout.text * 0.92, Ink::Muted);
    y += layout.text * 0.25;
    for line in wrapped(&around.subtitle, subtitle, right - left, 2)? {
        pen.write(&line, (left, y + layout.text * 0.5), Anchor::Start, subtitle)?;
        y += layout.text * 1.3;
    }
    let bottom = height - layout.margin * 0.6;
    let note = Hand::regular(layout.note, Ink::Muted);
    let source = wrapped(&around.source, note, right - left, 1)?.concat();
    let source_width = note.measure(&source)?.0;
    pen.write(&source, (right, bottom - layout.note * 0.5), Anchor::End, note)?;
    let mut used = layout.note * 1.2;
    if !around.note.is_empty() {
        let beside = right - left - source_width - layout.note * 2.0;
        let is_beside = note.measure(&around.note)?.0 <= beside;
        let lift = if is_beside { 0.0 } else { used };
        for line in wrapped(&around.note, note, right - left, 1)? {
            pen.write(
                &line,
                (left, bottom - lift - layout.note * 0.5),
                Anchor::Start,
                note,
            )?;
        }
        used += lift;
    }
    Ok(Space {
        left,
        top: y + layout.text * 0.4,
        right,
        bottom: bottom - used - layout.text * 0.2,
    })
}

/// Draws the interval of the tipping point, and its name above the plot.
pub(super) fn band(
    pen: &mut Pen<'_>,
    layout: &Layout,
    plot: &Plot,
    placer: &mut Placer,
    (rate, language): (Estimate, Language),
) -> Result<(), ChartError> {
    let space = plot.space;
    let middle = plot.x.at(rate.mid);
    let (low, high) = (plot.x.at(rate.low), plot.x.at(rate.high));
    let (centre, half) = (f64::midpoint(low, high), (high - low).max(6.0) / 2.0);
    let band = Space {
        left: centre - half,
        right: centre + half,
        ..space
    };
    pen.fill(band, Ink::Failure, 0.20)?;
    pen.line(&[(middle, space.top), (middle, plot.floor)], Ink::Failure, 1.0, 3)?;
    let hand = Hand::bold(layout.text * 0.95, Ink::FailureText);
    let [low, high] = [rate.low, rate.high].map(|value| tick(value, plot.unit, language));
    let name = Phrase::MarkTipping.fill(language, &[("low", &low), ("high", &high)]);
    let size = hand.measure(&name)?;
    let left = (centre - size.0 / 2.0).min(space.right - size.0).max(space.left);
    if let Some(place) = placer.place(size, [(left, space.top - size.1 - layout.text * 0.15)]) {
        pen.write_in(&name, place, hand)?;
    }
    placer.take(Space {
        left: middle - 3.0,
        right: middle + 3.0,
        bottom: plot.floor,
        ..space
    });
    Ok(())
}

/// A plot with its two axes.
pub(super) struct Plot {
    /// Where the data are.
    pub(super) space: Space,
    /// Where the lane for marks begins: the place of the lowest value.
    pub(super) floor: f64,
    /// How much of the axis of load is one of its units.
    pub(super) unit: f64,
    /// The axis of load.
    pub(super) x: Scale,
    /// The other axis.
    pub(super) y: Scale,
}

/// Draws grid and axes into `space`, each with its spread and range.
pub(super) fn axes(
    pen: &mut Pen<'_>,
    layout: &Layout,
    space: Space,
    Axes {
        across,
        up,
        unit,
        write,
        room,
    }: &Axes<'_>,
    (x_spread, x_range): (Spread, (f64, f64)),
    (y_spread, y_range): (Spread, (f64, f64)),
) -> Result<Plot, ChartError> {
    let hand = Hand::regular(layout.text * 0.85, Ink::Muted);
    let top = space.top + layout.text * 2.4;
    let bottom = space.bottom - layout.text * 2.6;
    let y = Scale::new(y_spread, y_range, (bottom - room.lane, top));
    let levels: Vec<(f64, String)> = y
        .ticks(layout.text * 1.8)
        .into_iter()
        .map(|value| (value, write(Side::Up, value)))
        .collect();
    let mut widest: f64 = 0.0;
    for (_, text) in &levels {
        widest = widest.max(hand.measure(text)?.0);
    }
    let left = space.left + widest + layout.text * 0.6;
    let inner = layout.dot * 2.0;
    let x = Scale::new(
        x_spread,
        x_range,
        (left + inner, space.right - inner - room.gutter),
    );
    for (value, text) in &levels {
        let at = y.at(*value);
        pen.line(&[(left, at), (space.right, at)], Ink::Grid, 1.0, 2)?;
        pen.write(text, (left - layout.text * 0.5, at), Anchor::End, hand)?;
    }
    pen.line(&[(left, bottom), (space.right, bottom)], Ink::Muted, 1.0, 2)?;
    for value in x.ticks_of(*unit, layout.text * 3.6) {
        let (at, text) = (x.at(value), write(Side::Across, value));
        if text.is_empty() {
            continue;
        }
        pen.line(
            &[(at, bottom), (at, bottom + layout.text * 0.35)],
            Ink::Muted,
            1.0,
            2,
        )?;
        pen.write(&text, (at, bottom + layout.text * 0.9), Anchor::Middle, hand)?;
    }
    let name = Hand::regular(layout.text * 0.9, Ink::Text);
    pen.write(
        up,
        (space.left, space.top + layout.text * 0.6),
        Anchor::Start,
        name,
    )?;
    pen.write(
        across,
        (space.right, bottom + layout.text * 2.1),
        Anchor::End,
        name,
    )?;
    Ok(Plot {
        space: Space {
            left,
            top,
            right: space.right,
            bottom,
        },
        floor: bottom - room.lane,
        unit: *unit,
        x,
        y,
    })
}

/// What stays free of data inside a plot, in pixels.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Room {
    /// For marks, above the axis of load.
    pub(super) lane: f64,
    /// For names, at the right end.
    pub(super) gutter: f64,
}

/// Which axis a number stands at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Side {
    /// The axis of load.
    Across,
    /// The other.
    Up,
}
