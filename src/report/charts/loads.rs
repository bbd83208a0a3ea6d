//! The axis of load that charts share: its range, its unit, and the peaks of campaigns on it.

use super::ChartError;
use super::frame::Plot;
use super::layout::Layout;
use super::palette::Ink;
use super::pen::{Hand, Pen};
use super::place::{Placer, Space};
use super::scale::Spread;
use crate::report::view::View;
use crate::words::{Label, Language, Phrase, printable};

/// The peak of a campaign widens the axis up to this multiple of the highest load that was tried.
const WIDEST: f64 = 1.7;
/// Names of campaigns are cut to so many letters.
const LETTERS: usize = 24;

/// The axis of load.
pub(super) struct LoadAxis {
    /// How loads spread along it.
    pub(super) spread: Spread,
    /// From where to where, in pages per second.
    pub(super) range: (f64, f64),
    /// Pages per second of one of its units.
    pub(super) unit: f64,
    /// Its name.
    pub(super) name: String,
}

/// From none to a little more than the highest load; a log axis where the loads would crowd at the left end of a
/// linear one. Where the search counted in a planned campaign, so does the axis.
pub(super) fn load_axis(view: &View<'_>, language: Language) -> LoadAxis {
    let (spread, range) = extent(view);
    match view.mix() {
        Some((name, unit)) => LoadAxis {
            spread,
            range,
            unit,
            name: Phrase::AxisMultiples.fill(language, &[("name", &printable(name))]),
        },
        None => LoadAxis {
            spread,
            range,
            unit: 1.0,
            name: Label::AxisLoad.text(language).to_owned(),
        },
    }
}

/// A load as it stands at the axis.
pub(super) fn tick(value: f64, axis_unit: f64, language: Language) -> String {
    let text = language.quantity(value / axis_unit);
    if axis_unit == 1.0 {
        text
    } else {
        format!("{text}×")
    }
}

fn extent(view: &View<'_>) -> (Spread, (f64, f64)) {
    let mut loads: Vec<f64> = view
        .measured()
        .map(|trial| trial.rate)
        .filter(|rate| *rate > 0.0)
        .collect();
    loads.sort_by(f64::total_cmp);
    let (Some(lowest), Some(highest)) = (loads.first(), loads.last()) else {
        return (Spread::Linear, (0.0, 10.0));
    };
    let ends = view
        .summary
        .finding
        .as_ref()
        .and_then(|finding| finding.rate)
        .map_or(0.0, |rate| rate.high);
    let first_502 = view.summary.first_502.map_or(0.0, |seen| seen.rate);
    let highest = highest.max(ends).max(first_502);
    let peaks = peaks(view).map(|(_, rate)| rate);
    let highest = peaks
        .filter(|rate| *rate <= WIDEST * highest)
        .fold(highest, f64::max);
    let middle = loads[loads.len() / 2];
    if highest / lowest > 20.0 && middle < 0.15 * highest {
        (Spread::Log, (lowest * 0.8, highest * 1.2))
    } else {
        (Spread::Linear, (0.0, highest * 1.06))
    }
}

/// Each campaign with its busiest moment, everything included.
fn peaks<'a>(view: &'a View<'_>) -> impl Iterator<Item = (&'a str, f64)> {
    let campaigns = view.campaigns.iter().flat_map(|campaigns| campaigns.answers());
    campaigns
        .map(|answer| (answer.campaign.name.as_str(), answer.total))
        .filter(|(_, rate)| *rate > 0.0)
}

/// A line at the peak of each campaign that lies on the axis.
pub(super) fn peak_lines(
    pen: &mut Pen<'_>,
    layout: &Layout,
    plot: &Plot,
    placer: &mut Placer,
    view: &View<'_>,
) -> Result<(), ChartError> {
    for (_, rate) in peaks(view).filter(|(_, rate)| plot.x.holds(*rate)) {
        let x = plot.x.at(rate);
        let ends = ((x, plot.space.top), (x, plot.space.bottom));
        pen.dashes(ends.0, ends.1, layout.text * 0.45, Ink::Text, 3)?;
        placer.take(Space {
            left: x - 2.0,
            right: x + 2.0,
            ..plot.space
        });
    }
    Ok(())
}

/// The name of each line beside it; what lies beyond the axis is named at its end.
pub(super) fn peak_names(
    pen: &mut Pen<'_>,
    layout: &Layout,
    plot: &Plot,
    placer: &mut Placer,
    (view, language): (&View<'_>, Language),
) -> Result<(), ChartError> {
    let hand = Hand::bold(layout.text * 0.85, Ink::Text);
    let gap = layout.text * 0.35;
    for (name, rate) in peaks(view) {
        let (is_on, at) = (plot.x.holds(rate), plot.x.at(rate));
        let name: String = printable(name).chars().take(LETTERS).collect();
        let phrase = if is_on {
            Phrase::MarkCampaign
        } else {
            Phrase::MarkCampaignBeyond
        };
        let rate = tick(rate, plot.unit, language);
        let text = phrase.fill(language, &[("name", &name), ("rate", &rate)]);
        let size = hand.measure(&text)?;
        let space = plot.space;
        let x = if is_on { at } else { space.right };
        let right = (x + gap, x - gap - size.0);
        let rows = (0..14_u8).map(|row| space.top + gap + f64::from(row) * size.1 * 1.2);
        let places = rows.flat_map(|top| [(right.0, top), (right.1, top)]);
        let fits = places.filter(|(left, top)| {
            *left >= space.left && left + size.0 <= space.right && top + size.1 <= space.bottom
        });
        if let Some(place) = placer.place(size, fits) {
            pen.fill(place, Ink::Paper, 0.75)?;
            pen.write_in(&text, place, hand)?;
        }
    }
    Ok(())
}
