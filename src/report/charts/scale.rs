//! From a value to a place on an axis, and where its ticks are.

/// How values spread along an axis.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Spread {
    /// Equal steps are equally wide.
    Linear,
    /// Equal factors are equally wide.
    Log,
    /// Between the two: small shares can be told from none, and none has a place.
    Root,
}

/// An axis: values from `low` to `high` on pixels from `start` to `end`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Scale {
    spread: Spread,
    low: f64,
    high: f64,
    start: f64,
    end: f64,
}

impl Scale {
    /// `high` is raised above `low`, and a log axis starts above zero.
    pub(super) fn new(spread: Spread, (low, high): (f64, f64), (start, end): (f64, f64)) -> Self {
        let low = if spread == Spread::Log { low.max(1e-6) } else { low };
        let high = if high > low {
            high
        } else {
            low + low.abs().max(1.0)
        };
        Self {
            spread,
            low,
            high,
            start,
            end,
        }
    }

    fn spread_out(&self, value: f64) -> f64 {
        match self.spread {
            Spread::Linear => value,
            Spread::Log => value.max(1e-9).ln(),
            Spread::Root => value.max(0.0).sqrt(),
        }
    }

    /// The pixel of `value`, kept on the axis.
    pub(super) fn at(&self, value: f64) -> f64 {
        let (low, high) = (self.spread_out(self.low), self.spread_out(self.high));
        let part = ((self.spread_out(value) - low) / (high - low)).clamp(0.0, 1.0);
        self.start + part * (self.end - self.start)
    }

    /// Whether `value` lies on the axis.
    pub(super) fn holds(&self, value: f64) -> bool {
        (self.low..=self.high).contains(&value)
    }

    /// Values that are round as multiples of `unit`, at least `apart` pixels from each other.
    pub(super) fn ticks_of(&self, unit: f64, apart: f64) -> Vec<f64> {
        let counted = Self {
            low: self.low / unit,
            high: self.high / unit,
            ..*self
        };
        counted
            .ticks(apart)
            .into_iter()
            .map(|value| value * unit)
            .collect()
    }

    /// Round values on the axis, at least `apart` pixels from each other.
    pub(super) fn ticks(&self, apart: f64) -> Vec<f64> {
        match self.spread {
            Spread::Linear => self.linear_ticks(apart),
            Spread::Log => self.log_ticks(apart),
            Spread::Root => self.spaced(&[0.0, 0.001, 0.01, 0.05, 0.1, 0.2, 0.25, 0.5, 0.75, 1.0], apart),
        }
    }

    fn linear_ticks(&self, apart: f64) -> Vec<f64> {
        let length = (self.end - self.start).abs().max(1.0);
        let least = (self.high - self.low) * apart / length;
        let power = 10_f64.powf(least.log10().floor());
        let step = [1.0, 2.0, 5.0, 10.0]
            .into_iter()
            .map(|factor| factor * power)
            .find(|step| *step >= least)
            .unwrap_or(10.0 * power);
        let first = (self.low / step).ceil() as i64;
        let last = (self.high / step).floor() as i64;
        (first..=last).map(|number| number as f64 * step).collect()
    }

    fn log_ticks(&self, apart: f64) -> Vec<f64> {
        let decades = (self.low.log10().floor() as i32)..=(self.high.log10().ceil() as i32);
        let of = |factors: &'static [f64]| {
            let values = decades
                .clone()
                .flat_map(move |decade| factors.iter().map(move |factor| factor * 10_f64.powi(decade)));
            values.filter(|value| self.holds(*value)).collect::<Vec<f64>>()
        };
        let fits = |values: &Vec<f64>| {
            values
                .windows(2)
                .all(|pair| (self.at(pair[1]) - self.at(pair[0])).abs() >= apart)
        };
        let sets: [&'static [f64]; 3] = [&[1.0, 2.0, 5.0], &[1.0, 3.0], &[1.0]];
        let chosen = sets.into_iter().map(of).find(fits);
        chosen.unwrap_or_else(|| self.spaced(&of(&[1.0]), apart))
    }

    /// Those of `values` on the axis that are far enough from the ones before; the last always stays.
    fn spaced(&self, values: &[f64], apart: f64) -> Vec<f64> {
        let mut kept: Vec<f64> = Vec::new();
        for value in values.iter().copied().filter(|value| self.holds(*value)) {
            let is_apart = |other: &f64| (self.at(value) - self.at(*other)).abs() >= apart;
            if kept.last().is_none_or(is_apart) {
                kept.push(value);
            } else if value == self.high && kept.len() > 1 {
                kept.pop();
                kept.push(value);
            }
        }
        kept
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn ticks_are_round_numbers() {
        let linear = Scale::new(Spread::Linear, (0.0, 240.0), (0.0, 1_200.0));
        assert_eq!(linear.ticks(150.0), vec![0.0, 50.0, 100.0, 150.0, 200.0]);
        let log = Scale::new(Spread::Log, (1.0, 1_000.0), (0.0, 1_200.0));
        assert_eq!(
            log.ticks(100.0),
            vec![1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0, 200.0, 500.0, 1_000.0]
        );
        let root = Scale::new(Spread::Root, (0.0, 1.0), (600.0, 0.0));
        assert_eq!(root.ticks(40.0), vec![0.0, 0.01, 0.05, 0.1, 0.2, 0.5, 0.75, 1.0]);
    }

    proptest! {
        #[test]
        fn a_larger_value_is_never_placed_before_a_smaller(a in 0.0_f64..1e6, b in 0.0_f64..1e6, high in 1.0_f64..1e6) {
            for spread in [Spread::Linear, Spread::Log, Spread::Root] {
                let scale = Scale::new(spread, (0.0, high), (10.0, 500.0));
                let (low, large) = (a.min(b), a.max(b));
                prop_assert!(scale.at(low) <= scale.at(large));
                prop_assert!((10.0..=500.0).contains(&scale.at(a)));
            }
        }

        #[test]
        fn ticks_keep_their_distance_and_stay_on_the_axis(low in 0.0_f64..100.0, length in 0.01_f64..1e5, apart in 20.0_f64..200.0) {
            for spread in [Spread::Linear, Spread::Log, Spread::Root] {
                let scale = Scale::new(spread, (low, low + length), (0.0, 1_000.0));
                let ticks = scale.ticks(apart);
                prop_assert!(ticks.len() <= 52);
                prop_assert!(ticks.windows(2).all(|pair| scale.at(pair[1]) - scale.at(pair[0]) >= apart - 1e-6));
                prop_assert!(ticks.iter().all(|tick| scale.holds(*tick)));
            }
        }
    }
}
