//! Which of several images a browser takes: `srcset` and `sizes` on a screen of 1280 × 720 with one pixel per pixel.
//! HTML, "Selecting an image source".

/// The width of the screen, in pixels.
const WIDTH: f64 = 1280.0;
/// Its height, in pixels.
const HEIGHT: f64 = 720.0;

/// The image of `set` that is taken, or `plain` (the `src`) where that fits better: the smallest that is not blurred, the
/// largest where all are.
pub(super) fn chosen<'t>(set: &'t str, sizes: Option<&str>, plain: Option<&'t str>) -> Option<&'t str> {
    let size = size(sizes.unwrap_or("100vw")).max(1.0);
    let mut all: Vec<(&str, f64)> = Vec::new();
    let mut has_widths = false;
    for (link, descriptor) in candidates(set) {
        let number = |unit: char| {
            descriptor
                .strip_suffix(unit)
                .and_then(|text| text.parse::<f64>().ok())
        };
        let density = if descriptor.is_empty() {
            Some(1.0)
        } else if let Some(width) = number('w') {
            has_widths = true;
            Some(width / size)
        } else {
            number('x')
        };
        all.extend(
            density
                .filter(|density| *density > 0.0)
                .map(|density| (link, density)),
        );
    }
    if let Some(plain) = plain.filter(|_| !has_widths && all.iter().all(|(_, density)| *density != 1.0)) {
        all.push((plain, 1.0));
    }
    let sharp = all.iter().filter(|(_, density)| *density >= 1.0);
    let smallest = sharp.min_by(|one, other| one.1.total_cmp(&other.1));
    let largest = || all.iter().max_by(|one, other| one.1.total_cmp(&other.1));
    smallest.or_else(largest).map(|(link, _)| *link)
}

/// The links of a `srcset`, each with its descriptor: empty, `2x` or `640w`.
fn candidates(set: &str) -> impl Iterator<Item = (&str, &str)> {
    let mut rest = set;
    std::iter::from_fn(move || {
        rest = rest.trim_start_matches(|c: char| c.is_ascii_whitespace() || c == ',');
        if rest.is_empty() {
            return None;
        }
        let end = rest.find(|c: char| c.is_ascii_whitespace()).unwrap_or(rest.len());
        let (link, after) = rest.split_at(end);
        if link.ends_with(',') {
            rest = after;
            return Some((link.trim_end_matches(','), ""));
        }
        let end = after.find(',').unwrap_or(after.len());
        let descriptor = after[..end].split_ascii_whitespace().next().unwrap_or_default();
        rest = &after[end..];
        Some((link, descriptor))
    })
}

/// How wide `sizes` lets an image be, in pixels.
fn size(sizes: &str) -> f64 {
    for part in sizes.split(',') {
        let part = part.trim();
        let (condition, length) = match part.rfind(')') {
            Some(end) if part.starts_with('(') => part.split_at(end + 1),
            _ => ("", part),
        };
        if condition.is_empty() || shows(condition) {
            return length_of(length.trim()).unwrap_or(WIDTH);
        }
    }
    WIDTH
}

/// A length in pixels; nothing for what would have to be computed.
fn length_of(text: &str) -> Option<f64> {
    let units = [
        ("px", 1.0),
        ("vw", WIDTH / 100.0),
        ("vh", HEIGHT / 100.0),
        ("rem", 16.0),
        ("em", 16.0),
    ];
    units
        .iter()
        .find_map(|(unit, pixels)| Some(text.strip_suffix(unit)?.trim().parse::<f64>().ok()? * pixels))
}

/// Whether a media query holds on such a screen, in light colours. Features that are not known hold.
pub(super) fn shows(media: &str) -> bool {
    let media = media.to_ascii_lowercase();
    media.trim().is_empty() || media.split(',').any(|query| query.split(" and ").all(holds))
}

fn holds(part: &str) -> bool {
    let part = part.trim();
    let part = part.strip_prefix("only ").unwrap_or(part).trim();
    if let Some(other) = part.strip_prefix("not ") {
        return !holds(other);
    }
    let feature = part.trim_matches(|c: char| matches!(c, '(' | ')') || c.is_ascii_whitespace());
    let Some((name, value)) = feature.split_once(':') else {
        return !matches!(feature, "print" | "speech" | "tty" | "aural");
    };
    let (name, value) = (name.trim(), value.trim());
    let pixels = length_of(value);
    match (name, pixels) {
        ("min-width", Some(least)) => WIDTH >= least,
        ("max-width", Some(most)) => WIDTH <= most,
        ("min-height", Some(least)) => HEIGHT >= least,
        ("max-height", Some(most)) => HEIGHT <= most,
        ("prefers-color-scheme", _) => value != "dark",
        ("prefers-reduced-motion", _) => value != "reduce",
        ("orientation", _) => value != "portrait",
        ("-webkit-min-device-pixel-ratio", _) => value.parse::<f64>().is_ok_and(|ratio| ratio <= 1.0),
        ("min-resolution", _) => {
            let ratio = value.strip_suffix("dppx").map(|ratio| (ratio, 1.0));
            let ratio = ratio.or_else(|| value.strip_suffix("dpi").map(|ratio| (ratio, 96.0)));
            ratio.is_none_or(|(ratio, unit)| ratio.parse::<f64>().is_ok_and(|ratio| ratio / unit <= 1.0))
        }
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_smallest_image_that_is_sharp_is_taken() {
        for (set, sizes, plain, taken) in [
            (
                "s.png 640w, m.png 1280w, l.png 2560w",
                None,
                Some("x.png"),
                "m.png",
            ),
            ("s.png 640w, m.png 1000w", None, None, "m.png"),
            ("s.png 640w, m.png 1280w", Some("50vw"), None, "s.png"),
            (
                "s.png 300w, m.png 900w",
                Some("(max-width: 600px) 100vw, 300px"),
                None,
                "s.png",
            ),
            ("two.png 2x", None, Some("one.png"), "one.png"),
            ("one.png, two.png 2x", None, None, "one.png"),
            ("a,b.png 1x, c.png 3x", None, None, "a,b.png"),
            ("half.png 0.5x", None, None, "half.png"),
        ] {
            assert_eq!(chosen(set, sizes, plain), Some(taken), "{set}");
        }
        for nothing in ["", " , ,", "a.png 0w", "a.png wide"] {
            assert_eq!(chosen(nothing, None, None), None, "{nothing}");
        }
    }

    #[test]
    fn a_screen_is_no_printer_and_as_wide_as_it_is() {
        for media in [
            "",
            "all",
            "screen",
            "screen and (min-width: 1200px)",
            "print, screen",
            "not print",
            "(prefers-color-scheme: light)",
            "(hover: hover)",
        ] {
            assert!(shows(media), "{media}");
        }
        for media in [
            "print",
            "only print",
            "(max-width: 600px)",
            "screen and (max-width: 40em)",
            "(prefers-color-scheme: dark)",
            "(min-resolution: 2dppx)",
            "(min-resolution: 192dpi)",
        ] {
            assert!(!shows(media), "{media}");
        }
    }
}
