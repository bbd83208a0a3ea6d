//! Seeded randomness for model sites: the same stream on every platform.

use rand_pcg::Pcg64;
use rand_pcg::rand_core::{Rng, SeedableRng};

/// A stream of random numbers.
#[derive(Debug, Clone)]
pub(super) struct Random {
    source: Pcg64,
    /// Normal numbers are made in pairs; the second waits here.
    spare: Option<f64>,
}

impl Random {
    /// The stream of `seed` for one `purpose`; two purposes never share a stream.
    pub(super) fn new(seed: u64, purpose: u64) -> Self {
        Self {
            source: Pcg64::seed_from_u64(seed.wrapping_mul(16).wrapping_add(purpose)),
            spare: None,
        }
    }

    /// Uniform in (0, 1]: 53 random bits, never zero, so that logarithms are finite.
    pub(super) fn uniform(&mut self) -> f64 {
        ((self.source.next_u64() >> 11) + 1) as f64 / (1_u64 << 53) as f64
    }

    /// Whether something of probability `share` happens.
    pub(super) fn happens(&mut self, share: f64) -> bool {
        share > 0.0 && self.uniform() <= share
    }

    /// Exponential with mean 1, by inversion.
    pub(super) fn exponential(&mut self) -> f64 {
        -self.uniform().ln()
    }

    /// Standard normal (Box and Muller 1958).
    pub(super) fn normal(&mut self) -> f64 {
        if let Some(spare) = self.spare.take() {
            return spare;
        }
        let radius = (-2.0 * self.uniform().ln()).sqrt();
        let (sine, cosine) = (std::f64::consts::TAU * self.uniform()).sin_cos();
        self.spare = Some(radius * sine);
        radius * cosine
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_those_of_the_distributions() {
        let mut random = Random::new(1, 0);
        let count = 200_000;
        let mut sums = [0.0_f64; 4];
        for _ in 0..count {
            let (exponential, normal) = (random.exponential(), random.normal());
            for (sum, value) in
                sums.iter_mut()
                    .zip([exponential, exponential * exponential, normal, normal * normal])
            {
                *sum += value / f64::from(count);
            }
        }
        for (seen, expected) in sums.iter().zip([1.0, 2.0, 0.0, 1.0]) {
            assert!((seen - expected).abs() < 0.03, "{sums:?}");
        }
        assert_ne!(Random::new(1, 0).uniform(), Random::new(1, 1).uniform());
        assert_eq!(Random::new(1, 1).uniform(), Random::new(1, 1).uniform());
    }
}
