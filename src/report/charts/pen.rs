//! Draws on an SVG: the only file that knows what draws. Places are in pixels, from the top left.

use std::sync::OnceLock;

use plotters::prelude::{DrawingBackend, FontDesc, FontFamily, FontStyle, RGBColor, SVGBackend, ShapeStyle};
use plotters::style::text_anchor::{HPos, Pos, VPos};
use plotters::style::{Color, TextStyle, register_font};

use super::palette::Ink;
use super::place::Space;
use super::{BOLD, ChartError, FAMILY, REGULAR};

/// What plotters divides the size of a font by before it writes it into an SVG.
const FONT_FACTOR: f64 = 1.24;

/// How a text looks.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Hand {
    pub(super) size: f64,
    pub(super) is_bold: bool,
    pub(super) ink: Ink,
}

impl Hand {
    pub(super) const fn regular(size: f64, ink: Ink) -> Self {
        Self {
            size,
            is_bold: false,
            ink,
        }
    }

    pub(super) const fn bold(size: f64, ink: Ink) -> Self {
        Self {
            size,
            is_bold: true,
            ink,
        }
    }

    fn font(self) -> Result<FontDesc<'static>, ChartError> {
        static FONTS: OnceLock<bool> = OnceLock::new();
        let are_known = *FONTS.get_or_init(|| {
            register_font(FAMILY, FontStyle::Normal, REGULAR).is_ok()
                && register_font(FAMILY, FontStyle::Bold, BOLD).is_ok()
        });
        if !are_known {
            return Err(ChartError::new("the embedded fonts cannot be read"));
        }
        let style = if self.is_bold {
            FontStyle::Bold
        } else {
            FontStyle::Normal
        };
        Ok(FontDesc::new(
            FontFamily::Name(FAMILY),
            self.size * FONT_FACTOR,
            style,
        ))
    }

    /// The width and height of `text`.
    pub(super) fn measure(self, text: &str) -> Result<(f64, f64), ChartError> {
        let (width, _) = self.font()?.box_size(text).map_err(ChartError::new)?;
        Ok((f64::from(width), self.size * 1.2))
    }
}

/// Where a text stands against its point, from left to right.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Anchor {
    Start,
    Middle,
    End,
}

/// Draws on one SVG.
pub(super) struct Pen<'a> {
    backend: SVGBackend<'a>,
}

type Drawn = Result<(), ChartError>;

fn pixel((x, y): (f64, f64)) -> (i32, i32) {
    (x.round() as i32, y.round() as i32)
}

fn shape(ink: Ink, opacity: f64, is_filled: bool, width: u32) -> ShapeStyle {
    let (red, green, blue) = ink.rgb();
    ShapeStyle {
        color: RGBColor(red, green, blue).mix(opacity),
        filled: is_filled,
        stroke_width: width,
    }
}

impl Pen<'_> {
    /// The SVG of `size` that `draw` makes.
    pub(super) fn draw(
        size: (u32, u32),
        draw: impl FnOnce(&mut Pen<'_>) -> Drawn,
    ) -> Result<String, ChartError> {
        let mut text = String::new();
        let mut pen = Pen {
            backend: SVGBackend::with_string(&mut text, size),
        };
        draw(&mut pen)?;
        pen.backend.present().map_err(ChartError::new)?;
        drop(pen);
        Ok(text)
    }

    /// A filled rectangle.
    pub(super) fn fill(&mut self, space: Space, ink: Ink, opacity: f64) -> Drawn {
        let (from, to) = (pixel((space.left, space.top)), pixel((space.right, space.bottom)));
        self.backend
            .draw_rect(from, to, &shape(ink, opacity, true, 1), true)
            .map_err(ChartError::new)
    }

    /// A line through `points`.
    pub(super) fn line(&mut self, points: &[(f64, f64)], ink: Ink, opacity: f64, width: u32) -> Drawn {
        let points: Vec<_> = points.iter().copied().map(pixel).collect();
        self.backend
            .draw_path(points, &shape(ink, opacity, false, width))
            .map_err(ChartError::new)
    }

    /// A dashed line from one point to another, `dash` pixels on and as many off.
    pub(super) fn dashes(
        &mut self,
        from: (f64, f64),
        to: (f64, f64),
        dash: f64,
        ink: Ink,
        width: u32,
    ) -> Drawn {
        let length = (to.0 - from.0).hypot(to.1 - from.1);
        let along = |way: f64| {
            let part = (way / length).min(1.0);
            (from.0 + (to.0 - from.0) * part, from.1 + (to.1 - from.1) * part)
        };
        let mut way = 0.0;
        while way < length {
            self.line(&[along(way), along(way + dash)], ink, 1.0, width)?;
            way += 2.0 * dash;
        }
        Ok(())
    }

    /// A filled polygon.
    pub(super) fn polygon(&mut self, points: &[(f64, f64)], ink: Ink) -> Drawn {
        let points: Vec<_> = points.iter().copied().map(pixel).collect();
        self.backend
            .fill_polygon(points, &shape(ink, 1.0, true, 1))
            .map_err(ChartError::new)
    }

    /// A filled outline through which what is behind shows.
    pub(super) fn area(&mut self, points: &[(f64, f64)], ink: Ink, opacity: f64) -> Drawn {
        let points: Vec<_> = points.iter().copied().map(pixel).collect();
        self.backend
            .fill_polygon(points, &shape(ink, opacity, true, 1))
            .map_err(ChartError::new)
    }

    /// A filled circle.
    pub(super) fn disc(&mut self, at: (f64, f64), radius: f64, ink: Ink) -> Drawn {
        let style = shape(ink, 1.0, true, 1);
        self.backend
            .draw_circle(pixel(at), radius.round() as u32, &style, true)
            .map_err(ChartError::new)
    }

    /// A filled diamond.
    pub(super) fn diamond(&mut self, (x, y): (f64, f64), reach: f64, ink: Ink) -> Drawn {
        self.polygon(
            &[(x, y - reach), (x + reach, y), (x, y + reach), (x - reach, y)],
            ink,
        )
    }

    /// A cross of two strokes.
    pub(super) fn cross(&mut self, (x, y): (f64, f64), reach: f64, ink: Ink, width: u32) -> Drawn {
        self.line(&[(x - reach, y - reach), (x + reach, y + reach)], ink, 1.0, width)?;
        self.line(&[(x - reach, y + reach), (x + reach, y - reach)], ink, 1.0, width)
    }

    /// A text whose middle line runs through `at`.
    pub(super) fn write(&mut self, text: &str, at: (f64, f64), anchor: Anchor, hand: Hand) -> Drawn {
        let (red, green, blue) = hand.ink.rgb();
        let across = match anchor {
            Anchor::Start => HPos::Left,
            Anchor::Middle => HPos::Center,
            Anchor::End => HPos::Right,
        };
        let color = RGBColor(red, green, blue);
        let style = TextStyle::from(hand.font()?)
            .color(&color)
            .pos(Pos::new(across, VPos::Center));
        self.backend
            .draw_text(text, &style, pixel(at))
            .map_err(ChartError::new)
    }

    /// A text in the place that was found for it.
    pub(super) fn write_in(&mut self, text: &str, space: Space, hand: Hand) -> Drawn {
        self.write(
            text,
            (space.left, f64::midpoint(space.top, space.bottom)),
            Anchor::Start,
            hand,
        )
    }
}
