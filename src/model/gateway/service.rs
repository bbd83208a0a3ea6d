//! How long a server works on one request.

use std::time::Duration;

use serde::Serialize;

use super::super::random::Random;

/// The distribution of service times.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Service {
    /// Always the same: one page, one query.
    Fixed {
        /// How long.
        time: Duration,
    },
    /// Exponential, as queueing theory assumes: the M of M/M/c.
    Exponential {
        /// The mean.
        mean: Duration,
    },
    /// Log-normal with the standard deviation as long as the mean: what page times of one site look like.
    LogNormal {
        /// The mean.
        mean: Duration,
    },
    /// Pareto: a few requests take for ever (reports, searches, exports). With an index of 1.5 the variance is
    /// infinite but for the cut.
    Pareto {
        /// The mean before the cut.
        mean: Duration,
        /// The index of the tail, above 1: smaller is heavier.
        index: f64,
        /// No request takes longer than this.
        longest: Duration,
    },
}

impl Service {
    /// The mean, in seconds (of the Pareto distribution: before its cut).
    pub fn mean(&self) -> f64 {
        match self {
            Service::Fixed { time } => time.as_secs_f64(),
            Service::Exponential { mean } | Service::LogNormal { mean } | Service::Pareto { mean, .. } => {
                mean.as_secs_f64()
            }
        }
    }
}

/// Draws service times, in seconds.
#[derive(Debug, Clone, Copy)]
pub(super) enum Drawn {
    Fixed(f64),
    Exponential(f64),
    /// exp(spread·N + shift).
    LogNormal {
        shift: f64,
        spread: f64,
    },
    /// min(scale·U^power, longest).
    Pareto {
        scale: f64,
        power: f64,
        longest: f64,
    },
}

impl Drawn {
    pub(super) fn new(service: &Service) -> Self {
        match *service {
            Service::Fixed { time } => Drawn::Fixed(time.as_secs_f64()),
            Service::Exponential { mean } => Drawn::Exponential(mean.as_secs_f64()),
            Service::LogNormal { mean } => {
                // A coefficient of variation of 1 means σ² = ln(1 + 1²); the mean is exp(μ + σ²/2).
                let variance = 2.0_f64.ln();
                Drawn::LogNormal {
                    shift: mean.as_secs_f64().ln() - variance / 2.0,
                    spread: variance.sqrt(),
                }
            }
            Service::Pareto { mean, index, longest } => Drawn::Pareto {
                // The mean of a Pareto distribution is scale·index/(index − 1).
                scale: mean.as_secs_f64() * (index - 1.0) / index,
                power: -1.0 / index,
                longest: longest.as_secs_f64(),
            },
        }
    }

    pub(super) fn draw(&self, random: &mut Random) -> f64 {
        match *self {
            Drawn::Fixed(time) => time,
            Drawn::Exponential(mean) => mean * random.exponential(),
            Drawn::LogNormal { shift, spread } => (random.normal() * spread + shift).exp(),
            Drawn::Pareto {
                scale,
                power,
                longest,
            } => (scale * random.uniform().powf(power)).min(longest),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn moments(service: Service) -> (f64, f64) {
        let (drawn, mut random) = (Drawn::new(&service), Random::new(3, 0));
        let values: Vec<f64> = (0..400_000).map(|_| drawn.draw(&mut random)).collect();
        let mean = values.iter().sum::<f64>() / values.len() as f64;
        let variance = values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / values.len() as f64;
        (mean, variance.sqrt() / mean)
    }

    #[test]
    fn means_and_spreads_are_those_asked_for() {
        let mean = Duration::from_millis(40);
        for (service, spread) in [
            (Service::Fixed { time: mean }, 0.0),
            (Service::Exponential { mean }, 1.0),
            (Service::LogNormal { mean }, 1.0),
        ] {
            let (seen, deviation) = moments(service);
            assert!((seen / 0.04 - 1.0).abs() < 0.01, "{service:?}: mean {seen}");
            assert!(
                (deviation - spread).abs() < 0.02,
                "{service:?}: spread {deviation}"
            );
            assert_eq!(service.mean(), 0.04);
        }
    }

    #[test]
    fn the_pareto_tail_is_cut_and_costs_its_part_of_the_mean() {
        let longest = Duration::from_secs(15);
        let (scale, index): (f64, f64) = (0.04 / 3.0, 1.5);
        // E[min(X, L)] = m·α/(α−1) − (m^α·L^(1−α))/(α−1).
        let expected = 0.04 - scale.powf(index) * 15.0_f64.powf(1.0 - index) / (index - 1.0);
        let service = Service::Pareto {
            mean: Duration::from_millis(40),
            index,
            longest,
        };
        let (seen, _) = moments(service);
        assert!((seen / expected - 1.0).abs() < 0.02, "{seen} against {expected}");
    }
}
