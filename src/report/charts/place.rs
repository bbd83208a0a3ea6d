//! Finds a free place for each label of a chart, so that nothing stands on anything.

/// A rectangle in pixels.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Space {
    pub(super) left: f64,
    pub(super) top: f64,
    pub(super) right: f64,
    pub(super) bottom: f64,
}

impl Space {
    /// A rectangle around a point.
    pub(super) const fn around((x, y): (f64, f64), reach: f64) -> Self {
        Self {
            left: x - reach,
            top: y - reach,
            right: x + reach,
            bottom: y + reach,
        }
    }

    fn meets(&self, other: &Space) -> bool {
        self.left < other.right
            && other.left < self.right
            && self.top < other.bottom
            && other.top < self.bottom
    }

    fn lies_in(&self, other: &Space) -> bool {
        self.left >= other.left
            && self.right <= other.right
            && self.top >= other.top
            && self.bottom <= other.bottom
    }
}

/// What is taken on a chart.
#[derive(Debug, Clone)]
pub(super) struct Placer {
    bounds: Space,
    taken: Vec<Space>,
}

impl Placer {
    /// Everything inside `bounds` is free.
    pub(super) const fn new(bounds: Space) -> Self {
        Self {
            bounds,
            taken: Vec::new(),
        }
    }

    /// Where labels may stand.
    pub(super) const fn bounds(&self) -> Space {
        self.bounds
    }

    /// Keeps labels off `space`.
    pub(super) fn take(&mut self, space: Space) {
        self.taken.push(space);
    }

    fn is_free(&self, space: &Space) -> bool {
        space.lies_in(&self.bounds) && !self.taken.iter().any(|taken| taken.meets(space))
    }

    /// Takes the first free one of `places` (left and top of a box of `size`) and says where it is.
    pub(super) fn place(
        &mut self,
        (width, height): (f64, f64),
        places: impl IntoIterator<Item = (f64, f64)>,
    ) -> Option<Space> {
        let spaces = places.into_iter().map(|(left, top)| Space {
            left,
            top,
            right: left + width,
            bottom: top + height,
        });
        let free = spaces.into_iter().find(|space| self.is_free(space))?;
        self.taken.push(free);
        Some(free)
    }

    /// Takes a place beside the point `at`, `gap` away or as little more as needed: right, left, above, below.
    pub(super) fn beside(&mut self, at: (f64, f64), size: (f64, f64), gap: f64) -> Option<Space> {
        let (x, y) = at;
        let (width, height) = size;
        let bounds = self.bounds;
        let places = (0..12_u8).flat_map(move |ring| {
            let gap = gap + f64::from(ring) * height * 0.6;
            let middle = y - height / 2.0;
            let centre = x - width / 2.0;
            let pushed = centre.min(bounds.right - width).max(bounds.left);
            let near = gap * 0.7;
            [
                (x + gap, middle),
                (x - gap - width, middle),
                (x + near, y - near - height),
                (x - near - width, y - near - height),
                (centre, y - gap - height),
                (x + near, y + near),
                (x - near - width, y + near),
                (centre, y + gap),
                (pushed, y - gap - height),
                (pushed, y + gap),
            ]
        });
        self.place(size, places)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn labels_never_stand_on_labels_or_on_what_is_taken(
            points in prop::collection::vec((0.0_f64..1_000.0, 0.0_f64..600.0, 20.0_f64..300.0), 0..40),
        ) {
            let bounds = Space { left: 0.0, top: 0.0, right: 1_000.0, bottom: 600.0 };
            let mut placer = Placer::new(bounds);
            let mut all: Vec<Space> = points.iter().map(|(x, y, _)| Space::around((*x, *y), 10.0)).collect();
            for space in &all {
                placer.take(*space);
            }
            for (x, y, width) in &points {
                if let Some(space) = placer.beside((*x, *y), (*width, 24.0), 14.0) {
                    prop_assert!(space.lies_in(&bounds));
                    prop_assert!(all.iter().all(|other| !other.meets(&space)));
                    all.push(space);
                }
            }
        }
    }

    #[test]
    fn a_label_moves_away_from_a_taken_place() {
        let bounds = Space {
            left: 0.0,
            top: 0.0,
            right: 400.0,
            bottom: 100.0,
        };
        let mut placer = Placer::new(bounds);
        let first = placer.beside((100.0, 50.0), (80.0, 20.0), 10.0).unwrap();
        let second = placer.beside((100.0, 50.0), (80.0, 20.0), 10.0).unwrap();
        assert_eq!(first.left, 110.0);
        assert!(!first.meets(&second));
        assert_eq!(placer.place((500.0, 20.0), [(0.0, 0.0)]), None);
    }
}
