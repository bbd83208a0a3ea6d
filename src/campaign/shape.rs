//! How arrivals spread over time, whatever their number: densities that integrate to one, each with its integral, the
//! inverse of that, and its peak. Seconds count from the start of the campaign.

mod delay;
mod growth;
mod pulse;
mod rush;
mod scanners;
mod sending;
mod table;

pub use delay::Delay;
pub use growth::Growth;
pub use pulse::Pulse;
pub use rush::Rush;
pub use scanners::Scanners;
pub use sending::Sending;
pub use table::Table;

use super::numeric;

/// The highest density, and when.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Peak {
    /// Seconds after the start.
    pub at: f64,
    /// Part of all arrivals per second, then.
    pub density: f64,
}

/// How arrivals spread over time.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Shape {
    /// People who follow mails or pushes that go out evenly.
    Sending(Sending),
    /// Link scanners that open the links of mails as they arrive.
    Scanners(Scanners),
    /// A quick rise and an exponential decay.
    Pulse(Pulse),
    /// Logistic growth, then a half-life.
    Growth(Growth),
    /// Some wait for the start, the others fade.
    Rush(Rush),
    /// As in a table.
    Table(Table),
}

/// The same question to whatever shape it is.
macro_rules! of {
    ($shape:expr, $one:ident => $answer:expr) => {
        match $shape {
            Shape::Sending($one) => $answer,
            Shape::Scanners($one) => $answer,
            Shape::Pulse($one) => $answer,
            Shape::Growth($one) => $answer,
            Shape::Rush($one) => $answer,
            Shape::Table($one) => $answer,
        }
    };
}

impl Shape {
    /// Part of all arrivals per second at `at` seconds; zero before the start.
    pub fn density(&self, at: f64) -> f64 {
        if at < 0.0 {
            return 0.0;
        }
        of!(self, shape => shape.density(at))
    }

    /// The part of all arrivals that has come by `at` seconds: 0 to 1.
    pub fn share_by(&self, at: f64) -> f64 {
        if at <= 0.0 {
            return 0.0;
        }
        of!(self, shape => shape.share_by(at)).clamp(0.0, 1.0)
    }

    /// When `share` of all arrivals has come, in seconds: the inverse of [`Shape::share_by`]. Infinite for all of them
    /// where the last never comes.
    pub fn time_of(&self, share: f64) -> f64 {
        if share <= 0.0 {
            return 0.0;
        }
        if share >= 1.0 {
            return self.end();
        }
        let mut end = self.settled().max(1.0);
        while self.share_by(end) < share && end < 1e15 {
            end *= 2.0;
        }
        numeric::crossing(|at| self.share_by(at), share, 0.0, end)
    }

    /// The highest density; by search where the closed form is off.
    pub fn peak(&self) -> Peak {
        of!(self, shape => shape.peak())
    }

    /// When the last arrival comes; infinite where there is none.
    pub fn end(&self) -> f64 {
        match self {
            Shape::Scanners(scanners) => scanners.end(),
            Shape::Table(table) => table.end(),
            Shape::Sending(_) | Shape::Pulse(_) | Shape::Growth(_) | Shape::Rush(_) => f64::INFINITY,
        }
    }

    /// Places between which the density has at most one top: its corners.
    pub(super) fn corners(&self) -> Vec<f64> {
        of!(self, shape => shape.corners())
    }

