//! A run without a search, cut into stretches of load that can be judged one by one.

use crate::record::{RunRecord, Second};

/// Loads that differ by less than this part count as the same.
const SAME: f64 = 0.005;
/// A constant load that lasts shorter than this is part of a ramp, in seconds.
const SHORTEST_HOLD: usize = 5;
/// How long a piece of a ramp is, in seconds.
const PIECE: usize = 10;

/// The stretches of `record`: first second, first second after it, and mean load in pages per second. A load that is
/// held is one stretch; what moves is cut into pieces of 10 seconds. Seconds without load are left out.
pub fn constant_loads(record: &RunRecord) -> Vec<(u32, u32, f64)> {
    let mut stretches = Vec::new();
    let mut moving: Vec<&Second> = Vec::new();
    let mut rest: &[Second] = &record.seconds;
    while let Some(first) = rest.first() {
        let length = rest
            .iter()
            .take_while(|second| is_same(first, second))
            .count()
            .max(1);
        let (stretch, after) = rest.split_at(length);
        rest = after;
        if first.offered <= 0.0 {
            flush(&mut moving, &mut stretches);
        } else if length >= SHORTEST_HOLD {
            flush(&mut moving, &mut stretches);
            let held: Vec<&Second> = stretch.iter().collect();
            stretches.extend(summed(&held));
        } else {
            moving.extend(stretch);
        }
    }
    flush(&mut moving, &mut stretches);
    stretches
}

/// Whether two seconds have the same load: by their visitors in a closed model, where the rate is the site's doing.
fn is_same(first: &Second, second: &Second) -> bool {
    match (first.visitors, second.visitors) {
        (Some(first), Some(second)) => (second - first).abs() <= SAME * first,
        (None, None) => (second.offered - first.offered).abs() <= SAME * first.offered,
        _ => false,
    }
}

fn flush(moving: &mut Vec<&Second>, stretches: &mut Vec<(u32, u32, f64)>) {
    stretches.extend(moving.chunks(PIECE).filter_map(summed));
    moving.clear();
}

fn summed(seconds: &[&Second]) -> Option<(u32, u32, f64)> {
    let (first, last) = (seconds.first()?, seconds.last()?);
    let mean = seconds.iter().map(|second| second.offered).sum::<f64>() / seconds.len() as f64;
    Some((first.second, last.second + 1, mean))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cut(loads: &[f64]) -> Vec<(u32, u32, f64)> {
        let mut record = RunRecord::new(super::super::tests::header());
        for (second, offered) in (0..).zip(loads) {
            record.seconds.push(Second {
                second,
                offered: *offered,
                ..Second::default()
            });
        }
        constant_loads(&record)
    }

    #[test]
    fn a_held_load_is_one_stretch_and_a_ramp_is_cut_in_pieces() {
        let ramp = (1..=12).map(f64::from);
        let loads: Vec<f64> = ramp.chain(std::iter::repeat_n(50.0, 60)).collect();
        let stretches = cut(&loads);
        assert_eq!(stretches.len(), 3, "{stretches:?}");
        assert_eq!(stretches[0], (0, 10, 5.5));
        assert_eq!(stretches[1], (10, 12, 11.5));
        assert_eq!(stretches[2], (12, 72, 50.0));
    }

    #[test]
    fn seconds_without_load_belong_to_no_stretch() {
        assert_eq!(cut(&[0.0, 0.0, 5.0, 5.0, 5.0, 5.0, 5.0, 0.0]), vec![(2, 7, 5.0)]);
        assert!(cut(&[]).is_empty());
    }
}
