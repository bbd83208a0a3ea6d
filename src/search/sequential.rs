//! Two tests that may be asked after every second of a trial: does the share of failures stand above or below the
//! limit, and does work pile up inside the site?

use crate::analysis::statistics::chi_squared;

/// The bound of the log-likelihood ratio at 5 % error on both sides: ln(0.95/0.05) (A. Wald, Sequential Analysis,
/// 1947).
pub(super) const BOUND: f64 = 2.944_438_979_166_44;

/// Wald's log-likelihood ratio between a share of twice the limit and one of half of it, over windows of answers and
/// failures. Failures come in clusters, so the ratio is divided by their overdispersion, shrunk towards 3 as if three
/// more windows had shown that, and never taken below `clustering`.
pub(super) fn log_likelihood_ratio(windows: &[(f64, f64)], limit: f64, clustering: f64) -> f64 {
    let (answers, failed) = sum(windows);
    if answers < 1.0 {
        return 0.0;
    }
    let (low, high) = (limit / 2.0, (2.0 * limit).min((1.0 + limit) / 2.0));
    let dispersion = (chi_squared(windows.iter().copied()) + 9.0) / (windows.len() as f64 + 2.0);
    let ratio = failed * (high / low).ln() + (answers - failed) * ((1.0 - high) / (1.0 - low)).ln();
    ratio / dispersion.max(clustering)
}

/// Answers and failures of all windows.
pub(super) fn sum(windows: &[(f64, f64)]) -> (f64, f64) {
    windows
        .iter()
        .fold((0.0, 0.0), |sum, window| (sum.0 + window.0, sum.1 + window.1))
}

/// What the growth of the requests in flight says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Drift {
    /// Nothing.
    None,
    /// Perhaps they grow: not the moment to say that all is well.
    Ambiguous,
    /// They grow: more comes in than goes out.
    Growing,
}

/// The test of the requests in flight, one element a second, at a load of `rate`.
///
/// With Poisson arrivals and service of the same variation, the difference of two readings T seconds apart has the
/// standard deviation √(2·rate·T). Short trials ask for more deviations. Growth must be more than three times what is
/// normally in flight (`normal`) plus ten, and must still go on in the second half; `latency` is the median of the
/// last two seconds as a multiple of what is normal.
pub(super) fn drift(in_flight: &[f64], rate: f64, normal: f64, latency: f64) -> Drift {
    let seconds = in_flight.len();
    let (Some(first), Some(last)) = (in_flight.first(), in_flight.last()) else {
        return Drift::None;
    };
    if seconds < 3 {
        return Drift::None;
    }
    let growth = last - first;
    let deviations = growth / (2.0 * rate * (seconds - 1) as f64).sqrt();
    let goes_on = last - in_flight[seconds / 2] > 0.25 * growth;
    let needed = match seconds {
        0..8 => 5.0,
        8..30 => 2.5,
        _ => 2.0,
    };
    if goes_on && deviations > needed && growth > 3.0 * normal + 10.0 && latency > 2.0 {
        Drift::Growing
    } else if goes_on && deviations > 1.2 && latency > 1.5 {
        Drift::Ambiguous
    } else {
        Drift::None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_of_twice_the_limit_stands_out_and_one_of_half_of_it_is_cleared() {
        let windows = |failed: f64| vec![(200.0, failed); 12];
        assert!(log_likelihood_ratio(&windows(4.0), 0.01, 1.0) > BOUND);
        assert!(log_likelihood_ratio(&windows(1.0), 0.01, 1.0) < -BOUND);
        assert!(
            log_likelihood_ratio(&windows(4.0), 0.01, 10.0) < BOUND,
            "clusters weigh less"
        );
        assert_eq!(log_likelihood_ratio(&[], 0.01, 1.0), 0.0);
    }

    #[test]
    fn a_backlog_is_seen_and_noise_is_not() {
        let growing: Vec<f64> = (0..10).map(|second| 8.0 + 20.0 * f64::from(second)).collect();
        assert_eq!(drift(&growing, 200.0, 8.0, 6.0), Drift::Growing);
        assert_eq!(
            drift(&growing, 200.0, 8.0, 1.0),
            Drift::None,
            "latency must have grown too"
        );
        let noise = [8.0, 12.0, 6.0, 15.0, 9.0, 11.0, 7.0, 14.0, 10.0, 13.0];
        assert_eq!(drift(&noise, 200.0, 8.0, 1.6), Drift::None);
        assert_eq!(drift(&growing[..2], 200.0, 8.0, 6.0), Drift::None);
    }
}
