//! An SVG that stands by itself, and its PNG.

use resvg::{tiny_skia, usvg};

use super::frame::Around;
use super::{BOLD, ChartError, FAMILY, REGULAR, font_rules};

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}

/// `svg` with a name and a description for those who cannot see it; `id` keeps them apart from others in a page.
pub(super) fn described(svg: &str, around: &Around, id: &str) -> String {
    let (head, rest) = svg.split_once('>').unwrap_or((svg, ""));
    format!(
        "{head} role=\"img\" aria-labelledby=\"{id}-title {id}-about\" font-family=\"{FAMILY}, sans-serif\">\n<title id=\"{id}-title\">{}</title>\n<desc id=\"{id}-about\">{}</desc>{rest}",
        escaped(&around.title),
        escaped(&around.description),
    )
}

/// `svg` with the fonts inside, for use outside of a page.
pub fn standalone(svg: &str) -> String {
    svg.replacen("</desc>", &format!("</desc>\n<style>{}</style>", font_rules()), 1)
}

/// The PNG of `svg`, `width` pixels wide.
///
/// # Errors
/// The SVG is none, or too large for memory.
pub fn png(svg: &str, width: u32) -> Result<Vec<u8>, ChartError> {
    let mut options = usvg::Options {
        font_family: FAMILY.to_owned(),
        ..usvg::Options::default()
    };
    let fonts = options.fontdb_mut();
    fonts.load_font_data(REGULAR.to_vec());
    fonts.load_font_data(BOLD.to_vec());
    let tree = usvg::Tree::from_str(svg, &options).map_err(ChartError::new)?;
    let scale = width as f32 / tree.size().width();
    let height = (tree.size().height() * scale).round() as u32;
    let mut pixels =
        tiny_skia::Pixmap::new(width, height).ok_or_else(|| ChartError::new("the picture is too large"))?;
    resvg::render(
        &tree,
        tiny_skia::Transform::from_scale(scale, scale),
        &mut pixels.as_mut(),
    );
    pixels.encode_png().map_err(ChartError::new)
}
