//! What is lost while a site is past its tipping point.

use crate::campaign::forecast::Forecast;
use crate::campaign::numeric;

/// Pieces of the integral.
const PIECES: u32 = 800;

/// What would be lost.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct AtRisk {
    /// Visits that fail: ∫ λ(t)·p(t) dt with p = 1 − λ_tip/load, the share that is too much.
    pub visits: f64,
    /// For how many seconds the site is past its tipping point.
    pub seconds: f64,
    /// What the lost visits would have ordered, where that is given.
    pub revenue: Option<f64>,
}

/// What the campaign at `index` loses as planned where the site tips at `tip` pages per second.
pub(super) fn at_risk(forecast: &Forecast, index: usize, tip: f64) -> AtRisk {
    let mut risk = AtRisk {
        visits: 0.0,
        seconds: 0.0,
        revenue: None,
    };
    let Some(campaign) = forecast.campaigns.get(index) else {
        return risk;
    };
    let own = forecast.streams(campaign);
    let others = forecast.others(index);
    let end = campaign.people(campaign.duration).settled().max(own.settled()) * 2.0;
    let mut edges: Vec<f64> = numeric::spread(end / 1e5, end, PIECES).collect();
    // Even pieces beside those that grow: a trapezoid far from the start keeps its edges.
    edges.extend((0..PIECES).map(|piece| own.settled() * f64::from(piece) / f64::from(PIECES)));
    edges.sort_by(f64::total_cmp);
    for pair in edges.windows(2) {
        let (at, length) = (f64::midpoint(pair[0], pair[1]), pair[1] - pair[0]);
        let load = own.load(at) + others.load(at) + forecast.baseline;
        if load > tip {
            risk.visits += own.visits(at) * (1.0 - tip / load) * length;
            risk.seconds += length;
        }
    }
    risk.revenue = campaign.order.map(|(rate, value)| risk.visits * rate * value);
    risk
}
