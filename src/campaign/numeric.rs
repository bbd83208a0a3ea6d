//! Where a function is highest, and where it crosses a value: for what has no closed form. It knows no campaign.

/// The golden ratio's smaller part: a bracket keeps 0.618 of its length with each look.
const GOLDEN: f64 = 0.618_033_988_749_894_8;
/// Looks of a golden-section search: 0.618⁶⁰ of the bracket is far below a nanosecond of any campaign.
const LOOKS: u32 = 60;

/// The place in `from..=to` where `height` is highest, and its height. `height` has one top there.
pub(super) fn top(height: impl Fn(f64) -> f64, from: f64, to: f64) -> (f64, f64) {
    let (mut low, mut high) = (from, to);
    let (mut left, mut right) = (high - GOLDEN * (high - low), low + GOLDEN * (high - low));
    let (mut at_left, mut at_right) = (height(left), height(right));
    for _ in 0..LOOKS {
        if at_left < at_right {
            low = left;
            (left, at_left) = (right, at_right);
            right = low + GOLDEN * (high - low);
            at_right = height(right);
        } else {
            high = right;
            (right, at_right) = (left, at_left);
            left = high - GOLDEN * (high - low);
            at_left = height(left);
        }
        if high - low <= 1e-9 * high.abs().max(1e-3) {
            break;
        }
    }
    let mut best = (from, height(from));
    for at in [f64::midpoint(low, high), to] {
        let here = height(at);
        if here > best.1 {
            best = (at, here);
        }
    }
    best
}

/// The highest of several tops: `height` is looked at in every one of `places` (rising), and the neighbourhood of the
/// highest is searched. Between two places there is at most one top.
pub(super) fn highest(height: impl Fn(f64) -> f64, places: &[f64]) -> Option<(f64, f64)> {
    let heights: Vec<f64> = places.iter().map(|place| height(*place)).collect();
    let best = (0..places.len()).max_by(|a, b| heights[*a].total_cmp(&heights[*b]))?;
    let from = places[best.saturating_sub(1)];
    let to = places[(best + 1).min(places.len() - 1)];
    let (at, found) = top(&height, from, to);
    if found > heights[best] {
        Some((at, found))
    } else {
        Some((places[best], heights[best]))
    }
}

/// The smallest place in `from..=to` from which on the rising `reaches` is at least `wanted`; `to` where it never is.
pub(super) fn crossing(reaches: impl Fn(f64) -> f64, wanted: f64, from: f64, to: f64) -> f64 {
    let (mut low, mut high) = (from, to);
    for _ in 0..200 {
        let middle = f64::midpoint(low, high);
        if middle <= low || middle >= high {
            break;
        }
        if reaches(middle) < wanted {
            low = middle;
        } else {
            high = middle;
        }
    }
    high
}

/// `count` places from `from` to `to` (both above zero), each the same factor above the one before.
pub(super) fn spread(from: f64, to: f64, count: u32) -> impl Iterator<Item = f64> {
    let step = (to / from).ln() / f64::from(count.max(2) - 1);
    (0..count).map(move |at| from * (step * f64::from(at)).exp())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn the_top_of_a_hill_is_found(middle in 0.1_f64..99.9, width in 5.0_f64..50.0) {
            let hill = |at: f64| (-((at - middle) / width).powi(2)).exp();
            let (at, height) = top(hill, 0.0, 100.0);
            prop_assert!((at - middle).abs() < 1e-4 * width, "{at} for {middle}");
            prop_assert!(height > 1.0 - 1e-7);
        }

        #[test]
        fn the_higher_of_two_hills_is_found(first in 5.0_f64..30.0, second in 60.0_f64..95.0, more in 1.1_f64..3.0) {
            let hill = |at: f64, middle: f64| (-(at - middle).powi(2) / 8.0).exp();
            let places: Vec<f64> = (0..=100).map(f64::from).collect();
            let (at, height) = highest(|at| hill(at, first) + more * hill(at, second), &places).unwrap();
            prop_assert!((at - second).abs() < 1e-3 && (height - more).abs() < 1e-3);
        }

        #[test]
        fn a_crossing_is_where_the_value_is_reached(wanted in 0.0_f64..1e6) {
            let at = crossing(|at| at * at, wanted, 0.0, 1e4);
            prop_assert!((at * at - wanted).abs() <= 1e-9 * (1.0 + wanted));
        }
    }

    #[test]
    fn a_top_at_an_end_is_found_there() {
        assert_eq!(top(|at| -at, 2.0, 5.0).0, 2.0);
        assert_eq!(top(|at| at, 2.0, 5.0).0, 5.0);
        assert_eq!(highest(|at| at, &[]), None);
        assert_eq!(
            spread(1.0, 100.0, 3)
                .map(|x| x.round() as i32)
                .collect::<Vec<_>>(),
            [1, 10, 100]
        );
    }
}
