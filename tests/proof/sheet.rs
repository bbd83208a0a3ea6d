//! Draws on an SVG in the type and the colours of tipover's own charts. Places are in pixels, from the top left.

use std::error::Error;

use plotters::prelude::{
    Color, DrawingBackend, FontDesc, FontFamily, FontStyle, RGBColor, SVGBackend, ShapeStyle,
};
use plotters::style::text_anchor::{HPos, Pos, VPos};
use plotters::style::{TextStyle, register_font};
use tipover::report::charts;

/// The family of tipover's fonts.
const FAMILY: &str = "Tipover Sans";
const REGULAR: &[u8] = include_bytes!("../../src/report/fonts/sans-regular.otf");
const BOLD: &[u8] = include_bytes!("../../src/report/fonts/sans-bold.otf");
/// What plotters divides the size of a font by before it writes it into an SVG.
const FONT_FACTOR: f64 = 1.24;

pub(super) const TEXT: RGBColor = RGBColor(0x1b, 0x1f, 0x24);
pub(super) const MUTED: RGBColor = RGBColor(0x57, 0x60, 0x6a);
pub(super) const GRID: RGBColor = RGBColor(0xe3, 0xe6, 0xea);
pub(super) const OURS: RGBColor = RGBColor(0x00, 0x72, 0xb2);
pub(super) const GOAL: RGBColor = RGBColor(0x00, 0x69, 0x4d);

type Drawn = Result<(), Box<dyn Error>>;

/// Where a text stands against its point.
#[derive(Debug, Clone, Copy)]
pub(super) enum Anchor {
    Start,
    Middle,
    End,
}

/// An SVG under way.
pub(super) struct Sheet<'a> {
    backend: SVGBackend<'a>,
}

/// The SVG of `size` that `draw` makes, with its fonts inside, a name and a description.
pub(super) fn svg(
    size: (u32, u32),
    title: &str,
    description: &str,
    draw: impl FnOnce(&mut Sheet<'_>) -> Drawn,
) -> Result<String, Box<dyn Error>> {
    for (style, font) in [(FontStyle::Normal, REGULAR), (FontStyle::Bold, BOLD)] {
        register_font(FAMILY, style, font).map_err(|_| "the fonts cannot be read")?;
    }
    let mut text = String::new();
    let mut sheet = Sheet {
        backend: SVGBackend::with_string(&mut text, size),
    };
    sheet.fill(
        (0.0, 0.0),
        (f64::from(size.0), f64::from(size.1)),
        RGBColor(0xff, 0xff, 0xff),
    )?;
    draw(&mut sheet)?;
    sheet.backend.present()?;
    drop(sheet);
    let (head, rest) = text.split_once('>').ok_or("no SVG was drawn")?;
    Ok(charts::standalone(&format!(
        "{head} role=\"img\" font-family=\"{FAMILY}, sans-serif\">\n<title>{title}</title>\n<desc>{description}</desc>{rest}"
    )))
}

fn pixel((x, y): (f64, f64)) -> (i32, i32) {
    (x.round() as i32, y.round() as i32)
}

fn stroke(color: RGBColor, width: u32) -> ShapeStyle {
    ShapeStyle {
        color: color.to_rgba(),
        filled: true,
        stroke_width: width,
    }
}

impl Sheet<'_> {
    pub(super) fn fill(&mut self, from: (f64, f64), to: (f64, f64), color: RGBColor) -> Drawn {
        self.backend
            .draw_rect(pixel(from), pixel(to), &stroke(color, 1), true)?;
        Ok(())
    }

    pub(super) fn line(&mut self, from: (f64, f64), to: (f64, f64), color: RGBColor, width: u32) -> Drawn {
        self.backend
            .draw_path([pixel(from), pixel(to)], &stroke(color, width))?;
        Ok(())
    }

    /// A dashed line down from one point to another below it.
    pub(super) fn dashes(&mut self, x: f64, from: f64, to: f64, color: RGBColor) -> Drawn {
        let mut y = from;
        while y < to {
            self.line((x, y), (x, (y + 8.0).min(to)), color, 2)?;
            y += 16.0;
        }
        Ok(())
    }

    pub(super) fn disc(&mut self, at: (f64, f64), radius: u32, color: RGBColor) -> Drawn {
        self.backend
            .draw_circle(pixel(at), radius, &stroke(color, 1), true)?;
        Ok(())
    }

    /// A text whose middle line runs through `at`.
    pub(super) fn write(
        &mut self,
        text: &str,
        at: (f64, f64),
        anchor: Anchor,
        (size, is_bold, color): (f64, bool, RGBColor),
    ) -> Drawn {
        let style = if is_bold {
            FontStyle::Bold
        } else {
            FontStyle::Normal
        };
        let font = FontDesc::new(FontFamily::Name(FAMILY), size * FONT_FACTOR, style);
        let across = match anchor {
            Anchor::Start => HPos::Left,
            Anchor::Middle => HPos::Center,
            Anchor::End => HPos::Right,
        };
        let style = TextStyle::from(font).color(&color);
        let style = style.pos(Pos::new(across, VPos::Center));
        self.backend.draw_text(text, &style, pixel(at))?;
        Ok(())
    }
}
