//! Charts as SVG, and as PNG made from the same SVG. The title of a chart is its finding.

mod clicks;
mod compared;
mod filling;
mod forecast;
mod frame;
mod goodput;
mod image;
mod latency;
mod layout;
mod loads;
mod ours;
mod palette;
mod pen;
mod place;
mod planner;
mod scale;
mod timeline;
mod tipping;

use std::fmt;

pub use clicks::clicks;
pub use compared::compared;
pub use filling::filling;
pub use forecast::forecast;
pub use frame::Around;
pub use goodput::goodput;
pub(super) use goodput::goodput_points;
pub use image::{png, standalone};
pub use latency::latency;
pub use layout::Layout;
pub use planner::planner;
pub use timeline::timeline;
pub use tipping::tipping;

/// The family of the embedded fonts.
const FAMILY: &str = "Tipover Sans";
/// The regular font.
const REGULAR: &[u8] = include_bytes!("fonts/sans-regular.otf");
/// The bold font.
const BOLD: &[u8] = include_bytes!("fonts/sans-bold.otf");

/// Why a chart could not be drawn.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChartError(String);

impl ChartError {
    fn new(why: impl fmt::Display) -> Self {
        Self(why.to_string())
    }
}

impl fmt::Display for ChartError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "draw a chart: {}", self.0)
    }
}

impl std::error::Error for ChartError {}

/// The rules by which a browser finds the embedded fonts.
pub fn font_rules() -> String {
    use base64::Engine as _;
    let rule = |weight: u16, font: &[u8]| {
        let data = base64::engine::general_purpose::STANDARD.encode(font);
        format!(
            "@font-face{{font-family:\"{FAMILY}\";font-weight:{weight};src:url(data:font/otf;base64,{data}) format(\"opentype\")}}"
        )
    };
    rule(400, REGULAR) + &rule(700, BOLD)
}