    /// A time by which the rush is over, for a picture: well past the peak.
    pub(super) fn settled(&self) -> f64 {
        match self {
            Shape::Sending(sending) => sending.duration + 2.0 * sending.delay.median,
            Shape::Scanners(scanners) => scanners.end(),
            Shape::Pulse(pulse) => 5.0 * pulse.decay + pulse.rise,
            Shape::Growth(growth) => growth.top() + 5.0 * growth.half_life,
            Shape::Rush(rush) => rush.within.max(5.0 * rush.decay),
            Shape::Table(table) => table.end(),
        }
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use proptest::prelude::*;

    pub(in crate::campaign) fn shapes() -> impl Strategy<Value = Shape> {
        let delay = (60.0_f64..40_000.0, 0.3_f64..2.8).prop_map(|(median, sigma)| Delay { median, sigma });
        prop_oneof![
            (delay, 0.0_f64..20_000.0)
                .prop_map(|(delay, duration)| Shape::Sending(Sending { delay, duration })),
            (1.0_f64..20_000.0).prop_map(|duration| Shape::Scanners(Scanners {
                duration,
                within: 60.0
            })),
            (0.0_f64..4_000.0, 1.0_f64..15_000.0)
                .prop_map(|(rise, decay)| Shape::Pulse(Pulse { rise, decay })),
            (30.0_f64..4_000.0, 30.0_f64..15_000.0)
                .prop_map(|(doubling, half_life)| Shape::Growth(Growth { doubling, half_life })),
            (0.0_f64..1.0, 5.0_f64..2_000.0).prop_map(|(waiting, decay)| Shape::Rush(Rush {
                waiting,
                within: 10.0,
                decay
            })),
            prop::collection::vec((1.0_f64..500.0, 0.0_f64..50.0), 2..8).prop_map(|steps| {
                let mut at = 0.0;
                let points: Vec<(f64, f64)> = steps
                    .into_iter()
                    .map(|(length, rate)| {
                        at += length;
                        (at - 0.5, rate + 0.01)
                    })
                    .collect();
                Shape::Table(Table::new(&points).unwrap())
            }),
        ]
    }

    /// The density summed over many small steps that grow with time, as nobody would write it who is in a hurry.
    fn slow_share(shape: &Shape, until: f64) -> f64 {
        let mut edges: Vec<f64> = shape.corners();
        edges.extend(numeric::spread(1e-3, until.max(2e-3), 30_000));
        edges.retain(|edge| (0.0..=until).contains(edge));
        edges.push(0.0);
        edges.push(until);
        edges.sort_by(f64::total_cmp);
        edges
            .windows(2)
            .map(|pair| shape.density(f64::midpoint(pair[0], pair[1])) * (pair[1] - pair[0]))
            .sum()
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(120))]

        #[test]
        fn the_integral_agrees_with_a_slow_sum(shape in shapes(), part in 0.05_f64..0.95) {
            let until = shape.settled() * part;
            let (fast, slow) = (shape.share_by(until), slow_share(&shape, until));
            prop_assert!((fast - slow).abs() < 2e-4, "{fast} against {slow} until {until}: {shape:?}");
        }

        #[test]
        fn the_inverse_undoes_the_integral(shape in shapes(), share in 0.001_f64..0.99) {
            let at = shape.time_of(share);
            prop_assert!((shape.share_by(at) - share).abs() < 1e-9, "{at}: {shape:?}");
        }

        #[test]
        fn nothing_is_higher_than_the_peak(shape in shapes()) {
            let peak = shape.peak();
            prop_assert!((shape.density(peak.at) - peak.density).abs() <= 1e-6 * peak.density, "{peak:?}");
            let end = shape.settled();
            for place in numeric::spread(end / 1e6, end * 3.0, 4_000).chain(shape.corners()) {
                prop_assert!(shape.density(place) <= peak.density * (1.0 + 1e-6), "{place}: {} over {peak:?}: {shape:?}", shape.density(place));
            }
        }

        #[test]
        fn a_share_never_falls_and_stays_a_share(shape in shapes(), a in 0.0_f64..1e6, b in 0.0_f64..1e6) {
            let (early, late) = (shape.share_by(a.min(b)), shape.share_by(a.max(b)));
            prop_assert!((0.0..=1.0).contains(&early) && early <= late + 1e-12 && late <= 1.0);
            prop_assert!(shape.density(a) >= 0.0 && shape.density(a).is_finite());
        }

        #[test]
        fn everybody_comes_in_the_end(shape in shapes()) {
            prop_assert!(shape.share_by(1e12) > 0.999, "{shape:?}");
            prop_assert_eq!(shape.density(-1.0), 0.0);
            prop_assert_eq!(shape.share_by(-1.0), 0.0);
        }
    }
}
