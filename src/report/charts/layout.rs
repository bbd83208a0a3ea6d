//! The sheets that charts are drawn on.

/// A sheet and the sizes of what stands on it, in pixels.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Layout {
    /// Width and height.
    pub size: (u32, u32),
    /// Size of the title.
    pub(super) title: f64,
    /// Size of labels.
    pub(super) text: f64,
    /// Size of notes.
    pub(super) note: f64,
    /// Room around everything.
    pub(super) margin: f64,
    /// Lines of names that the lane for marks has room for.
    pub(super) lane_lines: f64,
    /// Radius of a dot.
    pub(super) dot: f64,
}

impl Layout {
    /// For documents and, scaled, for slides: 1600 × 900.
    pub const DOCUMENT: Layout = Layout {
        size: (1600, 900),
        title: 46.0,
        text: 26.0,
        note: 20.0,
        margin: 64.0,
        lane_lines: 1.0,
        dot: 10.0,
    };
    /// For link cards: 1200 × 630.
    pub const CARD: Layout = Layout {
        size: (1200, 630),
        title: 42.0,
        text: 24.0,
        note: 18.0,
        margin: 48.0,
        lane_lines: 1.0,
        dot: 9.0,
    };
    /// For telephones: 720 × 860.
    pub const NARROW: Layout = Layout {
        size: (720, 860),
        title: 38.0,
        text: 26.0,
        note: 20.0,
        margin: 28.0,
        lane_lines: 2.0,
        dot: 9.0,
    };
}
