//! C8: how large a send may be, over how long it takes; the plan as a dot.

use super::ChartError;
use super::forecast::{source, subtitle};
use super::frame::{Around, Axes, Plot, Room, Side, axes, surround};
use super::image::described;
use super::layout::Layout;
use super::palette::Ink;
use super::pen::{Hand, Pen};
use super::place::{Placer, Space};
use super::scale::Spread;
use crate::campaign::{Answer, Decision};
use crate::report::plan::{PlanView, at_least, length};
use crate::words::{Language, PlanText};

/// Draws the planner of a campaign that is sent; nothing for others, and without a tipping point.
///
/// # Errors
/// The embedded fonts cannot be read.
pub fn planner(
    view: &PlanView<'_>,
    answer: &Answer,
    language: Language,
    layout: &Layout,
    id: &str,
) -> Result<Option<String>, ChartError> {
    let (Some(decision), Some(measured)) = (&answer.decision, view.measured) else {
        return Ok(None);
    };
    if !answer.campaign.kind.is_sent() {
        return Ok(None);
    }
    let Some(index) = view
        .forecast
        .campaigns
        .iter()
        .position(|campaign| campaign.name == answer.campaign.name)
    else {
        return Ok(None);
    };
    let allowed = measured.tipping_point.low / decision.safety;
    let sends = |share: f64| view.forecast.largest_sends(index, allowed, share);
    let planner = Planner {
        answer,
        decision,
        language,
        layout,
        safe: sends(answer.campaign.scanner_share),
        alone: sends(0.0),
    };
    let around = planner.around(view);
    let svg = Pen::draw(layout.size, |pen| {
        let space = surround(pen, layout, &around)?;
        planner.draw(pen, space)
    })?;
    Ok(Some(described(&svg, &around, id)))
}

struct Planner<'a> {
    answer: &'a Answer,
    decision: &'a Decision,
    language: Language,
    layout: &'a Layout,
    /// Seconds of the send, and the largest audience.
    safe: Vec<(f64, f64)>,
    /// The same without scanners.
    alone: Vec<(f64, f64)>,
}

impl Planner<'_> {
    fn around(&self, view: &PlanView<'_>) -> Around {
        let (campaign, language) = (&self.answer.campaign, self.language);
        let count = language.number(campaign.audience, 0);
        let fits = self.decision.largest >= campaign.audience * (1.0 - 1e-6);
        let (text, duration) = match self.decision.shortest {
            _ if fits => (PlanText::PlannerGo, length(campaign.duration, language)),
            Some(seconds) => (PlanText::PlannerThrottle, at_least(seconds, language)),
            None => (PlanText::PlannerNoGo, String::new()),
        };
        let title = text.fill(language, &[("count", &count), ("duration", &duration)]);
        Around {
            subtitle: subtitle(view, self.answer, language),
            note: String::new(),
            source: source(),
            description: PlanText::DescribePlanner.fill(language, &[("title", &title)]),
            title,
        }
    }

    fn draw(&self, pen: &mut Pen<'_>, space: Space) -> Result<(), ChartError> {
        let write = |side: Side, value: f64| match side {
            Side::Across => length(value * 60.0, self.language),
            Side::Up => self.language.number(value, 0),
        };
        let words = Axes {
            across: PlanText::AxisDuration.text(self.language),
            up: PlanText::AxisRecipients.text(self.language),
            unit: 1.0,
            write: &write,
            room: Room {
                lane: 0.0,
                gutter: self.layout.dot,
            },
        };
        let campaign = &self.answer.campaign;
        let all = || self.safe.iter().chain(&self.alone).filter(|point| point.1 > 0.0);
        let plan = (campaign.duration.max(1.0), campaign.audience);
        let ends = |of: fn(&(f64, f64)) -> f64| {
            all()
                .map(of)
                .chain([of(&plan)])
                .fold((f64::INFINITY, 0.0_f64), |(low, high), value| {
                    (low.min(value), high.max(value))
                })
        };
        let (short, long) = ends(|point| point.0);
        let (few, many) = ends(|point| point.1);
        let plot = axes(
            pen,
            self.layout,
            space,
            &words,
            (Spread::Log, (short / 60.0, long / 60.0)),
            (Spread::Log, (few * 0.7, many * 1.5)),
        )?;
        let mut placer = Placer::new(plot.space);
        self.curves(pen, &plot, &mut placer)?;
        self.dot(pen, &plot, plan, &mut placer)
    }

    fn curves(&self, pen: &mut Pen<'_>, plot: &Plot, placer: &mut Placer) -> Result<(), ChartError> {
        let place = |points: &[(f64, f64)]| -> Vec<(f64, f64)> {
            let shown = points.iter().filter(|point| point.1 > 0.0);
            shown
                .map(|(seconds, audience)| (plot.x.at(seconds / 60.0), plot.y.at(*audience)))
                .collect()
        };
        let (safe, alone) = (place(&self.safe), place(&self.alone));
        if let (Some(first), Some(last)) = (safe.first(), safe.last()) {
            let mut under = safe.clone();
            under.extend([(last.0, plot.floor), (first.0, plot.floor)]);
            pen.area(&under, Ink::Safe, 0.12)?;
        }
        pen.line(&safe, Ink::Safe, 1.0, 5)?;
        let is_scanned = self.answer.campaign.scanner_share > 0.0 && self.answer.campaign.is_scanned();
        for pair in alone.chunks(2).filter(|pair| is_scanned && pair.len() == 2) {
            pen.line(pair, Ink::Load, 1.0, 3)?;
        }
        for at in safe.iter().chain(&alone) {
            placer.take(Space::around(*at, 6.0));
        }
        let share = self.language.percent(self.answer.campaign.scanner_share);
        let name = PlanText::WithScanners.fill(self.language, &[("share", &share)]);
        let both = [
            (&safe, name, Ink::SafeText, true),
            (
                &alone,
                PlanText::PeopleOnly.text(self.language).to_owned(),
                Ink::Load,
                is_scanned,
            ),
        ];
        for (points, name, ink, _) in both.into_iter().filter(|(.., is_shown)| *is_shown) {
            let Some(at) = points.get(points.len() * 2 / 3) else {
                continue;
            };
            let hand = Hand::bold(self.layout.text * 0.9, ink);
            if let Some(place) = placer.beside(*at, hand.measure(&name)?, self.layout.dot * 1.5) {
                pen.write_in(&name, place, hand)?;
            }
        }
        Ok(())
    }

    fn dot(
        &self,
        pen: &mut Pen<'_>,
        plot: &Plot,
        (seconds, audience): (f64, f64),
        placer: &mut Placer,
    ) -> Result<(), ChartError> {
        let at = (plot.x.at(seconds / 60.0), plot.y.at(audience));
        let fits = self.decision.largest >= audience * (1.0 - 1e-6);
        let (ink, words) = if fits {
            (Ink::Safe, Ink::SafeText)
        } else {
            (Ink::Failure, Ink::FailureText)
        };
        let dot = self.layout.dot * 1.3;
        placer.take(Space::around(at, dot));
        pen.disc(at, dot + 3.0, Ink::Paper)?;
        if fits {
            pen.disc(at, dot, ink)?;
        } else {
            pen.diamond(at, dot * 1.3, ink)?;
        }
        let hand = Hand::bold(self.layout.text, words);
        let name = PlanText::ThePlan.text(self.language);
        match placer.beside(at, hand.measure(name)?, dot * 1.5) {
            Some(place) => pen.write_in(name, place, hand),
            None => Ok(()),
        }
    }
}
