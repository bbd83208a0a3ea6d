//! Statistics of counted failures: what a share can be, given how many requests it was seen in.
//! Pure formulas, each with its source; nothing here knows what a request is.

use statrs::function::erf::erfc;

/// The standard normal quantile of a two-sided 95 % interval.
pub const Z_95: f64 = 1.959_963_984_540_054;

/// A share with its interval, each 0 to 1.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ShareInterval {
    /// Lower end.
    pub low: f64,
    /// The share itself.
    pub mid: f64,
    /// Upper end.
    pub high: f64,
}

/// The Wilson score interval of `part` out of `whole` at `z` standard deviations (E. B. Wilson, JASA 22, 1927):
/// (p + z²/2n ± z·√(p(1−p)/n + z²/4n²)) ÷ (1 + z²/n). Everything is possible where nothing was seen.
pub fn wilson(part: u64, whole: u64, z: f64) -> ShareInterval {
    if whole == 0 {
        return ShareInterval {
            low: 0.0,
            mid: 0.0,
            high: 1.0,
        };
    }
    let n = whole as f64;
    let share = part.min(whole) as f64 / n;
    let middle = share + z * z / (2.0 * n);
    let spread = z * (share * (1.0 - share) / n + z * z / (4.0 * n * n)).sqrt();
    let scale = 1.0 + z * z / n;
    ShareInterval {
        low: ((middle - spread) / scale).clamp(0.0, share),
        mid: share,
        high: ((middle + spread) / scale).clamp(share, 1.0),
    }
}

/// The share that `whole` requests without a single failure leave possible at 95 %: 1 − 0.05^(1/n), about 3/n
/// (the "rule of three": J. A. Hanley and A. Lippman-Hand, JAMA 249, 1983). 1 where nothing was seen.
pub fn rule_of_three(whole: u64) -> f64 {
    if whole == 0 {
        1.0
    } else {
        1.0 - 0.05_f64.powf(1.0 / whole as f64)
    }
}

/// The standard normal distribution function Φ(z) = erfc(−z/√2) / 2.
pub fn normal_cdf(z: f64) -> f64 {
    0.5 * erfc(-z * std::f64::consts::FRAC_1_SQRT_2)
}

/// Pearson's χ² of counts against one common share: Σ (xᵢ − nᵢp)² ÷ (nᵢp(1 − p)), p = Σx/Σn; zero where the
/// share is 0 or 1. Each element is the answers of a window and the failures among them.
pub fn chi_squared(windows: impl Iterator<Item = (f64, f64)> + Clone) -> f64 {
    let (answers, failed) = windows
        .clone()
        .fold((0.0, 0.0), |sum, window| (sum.0 + window.0, sum.1 + window.1));
    let share: f64 = if answers > 0.0 { failed / answers } else { 0.0 };
    let variance = share * (1.0 - share);
    if variance <= 0.0 {
        return 0.0;
    }
    windows
        .filter(|(answers, _)| *answers > 0.0)
        .map(|(answers, failed)| (failed - answers * share).powi(2) / (answers * variance))
        .sum()
}

/// How much more failures cluster than independent ones would: χ² ÷ (windows − 1), the dispersion of a
/// quasi-binomial model (McCullagh and Nelder, Generalized Linear Models, 1989, section 4.5). 1 for independent
/// failures; nothing below two windows.
pub fn overdispersion(windows: &[(f64, f64)]) -> Option<f64> {
    (windows.len() >= 2).then(|| chi_squared(windows.iter().copied()) / (windows.len() - 1) as f64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn wilson_agrees_with_published_values() {
        // Newcombe, Statistics in Medicine 17 (1998), table I, method 3.
        for (part, whole, low, high) in [
            (81, 263, 0.2553, 0.3662),
            (15, 148, 0.0624, 0.1605),
            (0, 20, 0.0, 0.1611),
            (1, 29, 0.0061, 0.1718),
        ] {
            let interval = wilson(part, whole, Z_95);
            assert!(
                (interval.low - low).abs() < 6e-5,
                "{part}/{whole}: {}",
                interval.low
            );
            assert!(
                (interval.high - high).abs() < 6e-5,
                "{part}/{whole}: {}",
                interval.high
            );
        }
    }

    #[test]
    fn the_normal_distribution_has_its_known_values() {
        for (z, value) in [
            (0.0, 0.5),
            (Z_95, 0.975),
            (-1.0, 0.158_655_253_931_457),
            (-6.0, 9.865_9e-10),
        ] {
            assert!((normal_cdf(z) / value - 1.0).abs() < 1e-5, "{z}");
        }
    }

    #[test]
    fn clustered_failures_are_more_than_independent_ones() {
        let even: Vec<(f64, f64)> = (0..10).map(|_| (100.0, 2.0)).collect();
        let clustered: Vec<(f64, f64)> = (0..10)
            .map(|i| (100.0, if i == 3 { 20.0 } else { 0.0 }))
            .collect();
        assert_eq!(overdispersion(&even), Some(0.0));
        assert!(overdispersion(&clustered).unwrap() > 15.0);
        assert_eq!(overdispersion(&even[..1]), None);
    }

    proptest! {
        #[test]
        fn an_interval_holds_its_share_and_narrows_with_more_requests(part in 0_u64..1_000, rest in 0_u64..1_000) {
            let whole = part + rest;
            let interval = wilson(part, whole, Z_95);
            prop_assert!(0.0 <= interval.low && interval.low <= interval.mid);
            prop_assert!(interval.mid <= interval.high && interval.high <= 1.0);
            let more = wilson(part * 10, whole * 10, Z_95);
            prop_assert!(more.high - more.low <= interval.high - interval.low + 1e-12);
        }

        #[test]
        fn failures_and_successes_mirror_each_other(part in 0_u64..1_000, rest in 1_u64..1_000) {
            let (one, other) = (wilson(part, part + rest, Z_95), wilson(rest, part + rest, Z_95));
            prop_assert!((one.low + other.high - 1.0).abs() < 1e-9);
            prop_assert!((one.high + other.low - 1.0).abs() < 1e-9);
        }

        #[test]
        fn the_rule_of_three_is_about_three_and_never_less_likely_than_one_in_twenty(whole in 30_u64..1_000_000) {
            let bound = rule_of_three(whole);
            prop_assert!((bound * whole as f64 - 3.0).abs() < 0.15);
            prop_assert!(((1.0 - bound).powf(whole as f64) - 0.05).abs() < 1e-6);
        }

        #[test]
        fn the_normal_distribution_rises_and_mirrors(z in -8.0_f64..8.0, step in 0.001_f64..1.0) {
            prop_assert!(normal_cdf(z) < normal_cdf(z + step) || z + step > 6.0);
            prop_assert!((normal_cdf(z) + normal_cdf(-z) - 1.0).abs() < 1e-9);
        }
    }
}
