//! A curve in letters, for a terminal: who comes when, stacked.

use crate::campaign::{Forecast, Planned};

/// Columns and rows of the picture.
const SIZE: (u32, u32) = (64, 10);

/// Page views per second at a moment, stacked from below: what is there already, other campaigns, people, scanners.
pub(in crate::report) type Layers = [f64; 4];

/// What each layer is drawn with.
const LETTERS: [char; 4] = ['.', 'o', '#', 's'];

/// The layers at `at` seconds after the start of `campaign`.
pub(in crate::report) fn layers(forecast: &Forecast, campaign: &Planned, at: f64) -> Layers {
    let own = forecast.streams(campaign);
    let others = forecast
        .campaigns
        .iter()
        .filter(|other| other.name != campaign.name);
    let beside: f64 = others
        .map(|other| forecast.streams(other).load(at + campaign.starts - other.starts))
        .sum();
    [forecast.baseline, beside, own.people(at), own.scanners(at)]
}

/// The picture: its lines, each with the load at its left, and the length of time that it shows.
pub(super) fn sketch(forecast: &Forecast, campaign: &Planned, tip: Option<f64>) -> (Vec<String>, f64) {
    let end = forecast.streams(campaign).settled();
    let columns: Vec<Layers> = (0..SIZE.0)
        .map(|column| {
            let at = end * (f64::from(column) + 0.5) / f64::from(SIZE.0);
            layers(forecast, campaign, at)
        })
        .collect();
    let totals = columns.iter().map(|layers| layers.iter().sum::<f64>());
    let highest = totals.fold(0.0, f64::max);
    // A tipping point far above the curve would flatten it.
    let shown = tip
        .filter(|tip| *tip < 3.0 * highest)
        .map_or(highest, |tip| tip.max(highest))
        * 1.02;
    let row_of = |load: f64| (load / shown.max(1e-12) * f64::from(SIZE.1)).ceil();
    let lines = (1..=SIZE.1).rev().map(|row| {
        let row_load = shown * f64::from(row) / f64::from(SIZE.1);
        let is_tip = tip.is_some_and(|tip| row_of(tip) == f64::from(row));
        let mut line = format!("{row_load:>9.1} |");
        for layers in &columns {
            let mut sum = 0.0;
            let middle = shown * (f64::from(row) - 0.5) / f64::from(SIZE.1);
            let letter = layers.iter().zip(LETTERS).find_map(|(layer, letter)| {
                sum += layer;
                (sum >= middle).then_some(letter)
            });
            line.push(letter.unwrap_or(if is_tip { '-' } else { ' ' }));
        }
        line.truncate(line.trim_end().len());
        line
    });
    (lines.collect(), end)
}
